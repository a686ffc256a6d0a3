"""A ClamAV for tests: speaks INSTREAM, and knows one piece of malware, the harmless EICAR test file."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# In two parts, so that this file is not stopped itself. Source: eicar.org, "Anti Malware Testfile".
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@contextmanager
def running(*, path: Path | None = None, answer: bytes | None = None, silent: bool = False) -> Iterator[str]:
    """Its address, as in LEGEDIALOG_CLAMAV. `answer` instead of a verdict; `silent`: it never answers."""
    if path:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(str(path))
    else:
        server = socket.create_server(("127.0.0.1", 0))
    server.listen()
    address = f"unix://{path}" if path else f"tcp://127.0.0.1:{server.getsockname()[1]}"
    over = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, answer, silent, over), daemon=True)
    thread.start()
    try:
        yield address
    finally:
        over.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def _serve(server: socket.socket, answer: bytes | None, silent: bool, over: threading.Event) -> None:
    while True:
        try:
            link, _ = server.accept()
        except OSError:
            return
        with link:
            file = _take(link)
            if silent:
                over.wait(10)
            else:
                link.sendall(answer if answer is not None else _verdict(file))


def _take(link: socket.socket) -> bytes:
    stream = link.makefile("rb")
    command = stream.read(len(b"zINSTREAM\0"))
    assert command == b"zINSTREAM\0", command  # noqa: S101  only in tests
    file = b""
    while length := int.from_bytes(stream.read(4)):
        file += stream.read(length)
    return file


def _verdict(file: bytes) -> bytes:
    return b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in file else b"stream: OK\0"
