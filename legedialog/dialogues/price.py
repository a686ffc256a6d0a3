"""The price line beside the send button. Says what is certain and no amounts: those belong to a dated table of fees.

The one place for it: when fees exist, they answer here. Source: docs/facts.md#e-consultation and #prices.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.dialogues.rules import Kind
from legedialog.patients.rules import age_on

FREE_UNDER = 16  # whole years. Source: docs/facts.md#prices


@dataclass(frozen=True, slots=True)
class Price:
    text: str | Promise
    is_free: bool


CONTACT = Price(_("Gratis"), is_free=True)
CHILD = Price(_("Gratis. Barn under 16 år betaler ikke egenandel."), is_free=True)
ORDINARY = Price(
    _(
        "Vanlig egenandel, som for en time hos legen. Den er høyere hvis legen svarer om kvelden eller i helgen. "
        "Har du frikort, betaler du ikke."
    ),
    is_free=False,
)


def line(*, kind: str, birth_date: date, today: date) -> Price:
    """For the patient, whoever writes."""
    if kind == Kind.CONTACT:
        return CONTACT
    return CHILD if age_on(birth_date, today) < FREE_UNDER else ORDINARY
