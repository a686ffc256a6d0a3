"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, OfficeWaits
from legedialog.workspace.requests.views import asks, rows

ABOUT = About(
    statements={
        "workspace:request": 10,
    },
    office_waits=(
        OfficeWaits(
            *(10, _("Timeønsker"), "requests", asks, rows, "workspace/requests/request_rows.html"),
            route="workspace:requests",
        ),
    ),
)
