"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place, Word

ABOUT = About(
    parameters={
        "file": Word("pdf"),
    },
    menu=Place(60, "portal:profile", _("Profil"), "profile"),
)
