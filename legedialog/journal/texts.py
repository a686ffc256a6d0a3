"""The record's words on the screen. What is written in the record itself is bokmål and is never translated."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KINDS: dict[str, str | Promise] = {
    "message": _("Melding"),
    "attachment": _("Vedlegg"),
    "decision": _("Avgjørelse"),
    "booking": pgettext_lazy("hos legen", "Time"),  # Django's own words hold "Time" as an English one
    "video": _("Videotime"),
    "note": _("Notat"),
    "correction": _("Rettelse"),
}
ICONS = {
    "message": "messages",
    "attachment": "attach",
    "decision": "check-circle",
    "booking": "calendar",
    "video": "video",
    "note": "edit",
    "correction": "refresh",
}
CONTACT_TYPES: dict[str, str | Promise] = {
    "attendance": _("Oppmøte"),
    "phone": _("Telefon"),
    "video": _("Video"),
    "econsultation": _("E-konsultasjon"),
    "office-contact": _("Kontakt med kontoret"),
    "renewal": _("Reseptfornyelse"),
    "administration": _("Administrasjon"),
}
ASKED: dict[str, str | Promise] = {
    "correct": _("Noe er feil og må rettes"),
    "erase": _("Noe må slettes"),
    "not-mine": _("Noe gjelder ikke meg"),
}
OUTCOMES: dict[str, str | Promise] = {
    "done": _("Vi har gjort det du ba om"),
    "partly": _("Vi har gjort noe av det"),
    "refused": _("Vi endrer det ikke"),
}
GROUNDS: dict[str, str | Promise] = {
    "FO": pgettext_lazy("den som handler for pasienten", "forelder"),
    "VE": pgettext_lazy("den som handler for pasienten", "verge"),
    "FU": pgettext_lazy("den som handler for pasienten", "med fullmakt"),
    "TD": pgettext_lazy("den som handler for pasienten", "med tildelt fullmakt"),
    "youth": pgettext_lazy("den som handler for pasienten", "ungdommen selv"),
}
RESTRICTIONS: dict[str, str | Promise] = {
    "NORN_FORANS": _("Skjult for foreldrene"),
    "NORN_UNGDOM": _("Skjult for ungdommen"),
}
