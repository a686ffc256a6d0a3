"""What waits for her on Hjem: what an office has approved and nobody has paid."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from legedialog.access.actor import Actor
from legedialog.core.contexts import Waiting
from legedialog.fees import queries


def to_pay(actor: Actor, person_id: UUID, gp: Any, now: datetime) -> list[Waiting]:
    count = queries.unpaid(actor, person_id)
    if not count:
        return []
    text = ngettext("%(count)s krav fra legekontoret", "%(count)s krav fra legekontoret", count) % {"count": count}
    return [Waiting(_("Betaling"), text, reverse("fees:index"), _("Ikke betalt"), "warning")]
