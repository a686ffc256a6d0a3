"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About, RowOf

ABOUT = About(
    statements={
        "workspace:journal": 14,
        "workspace:journal-paper": 14,
        "workspace:journal-document": 12,
        "workspace:journal-entry": 13,
        "workspace:journal-correct": 13,
        "workspace:journal-misfile": 19,
        "workspace:journal-moved": 14,
        "workspace:journal-attachment": 9,
    },
    silent={
        "workspace:journal-note": "an empty form with her name; cautions above it and what is written are logged",
    },
    parameters={
        "workspace:journal-attachment attachment_id": RowOf(
            "attachments.Attachment", practice="practice", states=(("object_id__isnull", False),), is_hers=True
        ),
    },
)
