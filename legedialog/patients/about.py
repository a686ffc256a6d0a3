"""What this context says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import (
    CHOICE,
    CONTACT,
    HEALTH,
    IDENTITY,
    LINK,
    RECORD,
    REGISTER,
    TRACE,
    About,
    Chapter,
    Gauge,
    Kept,
    Measure,
    RowOf,
    Table,
    belongs_to,
    kept_stays,
)
from legedialog.patients import merging, queries, representation_page, services, story, walk_ins
from legedialog.patients.help import TOPICS
from legedialog.patients.own import LISTS, POWERS, WALK_INS

ABOUT = About(
    tables={
        "Person": Table(
            belongs_to(
                "id",
                also="EXISTS (SELECT FROM patients_membership m WHERE m.person_id = patients_person.id)"
                " OR fence.office_knows(patients_person.id)",
                written_by=("id", "local_to"),
            ),
            "Who a patient is, from the registers, and how she wants to be reached, from herself.",
            REGISTER,
            {
                LINK: "id local_to former_ids",
                IDENTITY: "national_number national_number_index given_name family_name name_keys birth_date death_date"
                " address address_key address_grading",
                CONTACT: "phone email contact_confirmed_at",
                CHOICE: "language notices is_reserved",
                TRACE: "confirmed_at reservation_confirmed_at asked_at",
            },
            {
                "confirmed_at": "when the population register last said so: too old, and nobody acts on it",
                "asked_at": "when the registers were last asked, so that nobody is asked about all the time",
                "former_ids": "of rows that have become this one: the log has lines under them",
                "address_key": "tells who live together, without telling where",
                "name_keys": "keyed beginnings of the name, for the office's search",
                "phone": "notices and the office's calls; removed when she turns all services off",
                "email": "notices; removed when she turns all services off",
                "notices": "which notices go where; removed when she turns all services off",
                "is_reserved": "no digital contact, from the contact register",
            },
            not_hers={
                "national_number_index": "made from her number, to find her by",
                "name_keys": "made from her name, to find her by",
                "death_date": "in the file for systems alone",
                "address_key": "made from her address",
                "address_grading": "the population register's, who tells her; a file that lies about must not show it",
                "contact_confirmed_at": "in the file to read; FHIR has no place for it",
                "is_reserved": "in the file to read; FHIR has no place for it",
                "notices": "in the file to read; FHIR has no place for it",
            },
            stays={"is_reserved": "the contact register's, not what she has told us"},
            moves="former_ids",
            is_removed=True,
        ),
        "WalkIn": Table(
            belongs_to("practice", "person", written_by=("practice",)),
            "Whom an office has registered itself, as she is on no list of its: decides that the office sees her.",
            RECORD,
            {
                LINK: "id practice person registered_by merge_id",
                IDENTITY: "number number_index number_kind proof",
                TRACE: "registered_at asked_at differs_at joined_at",
            },
            {
                "proof": "how it was proven who she is, in the office's words",
                "asked_at": "when the population register was last asked whether it knows the number",
                "differs_at": "when the register's person with the number had another name or birth date",
                "merge_id": "what made her the register's person, so that it can be taken back",
            },
            not_hers={
                "number_index": "made from the number, to find her by",
                "number_kind": "tells what kind of number it is",
            },
            fixed="registered_at",
            moves="merge_id",
            is_removed=True,
        ),
        "FormerNumber": Table(
            belongs_to("person", follows="person", written_by=()),
            "Finds a person by a national number that was hers.",
            REGISTER,
            {LINK: "id person was_of", IDENTITY: "national_number national_number_index", TRACE: "replaced_at"},
            not_hers={
                "national_number": "out of use; the one she has stands there, and the log says when it changed",
                "national_number_index": "made from the number, to find her by",
            },
            is_append_only=True,
            is_removed=True,
        ),
        "Merge": Table(
            belongs_to(),
            "Two rows became one person, and can be made two again for a while.",
            Kept("As long as the records that name her; what it takes to undo it, 30 days", merging.tidy),
            {LINK: "id kept gone_id", TRACE: "merged_at undo_until undone_at", IDENTITY: "trace"},
            {"trace": "the row that is gone and what was changed, sealed; emptied after 30 days"},
            not_hers={"trace": "what it takes to take a merge back; what it holds of her stands with her"},
            fixed="merged_at undo_until",
        ),
        "Membership": Table(
            belongs_to("person", "contract.practice", written_by=()),
            "Whose list a person is on: decides which office sees her.",
            REGISTER,
            {LINK: "id person contract", IDENTITY: "starts_date ends_date", TRACE: "confirmed_at asked_at"},
            not_hers={
                "starts_date": "in the file to read; the register tells systems",
                "ends_date": "in the file to read; the register tells systems",
            },
            moves="contract",  # a register that mends which list it was
            is_removed=True,
        ),
        "Responsibility": Table(
            belongs_to("parent", "child", follows="child", written_by=()),
            "Who has parental responsibility, from the population register: decides who may act for a child.",
            REGISTER,
            {LINK: "id parent child", IDENTITY: "starts_date ends_date", TRACE: "confirmed_at"},
            not_hers={
                "starts_date": "the population register's, and of two persons",
                "ends_date": "the population register's, and of two persons",
            },
            is_removed=True,
        ),
        "Guardianship": Table(
            belongs_to("guardian", "person", follows="person", written_by=()),
            "Who is a guardian for whom, from the population register.",
            REGISTER,
            {LINK: "id guardian person", IDENTITY: "starts_date ends_date", TRACE: "confirmed_at"},
            not_hers={
                "starts_date": "the population register's, and of two persons",
                "ends_date": "the population register's, and of two persons",
            },
            is_removed=True,
        ),
        "YouthAccess": Table(
            belongs_to("person", "given_by", follows="person", written_by=("person", "given_by")),
            "A parent's consent to a youth's own access, and its end.",
            RECORD,
            {LINK: "id person given_by ended_by", TRACE: "given_at ended_at"},
            fixed="given_at",
            moves="ended_by",
            is_removed=True,
        ),
        "PowerOfAttorney": Table(
            belongs_to("giver", "receiver", follows="giver", written_by=("giver", "receiver")),
            "Whom a person has let act for her, in what, and from when to when.",
            RECORD,
            {LINK: "id giver receiver ended_by", CHOICE: "areas starts_date ends_date", TRACE: "given_at ended_at"},
            fixed="areas given_at",
            moves="ended_by",
            is_removed=True,
        ),
        "Assignment": Table(
            belongs_to("person", "relative", "practice", follows="person", written_by=("practice", "relative")),
            "Who acts for a patient who lacks capacity, as her GP has confirmed it, and its end.",
            RECORD,
            {
                LINK: "id practice person relative confirmed_by ended_by_employee ended_by_person",
                HEALTH: "relation assessment end_reason",
                TRACE: "confirmed_at ended_at",
            },
            not_hers={
                "relation": "stands in the record, as an entry",
                "assessment": "stands in the record, as an entry",
                "end_reason": "stands in the record, as an entry",
            },
            fixed="relation assessment confirmed_at",
            moves="ended_by_employee ended_by_person",
            is_removed=True,
        ),
    },
    parameters={
        "assignment_id": RowOf("patients.Assignment", patient="relative", practice="practice", is_hers=True),
        "patient_id": RowOf(
            "patients.Person", practice="memberships__contract__practice walk_ins__practice", is_hers=True
        ),
        "power_id": RowOf("patients.PowerOfAttorney", patient="giver receiver"),
    },
    topics=TOPICS,
    own=(LISTS, POWERS, WALK_INS),
    forget=lambda actor, person_id, now: services.forget_contact(actor=actor, person_id=person_id, now=now),
    ids={
        "patients.Person.former_ids": "ids she had, for the log",
        "patients.FormerNumber.was_of": "the row that had the number, for the undo",
        "patients.Merge.gone_id": "the row that is gone",
        "patients.WalkIn.merge_id": "a merge",
    },
    merges={
        "patients.Person": merging.settle_person,
        "patients.WalkIn": kept_stays,
        "patients.Membership": merging.settle_memberships,
        "patients.Responsibility": merging.settle_responsibilities,
        "patients.Guardianship": merging.settle_guardianships,
        "patients.YouthAccess": merging.settle_youth_accesses,
        "patients.PowerOfAttorney": merging.settle_powers,
        "patients.Assignment": merging.settle_assignments,
    },
    has_contact=walk_ins.has_contact,
    measures=(
        Measure(
            *("stale_register_facts", "Facts from the registers that are too old to be relied upon.", 0),
            "Somebody cannot act for another: look whether the registers answer, in the worker's log.",
            value=lambda now: sum(age.too_old for age in queries.ages(now)),
        ),
    ),
    gauges=(
        Gauge(
            *("register_facts", "Facts from the registers, by how long ago they were confirmed.", ("fact", "state")),
            read=queries.counted_by_age,
        ),
    ),
    story=(Chapter(30, story.play),),
    pages={"representation.md": representation_page.page},
)
