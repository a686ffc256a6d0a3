"""What a use case costs: CPU here and in PostgreSQL, one at a time, so that other work on the machine disturbs little.

Also how that grows with the population and with one person's history.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench import booking, cpu, dialogues, load, rows
from bench.pages import page
from bench.results import Row
from bench.world import PORT, Patient, World, citizen, starts

LARGE = 100_000  # people
WITHIN = 1.3  # times what it costs among fewer, or with a short history
A_PAGE, VISITS, DIALOGUES = 30, 2000, 500  # of a short history, which fills a page too, and of a long one


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    do: Callable[[Any], object]
    most: float  # ms of CPU
    begin: Callable[[], object] = lambda: None


def measure(world: World) -> Iterator[Row]:
    people = world.patients[-8:]
    dialogues.first_of_their_kind(people[0])
    rows.visits(_one(people[1]), 5, "'2040-01-01'::timestamptz")
    rows.visits(_one(people[2]), 300, "'2050-01-01'::timestamptz")
    rows.dialogues(_one(people[3]), 1, 10)
    for job in _jobs(people):
        python, postgres = cpu.of_one(job.do, 10 if world.is_quick else 50, job.begin)
        row = Row(f"use case: {job.name}", {"cpu_ms": python + postgres}, cpu=(python, 0, postgres))
        yield row.but(f"≤ {job.most} ms", lambda each, job=job: each["cpu_ms"] <= job.most)  # type: ignore[misc]


def _one(patient: Patient) -> str:
    return f"SELECT id FROM patients_person WHERE id = '{patient['person']}'"


def _jobs(people: list[Patient]) -> Iterator[Job]:
    from django.utils import timezone

    from legedialog.access import queries as access
    from legedialog.core import fence
    from legedialog.core.times import local_day
    from legedialog.dialogues import conversations, services
    from legedialog.patients import queries as patients

    now = timezone.now()

    def hers(patient: Patient, job: Callable[[Any, Any], object]) -> Callable[[Any], object]:
        """As a page asks it: in her scope."""
        actor = citizen(patient["person"])

        def asked(begun: Any) -> None:
            with fence.works_for(patient["person"], patient["visit_type"].practice_id):
                job(actor, begun)

        return asked

    def session(_: Any) -> None:
        with fence.system("who the cookie belongs to is not known yet"):
            access.session(people[0]["session"], now)

    yield Job("session, person and level", session, 0.6)
    one = people[0]
    yield Job("her GP with what is offered", hers(one, lambda *_: patients.gp_of(one["person"], local_day(now))), 0.6)
    for number, patient in (("five", people[1]), ("300", people[2])):
        yield Job(f"own appointments, {number} coming", hers(patient, _coming), 0.4)
    yield Job("free times of a day", hers(one, lambda *_: _free(one, now)), 0.6)
    book = booking.use_cases(people[4:5], starts(range(24, 45)))[0]
    yield Job("hold and book", lambda _: book(), 4.5)
    writer = people[5]
    yield Job("send a message", lambda draft: dialogues.send(writer, draft), 4, begin=lambda: dialogues.begin(writer))
    key = dialogues.latest(people[3])

    def read(actor: Any, _: Any) -> None:
        conversations.conversation(actor, services.read(actor=actor, dialogue_id=key, now=now))

    yield Job("read a dialogue of ten", hers(people[3], read), 2.5)


def _coming(actor: Any, _: Any) -> object:
    from django.utils import timezone

    from legedialog.appointments import queries

    return queries.coming(actor, actor.person_id, timezone.now(), most=queries.PAGE)


def _free(patient: Patient, now: datetime) -> object:
    from legedialog.appointments import free
    from legedialog.appointments.models import Calendar

    day = starts(range(2, 3))[0].date()
    if "clinician" not in patient:
        patient["clinician"] = Calendar.objects.values_list("clinician", flat=True).get(pk=patient["calendar"])
    kind, doctors = patient["visit_type"], [patient["clinician"]]
    return free.days(free.Wanted(kind.practice_id, doctors, kind, "attendance", now, patient["person"]), day, day)


HISTORY = {"Hjem": "/hjem/", "Timeavtaler": "/timeavtaler/", "Meldinger": "/meldinger/", "Legemidler": "/legemidler/"}


def history(world: World) -> Iterator[Row]:
    """A patient with a long history beside one with a short: the same pages."""
    short, long = world.patients[-10], world.patients[-9]
    dialogues.first_of_their_kind(world.patients[-8])
    share = 10 if world.is_quick else 1
    for patient, visits, begun, times in (
        (short, A_PAGE, A_PAGE, "'1980-01-01'::timestamptz"),
        (long, VISITS // share, DIALOGUES // share, "'1990-01-01'::timestamptz"),
    ):
        rows.visits(_one(patient), visits, times)
        rows.dialogues(_one(patient), begun, 4)
    for name, path in HISTORY.items():
        spent = [_spent(world, path, patient) for patient in (short, long)]
        yield _compared(f"{name}: {VISITS // share:,} visits and {DIALOGUES // share} dialogues", *spent)


def growth(world: World) -> Iterator[Row]:
    """The same pages and a booking, among ten times as many people. Last: the population stays large."""
    patient = world.patients[-7]
    dialogues.first_of_their_kind(patient)
    times = starts(range(45, 50))
    jobs = {**HISTORY, "Bestill time": "/timeavtaler/bestill/", "Min fastlege": "/min-fastlege/"}
    before = {name: _spent(world, path, patient) for name, path in jobs.items()}
    books = _booked(patient, times[:60])
    many = world.persons * 2 if world.is_quick else LARGE
    rows.multiply(many)
    everybody = f"SELECT person_id AS id FROM patients_membership WHERE person_id <> '{patient['person']}'"
    rows.visits(everybody, 1, "'1800-01-01'::timestamptz")
    rows.dialogues(everybody, 1, 2)
    for name, path in jobs.items():
        yield _compared(f"{name}: {many:,} people", before[name], _spent(world, path, patient))
    after = _booked(patient, times[60:120])
    yield _compared(f"hold and book: {many:,} people", books, after)


def _booked(patient: Patient, times: list[datetime]) -> float:
    book = booking.use_cases([patient], times)[0]
    return sum(cpu.of_one(lambda _: book(), 10))


def _spent(world: World, path: str, patient: Patient) -> float:
    """Milliseconds of the site and PostgreSQL for one."""
    found = page(world, path, [load.get(load.Client(PORT, patient["session"], 1), path)]).cpu
    assert found
    return found[0] + found[2]


def _compared(name: str, little: float, much: float) -> Row:
    figures = {"ms CPU before": little, "ms CPU": much, "times": much / little}
    return Row(name, figures).but(f"within {WITHIN} times", lambda found: found["times"] <= WITHIN)
