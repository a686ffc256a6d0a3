"""The record's words on the screen. What is written in the record itself is bokmål and is never translated."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.journal import rules
from legedialog.ui.dates import long_datetime

KINDS: dict[str, str | Promise] = {
    "message": _("Melding"),
    "attachment": _("Vedlegg"),
    "decision": _("Avgjørelse"),
    "booking": pgettext_lazy("hos legen", "Time"),  # Django's own words hold "Time" as an English one
    "video": _("Videotime"),
    "caution": _("CAVE"),
    "note": _("Notat"),
    "correction": _("Rettelse"),
}
ICONS = {
    "message": "messages",
    "attachment": "attach",
    "decision": "check-circle",
    "booking": "calendar",
    "video": "video",
    "caution": "warning",
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

COMPLAINT = _(
    "Er du uenig, kan du klage til Statsforvalteren. Pasient- og brukerombudet gir gratis råd og hjelp til å klage."
)


def right_to_complain(outcome: str) -> str | Promise:
    """What follows an answer that says no to some of it, whatever the office wrote. Source: docs/facts.md#law"""
    return COMPLAINT if outcome in rules.SAY_NO else ""


def moved(at: datetime | None, by: str) -> str:
    """When and by whom it came out of another's record; "" for what did not. Out of whose is told to nobody."""
    if at is None:
        return ""
    return gettext("Flyttet hit fra en annen pasients journal %(time)s av %(name)s") % {
        "time": long_datetime(at),
        "name": by,
    }
