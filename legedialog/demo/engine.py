"""The demo: its people come through the register import like everyone else, then each context's chapters are played.

Synthetic people only. Source: docs/house.md#the-demos-people.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from legedialog.access import services as access
from legedialog.access.actor import Actor, Assurance, Kind, Role, system
from legedialog.appointments.models import Block, Calendar, VisitType
from legedialog.consent import acting
from legedialog.core import contexts, writing
from legedialog.core.crypto import blind_index
from legedialog.core.errors import LegedialogError
from legedialog.core.times import local_day
from legedialog.demo import crowd, register
from legedialog.demo.people import PEOPLE, DemoPerson
from legedialog.integrations.registers import checking, load
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status as Told
from legedialog.patients import queries as patients
from legedialog.practices.models import Employee


def populate(say: crowd.Say, *, persons: int = 0) -> None:
    """The named people and their offices unless they are there, then `persons` more. `say` hears done and total."""
    now = timezone.now()
    today = local_day(now)
    if not Block.objects.filter(calendar__clinician__hpr_number=_named("Ingrid Aas").hpr).exists():
        _register(today, now)  # repeatable, and by itself: the offices' keys are remembered once they are committed
        steps = list(_steps(now))
        with transaction.atomic():  # all of the rest, or nothing after a Ctrl-C
            for done, step in enumerate(steps, start=1):
                step()
                say(done, len(steps))
    with transaction.atomic():
        _at_each_start(now)
    if persons:
        crowd.grow(persons, say=say)


def _steps(now: datetime) -> Iterator[Callable[[], None]]:
    yield _operators
    stage = Stage(now, _in_register())
    for chapter in contexts.ordered(lambda about: about.story):
        if not chapter.at_each_start:
            yield lambda play=chapter.play: play(stage)  # type: ignore[misc]
    yield lambda: _nothing_to_tell_of_the_past(now)


@dataclass(frozen=True, slots=True)
class Stage:
    """See core/contexts."""

    now: datetime
    crowd: Sequence[UUID]

    @property
    def adults(self) -> list[UUID]:
        today = local_day(self.now)
        named = [p.name for p in PEOPLE if p.kind == "citizen" and p.birth_date(today) <= _sixteen(today)]
        return [*map(self.person, named), *self.crowd]

    def person(self, name: str) -> UUID:
        found = patients.id_of(_named(name).number)
        if found is None:
            raise RuntimeError(f"{name} is not in the register")
        return found

    def citizen(self, who: UUID) -> Actor:
        return _citizen(who)

    def staff(self, name: str) -> Actor:
        return _staff(name)

    def acting(self, given_name: str, other: str) -> Actor:
        ids = {person.given_name: self.person(person.name) for person in PEOPLE if person.kind == "citizen"}
        found = acting.standing(ids[given_name], ids[other], self.now)
        if found is None:
            raise RuntimeError(f"{given_name} does not act for {other}")
        return acting.narrowed(_citizen(ids[given_name]), found)

    def bookable(self, doctor: str) -> tuple[UUID, UUID]:
        calendar = _calendar(doctor)
        return calendar.pk, VisitType.objects.get(practice=calendar.practice_id, name="Vanlig time").pk


def _at_each_start(now: datetime) -> None:
    stage = Stage(now, _in_register())
    for chapter in contexts.ordered(lambda about: about.story):
        if chapter.at_each_start:
            # Who tries the demo may have closed it: one of its people has died, has another post, or no calendar.
            with suppress(LegedialogError, ObjectDoesNotExist, MultipleObjectsReturned), transaction.atomic():
                chapter.play(stage)
    # Nobody is told of what the demo books for itself. What people have done, sent or not, stays.
    writing.remove(Notification.objects.filter(created_at=now, due_at__lte=now, status=Told.WAITING))


def _in_register() -> list[UUID]:
    return [person_id for _, _, _, number in crowd.people() if (person_id := patients.id_of(number))]


def _named(name: str) -> DemoPerson:
    return next(person for person in PEOPLE if person.name == name)


def _register(today: date, now: datetime) -> None:
    lines = [*register.lines(today), *crowd.lines()]
    report = load.load(checking.encode(lines), actor=system(), now=now)
    if report.bad:
        raise RuntimeError(f"the demo's register file is wrong: {next(iter(report.bad.items()))}")


def _operators() -> None:
    for person in PEOPLE:
        if person.kind == "operator":
            access.add_operator(name=person.name, national_number=person.number)


def _sixteen(today: date) -> date:
    return today.replace(year=today.year - 16) if (today.month, today.day) != (2, 29) else date(today.year - 16, 2, 28)


def _staff(name: str) -> Actor:
    posts = Employee.objects.filter(national_number_index=blind_index(_named(name).number, purpose="national-number"))
    work = posts.order_by("starts_date", "pk")[:1].get()  # of those who tried the demo the later ones
    return Actor(
        kind=Kind.STAFF,
        assurance=Assurance.HIGH,
        employee_id=work.pk,
        clinician_id=work.clinician_id,
        role=Role(work.role),
        practice_id=work.practice_id,
        practices=frozenset({work.practice_id}),
    )


def _citizen(person_id: UUID) -> Actor:
    return Actor(
        kind=Kind.CITIZEN,
        assurance=Assurance.HIGH,
        person_id=person_id,
        acting_for_id=person_id,
        patients=frozenset({person_id}),
    )


def _calendar(doctor: str) -> Calendar:
    found = Calendar.objects.select_related("clinician").filter(clinician__hpr_number=_named(doctor).hpr)
    return found.order_by("pk")[:1].get()  # of those who tried the demo the later ones


def _nothing_to_tell_of_the_past(now: datetime) -> None:
    """What the first population books has been told of; reminders that lie ahead stay. There was nothing before it."""
    writing.remove(Notification.objects.filter(due_at__lte=now, status=Told.WAITING))
