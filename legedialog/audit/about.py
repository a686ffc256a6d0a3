"""What this context says about itself to the rest. See core/contexts.py."""

from legedialog.audit.own import CONCERNS
from legedialog.core.contexts import HEALTH, LINK, LOG, RECORD, TRACE, About, RowOf, Table, belongs_to

ABOUT = About(
    tables={
        "Event": Table(
            belongs_to(
                *("patient_id", "practice_id", "person_id", "employee_id", "login_id"),
                written_by=("person_id", "employee_id", "login_id"),
            ),
            "Who did what and who looked, for the patient, the office and supervision.",
            LOG,
            {
                LINK: "id position object_id patient_id login_id person_id employee_id practice_id",
                TRACE: "at kind category action actor_kind role purpose legal_ground facts",
            },
            {"position": "its place in the log, for the seal"},
            is_append_only=True,
        ),
        "SealedBatch": Table(
            belongs_to(),
            "Shows that no row of the log was changed, moved, added or removed.",
            LOG,
            {
                LINK: "number first_id last_id from_position until_position",
                TRACE: "month category count leaves format tree previous root sealed_at retired_at",
            },
            is_append_only=True,
        ),
        "StatedPurpose": Table(
            belongs_to("practice_id", "patient_id", written_by=("practice_id",)),
            "Why staff opened a patient who had no open contact with the office.",
            LOG,
            {LINK: "id login_id employee_id practice_id patient_id", TRACE: "code note stated_at ends_at"},
        ),
        "Concern": Table(
            belongs_to("patient_id", "practice_id"),
            "A patient's question about a row of the log, and the office's answer.",
            RECORD,
            {
                LINK: "id event_id patient_id practice_id about_employee_id answered_by_id",
                HEALTH: "text answer",
                TRACE: "event_at sent_at answer_by answered_at",
            },
        ),
    },
    parameters={
        "concern_id": RowOf("audit.Concern", patient="patient_id", practice="practice_id"),
        "event_id": RowOf("audit.Event", patient="patient_id"),
    },
    own=(CONCERNS,),
)
