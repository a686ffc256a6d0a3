"""What an office has to do before its patients can use it, by journeys.getting_started.STEPS."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Step:
    title: str | Promise
    text: str | Promise
    route: str = ""  # where it is done; none for what others do
    part: str = ""  # of that page


STEPS = {
    "contact": Step(
        _("Adresse og telefon"), _("Slik finner pasientene kontoret, og hit ringer de."), "workspace:settings-office"
    ),
    "hours": Step(_("Åpningstider"), _("Når kontoret er åpent. Utenom er det stengt."), "workspace:settings-hours"),
    "doctor": Step(
        _("Leger og andre ansatte"),
        _("De logger inn med HelseID fra første arbeidsdag. Den som behandler pasienter, får sin egen kalender."),
        "workspace:settings-employees",
    ),
    "visit_types": Step(
        _("Timetyper"),
        _("Hva slags timer kontoret har, hvor lenge de varer, og hvem som kan bestille dem."),
        "workspace:settings-new-visit-type",
    ),
    "plan": Step(
        _("Ukeplaner"), _("Når hver lege tar imot. Uten ukeplan finnes det ingen ledige timer."), "workspace:settings",
        "ukeplaner",
    ),
    "services": Step(
        _("Tjenester"), _("Hva pasientene kan gjøre selv på nett."), "workspace:settings", "tjenester"
    ),
    "patients": Step(
        _("Fastlegelister"),
        _("Listene og pasientene kommer fra Fastlegeregisteret. De som drifter plattformen, henter dem."),
    ),
}  # fmt: skip
