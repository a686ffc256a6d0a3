"""Two rows are the same person: of two wishes that wait for the same doctor the earlier stays. See ADR 0052."""

from datetime import datetime
from uuid import UUID

from legedialog.appointments.models import OPEN_REQUESTS, Recall, RecallStatus, RequestStatus, TimeRequest


def settle_requests(kept: UUID, gone: UUID, now: datetime) -> None:
    """The office sees both in the record, where each was filed when it was answered."""
    seen = set()
    rows = TimeRequest.objects.filter(patient__in=[kept, gone], status__in=OPEN_REQUESTS)
    for row in rows.order_by("sent_at", "pk"):
        if row.clinician_id in seen:
            TimeRequest.objects.filter(pk=row.pk).update(status=RequestStatus.WITHDRAWN, status_at=now)
        seen.add(row.clinician_id)


def settle_recalls(kept: UUID, gone: UUID, now: datetime) -> None:
    """Asked twice for the same kind of visit she is asked once, by the first."""
    rows = Recall.objects.filter(patient__in=[kept, gone])
    kinds = set()
    for row in rows.filter(status=RecallStatus.ASKED).order_by("asked_at", "pk"):
        if row.visit_type_id in kinds:
            Recall.objects.filter(pk=row.pk).update(status=RecallStatus.STOPPED, status_at=now)
        kinds.add(row.visit_type_id)
