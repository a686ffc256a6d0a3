"""Who reads and writes in the record: those at the office who work with patients, by the tables of visibility/rules.py.

Citizens read no pages of the record here. The patient has the right to all of it, and gets it whole with her own data
(journeys/own_*), also what staff have written. See docs/adr/0013-the-record.md.
"""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.core.errors import Denied, NotFound
from legedialog.core.finding import found
from legedialog.journal.models import CorrectionRequest, Entry, Misfiling, Moved
from legedialog.patients.representation import Area
from legedialog.visibility import policy as visibility
from legedialog.visibility.policy import Fields
from legedialog.visibility.rules import Content

CARES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})  # Source: docs/facts.md#roles
DOCTORS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})


ANSWERS = frozenset({Role.MANAGER, Role.DOCTOR})  # citizens who ask for correction, as those who ask about the log

Rows = TypeVar("Rows", bound=Model)


def in_sight(rows: QuerySet[Rows], field: str = "object_id") -> QuerySet[Rows]:
    """Without what stood in the wrong record. `field` holds the id of the thing. Whoever reads what was written asks
    this, whoever she is: the wrong person, her office, and the one it was filed for before an undo."""
    return rows.exclude(Exists(Moved.objects.filter(object_id=OuterRef(field), is_hidden=True)))


def hidden(ids: Collection[UUID]) -> set[UUID]:
    """Those of them that stood in the wrong record."""
    return set(Moved.objects.filter(object_id__in=ids, is_hidden=True).values_list("object_id", flat=True))


FIELDS = Fields(tuple(Content), content="content", written_by="by_person", told="told_reception")


def visible_to(actor: Actor) -> QuerySet[Entry]:
    """The record at the office where she works, each entry by what it is made of. Citizens have no page of it."""
    return _rows(actor) if actor.is_staff else Entry.objects.none()


def own(actor: Actor) -> QuerySet[Entry]:
    """The patient's own, for the file of her data."""
    return _rows(actor) if actor.is_citizen else Entry.objects.none()


def _rows(actor: Actor) -> QuerySet[Entry]:
    return in_sight(Entry.objects.filter(visibility.rows(actor, FIELDS, is_record=True)))


def find(actor: Actor, entry_id: UUID) -> Entry:
    rows = visible_to(actor).select_related("patient", "by_person", "by_employee", "moved_by")
    return found(rows, entry_id)


def check_write(actor: Actor, practice_id: UUID) -> None:
    if not actor.is_staff or practice_id not in actor.practices:
        raise NotFound
    if actor.role not in CARES:
        raise Denied(_("Bare de som arbeider med pasienter, skriver i journalen."))


def check_correct(actor: Actor, entry: Entry) -> None:
    """A doctor, and whoever at the office wrote it."""
    check_write(actor, entry.practice_id)
    if actor.role in DOCTORS or (entry.by_employee_id and entry.by_employee_id == actor.employee_id):
        return
    raise Denied(_("Bare en lege og den som skrev innføringen, kan rette den."))


def check_misfile(actor: Actor, practice_id: UUID) -> None:
    """A doctor at the office: whose record something belongs in is a judgement about health care.

    Source: docs/facts.md#law. The manager reads no records.
    """
    check_write(actor, practice_id)
    if actor.role not in DOCTORS:
        raise Denied(_("Bare en lege kan flytte noe ut av en journal."))


def find_misfiling(actor: Actor, misfiling_id: UUID, *, lock: bool = False) -> Misfiling:
    """For doctors at the office, and nobody else: it names two patients. Raises NotFound."""
    rows = Misfiling.objects.filter(practice__in=actor.practices) if actor.role in DOCTORS else Misfiling.objects.none()
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=misfiling_id).first()
    if found is None or not actor.is_staff:
        raise NotFound
    return found


def check_asks(actor: Actor) -> None:
    """For correction or erasure: in her own record, or that of one for whom she may write to the office. ADR 101."""
    if not actor.is_citizen or actor.person_id is None:
        raise NotFound
    if actor.acts_for_another and not actor.opens(Area.MESSAGES):
        raise Denied(_("Du kan ikke skrive til legekontoret for den du handler for."))


def corrections_visible_to(actor: Actor) -> QuerySet[CorrectionRequest]:
    """A citizen's own, and for those who answer what the office was asked.

    Who acts for another reads what she wrote for that one; one under 16 not what a parent did. ADR 101.
    """
    if actor.is_citizen and actor.acts_for_another:
        if not actor.opens(Area.MESSAGES):
            return CorrectionRequest.objects.none()
        return CorrectionRequest.objects.filter(patient=actor.acting_for_id, by_person=actor.person_id)
    if actor.is_citizen and actor.person_id:
        rows = CorrectionRequest.objects.filter(patient=actor.person_id)
        return rows if actor.areas is None else rows.filter(by_person=None)
    if actor.is_staff and actor.role in ANSWERS:
        return CorrectionRequest.objects.filter(practice__in=actor.practices)
    return CorrectionRequest.objects.none()
