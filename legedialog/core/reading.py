"""What comes from outside as text, read in one way: days, points in time, ids and numbers, within bounds.

Whatever somebody types into an address, a form, a file or a message passes here before it is reckoned with: a day
that exists and one more day after it always exists too, in every zone. What cannot be read is None; the caller decides
whether that is a fault or nothing said.
"""

import json
import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from legedialog.core.times import CLINIC

FIRST, LAST = date(1850, 1, 1), date(2149, 12, 31)  # the oldest now living, and what a plan or a permit may reach
MOMENTS = (datetime(1850, 1, 1, tzinfo=UTC), datetime(2150, 1, 1, tzinfo=UTC))
Told = TypeVar("Told")
Place = tuple[datetime, UUID]  # where a list goes on: a row's time and id

BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a pattern of dots that are drawn as nothing

UNSEEN = ("Cc", "Cf", "Cs", "Co")  # kinds of signs
JOINERS = "\u200c\u200d"  # part and join letters of some scripts, and emoji

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # in JSON
_BLANK = re.compile("[ \u00a0\u2009\u202f]")  # what parts thousands
_WHOLE = re.compile(r"\d{1,3}(?: \d{3}){1,2}|\d{1,9}", re.ASCII)
_AMOUNT = re.compile(rf"({_WHOLE.pattern})(?:[.,](\d{{2}}))?", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def day(text: object) -> date | None:
    """`2026-11-24`."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return within(date.fromisoformat(text))
    except ValueError:
        return None


def within(found: date) -> date | None:
    """The day itself, if it is one that can be reckoned with."""
    return found if FIRST <= found <= LAST else None


def moment(text: object) -> datetime | None:
    """A point in time with its zone (`2026-11-24T10:20:00+01:00`), in UTC."""
    at = _at(text)
    return at.astimezone(UTC) if at and at.utcoffset() is not None else None


def told(found: Told | None) -> Told:
    """Where it must be there: ValueError for None."""
    if found is None:
        raise ValueError("not a day, point in time or id that can be read")
    return found


def on_the_wall(text: object) -> datetime | None:
    """`2026-11-24T10:20` as the clinic's clock shows it, with the clinic's zone. None when it brings its own."""
    at = _at(text)
    return at.replace(tzinfo=CLINIC) if at and at.tzinfo is None else None


def uuid(text: object) -> UUID | None:
    return UUID(text) if isinstance(text, str) and _ID.fullmatch(text) else None


def whole(text: str) -> int | None:
    """A number of things, below a milliard: "20", "1 200". The digits 0-9 alone, as people see them."""
    found = _WHOLE.fullmatch(_spaced(text))
    return int(found[0].replace(" ", "")) if found else None


def hundredths(text: str) -> int | None:
    """An amount of money as whole hundredths: "170", "170,50", "1 170.50". A comma or a point before two digits, never
    between thousands, where it would mean one thing to one reader and another to the next."""
    found = _AMOUNT.fullmatch(_spaced(text))
    return int(found[1].replace(" ", "")) * 100 + int(found[2] or 0) if found else None


def _spaced(text: str) -> str:
    return _BLANK.sub(" ", line(text)).strip()


def json_object(body: bytes | str, most: int = 64 * 1024) -> dict[str, Any] | None:
    """JSON of somebody outside, when it is one object: not too long or too deep, and of values that can be kept."""
    if len(body) > most:
        return None
    try:
        found = json.loads(body)
        # No NaN or Infinity (1e999 is one), half characters or NUL: no column keeps them.
        is_kept = not _NUL.search(json.dumps(found, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError):
        return None
    return found if is_kept and isinstance(found, dict) else None


def place(text: str) -> Place | None:
    """What `mark` wrote into an address."""
    at, _, key = text.partition("_")
    found, row = moment(at), uuid(key)
    return (found, row) if found and row else None


def mark(place: Place | None) -> str:
    return f"{place[0].isoformat()}_{place[1]}" if place else ""


def typed(text: str) -> str:
    """An identifier as it was meant: invisible signs away, digits of any script as 0-9, full-width signs as the plain.

    What is copied from a telephone's contacts carries marks for the direction of writing that nobody sees.
    """
    seen = (sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc") or sign in "\t\n")
    return "".join(_plain(sign) for sign in seen).strip()


def line(text: str) -> str:
    """Without signs that nobody sees, such as those that turn the direction; letters may be joined and parted."""
    return "".join(sign for sign in text if sign in JOINERS or unicodedata.category(sign) not in UNSEEN)


def lines(text: str) -> str:
    """As `line`, of a text that may have several."""
    return "\n".join(line(each) for each in text.splitlines())


def is_seen(text: str) -> bool:
    """Whether a reader sees anything of it: a letter, digit or sign that is more than space."""
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in BLANK for sign in text)


def _plain(sign: str) -> str:
    value = unicodedata.decimal(sign, None)
    if value is not None:
        return str(value)
    return unicodedata.normalize("NFKC", sign) if unicodedata.east_asian_width(sign) == "F" else sign


def _at(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if within(at.date()) else None
