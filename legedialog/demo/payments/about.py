"""What this place says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import About, Word

ABOUT = About(
    for_everybody={
        "payments-demo:opens": "the demo's own payment provider, off in production",
        "payments-demo:status": "the demo's own payment provider, off in production",
        "payments-demo:refunds": "the demo's own payment provider, off in production",
        "payments-demo:page": "the demo's own payment provider, off in production",
    },
    parameters={"payment": Word("none")},
)
