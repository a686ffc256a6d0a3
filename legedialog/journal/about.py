"""What this context says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import CODE, HEALTH, LINK, RECORD, TRACE, About, RowOf, Table, belongs_to

ABOUT = About(
    tables={
        "Entry": Table(
            belongs_to("patient", "practice"),
            "The patient's record at the office: what happened, never edited.",
            RECORD,
            {
                LINK: "id practice patient by_person by_employee object_id sequence corrects",
                HEALTH: "kind contact_type problem_code title text reason restriction",
                TRACE: "at ground",
            },
            {"ground": "by which right somebody acted for the patient"},
            is_append_only=True,
            plain={CODE: "kind contact_type restriction"},
            not_hers={
                "kind": "in the file for systems; the title says it to people",
                "restriction": "says from whom it is kept, and nothing of what it is",
            },
        ),
    },
    parameters={
        "entry_id": RowOf("journal.Entry", practice="practice", is_hers=True),
    },
    ids={
        "journal.Entry.object_id": "what it tells of: an appointment, a message, an order",
    },
)
