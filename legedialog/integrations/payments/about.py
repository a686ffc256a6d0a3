"""What this place says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import About

ABOUT = About(
    for_everybody={
        "payments:told": "the payment provider calls it, with a signature",
    },
)
