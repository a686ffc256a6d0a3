"""What this context says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import (
    CHOICE,
    CODE,
    HEALTH,
    LINK,
    RECORD,
    STATE,
    TRACE,
    About,
    Chapter,
    RowOf,
    Table,
    belongs_to,
)
from legedialog.journal import story
from legedialog.journal.help import TOPICS
from legedialog.journal.own import CORRECTIONS
from legedialog.journal.own import RECORD as RECORD_ITSELF

ABOUT = About(
    tables={
        "Entry": Table(
            belongs_to("patient", "practice"),
            "The patient's record at the office: what happened, never edited.",
            RECORD,
            {
                LINK: "id practice patient by_person by_employee object_id thing_id sequence corrects moved_by",
                HEALTH: "kind content contact_type problem_code title text reason restriction",
                STATE: "told_reception",
                TRACE: "at ground moved_at",
            },
            {
                "moved_at": "when it was filed here, out of another's record where it did not belong",
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
        "Misfiling": Table(
            belongs_to("practice"),
            "What stood in the wrong person's record, where it belongs, who decided so and why.",
            RECORD,
            {
                LINK: "id practice patient to_patient by_employee undone_by",
                HEALTH: "reason",
                TRACE: "stood_from at undone_at",
            },
            fixed="reason stood_from at",
            moves="undone_by",
            not_hers={"reason": "names what is another's; her log says that something was moved"},
        ),
        "Moved": Table(
            belongs_to("patient", "practice", written_by=("practice",)),
            "Keeps what stood in the wrong record out of everybody's sight.",
            RECORD,
            {LINK: "id misfiling practice patient object_id", STATE: "is_copy is_hidden"},
            fixed="is_copy",
        ),
        "CorrectionRequest": Table(
            belongs_to("patient", "practice", in_the_name_of=("by_person",)),
            "A citizen asks for correction or erasure of something in her record, and the office's answer.",
            RECORD,
            {
                LINK: "id key practice patient by_person answered_by",
                HEALTH: "text answer",
                CHOICE: "asked",
                STATE: "outcome",
                TRACE: "sent_at answer_by_date answered_at",
            },
            {"key": "from the form, so that sending twice asks once"},
            fixed="asked text sent_at answer_by_date",
            moves="answered_by",
        ),
    },
    parameters={
        "misfiling_id": RowOf("journal.Misfiling", practice="practice", is_hers=True),
        "correction_id": RowOf("journal.CorrectionRequest", patient="patient", practice="practice"),
        "entry_id": RowOf("journal.Entry", practice="practice", is_hers=True),
    },
    ids={
        "journal.CorrectionRequest.key": "of the form",
        "journal.Entry.object_id": "what it tells of: an appointment, a message, an order",
        "journal.Entry.thing_id": "what decides who sees it: a dialogue, an appointment, a prescription",
        "journal.Moved.object_id": "what is out of sight: what was filed, a message, a dialogue, a file, an entry",
    },
    topics=TOPICS,
    own=(RECORD_ITSELF, CORRECTIONS),
    story=(Chapter(110, story.play),),
)
