"""Clients that ask as browsers do: keep-alive, cookies, forms with their token. One thread each."""

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass
class Client:
    port: int
    session: str
    number: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, body and where it redirects to."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookies = {"session": self.session, **self.cookies}
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Host": "localhost"}
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text, answer.headers.get("Location") or ""


def token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return found[1] if found else ""


def measure(actions: list[Callable[[], str]], *, seconds: float) -> dict[str, float | dict[str, int]]:
    """Each action in a thread of its own, again and again: how many a second, p50 and p95 in ms, and the outcomes."""
    stop = time.monotonic() + seconds
    took: list[float] = []
    outcomes: Counter[str] = Counter()
    faults: list[BaseException] = []
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
    return {
        "rate": len(took) / (time.monotonic() - began),
        "p50": took[len(took) // 2],
        "p95": took[len(took) * 95 // 100],
        "outcomes": dict(outcomes),
    }
