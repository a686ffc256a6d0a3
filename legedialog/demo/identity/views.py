from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.demo.identity import tokens
from legedialog.demo.people import PEOPLE, DemoPerson
from legedialog.ui import htmx

TITLES = {"citizen": _("Innbyggere"), "staff": _("Ansatte ved legekontorene"), "operator": _("Drift")}

View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class Group:
    title: str | Promise
    people: list[DemoPerson]
    elsewhere: str  # where these people's own login begins, when it is not this one


def only_in_the_demo(view: View) -> View:
    """The addresses are not mounted in production; this is the second lock."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (settings.DEMO or settings.TEST):
            raise Http404
        try:
            return view(request)
        except tokens.Refused as refused:
            status = 401 if refused.code == "invalid_client" else 400
            return JsonResponse({"error": refused.code}, status=status)

    return guarded


@require_GET
@only_in_the_demo
def discovery(request: HttpRequest) -> HttpResponse:
    at = tokens.issuer()
    return JsonResponse(
        {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "pushed_authorization_request_endpoint": f"{at}/par",
            "require_pushed_authorization_requests": True,
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/jwks",
            "end_session_endpoint": f"{at}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@require_GET
@only_in_the_demo
def jwks(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"keys": [tokens.key().as_dict(private=False) | {"use": "sig"}]})


@csrf_exempt
@require_POST
@only_in_the_demo
def par(request: HttpRequest) -> HttpResponse:
    asking = tokens.authenticate(request.POST.dict(), timezone.now())
    request_uri = tokens.push(asking, request.POST.dict())
    return JsonResponse({"request_uri": request_uri, "expires_in": tokens.REQUEST_LASTS}, status=201)


@require_http_methods(["GET", "POST"])
@only_in_the_demo
def authorize(request: HttpRequest) -> HttpResponse:
    """GET shows the people; POST is the choice of one. A `login_hint` with a person's key chooses at once."""
    asking = tokens.client(request.GET.get("client_id", ""))
    asked = tokens.pushed(request.GET.get("request_uri", ""), asking.id)
    _check_our_own(request, asked["redirect_uri"])
    if "cancel" in request.POST:
        return _answer(asked, error="access_denied")
    chosen = request.POST.get("person") or asked["login_hint"]
    person = next((person for person in PEOPLE if person.key == chosen), None)
    if person and (person.kind == "citizen") == (asking.name == "idporten"):
        return _answer(asked, code=tokens.code(asked, person))
    return htmx.page(request, "identity/choose.html", {"groups": _groups(asking)})


@csrf_exempt
@require_POST
@only_in_the_demo
def token(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    asking = tokens.authenticate(request.POST.dict(), now)
    if request.POST.get("grant_type") != "authorization_code":
        raise tokens.Refused("unsupported_grant_type")
    granted = tokens.redeem(asking, request.POST.dict(), now)
    return JsonResponse(
        {
            "access_token": "not-used-in-the-demo",
            "token_type": "Bearer",
            "expires_in": tokens.ID_TOKEN_LASTS,
            "id_token": tokens.id_token(asking, granted, now),
        }
    )


@require_GET
@only_in_the_demo
def logout(request: HttpRequest) -> HttpResponse:
    """Nobody stays logged in at the demo's provider, so there is nothing to end: the browser goes back."""
    tokens.client(request.GET.get("client_id", ""))
    to = request.GET.get("post_logout_redirect_uri", "")
    _check_our_own(request, to)
    return HttpResponseRedirect(to)


def _groups(asking: tokens.Client) -> list[Group]:
    """Everybody, whichever way one came: a click on somebody who logs in the other way goes there and straight on."""
    staff_login = reverse("access:staff_login")
    elsewhere = {"citizen": reverse("access:login"), "staff": staff_login, "operator": staff_login}
    for kind in ["citizen"] if asking.name == "idporten" else ["staff", "operator"]:
        elsewhere[kind] = ""
    return [
        Group(title, [person for person in PEOPLE if person.kind == kind], elsewhere[kind])
        for kind, title in TITLES.items()
    ]


def _answer(asked: dict[str, str], **answer: str) -> HttpResponse:
    query = urlencode({**answer, "state": asked["state"], "iss": tokens.issuer()})
    return HttpResponseRedirect(f"{asked['redirect_uri']}?{query}")


def _check_our_own(request: HttpRequest, url: str) -> None:
    """Back to the host the browser is at, and to one of our own pages there."""
    parts = urlsplit(url)
    paths = [reverse("access:callback", args=[name]) for name in settings.LOGIN_PROVIDERS]
    if parts.netloc != request.get_host() or parts.path not in [*paths, reverse("access:logout")]:
        raise tokens.Refused("invalid_request")
