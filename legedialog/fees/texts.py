"""The words about money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.core import broken, seen
from legedialog.fees.charge_rules import Direction, Kind, Stand, Status, Way
from legedialog.fees.rules import CODES, Exemption, Laboratory, Price, Service, Why, own_told, seen_of, widest
from legedialog.ui.dates import long_datetime

NBSP = "\u00a0"


def kroner(ore: int | None) -> str:
    """ "170 kr", "1 170,50 kr", "−170 kr"."""
    if ore is None:
        return ""
    whole, rest = divmod(abs(ore), 100)
    text = f"{whole:,}".replace(",", NBSP) + (f",{rest:02}" if rest else "")
    return f"{'−' if ore < 0 else ''}{text}{NBSP}kr"


SERVICES: dict[str, str | Promise] = {
    Service.ATTENDANCE: gettext_lazy("Time med oppmøte"),
    Service.PHONE: gettext_lazy("Telefontime"),
    Service.VIDEO: gettext_lazy("Videotime"),
    Service.ECONSULTATION: gettext_lazy("E-konsultasjon"),
    Service.RENEWAL: gettext_lazy("Reseptfornyelse"),
}

STATUSES: dict[str, tuple[str | Promise, str]] = {
    Status.PROPOSED: (gettext_lazy("Foreslått"), "info"),
    Status.CHECKING: (gettext_lazy("Venter på frikortregisteret"), "info"),
    Status.APPROVED: (gettext_lazy("Godkjent"), "success"),
    Status.WAIVED: (gettext_lazy("Frafalt"), "neutral"),
    Status.WITHDRAWN: (gettext_lazy("Tatt tilbake"), "neutral"),
}
WAYS: dict[str, str | Promise] = {each.value: each.label for each in Way}

EXEMPT: dict[str, str | Promise] = {
    Exemption.CHILD: gettext_lazy("Gratis. Barn under 16 år betaler ikke egenandel."),
    Exemption.CARD: gettext_lazy("Gratis med frikort."),
    Exemption.CEILING: gettext_lazy("Gratis. Egenandelstaket for året er nådd."),
    Exemption.YOUTH_THERAPY: gettext_lazy("Gratis. Psykoterapi for barn og unge under 18 år har ingen egenandel."),
    Exemption.PREGNANCY: gettext_lazy("Gratis. Svangerskapskontroll har ingen egenandel."),
    Exemption.INFECTION: gettext_lazy("Gratis. Allmennfarlig smittsom sykdom har ingen egenandel."),
    Exemption.INJURY: gettext_lazy("Gratis. Godkjent yrkesskade har ingen egenandel."),
    Exemption.CONSCRIPT: gettext_lazy("Gratis. Vernepliktige i tjeneste betaler ikke egenandel."),
    Exemption.VIOLENCE: gettext_lazy("Gratis. Første undersøkelse etter vold eller overgrep har ingen egenandel."),
}


class Sums(Protocol):
    """What of a charge decides how it stands."""

    @property
    def status(self) -> str: ...
    @property
    def owed(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def invoice(self) -> Any: ...
    @property
    def lines(self) -> Sequence[Any]: ...


def cost(ore: int) -> str:
    """What something came to; nothing is said in a word."""
    return kroner(ore) if ore else _("gratis")


def total(row: Sums) -> str:
    """What a charge came to: one word for nothing wherever it stands, but of what was waived or taken back, which was
    not free."""
    if not row.lines:
        return _("ikke kjent")
    was_more = row.status == Status.WAIVED or any(line.is_counter and line.ore for line in row.lines)
    return kroner(row.total) if was_more else cost(row.total)


def _of_line(line: Any) -> str:
    if line.is_counter:
        return kroner(line.ore) if line.ore else "–"
    return cost(line.ore)


def amount(price: Price) -> str:
    """The amount or the range, in a few signs."""
    if price.high is None:
        return ""
    if price.high == 0:
        return _("Gratis")
    return between(price.low, price.high)


def between(low: int | None, high: int | None) -> str:
    if low == high:
        return kroner(high)
    return _("%(low)s–%(high)s") % {"low": kroner(low).removesuffix(f"{NBSP}kr"), "high": kroner(high)}


def line(price: Price) -> str:
    """What it costs, in a sentence or two."""
    if price.extra is None:
        return _with_samples(price)
    own = {"name": price.extra.name, "amount": kroner(price.extra.ore)}
    if price.why is Why.OWN:
        return _("%(name)s: %(amount)s. Det er ingen egenandel i tillegg.") % own
    if price.high == 0:
        return _("%(name)s: %(amount)s. Egenandelen er gratis.") % own
    return _("%(line)s I tillegg: %(name)s, %(amount)s.") % (own | {"line": _with_samples(price)})


def _with_samples(price: Price) -> str:
    words = _line(price)
    if price.laboratory != Laboratory.WITH or price.laboratory_ore == 0:
        return words
    amount = kroner(price.laboratory_ore) or _("ikke kjent")
    return _("%(line)s I tillegg: %(name)s, %(amount)s.") % {"line": words, "name": _("prøvetaking"), "amount": amount}


def _line(price: Price) -> str:
    if price.why is Why.FREE:
        return _("Gratis.")
    if price.why is Why.EXEMPT:
        return str(EXEMPT.get(price.exemption, _("Gratis.")))  # why is not kept of the oldest
    if price.why is Why.UNKNOWN:
        return _("Vanlig egenandel. Prisen er ikke kjent for %(year)s.") % {"year": price.day.year}
    if price.is_free:
        return _("Gratis. Det er ingen egenandel for dette.")
    return _("Egenandel: %(amount)s.") % {"amount": amount(price)}


def reasons(price: Price) -> list[str]:
    """All that is told beside it."""
    return [*deciding(price), *beside(price)]


def deciding(price: Price) -> list[str]:
    """Why it is so much: what stands with the amount. Who is free is told why in its place."""
    if not price.is_told or price.why in {Why.FREE, Why.EXEMPT, Why.OWN}:
        return []
    found = []
    if price.left is not None:
        found.append(
            _("Det er %(left)s igjen til egenandelstaket i år, og mer enn det betaler ingen.")
            % {"left": kroner(price.left)}
        )
    if price.why is Why.BY_ANSWER:
        found.append(
            _("Det koster mer hvis legen svarer før klokken 8, etter klokken 16, i helgen eller på helligdag.")
        )
    if price.why is Why.BY_HOUR:
        found.append(_("Det koster mer for en time før klokken 8, etter klokken 16, i helgen eller på helligdag."))
    if price.why is Why.DAY_PROMISED:
        found.append(_("Du betaler dagpris, også om legen svarer om kvelden eller i helgen."))
    if price.in_evening:
        found.append(_("Timen er om kvelden, i helgen eller på en helligdag. Da koster det mer."))
    if price.laboratory == Laboratory.ALONE:
        found.append(_("Prisen gjelder bare prøvetaking."))
    elif price.is_specialist:
        found.append(_("Legen er spesialist i allmennmedisin. Da koster det mer."))
    elif price.is_specialist is None and price.low != price.high:
        found.append(_("Det koster mer hos en lege som er spesialist i allmennmedisin."))
    return found


def beside(price: Price) -> list[str]:
    """Who pays less, and what the exempt pay all the same. Nothing for what is free to everybody."""
    if not price.is_told or price.why is Why.FREE:
        return []
    if price.why is Why.EXEMPT:
        return _of_the_exempt(price)
    if price.why is Why.OWN:
        return [_("Kontoret setter selv denne prisen. Den teller ikke mot frikort."), *_beside(price)]
    found = [_("Med frikort er egenandelen gratis.")]
    if price.laboratory:
        found.append(_("Utstyr og attester kan komme i tillegg."))
    elif price.service != Service.RENEWAL:
        found.append(_("Prøver, utstyr og attester kan komme i tillegg."))
    if price.extra:
        found.append(
            _("Kontoret setter selv prisen på %(name)s. Den teller ikke mot frikort.") % {"name": price.extra.name}
        )
    found += own_prices(price)
    if price.service in {Service.ATTENDANCE, Service.VIDEO, Service.PHONE}:
        found.append(_("Svangerskapskontroll, smittsom sykdom og yrkesskade er gratis: si fra til legen."))
    return [*found, *_fees(price)]


def _of_the_exempt(price: Price) -> list[str]:
    found = [str(EXEMPT[price.exemption])] if price.extra else []
    if price.exemption.is_stated:
        found.append(_("Gjelder det noe annet likevel, koster det vanlig egenandel."))
    found.append(_("Utstyr, attester og vaksiner kan koste noe, også når egenandelen er gratis."))
    return found + _beside(price)


def _beside(price: Price) -> list[str]:
    return [*own_prices(price), *_fees(price)]


def own_prices(price: Price) -> list[str]:
    """What the office itself takes for what is not counted, where it may come on top."""
    told = own_told(price)
    if told:
        listed = ", ".join(f"{each.name} {kroner(each.ore)}" for each in told)
        return [_("Kontorets egne priser: %(prices)s.") % {"prices": listed}]
    if price.service != Service.RENEWAL and (price.own or price.own_listed):
        return [_("Kontoret har egne priser på attester, vaksiner og annet. De står i Hjelp, under Betaling.")]
    return []


def _fees(price: Price) -> list[str]:
    """What may come on top for everybody."""
    return [each for each in (dispatch_fee(price.dispatch), invoice_fee(price.invoice)) if each]


def invoice_fee(ore: int | None) -> str:
    """What waiting for the invoice costs, "" when nothing."""
    if ore is None:
        return _("Betaler du ikke før kontoret sender faktura, kan et gebyr komme i tillegg. Beløpet er ikke kjent.")
    if not ore:
        return ""
    return _("Betaler du ikke før kontoret sender faktura, kan et gebyr på %(fee)s komme i tillegg.") % {
        "fee": kroner(ore)
    }


def invoice_fee_from(ore: int | None, at: datetime, now: datetime) -> str:
    """As `invoice_fee` of one charge, for who is told of it and has until `at` to pay first."""
    if not ore or now >= at:
        return invoice_fee(ore)
    return _("Betaler du innen %(time)s, er det uten gebyr. Etter det koster en faktura %(fee)s.") % {
        "fee": kroner(ore), "time": long_datetime(at)}  # fmt: skip


def dispatch_fee(ore: int | None) -> str:
    """What it costs that the office sends something by post, "" when nothing."""
    if ore is None:
        return _("Sender kontoret noe til deg i posten, kan et gebyr komme i tillegg. Beløpet er ikke kjent.")
    if not ore:
        return ""
    return _("Sender kontoret noe til deg i posten, kommer et gebyr på %(fee)s i tillegg.") % {"fee": kroner(ore)}


def fee(ore: int | None) -> str:
    """A fee in a list."""
    if ore is None:
        return _("Beløpet er ikke kjent")
    return kroner(ore) if ore else _("Kontoret tar ikke gebyr")


def in_words(price: Price) -> str:
    """What it costs and what decides it, as it is told in help."""
    return " ".join([line(price), *reasons(price)])


@dataclass(frozen=True, slots=True)
class Shown:
    """A price ready for fees/price.html. `mark` goes with the form that accepts it: services.promise."""

    line: str
    why: Sequence[str]  # what decides it, with the amount
    more: Sequence[str]  # what is told beside it, folded
    missed: str  # the amount for who does not come or cancels too late; "" when nothing is asked, or it is not known
    takes_missed: bool  # whether anything is asked
    mark: str
    each: Sequence[tuple[str, str]] = ()  # of several services that do not cost the same: its name and line

    @property
    def reasons(self) -> Sequence[str]:
        return [*self.why, *self.more]


def shown(price: Price) -> Shown:
    return shown_each({price.service: price})


def shown_each(found: Mapping[str, Price]) -> Shown:
    """Of what may become one of several services: once when they cost the same, else each with its own."""
    prices = list(found.values())
    mark = seen.mark(*map(seen_of, prices))
    if len({seen_of(each)[1:] for each in prices}) == 1:
        return _shown(line(prices[0]), prices[:1], mark)
    lines = [(str(SERVICES[service]), line(each)) for service, each in found.items()]
    return replace(_shown("", prices, mark), each=lines)


def _shown(words: str, prices: Sequence[Price], mark: str = "") -> Shown:
    why = dict.fromkeys(said for each in prices for said in deciding(each))
    more = dict.fromkeys(said for each in prices for said in beside(each))
    missed = widest(prices).missed
    return Shown(words, list(why), list(more), kroner(missed) if missed else "", missed != 0, mark)


def kept_shown(promised: Price | None) -> Shown | None:
    """What she was told when she booked or sent, all of it: queries.promised."""
    return _shown(line(promised), [promised]) if promised else None


def named(code: str, kept: str) -> str:
    """What a line or a rate is, in the reader's language; an office's own price is as the office wrote it."""
    return _(kept) if code in CODES else kept


def what(service: str, kind: str) -> str:
    if kind == Kind.MISSED:
        return _("Time som ikke ble avbestilt i tide")
    return str(SERVICES[service])


def payment_status(row: Sums) -> tuple[str, str]:
    """For the patient: whether there is something to pay."""
    if row.owed < 0:
        return _("Du får penger tilbake"), "info"
    return _paid(row)


def office_status(row: Sums) -> tuple[str | Promise, str]:
    """For the office: how far it has come."""
    if row.owed < 0:
        return _("Skal betales tilbake"), "info"
    return _paid(row) if row.status == Status.APPROVED else STATUSES[row.status]


def _paid(row: Sums) -> tuple[str, str]:
    if row.status == Status.WAIVED:
        return _("Frafalt"), "neutral"
    if row.total == 0:
        return _("Gratis"), "success"
    if row.owed == 0:
        return _("Betalt"), "success"
    if row.invoice is None:
        return _("Ikke betalt"), "warning"
    return (_("Påminnelse sendt") if row.invoice.reminded_at else _("Faktura sendt")), "warning"


def why_free(row: Any) -> str:
    """Why a queries.ChargeRow came to nothing, in a few words; "" for what costs, or the office's own reason tells."""
    if row.total or row.status == Status.WAIVED:
        return ""
    return _("Fritatt for egenandel") if row.exemption in UNTOLD else exempt(row.id, row.exemption)


# Who reads over her shoulder, or for her, may be the cause: the office knows why, and her own data say it.
UNTOLD = frozenset({Exemption.VIOLENCE, Exemption.INFECTION})


def told(row: Any, *, to_patient: bool = True) -> dict[str, Any]:
    """Lines, payments and the invoice of a queries.ChargeRow, ready for a page or a document."""
    hides = to_patient and row.exemption in UNTOLD
    return {
        "lines": [
            (
                replace(line, what=named(line.code, line.what)),
                _of_line(line),
                str(REASONS.get(line.reason, line.reason)),
            )
            for line in row.lines
        ],
        "payments": [(each, WAYS[each.way], kroner(each.ore)) for each in row.payments],
        "exemption": _("Ja") if hides else exempt(row.id, row.exemption),
        "transfers": [(each, *transfer_word(each), kroner(each.ore)) for each in row.transfers],
        "invoice": row.invoice,
        "late_date": row.late_date,
        "credit_notes": [(each, kroner(each.ore)) for each in row.credit_notes],
        "account": account(row.invoice.account_number) if row.invoice else "",
        "paid": kroner(row.paid),
        "back": kroner(max(0, -row.owed)),
    }


def exempt(charge_id: UUID, exemption: str) -> str:
    """Why she does not pay; empty when she does."""
    return broken.read(
        *(exemption, lambda why: str(Exemption(why).label) if why else "", str),
        of="fees_charge.exemption",
        row=charge_id,
    )


def transfer_word(row: Any) -> tuple[str, str]:
    """What it is, and how far it has come."""
    return (_("Tilbakebetaling til kort") if row.direction == Direction.BACK else _("Betaling på nett")), str(
        Stand(row.stand).label
    )


def account(number: str) -> str:
    """As it is written on paper: 1503.20.80119."""
    return f"{number[:4]}.{number[4:6]}.{number[6:]}"


EXEMPTED = "Fritatt for egenandel"
# What is written in the accounts in bokmål, in the reader's language.
REASONS: dict[str, str | Promise] = {
    "Egenandelstaket er nådd": gettext_lazy("Egenandelstaket er nådd"),
    "Tatt tilbake": gettext_lazy("Tatt tilbake"),
    "Fritaket gjelder ikke": gettext_lazy("Fritaket gjelder ikke"),
    "Byttet ut med en annen takst": gettext_lazy("Byttet ut med en annen takst"),
    EXEMPTED: gettext_lazy("Fritatt for egenandel"),
}
