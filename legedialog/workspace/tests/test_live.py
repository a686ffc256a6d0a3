"""Who may listen: the real application, the real database, and a booking made on another connection."""

import asyncio
from collections.abc import Callable
from datetime import datetime, time
from typing import TypeVar

import pytest
from django.db import connection
from django.utils import timezone

from legedialog.access import cookies, queries, services
from legedialog.access.models import Login
from legedialog.access.tests.logins import token_of
from legedialog.appointments import services as appointments
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office
from legedialog.consent.web.live import OFFICE, _asks, application
from legedialog.core import events, live
from legedialog.core.ids import new_id
from legedialog.core.live import Message
from legedialog.core.times import local_day
from legedialog.patients.models import Person, Responsibility
from legedialog.portal.representation.tests.test_representation import gp as gp
from legedialog.portal.representation.tests.test_representation import kari as kari
from legedialog.portal.representation.tests.test_representation import ola as ola

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(timezone, "now", lambda: factories.NOW)
    return factories.NOW


def line_of(token: str) -> str:
    """That of the pages that are drawn for her now."""
    found = elsewhere(lambda: _asks(token))
    return found.line or "0" * 16


def listen(
    path: str,
    token: str,
    then: Callable[[], object] | None = None,
    *,
    lines: int = 0,
    line: str = "",
    to_the_end: bool = False,
) -> tuple[int, list[str]]:
    """The status, and the next `lines` lines: those of the beginning, then what comes after `then`; or all of them."""
    line = line or line_of(token)

    async def work() -> tuple[int, list[str]]:
        sent: asyncio.Queue[Message] = asyncio.Queue()
        leaving: asyncio.Queue[Message] = asyncio.Queue()
        headers = [(b"cookie", f"other=1; {cookies.name('session')}={token}".encode())] if token else []
        scope = {"type": "http", "method": "GET", "path": f"{path}{line}/", "headers": headers}
        task = asyncio.create_task(application(scope, leaving.get, sent.put))
        async with asyncio.timeout(30):
            status: int = (await sent.get())["status"]
            if status != 200:
                await task
                return status, []
            words = len(OFFICE) if path == "/live/office/" else 1
            for _ in range(1 + words):  # the hint, and each word once
                await sent.get()
            if then:
                await asyncio.to_thread(elsewhere, then)
            found = [(await sent.get())["body"].decode().strip().rpartition(" ")[0] for _ in range(lines)]
            while to_the_end and found[-1:] != [""]:
                found.append((await sent.get())["body"].decode().strip().rpartition(" ")[0])
            await leaving.put({"type": "http.disconnect"})
            await task
        return status, found

    return asyncio.run(work())


def elsewhere(change: Callable[[], T]) -> T:
    try:
        return change()
    finally:
        connection.close()


def test_a_booking_reaches_the_open_calendar_of_its_office(now: datetime) -> None:
    office = factories.office()
    patient, secretary = office.patient(), token_of(office.staff())
    status, lines = listen("/live/office/", secretary, lambda: void(office.booked(patient)), lines=1)
    assert (status, lines) == (200, ["data: calendar"])


def test_a_booking_at_another_office_does_not(now: datetime) -> None:
    office, other = factories.office(), factories.office("Dalen legekontor", "Odd Lund")
    patient, elsewhere_patient = office.patient(), other.patient("Arne Testmo")
    secretary = token_of(office.staff())

    def book_there_then_ask_here() -> None:
        other.booked(elsewhere_patient)
        appointments.send_request(
            actor=factories.citizen(patient),
            patient_id=patient.pk,
            clinician_id=office.doctor.pk,
            key=new_id(),
            wishes="Kontroll",
            coarse_times=[],
            channels=[],
            now=now,
        )

    assert listen("/live/office/", secretary, book_there_then_ask_here, lines=1) == (200, ["data: requests"])


def test_a_citizen_hears_of_her_own_and_of_nobody_elses(now: datetime) -> None:
    office = factories.office()
    kari, per = office.patient(), office.patient("Per Testvik")
    mine = token_of(factories.citizen(kari))

    def book_his_then_mine() -> None:
        office.booked(per)
        office.booked(kari, clock=time(9))

    assert listen("/live/me/", mine, book_his_then_mine, lines=1) == (200, ["data: person"])


def test_a_page_about_the_one_she_acts_for_hears_of_that_one_and_a_page_about_herself_no_more(
    now: datetime, gp: Office, kari: Person, ola: Person
) -> None:
    mine = token_of(factories.citizen(kari))
    before = line_of(mine)
    Login.objects.update(acting_for=ola)
    assert listen("/live/me/", mine, line=before) == (409, [])
    assert listen("/live/me/", mine, lambda: gp.booked(ola), lines=1) == (200, ["data: person"])


def test_a_stream_about_another_ends_when_the_right_to_act_does_and_is_told_nothing_more(
    now: datetime, gp: Office, kari: Person, ola: Person
) -> None:
    mine = token_of(factories.citizen(kari))
    Login.objects.update(acting_for=ola)

    def lose_him() -> None:
        Responsibility.objects.update(ends_date=local_day(now))
        gp.booked(ola)

    assert listen("/live/me/", mine, lose_him, lines=1) == (200, [""])  # the end of it, and no word of his


def test_a_right_to_act_that_ends_without_an_event_ends_the_stream_in_silence(
    now: datetime, kari: Person, ola: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.05)
    mine = token_of(factories.citizen(kari))
    Login.objects.update(acting_for=ola)
    lose_him = lambda: void(Responsibility.objects.update(ends_date=local_day(now)))  # noqa: E731
    status, lines = listen("/live/me/", mine, lose_him, to_the_end=True)
    assert (status, set(lines[:-1]) <= {": still"}, lines[-1]) == (200, True, "")


def test_a_page_that_the_last_one_left_open_hears_nothing_of_the_next(now: datetime) -> None:
    office = factories.office()
    kari, per = (token_of(factories.citizen(office.patient(name))) for name in ("Kari Testdal", "Per Testvik"))
    assert listen("/live/me/", per, line=line_of(kari)) == (409, [])


def void(made: object) -> None:
    """For lambdas that only need the effect."""


@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        ("/live/office/", "nobody", 401),
        ("/live/me/", "nobody", 401),
        ("/live/office/", "a wrong cookie", 401),
        ("/live/office/", "a citizen", 403),
        ("/live/me/", "staff", 403),
        ("/live/else/", "staff", 404),
        ("/live/office/", "staff", 200),
        ("/live/me/", "a citizen", 200),
        ("/live/office/", "staff who logged out", 401),
    ],
)
def test_who_may_listen(path: str, who: str, status: int, now: datetime) -> None:
    office = factories.office()
    token = {"nobody": "", "a wrong cookie": "x" * 43}.get(who)
    if token is None:
        token = token_of(factories.citizen(office.patient()) if who == "a citizen" else office.staff())
    if who == "staff who logged out":
        session = queries.session(token, now)
        assert session
        services.end(session.login_id, "logged-out", now)
    assert listen(path, token)[0] == status


def test_the_stream_holds_no_database_connection_of_its_own(now: datetime) -> None:
    office = factories.office()
    secretary = token_of(office.staff())
    seen: list[int] = []

    def count() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND application_name <> ALL(%s) AND backend_type = 'client backend'",
                [[live.NAME, events.NAME]],
            )
            seen.extend(cursor.fetchone() or ())

    count()  # what other tests left open
    connection.close()
    listen("/live/office/", secretary, count)
    assert seen[1] == seen[0]
