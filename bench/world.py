"""The bench's own database, site and worker: made for each run, thrown away at the start of the next one."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = 8
PAGES = 10_000  # open at once
CORES = os.cpu_count() or 1
RACERS = 200  # on the first list, so that each of them may book there


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


PORT = _free_port()
os.environ |= {
    "LEGEDIALOG_MODE": "demo",
    "LEGEDIALOG_VAR": str(ROOT / ".var" / "bench"),
    "LEGEDIALOG_METRICS_PORT": "0",
    "LEGEDIALOG_OPEN_OLD_SEALS": "yes",  # for what rows.py copies
    "LEGEDIALOG_STREAMS": str(PAGES),
    "PORT": str(PORT),
}

from bench import cpu  # noqa: E402
from legedialog.operations import database, environment  # noqa: E402

Patient = dict[str, Any]


@dataclass
class World:
    persons: int
    seconds: float
    is_quick: bool
    url: str
    patients: list[Patient] = field(default_factory=list)  # of all lists, with a session each
    racers: list[Patient] = field(default_factory=list)  # of one list
    employee: tuple[UUID, UUID, str] | None = None  # a secretary's id, her office's and a session of hers
    server: int = 0
    worker: int = 0

    @property
    def meter(self) -> cpu.Meter:
        return cpu.Meter(self.server, self.worker, cpu.postmaster(environment.folder() / "postgres"))

    @property
    def one_of_each_list(self) -> list[Patient]:
        """A client on each calendar, so that they do not race: the race is a row of its own."""
        return list({patient["calendar"]: patient for patient in self.patients}.values())[:CLIENTS]


@contextmanager
def made(persons: int, seconds: float, *, is_quick: bool) -> Iterator[World]:
    """With its site and its worker running."""
    data = environment.embedded()
    if data and data.exists():
        database.remove(data)
    with environment.ready():
        from bench import rows
        from legedialog.demo import crowd  # only now: the environment stands
        from legedialog.operations import migrate

        migrate.prepare()
        lists = 8 if is_quick else 40
        crowd.grow(lists * 10, say=lambda done, total: None, each=10)
        found = World(persons, seconds, is_quick, os.environ["DATABASE_URL"])
        rows.multiply(persons, RACERS)
        found.patients = patients(lists, 2)
        found.racers = patients(1, RACERS)
        found.employee = employee(found.patients[0])
        with serving() as site, working() as worker:
            found.server, found.worker = site.pid, worker.pid
            yield found


def patients(lists: int = 1000, each: int = 40) -> list[Patient]:
    """So many of each list: the person, a session of hers, and her doctor's calendar. Nobody meets a limit."""
    from django.utils import timezone

    from legedialog.access.actor import Assurance, Kind
    from legedialog.access.services import start_login
    from legedialog.appointments.models import Calendar, VisitType
    from legedialog.patients.models import Membership

    VisitType.objects.update(max_coming=32_000, lead_minutes=0, horizon_days=365)
    found = []
    for calendar in Calendar.objects.select_related("clinician").order_by("pk")[:lists]:
        members = Membership.objects.filter(
            contract__doctors__clinician=calendar.clinician, person__birth_date__lt="2005-01-01"
        )
        visit_type = VisitType.objects.get(practice=calendar.practice_id)
        for person_id in members.order_by("pk").values_list("person_id", flat=True)[:each]:
            session, _ = start_login(
                kind=Kind.CITIZEN,
                holder_id=person_id,
                assurance=Assurance.HIGH,
                issuer="bench",
                sid=str(person_id),
                sub=str(person_id),
                user_agent="bench",
                replaces="",
                now=timezone.now(),
            )
            found.append({"person": person_id, "session": session, "calendar": calendar.pk, "visit_type": visit_type})
    return found


def employee(patient: Patient) -> tuple[UUID, UUID, str]:
    """A secretary at the patient's office: her id, the office's, and a session of hers."""
    from django.utils import timezone

    from legedialog.access.actor import Assurance, Kind
    from legedialog.access.services import start_login
    from legedialog.practices.models import Employee

    made = Employee.objects.create(
        practice_id=patient["visit_type"].practice_id,
        name="Mona Haug",
        role="secretary",
        national_number_index=b"bench",
        starts_date=timezone.now().date(),
    )
    session, _ = start_login(
        kind=Kind.STAFF,
        holder_id=made.pk,
        assurance=Assurance.HIGH,
        issuer="bench",
        sid="office",
        sub="office",
        user_agent="bench",
        replaces="",
        now=timezone.now(),
    )
    return made.pk, made.practice_id, session


@contextmanager
def serving() -> Iterator[subprocess.Popen[bytes]]:
    with _running("web") as server:
        for _ in range(600):
            try:
                with socket.create_connection(("127.0.0.1", PORT), timeout=1):
                    break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError("the server did not start: see web.log")
        _can_show_a_page()
        yield server


def _can_show_a_page() -> None:
    """Else every part would fail by itself, or measure error pages."""
    asking = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    asking.request("GET", "/", headers={"Host": "localhost"})
    answer = asking.getresponse()
    asking.close()
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"the front page is answered {answer.status}: see web.log, and begin by `make bench`")


@contextmanager
def working() -> Iterator[subprocess.Popen[bytes]]:
    with _running("worker") as worker:
        yield worker


@contextmanager
def _running(what: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(Path(sys.executable).with_name("legedialog")), what]
    with (environment.folder() / f"{what}.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def starts(weeks: range) -> list[datetime]:
    """The times of the calendars that crowd.grow makes, in the weeks so far ahead."""
    from django.utils import timezone

    from legedialog.core.times import at_local, local_day
    from legedialog.core.workdays import is_working_day

    today = local_day(timezone.now())
    first = today + timedelta(days=7 * weeks.start)
    days = [first + timedelta(days=n) for n in range(7 * len(weeks))]
    clock = datetime.strptime("08:00", "%H:%M").time()  # noqa: DTZ007
    return [
        at_local(day, clock) + timedelta(minutes=20 * step) for day in days if is_working_day(day) for step in range(22)
    ]


def citizen(person: UUID) -> Any:
    """She herself, as the middleware makes her."""
    from legedialog.access.actor import Actor, Assurance, Kind

    return Actor(
        kind=Kind.CITIZEN,
        assurance=Assurance.HIGH,
        person_id=person,
        acting_for_id=person,
        patients=frozenset({person}),
    )
