"""What waits for her on Hjem and is told at the door in Profil: what an office has approved and nobody has paid."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from legedialog.access.actor import Actor
from legedialog.core.contexts import Waiting
from legedialog.core.sql import Asked, ask_for
from legedialog.fees import bills


def asks(actor: Actor, person_id: UUID, gp: Any, now: datetime) -> list[Asked[Any]]:
    return [bills.unpaid(actor, person_id)]


def to_pay(gp: Any, now: datetime, found: Sequence[bills.Unpaid]) -> list[Waiting]:
    count = found[0].number
    if not count:
        return []
    text = ngettext("%(count)s krav fra legekontoret", "%(count)s krav fra legekontoret", count) % {"count": count}
    return [Waiting(_("Betaling"), text, reverse("fees:index"), _("Ikke betalt"), "warning")]


def in_profile(actor: Actor, person_id: UUID, now: datetime) -> dict[str, int]:
    return {"unpaid": ask_for(bills.unpaid(actor, person_id))[0].number}
