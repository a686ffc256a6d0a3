"""What waits for her on Hjem: answers about prescriptions, what the office is late with, and what runs out soon."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Waiting
from legedialog.core.times import local_day
from legedialog.patients.queries import Gp
from legedialog.patients.representation import Area
from legedialog.prescriptions import queries
from legedialog.prescriptions.texts import STATUSES
from legedialog.prescriptions.web.words import when_it_ends
from legedialog.ui import dates


def prescriptions(actor: Actor, person_id: UUID, gp: Gp | None, now: datetime) -> list[Waiting]:
    if not actor.opens(Area.PRESCRIPTIONS):
        return []
    found = queries.waiting(actor, person_id, gp, now)
    rows = []
    for answer in (*found.late, *found.answered):
        word, color = STATUSES[answer.status]
        is_late = answer in found.late
        text = _("Sendt %(date)s") % {"date": dates.long_date(answer.sent_at)}
        url = reverse("prescriptions:order", args=[answer.renewal_id])
        title = _("Svaret om resepten drøyer") if is_late else _("Svar om resept")
        rows.append(Waiting(title, text, url, word, "warning" if is_late else color))
    for each in found.soon:
        url = reverse("prescriptions:show", args=[each.id])
        rows.append(Waiting(each.title, when_it_ends(each, local_day(now)), url, _("Ikke bestilt"), "warning"))
    return rows
