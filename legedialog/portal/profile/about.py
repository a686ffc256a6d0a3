"""What this place says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import About, Word

ABOUT = About(
    parameters={
        "file": Word("pdf"),
    },
)
