"""Who may open a page. A stranger is sent to log in and comes back; somebody of another kind is denied.

A form that is sent after the login has ended is kept: see web/kept.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from legedialog.access import services
from legedialog.access.actor import Actor, Kind, Role
from legedialog.access.web import kept
from legedialog.core import typed
from legedialog.core.errors import Denied

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Gate:
    """What a guard asks for, left on the view as `gate` for docs/permissions.md and the test that tries every door.

    `area` and `level` are the consent's (consent/web/guards.py); `is_consented` says that it guards the view.
    """

    kind: Kind
    roles: frozenset[Role] = frozenset()  # empty: every role
    own: bool = False
    is_consented: bool = False
    area: str = ""  # of patients/representation.py; "" is any that is open
    level: str = ""


def citizen_required(view: View) -> View:
    """Her own affairs, never those of somebody she acts for."""
    return _guarded(view, Kind.CITIZEN, "access:login", own=True)


def citizen_or_proxy_required(view: View) -> View:
    """Also for who acts for another. The view, or a guard around it, asks `actor.opens` for what it shows."""
    return _guarded(view, Kind.CITIZEN, "access:login")


def staff_required(*roles: Role) -> Callable[[View], View]:
    """Used as `@staff_required()` for everybody at an office, or with the roles that may."""

    def decorate(view: View) -> View:
        return _guarded(view, Kind.STAFF, "access:staff_login", roles)

    return decorate


def operator_required(view: View) -> View:
    return _guarded(view, Kind.OPERATOR, "access:staff_login")


def _guarded(view: View, kind: Kind, login_url: str, roles: tuple[Role, ...] = (), own: bool = False) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if not actor.is_authenticated:
            return kept.to_login(request, login_url)
        if actor.kind is not kind:
            raise Denied(_wrong_kind(kind))
        if roles and actor.role not in roles:
            raise Denied(_("Rollen din ved legekontoret har ikke tilgang til dette. Spør den som leder kontoret."))
        if ended := getattr(request, "acting_ended", None):
            services.choose(actor=actor, acting_for_id=None)  # forms that are open were drawn for the other: seals.py
            return instead(request, "access/acting_ended.html", {"ended": ended})
        if own and actor.acts_for_another:
            return instead(request, "access/own_only.html", {})
        return view(request, *args, **kwargs)

    inner: Gate | None = getattr(view, "gate", None)  # of a guard below this one
    gate = replace(inner, own=own or inner.own) if inner else Gate(kind, frozenset(roles), own)
    guarded.gate = gate  # type: ignore[attr-defined]
    return guarded


def instead(request: HttpRequest, template: str, context: dict[str, Any], page: str = "") -> HttpResponse:
    """A page in place of the one that was meant: 200 for what was asked for, 409 for what was sent and not done.

    `page` is the one that was meant, when it is not the one that was asked for.
    """
    is_reading = request.method in {"GET", "HEAD"}
    back = page or (request.get_full_path() if is_reading else request.path)
    html = render_to_string(template, {**context, "next": back, "unsent": typed.words_in(request.POST)}, request)
    response = HttpResponse(html, status=200 if is_reading else 409)
    if request.headers.get("HX-Request"):
        response["HX-Retarget"] = response["HX-Reselect"] = "#content"
        response["HX-Reswap"] = "outerHTML"
    return response


def _wrong_kind(kind: Kind) -> str:
    if kind is Kind.CITIZEN:
        return _("Denne siden er for innbyggere. Logg inn som deg selv for å bruke den.")
    if kind is Kind.STAFF:
        return _("Denne siden er for ansatte ved et legekontor. Logg inn som ansatt for å bruke den.")
    return _("Denne siden er for dem som drifter tjenesten.")
