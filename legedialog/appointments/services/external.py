"""What other systems tell of their appointments."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.appointments.models import (
    ExternalAppointment,
    Source,
)
from legedialog.core import events, writing
from legedialog.core.errors import NotFound
from legedialog.outbox import services as outbox


@transaction.atomic
def receive_external(
    *,
    source_id: UUID,
    identifier: UUID,
    patient_id: UUID,
    status: str,
    starts_at: datetime,
    ends_at: datetime | None,
    channel: str,
    title: str,
    place: str,
    instruction: str,
    join_url: str,
    sent_at: datetime | None,
    tell: bool = True,
    now: datetime,
) -> tuple[ExternalAppointment, str]:
    """Keep what a source tells of an appointment. Safe to receive twice and out of order.

    Returns the row and "created", "changed", "unchanged" or "older". The patient is told only of what is new to her,
    and not at all when the source has asked for that (`tell`).
    """
    Source.objects.filter(pk=source_id).update(heard_at=now)
    told = {
        "status": status,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "channel": channel,
        "title": title,
        "place": place,
        "instruction": instruction,
        "join_url": join_url,
    }
    fresh = ExternalAppointment(
        source_id=source_id, identifier=identifier, patient_id=patient_id, received_at=now, sent_at=sent_at, **told
    )
    ExternalAppointment.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = ExternalAppointment.objects.select_for_update().get(source=source_id, identifier=identifier)
    if kept.pk == fresh.pk:
        outcome = "created"
    elif kept.patient_id != patient_id:
        raise NotFound
    elif sent_at and kept.sent_at and sent_at < kept.sent_at:
        return kept, "older"
    elif all(getattr(kept, name) == value for name, value in told.items()):
        return kept, "unchanged"
    else:
        for name, value in told.items():
            setattr(kept, name, value)
        kept.sent_at, kept.received_at, kept.sequence = sent_at, now, kept.sequence + 1
        writing.save(kept)
        outcome = "changed"
    if tell and starts_at > now:
        outbox.put(
            "external.changed", kept.pk, recipient_id=patient_id, practice_id=None, now=now, sequence=kept.sequence
        )
    events.publish(f"person:{patient_id}")
    return kept, outcome
