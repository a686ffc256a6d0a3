"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About, Part
from legedialog.workspace.recalls.views import at_patient

ABOUT = About(
    parts=(Part(("workspace:patient",), 20, "workspace/recalls/patient.html", at_patient),),
)
