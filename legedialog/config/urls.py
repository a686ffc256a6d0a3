"""Every context's addresses, from its own `urls.py`, under the beginning that it says there."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

# In an app that has none of its own.
PLACES = ["legedialog.integrations.login", "legedialog.integrations.payments", "legedialog.integrations.sms"]


def _addresses(place: str) -> URLResolver:
    urls = import_module(f"{place}.urls")
    return path(getattr(urls, "AT", ""), include(urls.__name__))


ours = [each.name for each in apps.get_app_configs() if each.name.startswith("legedialog.")]
urlpatterns: list[URLPattern | URLResolver] = [
    _addresses(place) for place in [*ours, *PLACES] if find_spec(f"{place}.urls")
]
if settings.DEMO or settings.TEST:
    urlpatterns.append(path("demo-id/", include("legedialog.demo.identity.urls")))
    urlpatterns.append(path("demo-betaling/", include("legedialog.demo.payments.urls")))
handler400 = "legedialog.config.errors.bad_request"
handler403 = "legedialog.config.errors.forbidden"
handler404 = "legedialog.config.errors.not_found"
handler500 = "legedialog.config.errors.failed"
