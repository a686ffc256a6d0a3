"""Every stored field: what kind of data it is, what it is for, and how long it is kept.

A test fails for a field that is not here. The page is docs/data-register.md. Source: GDPR article 30, domain.md 9.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.apps import apps
from django.db.models import Field, Model

from legedialog.access import rules as access_rules
from legedialog.access import services as access
from legedialog.api import rules as api_rules
from legedialog.api import services as api
from legedialog.appointments import rules as appointment_rules
from legedialog.attachments import rules as attachment_rules
from legedialog.attachments import services as attachments
from legedialog.core.crypto import EncryptedTextField
from legedialog.dialogues import rules as dialogue_rules
from legedialog.dialogues import services as dialogues
from legedialog.journeys import own_data
from legedialog.outbox import rules as outbox_rules
from legedialog.outbox import services as outbox
from legedialog.prescriptions import duties
from legedialog.video import rules as video_rules
from legedialog.video import services as video


class Category(StrEnum):
    LINK = "link"  # which row, and which rows belong together
    IDENTITY = "identity"  # who a person is
    CONTACT = "contact"  # how she is reached
    CHOICE = "choice"  # what she has decided
    HEALTH = "health"  # tells of care, if only that there was a visit
    STAFF = "staff"  # about those who work at an office or run the platform
    OFFICE = "office"  # an office, its plan and its offers
    LOGIN = "login"  # proof of a login, and what guards it
    TRACE = "trace"  # what was done, when and by whom
    STATE = "state"  # how far the work has come


@dataclass(frozen=True, slots=True)
class Kept:
    """How long. `removed_by` is what the hourly job calls; None for what a person, a register or an archive ends."""

    text: str
    removed_by: Callable[[datetime], None] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`fields` names every field of the table, by category; `about` says more of those the purpose does not explain."""

    purpose: str
    kept: Kept
    fields: dict[Category, str]
    about: dict[str, str] = field(default_factory=dict)


def span(time: timedelta) -> str:
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if time >= length:
            number = time // length
            return f"{number} {unit}{'' if number == 1 else 's'}"
    raise ValueError("shorter than a minute")


RECORD = Kept("As long as the patient's record: at least 10 years after the last entry (domain.md section 9)")
REGISTER = Kept("As long as the register says she is on a list here, and as the records that name her")
EMPLOYMENT = Kept("As long as the records that name the employee")
OFFICE = Kept("As long as the office uses the product, and as the records that name it")
PLAN = Kept("Until the office changes it; past times as the appointments made from them")
LOG = Kept("At least 10 years, by category")

LINK, IDENTITY, CONTACT, CHOICE, HEALTH, STAFF, OFFICES, LOGIN, TRACE, STATE = (
    *(Category.LINK, Category.IDENTITY, Category.CONTACT, Category.CHOICE, Category.HEALTH),
    *(Category.STAFF, Category.OFFICE, Category.LOGIN, Category.TRACE, Category.STATE),
)

REGISTER_OF_DATA: dict[str, Table] = {
    "core.DataKey": Table(
        "Opens sealed text; each key is itself sealed by the master key.",
        Kept("As long as anything is sealed by it"),
        {LINK: "id scope", LOGIN: "purpose wrapped wrapped_by", TRACE: "created_at retired_at"},
    ),
    "access.Operator": Table(
        "Who may see the health of the system, and never patients.",
        Kept("Until the operator is removed by the command line"),
        {LINK: "id", STAFF: "name national_number_index"},
        {"national_number_index": "finds the operator at login; keyed, so it tells no number"},
    ),
    "access.Login": Table(
        "Keeps a person logged in, shows her where, and lets her end it.",
        Kept(f"{span(access_rules.ENDED_KEPT)} after it ended", access.tidy),
        {
            LINK: "id person employee operator acting_for",
            LOGIN: "token_hash kind assurance issuer provider_sid provider_sub device",
            TRACE: "created_at seen_at ended_at ended_why",
        },
        {
            "token_hash": "knows the browser's cookie; tells nothing of it",
            "device": "browser and system in two words",
            "acting_for": "whom she has chosen to act for; whether she may is asked anew each time",
        },
    ),
    "access.LoginAttempt": Table(
        "Lets the provider's answer come back once, to the browser that asked, and counts attempts.",
        Kept(span(access_rules.ONCE_KEPT), access.tidy),
        {
            LINK: "id",
            LOGIN: "state_hash browser_hash provider nonce code_verifier redirect_uri next_path",
            TRACE: "created_at used_at",
        },
    ),
    "access.Tally": Table(
        "Counts how often one person or one network address sends, uploads or begins a login.",
        Kept("2 hours", access.tidy),
        {LOGIN: "who_hash name number", TRACE: "window_at"},
        {"who_hash": "keyed, so it tells no person and no address"},
    ),
    "access.UsedToken": Table(
        "Stops a message that works once from working twice.",
        Kept(span(access_rules.ONCE_KEPT), access.tidy),
        {LINK: "id", LOGIN: "issuer token", TRACE: "used_at"},
    ),
    "access.KeptForm": Table(
        "What a person sent after her login had ended, so that she need not write it again.",
        Kept(span(access_rules.KEPT_LASTS), access.tidy),
        {LINK: "id login", LOGIN: "browser_hash", HEALTH: "path fields", TRACE: "created_at"},
    ),
    "access.Lock": Table(
        "Keeps everybody from logging in as a person who has locked her access (akuttsperre).",
        LOG,
        {LINK: "id person", CHOICE: "locked_at", TRACE: "lifted_at lifted_by"},
    ),
    "audit.Event": Table(
        "Who did what and who looked, for the patient, the office and supervision.",
        LOG,
        {
            LINK: "id position object_id patient_id login_id person_id employee_id practice_id",
            TRACE: "at kind category action actor_kind role purpose legal_ground facts",
        },
        {"position": "its place in the log, for the seal"},
    ),
    "audit.SealedBatch": Table(
        "Shows that no row of the log was changed, moved, added or removed.",
        LOG,
        {
            LINK: "number first_id last_id from_position until_position",
            TRACE: "month category count leaves previous root sealed_at retired_at",
        },
    ),
    "audit.StatedPurpose": Table(
        "Why staff opened a patient who had no open contact with the office.",
        LOG,
        {LINK: "id login_id employee_id practice_id patient_id", TRACE: "code note stated_at ends_at"},
    ),
    "audit.Concern": Table(
        "A patient's question about a row of the log, and the office's answer.",
        RECORD,
        {
            LINK: "id event_id patient_id practice_id about_employee_id answered_by_id",
            HEALTH: "text answer",
            TRACE: "event_at sent_at answer_by answered_at",
        },
    ),
    "journal.Entry": Table(
        "The patient's record at the office: what happened, never edited.",
        RECORD,
        {
            LINK: "id practice patient by_person by_employee object_id sequence corrects",
            HEALTH: "kind contact_type problem_code title text reason restriction",
            TRACE: "at ground",
        },
        {"ground": "by which right somebody acted for the patient"},
    ),
    "prescriptions.Source": Table(
        "Which other systems tell of prescriptions, and whether they do.",
        OFFICE,
        {LINK: "id", OFFICES: "name phone", STATE: "heard_at failed_at silent_after_minutes"},
    ),
    "prescriptions.Prescription": Table(
        "What a patient is prescribed, shown to her and renewed by her office; what an e-prescription message says.",
        RECORD,
        {
            LINK: "id patient practice prescriber source identifier renews",
            STAFF: "prescriber_name prescriber_hpr",
            HEALTH: "kind group name substance atc strength form form_code product_number pack use amount dispensings "
            "supply_days reimbursement written_date valid_until_date restriction",
            STATE: "withdrawn_at",
        },
        {"restriction": "whether it is hidden from the parents or from the youth"},
    ),
    "prescriptions.Dispensing": Table(
        "What was collected on a prescription, so that what is left can be counted.",
        RECORD,
        {LINK: "id prescription identifier", HEALTH: "dispensed_date amount pharmacy"},
    ),
    "prescriptions.Renewal": Table(
        "An order to renew prescriptions, as the patient or who acts for her sent it.",
        RECORD,
        {
            LINK: "id practice patient sent_by key",
            HEALTH: "note pickup pickup_place",
            TRACE: "sent_at",
            STATE: "due_date warn_date lapse_date",
        },
        {"key": "from the form, so that sending twice makes one order"},
    ),
    "prescriptions.Item": Table(
        "One prescription in an order, how far it has come, and what was decided.",
        RECORD,
        {
            LINK: "id renewal practice patient prescription clinician decided_by result",
            HEALTH: "strength use amount dispensings months staff_note answer times",
            STATE: "status status_at",
        },
    ),
    "prescriptions.Step": Table(
        "The story of a renewal that patient and office read.",
        RECORD,
        {LINK: "id item by_person by_employee", STATE: "status", TRACE: "at"},
    ),
    "prescriptions.Allowance": Table(
        "What an office's doctors renew without a consultation.",
        OFFICE,
        {LINK: "id practice clinician", OFFICES: "atc label verdict"},
    ),
    "prescriptions.Look": Table(
        "Reminds her who opened a prescription that runs out soon and did not order.",
        Kept(f"{span(duties.LOOK_KEPT)} at most; until she orders or is reminded", duties.tidy),
        {LINK: "id prescription patient", TRACE: "at"},
    ),
    "attachments.Attachment": Table(
        "A photo or document that was sent with a message; first it waits for the one who uploaded it.",
        Kept(f"With the record it belongs to; not sent: {span(attachment_rules.WAITS)}", attachments.tidy),
        {
            LINK: "id practice patient by_person by_employee object_id",
            HEALTH: "name media_type size",
            TRACE: "is_scanned received_at attached_at",
        },
        {"object_id": "what it was sent with", "is_scanned": "whether the malware scanner has checked it"},
    ),
    "attachments.Chunk": Table(
        "The content of an attachment, in parts.",
        Kept("As its attachment"),
        {LINK: "id attachment practice number", HEALTH: "data"},
    ),
    "outbox.Notification": Table(
        "Tells a person that something happened, once, and the office when it did not reach her.",
        Kept(f"{span(outbox_rules.KEPT)} after it was sent or left", outbox.tidy),
        {
            LINK: "id object_id sequence recipient practice",
            HEALTH: "event text",
            STATE: "due_at status attempts channel reason",
            TRACE: "created_at status_at",
        },
        {"text": "what was sent; never why, where or with whom"},
    ),
    "practices.Practice": Table(
        "The office, for its patients and for messages to it.",
        OFFICE,
        {
            LINK: "id",
            OFFICES: "name organisation_number her_id street postal_code city phone email website directions"
            " supported_services supports_representation",
        },
    ),
    "practices.OpeningHours": Table(
        "When the office is open.", OFFICE, {LINK: "id practice", OFFICES: "weekday opens closes"}
    ),
    "practices.OpeningException": Table(
        "Days with other hours.", OFFICE, {LINK: "id practice", OFFICES: "date opens closes note"}
    ),
    "practices.Clinician": Table(
        "Who treats patients, shown to them.",
        EMPLOYMENT,
        {LINK: "id", STAFF: "name hpr_number her_id is_specialist"},
    ),
    "practices.Employee": Table(
        "Who works at an office, in which role: decides what she may open.",
        EMPLOYMENT,
        {LINK: "id practice clinician", STAFF: "name role national_number_index starts_date ends_date"},
        {"national_number_index": "finds the employee at login; keyed, so it tells no number"},
    ),
    "practices.Contract": Table(
        "A GP's list, from the GP register.",
        REGISTER,
        {LINK: "id practice", OFFICES: "number max_patients is_common_list"},
    ),
    "practices.ContractDoctor": Table(
        "Which doctors serve a list.", REGISTER, {LINK: "id contract clinician", STAFF: "starts_date ends_date"}
    ),
    "practices.Offer": Table(
        "Which services a doctor offers, and why one is closed.",
        OFFICE,
        {LINK: "id practice clinician", OFFICES: "service is_open closed_until_date closed_reason"},
    ),
    "practices.Absence": Table(
        "When a doctor is away and who stands in: closes times and tells patients.",
        OFFICE,
        {LINK: "id practice clinician substitute", STAFF: "first_date last_date note"},
    ),
    "patients.Person": Table(
        "Who a patient is, from the registers, and how she wants to be reached, from herself.",
        REGISTER,
        {
            LINK: "id",
            IDENTITY: "national_number national_number_index given_name family_name name_keys birth_date death_date"
            " address address_key address_grading",
            CONTACT: "phone email contact_confirmed_at",
            CHOICE: "language notices is_reserved",
        },
        {
            "address_key": "tells who live together, without telling where",
            "name_keys": "keyed beginnings of the name, for the office's search",
            "phone": "notices and the office's calls; removed when she turns all services off",
            "email": "notices; removed when she turns all services off",
            "notices": "which notices go where; removed when she turns all services off",
            "is_reserved": "no digital contact, from the contact register",
        },
    ),
    "patients.Membership": Table(
        "Whose list a person is on: decides which office sees her.",
        REGISTER,
        {LINK: "id person contract", IDENTITY: "starts_date ends_date"},
    ),
    "patients.Responsibility": Table(
        "Who has parental responsibility, from the population register: decides who may act for a child.",
        REGISTER,
        {LINK: "id parent child", IDENTITY: "starts_date ends_date"},
    ),
    "patients.Guardianship": Table(
        "Who is a guardian for whom, from the population register.",
        REGISTER,
        {LINK: "id guardian person", IDENTITY: "starts_date ends_date"},
    ),
    "patients.YouthAccess": Table(
        "A parent's consent to a youth's own access, and its end.",
        RECORD,
        {LINK: "id person given_by ended_by", TRACE: "given_at ended_at"},
    ),
    "patients.PowerOfAttorney": Table(
        "Whom a person has let act for her, in what, and from when to when.",
        RECORD,
        {LINK: "id giver receiver ended_by", CHOICE: "areas starts_date ends_date", TRACE: "given_at ended_at"},
    ),
    "patients.Assignment": Table(
        "Who acts for a patient who lacks capacity, as her GP has confirmed it, and its end.",
        RECORD,
        {
            LINK: "id practice person relative confirmed_by ended_by_employee ended_by_person",
            HEALTH: "relation assessment end_reason",
            TRACE: "confirmed_at ended_at",
        },
    ),
    "consent.Consent": Table(
        "What a citizen has agreed to, from when to when: kept as proof, also after she has turned everything off.",
        RECORD,
        {LINK: "id person given_by", CHOICE: "level", TRACE: "starts_at ends_at"},
    ),
    "appointments.Calendar": Table(
        "A doctor's time at an office.", OFFICE, {LINK: "id practice clinician", OFFICES: "is_active"}
    ),
    "appointments.VisitType": Table(
        "What may be booked, and how.",
        PLAN,
        {
            LINK: "id practice",
            OFFICES: "name name_nn name_en kind minutes channels is_bookable_by_citizens horizon_days lead_minutes"
            " cutoff_hours max_coming preparation is_active position",
        },
    ),
    "appointments.Block": Table(
        "The weekly plan.",
        PLAN,
        {
            LINK: "id calendar",
            OFFICES: "weekday starts ends step_minutes channels is_online first_date last_date",
        },
    ),
    "appointments.Block_visit_types": Table("What a part of the plan is for.", PLAN, {LINK: "id block visittype"}),
    "appointments.Claim": Table(
        "The time an appointment, a hold or the office's own work takes, so that nothing is booked twice.",
        RECORD,
        {
            LINK: "id calendar holder visit_type",
            HEALTH: "period kind channel note",
            STATE: "is_active is_overbooked expires_at",
        },
        {
            "holder": f"whose hold; the row is removed after {span(appointment_rules.HOLD)} when nothing was booked",
            "note": "why the office keeps the time; never about a patient",
        },
    ),
    "appointments.Appointment": Table(
        "A visit, planned or held: part of the patient's record at the office.",
        RECORD,
        {
            LINK: "id practice calendar patient visit_type claim booked_by_person booked_by_employee",
            HEALTH: "channel starts_at ends_at reason cancel_note",
            CHOICE: "restriction",
            STATE: "status sequence",
            TRACE: "booked_at status_at cancelled_by is_late",
        },
    ),
    "appointments.TimeRequest": Table(
        "A wish for a time, and the office's answer: part of the patient's record at the office.",
        RECORD,
        {
            LINK: "id practice clinician patient sent_by key appointment",
            HEALTH: "wishes coarse_times channels answer",
            STATE: "status",
            TRACE: "sent_at status_at",
        },
    ),
    "dialogues.Dialogue": Table(
        "A matter that a patient and her office write about: how far it has come, who answers and by when.",
        RECORD,
        {
            LINK: "id key kind practice contract clinician answerer patient started_by_person started_by_employee"
            " sequence",
            HEALTH: "topic_code subject restriction",
            STATE: "status closed_from due_date is_reply_open assigned_to claimed_by claimed_until",
            TRACE: "ground status_at started_at sent_at delivered_at opened_at answered_at closed_at escalated_at"
            " last_message_at",
        },
        {"key": "the draft it was sent from", "ground": "by which right somebody acted for the patient"},
    ),
    "dialogues.Message": Table(
        "What was written, and the answers to the questions before it. Removed when it is withdrawn unread.",
        RECORD,
        {
            LINK: "id dialogue practice number key by_person by_employee external_ref",
            HEALTH: "text answers",
            STATE: "language",
            TRACE: "at ground read_at",
        },
        {"external_ref": "the other record system's id of the message"},
    ),
    "dialogues.OfferedTime": Table(
        "Times the office chose for the patient in an answer.",
        RECORD,
        {LINK: "id message calendar_id clinician_id visit_type_id", HEALTH: "channel starts_at"},
    ),
    "dialogues.Comment": Table(
        "A word between colleagues about a dialogue. Never shown to the citizen in the portal.",
        RECORD,
        {LINK: "id dialogue practice by_employee to_employee", HEALTH: "text", TRACE: "at"},
    ),
    "dialogues.Step": Table(
        "The dialogue's story, shown to both sides.",
        RECORD,
        {LINK: "id dialogue practice by_employee clinician", STATE: "what due_date kind", TRACE: "at"},
    ),
    "dialogues.Draft": Table(
        "What a citizen has begun to write, so that nothing typed is lost.",
        Kept(f"{span(dialogue_rules.DRAFT_LASTS)} after it was last changed, or until it is sent", dialogues.tidy),
        {
            LINK: "id owner patient practice kind attachment_ids",
            HEALTH: "topic_code answers text",
            TRACE: "started_at saved_at",
        },
    ),
    "dialogues.Topic": Table(
        "What a dialogue may be about at an office.",
        OFFICE,
        {LINK: "id practice", OFFICES: "kind code name name_nn name_en leads_to inquiry_code is_active position"},
    ),
    "dialogues.QuestionSet": Table(
        "What is asked before the text, by version, so that old answers can be read.",
        RECORD,
        {LINK: "id practice made_by", OFFICES: "topic_code version questions", TRACE: "made_at"},
    ),
    "dialogues.Template": Table(
        "Ready answers of an office.",
        OFFICE,
        {LINK: "id practice", OFFICES: "kind name text_nb text_nn text_en position"},
    ),
    "dialogues.Intake": Table(
        "How an office takes dialogues in: guidance, who reads, and how much.",
        OFFICE,
        {
            LINK: "practice",
            OFFICES: "guidance guidance_nn guidance_en contact_guidance contact_guidance_nn contact_guidance_en"
            " secretary_reads opens closes max_open max_a_day is_external",
        },
    ),
    "appointments.Source": Table(
        "Another system that tells of appointments, and whether it is heard from.",
        OFFICE,
        {LINK: "id", OFFICES: "name organisation_number kind phone silent_after_minutes", STATE: "heard_at failed_at"},
    ),
    "appointments.ExternalAppointment": Table(
        "An appointment elsewhere, shown with the others. The source keeps the record.",
        RECORD,
        {
            LINK: "id source identifier patient",
            HEALTH: "starts_at ends_at channel title place instruction join_url",
            STATE: "status sequence",
            TRACE: "received_at sent_at",
        },
    ),
    "video.Room": Table(
        "The room of a video appointment: how far the visit has come.",
        Kept(f"{span(video_rules.ROOM_KEPT)} after the appointment; the record keeps what was filed", video.tidy),
        {
            LINK: "id practice appointment",
            STATE: "state outcome endings delayed_until",
            TRACE: "opened_at started_at ended_at",
            HEALTH: "message",
        },
        {"message": "what the office told those who waited; emptied when the visit begins"},
    ),
    "video.Seat": Table(
        "One person in a video room: when she came, who confirmed her identity, and how the connection was.",
        Kept(f"{span(video_rules.ROOM_KEPT)} after the appointment", video.tidy),
        {
            LINK: "id practice room person employee guest identity_by",
            STATE: "role state tab quality worst_quality has_audio has_video shares_screen has_answered",
            TRACE: "entered_at admitted_at seen_at identity identity_at call_asked_at",
            CONTACT: "call_number",
        },
        {"call_number": "the number she asked to be called on", "has_answered": "that she did, never what"},
    ),
    "video.Guest": Table(
        "An interpreter or a relative whom the patient lets be there.",
        Kept(f"{span(video_rules.ROOM_KEPT)} after the appointment; an unused link a day after it expired", video.tidy),
        {
            LINK: "id practice room invited_by_person invited_by_employee",
            IDENTITY: "kind name",
            LOGIN: "token_hash cookie_hash expires_at",
            TRACE: "invited_at used_at",
            CHOICE: "agreed_at agreed_by_person agreed_told_by",
        },
        {"token_hash": "knows the link; tells nothing of it", "cookie_hash": "knows the browser that used the link"},
    ),
    "video.Signal": Table(
        "What the browsers of a video visit tell each other to connect. Never picture, sound or chat.",
        Kept(f"Until the visit ends, at most {span(video_rules.SIGNALS_KEPT)}", video.tidy),
        {LINK: "id practice room to sender", STATE: "kind", CONTACT: "data", TRACE: "sent_at"},
        {"data": "network addresses and encryption fingerprints of her device"},
    ),
    "video.DeviceTest": Table(
        "Shows a person and her office whether her camera, sound and network work, before a video visit.",
        Kept(span(video_rules.TEST_KEPT), video.tidy),
        {
            LINK: "id person",
            STATE: "camera camera_fault microphone microphone_fault speaker speaker_fault network network_fault"
            " relay relay_fault",
            TRACE: "tested_at",
        },
    ),
    "video.Feedback": Table(
        "How video works for the office's patients. Not linked to anybody.",
        Kept(span(video_rules.FEEDBACK_KEPT), video.tidy),
        {LINK: "id practice", TRACE: "date", STATE: "picture_and_sound was_enough"},
    ),
    "journeys.Export": Table(
        "A copy of her own data that a citizen has asked for.",
        Kept(f"{span(own_data.LASTS)} after it was asked for", own_data.tidy),
        {LINK: "id person", STATE: "step", TRACE: "asked_at failed_at ready_at ends_at", HEALTH: "pdf fhir"},
    ),
    "api.ApiClient": Table(
        "A system that may use the API.",
        Kept("Until the operator removes it by the command line"),
        {LINK: "id source", LOGIN: "name jwks scopes is_active", STATE: "minute_at minute_count", TRACE: "created_at"},
    ),
    "api.AccessToken": Table(
        "Proves that a system has logged in.",
        Kept(f"{span(api_rules.TOKEN_LASTS)}, and until the next hour", api.tidy),
        {LINK: "id client", LOGIN: "token_hash scopes expires_at"},
    ),
    "api.UsedAssertion": Table(
        "Stops a system's login from being used twice.",
        Kept("Until it is too old to be used again", api.tidy),
        {LINK: "id client", LOGIN: "jti expires_at"},
    ),
}

HEAD = """# Data register

Made from `legedialog/operations/data_register.py`; a test fails for a field that is missing. What has a job is
removed by the hourly job `retention` (`legedialog/operations/tasks.py`). Finished jobs, which hold ids and codes, are
removed after {hours} hours. Proof (consents, locks, the log) is not removed because a citizen turns everything off.
Sealed fields are encrypted in the database (docs/adr/0005-encryption.md).
"""


def models() -> Iterator[type[Model]]:
    """Ours, with the tables between them."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed:  # a view stores nothing
            continue
        if model._meta.app_config and model._meta.app_config.name.startswith("legedialog."):
            yield model


def fields(model: type[Model]) -> dict[str, "Field[object, object]"]:
    return {each.name: each for each in model._meta.concrete_fields}


def page() -> str:
    from legedialog.operations.tasks import JOBS_KEPT

    parts = [HEAD.format(hours=JOBS_KEPT)]
    for model in models():
        table = REGISTER_OF_DATA[model._meta.label]
        job = "" if table.kept.removed_by is None else f" (job: `{table.kept.removed_by.__module__}`)"
        parts.append(f"\n## {model._meta.label}\n\n{table.purpose}\nKept: {table.kept.text}{job}.\n\n")
        parts.append("| field | category | purpose |\n| --- | --- | --- |\n")
        category = {name: each for each, names in table.fields.items() for name in names.split()}
        for name, stored in fields(model).items():
            sealed = ", sealed" if isinstance(stored, EncryptedTextField) else ""
            parts.append(f"| `{name}` | {category[name]}{sealed} | {table.about.get(name, 'as the table')} |\n")
    return "".join(parts)
