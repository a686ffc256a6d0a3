"""What was done on somebody's behalf, where the log's own words are not short enough. Keyed by its actions."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "appointment.booked": _("Bestilte en time"),
    "appointment.cancelled": _("Avbestilte en time"),
    "appointment.moved": _("Flyttet en time"),
    "appointment.changed": _("Endret en time"),
    "request.sent": _("Ba om en time"),
    "request.withdrawn": _("Trakk tilbake et timeønske"),
    "request.declined": _("Takket nei til en time"),
    "wait.asked": _("Satte deg på venteliste for en tidligere time"),
    "wait.changed": _("Endret når en tidligere time passer"),
    "wait.left": _("Sluttet å vente på en tidligere time"),
    "recall.declined": _("Takket nei til å bestille en time som kontoret ba om"),
    "offer.accepted": _("Tok en tidligere time som ble tilbudt"),
    "offer.refused": _("Takket nei til en tidligere time"),
    "consent.given": _("Ga samtykke"),
    "consent.withdrawn": _("Trakk tilbake samtykke"),
    "youth-access.given": _("Ga ungdomstilgang"),
    "youth-access.ended": _("Tok tilbake ungdomstilgang"),
    "appointment.hidden": _("Skjulte eller viste en time"),
}
GROUNDS = {"FO": _("forelder"), "VE": _("verge"), "FU": _("fullmakt"), "TD": _("tildelt fullmakt")}
