"""When a video room is open, how rooms and seats change, and the limits of what is sent. No database, no clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.appointments.rules import JOIN_AFTER, JOIN_BEFORE
from legedialog.core.errors import Refusal, Refused

MOST_PEOPLE = 4  # admitted at once: each sends picture and sound to all the others
GUEST_LINK_LASTS = timedelta(days=7)  # to use it; and never longer than the visit's own window
SIGNAL_BYTES = 64 * 1024
SIGNALS_KEPT = timedelta(hours=1)
BURST = timedelta(seconds=10)
MOST_SIGNALS = 240  # of one seat in BURST: three others, some thirty network paths to each, and once again
PRESENT_FOR = timedelta(seconds=45)  # after the last sign of life: three of the stream's
MESSAGE_LENGTH = 300
DELAYS = (5, 10, 15, 20, 30, 45, 60)  # minutes a doctor chooses among
CREDENTIALS_LAST = timedelta(minutes=15)  # at the TURN server: docs/adr/0100-a-relays-password-lasts-a-quarter.md
TEST_LASTS = timedelta(minutes=10)  # those for a test of camera and sound
ROOM_KEPT = timedelta(days=90)  # after it ended; the record and the log keep what matters
TEST_KEPT = timedelta(days=90)
FEEDBACK_KEPT = timedelta(days=2 * 365)


class RoomState(TextChoices):
    OPEN = "open"  # people may wait
    RUNNING = "running"  # somebody was called in
    PHONE = "phone"  # goes on by telephone
    ENDED = "ended"


class SeatState(TextChoices):
    WAITING = "waiting"
    ADMITTED = "admitted"
    LEFT = "left"  # she pressed Forlat; a lost network or a closed page is no leaving
    REMOVED = "removed"


class SeatRole(TextChoices):
    PATIENT = "patient"
    REPRESENTATIVE = "representative"  # instead of the patient, or a parent beside a youth
    DOCTOR = "doctor"
    GUEST = "guest"


class Outcome(TextChoices):
    HELD = "held"
    PHONE = "phone"
    NO_SHOW = "no-show"
    CANCELLED = "cancelled"  # the appointment was
    LEFT_OPEN = "left-open"  # nobody ended it


class Identity(TextChoices):
    """How the doctor made sure whom she was talking with."""

    PHOTO_ID = "photo-id"
    KNOWN = "known"
    LOGIN = "login"


class GuestKind(TextChoices):
    INTERPRETER = "interpreter"
    RELATIVE = "relative"


class Quality(TextChoices):
    """In the order from best to worst."""

    GOOD = "good"
    POOR = "poor"
    LOST = "lost"


class Test(StrEnum):
    """What the device test looks at."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    NETWORK = "network"
    RELAY = "relay"


class Result(TextChoices):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class Fault(TextChoices):
    """Why a part of the test failed. The words, and what to do, are in texts.py."""

    DENIED = "denied"  # the person or the browser said no
    IN_USE = "in-use"
    NONE_FOUND = "none-found"
    INSECURE = "insecure"  # the page did not come over HTTPS
    UNSUPPORTED = "unsupported"
    SILENT = "silent"  # a microphone that gives nothing
    NOT_HEARD = "not-heard"  # she did not hear the tone
    BLOCKED = "blocked"  # the network lets nothing of it through
    NO_UDP = "no-udp"  # works, but only the slow way
    NO_RELAY = "no-relay"  # ours is not there: no fault of hers
    SLOW = "slow"
    OTHER = "other"


STILL_WORKS = frozenset({Fault.NO_UDP, Fault.NO_RELAY, Fault.SLOW})  # the visit can be held, only not so well

ROOM_MOVES: Mapping[str, frozenset[str]] = {
    "open": frozenset({"running", "phone", "ended"}),
    "running": frozenset({"phone", "ended"}),
    "phone": frozenset({"running", "ended"}),  # the picture came back
    "ended": frozenset({"open"}),  # ended by mistake, while the window lasts
}
SEAT_MOVES: Mapping[str, frozenset[str]] = {
    "waiting": frozenset({"admitted", "left", "removed"}),
    "admitted": frozenset({"left", "removed", "waiting"}),  # waits again when an ended room is opened
    "left": frozenset({"waiting", "admitted"}),  # a doctor needs nobody's leave to come back
    "removed": frozenset({"admitted"}),  # only the doctor takes back a removal
}

TOO_EARLY = Refusal(
    code="too-early",
    to_patient=_("Venterommet er ikke åpent ennå. Siden åpner det av seg selv."),
    to_practice=_("Videorommet åpner den dagen timen er."),
)
TOO_LATE = Refusal(
    code="too-late",
    to_patient=_("Timen er over, og videorommet er stengt. Ring legekontoret hvis dere ikke fikk snakket sammen."),
    to_practice=_("Timen er over, og videorommet er stengt."),
)
NOT_GOING_TO_HAPPEN = Refusal(
    code="not-going-to-happen",
    to_patient=_("Timen er avlyst eller avsluttet, så videorommet er stengt."),
    to_practice=_("Timen er avlyst eller avsluttet, så videorommet er stengt."),
)
ENDED = Refusal(
    code="ended",
    to_patient=_("Legen har avsluttet videotimen."),
    to_practice=_("Videotimen er avsluttet. Åpne den igjen hvis den ikke var ferdig."),
)
CANNOT_MOVE = Refusal(
    code="cannot-move",
    to_patient=_("Dette kan ikke gjøres nå. Noe kan ha endret seg i videorommet."),
    to_practice=_("Dette kan ikke gjøres nå. Noen kan ha gjort det før deg."),
)
ROOM_FULL = Refusal(
    code="room-full",
    to_patient=_("Det er allerede fire i videorommet."),
    to_practice=_("Det er allerede fire i videorommet. Noen må forlate det først."),
)
NOT_AGREED = Refusal(
    code="guest-not-agreed",
    to_patient=_("Pasienten må si ja først."),
    to_practice=_("Spør pasienten først, og kryss av for at hun eller han sier ja."),
)
NOT_ADMITTED = Refusal(
    code="not-admitted",
    to_patient=_("Du er ikke sluppet inn i videorommet, eller den andre er ikke der."),
)
REPLACED = Refusal(
    code="replaced",
    to_patient=_("Du har åpnet videorommet et annet sted. Denne siden er koblet fra."),
)
NO_PHONE = Refusal(
    code="no-phone",
    to_patient=_("Vi har ikke noe telefonnummer til deg. Skriv nummeret du kan nås på."),
)
NOT_YET_STARTED = Refusal(
    code="not-started",
    to_patient=_("Timen har ikke begynt ennå."),
    to_practice=_("Timen har ikke begynt ennå. Vent til klokkeslettet før du registrerer at pasienten ikke møtte."),
)


def check_room_move(before: str, to: str) -> None:
    if to not in ROOM_MOVES[before]:
        raise Refused(ENDED if before == RoomState.ENDED else CANNOT_MOVE)


def check_seat_move(before: str, to: str) -> None:
    if to not in SEAT_MOVES[before]:
        raise Refused(CANNOT_MOVE)


def is_present(seen_at: datetime | None, now: datetime) -> bool:
    """Whether a page of hers has given a sign of life lately. `seen_at` is None from when she closed it."""
    return seen_at is not None and seen_at > now - PRESENT_FOR


def worst(one: str, other: str) -> str:
    """Of two qualities; "" is not known."""
    order = ["", *Quality.values]
    return max(one, other, key=order.index)


PAGE = """# States of a video visit

Made from `legedialog/video/rules.py`. What the browsers say to each other: [video-signalling.md](video-signalling.md).

## Room
| from | to |
| --- | --- |
{rooms}
A room is `open` when the first person comes, `running` when the patient is called in, `phone` when the doctor goes on
by telephone, `ended` when the doctor, a missed appointment or the end of the window closes it. Ended by mistake it
opens again. The appointment is `arrived` when the patient is called in and `completed` when the doctor ends the visit;
neither telephone, a lost network nor leaving changes it or its rules for fees.

## Seat
| from | to |
| --- | --- |
{seats}
A closed page or a lost network changes no state: the seat is only not present, and its place is kept.

The waiting room opens {before} minutes before the start and closes {after} minutes after the planned end, by the
server's clock. At most {people} are in.
"""


def page() -> str:
    """docs/video-states.md."""
    return PAGE.format(
        rooms=_table(ROOM_MOVES),
        seats=_table(SEAT_MOVES),
        before=int(JOIN_BEFORE.total_seconds() // 60),
        after=int(JOIN_AFTER.total_seconds() // 60),
        people=MOST_PEOPLE,
    )


def _table(moves: Mapping[str, frozenset[str]]) -> str:
    return "".join(f"| `{state}` | {', '.join(f'`{to}`' for to in sorted(tos))} |\n" for state, tos in moves.items())
