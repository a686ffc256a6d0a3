"""What this context says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import CODE, HEALTH, LINK, RECORD, STATE, TRACE, About, RowOf, Table, belongs_to

ABOUT = About(
    tables={
        "Entry": Table(
            belongs_to("patient", "practice"),
            "The patient's record at the office: what happened, never edited.",
            RECORD,
            {
                LINK: "id practice patient by_person by_employee object_id thing_id sequence corrects",
                HEALTH: "kind content contact_type problem_code title text reason restriction",
                STATE: "told_reception",
                TRACE: "at ground",
            },
            {
                "ground": "by which right somebody acted for the patient",
                "content": "what it was made of: decides who sees it (visibility.md)",
                "thing_id": "the dialogue, appointment or prescription that it tells of",
                "told_reception": "the patient was told that reception reads it",
            },
            is_append_only=True,
            plain={CODE: "kind content contact_type restriction"},
            not_hers={
                "kind": "in the file for systems; the title says it to people",
                "content": "decides who sees it; the title says what it is",
                "restriction": "says from whom it is kept, and nothing of what it is",
            },
            follow=("content", "restriction", "told_reception"),  # of what it tells of; never its words
        ),
    },
    parameters={
        "entry_id": RowOf("journal.Entry", practice="practice", is_hers=True),
    },
    ids={
        "journal.Entry.object_id": "what it tells of: an appointment, a message, an order",
        "journal.Entry.thing_id": "what decides who sees it: a dialogue, an appointment, a prescription",
    },
)
