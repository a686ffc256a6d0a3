"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About

ABOUT = About(
    silent={
        "workspace:purpose": "asks why, before anything is shown",
    },
)
