"""Limits of the record, and what is said when something cannot be filed. No database, no clock."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal

TEXT_LENGTH = 20_000  # signs of a note
REASON_LENGTH = 500  # of a correction
WORDS_LENGTH = 120  # of a search
ANSWER_LENGTH = 4000  # of what a citizen asks of her record, and of the answer
ANSWER_WITHIN = timedelta(days=30)  # one month. Source: docs/facts.md#law
SAY_NO = frozenset({"partly", "refused"})  # outcomes of what a citizen asked
UNDO_WITHIN = timedelta(days=14)  # of what was marked as misfiled

CORRECTED_MEANWHILE = Refusal(
    "corrected-meanwhile",
    _("Innføringen er rettet av en annen mens du skrev. Les den nye rettelsen først. Det du skrev, står her fortsatt."),
)

ONLY_WRITTEN = Refusal(
    "misfile-only-written",
    _(
        "Bare notater, advarsler, meldinger og vedlegg kan flyttes. En time eller resept på feil person avlyser du der"
        " den står."
    ),
)
UNKNOWN_PATIENT = Refusal(
    "misfile-unknown", _("Vi finner ingen pasient ved kontoret med dette fødselsnummeret. Sjekk tallene.")
)
SAME_PATIENT = Refusal("misfile-same", _("Dette er den samme pasienten. Skriv fødselsnummeret til en annen."))
OF_THE_NUMBER = (UNKNOWN_PATIENT, SAME_PATIENT)
TOO_LATE = Refusal("misfile-too-late", _("Det er gått for lang tid til å angre. Flytt innføringen på nytt i stedet."))
ALREADY_UNDONE = Refusal("misfile-undone", _("Flyttingen er allerede angret."))
ALREADY_ANSWERED = Refusal("correction-answered", _("En kollega har allerede svart. Svaret står på siden."))
