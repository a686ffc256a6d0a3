"""`/live/`: open streams that tell a page when something of hers changed. Plain ASGI: see core/live.py."""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import parse_qs
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils import timezone

from legedialog.access import queries, seals
from legedialog.access.actor import ANONYMOUS, Actor
from legedialog.access.web import bodies
from legedialog.consent.middleware import whose
from legedialog.core import fence, live
from legedialog.core.live import Message, Receive, Send


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """`/live/office/<line>/` for staff, `/live/me/<line>/` for citizens.

    401 without a login, 403 for the wrong kind, 503 without a database, 409 for a page that was drawn for another: its
    `line` is not hers who asks.
    """
    found = await _subscription(scope)
    if isinstance(found, int):
        return await live.answer(send, found)
    scope.clear()  # a page is open for hours, and nothing of its head is asked for again
    return await live.stream(receive, send, found)


async def _subscription(scope: Message) -> live.Subscription | int:
    """What the page listens to, or the status it is answered."""
    found = ADDRESS.fullmatch(scope["path"])
    if found is None:
        return 404
    if scope["method"] != "GET":
        return 405
    token = bodies.token(scope)
    try:
        asks = await asyncio.to_thread(_asks, token)
    except DatabaseError:  # away for a moment: the page comes back
        return 503
    if asks.actor.login_id is None:
        return 401
    topics = TOPICS[found["whose"]](asks.actor)
    if not topics:
        return 403
    if found["line"] != asks.line:
        return 409

    async def still(is_told: bool) -> bool:
        """What she may not hear any more she is not told. A right to act for another ends with time too, in silence."""
        if not (is_told or asks.actor.acts_for_another):
            return True
        try:
            now = await asyncio.to_thread(_asks, token)
        except DatabaseError:
            return False  # the page comes back
        return now.line == asks.line and TOPICS[found["whose"]](now.actor) == topics

    silence = live.CHECK_SECONDS if asks.actor.acts_for_another else None
    return live.Subscription(
        asks.actor.login_id, topics, seen=_seen(scope), check=_still_open, still=still, silence=silence
    )


ADDRESS = re.compile(r"/live/(?P<whose>office|me)/(?P<line>[0-9a-f]{16})/")
SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
OFFICE = ("calendar", "requests", "video", "inbox")


@dataclass(frozen=True, slots=True)
class Asks:
    actor: Actor
    line: str = ""  # of the pages that are drawn for her now: access/seals.py


def _office(actor: Actor) -> dict[str, str]:
    """Each of OFFICE at the office she is logged in to."""
    if not actor.is_staff:
        return {}
    return {f"{word}:{practice}": word for practice in actor.practices for word in OFFICE}


def _me(actor: Actor) -> dict[str, str]:
    """ "person": something of hers, also that her login has ended, or of the one she acts for."""
    return {f"person:{each}": "person" for each in {actor.person_id, *actor.patients}} if actor.is_citizen else {}


TOPICS = {"office": _office, "me": _me}


def _seen(scope: Message) -> float:
    """`?seen=`: what the browser's oldest part was drawn from. Without it everything is news."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    given = query.get("seen", [""])[0]
    return float(given) if SECONDS.fullmatch(given) else 0.0


async def _still_open(login_ids: set[UUID]) -> set[UUID]:
    return await asyncio.to_thread(_open_of, login_ids)


@fence.system("the logins of all open pages")
def _open_of(login_ids: set[UUID]) -> set[UUID]:
    try:
        return queries.still_open(login_ids, timezone.now())
    finally:
        connection.close()


@fence.system("who the cookie belongs to is not known yet")
def _asks(token: str) -> Asks:
    """In a thread of its own for a moment: the stream itself holds no database connection."""
    now = timezone.now()
    try:
        session = queries.session(token, now) if token else None
        if session is None:
            return Asks(ANONYMOUS)
        actor = whose(session.actor, session, now).actor
        return Asks(actor, seals.mark(actor))
    finally:
        connection.close()
