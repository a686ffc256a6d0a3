"""What waits for her on Hjem: answers about prescriptions, what the office is late with, and what runs out soon."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Waiting
from legedialog.core.sql import Asked
from legedialog.core.times import local_day
from legedialog.patients.queries import Gp
from legedialog.patients.representation import Area
from legedialog.prescriptions import queries
from legedialog.prescriptions.texts import STATUSES
from legedialog.prescriptions.web.words import when_it_ends
from legedialog.ui import dates


def asks(actor: Actor, person_id: UUID, gp: Gp | None, now: datetime) -> list[Asked[Any]]:
    return queries.waits(actor, person_id, gp, now) if actor.opens(Area.PRESCRIPTIONS) else []


def prescriptions(gp: Gp | None, now: datetime, *rows: Sequence[Any]) -> list[Waiting]:
    found = queries.waiting(gp, now, *rows)
    lines = []
    for answer in (*found.late, *found.answered):
        word, color = STATUSES[answer.status]
        is_late = answer in found.late
        text = _("Sendt %(date)s") % {"date": dates.long_date(answer.sent_at)}
        url = reverse("prescriptions:order", args=[answer.renewal_id])
        title = _("Svaret om resepten drøyer") if is_late else _("Svar om resept")
        lines.append(Waiting(title, text, url, word, "warning" if is_late else color))
    for each in found.soon:
        url = reverse("prescriptions:show", args=[each.id])
        lines.append(Waiting(each.title, when_it_ends(each, local_day(now)), url, _("Ikke bestilt"), "warning"))
    return lines
