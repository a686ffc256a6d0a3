"""What this place says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import DOCTORS, About, RowOf

ABOUT = About(
    finer={
        "workspace:assigned": DOCTORS,
        "workspace:end-assigned": DOCTORS,
    },
    silent={
        "workspace:lift-lock": "her name and when she locked her access",
    },
    parameters={
        "workspace:assigned patient_id": RowOf(
            "patients.Person",
            practice="memberships__contract__practice",
            clinician="memberships__contract__doctors__clinician",
            is_hers=True,
        ),
    },
)
