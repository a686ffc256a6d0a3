"""The population register says that a patient is dead, or that it was a mistake."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor, system
from legedialog.audit import services as audit
from legedialog.core import writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType
from legedialog.journal.models import Kind as EntryKind
from legedialog.patients import policy as patients
from legedialog.prescriptions import policy, rules
from legedialog.prescriptions.models import Item, Look
from legedialog.prescriptions.rules import Status
from legedialog.prescriptions.services import made_of, move, tell

ENDED = "Fornyelse av resept avsluttet: pasienten er registrert død"
REOPENED = "Fornyelse av resept åpnet igjen: dødsfallet var en feil"


@transaction.atomic
def close_for_death(*, patient_id: UUID, now: datetime) -> list[Item]:
    """What nobody has decided lapses, and nobody is told or reminded. What was ended. Safe to repeat."""
    writing.remove(Look.objects.filter(patient=patient_id))
    rows = Item.objects.filter(patient=patient_id, status__in=rules.OPEN).select_related("prescription", "renewal")
    items = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for practice_id in sorted({item.practice_id for item in items}):
        _end([item for item in items if item.practice_id == practice_id], practice_id, now)
    return items


@transaction.atomic
def reopen(*, actor: Actor, item_id: UUID, now: datetime) -> Item:
    """The death was a mistake: received again, with new dates. Raises NotFound, Denied, Refused."""
    rows = policy.items_visible_to(actor).select_related("prescription", "renewal").select_for_update(of=("self",))
    item = rows.filter(pk=item_id).first()
    if item is None:
        raise NotFound
    policy.check_prepare(actor, item.practice_id)
    patients.check_lives(item.patient_id)
    if item.status != Status.LAPSED:
        raise Refused(rules.DECIDED_ALREADY)
    try:
        with transaction.atomic():
            item.status, item.status_at = Status.RECEIVED, now
            item.save(update_fields=["status", "status_at"])
    except IntegrityError:  # ordered again meanwhile
        raise Refused(rules.DECIDED_ALREADY) from None
    renewal = item.renewal
    renewal.due_date, renewal.warn_date, renewal.lapse_date = rules.dates(local_day(now))
    renewal.save(update_fields=["due_date", "warn_date", "lapse_date"])
    tell(actor, [item], Status.RECEIVED, now)
    _trace(actor, [item], "renewal.reopened", REOPENED, now)
    return item


def _end(items: list[Item], practice_id: UUID, now: datetime) -> None:
    by = system(practice_id=practice_id)
    move(by, items, Status.LAPSED, now)
    _trace(by, items, "renewal.ended", ENDED, now)


def _trace(actor: Actor, items: list[Item], action: str, title: str, now: datetime) -> None:
    for item in items:
        audit.record(actor, action, item.pk, at=now, patient_id=item.patient_id, practice_id=item.practice_id)
        journal.file(
            actor,
            EntryKind.DECISION,
            item.pk,
            patient_id=item.patient_id,
            practice_id=item.practice_id,
            contact_type=ContactType.RENEWAL,
            title=title,
            made_of=made_of(item.prescription),
            sequence=journal.NEXT,
            at=now,
        )
