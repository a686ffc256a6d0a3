"""How long a login lasts, where one may be sent after it, and what its texts may hold."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from legedialog.access.actor import Kind


@dataclass(frozen=True, slots=True)
class Limit:
    idle: timedelta
    absolute: timedelta


# Citizens: docs/house.md#limits. The office keeps its screens open between patients, so its idle limit is longer.
LIMITS = {
    Kind.CITIZEN: Limit(idle=timedelta(minutes=30), absolute=timedelta(hours=8)),
    Kind.STAFF: Limit(idle=timedelta(minutes=60), absolute=timedelta(hours=10)),
    Kind.OPERATOR: Limit(idle=timedelta(minutes=30), absolute=timedelta(hours=8)),
}
SEEN_EVERY = timedelta(minutes=1)  # how often being active is written down
WARNED = timedelta(minutes=2)  # before a login ends of itself

ATTEMPT_LASTS = timedelta(minutes=10)

ENDED_KEPT = timedelta(days=90)  # a login that is over, so that its person can be told where she was logged in
ONCE_KEPT = timedelta(days=1)  # what may come only once, long after it has become too old to come at all

GIVEN_BACK = "tilbake"  # in the address of a page that is drawn with what was typed
NOT_KEPT = "file-not-kept"  # beside the fields of a kept form: the name of a file that was still in the browser
KEPT_LASTS = timedelta(minutes=30)
KEPT_BYTES = 64 * 1024
KEPT_FORMS = 5  # of one ended login


def is_over(kind: Kind, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    return now >= ends_at(kind, created_at, seen_at)


def ends_at(kind: Kind, created_at: datetime, seen_at: datetime) -> datetime:
    """When it is over unless she does something; never later than its whole time."""
    limit = LIMITS[kind]
    return min(seen_at + limit.idle, created_at + limit.absolute)


def may_go_on(kind: Kind, created_at: datetime, now: datetime) -> bool:
    """Whether doing something now makes it end later."""
    limit = LIMITS[kind]
    return now + WARNED < created_at + limit.absolute


def is_employed(starts: date, ends: date | None, today: date) -> bool:
    """From the first date to the day before the last."""
    return starts <= today and (ends is None or today < ends)


def local_path(text: str) -> str:
    """`text` when it is a path on this site that a browser cannot read as another site's address, otherwise ""."""
    plain = text.isprintable() and not set(text) & {"\\", " "} and len(text) <= 2000
    return text if plain and text.startswith("/") and not text.startswith("//") else ""


BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """A few words a person recognises ("Firefox, Windows"), never the whole header. Empty when nothing is known."""
    names = [next((name for mark, name in marks if mark in user_agent), "") for marks in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in names if name)
