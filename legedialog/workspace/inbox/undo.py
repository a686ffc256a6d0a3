"""What was just done to dialogues, so that it can be taken back: in a signed cookie of who did it, for ten minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.http import HttpResponse
from django.utils.translation import ngettext

from legedialog.access import cookies
from legedialog.dialogues.rules import UNDO_LASTS
from legedialog.ui import htmx

COOKIE = "undo"
CLOSED, ASSIGNED = "closed", "assigned"


@dataclass(frozen=True, slots=True)
class Done:
    """`items`: the dialogues, each with who had it before."""

    what: str
    items: Sequence[tuple[UUID, UUID | None]]

    @property
    def words(self) -> str:
        count = len(self.items)
        if self.what == CLOSED:
            return ngettext("%(count)d melding er lukket.", "%(count)d meldinger er lukket.", count) % {"count": count}
        return ngettext("%(count)d melding er tildelt.", "%(count)d meldinger er tildelt.", count) % {"count": count}


def remember(request: htmx.Request, response: HttpResponse, done: Done) -> None:
    items = [[key.hex, before.hex if before else ""] for key, before in done.items]
    cookies.put(response, COOKIE, signing.dumps([done.what, items], salt=_salt(request), compress=True))


def recall(request: htmx.Request) -> Done | None:
    """None when there is nothing, it is too old, or it is another's."""
    token = request.COOKIES.get(cookies.name(COOKIE), "")
    if not token:
        return None
    try:
        what, items = signing.loads(token, salt=_salt(request), max_age=UNDO_LASTS)
    except signing.BadSignature:
        return None
    return Done(what, [(UUID(key), UUID(before) if before else None) for key, before in items])


def forget(response: HttpResponse) -> None:
    cookies.remove(response, COOKIE)


def _salt(request: htmx.Request) -> str:
    return f"undo:{request.actor.employee_id}"
