from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("legedialog.api.urls")),
    path("", include("legedialog.outbox.urls")),
    path("", include("legedialog.portal.urls")),
    path("", include("legedialog.consent.urls")),
    path("", include("legedialog.guidance.urls")),
    path("vedlegg/", include("legedialog.attachments.urls")),
    path("ui/", include("legedialog.ui.urls")),
    path("betaling/", include("legedialog.fees.urls")),
    path("legemidler/", include("legedialog.prescriptions.urls")),
    path("", include("legedialog.video.urls")),
    path("meldinger/", include("legedialog.dialogues.urls")),
    path("timeavtaler/", include("legedialog.appointments.urls")),
    path("kontor/", include("legedialog.workspace.urls")),
    path("", include("legedialog.operations.urls")),
    path("", include("legedialog.integrations.login.urls")),
    path("", include("legedialog.integrations.sms.urls")),
]
if settings.DEMO or settings.TEST:
    urlpatterns.append(path("demo-id/", include("legedialog.demo.identity.urls")))
handler400 = "legedialog.config.errors.bad_request"
handler403 = "legedialog.config.errors.forbidden"
handler404 = "legedialog.config.errors.not_found"
handler500 = "legedialog.config.errors.failed"
