from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("ui/", include("legedialog.ui.urls")),
    path("", include("legedialog.operations.urls")),
]
handler400 = "legedialog.config.errors.bad_request"
handler403 = "legedialog.config.errors.forbidden"
handler404 = "legedialog.config.errors.not_found"
handler500 = "legedialog.config.errors.failed"
