"""Limits of the record, and what is said when something cannot be filed. No database, no clock."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal

TEXT_LENGTH = 20_000  # signs of a note
REASON_LENGTH = 500  # of a correction
WORDS_LENGTH = 120  # of a search

CORRECTED_MEANWHILE = Refusal(
    "corrected-meanwhile",
    _("Innføringen er rettet av en annen mens du skrev. Les den nye rettelsen først. Det du skrev, står her fortsatt."),
)
