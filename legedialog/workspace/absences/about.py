"""What this place says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import DOCTORS, About

ABOUT = About(
    finer={
        "workspace:end-absence": ("manager", "secretary", "substitute", *DOCTORS),
    },
)
