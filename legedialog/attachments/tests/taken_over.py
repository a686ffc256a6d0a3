"""A decoder that somebody has taken over: it tries all that would be worth something, and tells what it got.

Run as the cleaning program with `rewrite` in place of the real one. On its stdin: JSON of Targets.
"""

import ctypes
import json
import mmap
import os
import platform
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from legedialog.attachments.cleaning import __main__ as program
from legedialog.attachments.cleaning import confine, documents

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()  # asked while it may be
MANY = 300  # threads: more than may be


def rewrite(data: bytes) -> tuple[str, bytes, documents.LeftOut]:
    targets = json.loads(data)
    got = {name: _tried(attack, targets) for name, attack in ATTACKS.items()}
    return "image/png", json.dumps(got).encode(), documents.LeftOut()


def _tried(attack: Callable[[dict[str, Any]], Any], targets: dict[str, Any]) -> str:
    """ "denied", or what it brought."""
    try:
        brought = attack(targets)
    except PermissionError:
        return "denied"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return f"got {brought!r}"[:200]


def _call(number: int, *arguments: int) -> int:
    result: int = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _memory(targets: dict[str, Any]) -> bytes:
    with Path(f"/proc/{targets['parent']}/mem").open("rb", buffering=0) as memory:
        memory.seek(targets["address"])
        return memory.read(16)


def _fork(targets: dict[str, Any]) -> str:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "a child"


def _threads(targets: dict[str, Any]) -> str:
    """Denied when there is an end to them."""
    let_go = threading.Event()
    with suppress(RuntimeError):
        for _ in range(MANY):
            threading.Thread(target=let_go.wait, daemon=True).start()
        return "threads without end"
    let_go.set()
    raise PermissionError


def _connect(family: int, address: Any, kind: int = socket.SOCK_STREAM) -> str:
    with socket.socket(family, kind) as line:
        line.connect(address)
        line.send(b"x")
    return "a line"


def _write(place: str) -> str:
    with Path(place).open("w", encoding="utf-8") as file:
        return str(file.write("x"))


def _every_call(targets: dict[str, Any]) -> list[int]:
    """Those of all calls to the kernel that were let through and are not on the list."""
    machine = MACHINE
    known = {*confine.CALLS[machine].values(), *confine.MAPPING[machine], confine.CLONE[machine], confine.CLONE3}
    of_probes = {335, 336}  # the kernel shows these to no filter, and ends who calls them from elsewhere than a probe
    through = []
    for number in set(range(600)) - known - of_probes:
        try:
            _call(number, 0, 0, 0, 0, 0, 0)
        except PermissionError:
            continue
        except OSError:
            pass
        through.append(number)
    if through:
        return through
    raise PermissionError


ATTACKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "environment": lambda targets: Path(f"/proc/{targets['parent']}/environ").read_bytes(),
    "memory": _memory,
    "descriptors": lambda targets: os.listdir(f"/proc/{targets['parent']}/fd"),
    "own descriptors": lambda targets: os.listdir("/proc/self/fd"),
    "secret": lambda targets: Path(targets["secret"]).read_text(encoding="utf-8"),
    "passwords": lambda targets: Path("/etc/passwd").read_text(encoding="utf-8"),
    "program": lambda targets: Path(confine.__file__).read_text(encoding="utf-8"),
    "folder": lambda targets: os.listdir(targets["folder"]),
    "is it there": lambda targets: os.stat(targets["secret"]),
    "write": lambda targets: _write(f"{targets['folder']}/written"),
    "database": lambda targets: _connect(socket.AF_UNIX, targets["database"]),
    "tcp": lambda targets: _connect(socket.AF_INET, ("127.0.0.1", targets["port"])),
    "udp": lambda targets: _connect(socket.AF_INET, ("127.0.0.1", targets["port"]), socket.SOCK_DGRAM),
    "listen": lambda targets: socket.create_server(("127.0.0.1", 0)).getsockname(),
    "pair": lambda targets: len(socket.socketpair()),
    "kill": lambda targets: os.kill(targets["parent"], 0),
    "limits of another": lambda targets: __import__("resource").prlimit(targets["parent"], 7),
    "fork": _fork,
    "exec": lambda targets: os.execv("/bin/true", ["true"]),
    "threads": _threads,
    "new code": lambda targets: len(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)),
    "every call": _every_call,
}


if __name__ == "__main__":
    who, *left_out, how = sys.argv[1:]
    for name in left_out:
        del ATTACKS[name]
    program.rewrite = rewrite
    if who == "ordinary":
        os.setresuid(*[4242] * 3)
    if who == "one wall":
        confine.LANDLOCK_CREATE = 600
    if who == "free":
        confine.enter = lambda: None
        confine.limit = lambda: None
    program.main(how)
