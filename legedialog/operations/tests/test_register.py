"""The commands, and the demo's register file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from legedialog.access import actor
from legedialog.core.crypto import blind_index
from legedialog.demo import register as demo_register
from legedialog.demo.people import PEOPLE, REFERENCE
from legedialog.integrations.registers import checking, client, load, schema
from legedialog.integrations.registers.fake import PASSWORD, USER, FakeRegisters
from legedialog.integrations.registers.tests.test_sync import OFFICE
from legedialog.operations import docs, environment, register
from legedialog.patients import queries as patients
from legedialog.patients.models import Membership, Person
from legedialog.patients.rules import age_on
from legedialog.practices import queries as practices
from legedialog.practices.models import Clinician, Employee, Practice

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHILD = {**schema.PersonLine.EXAMPLE, "national_number": schema.ResponsibilityLine.EXAMPLE["child"]}
EXAMPLES = [json.dumps(example) for example in (*(line.EXAMPLE for line in schema.LINES), CHILD)]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    @contextmanager
    def ready() -> Iterator[None]:
        yield  # the test has its settings and its database already

    monkeypatch.setattr(environment, "ready", ready)
    return lambda *words: CliRunner().invoke(register.app, [str(word) for word in words])


def test_a_file_is_imported_and_then_imported_again(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "registers.ndjson"
    file.write_text("\ufeff" + "\r\n".join(EXAMPLES), encoding="utf-8")

    first, second = run("import", file), run("import", file)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"Loaded {len(EXAMPLES)} lines." in first.stdout
    assert "Everything was loaded before: nothing changed." in second.stdout
    assert Membership.objects.count() == 1


def test_a_dry_run_says_that_nothing_was_kept(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "registers.ndjson"
    file.write_text("\n".join(EXAMPLES), encoding="utf-8")

    told = run("import", file, "--dry-run")

    assert told.exit_code == 0
    assert "Only checked: nothing was kept." in told.stdout
    assert not Practice.objects.exists()


def test_bad_lines_are_told_with_their_numbers_and_the_command_fails(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "registers.ndjson"
    file.write_text("\n".join([*EXAMPLES, "", "{}", '{"type": "clinician", "name": "Eva"}']), encoding="utf-8")

    told = run("import", file)

    assert told.exit_code == 2
    assert f"line {len(EXAMPLES) + 2}: type must be one of: office, " in told.stderr
    assert f"line {len(EXAMPLES) + 3}: hpr_number is missing" in told.stderr
    assert f"{len(EXAMPLES) + 3} lines read, 2 bad. Nothing was loaded." in told.stderr
    assert not Practice.objects.exists()


def test_an_office_is_refreshed_from_the_address_register(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect() -> client.Registers:
        transport = httpx.WSGITransport(app=FakeRegisters([OFFICE]))
        where = "https://registers.example"
        return client.Registers(gp_url=where, address_url=where, user=USER, password=PASSWORD, transport=transport)

    monkeypatch.setattr(client, "connect", connect)

    assert "The office is updated." in run("refresh", OFFICE.her_id).stdout
    assert Practice.objects.get().phone == "55 55 55 56"
    assert "nothing changed" in run("refresh", OFFICE.her_id).stdout
    unknown = run("refresh", 1)
    assert (unknown.exit_code, unknown.stderr) == (1, "The Address register does not know that HER-id.\n")


def test_the_page_about_register_files_is_made_from_the_code() -> None:
    assert docs.pages()["registers.md"]() == (docs.ROOT / "docs" / "registers.md").read_text(encoding="utf-8")


@pytest.fixture
def demo(db: None) -> None:
    report = load.load(checking.encode(demo_register.lines(REFERENCE)), actor=actor.system(), now=NOW)
    assert report.bad == {}


def gp(name: str) -> tuple[str, str]:
    person_id = patients.id_of(next(person for person in PEOPLE if person.name == name).number)
    assert person_id
    found = patients.gp_of(person_id, REFERENCE)
    assert found
    return found.practice.name, found.doctors[0].name


@pytest.mark.parametrize(
    ("name", "office", "doctor"),
    [
        *((name, "Fjordbyen legesenter", "Ingrid Aas") for name in ("Kari Testdal", "Nora Testdal", "Tor Testli")),
        ("Hassan Testrud", "Fjordbyen legesenter", "Jonas Vik"),
        ("Arne Testmo", "Dalen legekontor", "Odd Lund"),
    ],
)
def test_the_people_of_the_demo_have_their_gps(name: str, office: str, doctor: str, demo: None) -> None:
    assert gp(name) == (office, doctor)


@pytest.mark.parametrize(
    ("doctor", "offered"),
    [
        ("Ingrid Aas", ["request", "econsultation", "renew", "contact"]),  # and times, when a plan has any
        ("Jonas Vik", ["request", "renew", "contact"]),
        ("Odd Lund", []),
    ],
)
def test_the_doctors_of_the_demo_offer_what_the_table_says(doctor: str, offered: list[str], demo: None) -> None:
    clinician = Clinician.objects.get(name=doctor)
    office = clinician.employments.get().practice_id
    assert [row.service for row in practices.offers(office, clinician.pk, REFERENCE) if row.is_open] == offered


def test_everybody_who_works_in_the_demo_can_log_in(demo: None) -> None:
    roles = {
        person.name: list(
            Employee.objects.filter(
                national_number_index=blind_index(person.number, purpose="national-number")
            ).values_list("practice__name", "role")
        )
        for person in PEOPLE
        if person.kind == "staff"
    }
    assert roles == {
        "Ingrid Aas": [("Fjordbyen legesenter", "doctor")],
        "Jonas Vik": [("Fjordbyen legesenter", "doctor")],
        "Mona Haug": [("Fjordbyen legesenter", "secretary")],
        "Siri Berge": [("Fjordbyen legesenter", "manager")],
        "Leif Strand": [("Fjordbyen legesenter", "substitute")],
        "Odd Lund": [("Dalen legekontor", "doctor")],
    }


@pytest.mark.parametrize("days", [0, 1, 400])
def test_the_children_have_their_ages_on_any_day_and_a_day_gives_the_same_file(days: int) -> None:
    today = REFERENCE + timedelta(days=days)
    rows = list(demo_register.lines(today))

    assert rows == list(demo_register.lines(today))
    born = {row["given_name"]: date.fromisoformat(row["birth_date"]) for row in rows if row["type"] == "person"}
    ages = {name: age_on(born[name], today) for name in ("Ola", "Nora", "Sara", "Emil")}
    assert ages == {"Ola": 8, "Nora": 14, "Sara": 16, "Emil": 14}


def test_only_the_protected_address_is_hidden(demo: None) -> None:
    graded = {person.given_name: person.address for person in Person.objects.exclude(address_grading="open")}
    assert graded == {"Lise": "", "Liv": "", "Jon": ""}
