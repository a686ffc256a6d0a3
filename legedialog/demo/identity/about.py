"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About

ABOUT = About(
    for_everybody={
        "identity:authorize": "the demo's own login, off in production",
        "identity:discovery": "the demo's own login, off in production",
        "identity:jwks": "the demo's own login, off in production",
        "identity:logout": "the demo's own login, off in production",
        "identity:par": "the demo's own login, off in production",
        "identity:token": "the demo's own login, off in production",
    },
)
