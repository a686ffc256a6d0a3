"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place

ABOUT = About(
    office_menu=Place(55, "workspace:charges", _("Betaling"), "receipt", page="charges", pages=("workspace:charge*",)),
)
