from django.urls import path

from legedialog.prescriptions.web import citizen

app_name = "prescriptions"
AT = "legemidler/"
urlpatterns = [
    path("", citizen.index, name="index"),
    path("liste/", citizen.paper, name="paper"),
    path("forny/", citizen.renew, name="renew"),
    path("bestillinger/<uuid:renewal_id>/", citizen.order, name="order"),
    path("bestillinger/<uuid:renewal_id>/trekk/", citizen.withdraw, name="withdraw"),
    path("<uuid:prescription_id>/", citizen.show, name="show"),
    path("<uuid:prescription_id>/skjul/", citizen.hide, name="hide"),
]
