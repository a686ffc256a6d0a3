"""What was charged and what was paid: a year in tables and a chart, a month as a file."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from legedialog.access.actor import Actor
from legedialog.access.web.guards import staff_required
from legedialog.core import reading
from legedialog.core.errors import Refusal, Refused
from legedialog.core.times import CLINIC, local_day
from legedialog.fees import accounts, texts
from legedialog.fees.accounts import Moved, Settled, Sums
from legedialog.fees.bills import ChargeRow
from legedialog.fees.rules import CODES, in_tariff
from legedialog.journal import queries as journal
from legedialog.ui import charts, htmx
from legedialog.ui.charts import Number, Series
from legedialog.workspace import policy
from legedialog.workspace.common import cell, practice_of

FIRST_YEAR = 2000
ORE = 100_000  # in a thousand kroner
NO_SUCH_MONTH = Refusal(
    "no-such-month", gettext_lazy("Det er ingen slik måned å lage fil for. Velg en måned som har begynt.")
)
ROLES = policy.PAGES["charges"]


@staff_required(*ROLES)
@require_GET
def totals(request: htmx.Request) -> HttpResponse:
    """By code, doctor and month of a year. Nobody's name but doctors'."""
    today = local_day(timezone.now())
    year = _year(request, today)
    found = accounts.totals(request.actor, practice_of(request.actor), year)
    loose = accounts.on_no_invoice(practice_of(request.actor))
    months = [str(MONTHS[number]) for number in range(1, 13)]
    says = _("%(amount)s er godkjent i %(year)s. Tegningen er i tusen kroner.") % {
        "amount": texts.kroner(found.ore),
        "year": year,
    }
    chart = charts.bars(
        "months",
        _("Godkjent hver måned"),
        says,
        _("Måned"),
        months,
        [Series(_("Beløp"), [each.ore / ORE for each in found.by_month])],
        _whole,
        _exactly,
    )
    context = {
        "year": year,
        "years": range(today.year, today.year - 5, -1),
        "chart": chart,
        "by_code": [(_code(each), each.lines, texts.kroner(each.ore)) for each in found.by_code],
        "by_doctor": [(each.name, each.lines, texts.kroner(each.ore)) for each in found.by_doctor],
        "months": [
            (f"{year}-{number:02}", str(MONTHS[number])) for number in range(1, 13) if date(year, number, 1) <= today
        ],
        "month": f"{year}-{today.month:02}",
        "settles": policy.may(request.actor, "settlement"),
        "loose": texts.kroner(loose) if loose else "",
        "place": "totals",
    }
    return htmx.page(request, "workspace/charges/totals.html", context)


@staff_required(*ROLES)
@require_GET
def file(request: htmx.Request) -> HttpResponse:
    """A month as CSV with semicolons: what was charged, a row for each line, or the money that moved. No names."""
    now, actor, practice_id = timezone.now(), request.actor, practice_of(request.actor)
    if request.GET.get("hva") == "innbetalinger":
        return _csv(
            request, now, "innbetalinger", lambda first: _payments(accounts.payments(actor, practice_id, first))
        )
    return _csv(request, now, "krav", lambda first: _lines(accounts.month(actor, practice_id, first, now)))


@staff_required(*policy.PAGES["settlement"])
@require_GET
def settlement(request: htmx.Request) -> HttpResponse:
    """What a claim on the state needs of a month, with identity numbers."""
    now, actor, practice_id = timezone.now(), request.actor, practice_of(request.actor)

    def rows(first: date) -> Iterator[Sequence[object]]:
        found = accounts.settlement(actor, practice_id, first, now)
        return _settlement(found, _diagnoses(actor, found, first))

    return _csv(request, now, "oppgjor", rows)


def _csv(
    request: htmx.Request, now: datetime, what: str, rows_of: Callable[[date], Iterator[Sequence[object]]]
) -> HttpResponse:
    try:
        first = _month(request.GET.get("maned", ""), local_day(now))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return htmx.redirect(request, "workspace:charges-totals")
    rows = rows_of(first)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{what}-{first:%Y-%m}.csv"'
    response.write("\ufeff")
    csv.writer(response, delimiter=";").writerows(rows)
    return response


def _month(text: str, today: date) -> date:
    """The first day of "2026-11". Raises Refused "no-such-month" for what is none, or has not begun."""
    found = reading.day(f"{text}-01")
    if found is None or found.year < FIRST_YEAR or found > today:
        raise Refused(NO_SUCH_MONTH)
    return found


def _lines(rows: Sequence[ChargeRow]) -> Iterator[Sequence[object]]:
    """What accounts need. The code is the tariff's, the evening's where it was evening."""
    yield (
        *(_("Krav"), _("Når"), _("Lege"), _("HPR-nummer"), _("Fritak"), _("Linje"), _("Takst"), _("Hva"), _("Øre")),
        *(_("Teller mot frikort"), _("Faktura")),
    )
    for row in rows:
        for number, line in enumerate(row.lines, start=1):
            yield (
                *(row.id, _local(row.happened_at), cell(row.clinician_name), row.clinician_hpr),
                *(texts.exempt(row.id, row.exemption), number, line.tariff, cell(line.what), line.ore),
                *(_yes(line.is_counted), row.invoice.number if row.invoice else ""),
            )


def _diagnoses(actor: Actor, rows: Sequence[Settled], first: date) -> dict[UUID, str]:
    """By charge, what the record says of it, as far as who fetches the file may read it: set on the dialogue itself, or
    by the charge's doctor in a note of the day, where she asks that patient for one thing that day."""
    charges = {each.row.id: each.row for each in rows}.values()
    alone = {day for day, count in Counter(map(_day, charges)).items() if count == 1}
    of: dict[object, list[str]] = defaultdict(list)
    for each in journal.coded(actor, {row.patient_id for row in charges}, *accounts.span(first)):
        of[each.thing_id].append(each.code)
        of[each.patient_id, each.clinician_id, local_day(each.at)].append(each.code)
    return {
        row.id: " ".join(dict.fromkeys([*of[row.object_id], *(of[_day(row)] if _day(row) in alone else [])]))
        for row in charges
    }


def _day(row: ChargeRow) -> tuple[UUID, UUID, date]:
    return row.patient_id, row.clinician_id, local_day(row.happened_at)


def _settlement(rows: Sequence[Settled], diagnoses: dict[UUID, str]) -> Iterator[Sequence[object]]:
    """What a claim on the state is made of: who, by whom, when, for what, which codes, what she is asked for and why
    not more. Fees and the office's own prices are no part of it."""
    yield (
        *(_("Krav"), _("Organisasjonsnummer"), _("HPR-nummer"), _("Fødselsnummer"), _("Når"), _("Hva slags")),
        *(_("Takst"), _("Antall"), _("Egenandel i øre"), _("Fritak")),
        _("Diagnoser (ICPC-2)"),
    )
    for each in rows:
        row = each.row
        yield (
            *(row.id, row.organisation_number, row.clinician_hpr, each.national_number, _local(row.happened_at)),
            *(texts.what(row.service, row.kind), each.tariff, each.count, each.ore),
            texts.exempt(row.id, row.exemption),
            diagnoses[row.id],
        )


def _yes(is_so: bool) -> str:
    return _("Ja") if is_so else _("Nei")


def _payments(rows: Sequence[Moved]) -> Iterator[Sequence[object]]:
    yield _("Krav"), _("Når"), _("Hvordan"), _("Øre"), _("Faktura"), _("KID")
    for row in rows:
        charge = row.charge_id or _("Ikke ført på noe krav")
        yield charge, _local(row.at), texts.WAYS[row.way], row.ore, row.invoice or "", cell(row.kid or "")


def _local(at: datetime) -> str:
    return at.astimezone(CLINIC).isoformat(timespec="minutes")


def _exactly(thousands: Number) -> str:
    return "–" if thousands is None else texts.kroner(round(thousands * ORE))


def _whole(number: Number) -> str:
    return "–" if number is None else f"{number:.1f}".replace(".", ",").removesuffix(",0")


def _code(each: Sums) -> str:
    if each.name not in CODES:
        return _("Egne priser")
    return f"{in_tariff(each.name, in_evening=each.in_evening)} {texts.named(each.name, CODES[each.name].what)}".strip()


def _year(request: htmx.Request, today: date) -> int:
    text = request.GET.get("ar", "")
    is_year = len(text) == 4 and text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text) <= today.year
    return int(text) if is_year else today.year
