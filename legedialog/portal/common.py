"""What the citizen's places share."""

from datetime import datetime
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.core.errors import NotFound
from legedialog.core.times import local_day
from legedialog.patients.queries import Gp
from legedialog.portal import doors
from legedialog.practices import queries as practices


def me(actor: Actor) -> UUID:
    """Whose affairs these are."""
    if actor.acting_for_id is None:
        raise NotFound
    return actor.acting_for_id


def services_of(actor: Actor, gp: Gp | None, now: datetime) -> doors.Services | None:
    if gp is None:
        return None
    return doors.services(practices.offers_of_list(gp.practice, gp.doctors, local_day(now)), actor.opens)
