"""Who may see, answer and sort dialogues. A stranger's row is not found; a colleague without the task is denied.

Who sees what is decided in visibility/rules.py, for the inbox, the record and the patient's pages alike. Here stands
which e-consultations are a doctor's to answer, and who may do what with those that are found.
"""

from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind, Role
from legedialog.core.errors import Denied, NotFound
from legedialog.core.finding import found
from legedialog.core.names import by_name
from legedialog.dialogues import rules
from legedialog.dialogues.models import Dialogue, Draft, Message
from legedialog.journal import policy as record
from legedialog.patients.representation import Area, Ground, Restriction
from legedialog.practices.models import ContractDoctor, Employee
from legedialog.visibility import policy as visibility
from legedialog.visibility.policy import Fields, Office
from legedialog.visibility.rules import Content, Piece

CARES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})
DOCTORS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})
SORTS = CARES | {Role.MANAGER}
SETS_UP = frozenset({Role.MANAGER, Role.DOCTOR})


FIELDS = Fields(
    (Content.ECONSULTATION, Content.CONTACT), content="kind", written_by="started_by_person", told="told_reception"
)
MESSAGES = Fields(
    FIELDS.contents,
    content="dialogue__kind",
    patient="dialogue__patient",
    restriction="dialogue__restriction",
    written_by="by_person",
    told="dialogue__told_reception",
)


def visible_to(actor: Actor) -> QuerySet[Dialogue]:
    """Rows she may know of, by the tables of visibility/rules.py. No joins but for reception."""
    found = visibility.rows(actor, FIELDS, Office(hers=_hers(actor)), knows=True)
    return record.in_sight(Dialogue.objects.filter(found), "pk")  # none that stood with the wrong person


def messages_visible_to(actor: Actor) -> QuerySet[Message]:
    """What was written in those, but for what a youth alone does not read."""
    return written().filter(
        visibility.rows(actor, MESSAGES, Office(hers=Q())), dialogue__in=visible_to(actor).values("pk")
    )


def _hers(actor: Actor) -> Q:
    """What is this doctor's to answer: her own list's, those she stands in for, those she is given, and for a
    substitute those that near their date."""
    if not actor.clinician_id:
        return Q(pk__in=[])
    serves = ContractDoctor.objects.filter(
        Q(ends_date=None) | Q(ends_date__gt=Now()), contract=OuterRef("contract"), clinician=actor.clinician_id
    )
    own = Q(clinician=actor.clinician_id) | Q(answerer=actor.clinician_id) | Q(Exists(serves))
    nearing = Q(escalated_at__isnull=False) if actor.role is Role.SUBSTITUTE else Q(pk__in=[])
    return Q(assigned_to=actor.employee_id) | own | nearing


def piece(dialogue: Dialogue, written_by: UUID | None = None) -> Piece:
    """One of the reader's own rows, for a single answer. `written_by`: of one message in it."""
    return Piece(
        Content(dialogue.kind),
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
        restriction=dialogue.restriction,
        written_by=written_by,
        is_told=dialogue.told_reception,
        is_hers=True,
    )


def find(actor: Actor, dialogue_id: UUID, *, lock: bool = False, with_names: bool = False) -> Dialogue:
    """`with_names`: of patient, office and doctors, for who shows it."""
    rows = visible_to(actor)
    if with_names:
        rows = rows.select_related("answerer", "practice", "clinician", "patient")
    return found(rows, dialogue_id, lock=lock)


def find_draft(actor: Actor, draft_id: UUID, *, lock: bool = False) -> Draft:
    """Her own, for the one she acts for now."""
    rows = Draft.objects.filter(owner=actor.person_id, patient__in=actor.patients) if actor.is_citizen else None
    draft = (rows.select_for_update() if lock else rows).filter(pk=draft_id).first() if rows is not None else None
    if draft is None:
        raise NotFound
    return draft


def check_writes(actor: Actor, patient_id: UUID) -> None:
    """The patient herself, or somebody who may write for her. Anyone else learns nothing."""
    if not actor.is_citizen or patient_id not in actor.patients:
        raise NotFound
    if not actor.opens(Area.MESSAGES):
        raise Denied(_("Du kan ikke skrive til legen eller kontoret her. Ring legekontoret."))


def check_restrict(actor: Actor, dialogue: Dialogue, restriction: str) -> None:
    """A doctor at the office, and a youth who is alone: she hides from her parents only.

    Source: docs/facts.md#children.
    """
    if _works_there(actor, dialogue) and actor.role in DOCTORS:
        return
    if actor.ground == Ground.YOUTH and restriction != Restriction.FROM_YOUTH:
        return
    raise Denied(_("Bare legen og ungdommen selv kan skjule en dialog."))


def check_reads(actor: Actor, dialogue: Dialogue) -> None:
    """What was written in a dialogue that was found. The manager sees only that it waits."""
    if visibility.sees(actor, piece(dialogue)):
        return
    raise Denied(_("Bare de som arbeider med pasienter, kan lese meldinger."))


def check_answers(actor: Actor, dialogue: Dialogue) -> None:
    """E-consultations: doctors. Contacts: reception and doctors."""
    if not _works_there(actor, dialogue):
        raise NotFound
    if actor.role in roles_for(dialogue.kind):
        return
    if dialogue.kind == rules.Kind.ECONSULTATION and actor.role is Role.SECRETARY:
        raise Denied(_("Bare legen kan svare på en e-konsultasjon."))
    raise Denied(_("Bare de som arbeider med pasienter, kan svare på meldinger."))


def check_sorts(actor: Actor, dialogue: Dialogue) -> None:
    """Assign, forward and move: those who work with patients, and the manager."""
    if not _works_there(actor, dialogue):
        raise NotFound
    if actor.role not in SORTS:
        raise Denied(_("Bare de som arbeider ved kontoret, kan fordele meldinger."))


def check_starts(actor: Actor, practice_id: UUID, kind: str) -> None:
    """Whoever may answer that kind may also begin."""
    if practice_id not in actor.practices or actor.kind is not Kind.STAFF:
        raise NotFound
    if actor.role not in roles_for(kind):
        raise Denied(_("Bare legen kan starte en dialog om helse."))


def check_sets_up(actor: Actor, practice_id: UUID) -> None:
    """Topics, questions, guidance and limits: the manager and the doctors."""
    if practice_id not in actor.practices or actor.kind is not Kind.STAFF:
        raise NotFound
    if actor.role not in SETS_UP:
        raise Denied(_("Bare lederen og legene kan endre dette."))


def check_templates(actor: Actor, practice_id: UUID) -> None:
    """Everybody who writes with them."""
    if practice_id not in actor.practices or actor.kind is not Kind.STAFF:
        raise NotFound
    if actor.role not in SORTS:
        raise Denied(_("Bare de som arbeider ved kontoret, kan endre maler."))


def roles_for(kind: str) -> frozenset[Role]:
    """Who answers one of this kind."""
    return DOCTORS if kind == rules.Kind.ECONSULTATION else CARES


def colleagues(practice_id: UUID, kind: str, today: date) -> QuerySet[Employee]:
    """Those who may be given a dialogue of this kind, by name."""
    roles = roles_for(kind)
    running = Q(starts_date__lte=today) & (Q(ends_date=None) | Q(ends_date__gt=today))
    return Employee.objects.filter(running, practice=practice_id, role__in=roles).order_by(by_name("name"), "pk")


def _works_there(actor: Actor, dialogue: Dialogue) -> bool:
    return actor.kind is Kind.STAFF and dialogue.practice_id in actor.practices


def written() -> QuerySet[Message]:
    """What was written, but for what stood with the wrong person. Whose dialogue it is, is asked beside it."""
    return record.in_sight(Message.objects.all(), "pk")
