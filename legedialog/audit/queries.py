"""What the citizen reads of her own log, and what the office answers."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db.models import Case, Count, Max, Q, When
from django.db.models.functions import TruncDate, TruncMonth

from legedialog.access.actor import Actor, Kind
from legedialog.audit import policy, rules
from legedialog.audit.models import Concern, Event, StatedPurpose
from legedialog.core.finding import found
from legedialog.core.sql import Asked, Statement
from legedialog.core.times import CLINIC, local_day, local_period

PAGE = 50
MONTHS = 3  # of the overview, at a time
DOER = ("month", "employee_id", "person_id", "office_id", "role")
DONE = ("actions", "days", "latest_at", "is_change")
AUTOMATIC = "auto"  # in place of the id of somebody
CHUNK = 500  # rows at a time in an export
Place = tuple[datetime, UUID]  # of the last row that was shown


@dataclass(frozen=True, slots=True)
class Filters:
    """Days are the clinic's, both included. `who` and `kind` are "" for all."""

    first: date | None = None
    last: date | None = None
    who: str = ""  # "office", "me", "others"
    kind: str = ""  # "read", "change"
    by: str = ""  # the id of who did it, or AUTOMATIC


def visits(actor: Actor, filters: Filters, after: Place | None = None) -> tuple[list[Event], bool]:
    """As `page`, and some more, so that the page ends where nobody had just done something else. One query."""
    found, more = page(actor, filters, after, size=4 * PAGE)
    for number in range(PAGE, len(found)):
        if found[number - 1].at - found[number].at > rules.ONE_VISIT:
            return found[:number], True
    return found, more


def page(actor: Actor, filters: Filters, after: Place | None = None, *, size: int = PAGE) -> tuple[list[Event], bool]:
    """The newest first, from the place after `after`; and whether there are more. One query."""
    rows = policy.own(actor)
    if filters.first:
        rows = rows.filter(at__gte=local_period(filters.first)[0])
    if filters.last:
        rows = rows.filter(at__lt=local_period(filters.last)[1])
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.who == "office":
        rows = rows.filter(actor_kind=Kind.STAFF)
    elif filters.who == "me":
        rows = rows.filter(person_id__in=policy.own_ids(actor))
    elif filters.who == "others":
        mine = Q(person_id__in=policy.own_ids(actor), person_id__isnull=False)
        rows = rows.exclude(Q(actor_kind=Kind.STAFF) | mine)
    if filters.by == AUTOMATIC:
        rows = rows.filter(employee_id=None, person_id=None)
    elif filters.by:
        rows = rows.filter(Q(employee_id=filters.by) | Q(person_id=filters.by))
    if after:
        rows = rows.filter(Q(at__lt=after[0]) | Q(at=after[0], pk__lt=after[1]), at__lte=after[0])
    found = list(rows.order_by("-at", "-pk")[: size + 1])
    return found[:size], len(found) > size


@dataclass(frozen=True, slots=True)
class Doer:
    """Somebody's things of a month: which actions, on how many days, and the last day."""

    month: date  # its first day
    employee_id: UUID | None
    person_id: UUID | None
    practice_id: UUID | None  # of an employee
    role: str
    actions: list[str]
    days: int
    latest_at: datetime
    is_change: bool


def months(actor: Actor, last: date) -> tuple[list[Doer], date | None]:
    """Who did what in `last`'s month and those just before it, the latest first; and the last day before that, if any.

    What it costs follows the months that are shown. Two queries.
    """
    number = last.year * 12 + last.month - 1
    first_day, after_day = _first_of(number - MONTHS + 1), _first_of(number + 1)
    since, until = local_period(first_day)[0], local_period(after_day)[0]
    rows = policy.own(actor)
    month, day = TruncMonth("at", tzinfo=CLINIC), TruncDate("at", tzinfo=CLINIC)
    found = (
        rows.filter(at__gte=since, at__lt=until)
        .annotate(month=month, office_id=Case(When(employee_id__isnull=False, then="practice_id")))
        .values(*DOER)
        .annotate(
            actions=ArrayAgg("action", distinct=True, order_by="action"),
            days=Count(day, distinct=True),
            latest_at=Max("at"),
            is_change=BoolOr(Q(kind="change")),
        )
        .order_by("-month", "-latest_at")
        .values_list(*DOER, *DONE)
    )
    before = rows.filter(at__lt=since).order_by("-at").values_list("at", flat=True).first()
    return [Doer(local_day(each[0]), *each[1:]) for each in found], local_day(before) if before else None


def _first_of(number: int) -> date:
    """Of a month, counted from year 0."""
    return date(number // 12, number % 12 + 1, 1)


def chunks(actor: Actor, filters: Filters) -> Iterator[list[Event]]:
    """All of them, a few at a time, so that memory stays flat."""
    after: Place | None = None
    while True:
        found, more = page(actor, filters, after, size=CHUNK)
        if found:
            yield found
            after = (found[-1].at, found[-1].pk)
        if not more:
            return


def own_event(actor: Actor, event_id: UUID) -> Event:
    """Raises NotFound for a row that is not in her log."""
    return policy.find_own(actor, event_id)


def event_of(concern: Concern) -> Event | None:
    """None when the row is past its retention."""
    return Event.objects.filter(pk=concern.event_id, at=concern.event_at).first()


def notes(stated_ids: Collection[UUID]) -> dict[UUID, str]:
    """What staff wrote in their own words as purpose."""
    return {row.pk: row.note for row in StatedPurpose.objects.filter(pk__in=stated_ids)}


def own_concerns(actor: Actor) -> list[Concern]:
    """What she has asked about, the latest first. One query."""
    return list(Concern.objects.filter(patient_id__in=policy.own_ids(actor)).order_by("-sent_at")[:MONTHS])


def concerns_about(actor: Actor, event_ids: Collection[UUID]) -> dict[UUID, Concern]:
    """Her own, by the row they ask about."""
    if actor.person_id is None:
        return {}
    mine = Concern.objects.filter(patient_id=actor.person_id, event_id__in=event_ids)
    return {concern.event_id: concern for concern in mine}


@dataclass(frozen=True, slots=True)
class OpenConcern:
    id: UUID
    patient_id: UUID
    about_employee_id: UUID | None
    sent_at: datetime
    answer_by: date
    given_name: bytes | None
    family_name: bytes | None


# Those that policy.concerns_visible_to shows.
CONCERNS = Statement(
    "questions about the log that wait",
    """
    SELECT c.id, c.patient_id, c.about_employee_id, c.sent_at, c.answer_by, p.given_name, p.family_name
      FROM audit_concern c LEFT JOIN patients_person p ON p.id = c.patient_id
     WHERE c.practice_id = %(practice_id)s AND c.practice_id = ANY(%(practices)s) AND c.answered_at IS NULL
     ORDER BY c.answer_by, c.sent_at LIMIT 200
    """,
    OpenConcern,
)


def open_concerns(actor: Actor, practice_id: UUID) -> Asked[OpenConcern]:
    """What the office must answer, the most urgent first; nothing for those who do not answer."""
    practices = actor.practices if actor.is_staff and actor.role in policy.ANSWERS else ()
    return Asked(CONCERNS, {"practice_id": practice_id, "practices": list(practices)})


def concern(actor: Actor, concern_id: UUID) -> Concern:
    """Raises NotFound for another office's and for those who do not answer."""
    return found(policy.concerns_visible_to(actor), concern_id)
