"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Pile, Place
from legedialog.fees import accounts

ABOUT = About(
    statements={
        "workspace:charge": 11,
        "workspace:charge-credit-note": 9,
        "workspace:charges-run": 9,  # who was told, and so pays the fee
        "workspace:charges-unpaid": 11,  # two lists, each with lines and payments, and the sum of all
    },
    piles=(Pile(60, _("Egenandeler å godkjenne"), "charges", "workspace:charges", accounts.to_approve),),
    office_menu=Place(55, "workspace:charges", _("Betaling"), "receipt", page="charges", pages=("workspace:charge*",)),
)
