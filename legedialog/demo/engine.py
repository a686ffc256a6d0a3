"""The demo: invented offices, people and weeks of appointments around today. Synthetic people only.

The named people come through the register import and the services, like everyone else's; only the crowd of
`legedialog demo --persons N` is written in bulk. Source: docs/house.md#the-demos-people.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from legedialog.access import services as access
from legedialog.access.actor import Actor, Assurance, Kind, Role, system
from legedialog.appointments import free, services
from legedialog.appointments.models import Block, Calendar, Channel, VisitKind, VisitType
from legedialog.consent import acting
from legedialog.consent import services as consents
from legedialog.consent.models import Consent, Level
from legedialog.core import contexts, writing
from legedialog.core.crypto import blind_index, create_key
from legedialog.core.identifiers import synthetic_number
from legedialog.core.models import KeyPurpose
from legedialog.core.times import at_local, local_day
from legedialog.core.workdays import is_working_day
from legedialog.demo import hospital, prescriptions, register
from legedialog.demo.people import PEOPLE, DemoPerson
from legedialog.fees import story as fees
from legedialog.integrations.registers import checking, load
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status as Told
from legedialog.patients import powers
from legedialog.patients import queries as patients
from legedialog.patients.models import Membership, Person, name_keys
from legedialog.practices import services as offices
from legedialog.practices.models import Clinician, Contract, ContractDoctor, Employee, Offer, Practice, Service

__all__ = ["PEOPLE", "grow", "populate"]

Say = Callable[[int, int], None]  # done, total

BASIS = {"Per Testvik"}
SINCE = date(2015, 1, 1)
CROWD = 160  # unnamed patients of the two doctors at Fjordbyen
DAYS_BACK, DAYS_AHEAD = 7, 10
LIST = 1000  # patients on each list of the large population. Source: docs/facts.md#volumes
REASONS = (
    "Vondt i skulderen, tre uker",
    "Kontroll av blodtrykk",
    "Hoste som ikke gir seg",
    "Utslett på armen",
    "Samtale om søvn",
    "Ønsker legeattest",
)
GIVEN = (
    "Anne",
    "Bjørn",
    "Camilla",
    "Dag",
    "Eva",
    "Frode",
    "Guro",
    "Hans",
    "Ida",
    "Jan",
    "Karin",
    "Lars",
    "Mia",
    "Nils",
)
FAMILY = ("Testås", "Testdahl", "Testeng", "Testheim", "Testlund", "Testnes", "Testsund", "Testvold", "Testås")


def populate(say: Say, *, persons: int = 0) -> None:
    """The named people and their offices unless they are there, then `persons` more. `say` hears done and total."""
    now = timezone.now()
    today = local_day(now)
    if not Block.objects.filter(calendar__clinician__hpr_number=_named("Ingrid Aas").hpr).exists():
        _register(today, now)  # repeatable, and by itself: the offices' keys are remembered once they are committed
        steps = list(_steps(today, now))
        with transaction.atomic():  # all of the rest, or nothing after a Ctrl-C
            for done, step in enumerate(steps, start=1):
                step()
                say(done, len(steps))
    with transaction.atomic():
        _at_each_start(now)
    if persons:
        grow(persons, say=say)


def _steps(today: date, now: datetime) -> Iterator[Callable[[], None]]:
    yield _operators
    yield lambda: _consents(now)
    yield lambda: fees.load(managers=[_staff("Siri Berge")], today=today, now=now)
    yield lambda: _proxies(now)
    yield lambda: _plans(now)
    yield lambda: _absence(today, now)
    days = [today + timedelta(days=number) for number in range(-DAYS_BACK, DAYS_AHEAD)]
    crowd = _in_register()
    for day in filter(is_working_day, days):
        yield lambda day=day: _day(day, crowd, now)  # type: ignore[misc]
    yield lambda: _history_of_kari(today)
    yield lambda: _requests(now)
    for chapter in contexts.ordered(lambda about: about.story):
        if not chapter.at_each_start:
            yield lambda play=chapter.play: play(Stage(now, crowd))  # type: ignore[misc]
    yield lambda: hospital.load(today, now)
    numbers = [number for _, _, _, number in _crowd()]
    yield lambda: prescriptions.load_all(today, now, numbers)
    yield lambda: prescriptions.renewals(now, numbers, prescriptions.Cast(_staff, _citizen, _acting))
    yield lambda: _nothing_to_tell_of_the_past(now)


@dataclass(frozen=True, slots=True)
class Stage:
    """See core/contexts.py."""

    now: datetime
    crowd: Sequence[UUID]

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
        return _acting(given_name, other, self.now)[0]

    def bookable(self, doctor: str) -> tuple[UUID, UUID]:
        calendar = _calendar(doctor)
        return calendar.pk, VisitType.objects.get(practice=calendar.practice_id, name="Vanlig time").pk


def _at_each_start(now: datetime) -> None:
    stage = Stage(now, _in_register())
    for chapter in contexts.ordered(lambda about: about.story):
        if chapter.at_each_start:
            chapter.play(stage)
    # Nobody is told of what the demo books for itself. What people have done, sent or not, stays.
    writing.remove(Notification.objects.filter(created_at=now, due_at__lte=now, status=Told.WAITING))


def _in_register() -> list[UUID]:
    return [person_id for _, _, _, number in _crowd() if (person_id := patients.id_of(number))]


def _named(name: str) -> DemoPerson:
    return next(person for person in PEOPLE if person.name == name)


def _register(today: date, now: datetime) -> None:
    lines = [*register.lines(today), *_crowd_lines()]
    report = load.load(checking.encode(lines), actor=system(), now=now)
    if report.bad:
        raise RuntimeError(f"the demo's register file is wrong: {next(iter(report.bad.items()))}")


def _operators() -> None:
    for person in PEOPLE:
        if person.kind == "operator":
            access.add_operator(name=person.name, national_number=person.number)


def _crowd() -> list[tuple[str, str, date, str]]:
    """Given name, family name, birth date, number."""
    people = []
    for at in range(CROWD):
        born = date(1940, 1, 1) + timedelta(days=151 * at)
        number = synthetic_number(born, 1)
        people.append((GIVEN[at % len(GIVEN)], FAMILY[at * 5 % len(FAMILY)], born, number))
    return people


def _crowd_lines() -> Iterator[dict[str, object]]:
    for at, (given, family, born, number) in enumerate(_crowd()):
        yield {
            "type": "person",
            "national_number": number,
            "given_name": given,
            "family_name": family,
            "birth_date": born.isoformat(),
        }
        yield {
            "type": "membership",
            "person": number,
            "contract": register.AAS if at % 3 else register.VIK,
            "starts_date": SINCE.isoformat(),
        }


def _consents(now: datetime) -> None:
    """Everybody of age has chosen: Basis for one, Full for the others."""
    given = now - timedelta(days=400)
    today = local_day(now)
    numbers = [(p.number, p.name) for p in PEOPLE if p.kind == "citizen" and p.birth_date(today) <= _sixteen(today)]
    numbers += [(number, "") for _, _, _, number in _crowd()]
    for number, name in numbers:
        person_id = patients.id_of(number)
        if person_id:
            level = Level.BASIS if name in BASIS else Level.FULL
            Consent.objects.create(person_id=person_id, level=level, starts_at=given, given_by_id=person_id)


def _proxies(now: datetime) -> None:
    """Parents have chosen Full for their children, Emil's also his own access; Tor acts for Grethe."""
    for parent, child in (("Kari", "Ola"), ("Kari", "Nora"), ("Ida", "Emil")):
        actor, child_id = _acting(parent, child, now)
        consents.give(actor=actor, person_id=child_id, level=Level.FULL, now=now)
        if child == "Emil":
            powers.give_youth_access(actor=actor, person_id=child_id, now=now)
    grethe, tor = patients.id_of(_named("Grethe Testli").number), _named("Tor Testli")
    if grethe is None:
        raise RuntimeError("Grethe is not in the register")
    giver = _citizen(grethe)
    powers.give(actor=giver, national_number=tor.number, name=tor.name, areas=[1, 3], last_date=None, now=now)


def _acting(given_name: str, other: str, now: datetime) -> tuple[Actor, UUID]:
    """The one who acts, narrowed as at a request, and whom for."""
    ids = {
        person.given_name: person_id
        for person in PEOPLE
        if person.kind == "citizen" and (person_id := patients.id_of(person.number))
    }
    found = acting.standing(ids[given_name], ids[other], now)
    if found is None:
        raise RuntimeError("both must be in the register")
    return acting.narrowed(_citizen(ids[given_name]), found), ids[other]


def _sixteen(today: date) -> date:
    return today.replace(year=today.year - 16) if (today.month, today.day) != (2, 29) else date(today.year - 16, 2, 28)


def _staff(name: str) -> Actor:
    work = Employee.objects.get(national_number_index=blind_index(_named(name).number, purpose="national-number"))
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
    return Calendar.objects.select_related("clinician").get(clinician__hpr_number=_named(doctor).hpr)


def _plans(now: datetime) -> None:
    siri = _staff("Siri Berge")
    if siri.practice_id is None:
        raise RuntimeError("the manager works at no office")
    both = [Channel.ATTENDANCE, Channel.PHONE]
    every = [*both, Channel.VIDEO]
    ordinary = _visit_type(siri, "Vanlig time", "Vanleg time", "Ordinary visit", 20, every, now, position=1)
    long = _visit_type(siri, "Lang time", "Lang time", "Long visit", 40, [Channel.ATTENDANCE], now, position=2)
    vaccine = _visit_type(
        siri,
        "Vaksine",
        "Vaksine",
        "Vaccination",
        10,
        [Channel.ATTENDANCE],
        now,
        position=3,
        kind=VisitKind.VACCINE,
        preparation="Ha på deg klær som er lette å brette opp på overarmen.",
    )
    urgent = _visit_type(
        siri, "Hastetime", "Hastetime", "Urgent visit", 20, both, now, position=4, kind=VisitKind.URGENT, citizens=False
    )
    for doctor in ("Ingrid Aas", "Jonas Vik", "Leif Strand"):
        calendar = Calendar.objects.get(practice=siri.practice_id, clinician__hpr_number=_named(doctor).hpr)
        online = doctor != "Jonas Vik"
        for weekday in range(5) if doctor != "Leif Strand" else (1, 3):
            _block(siri, calendar, weekday, time(8), time(11, 20), 20, [ordinary, long], every, now, online=online)
            _block(siri, calendar, weekday, time(11, 20), time(12), 20, [urgent], both, now, online=False)
            _block(siri, calendar, weekday, time(12, 40), time(15), 20, [ordinary], every, now, online=online)
        if doctor == "Ingrid Aas":
            _block(siri, calendar, 2, time(15), time(16), 10, [vaccine], [Channel.ATTENDANCE], now, online=True)


def _visit_type(
    actor: Actor,
    name: str,
    name_nn: str,
    name_en: str,
    minutes: int,
    channels: list[Channel],
    now: datetime,
    *,
    position: int,
    kind: VisitKind = VisitKind.ORDINARY,
    citizens: bool = True,
    preparation: str = "",
) -> VisitType:
    if actor.practice_id is None:
        raise RuntimeError("a visit type belongs to an office")
    return services.save_visit_type(
        actor=actor,
        practice_id=actor.practice_id,
        visit_type_id=None,
        name=name,
        name_nn=name_nn,
        name_en=name_en,
        kind=kind,
        minutes=minutes,
        channels=list(channels),
        is_bookable_by_citizens=citizens,
        is_with_anybody=kind is VisitKind.VACCINE,
        horizon_days=60,
        lead_minutes=60,
        release_clock=time(8),
        buffer_minutes=0,
        cutoff_hours=24,
        max_coming=3,
        preparation=preparation,
        is_active=True,
        position=position,
        now=now,
    )


def _block(
    actor: Actor,
    calendar: Calendar,
    weekday: int,
    starts: time,
    ends: time,
    step: int,
    visit_types: list[VisitType],
    channels: list[Channel],
    now: datetime,
    *,
    online: bool,
) -> None:
    services.save_block(
        actor=actor,
        calendar_id=calendar.pk,
        block_id=None,
        weekday=weekday,
        starts=starts,
        ends=ends,
        step_minutes=step,
        visit_type_ids=[each.pk for each in visit_types],
        channels=list(channels),
        is_online=online,
        first_date=SINCE,
        last_date=None,
        now=now,
    )


def _absence(today: date, now: datetime) -> None:
    """Jonas Vik is away for a week in three weeks; Leif Strand stands in."""
    siri, jonas, leif = _staff("Siri Berge"), _calendar("Jonas Vik"), _calendar("Leif Strand")
    monday = today + timedelta(days=21 - today.weekday())
    offices.report_absence(
        actor=siri,
        practice_id=jonas.practice_id,
        clinician_id=jonas.clinician_id,
        first_date=monday,
        last_date=monday + timedelta(days=4),
        substitute_id=leif.clinician_id,
        note="Jonas Vik er på kurs. Leif Strand tar imot pasientene hans denne uken.",
        now=now,
    )


def _day(day: date, crowd: list[UUID], now: datetime) -> None:
    """Some of the day's times booked by reception; what is over has been held, or not."""
    mona = _staff("Mona Haug")
    ordinary = VisitType.objects.get(practice=mona.practice_id, name="Vanlig time")
    for number, doctor in enumerate(("Ingrid Aas", "Jonas Vik")):
        calendar = _calendar(doctor)
        booked = min(at_local(day, time(8)) - timedelta(days=4), now)
        wanted = free.Wanted(
            calendar.practice_id, [calendar.clinician_id], ordinary, Channel.ATTENDANCE, booked, for_citizen=False
        )
        for at, each in enumerate(free.days(wanted, day, day)[0].times):
            if (at * 7 + day.day * 3 + number) % 10 >= (6 if day <= local_day(now) else 4):
                continue
            appointment = services.book_for_patient(
                actor=mona,
                patient_id=crowd[(day.toordinal() * 31 + at * 5 + number * 53) % len(crowd)],
                calendar_id=calendar.pk,
                visit_type_id=ordinary.pk,
                channel=(Channel.ATTENDANCE, Channel.ATTENDANCE, Channel.PHONE, Channel.VIDEO)[(at + day.day) % 4],
                starts_at=each.starts_at,
                reason=REASONS[(at + day.day) % len(REASONS)],
                now=booked,
            )
            if each.ends_at < now:
                if (at + day.day) % 17 == 0:
                    services.no_show(actor=mona, appointment_id=appointment.pk, now=each.ends_at)
                else:
                    services.arrive(actor=mona, appointment_id=appointment.pk, now=each.starts_at)
                    services.complete(actor=mona, appointment_id=appointment.pk, now=each.ends_at)


def _history_of_kari(today: date) -> None:
    """Two visits long ago, one of them cancelled."""
    mona, calendar, kari = _staff("Mona Haug"), _calendar("Ingrid Aas"), patients.id_of(_named("Kari Testdal").number)
    ordinary = VisitType.objects.get(practice=mona.practice_id, name="Vanlig time")
    if kari is None:
        return
    for weeks, clock, is_kept in ((14, time(9), True), (30, time(13), False)):
        day = today - timedelta(weeks=weeks, days=today.weekday() - 1)
        starts_at = at_local(day, clock)
        appointment = services.book_for_patient(
            actor=mona,
            patient_id=kari,
            calendar_id=calendar.pk,
            visit_type_id=ordinary.pk,
            channel=Channel.ATTENDANCE,
            starts_at=starts_at,
            reason=REASONS[0],
            now=starts_at - timedelta(days=9),
            overbook_reason="Historikk i demoen",
        )
        if is_kept:
            services.arrive(actor=mona, appointment_id=appointment.pk, now=starts_at)
            services.complete(actor=mona, appointment_id=appointment.pk, now=starts_at + timedelta(minutes=20))
        else:
            services.cancel(actor=_citizen(kari), appointment_id=appointment.pk, now=starts_at - timedelta(days=3))


def _requests(now: datetime) -> None:
    """Two wishes that wait for the office."""
    jonas = _calendar("Jonas Vik")
    wishes = (
        ("Jeg trenger en time for å snakke om ryggen. Helst ikke på mandager.", ["tuesday-am", "thursday-am"], 26),
        ("Kontroll etter prøver. Telefon går fint.", ["wednesday-pm"], 3),
    )
    on_the_list = [number for at, (_, _, _, number) in enumerate(_crowd()) if at % 3 == 0]
    for at, (words, coarse_times, hours) in enumerate(wishes):
        person_id = patients.id_of(on_the_list[at + 4])
        if person_id:
            services.send_request(
                actor=_citizen(person_id),
                patient_id=person_id,
                clinician_id=jonas.clinician_id,
                key=uuid5(jonas.pk, f"request {at}"),
                wishes=words,
                coarse_times=coarse_times,
                channels=[Channel.ATTENDANCE, Channel.PHONE],
                now=now - timedelta(hours=hours),
            )


def _nothing_to_tell_of_the_past(now: datetime) -> None:
    """What the first population books has been told of; reminders that lie ahead stay. There was nothing before it."""
    writing.remove(Notification.objects.filter(due_at__lte=now))


def grow(persons: int, *, say: Say, each: int = LIST) -> None:
    """`persons` more people, on lists of a thousand (`each`), four doctors to an office, with calendars, plans, offers.

    Written in bulk; may be run again for more.
    """
    begin = Contract.objects.filter(number__startswith="CROWD-").count() * each
    made = 0
    for first in range(begin, begin + persons, each):  # a list at a time, each whole or not at all
        part = range(first, min(first + each, begin + persons))
        with transaction.atomic():
            _people(part, _list(first // each))
        made += len(part)
        say(made, persons)


def _list(number: int) -> Contract:
    office, created = Practice.objects.get_or_create(
        organisation_number=str(990_000_000 + number // 4),
        defaults={
            "name": f"Testbyen legesenter {number // 4 + 1}",
            "street": f"Testveien {number // 4 + 1}",
            "postal_code": "9999",
            "city": "Testbyen",
            "phone": "55550000",
            "supported_services": list(Service.values),
        },
    )
    if created:
        create_key(KeyPurpose.SEAL, office.pk)
        VisitType.objects.create(practice=office, name="Vanlig time", channels=list(Channel.values))
    doctor = Clinician.objects.create(name=f"Lege Test{number + 1}", hpr_number=str(8_000_000 + number))
    contract = Contract.objects.create(practice=office, number=f"CROWD-{number}", max_patients=LIST)
    ContractDoctor.objects.create(contract=contract, clinician=doctor, starts_date=SINCE)
    Offer.objects.bulk_create(Offer(practice=office, clinician=doctor, service=each) for each in Service.values)
    calendar = Calendar.objects.create(practice=office, clinician=doctor)
    for weekday in range(5):
        block = Block.objects.create(
            calendar=calendar,
            weekday=weekday,
            starts=time(8),
            ends=time(15, 20),
            step_minutes=20,
            channels=list(Channel.values),
            first_date=SINCE,
        )
        block.visit_types.set(VisitType.objects.filter(practice=office))
    return contract


def _people(numbers: range, contract: Contract) -> None:
    now = timezone.now()
    people = []
    for at in numbers:
        born = date(1930, 1, 1) + timedelta(days=at * 7919 % 29_000)
        number = synthetic_number(born, 2 + at // 29_000)
        given, family = GIVEN[at % len(GIVEN)], f"{FAMILY[at // 7 % len(FAMILY)]}{at}"
        people.append(
            Person(
                national_number=number,
                national_number_index=blind_index(number, purpose="national-number"),
                given_name=given,
                family_name=family,
                name_keys=name_keys(given, family),
                birth_date=born,
                address="",
                phone="",
                email="",
            )
        )
    Person.objects.bulk_create(people)
    Membership.objects.bulk_create(Membership(person=each, contract=contract, starts_date=SINCE) for each in people)
    Consent.objects.bulk_create(Consent(person=each, level=Level.FULL, starts_at=now, given_by=each) for each in people)
