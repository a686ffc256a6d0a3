"""Every context's addresses, from its own `urls.py` and its folders', under the beginning that each says there."""

from importlib import import_module
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.urls import URLResolver, include, path


def _addresses(app: AppConfig, file: Path) -> URLResolver:
    urls = import_module(".".join([app.name, *file.relative_to(app.path).with_suffix("").parts]))
    return path(getattr(urls, "AT", ""), include(urls.__name__))


urlpatterns = [
    _addresses(app, file)
    for app in apps.get_app_configs()
    if app.name.startswith("legedialog.") and (app.label != "demo" or settings.DEMO or settings.TEST)
    for pattern in ("urls.py", "*/urls.py")
    for file in sorted(Path(app.path).glob(pattern))
]
handler400 = "legedialog.config.errors.bad_request"
handler403 = "legedialog.config.errors.forbidden"
handler404 = "legedialog.config.errors.not_found"
handler500 = "legedialog.config.errors.failed"
