"""A doctor takes back what was prescribed by mistake, before anything is collected on it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import events
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType
from legedialog.journal.models import Kind as EntryKind
from legedialog.journal.services import Filing
from legedialog.outbox import services as outbox
from legedialog.prescriptions import policy, rules
from legedialog.prescriptions.models import Prescription
from legedialog.prescriptions.registry import registry
from legedialog.prescriptions.services import made_of


@transaction.atomic
def withdraw_prescription(*, actor: Actor, prescription_id: UUID, text: str, now: datetime) -> Prescription:
    """Through the store it was written to. `text` is why, which the patient reads.

    Raises NotFound, Denied for anybody but a doctor, Refused "not-ours" for one that another office wrote or that is
    over, and "dispensed" (its facts hold `on`) once something was collected.
    """
    today = local_day(now)
    row = policy.find(actor, prescription_id, today, lock=True)
    policy.check_withdraw(actor, row)
    if row.withdrawn_at or row.source_id or row.valid_until_date < today:
        raise Refused(rules.NOT_OURS)
    registry().withdraw(row, text, now)
    audit.record(
        actor, "prescription.withdrawn", row.pk, at=now, patient_id=row.patient_id, practice_id=row.practice_id
    )
    lines = [f"{row.name} {row.strength}".strip(), "", text]
    filing = Filing(
        EntryKind.DECISION, row.pk, row.patient_id, made_of(row), "Resept trukket tilbake", "\n".join(lines)
    )
    assert row.practice_id  # noqa: S101  check_withdraw: this office wrote it
    journal.file_many(actor, [filing], practice_id=row.practice_id, contact_type=ContactType.RENEWAL, at=now)
    outbox.put("prescription.withdrawn", row.pk, recipient_id=row.patient_id, practice_id=row.practice_id, now=now)
    events.publish(f"requests:{row.practice_id}", f"person:{row.patient_id}")
    return row
