"""Words for prescriptions and renewals, as the citizen and the office read them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.prescriptions.rules import State, Status, Warn

Word = tuple[str | Promise, str]  # and the tag's colour

STATES: Mapping[str, Word] = {
    State.AT_PHARMACY: (_("Klar på apoteket"), "success"),
    State.PARTLY: (_("Delvis hentet"), "success"),
    State.USED_UP: (_("Alt er hentet"), "neutral"),
    State.EXPIRED: (_("Utløpt"), "neutral"),
    State.WITHDRAWN: (_("Trukket tilbake av legen"), "neutral"),
}

PICKUPS: Mapping[str, str | Promise] = {
    "AP": _("På et apotek"),
    "office": _("På legekontoret, på papir"),
}

# As the citizen reads them.
STATUSES: Mapping[str, Word] = {
    Status.SENT: (_("Sendt"), "info"),
    Status.RECEIVED: (_("Mottatt av kontoret"), "info"),
    Status.PREPARED: (_("Klargjort"), "info"),
    Status.WITH_DOCTOR: (_("Hos legen"), "info"),
    Status.RENEWED: (_("Fornyet"), "success"),
    Status.CHANGED: (_("Fornyet med endring"), "success"),
    Status.REFUSED: (_("Ikke fornyet"), "warning"),
    Status.NEEDS_APPOINTMENT: (_("Legen vil ha en time"), "warning"),
    Status.LAPSED: (_("Bortfalt"), "warning"),
    Status.WITHDRAWN: (_("Trukket av deg"), "neutral"),
}
# As the office reads them, where the word is another.
OFFICE_STATUSES: Mapping[str, Word] = {
    **STATUSES,
    Status.SENT: (_("Ny"), "info"),
    Status.RECEIVED: (_("Åpnet"), "info"),
    Status.WITH_DOCTOR: (_("Venter på legen"), "warning"),
    Status.REFUSED: (_("Avslått"), "neutral"),
    Status.NEEDS_APPOINTMENT: (_("Bedt om time"), "neutral"),
    Status.LAPSED: (_("Bortfalt"), "danger"),
    Status.WITHDRAWN: (_("Trukket tilbake av pasienten"), "neutral"),
}

WARNINGS: Mapping[str, Word] = {
    Warn.CAUTION: (_("CAVE: {substance}"), "danger"),
    Warn.GROUP: (_("Gruppe {group}"), "danger"),
    Warn.NO_GROUP: (_("Reseptgruppen er ikke oppgitt"), "danger"),
    Warn.ANTIBIOTIC: (_("Antibiotika"), "danger"),
    Warn.CONSULTATION: (_("Krever konsultasjon"), "danger"),
    Warn.NO_CONTROL: (_("Ingen kontroll siste år"), "warning"),
    Warn.EARLY: (_("Tidlig bestilt"), "warning"),
    Warn.EXPIRED: (_("Utløpt"), "warning"),
    Warn.DUPLICATE: (_("Samme virkestoff på en annen resept"), "warning"),
    Warn.INTERACTION: (_("Interaksjon"), "danger"),
}

# What a doctor often answers, in the patient's language; she writes on from it.
REFUSALS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "control": (
        _("Trenger kontroll først"),
        _("Det er lenge siden sist kontroll. Bestill en time, så fornyer vi resepten der."),
    ),
    "tests": (
        _("Trenger prøver først"),
        _("Vi trenger nye blodprøver før resepten fornyes. Bestill time til prøvetaking."),
    ),
    "stopped": (
        _("Skal ikke brukes lenger"),
        _("Dette legemiddelet skal du ikke bruke lenger. Ta kontakt hvis du er usikker."),
    ),
    "elsewhere": (
        _("Fornyes et annet sted"),
        _("Denne resepten fornyes av den som skrev den ut. Ta kontakt med dem."),
    ),
    "enough": (
        _("Har nok igjen"),
        _("Du skal ha nok igjen på den gamle resepten. Hent ut på apoteket, og bestill når du nærmer deg slutten."),
    ),
}
