from django.urls import path

from legedialog.api.web import fhir
from legedialog.api.web.token import token

app_name = "api"
urlpatterns = [
    path("oauth/token", token, name="token"),
    path("fhir/r4/metadata", fhir.metadata, name="metadata"),
    path("fhir/r4/Appointment", fhir.appointments, name="appointments"),
    path("fhir/r4/Appointment/<str:identifier>", fhir.appointment, name="appointment"),
    path("fhir/r4/<path:rest>", fhir.nothing, name="nothing"),
]
