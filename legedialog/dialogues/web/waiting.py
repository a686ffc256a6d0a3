"""What waits for her on Hjem: answers she has not read, and those that ask her to book."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Waiting
from legedialog.core.sql import Asked
from legedialog.dialogues import queries
from legedialog.dialogues.texts import KINDS, STATUSES
from legedialog.dialogues.web import ways
from legedialog.ui import dates


def asks(actor: Actor, person_id: UUID, gp: Any, now: datetime) -> list[Asked[Any]]:
    return [queries.news(actor, person_id)]


def news(gp: Any, now: datetime, rows: Sequence[Any]) -> list[Waiting]:
    found = []
    for row in queries.rows_from(rows):
        who = {"who": row.doctor or row.practice_name}
        if row.status == "needs-appointment":
            title = _("Kontoret ber deg bestille time")
        elif row.started_by_office and row.started_at == row.last_message_at:
            title = _("Melding fra %(who)s") % who
        else:
            title = _("Svar fra %(who)s") % who
        word, color = STATUSES[row.status]
        text = f"{KINDS[row.kind]}, {dates.long_date(row.started_at)}"
        url = ways.to(row.id, is_unread=row.is_unread)
        found.append(Waiting(title, text, url, _("Ulest") if row.is_unread else word, color))
    return found
