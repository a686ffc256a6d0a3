from django.urls import path

from legedialog.fees.web import citizen

app_name = "fees"
AT = "betaling/"
urlpatterns = [
    path("", citizen.index, name="index"),
    path("<uuid:charge_id>/", citizen.show, name="show"),
    path("<uuid:charge_id>/betal/", citizen.pay, name="pay"),
    path("<uuid:charge_id>/betaling.pdf", citizen.document, name="document"),
    path("kreditnota/<uuid:credit_note_id>.pdf", citizen.credit_note, name="credit-note"),
]
