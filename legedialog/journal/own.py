"""What she has asked of her record, in a citizen's own data. The record itself: journeys/own_rows.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Own
from legedialog.journal.models import CorrectionRequest
from legedialog.journal.texts import ASKED


def _corrections(actor: Actor, person_id: UUID, now: datetime) -> Sequence[CorrectionRequest]:
    return list(CorrectionRequest.objects.filter(patient=person_id).order_by("sent_at", "pk"))


def _resource(row: CorrectionRequest, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Communication",
        "id": str(row.pk),
        "status": "completed" if row.answered_at else "in-progress",
        "topic": {"text": "retting eller sletting"},
        "reasonCode": [{"text": row.asked}],
        "subject": me,
        "sender": me,
        "sent": row.sent_at.isoformat(),
        "payload": [{"contentString": text} for text in (row.text, row.answer) if text],
    }


CORRECTIONS = Own(
    title=_("Ønsker om retting og sletting"),
    head=(_("Sendt"), _("Besvart"), _("Hva"), _("Ønske og svar")),
    rows=_corrections,
    line=lambda row: [
        *(row.sent_at, row.answered_at, ASKED.get(row.asked, row.asked)),
        "\n".join(filter(None, (row.text, row.answer))),
    ],
    resource=_resource,
)
