"""The one way to another machine: mail, SMS, the key server, the virus scanner, registers and login providers.

Two rules hold for every talk. **No transaction is open meanwhile**: its rows would stay locked as long as somebody else
thinks, and PostgreSQL ends what lasts too long, perhaps after the other side has done its part. And **one deadline for
the whole talk**: a limit for each answer lets a slow server keep us for as many answers as it likes. See
docs/adr/0057-another-machine.md.
"""

import contextvars
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from typing import Any, Generic, TypeVar
from weakref import WeakSet

import httpx
from django.db import connections

from legedialog.core import broken, page

T = TypeVar("T")
OF_THE_WAY = ("content-encoding", "content-length", "transfer-encoding")  # how an answer came; not what it says
_silent: contextvars.ContextVar[str] = contextvars.ContextVar("silent", default="")


class TransactionOpen(RuntimeError):
    """A fault of ours: another machine was to be spoken to inside a transaction, or by a job that must not wait."""


class TooLate(TimeoutError):
    """The deadline of the whole talk has passed. What the other side did meanwhile is not known."""


class TooMuch(Exception):
    """The answer is larger than any answer should be."""


@contextmanager
def silent(why: str) -> Iterator[None]:
    """Nobody is spoken to inside: for jobs in a lane that does not wait for the network."""
    token = _silent.set(why)
    try:
        yield
    finally:
        _silent.reset(token)


@contextmanager
def talking() -> Iterator[None]:
    """Around what asks another machine, once or many times. A page's own transaction is left meanwhile.

    Raises TransactionOpen, before anything is asked, when another one is open.
    """
    with page.left():
        _check()
        yield


def _check() -> None:
    """The transaction that a test runs in does not count; those inside it do."""
    if why := _silent.get():
        raise TransactionOpen(why)
    for connection in connections.all(initialized_only=True):
        if any(not block._from_testcase for block in connection.atomic_blocks):  # type: ignore[attr-defined]
            raise TransactionOpen(f"another machine is asked inside a transaction on {connection.alias}")


class Talk:
    """What one talk has open, so that it can be ended from outside."""

    def __init__(self) -> None:
        self._link: socket.socket | None = None
        self._is_over = False

    def uses(self, link: socket.socket | None) -> None:
        """The connection it waits on from now."""
        self._link = link
        if self._is_over:
            self.end()

    def end(self) -> None:
        """Whoever waits on the connection is woken by its end: closing it would not wake them."""
        self._is_over = True
        if self._link is not None:
            with suppress(OSError):
                self._link.shutdown(socket.SHUT_RDWR)

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpx tells of each connection. Source: httpx, "Extensions", trace."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.uses(info["return_value"].get_extra_info("socket"))


def within(seconds: float, speak: Callable[[Talk], T]) -> T:
    """What `speak` answers, or TooLate. It runs in a thread of its own, which is left behind when it is late."""
    with talking():
        return _within(seconds, speak)


def _within(seconds: float, speak: Callable[[Talk], T]) -> T:
    talk, done, found = Talk(), threading.Event(), _Found[T]()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            found.answer.append(context.run(speak, talk))
        except BaseException as error:
            found.error = error
        finally:
            connections.close_all()  # nothing should have used any; a thread that ends gives none back by itself
            done.set()

    threading.Thread(target=run, name="outside", daemon=True).start()
    if not done.wait(seconds):
        talk.end()
        raise TooLate(f"no end within {seconds:g} seconds")
    if found.error:
        raise found.error
    return found.answer[0]


class _Found(Generic[T]):
    def __init__(self) -> None:
        self.answer: list[T] = []
        self.error: BaseException | None = None


def ask(
    method: str,
    url: str,
    *,
    seconds: float,
    most: int = 1_000_000,
    transport: httpx.BaseTransport | None = None,
    trust_env: bool = True,
    http: httpx.Client | None = None,
    **given: Any,
) -> httpx.Response:
    """One request and its whole answer, of at most `most` bytes. With `http` on the connection that it keeps.

    Raises httpx's errors, its ReadTimeout for the deadline of the whole, and TooMuch.
    """
    broken.check_kept(repr(given).encode())

    def speak(talk: Talk) -> httpx.Response:
        with (
            nullcontext(http) if http else client(transport=transport, trust_env=trust_env) as mine,
            mine.stream(method, url, timeout=seconds, extensions={"trace": talk.trace}, **given) as answer,
        ):
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > most:
                    raise TooMuch
            headers = [pair for pair in answer.headers.multi_items() if pair[0] not in OF_THE_WAY]
            return httpx.Response(answer.status_code, headers=headers, content=bytes(body), request=answer.request)

    try:
        if isinstance(transport, httpx.WSGITransport) or http in _here:
            with talking():
                return speak(Talk())
        return within(seconds, speak)
    except TooLate as late:
        raise httpx.ReadTimeout(str(late)) from late


def client(*, transport: httpx.BaseTransport | None = None, trust_env: bool = True, **given: Any) -> httpx.Client:
    """For `ask(http=…)`, when there are many questions to one machine. It follows no redirects."""
    made = httpx.Client(transport=transport, trust_env=trust_env, verify=_tls(), **given)
    if isinstance(transport, httpx.WSGITransport):
        _here.add(made)
    return made


_here: WeakSet[httpx.Client] = WeakSet()  # the demo's counterparts in our own process, and fakes: no deadline is needed


@cache
def _tls() -> ssl.SSLContext:
    """The machine's own list of who may sign. Read once: it takes longer than a whole talk."""
    return ssl.create_default_context()


def connect(talk: Talk, host: str, port: int, *, seconds: float) -> socket.socket:
    """A connection over TCP that ends with its talk."""
    link = socket.create_connection((host, port), timeout=seconds)
    talk.uses(link)
    return link
