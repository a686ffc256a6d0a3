"""`/oauth/token`: a registered system proves its key and is given an access token."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from legedialog.api import services
from legedialog.api.oauth import ASSERTION_TYPE, OAuthError

LARGEST = 16 * 1024  # bytes


@csrf_exempt  # no cookies: the assertion is the proof
def token(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        answer = _answer({"error": "invalid_request", "error_description": "Use POST."}, 405)
        answer["Allow"] = "POST"
        return answer
    try:
        return _answer(_issue(request), 200)
    except OAuthError as error:
        return _answer({"error": error.code, "error_description": error.text}, error.status)


def _issue(request: HttpRequest) -> dict[str, str | int]:
    if request.content_type != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "Send application/x-www-form-urlencoded.")
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise OAuthError("invalid_request", "The request is too long.")
    sent = QueryDict(body)
    if any(len(sent.getlist(name)) > 1 for name in sent):
        raise OAuthError("invalid_request", "A parameter stands twice.")
    if sent.get("grant_type") != "client_credentials":
        raise OAuthError("unsupported_grant_type", "Use client_credentials.")
    if sent.get("client_assertion_type") != ASSERTION_TYPE or not sent.get("client_assertion"):
        raise OAuthError("invalid_client", "Send a client_assertion of type jwt-bearer.")
    issued = services.issue_token(
        assertion=sent["client_assertion"],
        scope=sent.get("scope", ""),
        audiences={f"{settings.BASE_URL}{reverse('api:token')}", settings.BASE_URL},
        now=timezone.now(),
    )
    return {
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": issued.seconds,
        "scope": " ".join(issued.scopes),
    }


def _answer(body: dict[str, str | int], status: int) -> HttpResponse:
    return JsonResponse(body, status=status)
