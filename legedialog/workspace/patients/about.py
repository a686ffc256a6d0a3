"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import DOCTORS, About, Place, RowOf

ABOUT = About(
    statements={
        "workspace:patient": 24,
        "workspace:assigned": 9,
    },
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
        "workspace:walk-in-change patient_id": RowOf(
            "patients.Person", practice="local_to", states=(("local_to__isnull", False),), is_hers=True
        ),
        "workspace:walk-in-part patient_id": RowOf(
            "patients.Person",
            practice="walk_ins__practice",
            states=(("walk_ins__joined_at__isnull", False),),
            is_hers=True,
        ),
    },
    office_menu=Place(
        25,  # among the first five, which a phone's bar shows
        "workspace:patients",
        _("Pasienter"),
        "people",
        page="patients",
        pages=(
            "workspace:patients",
            "workspace:patient",
            "workspace:cautions",
            "workspace:caution",
            "workspace:purpose",
            "workspace:walk-in*",
            "workspace:recall*",
        ),
    ),
)
