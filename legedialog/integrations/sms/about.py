"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About

ABOUT = About(
    for_everybody={
        "sms:status": "the SMS gateway calls it, with a signature",
    },
)
