"""What the citizen's places share."""

from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.core.errors import NotFound
from legedialog.patients.queries import Gp
from legedialog.portal import doors


def me(actor: Actor) -> UUID:
    """Whose affairs these are."""
    if actor.acting_for_id is None:
        raise NotFound
    return actor.acting_for_id


def services_of(actor: Actor, gp: Gp | None) -> doors.Services | None:
    return doors.services(gp.offers, actor.opens) if gp else None
