"""What access says in a citizen's own data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.access.models import Lock, Login
from legedialog.core.contexts import Own


def _locks(actor: Actor, person_id: UUID, now: datetime) -> Sequence[Lock]:
    return list(Lock.objects.filter(person=person_id).order_by("locked_at", "pk"))


def _logins(actor: Actor, person_id: UUID, now: datetime) -> list[Login]:
    return list(Login.objects.filter(person=person_id).order_by("created_at", "pk"))


def _resource(row: Lock, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Basic",
        "id": str(row.pk),
        "code": {"text": "akuttsperre" if row.lifted_at is None else f"akuttsperre til {row.lifted_at.isoformat()}"},
        "subject": me,
        "created": row.locked_at.date().isoformat(),
    }


LOCKS = Own(
    title=_("Akuttsperre"),
    head=(_("Fra"), _("Til")),
    rows=_locks,
    line=lambda row: [row.locked_at, row.lifted_at],
    resources=lambda row, me: [_resource(row, me)],
    order=90,
)
LOGINS = Own(
    title=_("Innlogginger"),
    head=(_("Fra"), _("Til"), _("Nettleser")),
    rows=_logins,
    line=lambda row: [row.created_at, row.ended_at, row.device],
    resources=lambda row, me: [],
    order=85,
)
