"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Notice
from legedialog.workspace import notices
from legedialog.workspace.reach import away

ABOUT = About(
    notices={
        away.EVENT: Notice(
            _("Beskjed til en ansatt om at arbeid venter"),
            notices.work_waits,
            says={
                "to an employee who is away, near a date": "Noe som venter på deg i Legedialog, nærmer seg fristen. "
                "Logg inn for å se hva.",
                "to an employee who is away, once a day": "Dette venter på deg i Legedialog: …. Over fristen: …. "
                "Logg inn for å se hva.",
            },
        ),
    },
    silent={
        "workspace:purpose": "asks why, before anything is shown",
    },
)
