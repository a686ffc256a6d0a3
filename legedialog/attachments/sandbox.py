"""Run the cleaning program on a file, and read what it wrote. See docs/adr/0012-attachments.md.

Hostile files are read in a process of its own, so that a fault in a decoder reaches no key and no other patient, and
the memory a large photo needs is given back when it ends.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

import structlog

from legedialog.attachments import rules
from legedialog.attachments.cleaning import sniff
from legedialog.core.errors import Refused

SECONDS = 45  # until the program must have answered
PATIENCE = 20  # seconds a file waits for its turn
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}  # no keys, no addresses

log = structlog.get_logger("legedialog.attachments")
_turns = threading.BoundedSemaphore(2)  # programs at the same time in this process


@dataclass(frozen=True, slots=True)
class Clean:
    """`parts` are at most rules.CHUNK bytes each, together at most rules.MOST."""

    media_type: str
    parts: Iterator[bytes]


def check_type(file: IO[bytes]) -> None:
    """Raises Refused for what is neither a photo nor a PDF by its first bytes. Leaves the file at its start."""
    try:
        sniff.kind_of(file.read(sniff.ENOUGH))
    except sniff.Stop as stop:
        raise Refused(rules.REFUSALS[stop.code]) from None
    finally:
        file.seek(0)


@contextmanager
def cleaned(file: IO[bytes]) -> Iterator[Clean]:
    """The harmless copy. Raises Refused, also when the program was stopped by its limits."""
    if not _turns.acquire(timeout=PATIENCE):
        raise Refused(rules.BUSY)
    try:
        with _program() as process:
            _feed(process, file)
            assert process.stdout  # noqa: S101  it is a pipe
            answer = process.stdout.readline()
            if not answer:
                process.wait()
                log.warning("cleaning stopped", status=process.returncode)
                raise Refused(rules.TOO_HEAVY)
            told = json.loads(answer)
            if "refused" in told:
                raise Refused(rules.REFUSALS[told["refused"]])
            yield Clean(told["type"], _parts(process.stdout, told["size"]))
    finally:
        _turns.release()


@contextmanager
def _program() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "legedialog.attachments.cleaning"],
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
