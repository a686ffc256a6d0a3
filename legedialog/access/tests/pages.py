"""A page that stands open in a tab: its forms are sent as they were drawn, with all that stands hidden in them."""

from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from legedialog.access import cookies, queries
from legedialog.access.models import Login

VOID = {"checkbox", "radio"}
LOGIN = ("/logg-inn/?", "/logg-inn/ansatt/?")


def began(browser: Client | str, at: datetime) -> None:
    """The login of a browser, or of its token, as if it had begun and last been used then: it stays one of ours."""
    token = browser if isinstance(browser, str) else browser.cookies[cookies.name("session")].value
    login = Login.objects.get(token_hash=queries.hashed(token))
    login.created_at = login.seen_at = at
    login.proof = queries.proof_of(login, token)
    login.save(update_fields=["created_at", "seen_at", "proof"])


@dataclass
class Form:
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)  # of buttons that have one of their own

    def add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


class Forms(HTMLParser):
    """The forms of a page that are sent by POST."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._area = ""
        self._text = ""
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        each = {name: value or "" for name, value in attrs}
        if tag == "form" and each.get("method") == "post":
            self._form = Form(each.get("action", ""))
            self.found.append(self._form)
        if self._form and each.get("formaction"):
            self._form.addresses.append(each["formaction"])
        if self._form and self._select and tag == "option" and "selected" in each:
            self._form.add(self._select, each.get("value", ""))
        if self._form is None or not each.get("name"):
            return
        is_left_out = each.get("type") in VOID and "checked" not in each
        if tag == "input" and each.get("type") != "file" and not is_left_out:
            self._form.add(each["name"], each.get("value", "on" if each.get("type") in VOID else ""))
        elif tag == "button":
            self._form.buttons.append((each["name"], each.get("value", "")))
        elif tag == "select":
            self._select = each["name"]
        elif tag == "textarea":
            self._area, self._text = each["name"], ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._form and self._area:
            self._form.add(self._area, self._text.removeprefix("\n"))
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._form = None


class Tab:
    """One of several tabs of one browser: they share its cookies, and each keeps its page until it is told to go."""

    def __init__(self, browser: Client) -> None:
        self.browser, self.path, self.html = browser, "", ""

    def open(self, path: str) -> "Tab":
        self._show(self.browser.get(path), path, {})
        return self

    def form(self, action: str, nth: int = 0) -> Form:
        """The first whose address begins so, or a later one."""
        found = [form for form in Forms(self.html).found if (form.action or self.path).startswith(action)]
        assert found, f"no form to {action} on {self.path}"
        return found[nth]

    def send(self, action: str, headers: dict[str, str] | None = None, **typed: Any) -> Any:
        """The answer, which the tab does not show yet: what it showed is what was sent from."""
        form = self.form(action)
        return self.browser.post(form.action or self.path, {**form.fields, **typed}, headers=headers)

    def press(self, action: str, nth: int = 0, to: str = "", **typed: Any) -> Any:
        """And what comes of it, shown. `to`: a button with an address of its own. The last answer."""
        form = self.form(action, nth)
        path, data = to or form.action or self.path, {**form.fields, **typed}
        return self._show(self.browser.post(path, data), path, data)

    def _show(self, response: Any, path: str, data: dict[str, Any]) -> Any:
        """After redirects, but never out to the provider of the login."""
        while response.status_code in (302, 307) and not response["Location"].startswith(LOGIN):
            path = response["Location"]
            response = self.browser.post(path, data) if response.status_code == 307 else self.browser.get(path)
        self.path, self.html = path.partition("?")[0], response.content.decode()
        return response


def shown(browser: Client, path: str, action: str = "") -> dict[str, Any]:
    """What a form of the page sends when nobody has typed anything: its marks, and its first values."""
    form = Tab(browser).open(path).form(action or path)
    return {name: values if len(values) > 1 else values[0] for name, values in form.fields.items()}


def browser() -> Client:
    """As in production: no form without its CSRF token and its seal."""
    return Client(enforce_csrf_checks=True)
