"""Who reads and writes in the record: those at the office who work with patients, by the tables of visibility/rules.py.

Citizens read no pages of the record here. The patient has the right to all of it, and gets it whole with her own data
(journeys/own_*), also what staff have written. See docs/adr/0013-the-record.md.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.core.errors import Denied, NotFound
from legedialog.journal.models import Entry
from legedialog.visibility import policy as visibility
from legedialog.visibility.policy import Fields
from legedialog.visibility.rules import Content

CARES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})  # Source: domain.md 4.3
DOCTORS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})


FIELDS = Fields(tuple(Content), content="content", written_by="by_person", told="told_reception")


def visible_to(actor: Actor) -> QuerySet[Entry]:
    """The record at the office where she works, each entry by what it is made of. Citizens have no page of it."""
    return _rows(actor) if actor.is_staff else Entry.objects.none()


def own(actor: Actor) -> QuerySet[Entry]:
    """The patient's own, for the file of her data."""
    return _rows(actor) if actor.is_citizen else Entry.objects.none()


def _rows(actor: Actor) -> QuerySet[Entry]:
    return Entry.objects.filter(visibility.rows(actor, FIELDS, is_record=True))


def find(actor: Actor, entry_id: UUID) -> Entry:
    entry = visible_to(actor).select_related("patient", "by_person", "by_employee").filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry


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
