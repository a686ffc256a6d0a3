"""Words for channels, states and coarse times, as the citizen reads them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.appointments.rules import HALF_DAYS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ChannelText:
    name: str | Promise  # as a choice
    visit: str | Promise  # as a heading
    where: str | Promise  # where the patient has to be
    icon: str


CHANNELS: "Mapping[str, ChannelText]" = {
    "attendance": ChannelText(
        _("Oppmøte"),
        _("Time på legekontoret"),
        _("Møt opp på legekontoret."),
        "place",
    ),
    "phone": ChannelText(
        _("Telefon"),
        _("Telefontime"),
        _("Legen ringer deg. Vær et sted der du kan snakke fritt. Du skal ikke møte opp på legekontoret."),
        "phone",
    ),
    "video": ChannelText(
        _("Video"),
        _("Videotime"),
        _("Dere møtes på video. Vær et rolig sted med godt nett. Du skal ikke møte opp på legekontoret."),
        "video",
    ),
}
# At a hospital or in the municipality the source itself says where; these are for when it does not.
EXTERNAL_WHERE: "Mapping[str, str | Promise]" = {
    "attendance": _("Møt opp der timen er."),
    "phone": _("Du blir ringt opp. Du skal ikke møte opp."),
    "video": _("Dere møtes på video, så du kan være hjemme. Du skal ikke møte opp."),
}

# Status: the word, and the tag's colour.
STATUSES: "Mapping[str, tuple[str | Promise, str]]" = {
    "booked": (_("Bestilt"), "success"),
    "arrived": (_("Ankommet"), "info"),
    "completed": (_("Fullført"), "neutral"),
    "cancelled": (_("Avlyst"), "neutral"),
    "no-show": (_("Ikke møtt"), "warning"),
}
CANCELLED_BY: "Mapping[str, str | Promise]" = {
    "AAI": _("Avbestilt"),
    "APVAI": _("Avbestilt på dine vegne"),
    "AAT": _("Avlyst av legekontoret"),
}
REQUEST_STATUSES: "Mapping[str, tuple[str | Promise, str]]" = {
    "sent": (_("Sendt, venter på svar"), "info"),
    "proposed": (_("Velg mellom tidene"), "warning"),
    "accepted": (_("Du valgte en time"), "success"),
    "assigned": (_("Du har fått time"), "success"),
    "refused": (_("Kunne ikke gi time"), "warning"),
    "declined": (_("Du takket nei"), "neutral"),
    "withdrawn": (_("Trukket tilbake"), "neutral"),
    "ended": (_("Avsluttet"), "neutral"),
}

_HALVES = {
    ("monday", "am"): _("mandag formiddag"),
    ("monday", "pm"): _("mandag ettermiddag"),
    ("tuesday", "am"): _("tirsdag formiddag"),
    ("tuesday", "pm"): _("tirsdag ettermiddag"),
    ("wednesday", "am"): _("onsdag formiddag"),
    ("wednesday", "pm"): _("onsdag ettermiddag"),
    ("thursday", "am"): _("torsdag formiddag"),
    ("thursday", "pm"): _("torsdag ettermiddag"),
    ("friday", "am"): _("fredag formiddag"),
    ("friday", "pm"): _("fredag ettermiddag"),
}
COARSE_TIMES = {f"{day}-{half}": _HALVES[day, half] for day in WEEKDAYS for half in HALF_DAYS}

# Waiting for an earlier time: the word, and the tag's colour.
WAIT_STATUSES: "Mapping[str, tuple[str | Promise, str]]" = {
    "waiting": (_("Du står på venteliste"), "info"),
    "moved": (_("Du fikk en tidligere time"), "success"),
    "given": (_("Kontoret ga deg en tidligere time"), "success"),
    "left": (_("Du sluttet å vente"), "neutral"),
    "removed": (_("Kontoret tok deg av ventelisten"), "neutral"),
    "silent": (_("Avsluttet fordi du ikke svarte"), "neutral"),
    "over": (_("Avsluttet"), "neutral"),
}
OFFER_STATUSES: "Mapping[str, str | Promise]" = {
    "open": _("Tilbudt"),
    "accepted": _("Du tok timen"),
    "refused": _("Du takket nei"),
    "lapsed": _("Du svarte ikke i tide"),
    "withdrawn": _("Trukket tilbake"),
}
# Asked to book: the word as she reads it and as the office does, and the tag's colour.
RECALL_STATUSES: "Mapping[str, tuple[str | Promise, str | Promise, str]]" = {
    "asked": (_("Bestill time"), _("Ikke svart"), "warning"),
    "booked": (_("Du har bestilt"), _("Har time"), "success"),
    "declined": (_("Du takket nei"), _("Takket nei"), "neutral"),
    "stopped": (_("Kontoret spør ikke lenger"), _("Kontoret spør ikke lenger"), "neutral"),
    "over": (_("Avsluttet"), _("Svarte ikke"), "neutral"),
}
NOTICES: "Mapping[int, str | Promise]" = {
    120: _("2 timer før"),
    240: _("4 timer før"),
    1440: _("Ett døgn før"),
    2880: _("To døgn før"),
    10080: _("En uke før"),
}
ANSWERS: "Mapping[int, str | Promise]" = {
    30: _("30 minutter"),
    60: _("1 time"),
    120: _("2 timer"),
    240: _("4 timer"),
    780: _("En dag"),
}
