"""Who reads and writes in the record: those at the office who work with patients.

Citizens read no pages of the record here. The patient has the right to all of it, and gets it whole with her own data
(journeys/own_*), also what staff have written. See docs/adr/0013-the-record.md.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.core.errors import Denied, NotFound
from legedialog.journal.models import Entry

CARES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})  # Source: domain.md 4.3
DOCTORS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})


def visible_to(actor: Actor) -> QuerySet[Entry]:
    """The record at the office she works at. The manager, who runs the office, reads no records."""
    if not actor.is_staff or actor.role not in CARES:
        return Entry.objects.none()
    return Entry.objects.filter(practice__in=actor.practices)


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
