"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place

ABOUT = About(
    statements={
        "workspace:charge": 11,
        "workspace:charge-credit-note": 9,
        "workspace:charges-unpaid": 11,  # two lists, each with lines and payments, and the sum of all
    },
    office_menu=Place(55, "workspace:charges", _("Betaling"), "receipt", page="charges", pages=("workspace:charge*",)),
)
