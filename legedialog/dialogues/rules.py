"""How a dialogue moves, when the answer is due, and when the doctor's door is open. No database, no clock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal, Refused
from legedialog.core.times import CLINIC, at_local, local_day
from legedialog.core.workdays import add_working_days, is_working_day

ANSWER_DAYS = 5  # working days. Source: docs/facts.md#e-consultation
TEXT_LENGTH = 4000  # characters; no official limit is published. Source: docs/facts.md#e-consultation
COMMENT_LENGTH = 1000
DRAFT_LASTS = timedelta(days=30)
CLAIM_LASTS = timedelta(minutes=10)  # without a sign of life from who is answering
UNDO_LASTS = timedelta(minutes=10)  # how long the office may take a closing back
MAX_OPEN = 10  # dialogues of one patient that wait for the office
MAX_OFFERED = 5  # times in one answer
ESCALATE_DAYS = 1  # working days before the date


class Kind(TextChoices):
    """Two kinds, one engine. Source: docs/facts.md#e-consultation and #contact-with-the-office and #messages."""

    ECONSULTATION = "econsultation", _("E-konsultasjon")
    CONTACT = "contact", _("Kontakt med kontoret")


class Status(TextChoices):
    """Words for each reader are in texts.py."""

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    ANSWERED = "answered"
    NEEDS_APPOINTMENT = "needs-appointment"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


MOVES: Mapping[str, frozenset[str]] = {
    "sent": frozenset({"delivered", "withdrawn"}),
    "delivered": frozenset(
        {"opened", "withdrawn", "delivered"}
    ),  # moved between reception and doctor before it is read
    "opened": frozenset({"answered", "needs-appointment", "closed", "delivered"}),
    "answered": frozenset({"sent", "answered", "needs-appointment", "closed"}),  # she may write again until it closes
    "needs-appointment": frozenset({"sent", "answered", "needs-appointment", "closed"}),
    "closed": frozenset({"opened", "answered", "needs-appointment"}),  # undone at once: what it was before
    "withdrawn": frozenset(),
}
MEANINGS: Mapping[str, str] = {
    "sent": "the citizen has sent it; nothing is lost any more",
    "delivered": "it stands in the office's inbox, unread: she may still withdraw it",
    "opened": "somebody who may read it at the office has read it; it is filed in the patient's record",
    "answered": "the office has answered, or has written first; the citizen may write again where that is open",
    "needs-appointment": "the office asks her to book a time, with chosen times where there are any",
    "closed": "finished: nobody writes more. The office may undo it within minutes",
    "withdrawn": "the citizen took it back before anybody at the office had read it",
}
WAITING = frozenset({"sent", "delivered", "opened"})  # for the office
OVER = frozenset({"closed", "withdrawn"})
UNREAD = frozenset({"sent", "delivered"})  # by the office


def check_move(now_status: str, status: str) -> None:
    if status not in MOVES[now_status]:
        raise Refused(CANNOT_MOVE)


def due_date(sent: date, away: Collection[tuple[date, date]] = (), days: int = ANSWER_DAYS) -> date:
    """The last day for the answer: working days after `sent`, those left out on which nobody is there to answer.

    `away` are first and last days, both included, of absences in which nobody stands in. A local day in and out.
    """
    day = sent
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day) and not any(first <= day <= last for first, last in away)
    return day


def near(today: date) -> date:
    """What is due on this day or before nears its date: today, tomorrow in working days, or already late."""
    return add_working_days(today, ESCALATE_DAYS)


@dataclass(frozen=True, slots=True)
class Capacity:
    """When and how much the office takes of what only doctors answer. None is no limit. Contact is never limited."""

    opens: time | None = None
    closes: time | None = None
    max_open: int | None = None  # unanswered, for each doctor
    max_a_day: int | None = None  # sent, for each doctor


def closed_now(capacity: Capacity, *, open_count: int, sent_today: int, now: datetime) -> Refused | None:
    """Why the clinical channel takes nothing now; its facts hold `opens_at` when that is known. Aware `now`."""
    if capacity.opens and capacity.closes:
        opens_at = _opens_at(capacity.opens, capacity.closes, now)
        if opens_at:
            return Refused(OUTSIDE_HOURS, opens_at=opens_at)
    if capacity.max_open is not None and open_count >= capacity.max_open:
        return Refused(QUEUE_FULL, opens_at=None)
    if capacity.max_a_day is not None and sent_today >= capacity.max_a_day:
        day = add_working_days(local_day(now), 1)
        return Refused(QUEUE_FULL, opens_at=at_local(day, capacity.opens or time.min))
    return None


def _opens_at(opens: time, closes: time, now: datetime) -> datetime | None:
    """When it opens next, or None when it is open: on working days between the two."""
    today, clock = local_day(now), now.astimezone(CLINIC).time()
    if is_working_day(today) and opens <= clock < closes:
        return None
    day = today if is_working_day(today) and clock < opens else add_working_days(today, 1)
    return at_local(day, opens)


def may_reply(status: str, *, is_open: bool) -> bool:
    """Whether she may write again: the office has answered, and left it open."""
    return is_open and Status.SENT in MOVES[status]


def can_undo(closed_at: datetime | None, now: datetime) -> bool:
    return closed_at is not None and now <= closed_at + UNDO_LASTS


def seen_of_intake(row: Any) -> tuple[object, ...]:
    return (
        *(row.guidance, row.guidance_nn, row.guidance_en),
        *(row.contact_guidance, row.contact_guidance_nn, row.contact_guidance_en),
        *(row.practice.secretary_reads, row.opens, row.closes, row.max_open, row.max_a_day),
    )


def seen_of_topic(row: Any) -> tuple[object, ...]:
    names = (row.names.get(code, "") for code in ("nb", "nn", "en"))
    return (*names, row.leads_to, row.is_active, row.position)


def seen_of(dialogue: Any) -> tuple[object, ...]:
    """What somebody at the office has seen of a dialogue when she answers, closes or gives it away.

    And of how her act left it, when she takes that back. Who is answering is the claim's.
    """
    return dialogue.kind, dialogue.last_message_at, dialogue.assigned_to_id, dialogue.closed_at


CANNOT_MOVE = Refusal(
    code="cannot-move",
    to_patient=_("Dette kan ikke gjøres lenger. Noe har skjedd med meldingen mens du hadde siden åpen."),
    to_practice=_("Dette kan ikke gjøres nå. En kollega eller pasienten kan ha endret meldingen før deg."),
)
ALREADY_OPENED = Refusal(
    code="already-opened",
    to_patient=_(
        "Kontoret har åpnet meldingen, så den kan ikke trekkes tilbake. Skriv en ny melding hvis noe er feil."
    ),
    source="docs/facts.md#e-consultation",
)
REPLY_CLOSED = Refusal(
    code="reply-closed",
    to_patient=_("Du kan ikke svare her lenger. Skriv en ny melding hvis du lurer på noe mer."),
    to_practice=_("Dialogen er lukket."),
    source="docs/facts.md#e-consultation",
)
UNANSWERED = Refusal(
    code="unanswered",
    to_patient=_("En e-konsultasjon lukkes ikke uten svar."),
    to_practice=_("En e-konsultasjon kan ikke lukkes uten svar. Svar først, eller be pasienten bestille time."),
    source="docs/facts.md#e-consultation",
)
CLAIMED = Refusal(
    code="claimed",
    to_patient=_("En annen på kontoret svarer nå."),
    to_practice=_("En kollega svarer på denne nå. Vent, eller spør kollegaen."),
)
TOO_LATE_TO_UNDO = Refusal(
    code="too-late-to-undo",
    to_patient=_("Meldingen er lukket."),
    to_practice=_("Det er for lenge siden den ble lukket. Start en ny dialog i stedet."),
)
QUEUE_FULL = Refusal(
    code="queue-full",
    to_patient=_("Legen har fått så mange e-konsultasjoner at det ikke er plass til flere nå."),
    to_practice=_("Stoppet: køen av e-konsultasjoner er full."),
)
OUTSIDE_HOURS = Refusal(
    code="outside-hours",
    to_patient=_("Legen tar ikke imot nye e-konsultasjoner på denne tiden av døgnet."),
    to_practice=_("Stoppet: utenfor tiden kontoret tar imot e-konsultasjoner."),
)
TOO_MANY_OPEN = Refusal(
    code="too-many-open",
    to_patient=_("Du har allerede mange meldinger som venter på svar. Vent på svar, eller ring legekontoret."),
    to_practice=_("Pasienten har allerede mange meldinger som venter på svar."),
)
RED_FLAG = Refusal(
    code="red-flag",
    to_patient=_("Det du svarte, kan haste. Ring i stedet for å skrive."),
    to_practice=_("Stoppet: et svar viste at det kan haste."),
    source="docs/facts.md#our-own-choices",
)
INCOMPLETE = Refusal(
    code="incomplete",
    to_patient=_("Noe mangler før du kan sende. Svar på spørsmålene og skriv hva det gjelder."),
)
DRAFT_CHANGED = Refusal(
    code="draft-changed",
    to_patient=_("Kladden er endret i et annet vindu etter at du åpnet denne siden."),
)
DRAFT_GONE = Refusal(
    code="draft-gone",
    to_patient=_("Kladden er sendt eller slettet i et annet vindu."),
)
NOT_OFFERED = Refusal(
    code="service-closed",
    to_patient=_("Legen tilbyr ikke e-konsultasjon nå."),
    to_practice=_("Legen tar ikke imot e-konsultasjoner nå. Be pasienten bestille time i stedet."),
    source="docs/facts.md#what-the-office-decides",
)
NOBODY_TO_ASSIGN = Refusal(
    code="nobody-to-assign",
    to_patient=_("Ingen på kontoret kan svare."),
    to_practice=_("Den du valgte, arbeider ikke med slike meldinger ved kontoret."),
)
NO_PROBLEM_CODE = Refusal(
    code="no-problem-code",
    to_patient=_("Svaret mangler en kode for journalen."),
    to_practice=_("Velg en problemkode (ICPC-2). Et svar på en e-konsultasjon føres i journalen med den."),
    source="docs/facts.md#codes",
)
BAD_TIMES = Refusal(
    code="bad-times",
    to_patient=_("Timene passer ikke."),
    to_practice=_("Velg høyst fem tider, og alle fram i tid."),
)

HEAD = """# How a dialogue moves

Made from `legedialog/dialogues/rules.py` by `legedialog docs`. An e-consultation and a contact with the office move
alike; one difference: an e-consultation is never closed without an answer.

| state | means | may become | waits for |
| --- | --- | --- | --- |
"""


def page() -> str:
    """docs/dialogue-states.md."""
    rows = []
    for status in Status:
        moves = ", ".join(f"`{each.value}`" for each in Status if each in MOVES[status]) or "nothing"
        waits = "the office" if status in WAITING else "nobody" if status in OVER else "the citizen"
        rows.append(f"| `{status.value}` | {MEANINGS[status]} | {moves} | {waits} |\n")
    return HEAD + "".join(rows) + DATES


DATES = f"""
## The answer's date

{ANSWER_DAYS} working days after the day it was sent: Monday to Friday without Norwegian public holidays, and without
days on which the doctor is away and nobody stands in. The citizen sees it before she sends. It moves when an absence
is reported or ended, and both sides are told. {ESCALATE_DAYS} working day before it, the manager and the substitutes
see it too.

A draft lasts {DRAFT_LASTS.days} days. "Somebody is answering" ends {CLAIM_LASTS.seconds // 60} minutes after the
last sign of life. A closing is undone within {UNDO_LASTS.seconds // 60} minutes.
"""
