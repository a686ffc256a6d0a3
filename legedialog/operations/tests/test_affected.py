"""`legedialog audit affected`: whose data was touched by whom between two moments."""

import csv
import io
import json
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, connections

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.audit import affected, services
from legedialog.audit.affected import Asked, By
from legedialog.audit.models import Event, SealedBatch
from legedialog.core.ids import new_id
from legedialog.operations import affected as answers
from legedialog.operations.affected import Form
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

NOW = factories.NOW
HOUR = timedelta(hours=1)


@pytest.fixture
def office() -> Office:
    return factories.office()


@pytest.fixture
def kari(office: Office) -> Person:
    return office.patient()


@pytest.fixture
def mona(office: Office) -> Actor:
    return office.staff(Role.SECRETARY)


def looked(actor: Actor, patient: Person, office: Office, at: datetime) -> None:
    services.looked(actor, "journal.read", None, at=at, patient_id=patient.pk, practice_id=office.practice.pk)


def changed(actor: Actor, patient: Person, office: Office, at: datetime) -> None:
    services.record(actor, "profile.changed", None, at=at, patient_id=patient.pk, practice_id=office.practice.pk)


def told(by: By, **narrowed: UUID | None) -> list[affected.Touched]:
    return list(affected.affected(Asked(NOW, NOW + HOUR, by, **narrowed)))


def test_reads_and_changes_from_the_first_moment_until_the_second(office: Office, kari: Person, mona: Actor) -> None:
    looked(mona, kari, office, NOW - timedelta(microseconds=1))
    looked(mona, kari, office, NOW)
    looked(mona, kari, office, NOW + timedelta(minutes=5))
    changed(mona, kari, office, NOW + timedelta(minutes=7))
    changed(mona, kari, office, NOW + HOUR)
    (row,) = told(By.TOUCH)
    assert (row.patient_id, row.employee_id, row.practice_id) == (kari.pk, mona.employee_id, office.practice.pk)
    assert (row.reads, row.changes, row.first_at, row.last_at) == (2, 1, NOW, NOW + timedelta(minutes=7))


def test_it_is_told_by_person_employee_and_office(office: Office, kari: Person, mona: Actor) -> None:
    per, doctor = office.patient("Per Testvik"), office.staff(Role.DOCTOR)
    for who, patient in ((mona, kari), (mona, per), (doctor, kari)):
        looked(who, patient, office, NOW)
    changed(citizen(kari), kari, office, NOW)
    assert {(row.patient_id, row.reads, row.changes) for row in told(By.PERSON)} == {(kari.pk, 2, 1), (per.pk, 1, 0)}
    assert {(row.employee_id, row.persons) for row in told(By.EMPLOYEE)} == {
        (mona.employee_id, 2),
        (doctor.employee_id, 1),
    }
    assert [(row.practice_id, row.persons, row.reads) for row in told(By.OFFICE)] == [(office.practice.pk, 2, 3)]
    assert len(told(By.TOUCH)) == 4
    assert {row.patient_id for row in told(By.PERSON, employee_id=doctor.employee_id)} == {kari.pk}
    assert [row.employee_id for row in told(By.TOUCH, patient_id=per.pk)] == [mona.employee_id]
    assert told(By.TOUCH, practice_id=new_id()) == []


def test_one_login_alone(office: Office, kari: Person, mona: Actor) -> None:
    looked(mona, kari, office, NOW)
    stolen = new_id()
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE audit_event SET login_id = %s", [stolen])
    looked(mona, kari, office, NOW)
    assert [row.reads for row in told(By.PERSON, login_id=stolen)] == [1]


def test_months_that_wait_for_their_table_are_asked_too(office: Office, kari: Person, mona: Actor) -> None:
    long_ago = datetime(2011, 3, 4, 12, tzinfo=UTC)
    looked(mona, kari, office, long_ago)
    asked = Asked(long_ago, long_ago + HOUR, By.PERSON)
    assert [row.patient_id for row in affected.affected(asked)] == [kari.pk]


def test_what_is_past_its_retention_is_said_to_be_missing() -> None:
    SealedBatch.objects.using("owner").create(
        number=1,
        from_position=1,
        until_position=2,
        month=NOW.date().replace(day=1),
        category="care",
        count=7,
        first_id=new_id(),
        last_id=new_id(),
        leaves=b"",
        previous=bytes(32),
        root=bytes(32),
        sealed_at=NOW,
        retired_at=NOW,
    )
    assert affected.gone(Asked(NOW, NOW + HOUR)) == 7
    assert affected.gone(Asked(NOW - timedelta(days=400), NOW - timedelta(days=300))) == 0


def written(by: By, form: Form, *, with_names: bool) -> str:
    out = io.StringIO()
    answers.write(affected.affected(Asked(NOW, NOW + HOUR, by)), by, form, out, with_names=with_names)
    return out.getvalue()


def test_it_is_written_as_a_table_csv_and_json(office: Office, kari: Person, mona: Actor) -> None:
    looked(mona, kari, office, NOW)
    (row,) = csv.DictReader(io.StringIO(written(By.TOUCH, Form.CSV, with_names=False)))
    assert (row["patient_id"], row["reads"], row["employee_id"]) == (str(kari.pk), "1", str(mona.employee_id))
    assert kari.family_name not in str(row)
    named = json.loads(written(By.TOUCH, Form.JSON, with_names=True))
    assert (named["patient"], named["number"], named["practice"]) == (
        *(kari.name, kari.national_number),
        office.practice.name,
    )
    head, line = written(By.PERSON, Form.TABLE, with_names=False).splitlines()
    assert head.split() == ["patient_id", "reads", "changes", "persons", "first_at", "last_at"]
    assert line.split()[:2] == [str(kari.pk), "1"]


def test_a_name_is_no_formula(office: Office, mona: Actor) -> None:
    kari = office.patient("=HYPERLINK Testdal")
    looked(mona, kari, office, NOW)
    (row,) = csv.DictReader(io.StringIO(written(By.PERSON, Form.CSV, with_names=True)))
    assert row["patient"].startswith("'=")


def test_memory_does_not_grow_with_the_log(office: Office) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (id, at, category, kind, action, patient_id, actor_kind, role, purpose,"
            " legal_ground, facts) SELECT gen_random_uuid(), %s, 'care', 'read', 'journal.read', gen_random_uuid(),"
            " 'staff', '', '', '', '{}' FROM generate_series(1, 30000)",
            [NOW],
        )

    class Nowhere(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    tracemalloc.start()
    count = answers.write(
        affected.affected(Asked(NOW, NOW + HOUR, By.PERSON)), By.PERSON, Form.CSV, Nowhere(), with_names=True
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 30_000
    assert peak < 8_000_000


def test_the_command_writes_a_file_of_its_own_and_the_question_is_logged(
    office: Office, kari: Person, mona: Actor, tmp_path: Path
) -> None:
    looked(mona, kari, office, NOW)
    file = tmp_path / "affected.csv"
    command = [
        *(sys.executable, "-W", "ignore", "-c", COMMAND, str(connection.settings_dict["NAME"])),
        *("--from", NOW.strftime("%Y-%m-%dT%H:%M:%S%z"), "--to", (NOW + HOUR).strftime("%Y-%m-%dT%H:%M:%S%z")),
        *("--by", "person", "--format", "csv", "--output", str(file)),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.strip().splitlines()[-1] == "1 lines."
    assert str(kari.pk) in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    event = Event.objects.get(action="log.affected")
    assert (event.facts["by"], event.facts["names"]) == ("person", False)
    again = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert again.returncode == 1
    assert "is there already" in again.stderr


COMMAND = """
import sys, django
django.setup()
from django.db import connections
for each in connections.all():
    each.settings_dict["NAME"] = sys.argv[1]
sys.argv = ["audit", "affected", *sys.argv[2:]]
from contextlib import nullcontext
from legedialog.core import fence
from legedialog.operations import audit, environment
environment.ready = nullcontext
fence.process_is_system("a test")
audit.app()
"""
