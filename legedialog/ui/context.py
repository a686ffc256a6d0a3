"""What every layout needs. Error pages call `layout` themselves, so it touches no database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

SCHEME_COOKIE = "scheme"
SCHEMES = {"auto": _("Automatisk"), "light": _("Lyst"), "dark": _("Mørkt")}

# The languages' own names: never translated.
LANGUAGES = dict(settings.LANGUAGES)


def layout(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the choices of language and colours, and what htmx may do."""
    scheme = request.COOKIES.get(SCHEME_COOKIE, "auto")
    return {
        "scheme": scheme if scheme in SCHEMES else "auto",
        "schemes": SCHEMES,
        "languages": LANGUAGES,
        "htmx_config": HTMX_CONFIG,
        "demo": settings.DEMO,
    }


# 422 is a form with errors and 409 a page with alternatives: both are shown. Nothing is kept in the browser's
# history cache, because pages hold health data. Scripts in answers, eval and other origins are off.
HTMX_CONFIG = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "timeout": 20000,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "409|422", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}
