"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Pile, Place
from legedialog.prescriptions import office

ABOUT = About(
    statements={
        "workspace:medicine-list": 12,
        "workspace:prescriptions": 12,
        "workspace:prescription-withdraw": 9,
        "workspace:prescription-order": 39,
    },
    piles=(Pile(15, _("Fornyelser"), "prescriptions", "workspace:prescriptions", office.for_her),),
    office_menu=Place(
        30,
        "workspace:prescriptions",
        _("Resepter"),
        "prescription",
        page="prescriptions",
        pages=(
            "workspace:prescriptions",
            "workspace:prescription-order",
            "workspace:prescriptions-summary",
            "workspace:medicine-list",
        ),
        counts=office.for_her,
    ),
)
