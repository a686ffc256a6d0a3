from django.urls import path

from legedialog.interpreters.web import citizen, office

app_name = "interpreters"
urlpatterns = [
    path("profil/tolk/", citizen.need, name="need"),
    path("kontor/pasienter/<uuid:patient_id>/tolk/", office.need, name="office"),
    path("kontor/timer/<uuid:appointment_id>/tolk/", office.order, name="order"),
    path("kontor/tolk/<uuid:interpreter_id>/angre/", office.undo, name="undo"),
]
