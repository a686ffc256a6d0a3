"""Words for states, steps and templates, for each side."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Status: the word for the citizen, and the tag's colour.
STATUSES: Mapping[str, tuple[str | Promise, str]] = {
    "sent": (_("Sendt"), "info"),
    "delivered": (_("Mottatt på kontoret"), "info"),
    "opened": (_("Åpnet på kontoret"), "info"),
    "answered": (_("Besvart"), "success"),
    "needs-appointment": (_("Du må bestille time"), "warning"),
    "closed": (_("Lukket"), "neutral"),
    "withdrawn": (_("Trukket tilbake"), "neutral"),
}
# The same for the office.
OFFICE_STATUSES: Mapping[str, tuple[str | Promise, str]] = {
    "sent": (_("Sendt"), "info"),
    "delivered": (_("Ny"), "info"),
    "opened": (_("Lest, ikke besvart"), "warning"),
    "answered": (_("Besvart, åpen"), "success"),
    "needs-appointment": (_("Bedt om å bestille time"), "success"),
    "closed": (_("Lukket"), "neutral"),
    "withdrawn": (_("Trukket tilbake av pasienten"), "neutral"),
}
KINDS: Mapping[str, str | Promise] = {
    "econsultation": _("E-konsultasjon"),
    "contact": _("Kontakt med kontoret"),
}
# What the citizen is told happened. Steps that are not here are the office's own.
STEPS: Mapping[str, str | Promise] = {
    "sent": _("Du sendte meldingen"),
    "delivered": _("Mottatt på legekontoret"),
    "opened": _("Åpnet på legekontoret"),
    "answered": _("Besvart"),
    "needs-appointment": _("Kontoret ba deg bestille time"),
    "closed": _("Lukket av kontoret"),
    "reopened": _("Åpnet igjen av kontoret"),
    "withdrawn": _("Trukket tilbake"),
    "moved": _("Flyttet til en annen på kontoret"),
    "rerouted": _("En annen lege svarer"),
    "date-moved": _("Ny dato for svar"),
}
OFFICE_STEPS: Mapping[str, str | Promise] = {
    "sent": _("Pasienten sendte"),
    "delivered": _("Mottatt"),
    "opened": _("Åpnet"),
    "answered": _("Besvart"),
    "needs-appointment": _("Bedt om å bestille time"),
    "closed": _("Lukket"),
    "reopened": _("Lukkingen ble angret"),
    "withdrawn": _("Trukket tilbake av pasienten"),
    "moved": _("Flyttet"),
    "rerouted": _("En annen lege svarer"),
    "date-moved": _("Ny dato for svar"),
    "assigned": _("Tildelt"),
    "escalated": _("Varslet: nærmer seg fristen"),
}
CHANNELS: Mapping[str, str | Promise] = {
    "attendance": _("oppmøte på legekontoret"),
    "phone": _("telefon"),
    "video": _("video"),
}
# By which right somebody wrote for another: code system 7611.
GROUNDS: Mapping[str, str | Promise] = {
    "FO": _("forelder"),
    "VE": _("verge"),
    "FU": _("fullmakt"),
    "TD": _("tildelt fullmakt"),
}
# What a template may hold, and what it becomes. The names are Norwegian in all three languages: they are the office's.
PLACEHOLDERS: Mapping[str, str | Promise] = {
    "fornavn": _("pasientens fornavn"),
    "lege": _("legens navn"),
    "avsender": _("ditt navn"),
    "kontor": _("kontorets navn"),
    "telefon": _("kontorets telefonnummer"),
}


def fill(text: str, values: Mapping[str, str]) -> str:
    """`{fornavn}` and the like put in. What is unknown stays as it stands, so that the writer sees it."""
    for name in PLACEHOLDERS:
        text = text.replace("{" + name + "}", values.get(name, "{" + name + "}"))
    return text
