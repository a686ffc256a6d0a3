"""What stands first on Hjem: the next time, wherever it is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments import items, queries
from legedialog.patients.representation import Area


def upcoming(actor: Actor, person_id: UUID, now: datetime) -> dict[str, Any]:
    own = queries.coming(actor, person_id, now, most=1)
    coming = items.coming(own.rows, queries.externals(actor, person_id, now), now)
    return {
        "sees_times": actor.opens(Area.APPOINTMENTS),
        "upcoming": coming[0] if coming else None,
        "wakes_in": items.wakes_in(coming[:1]),
        "more": len(coming) + own.total - len(own.rows) - 1,
    }
