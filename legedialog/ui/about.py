"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About

ABOUT = About(
    for_everybody={
        "ui:gallery": "the design system, off in production",
        "ui:language": "chooses a language",
        "ui:scheme": "chooses light or dark",
    },
)
