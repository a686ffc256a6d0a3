"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About

ABOUT = About(
    statements={
        "portal:powers": 9,
        "portal:log": 8,
    },
    for_everybody={
        "portal:front": "the front page",
        "portal:locked": "tells that the access is locked",
    },
    finer={  # who acts for another may where she may write to the office: ADR 101
        "portal:corrections": ("full", "basis", "none", "parent", "attorney", "youth", "child", "protected"),
    },
)
