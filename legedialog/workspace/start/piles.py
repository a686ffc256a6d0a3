"""What waits for the one who looks: how much of each thing, what is late, and the nearest date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from legedialog.access.actor import Actor
from legedialog.core import contexts
from legedialog.core.sql import Asked, Heap, heap
from legedialog.core.times import local_day
from legedialog.ui import dates
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of

NEAR = 1  # working days or not: what is due today or tomorrow has a tone
Asking = tuple[int, str | Promise, str, Asked[Heap]]


@dataclass(frozen=True, slots=True)
class Pile:
    """`due` says in words what is late or comes first, `color` how near that is."""

    number: int
    title: str | Promise
    url: str
    due: str
    color: str


def asked(actor: Actor, now: datetime) -> list[Asking]:
    """By the order of the contexts: its place, title and address, and what is asked."""
    return sorted(_asked(actor, now), key=lambda each: each[0])


def told(asked: list[Asking], found: list[list[Any]], now: datetime) -> list[Pile]:
    """Those that hold anything."""
    today = local_day(now)
    return [
        Pile(heap.number, title, url, *_due(heap, today))
        for (_order, title, url, _asked), [heap] in zip(asked, found, strict=True)
        if heap.number
    ]


def _asked(actor: Actor, now: datetime) -> Iterator[Asking]:
    for pile in contexts.ordered(lambda about: about.piles):
        one = pile.asks(actor, now) if policy.may(actor, pile.page) else None
        if one:
            query = pile.query(actor) if pile.query else ""
            yield pile.order, pile.title, f"{reverse(pile.route)}?{query}".rstrip("?"), one
    for each in contexts.ordered(lambda about: about.office_waits):
        rows = each.asks(actor, practice_of(actor), now) if policy.may(actor, each.page) else ()
        if rows:
            anchor = "#inbox-others" if each.route == "workspace:inbox" else ""
            yield each.order, each.title, reverse(each.route) + anchor, heap(rows[0], local_day(now), each.due)


def _due(heap: Heap, today: date) -> tuple[str, str]:
    if heap.late:
        late = ngettext("%(count)d over fristen", "%(count)d over fristen", heap.late) % {"count": heap.late}
        return late, "danger"
    if heap.nearest is None:
        return "", ""
    if heap.nearest == today:
        return _("Frist i dag"), "warning"
    if heap.nearest == today + timedelta(days=NEAR):
        return _("Frist i morgen"), "warning"
    return _("Frist %(day)s") % {"day": dates.long_date(heap.nearest)}, "neutral"
