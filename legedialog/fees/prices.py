"""What an office's manager may confirm and decide: tables of rates, its terms, and its own prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max, Min

from legedialog.access.actor import Actor
from legedialog.core import fence, seen
from legedialog.core.sql import Statement, ask
from legedialog.core.times import local_day
from legedialog.fees import policy, rules
from legedialog.fees.models import Confirmation, OwnPrice, Rate, RateTable, Terms
from legedialog.fees.rules import CODES


@dataclass(frozen=True, slots=True)
class TableRow:
    id: UUID
    name: str
    is_invented: bool
    from_date: date
    to_date: date
    confirmed_at: datetime | None
    confirmed_by: str


def tables(actor: Actor, practice_id: UUID) -> list[TableRow]:
    """All that are loaded, the newest first, and whether the office has confirmed them."""
    confirmed = {
        table_id: (at, name)
        for table_id, at, name in Confirmation.objects.filter(practice=practice_id).values_list(
            "table_id", "at", "by_employee__name"
        )
    }
    rows = RateTable.objects.annotate(first=Min("rates__from_date"), last=Max("rates__to_date"))
    return [
        TableRow(row.pk, row.name, row.is_invented, row.first, row.last, *confirmed.get(row.pk, (None, "")))
        for row in rows.order_by("-last", "-loaded_at")
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """A rate of a table, and what the office's pages tell of the same code today, or told last."""

    rate: rules.Rate
    before: rules.Rate | None

    @property
    def tariff(self) -> str:
        return rules.in_tariff(self.rate.code)

    @property
    def is_changed(self) -> bool:
        new, old = self.rate, self.before
        return old is None or (new.day, new.evening, new.specialist_day, new.specialist_evening) != (
            *(old.day, old.evening, old.specialist_day, old.specialist_evening),
        )


@dataclass(frozen=True, slots=True)
class Table:
    id: UUID
    name: str
    is_invented: bool
    rows: Sequence[Compared]
    unknown: Sequence[str]  # codes that it does not tell of
    mark: str


def table(practice_id: UUID, name: str) -> Table:
    """To look at before it counts."""
    found = policy.find_table(name)
    rates = [_rate(row) for row in found.rates.order_by("from_date", "code")]
    others = Rate.objects.filter(table__confirmations__practice=practice_id).exclude(table=found)
    last: dict[str, rules.Rate] = {row.code: _rate(row) for row in others.order_by("from_date")}
    order = list(CODES)
    rows = [
        Compared(rate, last.get(rate.code))
        for rate in sorted(rates, key=lambda rate: (order.index(rate.code), rate.from_date))
    ]
    told = {rate.code for rate in rates}
    unknown = [code for code in CODES if code not in told]
    return Table(found.pk, found.name, found.is_invented, rows, unknown, seen_of_table(found))


@fence.system("whoever loads a table is told how many offices tell it")
def confirmations(table_id: UUID) -> int:
    """How many offices have confirmed a table."""
    return Confirmation.objects.filter(table=table_id).count()


def seen_of_table(found: RateTable) -> str:
    return seen.mark(found.digest)


def _rate(row: Rate) -> rules.Rate:
    return rules.Rate(
        *(row.code, row.day, row.evening, row.specialist_day, row.specialist_evening),
        *(row.from_date, row.to_date, row.source),
    )


def terms(practice_id: UUID) -> Terms:
    return Terms.objects.filter(pk=practice_id).first() or Terms(practice_id=practice_id)


def seen_of_terms(row: Terms) -> tuple[object, ...]:
    return (
        *(row.promises_day_rate, row.charges_missed, row.charges_invoice),
        *(row.account_number, row.due_days, row.kid_modulus, row.charges_reminder),
        row.charges_dispatch,
    )


def own_prices(actor: Actor) -> list[OwnPrice]:
    return list(policy.own_prices_visible_to(actor).order_by("name"))


LOOKS_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Lasts:
    is_told: bool


LASTS = Statement(
    "whether a rate is told then",
    """SELECT EXISTS (SELECT FROM fees_confirmation confirmed JOIN fees_rate rate ON rate.table_id = confirmed.table_id
                      WHERE confirmed.practice_id = %(practice)s AND rate.code = %(code)s
                        AND %(day)s::date BETWEEN rate.from_date AND rate.to_date) AS is_told""",
    Lasts,
)


def is_running_out(practice_id: UUID, now: datetime) -> bool:
    """No confirmed table tells what a consultation costs in two months: the manager is told in good time."""
    (found,) = ask(LASTS, practice=practice_id, code=rules.CONSULTATION, day=local_day(now + LOOKS_AHEAD))
    return not found.is_told
