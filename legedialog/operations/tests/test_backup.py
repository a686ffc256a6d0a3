"""A round trip through `legedialog backup` and `restore`, with the demo under the tests' master key."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from legedialog.operations import backup
from legedialog.operations.tests import databases
from legedialog.operations.tests.databases import READ_ALL, run

LOG_IN = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from legedialog.access.models import Login
from legedialog.api.models import AccessToken, ApiClient
from legedialog.core import fence
from legedialog.patients.models import Person
now = timezone.now()
with fence.system("somebody is logged in, and a system has a token"):
    Login.objects.create(
        person=Person.objects.first(), token_hash=b"x" * 32, kind="citizen", assurance="high", issuer="https://x",
        created_at=now, seen_at=now,
    )
    print(Login.objects.filter(ended_at=None).count())
"""
FAULTS = """
import django
django.setup()
from legedialog.core import fence as core
core.process_is_system("a test")
from legedialog.operations import fence
print(fence.faults())
"""
CHANGED = {"access_login", "access_loginattempt", "api_accesstoken", "outbox_gate", "restored_copy", "audit_event"}


def rows(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT c.relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        ).fetchall()
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in names}  # type: ignore[index]


@pytest.fixture(scope="module")
def original(filled_template: str) -> Iterator[str]:
    with databases.empty(filled_template) as address:
        with psycopg.connect(address) as owner:
            owner.execute("DROP SCHEMA testing CASCADE")  # what tests prepare and the product never has
        code, said = run(address, "-c", LOG_IN)
        assert (code, said.strip()) == (0, "1"), said
        yield address


@pytest.fixture(scope="module")
def folder(original: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("backup")
    code, said = run(original, "-m", "legedialog", "backup", str(place))
    assert code == 0, said
    assert "The secrets are not in it. Keep them apart: LEGEDIALOG_MASTER_KEY" in said
    return place


def test_what_comes_back_is_whole_and_keeps_to_itself(original: str, folder: Path, empty_database: str) -> None:
    code, said = run(empty_database, "-m", "legedialog", "restore", str(folder))
    assert code == 0, said
    assert "Nothing is sent until `legedialog outbox open`" in said
    before, after = rows(original), rows(empty_database)
    assert {name: number for name, number in before.items() if name not in CHANGED} == {
        name: number for name, number in after.items() if name not in CHANGED
    }
    assert after["audit_event"] >= before["audit_event"] > 0

    code, said = run(empty_database, "-m", "legedialog", "audit", "verify")
    assert code == 0, said
    assert run(empty_database, "-c", FAULTS) == (0, "[]\n")
    code, said = run(empty_database, "-c", READ_ALL)
    assert code == 0, said
    with psycopg.connect(empty_database) as copy:
        assert copy.execute("SELECT count(*) FROM access_login WHERE ended_at IS NULL").fetchone() == (0,)
        assert copy.execute("SELECT count(*) FROM outbox_gate").fetchone() == (1,)
        assert copy.execute("SELECT to_regclass('restored_copy')").fetchone() == (None,)
    assert run(empty_database, "-m", "legedialog", "outbox", "open")[1].strip() == "Notices go out."
    assert rows(empty_database)["outbox_gate"] == 0

    code, said = run(empty_database, "-m", "legedialog", "restore", str(folder))
    assert (code, "is not empty" in said, len(said.splitlines())) == (1, True, 1)


def test_with_another_master_key_nothing_is_restored(folder: Path, empty_database: str) -> None:
    code, said = run(empty_database, "-m", "legedialog", "restore", str(folder), LEGEDIALOG_MASTER_KEY="1" * 64)
    assert (code, len(said.splitlines())) == (1, 1)
    assert "LEGEDIALOG_MASTER_KEY is not the right one. Nothing was restored." in said
    assert rows(empty_database) == {}


def test_what_does_not_come_back_whole_leaves_the_database_empty(
    folder: Path, empty_database: str, tmp_path: Path
) -> None:
    """Of a copy with other rows, and of one that was cut off by a kill: the next restore begins anew."""
    (file,) = folder.glob("*.json")
    numbers = json.loads(file.read_text(encoding="utf-8"))["rows"]
    code, said = run(
        *(empty_database, "-m", "legedialog", "restore"),
        str(harmed(folder, tmp_path, {"rows": numbers | {"patients_person": 1}})),
    )
    assert (code, said) == (1, "Nothing was restored: the copy has other numbers of rows than the backup says.\n")
    assert rows(empty_database) == {}
    with psycopg.connect(empty_database) as copy:
        assert copy.execute(backup.OURS).fetchall() == []
        copy.execute("CREATE TABLE restored_copy (); CREATE TABLE patients_person (id int)")
    code, said = run(empty_database, "-m", "legedialog", "restore", str(folder))
    assert code == 0, said
    assert rows(empty_database)["patients_person"] == numbers["patients_person"]


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        ({"sha256": "0" * 64}, "was changed or cut off"),
        ({"format": 2}, "of another version"),
        ({"sha256": None}, "was changed"),
        ({"rows": ["x"]}, "is not what was made"),
        ({"server": "16"}, "is not what was made"),
        ({"proof": {"by": "master", "sealed": "not hexadecimal"}}, "is not what was made"),
        ({"sealed_by": None}, "is not what was made"),
    ],
)
def test_a_file_that_is_not_what_was_made_is_refused(
    harm: dict[str, object], line: str, folder: Path, tmp_path: Path
) -> None:
    copy = harmed(folder, tmp_path, harm)
    with pytest.raises(backup.Problem, match=line):
        backup._facts(backup._newest(copy))


def test_an_older_postgresql_is_refused_before_it_begins(folder: Path, empty_database: str, tmp_path: Path) -> None:
    code, said = run(empty_database, "-m", "legedialog", "restore", str(harmed(folder, tmp_path, {"server": 99})))
    assert (code, len(said.splitlines()), "it is too old" in said) == (1, 1, True)
    assert rows(empty_database) == {}


def harmed(folder: Path, tmp_path: Path, harm: dict[str, object]) -> Path:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (file,) = copy.glob("*.json")
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | harm), encoding="utf-8")
    return copy


def test_the_facts_beside_it_tell_of_numbers_only(folder: Path) -> None:
    (file,) = folder.glob("*.json")
    facts = json.loads(file.read_text(encoding="utf-8"))
    assert set(facts) == {"format", "made_at", "server", "rows", "sealed_by", "proof", "sha256"}
    assert [each.stat().st_mode & 0o077 for each in (folder, *folder.iterdir())] == [0, 0, 0]


def test_an_encrypted_one_is_opened_by_its_key_alone(original: str, empty_database: str, tmp_path: Path) -> None:
    if not shutil.which("age"):
        pytest.skip("age is not installed here; CI installs it")
    key = tmp_path / "key"
    made = subprocess.run(["age-keygen", "-o", str(key)], capture_output=True, text=True, check=True)
    recipient = made.stderr.rpartition(" ")[2].strip()
    code, said = run(
        *(original, "-m", "legedialog", "backup", str(tmp_path / "backup")), LEGEDIALOG_BACKUP_RECIPIENT=recipient
    )
    assert code == 0, said
    (file,) = (tmp_path / "backup").glob("*.age")
    assert file.read_bytes().startswith(b"age-encryption.org")
    code, said = run(empty_database, "-m", "legedialog", "restore", str(file))
    assert (code, "--identity" in said) == (2, True)
    other = tmp_path / "other"
    subprocess.run(["age-keygen", "-o", str(other)], capture_output=True, check=True)
    code, said = run(empty_database, "-m", "legedialog", "restore", str(file), "--identity", str(other))
    assert (code, said.startswith("Nothing was restored: "), said.count("\n")) == (1, True, 1)
    code, said = run(empty_database, "-m", "legedialog", "restore", str(file), "--identity", str(key))
    assert code == 0, said
