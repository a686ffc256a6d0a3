"""Who may see, answer and sort dialogues. A stranger's row is not found; a colleague without the task is denied.

E-consultations are the doctors': her own list's, those she stands in for, those she is assigned, and for a substitute
those that near their date. Contacts are the office's. Reception sees e-consultations only where the office has said so
and the citizen is told. The manager sees that something waits and can give it to somebody, never what it says.
"""

from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind, Role
from legedialog.core.errors import Denied, NotFound
from legedialog.core.names import by_name
from legedialog.dialogues import rules
from legedialog.dialogues.models import Dialogue, Draft, Intake
from legedialog.patients.representation import Area, Ground, Restriction, is_hidden
from legedialog.practices.models import ContractDoctor, Employee

CARES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})
DOCTORS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})
SORTS = CARES | {Role.MANAGER}
SETS_UP = frozenset({Role.MANAGER, Role.DOCTOR})


def visible_to(actor: Actor) -> QuerySet[Dialogue]:
    """Rows she may know of: a citizen's own, and at the office those of her role. No joins."""
    if actor.kind is Kind.STAFF:
        return Dialogue.objects.filter(_of_role(actor), practice__in=actor.practices)
    if actor.kind is Kind.SYSTEM:
        return Dialogue.objects.filter(practice__in=actor.practices)
    rows = Dialogue.objects.filter(patient__in=_whose(actor))
    if hidden := [each for each in Restriction.values if is_hidden(each, actor.ground)]:
        rows = rows.exclude(restriction__in=hidden)
    if actor.ground == Ground.YOUTH:  # what a parent wrote for her is the parent's. Source: domain.md 1.1
        rows = rows.filter(Q(started_by_person=actor.person_id) | Q(started_by_person=None))
    return rows


def _whose(actor: Actor) -> frozenset[UUID]:
    """A youth alone reads what the office wrote to her; whoever acts for another needs the area for writing."""
    may = actor.opens(Area.MESSAGES) or (actor.ground == Ground.YOUTH and actor.opens(Area.INBOX))
    return actor.patients if may else frozenset()


def _of_role(actor: Actor) -> Q:
    mine = Q(assigned_to=actor.employee_id)
    contacts = Q(kind=rules.Kind.CONTACT)
    if actor.role is Role.MANAGER:
        return Q()
    if actor.role is Role.SECRETARY:
        told = Intake.objects.filter(practice=OuterRef("practice"), secretary_reads=True)
        return contacts | mine | Q(Exists(told))
    if actor.role in DOCTORS and actor.clinician_id:
        serves = ContractDoctor.objects.filter(
            Q(ends_date=None) | Q(ends_date__gt=Now()), contract=OuterRef("contract"), clinician=actor.clinician_id
        )
        own = Q(clinician=actor.clinician_id) | Q(answerer=actor.clinician_id) | Q(Exists(serves))
        nearing = Q(escalated_at__isnull=False) if actor.role is Role.SUBSTITUTE else Q(pk__in=[])
        return contacts | mine | own | nearing
    return Q(pk__in=[])


def find(actor: Actor, dialogue_id: UUID, *, lock: bool = False) -> Dialogue:
    rows = visible_to(actor)
    if lock:
        rows = rows.select_for_update(of=("self",))
    dialogue = rows.filter(pk=dialogue_id).first()
    if dialogue is None:
        raise NotFound
    return dialogue


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
    """A doctor at the office, and a youth who is alone: she hides from her parents only. Source: domain.md 1.1."""
    if _works_there(actor, dialogue) and actor.role in DOCTORS:
        return
    if actor.ground == Ground.YOUTH and restriction != Restriction.FROM_YOUTH:
        return
    raise Denied(_("Bare legen og ungdommen selv kan skjule en dialog."))


def check_reads(actor: Actor, dialogue: Dialogue) -> None:
    """What was written. The manager sees only that it waits."""
    if actor.is_citizen or (_works_there(actor, dialogue) and actor.role in CARES):
        return
    raise Denied(_("Bare de som arbeider med pasienter, kan lese meldinger."))


def check_answers(actor: Actor, dialogue: Dialogue) -> None:
    """E-consultations: doctors. Contacts: reception and doctors."""
    if not _works_there(actor, dialogue):
        raise NotFound
    if actor.role in (DOCTORS if dialogue.kind == rules.Kind.ECONSULTATION else CARES):
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
    if actor.role not in (DOCTORS if kind == rules.Kind.ECONSULTATION else CARES):
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


def colleagues(practice_id: UUID, kind: str, today: date) -> QuerySet[Employee]:
    """Those who may be given a dialogue of this kind, by name."""
    roles = DOCTORS if kind == rules.Kind.ECONSULTATION else CARES
    running = Q(starts_date__lte=today) & (Q(ends_date=None) | Q(ends_date__gt=today))
    return Employee.objects.filter(running, practice=practice_id, role__in=roles).order_by(by_name("name"), "pk")


def _works_there(actor: Actor, dialogue: Dialogue) -> bool:
    return actor.kind is Kind.STAFF and dialogue.practice_id in actor.practices
