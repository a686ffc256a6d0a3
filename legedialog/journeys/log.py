"""The log's rows with the names of people and offices, which are looked up when they are read."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.audit import queries, rules, texts
from legedialog.audit import services as audit
from legedialog.audit.models import Concern, Event
from legedialog.audit.policy import own_ids
from legedialog.audit.queries import Doer, OpenConcern
from legedialog.core.times import local_day
from legedialog.outbox import services as outbox
from legedialog.patients import queries as patients
from legedialog.practices import queries as practices

Text = str | Promise
NAMED = 2  # kinds of things that the overview names of a person's month


@dataclass(frozen=True, slots=True)
class Row:
    """`who` is a name or "Du"; `role` and `office` are "" where there is none; `note` is in the reader's own words."""

    id: UUID
    at: datetime
    day: date
    who: str
    role: Text
    office: str
    what: Text
    is_change: bool
    purpose: Text
    note: str
    ground: Text
    may_ask: bool
    concern: Concern | None


def rows(actor: Actor, events: Sequence[Event]) -> list[Row]:
    """At most four queries, however many rows."""
    there, persons = _names(events)
    stated = {event.object_id for event in events if event.action == "purpose.stated" and event.object_id}
    notes = queries.notes(stated) if stated else {}
    concerns = queries.concerns_about(actor, [event.pk for event in events if event.employee_id])
    return [_row(actor, event, there, persons, notes, concerns) for event in events]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one person did at one office in one go: the rows of it, the latest first. A reader sees one line."""

    rows: tuple[Row, ...]

    @property
    def latest(self) -> Row:
        return self.rows[0]

    @property
    def since(self) -> datetime:
        return self.rows[-1].at

    @property
    def day(self) -> date:
        return self.latest.day

    @property
    def is_change(self) -> bool:
        return any(row.is_change for row in self.rows)

    @property
    def what(self) -> list[tuple[Text, int]]:
        """Each thing once, in the order it was first done, and how many times."""
        done = Counter(str(row.what) for row in reversed(self.rows))
        return list(done.items())


def occasions(actor: Actor, events: Sequence[Event]) -> list[Occasion]:
    """`rows` by who did it and when: what the same person did at the same office within rules.ONE_VISIT of each other.

    A day begins a new one. At most four queries.
    """
    open_ones: dict[tuple[object, ...], list[Row]] = {}
    found: list[list[Row]] = []
    for event, row in zip(events, rows(actor, events), strict=True):
        who = (event.actor_kind, event.employee_id, event.person_id, event.practice_id)
        group = open_ones.get(who)
        if group and row.day == group[-1].day and group[-1].at - row.at <= rules.ONE_VISIT:
            group.append(row)
            continue
        open_ones[who] = [row]
        found.append(open_ones[who])
    return [Occasion(tuple(each)) for each in found]


@dataclass(frozen=True, slots=True)
class Line:
    """One person's month. `by` finds her rows; `more` is how many kinds of things `what` leaves out."""

    who: str
    role: Text
    office: str
    what: str
    more: int
    days: int
    latest_at: datetime
    is_change: bool
    by: str
    month: date
    last_day: date  # of the month


def months(actor: Actor, found: Sequence[Doer]) -> list[Line]:
    """The overview: a line for each person in each month, others before herself and what no person did.

    Two queries, however many.
    """
    there, persons = _names(found)
    rank = {queries.AUTOMATIC: 2, **{str(each): 1 for each in own_ids(actor)}}
    lines = (_line(actor, each, there, persons) for each in found)
    return sorted(lines, key=lambda each: (-each.month.toordinal(), rank.get(each.by, 0)))


def _line(actor: Actor, each: Doer, there: dict[UUID, str], persons: dict[UUID, str]) -> Line:
    who, role = _who(actor, each, there, persons)
    words = list(dict.fromkeys(str(texts.what(one, "change" if each.is_change else "read")) for one in each.actions))
    return Line(
        who=who,
        role=role,
        office=there.get(each.practice_id, "") if each.practice_id and each.employee_id else "",
        what=". ".join(words[:NAMED]),
        more=len(words[NAMED:]),
        days=each.days,
        latest_at=each.latest_at,
        is_change=each.is_change,
        by=str(each.employee_id or each.person_id or queries.AUTOMATIC),
        month=each.month,
        last_day=(each.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1),
    )


def _names(found: Sequence[Event] | Sequence[Doer]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Of employees and offices, and of citizens."""
    there = practices.names(
        {each.employee_id for each in found if each.employee_id},
        {each.practice_id for each in found if each.practice_id},
    )
    return there, patients.names({each.person_id for each in found if each.person_id})


def _who(actor: Actor, each: Event | Doer, there: dict[UUID, str], persons: dict[UUID, str]) -> tuple[str, Text]:
    """The name, or "Du", and the role."""
    if each.employee_id:
        return there.get(each.employee_id, _("Ansatt")), texts.ROLES.get(each.role, "")
    if each.person_id is None:
        return _("Automatisk"), texts.ROLES.get(each.role, "")
    if each.person_id in own_ids(actor):
        return _("Du"), ""
    return persons.get(each.person_id, _("Ukjent")), _("på dine vegne")


def what(event: Event) -> Text:
    """What was done, in plain words."""
    return texts.what(event.action, event.kind)


@transaction.atomic
def answer(*, actor: Actor, concern_id: UUID, text: str, now: datetime) -> None:
    """The office answers a question about the log, and the citizen is told. Raises NotFound, Denied or Refused."""
    answered = audit.answer_concern(actor=actor, concern_id=concern_id, text=text, now=now)
    outbox.put(
        "concern.answered",
        answered.pk,
        recipient_id=answered.patient_id,
        practice_id=answered.practice_id,
        now=now,
    )


def _row(
    actor: Actor,
    event: Event,
    there: dict[UUID, str],  # names of employees and offices
    persons: dict[UUID, str],
    notes: dict[UUID, str],
    concerns: dict[UUID, Concern],
) -> Row:
    who, role = _who(actor, event, there, persons)
    return Row(
        id=event.pk,
        at=event.at,
        day=local_day(event.at),
        who=who,
        role=role,
        office=there.get(event.practice_id, "") if event.practice_id and event.employee_id else "",
        what=what(event),
        is_change=event.kind == "change",
        purpose=texts.PURPOSES.get(event.purpose, ""),
        note=notes.get(event.object_id, "") if event.object_id else "",
        ground=texts.GROUNDS.get(event.legal_ground, ""),
        may_ask=bool(event.employee_id and event.practice_id and event.action != "concern.answered"),
        concern=concerns.get(event.pk),
    )


@dataclass(frozen=True, slots=True)
class ConcernRow:
    """What waits for the office's answer. `text` and `row` only when one is opened."""

    id: UUID
    patient_name: str
    sent_at: datetime
    answer_by: date
    is_late: bool
    is_about_me: bool
    text: str = ""
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: str = ""
    row: Row | None = None


def open_concerns(actor: Actor, found: Collection[OpenConcern], now: datetime) -> list[ConcernRow]:
    """Of what queries.open_concerns found. One query where the office does not reach somebody any more."""
    names = patients.names_in(found)
    return [_concern_row(actor, each, names, now) for each in found]


def concern(actor: Actor, concern_id: UUID, now: datetime) -> ConcernRow:
    """One with its words, which is logged. Raises NotFound."""
    found = queries.concern(actor, concern_id)
    audit.looked(
        actor,
        "concern.read",
        found.pk,
        at=now,
        patient_id=found.patient_id,
        practice_id=found.practice_id,
        purpose=rules.Purpose.QUALITY,
    )
    event = queries.event_of(found)
    names = patients.names({found.patient_id})
    answered_by = practices.employee_names({found.answered_by_id}) if found.answered_by_id else {}
    return _concern_row(
        *(actor, found, names, now),
        text=found.text,
        answer=found.answer,
        answered_at=found.answered_at,
        answered_by=next(iter(answered_by.values()), ""),
        row=rows(actor, [event])[0] if event else None,
    )


def _concern_row(
    actor: Actor, found: Concern | OpenConcern, names: dict[UUID, str], now: datetime, **opened: object
) -> ConcernRow:
    return ConcernRow(
        id=found.id,
        patient_name=names.get(found.patient_id, ""),
        sent_at=found.sent_at,
        answer_by=found.answer_by,
        is_late=found.answer_by < local_day(now),
        is_about_me=found.about_employee_id == actor.employee_id,
        **opened,  # type: ignore[arg-type]
    )


STATED = [(each.value, texts.PURPOSES[each]) for each in rules.STATED]
