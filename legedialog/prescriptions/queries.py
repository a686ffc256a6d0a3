"""What the citizen's pages read of prescriptions and renewals."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core.errors import NotFound
from legedialog.core.sql import Asked, Statement
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients.queries import Gp
from legedialog.patients.rules import months_after
from legedialog.practices.rules import Service
from legedialog.prescriptions import policy, reading, rules
from legedialog.prescriptions.models import Item, Renewal, Step
from legedialog.prescriptions.reading import Medicine
from legedialog.prescriptions.registry import SourceState, registry
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content

NEWS = timedelta(days=14)  # how long an answer is shown on Hjem
ORDERS = 40  # items on the page


@dataclass(frozen=True, slots=True)
class Doors:
    """What her doctor offers today, for the links. `renew_reason` says why renewing is closed, when it is."""

    gp: Gp | None
    renews: bool
    renew_reason: str
    renew_until: date | None  # the first day it is open again
    books: bool
    econsults: bool


@dataclass(frozen=True, slots=True)
class StoryStep:
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order with its story. `result` is the new prescription."""

    id: UUID
    status: str
    status_at: datetime
    is_open: bool
    medicine: Medicine
    result: Medicine | None
    answer: str
    times: tuple[datetime, ...]
    story: tuple[StoryStep, ...]
    clinician_id: UUID  # whose decision it is
    clinician_name: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Order:
    id: UUID
    sent_at: datetime
    sent_by_id: UUID
    sent_by_name: str
    practice_name: str
    note: str
    pickup: str
    pickup_place: str
    due_date: date
    lapse_date: date
    is_late: bool  # both sides have been warned
    items: tuple[OrderItem, ...]

    @property
    def is_open(self) -> bool:
        return any(item.is_open for item in self.items)

    @property
    def can_withdraw(self) -> bool:
        return self.is_open


@dataclass(frozen=True, slots=True)
class Overview:
    """`current` has what runs out first on top, `earlier` the latest. Twelve months back."""

    current: list[Medicine]
    earlier: list[Medicine]
    sources: list[SourceState]


def doors(person_id: UUID, today: date) -> Doors:
    """One query."""
    gp = patients.gp_of(person_id, today)
    if gp is None:
        return Doors(None, False, "", None, False, False)
    offers = {each.service: each for each in gp.offers}
    renew = offers.get(Service.RENEW)
    return Doors(
        gp=gp,
        renews=bool(renew and renew.is_open),
        renew_reason=str(renew.closed_reason) if renew and not renew.is_open else "",
        renew_until=renew.closed_until_date if renew else None,
        books=bool((book := offers.get(Service.BOOK)) and book.is_open),
        econsults=bool((econsult := offers.get(Service.ECONSULTATION)) and econsult.is_open),
    )


def medicines(actor: Actor, person_id: UUID, gp: Gp | None, today: date) -> list[Medicine]:
    """All that is shown, what runs out first on top. Raises NotFound for a stranger. Two queries, one without a GP."""
    if person_id not in actor.patients:
        raise NotFound
    at = reading.office(gp.practice.id, gp.clinician_ids) if gp else reading.Office()
    return _shown(reading.load(actor, [person_id], at, today), today)


def _shown(found: Iterable[Medicine], today: date) -> list[Medicine]:
    oldest = months_after(today, -rules.KEPT_MONTHS)
    return [each for each in found if each.is_current or _last_day(each) >= oldest]


def overview(actor: Actor, person_id: UUID, gp: Gp | None, now: datetime) -> Overview:
    """Three queries, whatever there is. Leaves a trace when somebody acts for her."""
    audit.looked_on_behalf(actor, "prescriptions.listed", None, at=now, patient_id=person_id)
    found = medicines(actor, person_id, gp, local_day(now))
    earlier = sorted((each for each in found if not each.is_current), key=_last_day, reverse=True)
    return Overview([each for each in found if each.is_current], earlier, registry().sources(now))


def one(actor: Actor, person_id: UUID, prescription_id: UUID, gp: Gp | None, now: datetime) -> Medicine:
    """One of hers. Raises NotFound for a stranger's or a hidden one. As many queries as `medicines`."""
    found = [each for each in medicines(actor, person_id, gp, local_day(now)) if each.id == prescription_id]
    if not found:
        raise NotFound
    audit.looked_on_behalf(actor, "prescription.read", prescription_id, at=now, patient_id=person_id)
    return found[0]


def renewable(found: Iterable[Medicine]) -> list[Medicine]:
    return [each for each in found if each.stop is None]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order in a list: what it holds, and the state of the item that moved last."""

    id: UUID
    sent_at: datetime
    due_date: date
    status: str
    is_open: bool
    titles: tuple[str, ...]


def orders(actor: Actor, person_id: UUID, found: Iterable[Medicine]) -> list[OrderLine]:
    """The latest, newest first. `found` are her medicines, for their names. One query."""
    if person_id not in actor.patients:
        raise NotFound
    names = {each.id: each.title for each in found}
    rows = policy.items_visible_to(actor).filter(patient=person_id).select_related("renewal")
    by_order: dict[UUID, list[Item]] = defaultdict(list)
    plain = ("prescription_id", "status", "status_at", "renewal__sent_at", "renewal__due_date")
    for item in rows.only(*plain).order_by("-renewal__sent_at", "renewal", "-status_at", "pk")[:ORDERS]:
        by_order[item.renewal_id].append(item)
    return [
        OrderLine(
            id=renewal_id,
            sent_at=items[0].renewal.sent_at,
            due_date=items[0].renewal.due_date,
            status=items[0].status,
            is_open=any(item.status in rules.OPEN for item in items),
            titles=tuple(names[item.prescription_id] for item in items if item.prescription_id in names),
        )
        for renewal_id, items in by_order.items()
    ]


def order(actor: Actor, renewal_id: UUID, now: datetime) -> Order:
    """Raises NotFound for a stranger's, or one with nothing in it that she may see."""
    row = policy.find_renewal(actor, renewal_id)
    audit.looked_on_behalf(actor, "renewal.read", row.pk, at=now, patient_id=row.patient_id)
    return _orders(actor, [row], local_day(now))[0]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that she may not have seen."""

    renewal_id: UUID
    status: str
    at: datetime
    sent_at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """For Hjem: answers, what is late, and what runs out soon and is not ordered."""

    answered: list[Answered]
    late: list[Answered]
    soon: list[Medicine]


NOTHING_WAITS = Waiting([], [], [])


@dataclass(frozen=True, slots=True)
class _Moved:
    """An item that was answered lately, or that the office is late with."""

    renewal_id: UUID
    status: str
    status_at: datetime
    sent_at: datetime


# What policy.items_visible_to says, for her whose they are or who acts for her.
MOVED = Statement(
    "answers about prescriptions",
    """
    SELECT i.renewal_id, i.status, i.status_at, r.sent_at
      FROM prescriptions_item i
      JOIN prescriptions_renewal r ON r.id = i.renewal_id
      JOIN prescriptions_prescription p ON p.id = i.prescription_id
     WHERE i.patient_id = %(person_id)s AND i.patient_id = ANY(%(patients)s) AND p.restriction <> ALL(%(hidden)s)
       AND (%(writers)s::uuid[] IS NULL OR r.sent_by_id = ANY(%(writers)s))
       AND (i.status = ANY(%(answers)s) AND i.status_at > %(since)s
            OR i.status = ANY(%(open)s) AND r.warn_date <= %(today)s)
     ORDER BY i.status_at DESC, i.id
    """,
    _Moved,
)


def waits(actor: Actor, person_id: UUID, gp: Gp | None, now: datetime) -> list[Asked[Any]]:
    """What `waiting` is made of. Without a GP nothing can be renewed, so her medicines are not asked for."""
    today = local_day(now)
    states = {"answers": [*rules.DECIDED, rules.Status.LAPSED], "open": list(rules.OPEN)}
    values = {"person_id": person_id, "since": now - NEWS, "today": today, **states}
    asked: list[Asked[Any]] = [Asked(MOVED, values | visibility.values(actor, Content.RENEWAL))]
    if gp:
        listed = Asked(reading.LISTED, {"practice_id": gp.practice.id})
        asked += [listed, reading.asks(actor, [person_id], today)]
    return asked


def waiting(gp: Gp | None, now: datetime, moved: Sequence[_Moved], *rest: Sequence[Any]) -> Waiting:
    """Of what `waits` has asked."""
    soon: list[Medicine] = []
    if gp:
        listed, found = rest
        at = reading.office_from(listed, gp.practice.id, gp.clinician_ids)
        soon = _soon(_shown(reading.medicines(found, at, local_day(now)), local_day(now)), gp, local_day(now))
    late = [each for each in moved if each.status in rules.OPEN]
    return Waiting(_answered(each for each in moved if each not in late), _answered(late), soon)


def _soon(found: Iterable[Medicine], gp: Gp | None, today: date) -> list[Medicine]:
    """What runs out soon, is hers to renew, and is not ordered."""
    return [
        each
        for each in found
        if each.is_current
        and gp
        and each.practice_id == gp.practice.id
        and (each.runs_out - today).days <= rules.NUDGE_DAYS
        and (each.stop is None or not each.facts.is_ours)
    ]


def _answered(moved: Iterable[_Moved]) -> list[Answered]:
    by_renewal: dict[UUID, list[_Moved]] = defaultdict(list)
    for each in moved:
        by_renewal[each.renewal_id].append(each)
    return [
        Answered(renewal_id, items[0].status, items[0].status_at, items[0].sent_at, len(items))
        for renewal_id, items in by_renewal.items()
    ]


def _last_day(each: Medicine) -> date:
    """When it ended: the day she was covered to, or the day it was withdrawn."""
    if each.withdrawn_at:
        return local_day(each.withdrawn_at)
    return max(each.runs_out, each.valid_until)


def _orders(actor: Actor, rows: list[Renewal], today: date) -> list[Order]:
    items: dict[UUID, list[Item]] = defaultdict(list)
    found = list(
        policy.items_visible_to(actor).filter(renewal__in=rows).select_related("clinician", "decided_by").order_by("pk")
    )
    for item in found:
        items[item.renewal_id].append(item)
    story: dict[UUID, list[StoryStep]] = defaultdict(list)
    for step in Step.objects.filter(item__in=found).order_by("at", "pk"):
        story[step.item_id].append(StoryStep(step.status, step.at))
    patient_ids = {row.patient_id for row in rows}
    by_id = {each.id: each for each in reading.load(actor, patient_ids, reading.Office(), today)}
    return [
        Order(
            id=row.pk,
            sent_at=row.sent_at,
            sent_by_id=row.sent_by_id,
            sent_by_name=row.sent_by.name,
            practice_name=row.practice.name,
            note=row.note,
            pickup=row.pickup,
            pickup_place=row.pickup_place,
            due_date=row.due_date,
            lapse_date=row.lapse_date,
            is_late=today >= row.warn_date,
            items=tuple(
                OrderItem(
                    id=item.pk,
                    status=item.status,
                    status_at=item.status_at,
                    is_open=item.status in rules.OPEN,
                    medicine=by_id[item.prescription_id],
                    result=by_id.get(item.result_id) if item.result_id else None,
                    answer=item.answer,
                    times=tuple(item.times),
                    story=tuple(story[item.pk]),
                    clinician_id=item.clinician_id,
                    clinician_name=item.clinician.name,
                    decided_by=item.decided_by.name if item.decided_by else "",
                )
                for item in items[row.pk]
                if item.prescription_id in by_id
            ),
        )
        for row in rows
    ]
