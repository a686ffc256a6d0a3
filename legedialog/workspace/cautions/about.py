"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About

ABOUT = About(
    statements={
        "workspace:caution": 11,
    },
)
