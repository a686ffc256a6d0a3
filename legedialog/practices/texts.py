"""The services' names and what they are, as the citizen reads them.

The names are a contract: docs/house.md#words-on-the-screen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from legedialog.core.times import local_day
from legedialog.practices.rules import Opening, Service
from legedialog.ui import dates


@dataclass(frozen=True, slots=True)
class ServiceText:
    name: str | Promise  # as a thing, in settings and lists
    action: str | Promise  # as something to do
    about: str | Promise
    icon: str


SERVICES = {
    Service.BOOK: ServiceText(_("Timebestilling"), _("Bestill time"), _("Velg en ledig time selv."), "calendar"),
    Service.REQUEST: ServiceText(
        _("Timeønske"), _("Be om time"), _("Skriv når det passer, så finner kontoret en time."), "clock"
    ),
    Service.ECONSULTATION: ServiceText(
        _("E-konsultasjon"),
        _("Start e-konsultasjon"),
        _("Skriv til legen og få svar innen fem virkedager."),
        "messages",
    ),
    Service.RENEW: ServiceText(
        _("Reseptfornyelse"), _("Forny resept"), _("Be om ny resept på faste legemidler."), "medicine"
    ),
    Service.CONTACT: ServiceText(
        _("Kontakt med kontoret"), _("Kontakt legekontoret"), _("Spør om praktiske ting. Gir ikke helsehjelp."), "phone"
    ),
    Service.VIDEO: ServiceText(
        _("Videotime"), _("Bestill videotime"), _("Snakk med legen på video i stedet for å møte opp."), "video"
    ),
}

WEEKDAYS = (
    _("Mandag"), _("Tirsdag"), _("Onsdag"), _("Torsdag"), _("Fredag"), _("Lørdag"), _("Søndag"),
)  # fmt: skip


def opening_change(opening: Opening, now: datetime) -> str:
    """`Stenger kl. 15.30.`, `Åpner i morgen kl. 08.00.`, or nothing when nobody knows."""
    if opening.changes_at is None:
        return ""
    clock = dates.clock(opening.changes_at)
    if opening.is_open:
        return gettext("Stenger kl. %(clock)s.") % {"clock": clock}
    today, day = local_day(now), local_day(opening.changes_at)
    if day == today:
        return gettext("Åpner i dag kl. %(clock)s.") % {"clock": clock}
    if day == today + timedelta(days=1):
        return gettext("Åpner i morgen kl. %(clock)s.") % {"clock": clock}
    return gettext("Åpner %(when)s.") % {"when": dates.long_datetime(opening.changes_at, today=today)}
