"""Whether files can be taken in here now, and if not, why: what `/health/ready`, the metrics and `doctor` tell of."""

import io
import shutil
import tempfile
import time
from collections.abc import Iterator

import structlog

from legedialog.attachments import malware, rules, sandbox
from legedialog.core.spool import IN_MEMORY, Spool, SpoolFailed

KEPT = 30  # seconds for which an answer holds, however many ask
PATIENCE = 2.0  # seconds for the scanner, which is asked about one byte
ROOM = 5 * rules.MOST  # bytes that must be left where uploads wait

SANDBOX, SPOOL, SCANNER = "no sandbox", "no room", "no scanner"
ADVICE = {
    SANDBOX: "This machine cannot shut in the program that reads them: see Files in docs/operator.md.",
    SPOOL: "The folder of temporary files (TMPDIR) cannot be written to, or is full. Free some space there.",
    SCANNER: "The virus scanner does not answer: is the daemon of LEGEDIALOG_CLAMAV running?",
}

log = structlog.get_logger("legedialog.attachments")

_known: tuple[float, list[str]] | None = None


def faults() -> list[str]:
    """Why no file is taken in, of ADVICE; empty when files are. Speaks to the scanner, so no transaction is open."""
    global _known
    if _known is None or time.monotonic() - _known[0] > KEPT:
        _known = (time.monotonic(), list(_look()))
        for fault in _known[1]:
            log.error("no file is taken in", fault=fault)
    return _known[1]


def _look() -> Iterator[str]:
    if not sandbox.takes_files():
        yield SANDBOX
    if not _has_room():
        yield SPOOL
    if not _scans():
        yield SCANNER


def _has_room() -> bool:
    spool = Spool()
    try:
        spool.write(bytes(IN_MEMORY + 1))
        return shutil.disk_usage(tempfile.gettempdir()).free > ROOM
    except SpoolFailed:
        return False
    finally:
        spool.close()


def _scans() -> bool:
    """A scanner that the operator has chosen says of one harmless byte that it is."""
    scan = malware.scanner()
    if scan is None:
        return True
    try:
        return scan(io.BytesIO(b"a"), seconds=PATIENCE) is None
    except malware.ScannerAway:
        return False
