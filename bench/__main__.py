"""`make bench`: what we claim, measured in one run beside its floor. Writes bench/results.md and bench/results.json.

Its own database and server, thrown away at the start of the next run. `PERSONS` (10,000) is the size of the
population, `SECONDS` (6) how long each row runs.
"""

import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = 8


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


PORT = _free_port()
os.environ |= {
    "LEGEDIALOG_MODE": "demo",
    "LEGEDIALOG_VAR": str(ROOT / ".var" / "bench"),
    "LEGEDIALOG_METRICS_PORT": "0",
    "PORT": str(PORT),
}

from bench import dialogues, fence, floor, load, outbox  # noqa: E402
from legedialog.operations import database, environment  # noqa: E402


def main() -> None:
    persons, seconds = int(os.environ.get("PERSONS", "10000")), int(os.environ.get("SECONDS", "6"))
    data = environment.embedded()
    if data and data.exists():
        database.remove(data)
    with environment.ready():
        from legedialog.demo import engine as demo
        from legedialog.operations import migrate

        migrate.prepare()
        demo.grow(persons, say=lambda done, total: print(f"\r{done} of {total} people", end="", flush=True))
        print()
        sizes = floor.prepare()
        url = os.environ["DATABASE_URL"]
        patients = _patients()
        server = _serve()
        try:
            # The floors come last: what they book has no text that a page could open, and a page that fails stops all.
            employee = _employee(patients[0])
            costs = fence.measure((patients[0]["person"], patients[0]["session"]), employee)
            rows = [*dialogues.rows(patients, employee[2], PORT, seconds), *_rows(patients, seconds)]
            booking = _use_cases(_one_of_each_list(patients), range(3, 5))
            rows += outbox.rows(patients, booking, seconds)
            race = _race(patients)
            memory = _memory(server.pid)
            received, most = dialogues.uploads(patients, PORT, seconds, lambda: _memory(server.pid))
            rows = [*_floors(sizes, url, seconds), *rows, *received, *costs]
        finally:
            server.terminate()
            server.wait(30)
    _write(rows, race, (memory, most), persons)


def _patients(each: int = 40) -> list[dict[str, Any]]:
    """Forty (`each`) of each list: the person, a session of hers, and her doctor's calendar. Nobody meets a limit."""
    from django.utils import timezone

    from legedialog.access.actor import Assurance, Kind
    from legedialog.access.services import start_login
    from legedialog.appointments.models import Calendar, VisitType
    from legedialog.patients.models import Membership

    VisitType.objects.update(max_coming=32_000, lead_minutes=0)
    found = []
    for calendar in Calendar.objects.select_related("clinician").order_by("pk"):
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


def _employee(patient: dict[str, Any]) -> tuple[UUID, UUID, str]:
    """A secretary at the patient's office: her id, the office's, and a session of hers."""
    from django.utils import timezone

    from legedialog.access.actor import Assurance, Kind
    from legedialog.access.services import start_login
    from legedialog.practices.models import Employee

    employee = Employee.objects.create(
        practice_id=patient["visit_type"].practice_id,
        name="Mona Haug",
        role="secretary",
        national_number_index=b"bench",
        starts_date=timezone.now().date(),
    )
    session, _ = start_login(
        kind=Kind.STAFF,
        holder_id=employee.pk,
        assurance=Assurance.HIGH,
        issuer="bench",
        sid="office",
        sub="office",
        user_agent="bench",
        replaces="",
        now=timezone.now(),
    )
    return employee.pk, employee.practice_id, session


def _serve() -> subprocess.Popen[bytes]:
    log = (ROOT / ".var" / "bench" / "web.log").open("wb")
    server = subprocess.Popen([str(Path(sys.executable).with_name("legedialog")), "web"], stdout=log, stderr=log)
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", PORT), timeout=1):
                return server
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _floors(sizes: dict[str, int], url: str, seconds: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(what, of which floor, figures)."""
    for name, script in (("book", floor.BOOK), ("free times", floor.FREE), ("own appointments", floor.COMING)):
        yield f"floor: {name} (pgbench)", name, floor.run(script, sizes, url, clients=CLIENTS, seconds=seconds)


def _rows(patients: list[dict[str, Any]], seconds: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(what, of which floor, figures)."""
    one_of_each = _one_of_each_list(patients)
    yield "book: use cases (hold and book)", "book", load.measure(_use_cases(one_of_each, range(1, 3)), seconds=seconds)
    yield (
        "book: pages (hold, see over and book: three requests)",
        "book",
        load.measure(_pages(one_of_each, 20), seconds=seconds),
    )
    pages = (
        ("Bestill time, a week of free times", "/timeavtaler/bestill/", "free times"),
        ("Timeavtaler", "/timeavtaler/", "own appointments"),
        ("Hjem", "/hjem/", ""),
        ("Min fastlege", "/min-fastlege/", ""),
    )
    for name, path, of in pages:
        yield (
            f"page: {name}",
            of,
            load.measure([_get(p, path, n) for n, p in enumerate(patients[:CLIENTS])], seconds=seconds),
        )


def _one_of_each_list(patients: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A client on each calendar as far as there are so many, so that they do not race: the race is a row of its own."""
    by_calendar = {patient["calendar"]: patient for patient in patients}
    return list(by_calendar.values())[:CLIENTS]


def _starts(weeks: range) -> list[datetime]:
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


def _use_cases(patients: list[dict[str, Any]], weeks: range) -> list[Callable[[], str]]:
    from django.utils import timezone

    from legedialog.access.actor import Actor, Assurance, Kind
    from legedialog.appointments import services

    def action(patient: dict[str, Any]) -> Callable[[], str]:
        person: UUID = patient["person"]
        actor = Actor(
            kind=Kind.CITIZEN,
            assurance=Assurance.HIGH,
            person_id=person,
            acting_for_id=person,
            patients=frozenset({person}),
        )
        starts = iter(_starts(weeks))

        def book() -> str:
            start = next(starts, None)
            if start is None:
                time.sleep(0.05)
                return "no more times"
            now = timezone.now()
            held = services.hold(
                actor=actor,
                patient_id=person,
                calendar_id=patient["calendar"],
                visit_type_id=patient["visit_type"].pk,
                channel="attendance",
                starts_at=start,
                now=now,
            )
            services.book(actor=actor, hold_id=held.pk, reason="Hoste", now=now)
            return "booked"

        return book

    return [action(patient) for patient in patients]


def _pages(patients: list[dict[str, Any]], weeks: int) -> list[Callable[[], str]]:
    from legedialog.appointments.picker import time_value

    def action(patient: dict[str, Any], number: int) -> Callable[[], str]:
        client = load.Client(PORT, patient["session"], number)
        starts = iter(_starts(range(5, 9)))
        address = "/timeavtaler/bestill/"
        _, page, _ = client.ask("GET", address)
        csrf = load.token(page)

        def book() -> str:
            start = next(starts, None)
            if start is None:
                time.sleep(0.05)
                return "no more times"
            return "booked" if _book(client, csrf, time_value(patient["calendar"], start)) == 302 else "refused"

        return book

    return [action(patient, number) for number, patient in enumerate(patients)]


def _book(client: load.Client, csrf: str, time_value: str) -> int:
    """The three requests of a person who chooses a time: hold, see over, book. 302 when it is booked, else 409."""
    form = {"csrfmiddlewaretoken": csrf, "time": time_value, "reason": "Hoste"}
    status, _, review = client.ask("POST", "/timeavtaler/bestill/", form)
    if status != 302:
        return status
    _, page, _ = client.ask("GET", review)
    if 'name="hold" value="' not in page:
        return 409
    hold = page.split('name="hold" value="')[1].split('"')[0]
    status, _, receipt = client.ask("POST", review, form | {"hold": hold, "held_time": time_value})
    return status if status != 302 or receipt.endswith("/bestilt/") else 409


def _get(patient: dict[str, Any], path: str, number: int) -> Callable[[], str]:
    return load.get(load.Client(PORT, patient["session"], number), path)


def _race(patients: list[dict[str, Any]]) -> dict[str, int]:
    """200 browsers, 20 times in one calendar, all at once."""
    from legedialog.appointments.models import Appointment
    from legedialog.appointments.picker import time_value

    calendar = patients[-1]["calendar"]
    mine = [patient for patient in patients if patient["calendar"] == calendar]
    starts = _starts(range(3, 4))[-20:]
    crowd = [mine[n % len(mine)] for n in range(40)]
    barrier = Barrier(len(crowd))
    outcomes: Counter[str] = Counter()

    def work(patient: dict[str, Any], number: int) -> None:
        client = load.Client(PORT, patient["session"], number)
        _, page, _ = client.ask("GET", "/timeavtaler/bestill/")
        csrf = load.token(page)
        barrier.wait()
        for step in range(5):
            outcomes[str(_book(client, csrf, time_value(calendar, starts[(number + step * 4) % 20])))] += 1

    before = Appointment.objects.filter(calendar=calendar, starts_at__in=starts).count()
    threads = [Thread(target=work, args=(patient, number)) for number, patient in enumerate(crowd)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    booked = Appointment.objects.filter(calendar=calendar, starts_at__in=starts).count() - before
    return {"asked": 200, "times": 20, "booked": booked, **outcomes}


def _memory(pid: int) -> int:
    """Resident MB of the largest of the server's processes."""
    sizes = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if int(fields["Pid"]) == pid or int(fields["PPid"]) == pid:
            sizes.append(int(fields.get("VmRSS", "0 kB").split()[0]) // 1024)
    return max(sizes)


def _write(
    rows: list[tuple[str, str, dict[str, Any]]], race: dict[str, int], memory: tuple[int, int], persons: int
) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    floors = {of: figures["rate"] for name, of, figures in rows if name.startswith("floor")}
    lines = [
        "# What `make bench` measured",
        "",
        f"{date.today()}, commit {commit}, {os.cpu_count()} cores, Python {platform.python_version()},"  # noqa: DTZ011
        f" {persons:,} people, {CLIENTS} clients; database, server and clients on the same machine.",
        "",
        "| what | a second | p50 ms | p95 ms | of its floor |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, of, figures in rows:
        share = f"{figures['rate'] / floors[of]:.1%}" if of in floors and not name.startswith("floor") else ""
        lines.append(f"| {name} | {figures['rate']:,.0f} | {figures['p50']:.1f} | {figures['p95']:.1f} | {share} |")
    answers = ", ".join(f"{n} × {status}" for status, n in sorted(race.items()) if status.isdecimal())
    lines += [
        "",
        f"The race: {race['asked']} tries by 40 browsers at once for {race['times']} times gave"
        f" {race['booked']} bookings (answers: {answers}).",
        "",
        f"The largest server process held {memory[0]} MB, and {memory[1]} MB at most while photos of 10 MB came in.",
        "",
    ]
    text = "\n".join(lines)
    file = ROOT / "bench" / "results.md"
    _, mark, rest = file.read_text(encoding="utf-8").partition("<!-- ")  # what other measurements wrote, such as
    file.write_text(text + (f"\n{mark}{rest}" if rest else ""), encoding="utf-8")  # bench/prescriptions.py
    kept = ROOT / "bench" / "results.json"
    figures = json.loads(kept.read_text(encoding="utf-8"))
    figures |= {
        "commit": commit,
        "persons": persons,
        "rows": rows,
        "race": race,
        "memory_mb": memory[0],
        "memory_mb_at_upload": memory[1],
    }
    kept.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
