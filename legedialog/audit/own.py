"""What audit says in a citizen's own data. The log itself: journeys/own_log.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.audit.models import Concern
from legedialog.core.contexts import Own


def _concerns(actor: Actor, person_id: UUID, now: datetime) -> Sequence[Concern]:
    return list(Concern.objects.filter(patient_id=person_id).order_by("sent_at", "pk"))


def _resource(row: Concern, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Communication",
        "id": str(row.pk),
        "status": "completed" if row.answered_at else "in-progress",
        "topic": {"text": "spørsmål om loggen"},
        "subject": me,
        "sender": me,
        "sent": row.sent_at.isoformat(),
        "payload": [{"contentString": text} for text in (row.text, row.answer) if text],
    }


CONCERNS = Own(
    title=_("Spørsmål om loggen"),
    head=(_("Sendt"), _("Besvart"), _("Spørsmål og svar")),
    rows=_concerns,
    line=lambda row: [row.sent_at, row.answered_at, "\n".join(filter(None, (row.text, row.answer)))],
    resources=lambda row, me: [_resource(row, me)],
    order=95,
)
