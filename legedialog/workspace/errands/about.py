"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Part, Pile
from legedialog.errands import queries
from legedialog.workspace.errands.views import at_patient, at_visit

ABOUT = About(
    piles=(Pile(2, _("Oppgaver"), "errands", "workspace:errands", queries.for_her),),
    parts=(
        Part(("workspace:patient",), 10, "workspace/errands/patient.html", at_patient),
        Part(("workspace:visit",), 40, "workspace/errands/visit.html", at_visit),
    ),
)
