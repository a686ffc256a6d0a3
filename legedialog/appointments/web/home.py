"""What stands first on Hjem: the next time, wherever it is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments import arrival, elsewhere, items, prices, queries
from legedialog.core.sql import ask_as_one
from legedialog.patients.representation import Area


def upcoming(actor: Actor, person_id: UUID, now: datetime) -> dict[str, Any]:
    found, others, today = ask_as_one(
        queries.asks_coming(actor, person_id, now, most=1),
        elsewhere.asks(actor, person_id, now),
        arrival.asks(actor, person_id, now),
    )
    own = queries.coming_from(found, now)
    coming = items.coming(own.rows, elsewhere.rows_from(others), now)
    coming[:1] = prices.beside_join(coming[:1])
    next_arrival = arrival.by_id(today).get(coming[0].id) if coming else None
    return {
        "arrival": next_arrival,
        "can_arrive": bool(next_arrival and next_arrival.can_arrive(now)),
        "sees_times": actor.opens(Area.APPOINTMENTS),
        "upcoming": coming[0] if coming else None,
        "wakes_in": arrival.wakes_in(items.wakes_in(coming[:1]), next_arrival, now),
        "more": None if own.more is None else len(coming) + own.more - 1,
    }
