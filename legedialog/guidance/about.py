"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place

ABOUT = About(
    for_everybody={
        "guidance:help": "help is for everybody",
    },
    menu=Place(70, "guidance:help", _("Hjelp"), "help"),
)
