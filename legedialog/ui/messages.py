"""What is said on the next page is said to the one it was about: set as MESSAGE_STORAGE."""

from typing import Any

from django.contrib.messages.storage.cookie import CookieStorage
from django.core import signing
from django.http import HttpRequest, HttpResponse

from legedialog.access import seals
from legedialog.access.actor import ANONYMOUS


class OfWhom(CookieStorage):
    """A page may never be asked for after what was said: the tab is closed, the login ends, she switches whom she acts
    for. What waits in the browser is then thrown away by the first page of another."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self._listens()

    def _store(self, messages: Any, response: HttpResponse, *args: Any, **kwargs: Any) -> Any:
        self._listens()  # who is another than before this page, when it was a switch
        return super()._store(messages, response, *args, **kwargs)  # type: ignore[misc]

    def _listens(self) -> None:
        whom = seals.mark(getattr(self.request, "actor", ANONYMOUS))
        self.signer = signing.get_cookie_signer(salt=f"{self.key_salt}.{whom}")
