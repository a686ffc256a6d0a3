"""What this place says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import DOCTORS, About

ABOUT = About(
    statements={
        "workspace:absences": 13,
        "workspace:absence": 17,  # what she leaves, and whether another may see each
        "workspace:leaver": 14,
    },
    finer={
        "workspace:end-absence": ("manager", "secretary", "substitute", *DOCTORS),
    },
)
