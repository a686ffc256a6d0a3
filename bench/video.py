"""`make bench-video`: 200 video visits at once on one machine: how long two browsers need to find each other.

Patients and doctors as their pages do it, over HTTP: the room's page, its stream of events, the office's stream with
the panel that is fetched again for each event, `Slipp inn`, then hello, offer, answer and candidates by POST. Nobody
sends picture or sound: those never come to our server. All rooms stay open to the end.

A database of its own, thrown away at the start of the next run. `ROOMS` (200) and `SECONDS` (200), in which they begin.
Writes its rows into bench/results.md and bench/results.json beside those of `make bench`.
"""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

from bench import sections

SDP = "v=0\r\n" + "a=rtpmap:96 VP8/90000\r\n" * 240  # as large as what Chromium offers
CANDIDATES = [
    {"candidate": f"candidate:{n} 1 udp 2113937151 192.0.2.{n} 50000 typ host", "sdpMid": "0"} for n in range(8)
]
PATIENCE = 60.0  # seconds until a room that does not come about is a fault


@dataclass
class Browser:
    """One person's: a connection for requests, one for each stream, and her cookies."""

    port: int
    session: str
    cookies: dict[str, str] = field(default_factory=dict)
    pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        async with self.turn:
            try:
                return await self._ask(method, path, body, headers)
            except (asyncio.IncompleteReadError, ConnectionError):  # closed after a silence: browsers ask anew
                self.close()
                return await self._ask(method, path, body, headers)

    async def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        if self.pipe is None:
            self.pipe = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        reader, writer = self.pipe
        writer.write(self._request(method, path, body, headers))
        status, answered = await self._head(reader)
        if answered.get("transfer-encoding") == "chunked":
            text = b"".join([piece async for piece in _chunks(reader)])
        else:
            text = await reader.readexactly(int(answered.get("content-length", 0)))
        if answered.get("connection") == "close":
            self.close()
        return status, text.decode()

    async def stream(self, path: str) -> AsyncIterator[str]:
        """The data of each event. A connection of its own, as an EventSource has."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        try:
            writer.write(self._request("GET", path, "", {"Accept": "text/event-stream"}))
            status, _ = await self._head(reader)
            if status != 200:
                raise RuntimeError(f"{path.split('?')[0]} answered {status}")
            async for piece in _chunks(reader):
                for line in piece.decode().splitlines():
                    if line.startswith("data: "):
                        yield line.removeprefix("data: ")
        finally:
            writer.close()

    def close(self) -> None:
        if self.pipe:
            self.pipe[1].close()
            self.pipe = None

    def _request(self, method: str, path: str, body: str, headers: dict[str, str]) -> bytes:
        cookies = {"session": self.session, **self.cookies}
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: localhost",
            "Origin: http://localhost",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()),
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
            f"Content-Length: {len(body.encode())}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    async def _head(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        answered = {}
        for line in filter(None, lines):
            name, _, value = line.partition(": ")
            answered[name.lower()] = value
            if name.lower() == "set-cookie":
                cookie, _, content = value.split(";")[0].partition("=")
                self.cookies[cookie] = content
        return int(first.split()[1]), answered


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int(await reader.readline(), 16):
        yield (await reader.readexactly(size + 2))[:-2]
    await reader.readline()


@dataclass
class Side:
    """One side of a room: what her page holds, and what has reached her."""

    browser: Browser
    page: str
    seat: str = ""
    events: str = ""
    post: str = ""
    token: str = ""
    other: str = ""
    name: str = ""
    reading: list[asyncio.Task[None]] = field(default_factory=list)
    had: set[str] = field(default_factory=set)
    whole: asyncio.Event = field(default_factory=asyncio.Event)
    state: asyncio.Event = field(default_factory=asyncio.Event)
    took: list[float] = field(default_factory=list)  # seconds from one browser to the other
    probed: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        status, text = await self.browser.ask("GET", self.page)
        if status != 200 or 'id="room"' not in text:
            raise RuntimeError(f"the room's page answered {status}")
        found = dict(re.findall(r'data-(seat|events|post)="([^"]+)"', text))
        self.seat, self.events, self.post = (unescape(found[key]) for key in ("seat", "events", "post"))
        self.token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[0]
        self.reading.append(asyncio.create_task(self._read()))
        await asyncio.wait_for(self.state.wait(), PATIENCE)

    async def _read(self) -> None:
        async for line in self.browser.stream(self.events):
            message = json.loads(line)
            if message["type"] == "state":
                self.state.set()
                if message["me"] == "admitted":
                    await self._greet(message["seats"])
            elif message["type"] == "signal":
                self.took.append(time.time() - message["data"]["at"])
                await self._take(message["data"])

    async def _greet(self, seats: list[dict[str, Any]]) -> None:
        others = [seat["id"] for seat in seats if seat["admitted"] and seat["id"] != self.seat]
        if others and not self.other:
            self.other = others[0]
            self.say({"hello": True})

    async def _take(self, data: dict[str, Any]) -> None:
        """As peer.js: the side with the smaller id lays out the media, the other answers, both name their ways."""
        if "hello" in data and self.other and self.seat < self.other and "hello" not in self.had:
            self.say({"description": {"type": "offer", "sdp": SDP}}, {"candidates": CANDIDATES})
        if data.get("description", {}).get("type") == "offer":
            self.say({"description": {"type": "answer", "sdp": SDP}}, {"candidates": CANDIDATES})
        self.had |= {key for key in ("hello", "description", "candidates") if key in data}
        if {"description", "candidates"} <= self.had:
            self.whole.set()
        if "probe" in data:
            self.probed.set()

    def say(self, *messages: dict[str, Any]) -> None:
        self.reading.append(asyncio.create_task(self._say(messages)))

    async def _say(self, messages: tuple[dict[str, Any], ...]) -> None:
        for data in messages:
            body = {"type": "signal", "to": self.other, "data": data | {"at": time.time()}}
            await self.send(body)

    async def send(self, body: dict[str, Any]) -> None:
        headers = {"Content_Type": "application/json", "X_CSRFToken": self.token}
        status, text = await self.browser.ask("POST", self.post, json.dumps(body), **headers)
        if status not in (200, 204):
            raise RuntimeError(f"a signal was answered {status} {text[:200]}")


@dataclass
class Room:
    patient: Side
    doctor: Side
    office: Browser  # the doctor's other requests

    def __post_init__(self) -> None:
        self.office.cookies = self.doctor.browser.cookies  # one person's browser

    async def begin(self) -> tuple[float, float]:
        """Seconds until the patient is in the waiting room; and from the doctor's opening the room until both sides
        have all they need from each other."""
        began = time.perf_counter()
        await self.patient.open()
        waits = time.perf_counter() - began
        began = time.perf_counter()
        await self.doctor.open()
        self.doctor.reading.append(asyncio.create_task(self._desk()))
        await self._post("slipp-inn/", {"seat": self.patient.seat})
        await asyncio.wait_for(asyncio.gather(self.patient.whole.wait(), self.doctor.whole.wait()), PATIENCE)
        took = time.perf_counter() - began
        report = {"type": "state", "quality": "good", "media": {"audio": True, "video": True, "screen": False}}
        await asyncio.gather(*(side.send(report) for side in (self.patient, self.doctor)))
        return waits, took

    async def _post(self, path: str, fields: dict[str, str]) -> None:
        status, _ = await self.office.ask(
            "POST",
            self.doctor.page + path,
            urlencode(fields),
            Content_Type="application/x-www-form-urlencoded",
            X_CSRFToken=self.doctor.token,
            HX_Request="true",
        )
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")

    async def _desk(self) -> None:
        """The panel beside the picture, drawn anew for each event of the office."""
        async for _ in self.office.stream("/live/office/"):
            await self.office.ask("GET", self.doctor.page, HX_Request="true", X_Live="1")

    async def probe(self) -> None:
        """A new way through the network, in the middle of the visit."""
        self.doctor.took.clear()
        self.patient.say({"probe": True, "candidates": CANDIDATES})
        await asyncio.wait_for(self.doctor.probed.wait(), PATIENCE)

    def close(self) -> None:
        for side in (self.patient, self.doctor):
            for task in side.reading:
                task.cancel()
            side.browser.close()
        self.office.close()


def main() -> None:
    from bench import cpu, world  # sets the environment before Django reads it
    from legedialog.operations import database, environment

    rooms, seconds = int(os.environ.get("ROOMS", "200")), int(os.environ.get("SECONDS", "200"))
    data = environment.embedded()
    if data and data.exists():
        database.remove(data)
    with environment.ready():
        from legedialog.demo import crowd
        from legedialog.operations import migrate

        migrate.prepare()
        crowd.grow(rooms, each=1, say=lambda done, total: None)
        visits = _visits(world.PORT)
        with world.serving() as server:
            figures = asyncio.run(_measure(visits, seconds, lambda: int(cpu.resident(server.pid))))
    _write(rooms, seconds, figures)


def _visits(port: int) -> list[Room]:
    """One for each doctor, that begins in five minutes; the patient and the doctor have logged in."""
    from django.utils import timezone

    from legedialog.access.actor import Actor, Assurance, Kind, Role
    from legedialog.access.services import start_login
    from legedialog.appointments import services
    from legedialog.appointments.models import Calendar, Channel, VisitType
    from legedialog.core.crypto import blind_index
    from legedialog.patients.models import Membership
    from legedialog.practices.models import Employee

    now = timezone.now()

    def session(kind: Kind, holder_id: Any) -> str:
        token, _ = start_login(
            kind=kind,
            holder_id=holder_id,
            assurance=Assurance.HIGH,
            issuer="bench",
            sid=str(holder_id),
            sub=str(holder_id),
            user_agent="bench",
            replaces="",
            now=now,
        )
        return token

    found = []
    for calendar in Calendar.objects.select_related("clinician").order_by("pk"):
        doctor = Employee.objects.create(
            practice_id=calendar.practice_id,
            clinician=calendar.clinician,
            name=calendar.clinician.name,
            role=Role.DOCTOR,
            national_number_index=blind_index(f"bench {calendar.pk}", purpose="national-number"),
            starts_date=date(2020, 1, 1),
        )
        actor = Actor(
            kind=Kind.STAFF,
            assurance=Assurance.HIGH,
            employee_id=doctor.pk,
            clinician_id=calendar.clinician_id,
            role=Role.DOCTOR,
            practice_id=calendar.practice_id,
            practices=frozenset({calendar.practice_id}),
        )
        member = Membership.objects.get(contract__doctors__clinician=calendar.clinician)
        visit = services.book_for_patient(
            actor=actor,
            patient_id=member.person_id,
            calendar_id=calendar.pk,
            visit_type_id=VisitType.objects.get(practice=calendar.practice_id).pk,
            channel=Channel.VIDEO,
            starts_at=now.replace(second=0, microsecond=0) + timedelta(minutes=5),
            reason="",
            overbook_reason="bench",
            now=now,
        )
        patient = Browser(port, session(Kind.CITIZEN, member.person_id))
        staff = session(Kind.STAFF, doctor.pk)
        found.append(
            Room(
                patient=Side(patient, f"/timeavtaler/{visit.pk}/video/"),
                doctor=Side(Browser(port, staff), f"/kontor/videotimer/{visit.pk}/"),
                office=Browser(port, staff),
            )
        )
    return found


async def _measure(rooms: list[Room], seconds: int, memory: Any) -> dict[str, Any]:
    before, began = memory(), time.perf_counter()

    async def at(number: int, room: Room) -> tuple[float, float]:
        await asyncio.sleep(number * seconds / len(rooms))
        found = await room.begin()
        print(f"\rroom {number + 1}: {found[1] * 1000:.0f} ms ", end="", flush=True)
        return found

    times = await asyncio.gather(*(at(number, room) for number, room in enumerate(rooms)))
    print(f"\n{len(rooms)} rooms are open after {time.perf_counter() - began:.0f} s")
    setting_up = [took for room in rooms for side in (room.patient, room.doctor) for took in side.took]
    for room in rooms:
        await room.probe()
        await asyncio.sleep(0.05)
    figures = {
        "page and stream of the waiting room": _spread([waits for waits, _ in times]),
        "set-up: the doctor opens the room and calls in, until both sides have all": _spread(
            [took for _, took in times]
        ),
        "one signal from browser to browser, while rooms begin": _spread(setting_up),
        "one signal from browser to browser, all rooms open": _spread([room.doctor.took[0] for room in rooms]),
    }
    connections = _connections()
    after = memory()
    for room in rooms:
        room.close()
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(0.2)
    return {"rows": figures, "memory_before_mb": before, "memory_mb": after, "connections": connections}


def _spread(seconds: list[float]) -> dict[str, float]:
    found = sorted(1000 * each for each in seconds)
    return {"p50": found[len(found) // 2], "p95": found[len(found) * 95 // 100], "most": found[-1]}


def _connections() -> int:
    """Of the server to PostgreSQL, while all streams are open. Ours have another role's name."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'legedialog_web' AND datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0


def _write(rooms: int, seconds: int, figures: dict[str, Any]) -> None:
    grown = figures["memory_mb"] - figures["memory_before_mb"]
    lines = [
        "## Video (`make bench-video`)",
        "",
        f"{date.today()}, commit {sections.commit()}, {os.cpu_count()} cores: {rooms} rooms began in"  # noqa: DTZ011
        f" {seconds} s and all stayed open, {3 * rooms} streams. Server, database and browsers' part on the same"
        f" machine; load average when it ended: {os.getloadavg()[0]:.0f}.",
        "",
        "| what | p50 ms | p95 ms | most ms |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {name} | {row['p50']:,.0f} | {row['p95']:,.0f} | {row['most']:,.0f} |"
            for name, row in figures["rows"].items()
        ),
        "",
        f"The server process held {figures['memory_mb']} MB with all of them, {grown} MB more than with none, and"
        f" {figures['connections']} connections to PostgreSQL: a stream holds none.",
    ]
    sections.write("video", lines, {"rooms": rooms, "seconds": seconds} | figures)


if __name__ == "__main__":
    main()
