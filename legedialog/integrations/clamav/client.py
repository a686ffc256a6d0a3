"""ClamAV's daemon over TCP or a Unix socket: the command INSTREAM. Source: clamd(8).

The file goes in parts, each after its length in four bytes, and an empty part ends it. The answer is "stream: OK" or
"stream: Name FOUND". clamd must take files of 12 MB: StreamMaxLength is 100 MB unless the operator has changed it.
"""

import socket
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from legedialog.attachments.malware import WHOLE, ScannerAway
from legedialog.core import outside

CONNECT = 3.0  # seconds
PART = 64 * 1024  # bytes
ANSWER = 1000  # bytes, more than any signature's name


def scan(file: IO[bytes], *, seconds: float = WHOLE) -> str | None:
    """The name of the malware, or None. Raises ScannerAway, also for answers that are no verdict."""
    try:
        answer = outside.within(seconds, lambda talk: _ask(talk, file, seconds))
    except OSError as error:  # refused, closed in the middle, or too late
        raise ScannerAway from error
    return _verdict(answer)


def _ask(talk: outside.Talk, file: IO[bytes], seconds: float) -> str:
    with _connect() as link:
        talk.uses(link)
        link.settimeout(seconds)
        link.sendall(b"zINSTREAM\0")
        while part := file.read(PART):
            link.sendall(len(part).to_bytes(4) + part)
        link.sendall(bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < ANSWER and (part := link.recv(ANSWER)):
            answer += part
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _verdict(answer: str) -> str | None:
    if answer == "stream: OK":
        return None
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerAway(answer[:80])


def _connect() -> socket.socket:
    where = urlsplit(settings.CLAMAV)
    if where.scheme == "unix":
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(CONNECT)
        try:
            link.connect(where.path)
        except OSError:
            link.close()
            raise
        return link
    return socket.create_connection((where.hostname, where.port), timeout=CONNECT)
