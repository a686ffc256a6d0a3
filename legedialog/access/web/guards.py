"""Who may open a page. A stranger is sent to log in and comes back; somebody of another kind is denied.

A form that is sent after the login has ended is kept: see services.keep_form and the page `access:kept`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from legedialog.access import cookies, services
from legedialog.access.actor import Actor, Kind, Role
from legedialog.core.errors import Denied

View = Callable[..., HttpResponseBase]


def citizen_required(view: View) -> View:
    return _guarded(view, Kind.CITIZEN, "access:login")


def staff_required(*roles: Role) -> Callable[[View], View]:
    """Used as `@staff_required()` for everybody at an office, or with the roles that may."""

    def decorate(view: View) -> View:
        return _guarded(view, Kind.STAFF, "access:staff_login", roles)

    return decorate


def operator_required(view: View) -> View:
    return _guarded(view, Kind.OPERATOR, "access:staff_login")


def _guarded(view: View, kind: Kind, login_url: str, roles: tuple[Role, ...] = ()) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if not actor.is_authenticated:
            return _to_login(request, login_url)
        if actor.kind is not kind:
            raise Denied(_wrong_kind(kind))
        if roles and actor.role not in roles:
            raise Denied(_("Rollen din ved legekontoret har ikke tilgang til dette. Spør den som leder kontoret."))
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")  # nothing is left on a shared machine
        return response

    return guarded


def _wrong_kind(kind: Kind) -> str:
    if kind is Kind.CITIZEN:
        return _("Denne siden er for innbyggere. Logg inn som deg selv for å bruke den.")
    if kind is Kind.STAFF:
        return _("Denne siden er for ansatte ved et legekontor. Logg inn som ansatt for å bruke den.")
    return _("Denne siden er for dem som drifter tjenesten.")


def _to_login(request: HttpRequest, login_url: str) -> HttpResponse:
    query = {"next": request.get_full_path()}
    if request.method == "POST":
        query["as"] = "staff" if login_url == "access:staff_login" else "citizen"
        login_url = "access:ended"
    url = f"{reverse(login_url)}?{urlencode(query)}"
    response = HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else redirect(url)
    if request.method == "POST":
        _keep(request, response)
    return response


def _keep(request: HttpRequest, response: HttpResponse) -> None:
    ended_login_id = request.ended_login_id  # type: ignore[attr-defined]
    if not ended_login_id:  # a stranger's form: nobody to keep it for
        return
    browser = services.keep_form(
        ended_login_id=ended_login_id,
        browser=request.COOKIES.get(cookies.name("kept"), ""),
        path=request.get_full_path(),
        fields=[
            (name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
        ],
        now=timezone.now(),
    )
    if browser:
        cookies.put(response, "kept", browser)
    else:
        cookies.remove(response, "kept")
