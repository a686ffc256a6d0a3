"""The open line of a room, asked as browsers do: through ASGI, on real transactions, in several event loops at once."""

import asyncio
import json
import multiprocessing
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access.actor import Actor
from legedialog.access.tests.logins import token_of
from legedialog.access.tests.pages import began
from legedialog.appointments.models import Status
from legedialog.appointments.tests.factories import citizen, office
from legedialog.core import live
from legedialog.core.crypto import forget_keys
from legedialog.core.errors import LegedialogError
from legedialog.video import conduct, queries, services
from legedialog.video.models import Seat, Signal
from legedialog.video.policy import Visitor
from legedialog.video.tests import another_process
from legedialog.video.tests.factories import DURING, Video, video
from legedialog.video.web import stream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five minutes into the visit, and the clock goes."""
    ahead = DURING - timezone.now()
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + ahead)


class Line:
    """One browser's stream."""

    def __init__(self, seat: Seat | str, cookie: str, *, tab: int = 0, since: int = 0, last: str = "") -> None:
        seat_id, tab = (seat, tab) if isinstance(seat, str) else (seat.pk, tab or seat.tab)
        self.sent: asyncio.Queue[live.Message] = asyncio.Queue()
        self.leaving: asyncio.Queue[live.Message] = asyncio.Queue()
        headers = [(b"cookie", cookie.encode())] if cookie else []
        if last:
            headers.append((b"last-event-id", last.encode()))
        scope = {
            "method": "GET",
            "path": f"/live/video/{seat_id}/",
            "query_string": f"tab={tab}&since={since}".encode(),
            "headers": headers,
        }
        assert stream.is_stream(scope)
        self.task = asyncio.create_task(stream.application(scope, self.leaving.get, self.sent.put))
        self.id = ""

    async def status(self) -> int:
        started: int = (await self.sent.get())["status"]
        return started

    async def event(self, kind: str = "") -> dict[str, Any]:
        """The next one, or the next of a kind."""
        while True:
            body = (await self.sent.get()).get("body", b"").decode()
            for row in body.split("\n"):
                if row.startswith("id: "):
                    self.id = row[4:]
                if row.startswith("data: "):
                    told: dict[str, Any] = json.loads(row[6:])
                    if kind in ("", told["type"]):
                        return told

    async def leave(self) -> None:
        await self.leaving.put({"type": "http.disconnect"})
        await self.task


def cookie_of(actor: Actor) -> str:
    return f"{cookies.name('session')}={token_of(actor)}"


def apart(work: Callable[[], Any]) -> Any:
    """As another request would: with a database connection of its own."""
    try:
        return work()
    finally:
        connection.close()


def within(seconds: float, work: Callable[[], Any]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(seconds):
            await work()

    asyncio.run(limited())


def say(visit: Video, sender: Seat, to: Seat, actor: Actor, word: str) -> None:
    apart(
        lambda: services.signal(
            visitor=Visitor(actor), seat_id=sender.pk, tab=sender.tab, to=to.pk, data={"w": word}, now=timezone.now()
        )
    )


def test_a_signal_reaches_the_other_page_and_one_that_comes_back_misses_nothing() -> None:
    visit = video()
    patient, doctor = visit.running()
    cookie, since = cookie_of(visit.doctor), queries.newest(visit.room.pk)

    async def work() -> None:
        line = Line(doctor, cookie, since=since)
        assert await line.status() == 200
        assert (await line.event("state"))["me"] == "admitted"
        await asyncio.to_thread(say, visit, patient, doctor, visit.citizen, "one")
        told = await line.event("signal")
        assert (told["from"], told["data"], told["tab"]) == (str(patient.pk), {"w": "one"}, patient.tab)
        last = line.id
        await line.leave()
        for word in ("two", "three"):
            await asyncio.to_thread(say, visit, patient, doctor, visit.citizen, word)
        back = Line(doctor, cookie, last=last)
        assert await back.status() == 200
        assert [(await back.event("signal"))["data"]["w"] for _ in range(2)] == ["two", "three"]
        await back.leave()

    within(30, work)


@pytest.mark.parametrize("who", ["nobody", "another patient", "a doctor elsewhere", "reception", "a guest elsewhere"])
def test_whose_line_it_is_not(who: str) -> None:
    visit = video()
    patient, _ = visit.running()
    other = video(office("Dalen legekontor", "Odd Lund"), "Per Testvik")
    cookies_of: dict[str, Callable[[], str]] = {
        "nobody": lambda: "",
        "another patient": lambda: cookie_of(citizen(other.patient)),
        "a doctor elsewhere": lambda: cookie_of(other.doctor),
        "reception": lambda: cookie_of(visit.secretary),
        "a guest elsewhere": lambda: f"{cookies.name('guest')}={other.guest_comes()[1].cookie}",
    }
    cookie = cookies_of[who]()

    async def work() -> None:
        line = Line(patient, cookie)
        assert await line.status() == (401 if who == "nobody" else 404)
        await line.task

    within(20, work)


def test_a_newer_tab_takes_over_and_the_older_stops_asking() -> None:
    visit = video()
    patient, _ = visit.running()
    cookie = cookie_of(visit.citizen)

    async def work() -> None:
        old = Line(patient, cookie)
        assert await old.status() == 200
        await old.event("state")
        newer = await asyncio.to_thread(apart, lambda: visit.patient_comes(timezone.now()))
        await old.event("replaced")
        await old.task
        assert newer.state == "admitted"
        again = Line(patient, cookie, tab=patient.tab)
        assert await again.status() == 204
        await again.task

    within(30, work)


def test_a_page_that_goes_away_is_seen_by_the_other_and_keeps_its_place() -> None:
    visit = video()
    patient, doctor = visit.running()
    theirs, ours = cookie_of(visit.citizen), cookie_of(visit.doctor)

    async def work() -> None:
        line = Line(doctor, ours)
        assert await line.status() == 200
        page = Line(patient, theirs)
        assert await page.status() == 200
        await page.leave()
        while True:
            state = await line.event("state")
            seat = next(each for each in state["seats"] if each["role"] == "patient")
            if not seat["present"]:
                break
        assert seat["state"] == "admitted"
        await line.leave()

    within(30, work)


def test_a_page_gives_its_sign_of_life_however_much_the_others_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SIGNS_SECONDS", 0.5)
    visit = video()
    patient, doctor = visit.running()
    theirs = cookie_of(visit.citizen)

    async def work() -> None:
        page = Line(patient, theirs)
        assert await page.status() == 200
        before = timezone.now()
        while True:
            await asyncio.to_thread(say, visit, doctor, patient, visit.doctor, "again")  # no half second of silence
            await page.event("signal")
            seen_at = (await asyncio.to_thread(apart, lambda: Seat.objects.get(pk=patient.pk))).seen_at
            if seen_at and seen_at > before:
                break
        await page.leave()

    within(30, work)


def test_called_in_and_ended_are_told_and_the_stream_ends() -> None:
    visit = video()
    patient = visit.patient_comes(DURING)
    cookie = cookie_of(visit.citizen)

    async def work() -> None:
        line = Line(patient, cookie)
        assert await line.status() == 200
        assert (await line.event("state"))["me"] == "waiting"
        await asyncio.to_thread(apart, lambda: visit.admits(patient, timezone.now()))
        await line.event("called")
        await asyncio.to_thread(apart, lambda: visit.ends(timezone.now()))
        await line.event("ended")
        await line.task
        late = Line(patient, cookie)
        assert await late.status() == 204
        await late.task

    within(30, work)


def test_who_is_sent_out_hears_no_more_of_the_others() -> None:
    visit = video()
    patient, doctor = visit.running()
    cookie = cookie_of(visit.citizen)

    async def work() -> None:
        line = Line(patient, cookie)
        assert await line.status() == 200
        await asyncio.to_thread(
            apart,
            lambda: conduct.remove(
                actor=visit.doctor, appointment_id=visit.appointment.pk, seat_id=patient.pk, now=timezone.now()
            ),
        )
        while (state := await line.event("state"))["me"] != "removed":
            pass
        assert {each["role"] for each in state["seats"]} == {"patient"}
        await line.task  # it is over by itself
        with pytest.raises(LegedialogError):
            await asyncio.to_thread(say, visit, doctor, patient, visit.doctor, "secret")
        assert await Line(patient, cookie).status() == 204  # do not come again

    within(30, work)


def test_numbers_are_committed_in_order_whatever_many_say_at_once() -> None:
    visit = video()
    patient, doctor = visit.running()
    since = queries.newest(visit.room.pk)

    def talk(sender: Seat, to: Seat, actor: Actor) -> None:
        for number in range(15):
            say(visit, sender, to, actor, str(number))

    talkers = [
        threading.Thread(target=talk, args=(patient, doctor, visit.citizen)),
        threading.Thread(target=talk, args=(doctor, patient, visit.doctor)),
    ]
    for talker in talkers:
        talker.start()
    seen: list[int] = []
    while any(talker.is_alive() for talker in talkers):
        rows = Signal.objects.filter(id__gt=seen[-1] if seen else since).order_by("id").values_list("id", flat=True)
        seen += list(rows)
    seen += list(Signal.objects.filter(id__gt=seen[-1] if seen else since).order_by("id").values_list("id", flat=True))
    assert seen == sorted(Signal.objects.filter(id__gt=since).values_list("id", flat=True))


def test_two_doctors_tabs_admit_at_once_and_it_happens_once() -> None:
    visit = video()
    seat = visit.patient_comes(DURING)
    start = threading.Barrier(2)
    errors: list[Exception] = []

    def admit() -> None:
        start.wait()
        try:
            apart(lambda: visit.admits(seat, timezone.now()))
        except LegedialogError as error:
            errors.append(error)

    tabs = [threading.Thread(target=admit) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    visit.appointment.refresh_from_db()
    assert errors == []
    assert visit.appointment.status == Status.ARRIVED
    assert Signal.objects.filter(kind="called").count() == 1


def test_called_in_while_leaving_ends_in_one_of_the_two() -> None:
    visit = video()
    seat = visit.patient_comes(DURING)
    start = threading.Barrier(2)
    refusals: list[str] = []

    def both(work: Callable[[], object]) -> None:
        start.wait()
        try:
            apart(work)
        except LegedialogError as error:
            refusals.append(error.code)

    people = [
        threading.Thread(target=both, args=(lambda: visit.admits(seat, timezone.now()),)),
        threading.Thread(
            target=both,
            args=(
                lambda: services.leave(
                    visitor=Visitor(visit.citizen), seat_id=seat.pk, tab=seat.tab, now=timezone.now()
                ),
            ),
        ),
    ]
    for each in people:
        each.start()
    for each in people:
        each.join()
    seat.refresh_from_db()
    assert seat.state in ("left", "admitted")
    assert refusals == []


def test_another_process_tells_what_this_one_was_told() -> None:
    forget_keys()  # an earlier test's keys went with its rows, and the other process finds them only there
    visit = video()
    patient, doctor = visit.running()
    cookie = cookie_of(visit.doctor)
    context = multiprocessing.get_context("spawn")
    words = context.Queue()
    settings = {name: connection.settings_dict[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    process = context.Process(target=another_process.listen, args=(settings, str(doctor.pk), doctor.tab, cookie, words))
    # The other process reads the real clock, so the visit is moved to now.
    _move_to_now(visit, cookie)
    process.start()
    try:
        assert words.get(timeout=25) == 200
        assert words.get(timeout=30) == "state"
        services.signal(
            visitor=Visitor(visit.citizen), seat_id=patient.pk, tab=patient.tab, to=doctor.pk, data={"w": "hei"},
            now=timezone.now(),
        )  # fmt: skip
        while (word := words.get(timeout=30)) == "state":
            pass
        assert word == "hei"
    finally:
        process.join(20)
        process.kill()


def _move_to_now(visit: Video, cookie: str) -> None:
    now = datetime.now(UTC)
    type(visit.appointment).objects.filter(pk=visit.appointment.pk).update(
        starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(minutes=15)
    )
    began(cookie.partition("=")[2], now)
