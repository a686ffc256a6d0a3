"""What the office's views share."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.urls import reverse

from legedialog.access.actor import Actor
from legedialog.appointments import office
from legedialog.core import reading
from legedialog.core.errors import Refused


def to_office(refused: Refused) -> str:
    """The text for the office, or the patient's where it says it all."""
    return str(refused.refusal.to_practice or refused.refusal.to_patient)


def practice_of(actor: Actor) -> UUID:
    assert actor.practice_id  # noqa: S101  every employee works at an office
    return actor.practice_id


NOBODY = UUID(int=0)


def addresses(route: str) -> Callable[[UUID], str]:
    """As `reverse` with a row's id, for a page with many rows: the route is looked up once."""
    before, _id, after = reverse(route, args=[NOBODY]).partition(str(NOBODY))
    return lambda row_id: f"{before}{row_id}{after}"


def cell(words: str) -> str:
    """Words of a CSV file: what begins like a formula is text in a spreadsheet too."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t")) else words


def read_day(text: str | None, default: date) -> date:
    return reading.day(text) or default


def calendar_choices(actor: Actor) -> list[tuple[str, str]]:
    return [(str(calendar.pk), calendar.clinician.name) for calendar in office.calendars(actor)]


def visit_type_choices(actor: Actor, *, for_citizen: bool = False, orders: bool = False) -> list[tuple[str, str]]:
    """`for_citizen`: only those she can book herself; with what needs an order where the actor `orders` it."""
    rows = [
        each
        for each in office.visit_types(actor)
        if not for_citizen or (each.is_bookable_by_citizens and (orders or not each.needs_order))
    ]
    return [(str(each.pk), f"{each.label} · {each.minutes} min") for each in rows]
