"""What this context says about itself to the rest. See core/contexts."""

from legedialog.audit.help import TOPICS
from legedialog.audit.own import CONCERNS
from legedialog.core.contexts import (
    A_PERSON,
    HEALTH,
    LINK,
    LOG,
    RECORD,
    TRACE,
    About,
    Measure,
    RowOf,
    Table,
    belongs_to,
)

ABOUT = About(
    tables={
        "Event": Table(
            belongs_to(
                *("patient_id", "practice_id", "person_id", "employee_id", "login_id"),
                written_by=("person_id", "employee_id", "login_id"),
                in_the_name_of=("person_id", "employee_id", "login_id"),
                opens_nobody=True,  # to have looked is not to know
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
            belongs_to(
                *("practice_id", "patient_id"),
                written_by=("practice_id",),
                in_the_name_of=("login_id", "employee_id"),
                opens_nobody=True,
            ),
            "Why staff opened a patient who had no open contact with the office.",
            LOG,
            {LINK: "id login_id employee_id practice_id patient_id", TRACE: "code note stated_at ends_at"},
            is_append_only=True,
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
            fixed="text event_at sent_at answer_by",
            moves="answered_by_id",
        ),
    },
    parameters={
        "concern_id": RowOf("audit.Concern", patient="patient_id", practice="practice_id"),
        "event_id": RowOf("audit.Event", patient="patient_id"),
    },
    topics=TOPICS,
    own=(CONCERNS,),
    ids={
        "audit.Event.object_id": "the log is never rewritten",
        "audit.Event.patient_id": "the log is never rewritten: Person.former_ids finds it",
        "audit.Event.person_id": "the log is never rewritten: Person.former_ids finds it",
        "audit.Event.login_id": "a login",
        "audit.Event.employee_id": "an employee",
        "audit.Event.practice_id": "an office",
        "audit.SealedBatch.first_id": "a line of the log",
        "audit.SealedBatch.last_id": "a line of the log",
        "audit.StatedPurpose.login_id": "a login",
        "audit.StatedPurpose.employee_id": "an employee",
        "audit.StatedPurpose.practice_id": "an office",
        "audit.StatedPurpose.patient_id": A_PERSON,
        "audit.Concern.event_id": "a line of the log",
        "audit.Concern.patient_id": A_PERSON,
        "audit.Concern.practice_id": "an office",
        "audit.Concern.about_employee_id": "an employee",
        "audit.Concern.answered_by_id": "an employee",
    },
    measures=(
        Measure(
            *("unsealed_log_seconds", "Age of the oldest row of the log that is not sealed.", 900),
            "Look for `audit.seal` in the worker's log, and for a transaction that has been open since then.",
            sql="""SELECT coalesce(extract(epoch FROM max(now() - at)), 0)
      FROM audit_event WHERE position >= (SELECT coalesce(max(until_position), 0) FROM audit_sealedbatch)""",
        ),
    ),
)
