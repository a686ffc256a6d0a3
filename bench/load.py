"""Clients that ask as browsers do: keep-alive, cookies, forms with their token. One thread each."""

import http.client
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import urlencode

KEPT = 2.0  # seconds


@dataclass
class Client:
    port: int
    session: str
    number: int
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # with each request
    seal: str = ""  # of the page that was shown last: access/seals.py
    connection: http.client.HTTPConnection | None = None
    used_at: float = 0.0

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, body and where it redirects to."""
        headers = self._headers()
        body = None
        if form is not None:
            body = urlencode({"seal": self.seal} | form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost"}
        return self._asked(method, path, body, headers)

    def ask_json(self, path: str, value: object) -> tuple[int, str, str]:
        return self._asked("POST", path, json.dumps(value), self._headers() | {"Content-Type": "application/json"})

    def send_file(self, path: str, fields: dict[str, str], file: bytes, csrf: str) -> tuple[int, str, str]:
        """A file in a form, as the script of the file field sends it."""
        mark = "----bench"
        head = "".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in (fields | {"csrfmiddlewaretoken": csrf}).items()
        )
        head += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n'
        body = f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + file + f"\r\n--{mark}--\r\n".encode()
        headers = self._headers() | {
            "X-Seal": self.seal,
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Origin": "http://localhost",
        }
        return self._asked("POST", path, body, headers)

    def _connect(self) -> http.client.HTTPConnection:
        """A new one where the last was left for so long that the site has closed it."""
        if self.connection is None or time.monotonic() - self.used_at > KEPT:
            if self.connection:
                self.connection.close()
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.used_at = time.monotonic()
        return self.connection

    def _headers(self) -> dict[str, str]:
        cookies = {"session": self.session, **self.cookies}
        said = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return {"Cookie": said, "Host": "localhost", **self.headers}

    def _asked(self, method: str, path: str, body: str | bytes | None, headers: dict[str, str]) -> tuple[int, str, str]:
        connection = self._connect()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        if found := re.search(r'name="seal" value="([^"]+)"', text):
            self.seal = found[1]
        return answer.status, text, answer.headers.get("Location") or ""


def token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return found[1] if found else ""


def value(page: str, name: str) -> str:
    """Of the first field of that name. Raises IndexError."""
    field_of = next(iter(re.findall(rf"<(?:input|button)[^>]*name=\"{name}\"[^>]*>", page)), "")
    return str(re.findall(r"value=\"([^\"]*)\"", field_of)[0])


class WrongAnswer(Exception):
    """Something else was measured than what the row says."""


def must_be(answer: tuple[int, str, str], status: int, what: str) -> str:
    """The body of an answer with that status. Anything else stops the bench: an error page is no answer."""
    if answer[0] != status:
        raise WrongAnswer(f"{what}: {answer[0]} instead of {status}\n{answer[1][:500]}")
    return answer[1]


def get(client: Client, path: str) -> Callable[[], str]:
    """Asks for a page again and again, and for nothing but that page."""

    def ask() -> str:
        must_be(client.ask("GET", path), 200, path)
        return "200"

    return ask


class Figures(TypedDict):
    rate: float
    p50: float
    p95: float
    seconds: float
    outcomes: dict[str, int]


def measure(actions: list[Callable[[], str]], *, seconds: float) -> Figures:
    """Each action in a thread of its own, again and again: how many a second, p50 and p95 in ms, and the outcomes."""
    stop = time.monotonic() + seconds
    took: list[float] = []
    outcomes: Counter[str] = Counter()
    faults: list[BaseException] = []
    from django.db import connections  # only now: the environment stands

    lock = threading.Lock()

    def work(action: Callable[[], str]) -> None:
        mine: list[float] = []
        seen: Counter[str] = Counter()
        try:
            while time.monotonic() < stop:
                before = time.perf_counter()
                seen[action()] += 1
                mine.append((time.perf_counter() - before) * 1000)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()  # a use case opened one, and the pool has only so many
        with lock:
            took.extend(mine)
            outcomes.update(seen)

    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    took.sort()
    lasted = time.monotonic() - began
    return {
        "rate": len(took) / lasted,
        "seconds": lasted,
        "p50": took[len(took) // 2],
        "p95": took[len(took) * 95 // 100],
        "outcomes": dict(outcomes),
    }
