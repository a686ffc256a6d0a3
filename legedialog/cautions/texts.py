"""The words of cautions, for the office and for the patient."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.cautions.rules import Certainty, Severity, Source

Word = str | Promise

SEVERITIES: Mapping[str, Word] = {
    Severity.SEVERE: _("Alvorlig"),
    Severity.MODERATE: _("Middels"),
    Severity.MILD: _("Mild"),
    Severity.UNKNOWN: _("Ikke kjent hvor alvorlig"),
}
CERTAINTIES: Mapping[str, Word] = {
    Certainty.CERTAIN: _("Sikkert"),
    Certainty.LIKELY: _("Sannsynlig"),
    Certainty.POSSIBLE: _("Mulig"),
}
SOURCES: Mapping[str, Word] = {
    Source.PATIENT: _("Pasienten har fortalt det"),
    Source.OBSERVED: _("Sett eller målt av helsepersonell"),
    Source.RECORD: _("Står i en annen journal"),
}
# What each means, as the patient reads it.
MEANS_SEVERITY: Mapping[str, Word] = {
    Severity.SEVERE: _("Reaksjonen kan være farlig for deg. Si alltid fra om den når du får behandling."),
    Severity.MODERATE: _("Reaksjonen gjorde at du trengte hjelp eller måtte slutte."),
    Severity.MILD: _("Reaksjonen var plagsom, men ikke farlig."),
    Severity.UNKNOWN: _("Det er ikke skrevet hvor sterk reaksjonen var."),
}
MEANS_CERTAINTY: Mapping[str, Word] = {
    Certainty.CERTAIN: _("Det er sikkert at det var dette du reagerte på."),
    Certainty.LIKELY: _("Det er sannsynlig at det var dette du reagerte på."),
    Certainty.POSSIBLE: _("Det kan ha vært dette du reagerte på, men det er ikke sikkert."),
}
COLORS: Mapping[str, str] = {
    Severity.SEVERE: "danger",
    Severity.MODERATE: "warning",
    Severity.MILD: "neutral",
    Severity.UNKNOWN: "warning",
}
