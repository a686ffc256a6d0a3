"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place

ABOUT = About(
    menu=Place(10, "portal:home", _("Hjem"), "home"),
)
