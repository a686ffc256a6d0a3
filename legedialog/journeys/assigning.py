"""A next of kin acts for one who permanently lacks capacity, after her GP has confirmed it (tildelt fullmakt, code TD).

The doctor's assessment and its end file themselves in the patient's record. Source: docs/facts.md#acting-for-another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.audit import services as audit
from legedialog.core import events, fence
from legedialog.core.errors import Denied, NotFound, Refusal, Refused
from legedialog.core.finding import found as found_row
from legedialog.core.identifiers import BadIdentifier
from legedialog.core.times import local_day
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType
from legedialog.journal.models import Kind as EntryKind
from legedialog.journal.services import Made
from legedialog.patients import policy, powers
from legedialog.patients import queries as patients
from legedialog.patients.models import Assignment, Grading, Person
from legedialog.patients.queries import Gp
from legedialog.patients.representation import HEALTH_MAJORITY
from legedialog.patients.rules import age_on
from legedialog.visibility.rules import Content

RELATION_LENGTH = 100  # characters
ASSESSMENT_LENGTH = 2000
CONFIRMS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})
TITLES = {"confirmed": "Tildelt fullmakt bekreftet: {name} ({relation})", "ended": "Tildelt fullmakt avsluttet: {name}"}

RELATIVE_NOT_FOUND = Refusal(
    code="relative-not-found",
    to_patient=_(
        "Fant ingen som kan få fullmakten. Se at fødselsnummeret og hele navnet er riktige. Den pårørende må ha fylt "
        "18 år og kan ikke ha sperret adresse."
    ),
    source="docs/facts.md#acting-for-another",
)
TOO_YOUNG = Refusal(
    code="assigned-for-under-16",
    to_patient=_("Pasienten har ikke fylt 16 år. Foreldrene eller vergen handler for pasienten."),
    source="docs/facts.md#children and #acting-for-another",
)
ALREADY = Refusal(
    code="assignment-exists",
    to_patient=_("Denne pårørende har allerede tildelt fullmakt for pasienten."),
    source="docs/facts.md#acting-for-another",
)


@dataclass(frozen=True, slots=True)
class Assigned:
    """One, as the office or one of the two sees it. `name` is the other's; only the office reads the assessment."""

    id: UUID
    name: str
    relation: str
    confirmed_by: str
    confirmed_at: datetime
    ended_at: datetime | None
    assessment: str = ""
    end_reason: str = ""
    ended_by: str = ""


@transaction.atomic
def confirm(
    *,
    actor: Actor,
    patient_id: UUID,
    national_number: str,
    name: str,
    relation: str,
    assessment: str,
    now: datetime,
) -> Assignment:
    """The patient's GP, or who stands in for her, confirms that the patient lacks capacity and who acts for her.

    Raises NotFound for another office's patient, Denied, or Refused.
    """
    patient = check_confirms(actor, patient_id, now)
    assert actor.practice_id and actor.employee_id  # noqa: S101, PT018  check_confirms asks for staff
    if age_on(patient.birth_date, local_day(now)) < HEALTH_MAJORITY:
        raise Refused(TOO_YOUNG)
    relative = _relative(patient, national_number, name, now)
    try:
        with transaction.atomic():
            row = Assignment.objects.create(
                practice_id=actor.practice_id,
                person=patient,
                relative_id=relative.pk,
                relation=relation[:RELATION_LENGTH],
                assessment=assessment[:ASSESSMENT_LENGTH],
                confirmed_by_id=actor.employee_id,
                confirmed_at=now,
            )
    except IntegrityError:
        raise Refused(ALREADY) from None
    title = TITLES["confirmed"].format(name=relative.name, relation=row.relation)
    _trace(actor, row, "assignment.confirmed", title, row.assessment, now)
    return row


@transaction.atomic
def end(*, actor: Actor, assignment_id: UUID, reason: str, now: datetime) -> Assignment:
    """By a doctor of the patient's. Raises NotFound, Denied."""
    row = Assignment.objects.select_for_update().filter(pk=assignment_id, ended_at=None).first()
    if row is None:
        raise NotFound
    check_confirms(actor, row.person_id, now)
    row.ended_at, row.ended_by_employee_id, row.end_reason = now, actor.employee_id, reason[:ASSESSMENT_LENGTH]
    row.save(update_fields=["ended_at", "ended_by_employee", "end_reason"])
    _trace(actor, row, "assignment.ended", TITLES["ended"].format(name=_name(row.relative_id)), row.end_reason, now)
    return row


@transaction.atomic
def step_down(*, actor: Actor, assignment_id: UUID, now: datetime) -> None:
    """The next of kin no longer wants to act. Raises NotFound or Denied."""
    powers.check_own(actor)
    rows = Assignment.objects.select_for_update().filter(relative=actor.person_id, ended_at=None)
    row = rows.filter(pk=assignment_id).first()
    if row is None:
        raise NotFound
    row.ended_at, row.ended_by_person_id = now, actor.person_id
    row.save(update_fields=["ended_at", "ended_by_person"])
    _trace(actor, row, "assignment.ended", TITLES["ended"].format(name=_name(row.relative_id)), "", now)


def one(actor: Actor, assignment_id: UUID, now: datetime) -> tuple[Person, Assigned]:
    """Whose it is, and one that has not ended. Raises NotFound, Denied."""
    row = Assignment.objects.filter(pk=assignment_id, ended_at=None).first()
    if row is None:
        raise NotFound
    patient = check_confirms(actor, row.person_id, now)
    found = next((each for each in of_patient(actor, patient, now) if each.id == row.pk), None)
    if found is None:
        raise NotFound
    return patient, found


def of_patient(actor: Actor, patient: Person, now: datetime) -> list[Assigned]:
    """Of a patient as check_confirms gave her: the newest first, ended ones too. Reading it is logged."""
    audit.looked(actor, "assignment.listed", None, at=now, patient_id=patient.pk, practice_id=actor.practice_id)
    with fence.system("the names of the next of kin"):
        return [
            replace(
                _assigned(row, row.relative.name),
                assessment=row.assessment,
                end_reason=row.end_reason,
                ended_by=ended_by.name if (ended_by := row.ended_by_employee or row.ended_by_person) else "",
            )
            for row in _rows().filter(person=patient)
        ]


@fence.system("the name of the other")
def mine(actor: Actor) -> tuple[Sequence[Assigned], Sequence[Assigned]]:
    """Those who act for her, and those she acts for, the newest first. Raises Denied for one who acts for another."""
    powers.check_own(actor)
    acting = [_assigned(row, row.relative.name) for row in _rows().filter(person=actor.person_id)]
    acted_for = [_assigned(row, row.person.name) for row in _rows().filter(relative=actor.person_id)]
    return acting, acted_for


def may_confirm(actor: Actor, gp: Gp | None) -> bool:
    """Whether she is a doctor on the patient's list today, or stands in for one."""
    return bool(
        actor.is_staff
        and actor.role in CONFIRMS
        and gp
        and gp.practice.id in actor.practices
        and actor.clinician_id in gp.serving_ids
    )


def _rows() -> QuerySet[Assignment]:
    joined = ("person", "relative", "confirmed_by", "ended_by_employee", "ended_by_person")
    return Assignment.objects.select_related(*joined).order_by("-confirmed_at", "-pk")


def _assigned(row: Assignment, name: str) -> Assigned:
    return Assigned(
        id=row.pk,
        name=name,
        relation=row.relation,
        confirmed_by=row.confirmed_by.name,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
    )


def check_confirms(actor: Actor, patient_id: UUID, now: datetime) -> Person:
    """The patient. Raises NotFound for another office's, Denied for who is not the patient's doctor."""
    if not actor.is_staff:
        raise NotFound
    patient = found_row(policy.listed(actor, local_day(now)), patient_id)
    if not may_confirm(actor, patients.gp_of(patient_id, local_day(now))):
        raise Denied(_("Bare pasientens fastlege, eller vikaren, kan se og bekrefte tildelt fullmakt."))
    return patient


def _relative(patient: Person, national_number: str, name: str, now: datetime) -> Person:
    try:
        found = powers.who_may_receive(national_number, name, from_id=patient.pk, now=now)
    except BadIdentifier:
        found = None
    if not found or patient.address_grading != Grading.OPEN:
        raise Refused(RELATIVE_NOT_FOUND)
    return found


@fence.system("the name of the next of kin, for the record")
def _name(person_id: UUID) -> str:
    return Person.objects.get(pk=person_id).name


def _trace(actor: Actor, row: Assignment, action: str, title: str, text: str, now: datetime) -> None:
    audit.record(actor, action, row.pk, at=now, patient_id=row.person_id, practice_id=row.practice_id)
    with fence.system("a line in the patient's record, also when the next of kin steps down"):
        journal.file(
            actor,
            EntryKind.DECISION,
            row.pk,
            patient_id=row.person_id,
            practice_id=row.practice_id,
            contact_type=ContactType.ADMINISTRATION,
            title=title,
            text=text,
            made_of=Made(Content.NOTE, row.pk),
            sequence=0 if action == "assignment.confirmed" else 1,
            at=now,
        )
    events.publish(f"person:{row.person_id}", f"person:{row.relative_id}")
