"""GNU Health: its core module with appointments, by the JSON-RPC that its own client speaks.

It has no citizens' side: each client is a user at the front desk with that group's rights. A free time is a row that
waits for a patient. As its documents say, the server's WSGI application runs in a WSGI server.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bench import cpu, load, rows
from bench.peers import place
from bench.peers.sides import A_DAY, COMING, OTHERS_FROM, Job, LeftOut, Side, Task

NAME, PACKAGE, TITLE = "gnuhealth", "gnuhealth", "GNU Health"
VISIT = "model.gnuhealth.appointment"
SHOWN = ["name", "appointment_date", "healthprof.rec_name", "institution.rec_name", "appointment_type", "state"]
OPENED = [*SHOWN, "patient.rec_name", "urgency", "visit_type", "comments", "_timestamp"]
numbers = count(1)


class User:
    """One who is logged in."""

    def __init__(self, port: int, login: str, password: str) -> None:
        self.client = load.Client(port, "", 0)
        number, session = self("common.db.login", login, {"password": password}, "en")
        ticket = base64.b64encode(f"{login}:{number}:{session}".encode()).decode()
        self.client.headers["Authorization"] = f"Session {ticket}"

    def asked(self, method: str, *params: object) -> dict[str, Any]:
        body = {"id": next(numbers), "method": method, "params": params}
        return dict(json.loads(load.must_be(self.client.ask_json(f"/{NAME}/", body), 200, method)))

    def __call__(self, method: str, *params: object) -> Any:
        answer = self.asked(method, *params)
        if "error" in answer:
            raise load.WrongAnswer(f"{method}: {str(answer['error'])[:300]}")
        return answer["result"]


@contextmanager
def begun(task: Task) -> Iterator[Side]:
    password = secrets.token_urlsafe(24)
    url = place.database(task, NAME)
    file = task.folder / "gnuhealth.pass"
    file.touch(mode=0o600)
    file.write_text(password, encoding="utf-8")
    environment = {"TRYTOND_DATABASE_URI": urlsplit(url)._replace(path="/").geturl(), "TRYTONPASSFILE": str(file)}
    admin = [str(place.KEPT / NAME / "bin" / "trytond-admin"), "-d", NAME, "--email", "bench@example.org"]
    place.run([*admin, "-u", "health", "--activate-dependencies"], environment, "makes no database")
    environment["TRYTOND_DATABASE_NAMES"] = NAME
    with place.serving(task, NAME, "trytond.application:app", environment) as (port, pid):
        patients, doctors = _fill(User(port, "admin", password), url, task, password)
        users = [User(port, f"desk{number}", password) for number in range(task.clients)]
        each = list(zip(users, patients, doctors, strict=False))
        free = [_free_ids(user, doctor, task) for user, _, doctor in each]
        yield Side(
            name=f"{TITLE} {place.version(NAME, PACKAGE)}",
            jobs={
                "free times": Job(
                    "a request (JSON): a day's free times of a doctor, as a user at the front desk",
                    [_listed(user, _of_day(doctor, task), A_DAY - len(task.taken)) for user, _, doctor in each],
                ),
                "own list": Job(
                    f"a request (JSON): a patient's {COMING} coming appointments, as a user at the front desk",
                    [_listed(user, _coming(patient), COMING) for user, patient, _ in each],
                ),
                "book": Job(
                    "three requests (JSON): open a free time, choose the patient, save; no log of who reads, no notice",
                    [_book(user, patient, iter(ids)) for (user, patient, _), ids in zip(each, free, strict=True)],
                ),
            },
            meter=cpu.Meter(pid, 0, task.postgres),
            gives_twice=lambda: _gives_twice(users[:2], patients[:2], free[0][-1]),
        )


def _fill(admin: User, url: str, task: Task, password: str) -> tuple[list[int], list[int]]:
    """Ids of the clients' patients and of all doctors. The many are copies of what the product wrote."""

    def party(name: str, **more: object) -> int:
        # One at a time: of several the product makes all for each.
        (made,) = admin("model.party.party.create", [{"name": name, "fed_country": "NOR", **more}], {})
        return int(made)

    def made(model: str, **values: object) -> int:
        (found,) = admin(f"model.gnuhealth.{model}.create", [values], {})
        return int(found)

    house = party("Kontoret", is_person=False, is_institution=True)
    kind = {"institution_type": "doctor_office", "public_level": "private"}
    institution = made("institution", party=house, code="bench", **kind)
    doctor = {"is_person": True, "is_healthprof": True, "gender": "f"}
    doctors = [
        made("healthprofessional", party=party("Lege", lastname=f"Test {number}", **doctor), institution=institution)
        for number in range(task.doctors)
    ]
    person = {"is_person": True, "is_patient": True, "gender": "f"}
    patients = [
        made("patient", party=party("Kari", lastname=f"Testdal {number}", **person)) for number in range(task.clients)
    ]
    visit = {"institution": institution, "appointment_type": "outpatient", "urgency": "a", "visit_type": "new"}
    at = said(task.day[0])
    free = made("appointment", healthprof=doctors[0], appointment_date=at, state="free", **visit)
    booked = made(
        "appointment", healthprof=doctors[0], appointment_date=at, state="confirmed", patient=patients[0], **visit
    )
    (desk,) = admin("model.res.group.search", [["name", "=", "Health Front Desk"]], 0, None, None, {})
    for number in range(task.clients):
        user = {"name": f"Desk {number}", "login": f"desk{number}", "password": password}
        admin("model.res.user.create", [{**user, "groups": [["add", [desk]]]}], {})
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        _many(cursor, task, patients, doctors, free, booked)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return patients, doctors


def _many(cursor: Any, task: Task, patients: list[int], doctors: list[int], free: int, booked: int) -> None:
    cursor.execute(
        "CREATE TEMP TABLE client AS SELECT * FROM unnest(%s::int[], %s::int[]) AS c(patient, doctor)",
        [patients, doctors[: len(patients)]],
    )
    for name, times in {"day": task.day, "taken": task.taken, "coming": task.coming, "ahead": task.free}.items():
        cursor.execute(f"CREATE TEMP TABLE {name} (at timestamp)")
        cursor.executemany(f"INSERT INTO {name} VALUES (%s)", [(_plain(at),) for at in times])
    cursor.execute("SELECT party FROM gnuhealth_patient WHERE id = %s", [patients[0]])
    party = cursor.fetchone()[0]
    own = dict.fromkeys(("ref", "code", "federation_account"), "'K' || n")
    rows.copy(cursor, "party_party", own, f"party_party t, generate_series(1, {task.persons}) n WHERE t.id = {party}")
    source = f"gnuhealth_patient t JOIN party_party p ON p.ref ~ '^K[0-9]+$' WHERE t.id = {patients[0]}"
    rows.copy(cursor, "gnuhealth_patient", {"party": "p.id"}, source)
    cursor.execute("CREATE TEMP TABLE other AS SELECT id, row_number() OVER () AS n FROM gnuhealth_patient")
    cursor.execute("DELETE FROM other WHERE id = ANY(%s)", [patients])
    visit, theirs = "gnuhealth_appointment", {"healthprof": "c.doctor", "appointment_date": "x.at"}
    first = "(SELECT min(id) FROM other)"
    for own, source in (
        (theirs, f"client c, (TABLE day EXCEPT TABLE taken UNION TABLE ahead) x WHERE t.id = {free}"),
        ({**theirs, "patient": first}, f"client c, taken x WHERE t.id = {booked}"),
        ({**theirs, "patient": "c.patient"}, f"client c, coming x WHERE t.id = {booked}"),
        (
            {"patient": "o.id", "appointment_date": f"timestamp '{OTHERS_FROM}' + o.n * interval '20 minutes'"},
            f"other o WHERE t.id = {booked}",
        ),
    ):
        rows.copy(cursor, visit, own, f"{visit} t, {source}")
    cursor.execute(f"DELETE FROM {visit} WHERE id = ANY(%s)", [[free, booked]])


def _plain(at: datetime) -> datetime:
    """As it keeps them: UTC without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None)


def said(at: datetime) -> dict[str, object]:
    plain = _plain(at)
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{part: getattr(plain, part) for part in parts}}


def _of_day(doctor: int, task: Task) -> list[object]:
    until = said(task.day[-1] + timedelta(hours=1))
    return [*_free(doctor), ["appointment_date", ">=", said(task.day[0])], ["appointment_date", "<", until]]


def _free(doctor: int) -> list[object]:
    return [["healthprof", "=", doctor], ["state", "=", "free"]]


def _coming(patient: int) -> list[object]:
    now = said(datetime.now(UTC))
    return [["patient", "=", patient], ["state", "=", "confirmed"], ["appointment_date", ">=", now]]


def _free_ids(user: User, doctor: int, task: Task) -> list[int]:
    ahead = [*_free(doctor), ["appointment_date", ">=", said(task.free[0])]]
    return [int(each) for each in user(f"{VISIT}.search", ahead, 0, None, [["appointment_date", "ASC"]], {})]


def _listed(user: User, those: list[object], number: int) -> Callable[[], str]:
    def ask() -> str:
        found = user(f"{VISIT}.search_read", those, 0, 100, [["appointment_date", "ASC"]], SHOWN, {})
        if len(found) != number:
            raise LeftOut(f"lists {len(found)} instead of {number}")
        return "listed"

    return ask


def _book(user: User, patient: int, left: Iterator[int]) -> Callable[[], str]:
    def ask() -> str:
        if (wanted := next(left, None)) is None:
            raise LeftOut("has no more times to book")
        saved = _saved(user, wanted, _opened(user, wanted, patient))
        return "booked" if "result" in saved else "refused"

    return ask


def _opened(user: User, wanted: int, patient: int) -> dict[str, Any]:
    """As its client does when the patient is chosen in the form: what is to be saved, and what was seen."""
    (seen,) = user(f"{VISIT}.read", [wanted], OPENED, {})
    values = user(f"{VISIT}.on_change_patient", {"id": wanted, "patient": patient, "state": seen["state"]}, {})
    return {"patient": patient, "state": values["state"], "_timestamp": seen["_timestamp"]}


def _saved(user: User, wanted: int, values: dict[str, Any]) -> dict[str, Any]:
    new = {name: values[name] for name in ("patient", "state")}
    context = {"_timestamp": {f"gnuhealth.appointment,{wanted}": values["_timestamp"]}}
    return user.asked(f"{VISIT}.write", [wanted], new, context)


def _gives_twice(users: list[User], patients: list[int], wanted: int) -> bool:
    """Two have opened the same free time, and both save."""
    both = [_opened(user, wanted, patient) for user, patient in zip(users, patients, strict=True)]
    return all("result" in _saved(user, wanted, values) for user, values in zip(users, both, strict=True))
