"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place
from legedialog.errands import queries

ABOUT = About(
    office_menu=Place(
        *(5, "workspace:home", _("I dag"), "home"),
        page="start",
        pages=("workspace:home", "workspace:errand*"),
        counts=queries.for_her,
    ),
)
