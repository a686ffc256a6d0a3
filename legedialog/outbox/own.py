"""What outbox says in a citizen's own data: the notices that went out to her."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, code
from legedialog.outbox import texts
from legedialog.outbox.models import Notification
from legedialog.outbox.queries import WENT_OUT

MODES = {"sms": "SMSWRIT", "email": "EMAILWRIT"}


def _notices(actor: Actor, person_id: UUID, now: datetime) -> list[Notification]:
    rows = Notification.objects.filter(recipient=person_id, status__in=WENT_OUT)
    return list(rows.order_by("status_at", "pk"))


def _resource(row: Notification, me: Resource) -> Resource:
    mode = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
    return {
        "resourceType": "Communication",
        "id": str(row.pk),
        "status": "completed",
        "topic": {"text": str(texts.title(row.event))},
        "subject": me,
        "recipient": [me],
        "medium": [code(mode, MODES[row.channel])] if row.channel else [],
        "sent": row.status_at.isoformat(),
        "payload": [{"contentString": row.text}] if row.text else [],
    }


NOTICES = Own(
    title=_("Beskjeder som er sendt"),
    head=(_("Sendt"), _("Hva"), _("Tekst")),
    rows=_notices,
    line=lambda row: [row.status_at, texts.title(row.event), row.text],
    resources=lambda row, me: [_resource(row, me)],
    order=80,
)
