"""The embedded server, started for real in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from legedialog.operations import database


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    data = tmp_path / "postgres"
    yield data
    database.stop(data)


def value(url: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT word FROM kept").fetchone()
    return row and row[0]


def keep(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'here' AS word")


def another_process(folder: Path, then: str) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from legedialog.operations import database;"
        f"database.start(Path(sys.argv[1]), durable=False); {then}"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=False, timeout=60)


def test_data_survives_a_stop_and_a_second_start(folder: Path) -> None:
    keep(database.start(folder))
    database.stop(folder)
    assert not database.is_running(folder)
    assert value(database.start(folder)) == "here"


def test_the_owner_is_no_superuser(folder: Path) -> None:
    with psycopg.connect(database.start(folder, durable=False)) as connection:
        row = connection.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    assert row == (False, True)


def test_the_last_one_out_stops_the_server(folder: Path) -> None:
    database.start(folder, durable=False)
    another_process(folder, "database.stop(Path(sys.argv[1]))")
    assert database.is_running(folder)
    database.stop(folder)
    assert not database.is_running(folder)


def test_a_server_left_by_a_killed_process_is_taken_over_and_stopped(folder: Path) -> None:
    another_process(folder, "os.kill(os.getpid(), signal.SIGKILL)")
    assert database.is_running(folder)
    database.start(folder)
    database.stop(folder)
    assert not database.is_running(folder)


def test_a_stale_pid_file_that_names_another_program_is_no_obstacle(folder: Path) -> None:
    keep(database.start(folder))
    database.stop(folder)
    (folder / "postmaster.pid").write_text(f"{os.getppid()}\n{folder}\n", encoding="utf-8")
    assert value(database.start(folder)) == "here"


def test_data_of_another_major_version_is_named(folder: Path) -> None:
    database.start(folder, durable=False)
    database.stop(folder)
    (folder / "PG_VERSION").write_text("9\n", encoding="utf-8")
    with pytest.raises(database.DatabaseProblem, match="written by PostgreSQL 9"):
        database.start(folder)


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(database.DatabaseProblem, match="is not a database folder"):
        database.start(folder)
    assert (folder / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_a_broken_folder_gets_one_line(folder: Path) -> None:
    database.start(folder, durable=False)
    database.stop(folder)
    (folder / "global" / "pg_control").unlink()
    with pytest.raises(database.DatabaseProblem, match="does not start") as problem:
        database.start(folder)
    assert "\n" not in str(problem.value)


def test_missing_programs_are_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PROGRAMS", str(tmp_path))
    with pytest.raises(database.DatabaseProblem, match="initdb is not in"):
        database.start(folder)


def test_data_in_use_is_not_thrown_away(folder: Path) -> None:
    url = database.start(folder, durable=False)
    keep(url)
    with pytest.raises(database.DatabaseProblem, match="is in use"):
        database.remove(folder)
    assert value(url) == "here"


def test_a_full_disk_is_called_by_its_name(folder: Path) -> None:
    folder.mkdir()
    line = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    assert database._explain(line, folder).startswith("The disk is full")
