"""Two rows are the same person: of two drafts of a kind, or of a reply, the one written in last stays. See ADR 0052."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from legedialog.core import writing
from legedialog.dialogues.models import Draft


def settle_drafts(kept: UUID, gone: UUID, now: datetime) -> None:
    seen = set()
    both = [kept, gone]
    rows = Draft.objects.filter(Q(owner__in=both) | Q(patient__in=both)).order_by("-saved_at", "pk")
    for row in rows:
        key = (
            *(kept if each == gone else each for each in (row.owner_id, row.patient_id)),
            row.dialogue_id or row.kind,
        )
        if key in seen:
            writing.remove(row)
        seen.add(key)
