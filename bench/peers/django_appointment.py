"""django-appointment: a site of its own (`site/`), with clients who are logged in; by its own pages and their script's
requests. It has no page where a client finds what she has booked."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench import cpu, load
from bench.peers import place
from bench.peers.sides import A_DAY, OTHERS_FROM, Job, LeftOut, Side, Task

NAME, PACKAGE, TITLE = "django_appointment", "django-appointment", "django-appointment"
HERE = ZoneInfo("Europe/Oslo")
BY_SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@contextmanager
def begun(task: Task) -> Iterator[Side]:
    environment = {
        "PEER_DATABASE_URL": place.database(task, NAME),
        "PEER_SECRET": secrets.token_hex(32),
        "DJANGO_SETTINGS_MODULE": "bench.peers.site.settings",
        "PYTHONPATH": str(place.ROOT),
    }
    python = str(place.KEPT / NAME / "bin" / "python")
    for what in ([], ["--run-syncdb"]):  # it comes without migrations, and its tables name those of others
        place.run([python, "-m", "django", "migrate", *what], environment, "makes no database")
    given = {
        **{"persons": task.persons, "doctors": task.doctors, "clients": task.clients},
        "coming": [local(at).isoformat() for at in task.coming],
        "taken": [local(at).isoformat() for at in task.taken],
        "others_from": OTHERS_FROM,
    }
    said = place.run([python, "-m", "bench.peers.site.fill", json.dumps(given)], environment, "cannot be filled")
    found = json.loads(said.splitlines()[-1])
    with place.serving(task, NAME, "django.core.wsgi:get_wsgi_application()", environment) as (port, pid):
        people = [_Person(port, found["service"], **each) for each in found["clients"]]
        number = A_DAY - len(task.taken)
        yield Side(
            name=f"{TITLE} {place.version(NAME, PACKAGE)}",
            jobs={
                "free times": Job(
                    "a request of its page's script (JSON): a day's free times of a doctor",
                    [each.free(task.day[0], number) for each in people],
                ),
                "own list": Job("no such page: a client finds her bookings in her mail", []),
                "book": Job(
                    "three requests (HTML): ask for a time, fill in a form, book; no log, mail made and sent to nobody",
                    [each.book(iter(task.free)) for each in people],
                ),
            },
            meter=cpu.Meter(pid, 0, task.postgres),
            gives_twice=lambda: [each.booked(task.free[-1]) for each in (people[0], people[0])] == [True, True],
        )


class _Person:
    def __init__(self, port: int, service: int, *, session: str, doctor: int, name: str, email: str) -> None:
        self.client = load.Client(port, "", 0, cookies={"sessionid": session})
        self.service, self.doctor, self.name, self.email = service, doctor, name, email
        address = f"/appointment/request/{service}/"
        self.csrf = load.token(load.must_be(self.client.ask("GET", address), 200, address))

    def free(self, day: datetime, number: int) -> Callable[[], str]:
        about = f"selected_date={local(day).date()}&staff_member={self.doctor}&service_id={self.service}"
        address = f"/appointment/ajax/available_slots/?{about}"
        script = load.Client(self.client.port, "", 0, cookies=self.client.cookies, headers=BY_SCRIPT)

        def ask() -> str:
            found = json.loads(load.must_be(script.ask("GET", address), 200, address))["available_slots"]
            if len(found) != number:
                raise LeftOut(f"lists {len(found)} instead of {number}")
            return "listed"

        return ask

    def book(self, left: Iterator[datetime]) -> Callable[[], str]:
        def ask() -> str:
            if (at := next(left, None)) is None:
                raise LeftOut("has no more times to book")
            return "booked" if self.booked(at) else "refused"

        return ask

    def booked(self, at: datetime) -> bool:
        begins, ends = local(at), local(at) + timedelta(minutes=20)
        wanted: dict[str, Any] = {"date": begins.date(), "start_time": begins.time(), "end_time": ends.time()}
        wanted |= {"service": self.service, "staff_member": self.doctor}
        form = {"csrfmiddlewaretoken": self.csrf, **wanted}
        status, _, address = self.client.ask("POST", "/appointment/request-submit/", form)
        if status != 302:
            return False
        load.must_be(self.client.ask("GET", address), 200, address)
        about = {"name": self.name, "email": self.email, "phone_0": "NO", "phone_1": "40000000"}
        about |= {"address": "Testveien 1", "additional_info": "Hoste", "payment_type": "full"}
        form = {"csrfmiddlewaretoken": self.csrf, **about}
        status, _, receipt = self.client.ask("POST", address, form)
        return status == 302 and "/thank-you/" in receipt


def local(at: datetime) -> datetime:
    """As it keeps them: the clock on the wall."""
    return at.astimezone(HERE).replace(tzinfo=None)
