"""What this place says about itself to the rest. See core/contexts.py."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import DOCTORS, About, Place, Word

ABOUT = About(
    finer={
        "workspace:intake-import": ("manager", *DOCTORS),
        "workspace:intake-new-topic": ("manager", *DOCTORS),
        "workspace:intake-questions": ("manager", *DOCTORS),
        "workspace:intake-take-in": ("manager", *DOCTORS),
        "workspace:intake-topic": ("manager", *DOCTORS),
        "workspace:settings-block": ("manager", *DOCTORS),
        "workspace:settings-end-absence": ("manager", "secretary", "substitute", *DOCTORS),
        "workspace:settings-exception": ("manager",),
        "workspace:settings-hours": ("manager",),
        "workspace:settings-new-block": ("manager", *DOCTORS),
        "workspace:settings-new-visit-type": ("manager",),
        "workspace:settings-remove-exception": ("manager",),
        "workspace:settings-service": ("manager", *DOCTORS),
        "workspace:settings-visit-type": ("manager",),
    },
    parameters={
        "code": Word("other"),
        "kind": Word("contact"),
        "service": Word("book"),
    },
    office_menu=Place(
        60,
        "workspace:settings",
        _("Innstillinger"),
        "settings",
        page="settings",
        pages=("workspace:settings*", "workspace:intake*"),
    ),
)
