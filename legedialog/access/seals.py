"""A form acts only for the person, actor and office it was drawn for, and a part is drawn only into a page of the same.

Each form carries a seal beside its CSRF token (templatetags/sealed.py; `X-Seal` in what scripts send): who fills it in,
whose affairs it is about, and which rows stood in the address of its page. The middleware compares it with who asks,
and where, before any view runs. It is encrypted anew in every answer, so that it tells a reader nothing and compression
nothing of it. See docs/adr/0035-sealed-forms.md.

The page has one too (`<meta name="seal">`), which htmx sends with all it asks for (ui/assets/tokens.js): nothing is
drawn into a page that was drawn for another. See docs/adr/0060-sealed-reading.md.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest

from legedialog.access.actor import ANONYMOUS, Actor, Kind

FIELD, HEADER = "seal", "X-Seal"  # of a form, and of what a script sends in place of one
PAGE = "X-Page-Seal"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Whom:
    """`who` fills it in: a person, an employee (of one office, in one role), or an operator's login. `whose` affairs
    it is about: the person herself or the one she acts for; at an office the office's."""

    kind: Kind
    who: UUID | None
    whose: UUID | None


@dataclass(frozen=True, slots=True)
class Drawn:
    whom: Whom
    login_id: UUID | None
    name: str = field(repr=False)  # of `whose`, so that a page can say it without asking
    rows: Mapping[str, str] = field(default_factory=dict)  # in the page's address: whose record, which dialogue


def whom(actor: Actor) -> Whom:
    if actor.is_citizen:
        return Whom(actor.kind, actor.person_id, actor.acting_for_id)
    if actor.is_staff:
        return Whom(actor.kind, actor.employee_id, actor.practice_id)
    return Whom(actor.kind, actor.login_id, None)


def draw(request: HttpRequest) -> str:
    """One seal for all forms of an answer."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    acting = getattr(request, "acting", None)
    drawn = Drawn(whom(actor), actor.login_id, acting.name if acting else actor.display_name, rows(request))
    earlier: tuple[Drawn, str] | None = getattr(request, "seal", None)
    if earlier is None or earlier[0] != drawn:
        earlier = request.seal = drawn, _write(drawn)  # type: ignore[attr-defined]
    return earlier[1]


def of(request: HttpRequest) -> Drawn | None:
    """What was sent with a form; None when there is none, or one that we did not make."""
    return _read(request.headers.get(HEADER) or request.POST.get(FIELD, ""))


def of_page(request: HttpRequest) -> Drawn | None:
    """Whom the page was drawn for that asks for a part; None when it does not say."""
    return _read(request.headers.get(PAGE, ""))


def _read(text: str) -> Drawn | None:
    try:
        kind, who, whose, login_id, name, *rows = json.loads(_keys().decrypt(text.encode()))
    except InvalidToken:
        return None
    # One that was drawn before this version says nothing of rows.
    return Drawn(Whom(Kind(kind), _id(who), _id(whose)), _id(login_id), name, rows[0] if rows else {})


def is_right(request: HttpRequest) -> bool:
    """Whether the form was drawn for who asks now, for the same one's affairs and the same rows."""
    drawn = of(request)
    return drawn is not None and drawn.whom == whom(request.actor) and fits(request, drawn)  # type: ignore[attr-defined]


def fits(request: HttpRequest, drawn: Drawn) -> bool:
    """Where both addresses name a row of one kind it is the same: what was typed for one patient is no other's."""
    sent_to = rows(request)
    return all(sent_to.get(name, row) == row for name, row in drawn.rows.items())


def is_of_page(request: HttpRequest) -> bool:
    """Whether the page that asks for a part was drawn for who asks now, about the same one's affairs."""
    page = of_page(request)
    return page is not None and page.whom == whom(request.actor)  # type: ignore[attr-defined]


def mark(actor: Actor) -> str:
    """The same for all pages of one whom, and of no use to anybody: their common line of events goes by it."""
    text = json.dumps([str(each) for each in (whom(actor).kind, whom(actor).who, whom(actor).whose)])
    return hmac.digest(f"line of a page:{settings.SECRET_KEY}".encode(), text.encode(), "sha256").hex()[:16]


def field_id(actor: Actor) -> str:
    """`auto_id` of a form with fields that the browser may fill in itself. A browser that opens a tab again puts back
    what stood there by the field's id: never into a form of another. ADR 142."""
    return f"id_%s-{mark(actor)}"


def for_anyone(view: View) -> View:
    """Of a view that touches nobody's affairs (the browser's colours and language, the way out), or asks itself."""
    view.needs_no_seal = True  # type: ignore[attr-defined]
    return view


def is_asked(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Where a CSRF token is asked for too, but for what is `for_anyone`."""
    is_exempt = getattr(view, "csrf_exempt", False) or getattr(view, "needs_no_seal", False)
    return not is_exempt and are_checked(request) and request.method not in ("GET", "HEAD", "OPTIONS", "TRACE")


def is_part(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """What htmx asks for: a part of a page that stands open."""
    return "HX-Request" in request.headers and not getattr(view, "needs_no_seal", False) and are_checked(request)


def are_checked(request: HttpRequest) -> bool:
    """As CSRF tokens are: always, but by Django's test client when it is not told to."""
    return not getattr(request, "_dont_enforce_csrf_checks", False)


def _write(drawn: Drawn) -> str:
    ids = [each.hex if each else "" for each in (drawn.whom.who, drawn.whom.whose, drawn.login_id)]
    return _keys().encrypt(json.dumps([drawn.whom.kind, *ids, drawn.name, drawn.rows]).encode()).decode()


def rows(request: HttpRequest) -> dict[str, str]:
    kwargs = request.resolver_match.kwargs if request.resolver_match else {}
    rows = {name: value.hex for name, value in kwargs.items() if isinstance(value, UUID)}
    role = getattr(request, "actor", ANONYMOUS).role
    return rows | {"role": role.value} if role else rows  # one whose role is another now has not been drawn this form


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None


def _keys() -> MultiFernet:
    return _made(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=4)
def _made(*secrets: str) -> MultiFernet:
    keys = [hashlib.sha256(f"seal of a form:{secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
