"""Hold and book: as use cases, by pages, and two hundred browsers for the last twenty times."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from bench import cpu, load
from bench.results import Row
from bench.world import CORES, PORT, ROOT, Patient, World, citizen, starts

ADDRESS = "/timeavtaler/bestill/"
FLOOR = "floor: hold and book (pgbench)"
ROUNDS, TIMES = 50, 20
WEEKS = {"use cases": range(1, 6), "pages": range(6, 10), "race": range(10, 22)}


def rows(world: World) -> Iterator[Row]:
    yield _use_cases(world)
    yield _pages(world)


def race(world: World) -> Iterator[Row]:
    """So many browsers want the same few times at once. Each time goes to one; everybody else is shown others."""
    rounds = 5 if world.is_quick else ROUNDS
    calendar = world.racers[0]["calendar"]
    clients = [load.Client(PORT, patient["session"], number) for number, patient in enumerate(world.racers)]
    tokens = [load.token(client.ask("GET", ADDRESS)[1]) for client in clients]
    free = [day for day in _by_day(starts(WEEKS["race"])) if len(day) >= TIMES][:rounds]
    outcomes, booked, took = Counter[str](), [], []
    for day in free:
        began = time.monotonic()
        found = _round(clients, tokens, calendar, day[:TIMES])
        took.append(time.monotonic() - began)
        outcomes.update(found)
        booked.append(_booked(calendar, day[:TIMES]))
    figures: dict[str, float] = {"rounds": len(free), "clients": len(clients), "times": TIMES}
    figures |= {"booked, least": min(booked), "most": max(booked)}
    figures |= {f"answers {status}": number for status, number in sorted(outcomes.items())}
    figures |= {"seconds a round": sum(took) / len(took)}
    name = f"race: {len(clients)} browsers for {TIMES} times"
    is_right = (
        set(booked) == {TIMES} and set(outcomes) == {"302", "409"} and outcomes.total() == len(clients) * len(free)
    )
    yield Row(name, figures, target=f"{TIMES} booked each round, 409 for all others", reached=is_right)


def _round(clients: list[load.Client], tokens: list[str], calendar: UUID, times: list[datetime]) -> Counter[str]:
    from legedialog.appointments.picker import time_value

    barrier, outcomes, lock = threading.Barrier(len(clients)), Counter[str](), threading.Lock()

    def one(number: int) -> None:
        barrier.wait()
        status = book(clients[number], tokens[number], time_value(calendar, times[number % len(times)]))
        with lock:
            outcomes[str(status)] += 1

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _by_day(times: list[datetime]) -> list[list[datetime]]:
    days: dict[object, list[datetime]] = {}
    for at in times:
        days.setdefault(at.date(), []).append(at)
    return list(days.values())


def _booked(calendar: UUID, times: list[datetime]) -> int:
    from legedialog.appointments.models import Appointment

    return Appointment.objects.filter(calendar=calendar, starts_at__in=times).count()


def use_cases(patients: list[Patient], times: list[datetime]) -> list[Callable[[], str]]:
    """Each patient holds and books one time after the other."""
    from django.utils import timezone

    from legedialog.appointments import services

    def action(patient: Patient) -> Callable[[], str]:
        person: UUID = patient["person"]
        actor, left = citizen(person), iter(times)

        def one() -> str:
            start = next(left, None)
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

        return one

    return [action(patient) for patient in patients]


def book(client: load.Client, csrf: str, time_value: str) -> int:
    """The three requests of a person who chooses a time: hold, see over, book. 302 when it is booked, else 409."""
    form = {"csrfmiddlewaretoken": csrf, "time": time_value, "reason": "Hoste"}
    status, _, review = client.ask("POST", ADDRESS, form)
    if status != 302:
        return status
    _, page, _ = client.ask("GET", review)
    if 'name="hold" value="' not in page:
        return 409
    hold = page.split('name="hold" value="')[1].split('"')[0]
    status, _, receipt = client.ask("POST", review, form | {"hold": hold, "held_time": time_value})
    return status if status != 302 or receipt.endswith("/bestilt/") else 409


def by_pages(patients: list[Patient], times: list[datetime]) -> list[Callable[[], str]]:
    from legedialog.appointments.picker import time_value

    def action(patient: Patient, number: int) -> Callable[[], str]:
        client, left = load.Client(PORT, patient["session"], number), iter(times)
        csrf = load.token(client.ask("GET", ADDRESS)[1])

        def one() -> str:
            start = next(left, None)
            if start is None:
                time.sleep(0.05)
                return "no more times"
            return "booked" if book(client, csrf, time_value(patient["calendar"], start)) == 302 else "refused"

        return one

    return [action(patient, number) for number, patient in enumerate(patients)]


def _pages(world: World) -> Row:
    meter = world.meter
    before = meter.now()
    figures = load.measure(by_pages(world.one_of_each_list, starts(WEEKS["pages"])), seconds=world.seconds)
    row = Row("book by pages (hold, see over and book: three requests)", *_kept(figures, before, meter.now()))
    return row.but("≥ 120 a second", lambda found: found["rate"] >= 120)


def _use_cases(world: World) -> Row:
    """In as many processes as there are cores, as the site would; and until the worker has told of all of them."""
    from bench import outbox

    outbox.wait_until_sent()
    given = [
        {"person": str(each["person"]), "calendar": str(each["calendar"]), "visit_type": str(each["visit_type"].pk)}
        for each in world.one_of_each_list
    ]
    postgres, worker = world.meter.postgres, world.worker
    before = cpu.spent(worker), cpu.spent(postgres)
    idle = outbox.idle(world)
    began = time.monotonic()
    found = [json.loads(each) for each in _in_processes(given, world.seconds)]
    outbox.wait_until_sent()
    took = time.monotonic() - began
    booked = sum(each["booked"] for each in found)
    figures = {
        "rate": sum(each["rate"] for each in found),
        "p50": max(each["p50"] for each in found),
        "p95": max(each["p95"] for each in found),
    }
    spent = [now - then - each * took for now, then, each in zip(
        (cpu.spent(worker), cpu.spent(postgres)), (before[0], before[1]), idle, strict=True
    )]  # fmt: skip
    parts = tuple(seconds * 1000 / max(1, booked) for seconds in (sum(each["cpu"] for each in found), *spent))
    row = Row("book: use cases (hold and book)", figures, FLOOR, (parts[0], parts[1], parts[2]), share=0.2)
    return row.but("≥ 20 % of its floor; the worker ≤ 0.5 ms of CPU", lambda _: parts[1] <= 0.5)


def _in_processes(given: list[dict[str, str]], seconds: float) -> list[str]:
    shares = [given[at::CORES] for at in range(CORES)]
    command = [sys.executable, "-m", "bench.booking", str(seconds)]
    running = [
        subprocess.Popen([*command, json.dumps(share)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for share in shares
        if share
    ]
    said = [each.communicate()[0] for each in running]
    if any(each.returncode for each in running):
        raise load.WrongAnswer("a process that books ended early")
    return said


def _kept(
    figures: load.Figures, before: tuple[float, float, float], after: tuple[float, float, float]
) -> tuple[dict[str, float], str, tuple[float, float, float]]:
    done = max(1, figures["outcomes"].get("booked", 0))
    spent = tuple((now - then) * 1000 / done for now, then in zip(after, before, strict=True))
    kept = {"rate": done / figures["seconds"], "p50": figures["p50"], "p95": figures["p95"]}
    return kept, FLOOR, (spent[0], spent[1], spent[2])


def main() -> None:
    """A share of the patients books in this process: `_in_processes` begins it."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legedialog.config.settings")
    django.setup()
    from legedialog.appointments.models import VisitType
    from legedialog.core import fence

    fence.process_is_system("bench")
    given = json.loads(sys.argv[2])
    types = {str(each.pk): each for each in VisitType.objects.filter(pk__in=[one["visit_type"] for one in given])}
    patients = [
        {"person": UUID(one["person"]), "calendar": UUID(one["calendar"]), "visit_type": types[one["visit_type"]]}
        for one in given
    ]
    before = time.process_time()
    figures = load.measure(use_cases(patients, starts(WEEKS["use cases"])), seconds=float(sys.argv[1]))
    booked = figures["outcomes"].get("booked", 0)
    told = {"booked": booked, "cpu": time.process_time() - before, "rate": booked / figures["seconds"]}
    print(json.dumps(told | {"p50": figures["p50"], "p95": figures["p95"]}))


if __name__ == "__main__":
    main()
