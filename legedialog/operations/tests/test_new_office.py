"""An office from nothing, by the pages of who runs the platform and of its manager, and by commands; then its jobs.

No demo, and no row is made but what a page or a command makes. Logins are begun as the provider's answer begins them.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Assurance, Kind
from legedialog.access.tests.logins import begin, with_token
from legedialog.access.tests.pages import Tab
from legedialog.appointments.picker import time_value
from legedialog.core.identifiers import parse_national_number, synthetic_number
from legedialog.integrations.helseid import people
from legedialog.integrations.oidc.client import Identity
from legedialog.journeys import staffing
from legedialog.operations import environment, operators, prescriptions, register
from legedialog.patients import queries as patients
from legedialog.practices.rules import Service

BORN = date(1980, 3, 12)
ELI, SIRI, INGRID, JONAS, MONA, KARI, PER = (synthetic_number(BORN, serial) for serial in range(7))
HPR = {INGRID: "9144889", JONAS: "9144890"}
NUMBER = "313000044"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Oslo
NEXT_TUESDAY = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock; commands find the settings and the database that the test has already."""

    @contextmanager
    def ready(**options: object) -> Iterator[None]:
        yield

    monkeypatch.setattr(environment, "ready", ready)
    clock = [MONDAY]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    return lambda now: clock.__setitem__(0, now)


def login(kind: Kind, holder_id: Any) -> Tab:
    token, _ = begin(kind, holder_id, sub=str(holder_id))
    return Tab(with_token(token, Client(enforce_csrf_checks=True)))


def identity(number: str) -> Identity:
    return Identity(
        number=parse_national_number(number, synthetic=True),
        assurance=Assurance.HIGH,
        issuer="https://login.example",
        sub="",
        sid="",
        hpr_number=HPR.get(number, ""),
    )


def at_work(number: str) -> Tab:
    """As HelseID says who she is."""
    [employee] = people.employees(identity(number), timezone.now().date())
    return login(Kind.STAFF, employee.pk)


def at_home(number: str) -> Tab:
    person_id = patients.id_of(number)
    assert person_id
    return login(Kind.CITIZEN, person_id)


def load(folder: Path, command: Any, lines: list[dict[str, Any]], **options: Any) -> None:
    file = folder / "file.ndjson"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    command(file, **options)


def done(answer: Any) -> None:
    said = re.sub(r"<[^>]*>|\s+", " ", answer.content.decode().partition("<main")[2])
    assert answer.status_code == 200, re.sub(" +", " ", said)[:2000]


def left_to_do(tab: Tab) -> int:
    return tab.open("/kontor/").html.count("Gjenstår")


@pytest.mark.django_db
def test_an_office_from_nothing_does_all_its_jobs(at: Any, tmp_path: Path) -> None:
    # Who runs the platform opens the office.
    operators.add("Eli Drift", ELI)
    eli = login(Kind.OPERATOR, people.operator(identity(ELI)).pk).open("/drift/kontorer/nytt/")
    done(
        eli.press(
            "/drift/kontorer/nytt/",
            name="Nyvika legesenter",
            organisation_number=NUMBER,
            manager="Siri Berge",
            national_number=SIRI,
            supported_services=Service.values,
        )
    )
    assert NUMBER in eli.html
    assert "Nei. Lederen ser på startsiden hva som gjenstår." in eli.html

    # The manager sets it up, as the start page tells her.
    siri = at_work(SIRI)
    assert left_to_do(siri) == 7
    office = reverse("workspace:settings-office")
    done(siri.open(office).press(office, street="Strandveien 1", postal_code="5599", city="Nyvika", phone="55551234"))
    hours = reverse("workspace:settings-hours")
    week: dict[str, Any] = {
        f"dag{day}-{name}": clock for day in range(5) for name, clock in (("opens", "08:00"), ("closes", "15:30"))
    }
    done(siri.open(hours).press(hours, **week))
    new = reverse("workspace:settings-new-employee")
    for name, number, role in (
        ("Ingrid Aas", INGRID, "doctor"),
        ("Jonas Vik", JONAS, "doctor"),
        ("Mona Haug", MONA, "secretary"),
    ):
        hired: dict[str, Any] = {
            "name": name,
            "national_number": number,
            "role": role,
            "hpr_number": HPR.get(number, ""),
        }
        done(siri.open(new).press(new, **hired))
        assert siri.path == reverse("workspace:settings-employees")
    kind = reverse("workspace:settings-new-visit-type")
    done(
        siri.open(kind).press(
            kind, name="Vanlig time", kind="ordinary", channels=["attendance", "video"], is_bookable_by_citizens="on"
        )
    )
    assert "Timebestilling" in siri.open(reverse("workspace:settings")).html
    plans = re.findall(r'href="(/kontor/innstillinger/ukeplan/[0-9a-f-]+/)"', siri.html)
    assert len(plans) == 2
    [services] = [re.findall(r'href="(/kontor/innstillinger/tjenester/[^"]+)"', siri.html)]
    for address in services:
        done(siri.open(address).press(address, state="open", do="save"))
    # Switched on, and yet nothing can be booked: it says so until there is a plan.
    assert siri.open(reverse("workspace:settings")).html.count("Legen har ikke lagt ut timer.") == 4
    for plan in plans:
        block: dict[str, Any] = {
            "starts": "08:00",
            "ends": "15:00",
            "channels": ["attendance", "video"],
            "first_date": "2026-11-23",
        }
        for weekday in range(5):
            form = siri.open(f"{plan}ny/").html
            [types] = set(re.findall(r'name="visit_types"[^>]*value="([^"]+)"', form))
            done(siri.press(f"{plan}ny/", weekday=weekday, visit_types=[types], is_online="on", **block))
    assert "Legen har ikke lagt ut timer." not in siri.open(reverse("workspace:settings")).html
    assert left_to_do(siri) == 1

    # Lists and people come from the registers, prescriptions from another system.
    people_of = [
        {"type": "person", "national_number": number, "given_name": name, "family_name": "Testdal"}
        | {"birth_date": str(BORN), "phone": "45555555", "contact_confirmed_at": "2026-11-01T12:00:00Z"}
        for number, name in ((KARI, "Kari"), (PER, "Per"))
    ]
    serves = [
        {"type": "contract-doctor", "contract": number, "hpr_number": HPR[doctor], "starts_date": "2026-11-01"}
        for number, doctor in (("90001", INGRID), ("90002", JONAS))
    ]
    load(
        *(tmp_path, register.import_file),
        [
            *({"type": "contract", "number": number, "office": NUMBER} for number in ("90001", "90002")),
            *serves,
            *people_of,
            *(
                {"type": "membership", "person": number, "contract": contract, "starts_date": "2026-11-01"}
                for number, contract in ((KARI, "90001"), (PER, "90002"))
            ),
        ],
        dry_run=False,
    )
    load(
        *(tmp_path, prescriptions.import_file),
        [
            {"type": "prescription", "identifier": "a1", "patient": KARI, "written_date": "2025-12-01", "group": "C"}
            | {"name": "Cozaar", "atc": "C09CA01", "strength": "50 mg", "use": "1 tablett om dagen", "office": NUMBER}
            | {"prescriber_name": "Ingrid Aas", "prescriber_hpr": HPR[INGRID]},
            {"type": "dispensing", "identifier": "u1", "prescription": "a1", "dispensed_date": "2026-09-05"},
        ],
        source="Gammelt system",
        phone="55551234",
        dry_run=False,
    )
    assert "Dette venter" in siri.open("/kontor/").html

    # Reception books for Per; Kari, who has said yes, books by herself, on video too, writes and orders.
    mona = at_work(MONA)
    per = patients.id_of(PER)
    book = f"{reverse('workspace:book')}?pasient={per}"
    asked = reverse("workspace:purpose", args=[per])  # he has no contact with the office yet
    done(mona.open(book).press(asked, purpose="called", note=""))
    calendars = re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>Jonas Vik<', mona.html)
    [visit_type] = re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>Vanlig time', mona.html)
    given: dict[str, Any] = {"calendar": calendars[0], "visit_type": visit_type, "channel": "attendance"}
    done(mona.press(book, **given, day="2026-11-24", clock="08:20", reason="Hoste", overbook_reason=""))
    assert "Per Testdal har fått time" in mona.html
    kari = at_home(KARI)
    consents(kari)
    ingrid_calendar = next(
        value for value, name in re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>([^<]+)<', mona.open(book).html)
        if name == "Ingrid Aas"
    )  # fmt: skip
    for start, channel in ((NEXT_TUESDAY + timedelta(days=2), "attendance"), (MONDAY + timedelta(hours=3), "video")):
        books(kari, ingrid_calendar, start, channel)
    writes(kari)
    order = "/legemidler/forny/"
    prescription = re.findall(r'name="prescriptions"[^>]*value="([^"]+)"', kari.open(order).html)
    done(kari.press(order, prescriptions=prescription, note="Virker fint"))
    assert kari.path.startswith("/legemidler/bestillinger/")

    # The doctor sees the video visit; the other one is away for two days.
    ingrid = at_work(INGRID)
    assert "Kari Testdal" in ingrid.open(reverse("workspace:video")).html
    absences = reverse("workspace:absences")
    [vik] = set(re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>Jonas Vik<', mona.open(absences).html))
    away: dict[str, Any] = {
        "clinician": vik,
        "first_date": "2026-11-26",
        "last_date": "2026-11-27",
        "substitute": "",
        "note": "",
    }
    done(mona.press(absences, **away))
    assert "Fraværet er registrert" in mona.html

    # Ingrid leaves on Friday. What she leaves is shown first, and goes to Jonas.
    employees = siri.open(reverse("workspace:settings-employees")).html
    [address] = re.findall(r'href="([^"]+)"\s+aria-label="Se og endre Ingrid Aas', employees)
    leave = siri.open(f"{address}slutter/")
    [heir] = set(re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>Jonas Vik<', leave.html))
    done(leave.press(f"{address}slutter/", last_date="2026-11-27", successor=heir))
    for words in ("1 time", "1 reseptfornyelse", "1 fastlegeliste", "torsdag 3. desember"):
        assert words in leave.html, words
    [shown] = re.findall(r'name="confirmed" value="([^"]+)"', leave.html)
    done(leave.press(f"{address}slutter/", last_date="2026-11-27", successor=heir, confirmed=shown))
    assert leave.path == address

    at(NEXT_TUESDAY)
    staffing.follow(now=NEXT_TUESDAY)
    assert not people.employees(identity(INGRID), NEXT_TUESDAY.date())
    assert "Jonas Vik" in at_home(KARI).open("/min-fastlege/").html
    jonas = at_work(JONAS)
    assert "Kari Testdal" in jonas.open(f"{reverse('workspace:prescriptions')}?vis=kontoret").html
    assert "1 time" in at_work(SIRI).open(address).html  # until somebody moves it


def consents(tab: Tab) -> None:
    done(tab.open("/samtykke/").press("/samtykke/", level="full"))


def books(tab: Tab, calendar: str, start: datetime, channel: str) -> None:
    tab.open(f"/timeavtaler/bestill/?channel={channel}")
    done(
        tab.press(
            "/timeavtaler/bestill/",
            to=f"/timeavtaler/bestill/?channel={channel}",
            time=time_value(UUID(calendar), start),
            reason="Hoste",
        )
    )
    done(tab.press(tab.path))
    assert tab.path.endswith("/bestilt/"), tab.html


def writes(tab: Tab) -> None:
    start = "/meldinger/ny/kontakt/"
    topic = re.findall(r'name="topic"[^>]*value="([^"]+)"', tab.open(start).html)[0]
    done(tab.press(start, topic=topic))
    done(tab.press(tab.path, text="Når har dere åpent?"))
    done(tab.press(tab.path))
    assert "Meldingen er sendt" in tab.html
