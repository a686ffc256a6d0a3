"""What is charged for what was done, how it is paid, and what an office may do with it. No database, no clock.

What it costs is told by rules.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal, Refused
from legedialog.core.times import local_day
from legedialog.core.workdays import add_working_days, is_working_day
from legedialog.fees.kid import is_kid
from legedialog.fees.rules import CODE_OF, MISSED, Exemption, Rate, Service, Terms, amount, exemption, is_evening


class Kind(TextChoices):
    SERVICE = "service"  # a visit, an e-consultation or a renewal
    MISSED = "missed"  # not come, or cancelled too late


class Status(TextChoices):
    PROPOSED = "proposed"  # the office has not said yes: the patient is asked for nothing
    CHECKING = "checking"  # the office has said yes, and the card register not answered yet: nobody is asked to pay
    APPROVED = "approved"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"  # what it was for was taken back


MOVES: dict[str, frozenset[str]] = {
    Status.PROPOSED: frozenset({Status.APPROVED, Status.CHECKING, Status.WAIVED, Status.WITHDRAWN}),
    Status.CHECKING: frozenset({Status.APPROVED, Status.WAIVED}),
    Status.APPROVED: frozenset({Status.WAIVED, Status.CHECKING}),  # an exemption was wrong
    Status.WAIVED: frozenset(),
    Status.WITHDRAWN: frozenset({Status.PROPOSED}),
}


OPEN = (Status.PROPOSED, Status.CHECKING, Status.APPROVED)  # lines may be added and countered


def check_move(before: str, after: str) -> None:
    if after not in MOVES[before]:
        raise Refused(CHARGE_CHANGED)


class Way(TextChoices):
    """How money came, or went back."""

    CARD = "card", _("Kort på kontoret")
    CASH = "cash", _("Kontant")
    BANK = "bank", _("Bank")
    ONLINE = "online", _("På nett")
    REFUND = "refund", _("Betalt tilbake")
    UNDONE = "undone", _("Rettet: var registrert ved en feil")  # no money has moved
    BOUNCE = "bounce", _("Trukket tilbake av banken")


TAKES_OFF = (Way.REFUND, Way.UNDONE, Way.BOUNCE)  # the others are money that came


@dataclass(frozen=True, slots=True)
class Main:
    """The first line of a charge. `top` is what was promised, None when nothing was."""

    code: str
    ore: int
    is_counted: bool
    top: int | None
    exemption: Exemption
    in_evening: bool = False


def main_line(
    *,
    kind: str,
    service: str,
    rates: Mapping[str, Rate],
    terms: Terms,
    is_specialist: bool,
    birth_date: date,
    at: datetime,
    promised: int | None,
    has_card: bool = False,
    left: int | None = None,
    stated: str = "",
    code: str = "",
) -> Main | None:
    """What a service cost at `at`: the hour of the answer or of the visit. None when no table tells.

    Never more than was promised. A fee for who did not come is asked of the exempt too. `code`: another than the
    service has by itself, because less was done.
    """
    code = MISSED if kind == Kind.MISSED else code or CODE_OF[service]
    rate = rates.get(code)
    if rate is None:
        return None
    by_day = kind == Kind.MISSED or (service == Service.ECONSULTATION and terms.promises_day_rate)
    late = not by_day and is_evening(at)
    cost = amount(rate, in_evening=late, is_specialist=is_specialist)
    cost = cost if promised is None else min(cost, promised)
    if kind == Kind.MISSED:
        return Main(code, cost, False, promised, Exemption.NONE)
    free = exemption(birth_date=birth_date, day=local_day(at), has_card=has_card, stated=stated, left=left)
    return Main(code, 0 if free else cost, True, promised, free, late)


ASK_AGAIN = timedelta(minutes=5)  # what the card register did not answer
TELLS_AGAIN = timedelta(days=7)  # a card that comes later is heard of so soon
# A card comes within three weeks of what made it, and that is reported within two. Source: docs/facts.md#prices.
TELLS_UNTIL = timedelta(days=60)


# ---- paid online


class Direction(TextChoices):
    IN = "in"
    BACK = "back"


class Stand(TextChoices):
    """How far money through the payment provider has come."""

    BEGUN = "begun", _("Venter på svar")
    DONE = "done", _("Utført")
    REFUSED = "refused", _("Ikke godtatt")
    ENDED = "ended", _("Avbrutt")


CURRENCY = "NOK"
SAME_AGAIN = timedelta(minutes=15)  # who comes back to pay the same is led to the page she left
ASK_ABOUT = timedelta(minutes=2)  # a payment whose answer has not come
GIVES_UP = timedelta(hours=1)  # and nobody pays it any more; what the provider tells later is taken all the same

# ---- invoices


def due_date(day: date, days: int) -> date:
    """So many days after, and then the next working day."""
    due = day + timedelta(days=days)
    return due if is_working_day(due) else add_working_days(due, 1)


class Finding(TextChoices):
    """What a payment from the bank turned out to be."""

    FITS = "fits", _("Stemmer")
    UNKNOWN = "unknown", _("Ukjent KID")
    CONTROL = "control", _("Feil kontrollsiffer i KID")
    LESS = "less", _("For lite betalt")
    MORE = "more", _("For mye betalt")
    TWICE = "twice", _("Betalt fra før")
    BACK = "back", _("Trukket tilbake av banken")
    REUSED = "reused", _("Nummeret er brukt på en annen betaling før")  # the bank's own, of the transaction


def finding(*, ore: int, owed: int | None, kid: str = "") -> Finding:
    """`owed` before it came, None when its KID names no invoice. Below nothing: the bank has taken it back."""
    if ore < 0:
        return Finding.BACK
    if owed is None:
        return Finding.UNKNOWN if is_kid(kid) else Finding.CONTROL
    if owed <= 0:
        return Finding.TWICE
    if ore == owed:
        return Finding.FITS
    return Finding.LESS if ore < owed else Finding.MORE


def can_take_up(found: str, *, is_seen: bool, is_placed: bool) -> bool:
    """Whether what somebody has looked at may be looked at again: not what she has put on an invoice."""
    by_hand = is_placed and found in {Finding.UNKNOWN, Finding.CONTROL, Finding.REUSED}
    return is_seen and found != Finding.FITS and not by_hand


RUN_GOES_ON = Refusal("run-goes-on", _("En kjøring av fakturaer er allerede i gang."))
NOTHING_TO_SEND = Refusal("nothing-to-send", _("Det er ingenting å sende faktura for."))
NOT_A_FILE = Refusal(
    "not-a-payment-file", _("Dette er ikke en hel OCR-fil, så ingenting er lest inn. Hent den på nytt.")
)
NOT_OUR_ACCOUNT = Refusal("not-our-account", _("Filen gjelder en annen konto enn kontorets. Ingenting er lest inn."))
NO_SUCH_INVOICE = Refusal("no-such-invoice", _("Kontoret har ingen faktura med dette nummeret."))
STANDS = Refusal("charge-stands", _("Kravet for timen er godkjent. Frafall det først, under Betaling."))
DECIDED = Refusal(
    "charge-decided",
    _("Kravet er allerede avgjort, med en annen takst. Velg «Avgjør senere», og rett kravet under Betaling."),
)
CHARGE_CHANGED = Refusal("charge-changed", _("En kollega har allerede gjort noe med dette kravet. Se over på nytt."))
NO_RATE = Refusal("no-rate", _("Ingen bekreftet tabell sier hva dette koster. Lederen må bekrefte en tabell først."))
ONE_CONTACT = Refusal(
    "one-contact",
    _("Kravet har allerede en konsultasjon eller kontakt. Rett den linjen først, hvis den skal byttes ut."),
)
NOT_APPROVED = Refusal("line-not-approved", _("Kravet er godkjent fra før, så linjen må også godkjennes."))
SUM_NOT_APPROVED = Refusal("sum-not-approved", _("Kravet er godkjent fra før, så den nye summen må også godkjennes."))
NOT_THAT_MUCH = Refusal("not-that-much", _("Så mye er ikke betalt på dette kravet."))
NOT_OVERPAID = Refusal(
    "not-overpaid",
    _("Så mye er ikke betalt for mye. Rett en linje eller frafall kravet først, så betaler dere tilbake."),
)
NO_PROVIDER = Refusal(
    "no-payment-provider", _("Betalingsløsningen svarer ikke nå. Prøv igjen om litt, eller betal på kontoret.")
)
NOT_ONLINE = Refusal("not-online", _("Så mye er ikke betalt på nett på dette kravet."))
BACK_GOES_ON = Refusal("back-goes-on", _("En tilbakebetaling er allerede på vei."))
NOT_OWED = Refusal("not-owed", _("Det er ikke mer å betale på dette kravet."))
NO_AMOUNT = Refusal("no-amount", _("Beløpet må være større enn 0."))
MORE_THAN_OWED = Refusal("more-than-owed", _("Det er mer enn det som er igjen å betale."))
WRITTEN_ALREADY = Refusal(
    "written-already", _("Dette skjemaet er alt sendt, med et annet beløp. Se hva som er registrert, og prøv igjen.")
)
NO_ACCOUNT = Refusal("no-account", _("Lederen må skrive inn kontonummeret under Priser før dere sender faktura."))
NO_SUCH_EXEMPTION = Refusal("no-such-exemption", _("Dette fritaket gjelder ikke for pasienten."))
EXEMPTION_HOLDS = Refusal("exemption-holds", _("Dette fritaket er ikke registrert av kontoret, og kan ikke tas bort."))
NOTHING_TO_ASK = Refusal(
    "nothing-to-ask", _("Det er ikke lenger noe under egenandelstaket å kreve på dette kravet. Se over på nytt.")
)
ALREADY_CORRECTED = Refusal("already-corrected", _("Denne linjen er allerede rettet."))
