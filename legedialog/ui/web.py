from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from legedialog.access import seals
from legedialog.ui.context import LANGUAGES, SCHEME_COOKIE, SCHEMES

YEAR = 365 * 24 * 3600  # seconds


@seals.for_anyone
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remembers the language in a cookie and goes back to the same page."""
    response = _back(request)
    chosen = request.POST.get("language", "")
    if chosen in LANGUAGES and check_for_language(chosen):
        remember(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@seals.for_anyone
@require_POST
def scheme(request: HttpRequest) -> HttpResponse:
    """Remembers light, dark or automatic colours in a cookie and goes back to the same page."""
    response = _back(request)
    chosen = request.POST.get("scheme", "")
    if chosen in SCHEMES:
        remember(response, SCHEME_COOKIE, chosen)
    return response


def remember(response: HttpResponse, name: str, value: str) -> None:
    """A choice of how pages look, in a cookie for a year."""
    response.set_cookie(name, value, max_age=YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax")


def _back(request: HttpRequest) -> HttpResponse:
    """Only to a page of ours, whatever the form says."""
    url = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        url = "/"
    return HttpResponseRedirect(url)


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component, to look at. Not in production."""
    if not (settings.DEMO or settings.TEST):
        raise Http404
    from legedialog.ui import gallery as shown  # nothing of it is loaded in production

    return shown.page(request)
