"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place
from legedialog.prescriptions import office
from legedialog.prescriptions.office import Box

ABOUT = About(
    statements={
        "workspace:medicine-list": 12,
        "workspace:prescriptions": 12,
        "workspace:prescription-withdraw": 9,
        "workspace:prescription-order": 39,
    },
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
        count=lambda actor, now: office.counts(actor, now)[Box.MINE],
    ),
)
