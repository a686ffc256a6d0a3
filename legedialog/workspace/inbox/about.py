"""What this place says about itself to the rest. See core/contexts.py."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place, RowOf

ABOUT = About(
    silent={
        "workspace:dialogue-presence": "which colleague is answering, and nothing of the patient",
        "workspace:dialogue-start": "an empty form with the patient's name; what is sent is logged",
    },
    parameters={
        "workspace:dialogue-attachment attachment_id": RowOf(
            "attachments.Attachment",
            practice="practice",
            states=(("object_id__isnull", False), ("by_person__isnull", False)),  # the demo's last: with a contact
            is_hers=True,
        ),
    },
    office_menu=Place(
        10,
        "workspace:inbox",
        _("Innboks"),
        "inbox",
        page="inbox",
        pages=(
            "workspace:inbox",
            "workspace:dialogue",
            "workspace:numbers",
            "workspace:requests",
            "workspace:request",
            "workspace:concern",
            "workspace:correction",
            "workspace:change",
        ),
    ),
)
