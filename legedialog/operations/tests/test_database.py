"""The embedded server, started for real in a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from legedialog.operations import database
from legedialog.operations.tests.databases import postmaster, signal_all


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


def test_the_server_knows_no_key_of_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGEDIALOG_MASTER_KEY", "7" * 64)
    database.start(folder, durable=False)
    pid = (folder / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]
    known = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"LC_ALL=C.UTF-8" in known
    assert b"LEGEDIALOG" not in known


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


def test_the_socket_is_where_every_process_looks_for_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = database.url(folder)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert database.url(folder) == here
    monkeypatch.setattr(database, "TEMPORARY", tmp_path / "none")  # then beside the data
    deep = tmp_path / ("d" * 100) / "data"
    with pytest.raises(database.DatabaseProblem, match="is too long"):
        database._launch(deep, database.FAST)
    monkeypatch.setattr(database, "LONGEST", 1000)
    (tmp_path / "file").touch()
    with pytest.raises(database.DatabaseProblem, match="The folder for the database's socket, "):
        database._launch(tmp_path / "file" / "data", database.FAST)


def test_missing_programs_are_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGEDIALOG_PG_BIN", str(tmp_path))
    with pytest.raises(database.DatabaseProblem, match="initdb is not in"):
        database.start(folder)


def test_data_in_use_is_not_thrown_away(folder: Path) -> None:
    url = database.start(folder, durable=False)
    keep(url)
    with pytest.raises(database.DatabaseProblem, match="is in use"):
        database.remove(folder)
    assert value(url) == "here"


def test_a_stalled_server_is_left_alone_and_goes_on(folder: Path) -> None:
    keep(database.start(folder))
    before = postmaster(folder)
    try:
        signal_all(folder, signal.SIGSTOP)
        with pytest.raises(database.DatabaseProblem, match=r"lives .* does not answer\. It is left alone"):
            database.start(folder, patience=0.1)
        assert (folder / "postmaster.pid").exists()
    finally:
        signal_all(folder, signal.SIGCONT)
    assert value(database.start(folder)) == "here"
    assert postmaster(folder) == before


def test_no_line_advises_to_throw_data_away(folder: Path) -> None:
    source = Path(database.__file__).read_text(encoding="utf-8")
    assert "FRESH" not in source


def test_the_log_of_the_server_is_kept_over_a_start_and_rotated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.start(folder)
    log = folder.with_name("postgres.log")
    log.write_text(log.read_text(encoding="utf-8") + "what happened before the crash\n", encoding="utf-8")
    database.stop(folder)
    url = database.start(folder)
    assert "before the crash" in log.read_text(encoding="utf-8")
    monkeypatch.setattr(database, "LOG_SIZE", 1)
    database.rotate_log(folder)
    assert "before the crash" in folder.with_name("postgres.log.1").read_text(encoding="utf-8")
    with psycopg.connect(url) as connection, pytest.raises(psycopg.Error):
        connection.execute("SELECT of nonsense")
    assert "nonsense" in log.read_text(encoding="utf-8")
    assert "before the crash" not in log.read_text(encoding="utf-8")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that can be filled. Only root may mount one; CI is root."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("a disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=1M"], check=False, stderr=subprocess.DEVNULL)
    return filler


def test_a_full_disk_is_called_by_its_name_and_the_data_come_back_with_the_space(small_disk: Path) -> None:
    folder = small_disk / "postgres"
    keep(database.start(folder))
    database.stop(folder)
    filler = fill(small_disk)
    with pytest.raises(database.DatabaseProblem) as problem:
        database.start(folder)
    assert str(problem.value) == database.FULL
    filler.unlink()
    try:
        assert value(database.start(folder)) == "here"
    finally:
        database.stop(folder)


def test_a_new_database_on_a_full_disk_says_so(small_disk: Path) -> None:
    fill(small_disk)
    with pytest.raises(database.DatabaseProblem) as problem:
        database.start(small_disk / "postgres")
    assert str(problem.value) == database.FULL
