"""Who may see a piece of clinical content: one table for each side, and no other. No database, no clock.

A piece is what one person wrote or what happened once: an e-consultation, what an appointment is about, a note. The
tables say for each kind of content what each reader may. `scope` puts a reader to them; what it answers is a handful
of facts, which policy.py turns into rows or into one answer. Lists, pages, files, the record, search, own data and
notices ask it, and what the citizen is told of who reads is made from it. docs/visibility.md is made from this file.
See docs/adr/0042-one-reader.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import TextChoices

from legedialog.access.actor import Actor, Kind, Role
from legedialog.patients.representation import Area, Ground, Restriction, is_hidden


class Content(TextChoices):
    """What a piece was made of. It follows the piece wherever it is shown."""

    ECONSULTATION = "econsultation"  # written between a patient and her doctor, with its files
    CONTACT = "contact"  # written between a patient and the office, with its files
    APPOINTMENT = "appointment"  # that there is one: when, with whom, on which channel
    REASON = "reason"  # what an appointment is about, in somebody's words
    WISH = "wish"  # the words of a request for a time, and the answer
    PRESCRIPTION = "prescription"
    CAUTION = "caution"  # what must be thought of before she is given something
    RENEWAL = "renewal"  # an order of prescriptions, with its note and answer
    VIDEO = "video"  # what the record tells of a video visit
    NOTE = "note"  # what staff wrote in the record itself, with its files
    HOSPITAL = "hospital"  # an appointment that a hospital has told of
    MUNICIPALITY = "municipality"  # an appointment that the municipality has told of
    VISIT_PRICE = "visit-price"  # what an appointment costs and cost, and whether it is paid
    WORDS_PRICE = "words-price"  # the same of an e-consultation
    RENEWAL_PRICE = "renewal-price"


class Office(StrEnum):
    """What somebody at the office may, of the office's own."""

    READS = "reads"
    HERS = "reads what is hers to answer; the rest in the record"
    TOLD = "reads where the office has said so and the patient was told"
    KNOWS = "sees that it is there, not a word of it"
    NOTHING = "–"


R, K, N = Office.READS, Office.KNOWS, Office.NOTHING
# Doctors of an office read the whole record of the patients they treat, also what a colleague was asked. In the inbox
# each has what is hers to answer. Source: docs/facts.md#roles.
OFFICE: dict[Content, dict[Role, Office]] = {
    content: dict(zip((Role.DOCTOR, Role.SUBSTITUTE, Role.SECRETARY, Role.MANAGER), row, strict=True))
    for content, row in {
        Content.ECONSULTATION: (Office.HERS, Office.HERS, Office.TOLD, K),
        Content.CONTACT: (R, R, R, K),
        Content.APPOINTMENT: (R, R, R, R),
        Content.REASON: (R, R, R, N),
        Content.WISH: (R, R, R, K),
        Content.PRESCRIPTION: (R, R, R, N),
        Content.CAUTION: (R, R, R, N),
        Content.RENEWAL: (R, R, R, N),
        Content.VIDEO: (R, R, R, N),
        Content.NOTE: (R, R, R, N),
        Content.HOSPITAL: (N, N, N, N),  # told to the citizen, for herself
        Content.MUNICIPALITY: (N, N, N, N),
        # Money is everybody's work at an office, the manager's above all. It tells that there was contact, and codes.
        Content.VISIT_PRICE: (R, R, R, R),
        Content.WORDS_PRICE: (R, R, R, R),
        Content.RENEWAL_PRICE: (R, R, R, R),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Own:
    """What a citizen may, of the patient's whose affairs she handles. The patient herself, 16 or older, sees all of it.

    `proxy`: the area who acts for another needs; None: never theirs. `youth`: what one of 13 to 15 alone needs.
    `unless_a_proxy_wrote`: not shown to her who is alone when somebody wrote it for her.
    Source: docs/facts.md#children.
    """

    proxy: Area | None
    youth: Area
    unless_a_proxy_wrote: bool = True


OWN: dict[Content, Own] = {
    Content.ECONSULTATION: Own(Area.MESSAGES, Area.INBOX),
    Content.CONTACT: Own(Area.MESSAGES, Area.INBOX),
    Content.APPOINTMENT: Own(Area.APPOINTMENTS, Area.APPOINTMENTS, unless_a_proxy_wrote=False),
    Content.REASON: Own(Area.APPOINTMENTS, Area.APPOINTMENTS),
    Content.WISH: Own(Area.APPOINTMENTS, Area.APPOINTMENTS),
    Content.PRESCRIPTION: Own(Area.PRESCRIPTIONS, Area.PRESCRIPTIONS, unless_a_proxy_wrote=False),
    Content.CAUTION: Own(Area.PRESCRIPTIONS, Area.PRESCRIPTIONS, unless_a_proxy_wrote=False),
    Content.RENEWAL: Own(Area.PRESCRIPTIONS, Area.PRESCRIPTIONS),
    Content.VIDEO: Own(None, Area.INBOX),  # in the file of her own data
    Content.NOTE: Own(None, Area.INBOX),
    Content.HOSPITAL: Own(Area.SPECIALIST, Area.SPECIALIST, unless_a_proxy_wrote=False),
    Content.MUNICIPALITY: Own(Area.APPOINTMENTS, Area.APPOINTMENTS, unless_a_proxy_wrote=False),
    Content.VISIT_PRICE: Own(Area.APPOINTMENTS, Area.APPOINTMENTS, unless_a_proxy_wrote=False),
    Content.WORDS_PRICE: Own(Area.MESSAGES, Area.INBOX),
    Content.RENEWAL_PRICE: Own(Area.PRESCRIPTIONS, Area.PRESCRIPTIONS),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pieces of one content a reader sees: those of `patients` that the rest does not take away, and those of
    `practices`. Empty for a stranger."""

    patients: frozenset[UUID] = frozenset()
    hidden: frozenset[str] = frozenset()  # restrictions that take a piece away from her
    written_by: frozenset[UUID] | None = None  # only what these wrote, or the office
    practices: frozenset[UUID] = frozenset()
    only_hers: bool = False  # at the office: what is hers to answer
    only_told: bool = False  # at the office: where it reads with the patient's knowledge


def scope(actor: Actor, content: Content, *, is_record: bool = False, knows: bool = False) -> Scope:
    """`is_record`: in the patient's record, where doctors read what is a colleague's to answer. `knows`: also what she
    sees only that it is there."""
    if actor.kind is Kind.CITIZEN:
        return _citizen(actor, OWN[content])
    if actor.kind is Kind.STAFF and actor.role:
        return _staff(actor, OFFICE[content][actor.role], is_record, knows)
    if actor.kind is Kind.SYSTEM:  # jobs, for the office they work for
        return Scope(practices=actor.practices)
    return Scope()  # who runs the platform, other systems, and who is nobody


def _citizen(actor: Actor, own: Own) -> Scope:
    if actor.areas is None and not actor.ground:
        return Scope(patients=actor.patients)
    is_youth = actor.ground == Ground.YOUTH
    area = own.youth if is_youth else own.proxy
    if area is None or not actor.opens(area) or actor.person_id is None:
        return Scope()
    return Scope(
        patients=actor.patients,
        hidden=frozenset(each for each in Restriction.values if is_hidden(each, actor.ground)),
        written_by=frozenset({actor.person_id}) if is_youth and own.unless_a_proxy_wrote else None,
    )


def _staff(actor: Actor, office: Office, is_record: bool, knows: bool) -> Scope:
    if office is Office.NOTHING or (office is Office.KNOWS and not knows):
        return Scope()
    return Scope(
        practices=actor.practices,
        only_hers=office is Office.HERS and not is_record,
        only_told=office is Office.TOLD,
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece, for one answer. `written_by` is None for the office's own; `is_hers` whether it is the reader's."""

    content: Content
    patient_id: UUID
    practice_id: UUID | None = None  # None: nobody at an office asks
    restriction: str = Restriction.NORMAL.value
    written_by: UUID | None = None
    is_told: bool = False  # reception reads e-consultations here, and the patient was told
    is_hers: bool = False


def holds(scope: Scope, piece: Piece) -> bool:
    """Whether the piece is one of the scope's. policy.py says the same of rows; a test compares the two."""
    if piece.practice_id in scope.practices:
        return (piece.is_hers or not scope.only_hers) and (piece.is_told or not scope.only_told)
    return (
        piece.patient_id in scope.patients
        and piece.restriction not in scope.hidden
        and (scope.written_by is None or piece.written_by is None or piece.written_by in scope.written_by)
    )


# ---- docs/visibility.md

HEAD = """# Who may see what

Made from `legedialog/visibility/rules.py` by `legedialog docs`. Every list, page, search, file, notice and copy of a
piece of clinical content asks the same tables, so that what is closed in one place is closed in all. A test walks every
way to one piece of each content as each of these. See [ADR 42](adr/0042-one-reader.md).

Who opens which address at all: [permissions.md](permissions.md). Who may act for whom:
[representation.md](representation.md).

| content | what it is |
| --- | --- |
{contents}
"""
ABOUT: dict[Content, str] = {
    Content.ECONSULTATION: "written between a patient and her doctor, with its files",
    Content.CONTACT: "written between a patient and the office, with its files",
    Content.APPOINTMENT: "that there is one: when, with whom, on which channel",
    Content.REASON: "what an appointment is about, in somebody's words",
    Content.WISH: "the words of a request for a time, and the answer",
    Content.PRESCRIPTION: "a prescription",
    Content.CAUTION: "what must be thought of before she is given something (CAVE)",
    Content.RENEWAL: "an order of prescriptions, with its note and answer",
    Content.VIDEO: "what the record tells of a video visit",
    Content.NOTE: "what staff wrote in the record itself, with its files",
    Content.HOSPITAL: "an appointment that a hospital has told of",
    Content.MUNICIPALITY: "an appointment that the municipality has told of",
    Content.VISIT_PRICE: "what an appointment costs and cost, and whether it is paid",
    Content.WORDS_PRICE: "what an e-consultation costs and cost, and whether it is paid",
    Content.RENEWAL_PRICE: "what a renewal costs and cost, and whether it is paid",
}
AT_THE_OFFICE = """## At the office

| content | {roles} |
| --- |{lines}
{rows}
- The record is opened with a reason: an open contact with the office, or a purpose that has been stated. Every look
  stands in the patient's log.
- Reception reads an e-consultation where the office has switched that on, and only those that were sent while the
  patient was told so.
- Another office sees nothing. Prescriptions are the exception: the patient's own office sees what others have written.
- Who runs the platform sees no content. Another system sees the appointments that it has told of itself, and nothing
  else.
"""
CITIZENS = """
## The patient, and who acts for her

| content | herself, 16 or older | who acts for her | herself, 13 to 15, alone |
| --- | --- | --- | --- |
{rows}
- Which areas are open to a parent, a guardian and an attorney, and at which age:
  [representation.md](representation.md).
- What is hidden from parents (code 9603 `NORN_FORANS`) is taken away from parents and guardians, what is hidden from
  the youth (`NORN_UNGDOM`) from her. It is asked of the piece as it is now, also of what was filed in the record before
  it was hidden.
- Under 13 alone, or without youth access: nothing. Locked (akuttsperre): nobody but the office.
- Who acts for another never gets the record or the file of a person's own data.
"""


def page() -> str:
    contents = "".join(f"| **{content}** | {ABOUT[content]} |\n" for content in Content)
    roles = " | ".join(Role)
    office = "".join(
        f"| {content} | {' | '.join(OFFICE[content][role].value for role in Role)} |\n" for content in Content
    )
    return (
        HEAD.format(contents=contents)
        + AT_THE_OFFICE.format(roles=roles, lines=" --- |" * len(Role), rows=office)
        + CITIZENS.format(rows="".join(_own_row(content) for content in Content))
    )


def _own_row(content: Content) -> str:
    own = OWN[content]
    proxy = f"with the area `{own.proxy}`, unless hidden" if own.proxy else Office.NOTHING.value
    less = ", but what somebody wrote for her" if own.unless_a_proxy_wrote else ""
    return f"| {content} | all | {proxy} | with the area `{own.youth}`, unless hidden{less} |\n"
