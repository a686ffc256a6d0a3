"""What the registers have not confirmed lately is asked about: before it is relied upon, and little by little by a job.

No transaction is open while a register is spoken to. Each person's answer is taken in by itself, so one that cannot be
taken keeps no other from it. A register that does not answer is left alone for a while: nobody waits for it at each
click.
"""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar
from uuid import UUID

import structlog
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from legedialog.access.actor import Actor, system
from legedialog.core import broken, fence, outside
from legedialog.core.crypto import NotOpened
from legedialog.core.errors import LegedialogError
from legedialog.core.times import local_day
from legedialog.integrations.registers import client, people, sync
from legedialog.integrations.registers.mapping import RegisterError
from legedialog.journeys import registered, walk_ins
from legedialog.patients import freshness, registering
from legedialog.patients.freshness import Fact
from legedialog.patients.models import Guardianship, Membership, Person, Responsibility, WalkIn
from legedialog.patients.policy import on

BATCH = 100  # persons in one question of the job
BATCHES = 10  # of one run
LISTS = 20  # persons whose list is asked for in one run: the GP register answers for one at a time
PAUSE = 0.5  # seconds between two questions of the job
REST = 30.0  # seconds a register that did not answer is left alone
DEAD_ASKED = timedelta(days=365)  # so long after a death the register may still take it back

A = TypeVar("A")
_resting: dict[str, float] = {}  # which register → until when, monotonic
log = structlog.get_logger("legedialog.registers")


def before_acting(person_ids: Collection[UUID], now: datetime) -> bool:
    """Somebody waits for a page. Her children's other parents are asked about too, for their addresses count.

    False when no register answered: then what is there is used, as long as it is not too old.
    """
    with fence.system("what the registers say of two persons, before the one acts for the other"):
        today = local_day(now)
        parents = Responsibility.objects.filter(on(today), child__in=person_ids).values("parent")
        persons = Person.objects.filter(Q(pk__in=person_ids) | Q(pk__in=parents))
        done = _ask_of_people(_numbers(persons), now, people.BRIEF)
        old = Membership.objects.filter(
            on(today), person__in=person_ids, confirmed_at__lte=freshness.ask_before(Fact.LIST, now)
        )
        for person_id in old.values_list("person_id", flat=True):
            done |= _ask_of_list(person_id, now, client.BRIEF)
        return done


def gently(now: datetime, pause: Callable[[float], object] = time.sleep, *, everybody: bool = False) -> int:
    """A run of the job: those whom nobody has asked about for the longest time. How many were asked about.

    `everybody`: until all have been asked about, also those whose facts are fresh, and about every place on a list.
    """
    number = 0
    for _ in count() if everybody else range(BATCHES):
        persons = _numbers(due(now, everybody=everybody)[:BATCH])
        if not persons or not _ask_of_people(persons, now, people.PATIENT):
            break
        number += len(persons)
        pause(PAUSE)
    for person_id in list(lists_due(now, everybody=everybody)[: None if everybody else LISTS]):
        if _rests("gp"):
            break
        _ask_of_list(person_id, now, client.SECONDS)
        pause(PAUSE)
    ask_of_walk_ins(now)
    return number


def ask_of_walk_ins(now: datetime) -> int:
    """Those whom offices have registered themselves: the register's answer joins them to its persons. How many."""
    numbers = walk_ins.due(now, BATCH)
    if not numbers:
        return 0
    with outside.talking(), people.connect(seconds=people.PATIENT) as registers:
        told = _answer("population", lambda: registers.registered(set(numbers.values())))
    if told is None and _rests("population"):  # it is asked when it answers again
        return 0
    return walk_ins.take(numbers, told or {}, now)


def due(now: datetime, *, everybody: bool = False) -> QuerySet[Person]:
    """Whoever is on a list, was joined to an office's own, may act or be acted for, and was not asked about for a day;
    `everybody`: since `now`."""
    today = local_day(now)
    here = (
        Exists(Membership.objects.filter(on(today), person=OuterRef("pk")))
        | Exists(WalkIn.objects.filter(person=OuterRef("pk"), joined_at__isnull=False))
        | Exists(Responsibility.objects.filter(on(today), parent=OuterRef("pk")))
        | Exists(Guardianship.objects.filter(on(today), guardian=OuterRef("pk")))
    )
    stale = Q(confirmed_at__lte=freshness.ask_before(Fact.PERSON, now)) | Q(
        reservation_confirmed_at__lte=freshness.ask_before(Fact.RESERVATION, now)
    )
    rested = Q(asked_at=None) | Q(asked_at__lte=freshness.ask_before(Fact.PERSON, now))
    may_change = Q(death_date=None) | Q(death_date__gt=today - DEAD_ASKED)
    asked_for = Q(asked_at=None) | Q(asked_at__lt=now) if everybody else stale & rested
    return Person.objects.filter(here, asked_for, may_change).order_by(F("asked_at").asc(nulls_first=True), "pk")


def lists_due(now: datetime, *, everybody: bool = False) -> QuerySet[Membership, UUID]:
    """Persons whose place on a list has been unconfirmed, and not asked about, for the longest time; `everybody`: all
    places that were not asked about since `now`."""
    before = freshness.ask_before(Fact.LIST, now)
    rested = Q(asked_at=None) | Q(asked_at__lte=freshness.ask_before(Fact.PERSON, now))
    asked_for = Q(asked_at=None) | Q(asked_at__lt=now) if everybody else Q(rested, confirmed_at__lte=before)
    found = Membership.objects.filter(on(local_day(now)), asked_for, person__death_date=None)
    return found.order_by(F("asked_at").asc(nulls_first=True), "pk").values_list("person_id", flat=True)


def _numbers(persons: QuerySet[Person]) -> dict[str, UUID]:
    """National numbers to ids. One that cannot be read is asked about by nobody, and stops nobody else."""
    with broken.reading():
        found = list(persons.only("national_number"))
    return {each.national_number: each.pk for each in found if not isinstance(each.national_number, broken.NotShown)}


def _ask_of_people(by_number: Mapping[str, UUID], now: datetime, seconds: float) -> bool:
    if not by_number:
        return True
    with outside.talking(), people.connect(seconds=seconds) as registers:
        told = _answer("population", lambda: registers.registered(by_number.keys()))
        contacts = _answer("contact", lambda: registers.contacts(by_number.keys()))
    if told is not None and len(told) < len(by_number):
        log.warning("persons without an answer", register="population", number=len(by_number) - len(told))
    by = system()
    for number, person_id in by_number.items():
        if told and number in told:
            _take(registered.take, actor=by, person_id=person_id, told=told[number], asked_at=now, now=now)
        if contacts and number in contacts:
            _take(registering.take_contact, actor=by, person_id=person_id, told=contacts[number], asked_at=now, now=now)
    Person.objects.filter(pk__in=by_number.values()).update(asked_at=now)
    return told is not None or contacts is not None


def _ask_of_list(person_id: UUID, now: datetime, seconds: float) -> bool:
    by: Actor = system()
    with outside.talking(), client.connect(seconds=seconds) as registers:
        done = _answer("gp", lambda: sync.refresh_person(registers, person_id, actor=by, now=now))
    Membership.objects.filter(on(local_day(now)), person=person_id).update(asked_at=now)
    return done is not None


def _answer(register: str, ask: Callable[[], A]) -> A | None:
    """None when it gave none that we can use."""
    if _rests(register):
        return None
    try:
        return ask()
    except RegisterError as error:
        if not error.permanent:
            _resting[register] = time.monotonic() + REST
        if error.code != "not-set-up":
            log.warning("register not used", register=register, why=error.code)
        return None
    except NotOpened:  # of hers, which stops nobody else
        log.exception("person not asked about", register=register)
        return None


def _rests(register: str) -> bool:
    return time.monotonic() < _resting.get(register, 0)


def wake() -> None:
    """Nothing is left alone any more."""
    _resting.clear()


def _take(take: Callable[..., object], **answer: object) -> None:
    try:
        take(**answer)
    except LegedialogError as error:
        log.warning("register's answer not taken", why=error.code)
    except Exception:
        log.exception("register's answer not taken")
