"""An SMS gateway and a mail server on this machine: they speak as real ones do, know what they took, can be slow."""

import json
import re
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class Taken:
    """How many times each message was taken, by its id, and how long the gateway thinks before each answer."""

    ids: Counter[str] = field(default_factory=Counter)
    pause: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: str) -> None:
        with self.lock:
            self.ids[message] += 1


class Sms(ThreadingHTTPServer):
    """Takes the same id once, as docs/integrator.md asks for; that it was given it again is counted."""

    daemon_threads = True

    def __init__(self) -> None:
        self.taken = Taken()
        super().__init__(("127.0.0.1", 0), _Asked)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Asked(BaseHTTPRequestHandler):
    server: Sms

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.take(body["id"])
        time.sleep(self.server.taken.pause)
        with suppress(OSError):  # it had no more time
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is to be seen of it."""


class Mail(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.taken = Taken()
        super().__init__(("127.0.0.1", 0), _Talk)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Talk(StreamRequestHandler):
    server: Mail

    def handle(self) -> None:
        with suppress(OSError):
            self._say("220 mail")
            while line := self.rfile.readline():
                word = line.split(b" ")[0].split(b":")[0].strip().upper()
                if word == b"DATA":
                    self._say("354 go on")
                    self._mail()
                elif word == b"QUIT":
                    return self._say("221 bye")
                else:
                    self._say("250 ok")
        return None

    def _mail(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if line and (found := re.search(rb"Message-ID:\s*<([^@>]+)@", b"".join(lines))):
            self.server.taken.take(found[1].decode())
        self._say("250 taken")

    def _say(self, line: str) -> None:
        time.sleep(self.server.taken.pause)
        self.wfile.write(f"{line}\r\n".encode())
