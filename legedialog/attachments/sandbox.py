"""Run the cleaning program on a file, and read what it wrote. See docs/adr/0012-attachments.md.

Hostile files are read in a process of its own that has shut itself in (cleaning/confine.py), so that a decoder that
was taken over reaches no key, no file, no network and no other patient; and the memory a large photo needs is given
back when it ends. What it answers is hostile too: read by size and checked by word.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import IO

import structlog
from django.conf import settings

from legedialog.attachments import rules
from legedialog.attachments.cleaning import sniff
from legedialog.attachments.texts import LEFT_OUT
from legedialog.core.errors import Refused

SECONDS = 45  # until the program must have answered
LINE = 20_000  # bytes of its answer before the copy
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}  # no keys, no addresses
PROGRAM = [sys.executable, "-I", "-m", "legedialog.attachments.cleaning"]

log = structlog.get_logger("legedialog.attachments")


@dataclass(frozen=True, slots=True)
class Clean:
    """`parts` are at most rules.CHUNK bytes each, together at most rules.MOST."""

    media_type: str
    parts: Iterator[bytes]
    left_out: str = ""  # JSON of cleaning/documents.py: LeftOut


def check_type(file: IO[bytes]) -> None:
    """Raises Refused for what is neither a photo nor a PDF by its first bytes. Leaves the file at its start."""
    try:
        sniff.kind_of(file.read(sniff.ENOUGH))
    except sniff.Stop as stop:
        raise Refused(rules.REFUSALS[stop.code]) from None
    finally:
        file.seek(0)


@cache
def fault() -> str:
    """Why this machine cannot shut the program in; empty when it can. Tried once in each process."""
    with _program("try") as process:
        told = _answer(process)
    return str(told.get("confined", "the program did not start"))


def takes_files() -> bool:
    """Without a sandbox nothing is read but in the demo, whose people are invented."""
    return settings.DEMO or not fault()


@contextmanager
def cleaned(file: IO[bytes]) -> Iterator[Clean]:
    """The harmless copy. Raises Refused, also when the program was stopped by its limits."""
    with _program("open" if settings.DEMO else "confined") as process:
        _feed(process, file)
        assert process.stdout  # noqa: S101  it is a pipe
        told = _answer(process)
        if code := told.get("refused"):
            raise Refused(rules.REFUSALS.get(str(code), rules.UNREADABLE))
        media_type, size = told.get("type"), told.get("size")
        if str(media_type) not in rules.EXTENSIONS or not isinstance(size, int) or not 0 < size <= rules.MOST:
            process.kill()
            log.warning("cleaning stopped", status=process.wait())
            raise Refused(rules.TOO_HEAVY)
        yield Clean(str(media_type), _parts(process.stdout, size), _left_out(told.get("left_out")))


def _left_out(told: object) -> str:
    """As it was told, word for word of the kinds we know: the program may have been taken over."""
    if not isinstance(told, dict):
        return ""
    codes = sorted(set(LEFT_OUT).intersection(told.get("codes") or ()))
    names = [rules.seen_name(str(name)) for name in list(told.get("names") or ())[: rules.AT_ONCE]]
    return json.dumps({"codes": codes, "names": [name for name in names if name]}) if codes else ""


def _answer(process: "subprocess.Popen[bytes]") -> dict[str, object]:
    """Its line, or nothing when that is not one."""
    assert process.stdout  # noqa: S101  it is a pipe
    try:
        told = json.loads(process.stdout.readline(LINE))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


@contextmanager
def _program(how: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [*PROGRAM, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
    )
    alarm = threading.Timer(SECONDS, process.kill)
    alarm.daemon = True
    alarm.start()
    try:
        yield process
    finally:
        alarm.cancel()
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe and not pipe.closed:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.wait()


def _feed(process: "subprocess.Popen[bytes]", file: IO[bytes]) -> None:
    assert process.stdin  # noqa: S101  it is a pipe
    try:
        while part := file.read(rules.CHUNK):
            process.stdin.write(part)
        process.stdin.close()
    except BrokenPipeError:
        pass  # it has ended; its answer, or its silence, tells why


def _parts(pipe: IO[bytes], size: int) -> Iterator[bytes]:
    left = size
    while left > 0:
        part = pipe.read(min(rules.CHUNK, left))
        if not part:
            raise Refused(rules.TOO_HEAVY)
        left -= len(part)
        yield part
