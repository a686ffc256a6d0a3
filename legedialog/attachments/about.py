"""What this context says about itself to the rest. See core/contexts."""

from legedialog.attachments import intake, rules, services
from legedialog.core.contexts import (
    CODE,
    HEALTH,
    LINK,
    NUMBER,
    TRACE,
    About,
    Kept,
    Measure,
    RowOf,
    Table,
    belongs_to,
    span,
)

ABOUT = About(
    tables={
        "Attachment": Table(
            belongs_to("patient", "practice"),
            "A photo or document that was sent with a message; first it waits for the one who uploaded it.",
            Kept(f"With the record it belongs to; not sent: {span(rules.WAITS)}", services.tidy),
            {
                LINK: "id practice patient by_person by_employee object_id",
                HEALTH: "name media_type size left_out",
                TRACE: "is_scanned received_at attached_at",
            },
            {
                "object_id": "what it was sent with",
                "is_scanned": "whether the malware scanner has checked it",
                "left_out": "what was in the file as it came, and is not kept",
            },
            plain={CODE: "media_type", NUMBER: "size"},
            not_hers={
                "left_out": "what cleaning took out of the file; told where the file is opened",
                "media_type": "in the file for systems; the name says it to people",
                "size": "in the file for systems",
            },
            stays={"*": "with the record it was sent to; what was not sent goes"},
            fixed="media_type received_at",
            moves="object_id",
            is_removed=True,
        ),
        "Chunk": Table(
            belongs_to(follows="attachment"),
            "The content of an attachment, in parts.",
            Kept("As its attachment"),
            {LINK: "id attachment practice number", HEALTH: "data"},
            not_hers={"data": "the file itself, in the ZIP beside the two"},
            stays={"*": "as its attachment"},
            is_append_only=True,
            is_removed=True,
        ),
    },
    parameters={
        "attachment_id": RowOf(
            "attachments.Attachment",
            patient="by_person",
            practice="by_employee__practice",
            states=(("object_id", None),),
            is_hers=True,
        ),
    },
    forget=lambda actor, person_id, now: services.forget_waiting(actor=actor, person_id=person_id),
    measures=(
        Measure(
            *("files_not_taken", "Reasons why no file is taken in.", 0),
            "`legedialog doctor` and `files` at `/health/ready` say which: no sandbox, no room for what comes, or "
            "a virus scanner that does not answer.",
            value=lambda now: len(intake.faults()),
        ),
    ),
    ids={
        "attachments.Attachment.object_id": "what it is attached to: a message, a note",
    },
)
