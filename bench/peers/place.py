"""Where a peer lives: an environment, a database and two processes of its own; nothing of it is in the product's."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.peers.sides import LeftOut, Task

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".cache" / "peers"


def install(name: str) -> Path:
    """The programs of the environment that holds what NAME.txt pins, made when it is not there yet."""
    folder, wanted = KEPT / name, Path(__file__).with_name(f"{name}.txt")
    mark = folder / "installed.txt"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted.read_text(encoding="utf-8"):
        print(f"Installing {name} …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(folder)], {}, "has no environment")
        pip = [str(folder / "bin" / "pip"), "install", "-qq", "--disable-pip-version-check", "--no-deps"]
        run([*pip, "--require-hashes", "-r", str(wanted)], dict(os.environ), "does not install")
        shutil.copyfile(wanted, mark)
    return folder / "bin"


def pinned(requirements: str) -> dict[str, str]:
    """Name → version."""
    lines = [line.split()[0] for line in requirements.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    return dict(line.split("==", 1) for line in lines)


def version(name: str, package: str) -> str:
    return pinned(Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8"))[package]


def run(command: list[str], environment: dict[str, str], fault: str) -> str:
    """What it says. Raises LeftOut with `fault` and the last line of its complaint."""
    try:
        done = subprocess.run(command, env=_with_path(environment), capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LeftOut(fault, str(error)) from error
    if done.returncode:
        complaint = (done.stderr.strip() or done.stdout.strip() or f"ended by {done.returncode}").splitlines()[-1]
        raise LeftOut(fault, complaint)
    return done.stdout


def database(task: Task, name: str) -> str:
    """URL of a new database on the same server."""
    with psycopg.connect(task.server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return urlsplit(task.server)._replace(path=f"/{name}").geturl()


@contextmanager
def serving(task: Task, name: str, app: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """By gunicorn: as many processes as our site has, four threads each as it. Its port and its process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    given = ["--workers", str(task.processes), "--threads", "4", "--keep-alive", "10", "--no-control-socket"]
    command = [str(KEPT / name / "bin" / "gunicorn"), *given, "--bind", f"127.0.0.1:{port}", app]
    with (task.folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(command, env=_with_path(environment), stdout=log, stderr=log, cwd=task.folder)
    try:
        _wait(process, port)
        yield port, process.pid
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise LeftOut("does not start: see its log")


def _with_path(environment: dict[str, str]) -> dict[str, str]:
    """No setting and no key of ours: these are programs of others."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **environment}
