"""Betaling: what waits for a yes, what is unpaid, invoices, what the bank told of, and the sums."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.actor import Actor
from legedialog.access.web.bodies import takes
from legedialog.access.web.guards import staff_required
from legedialog.core import reading, seen
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.dialogues.office import Head
from legedialog.fees import accounts, billing, charging, online, pdf, texts
from legedialog.fees.accounts import Sums
from legedialog.fees.ocr import LARGEST
from legedialog.fees.queries import ChargeRow
from legedialog.fees.rules import CODES, OPEN, Way, in_tariff
from legedialog.ui import charts, htmx
from legedialog.ui.charts import Number, Series
from legedialog.workspace import policy
from legedialog.workspace.charges.forms import (
    ExemptForm,
    FileForm,
    LineForm,
    PayForm,
    ReasonForm,
    RefundForm,
    SettleForm,
)
from legedialog.workspace.common import practice_of, to_office

ROLES = policy.PAGES["charges"]
FILE = LARGEST + 64 * 1024  # bytes


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    """What is proposed, to say yes to: all that are marked at once, or one by one."""
    now, practice_id = timezone.now(), practice_of(request.actor)
    rows = accounts.waiting(request.actor, practice_id, now)
    context = {"rows": [shown(row) for row in rows], "place": "waiting"}
    return htmx.page(request, "workspace/charges/index.html", context)


@staff_required(*ROLES)
@require_POST
def approve_many(request: htmx.Request) -> HttpResponse:
    """Those that were marked, as they were shown; one that has changed is left and said."""
    done, left = 0, 0
    for charge_id, mark in seen.read(request.POST.getlist("charge")).items():
        try:
            charging.approve(actor=request.actor, charge_id=charge_id, mark=mark, now=timezone.now())
        except Refused:
            left += 1
        else:
            done += 1
    if done:
        messages.success(request, ngettext("%(n)s krav er godkjent.", "%(n)s krav er godkjent.", done) % {"n": done})
    if left:
        words = ngettext("%(n)s krav er ikke godkjent. Se over.", "%(n)s krav er ikke godkjent. Se over.", left)
        messages.warning(request, words % {"n": left})
    return htmx.redirect(request, "workspace:charges")


@staff_required(*ROLES)
@require_GET
def unpaid(request: htmx.Request) -> HttpResponse:
    actor, now, practice_id = request.actor, timezone.now(), practice_of(request.actor)
    rows, back = accounts.unsettled(actor, practice_id, now)
    context = {
        "rows": [shown(row) for row in rows],
        "back": [shown(row) for row in back],
        "sum": texts.kroner(sum(row.owed for row in rows)),
        "to_invoice": accounts.to_invoice(practice_id),
        "to_remind": accounts.to_remind(practice_id, local_day(now)),
        "place": "unpaid",
    }
    return htmx.page(request, "workspace/charges/unpaid.html", context)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def run(request: htmx.Request) -> HttpResponse:
    """Start sending invoices, and see how far it has come."""
    now, practice_id, refused = timezone.now(), practice_of(request.actor), ""
    if request.method == "POST":
        try:
            billing.start_run(actor=request.actor, practice_id=practice_id, now=now)
        except Refused as error:
            refused = to_office(error)
        else:
            return htmx.redirect(request, "workspace:charges-run")
    context = {
        "run": accounts.run_of(request.actor, practice_id),
        "to_invoice": accounts.to_invoice(practice_id),
        "refused": refused,
        "place": "unpaid",
    }
    return htmx.page(request, "workspace/charges/run.html", context, part="run", status=409 if refused else None)


@staff_required(*ROLES)
@require_POST
def remind(request: htmx.Request) -> HttpResponse:
    count = billing.remind(actor=request.actor, practice_id=practice_of(request.actor), now=timezone.now())
    words = ngettext("%(n)s påminnelse er sendt.", "%(n)s påminnelser er sendt.", count)
    messages.success(request, words % {"n": count})
    return htmx.redirect(request, "workspace:charges-unpaid")


@takes(FILE)
@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def bank(request: htmx.Request) -> HttpResponse:
    """Read a payment file, and see what did not fit."""
    actor, practice_id = request.actor, practice_of(request.actor)
    form = FileForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if form.is_valid():
        text = form.cleaned_data["file"].read(LARGEST + 1).decode("latin-1")
        try:
            rows = billing.take_in(actor=actor, practice_id=practice_id, text=text, now=timezone.now())
        except Refused as refused:
            form.add_error("file", to_office(refused))
        else:
            words = ngettext("%(n)s ny betaling er lest inn.", "%(n)s nye betalinger er lest inn.", len(rows))
            messages.success(request, words % {"n": len(rows)})
            return htmx.redirect(request, "workspace:charges-bank")
    found = accounts.to_look_at(actor, practice_id)
    context = {
        "form": form,
        "rows": [(row, row.get_finding_display(), texts.kroner(row.ore), sent) for row, sent in found],
        "place": "bank",
    }
    return htmx.page(request, "workspace/charges/bank.html", context, form=form)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def settle(request: htmx.Request, received_id: UUID) -> HttpResponse:
    """One payment that did not fit: put it on an invoice, or mark it as seen."""
    row = accounts.received(request.actor, received_id)
    form = SettleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        number = form.cleaned_data["number"]
        try:
            billing.settle(actor=request.actor, received_id=received_id, invoice_number=number, now=timezone.now())
        except Refused as refused:
            form.add_error("number", to_office(refused))
        else:
            messages.success(request, _("Lagret."))
            return htmx.redirect(request, "workspace:charges-bank")
    context = {"form": form, "row": row, "finding": row.get_finding_display(), "ore": texts.kroner(row.ore)}
    return htmx.page(request, "workspace/charges/settle.html", context, part="form", form=form)


# ---- one charge


@staff_required(*ROLES)
@require_GET
def show(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    return _show(request, charge_id)


def _show(request: htmx.Request, charge_id: UUID, refused: str = "", **given: forms.Form) -> HttpResponse:
    """`given` are forms that came and could not be done as they stand."""
    actor, now = request.actor, timezone.now()
    row = accounts.one(actor, charge_id, now)
    codes = accounts.codes(actor, row.practice_id, local_day(row.happened_at))
    paid, back = ({"ore": _typed(ore)} for ore in (row.owed, max(0, -row.owed)))
    context = {
        "each": shown(row),
        **texts.told(row),
        "line_form": LineForm(codes=codes),
        "exempt_form": ExemptForm(),
        "waive_form": ReasonForm(prefix="waive"),
        "correct_form": ReasonForm(prefix="correct"),
        "pay_form": PayForm(initial=paid),
        "refund_form": RefundForm(initial=back, is_online=row.came_online),
        "codes": codes,
        "is_open": _is_open(row),
        "refused": refused,
        **given,
    }
    status = 409 if refused else 422 if given else None
    return htmx.page(request, "workspace/charges/show.html", context, status=status)


def _is_open(row: ChargeRow) -> bool:
    return row.status in OPEN


def _typed(ore: int) -> str:
    """As somebody would write it; nothing for nothing."""
    return texts.kroner(ore).removesuffix("\u00a0kr").replace("\u00a0", "") if ore > 0 else ""


def _done(
    request: htmx.Request, charge_id: UUID, act: Callable[[], object], words: str, **given: forms.Form
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        if given and not _is_open(accounts.one(request.actor, charge_id, timezone.now())):
            raise  # there is no form to stand in
        return _show(request, charge_id, to_office(refused), **given)
    messages.success(request, words)
    return htmx.redirect(request, "workspace:charge", charge_id)


def _mark(request: htmx.Request) -> str:
    return request.POST.get("mark", "")


@staff_required(*ROLES)
@require_POST
def approve(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """Also from the calendar and the inbox, where `next` is the page to go back to."""
    actor, mark = request.actor, _mark(request)
    act = lambda: charging.approve(actor=actor, charge_id=charge_id, mark=mark, now=timezone.now())  # noqa: E731
    return _done(request, charge_id, act, _("Godkjent."))


@staff_required(*ROLES)
@require_POST
def add_line(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    row = accounts.one(actor, charge_id, now)
    form = LineForm(request.POST, codes=accounts.codes(actor, row.practice_id, local_day(row.happened_at)))
    if not form.is_valid():
        return _show(request, charge_id, line_form=form)
    code = form.cleaned_data["code"]
    own = reading.uuid(code)
    mark = _mark(request)
    act = lambda: charging.add_line(  # noqa: E731
        actor=actor, charge_id=charge_id, code=code, own_price_id=own, mark=mark, now=now
    )
    return _done(request, charge_id, act, _("Lagt til."))


@staff_required(*ROLES)
@require_POST
def correct(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor, form = request.actor, ReasonForm(request.POST, prefix="correct")
    line_id = reading.uuid(request.POST.get("line"))
    if not form.is_valid() or line_id is None:
        return _show(request, charge_id, correct_form=form)
    reason, mark = form.cleaned_data["reason"], _mark(request)
    act = lambda: charging.correct(  # noqa: E731
        actor=actor, charge_id=charge_id, line_id=line_id, reason=reason, mark=mark, now=timezone.now()
    )
    return _done(request, charge_id, act, _("Rettet."), correct_form=form)


@staff_required(*ROLES)
@require_POST
def exempt(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor, form = request.actor, ExemptForm(request.POST)
    if not form.is_valid():
        return _show(request, charge_id, exempt_form=form)
    why, mark = form.cleaned_data["exemption"], _mark(request)
    act = lambda: charging.exempt(  # noqa: E731
        actor=actor, charge_id=charge_id, exemption=why, mark=mark, now=timezone.now()
    )
    return _done(request, charge_id, act, _("Pasienten er fritatt."))


@staff_required(*ROLES)
@require_POST
def waive(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor, form = request.actor, ReasonForm(request.POST, prefix="waive")
    if not form.is_valid():
        return _show(request, charge_id, waive_form=form)
    reason, mark = form.cleaned_data["reason"], _mark(request)
    act = lambda: charging.waive(  # noqa: E731
        actor=actor, charge_id=charge_id, reason=reason, mark=mark, now=timezone.now()
    )
    return _done(request, charge_id, act, _("Kravet er frafalt."), waive_form=form)


@staff_required(*ROLES)
@require_POST
def pay(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor, form = request.actor, PayForm(request.POST)
    if not form.is_valid():
        return _show(request, charge_id, pay_form=form)
    data = form.cleaned_data
    act = lambda: charging.pay(  # noqa: E731
        actor=actor, charge_id=charge_id, way=data["way"], ore=data["ore"], key=data["key"], now=timezone.now()
    )
    return _done(request, charge_id, act, _("Betalingen er registrert."))


@staff_required(*ROLES)
@require_POST
def refund(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """To the card that paid online, by the provider; or the office has paid it back itself."""
    actor, now = request.actor, timezone.now()
    form = RefundForm(request.POST, is_online=accounts.one(actor, charge_id, now).came_online)
    if not form.is_valid():
        return _show(request, charge_id, refund_form=form)
    data = form.cleaned_data
    asked = {"actor": actor, "charge_id": charge_id, "ore": data["ore"], "key": data["key"], "now": now}
    if data.get("way") == Way.ONLINE:
        said = _("Tilbakebetalingen er sendt, og blir registrert når den er utført.")
        return _done(request, charge_id, lambda: online.refund(**asked), said)
    return _done(request, charge_id, lambda: charging.refund(**asked), _("Tilbakebetalingen er registrert."))


@staff_required(*ROLES)
@require_POST
def invoice(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor = request.actor
    act = lambda: billing.invoice(actor=actor, charge_id=charge_id, now=timezone.now())  # noqa: E731
    return _done(request, charge_id, act, _("Fakturaen er sendt."))


@staff_required(*ROLES)
@require_GET
def document(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """To print for her at the counter."""
    now = timezone.now()
    row = accounts.one(request.actor, charge_id, now)
    headers = {"Content-Disposition": 'attachment; filename="betaling.pdf"'}
    return HttpResponse(pdf.make(row, now), content_type="application/pdf", headers=headers)


# ---- sums


@staff_required(*ROLES)
@require_GET
def totals(request: htmx.Request) -> HttpResponse:
    """By code, doctor and month of a year. Nobody's name but doctors'."""
    today = local_day(timezone.now())
    year = _year(request, today)
    found = accounts.totals(request.actor, practice_of(request.actor), year)
    months = [str(MONTHS[number]) for number in range(1, 13)]
    says = _("%(amount)s er godkjent i %(year)s.") % {"amount": texts.kroner(found.ore), "year": year}
    chart = charts.bars(
        "months",
        _("Godkjent hver måned, i tusen kroner"),
        says,
        _("Måned"),
        months,
        [Series(_("Tusen kroner"), [each.ore / 100_000 for each in found.by_month])],
        _whole,
    )
    context = {
        "year": year,
        "years": range(today.year, today.year - 5, -1),
        "chart": chart,
        "by_code": [(_code(each), each.lines, texts.kroner(each.ore)) for each in found.by_code],
        "by_doctor": [(each.name, each.lines, texts.kroner(each.ore)) for each in found.by_doctor],
        "month": today.replace(day=1),
        "place": "totals",
    }
    return htmx.page(request, "workspace/charges/totals.html", context)


@staff_required(*ROLES)
@require_GET
def file(request: htmx.Request) -> HttpResponse:
    """A month as CSV with semicolons, a line for each line: what accounts and a settlement need, and no names."""
    now = timezone.now()
    first = (reading.day(request.GET.get("maned")) or local_day(now)).replace(day=1)
    rows = accounts.month(request.actor, practice_of(request.actor), first, now)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="betaling-{first:%Y-%m}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";")
    head = (_("Krav"), _("Når"), _("Lege"), _("Status"), _("Fritak"), _("Linje"), _("Takst"), _("Hva"), _("Øre"))
    writer.writerow([*head, _("Faktura")])
    for row in rows:
        for number, line in enumerate(row.lines, start=1):
            cells = (row.id, row.happened_at.isoformat(), _safe(row.clinician_name), row.status, row.exemption, number)
            writer.writerow([*cells, line.code, _safe(line.what), line.ore, row.invoice.number if row.invoice else ""])
    return response


def _safe(words: str) -> str:
    """A name that begins like a formula is text in a spreadsheet too."""
    return f"'{words}" if words[:1] in "=+-@\t" else words


def _whole(number: Number) -> str:
    return "–" if number is None else f"{number:.1f}".replace(".", ",").removesuffix(",0")


def _code(each: Sums) -> str:
    if each.name not in CODES:
        return _("Egne priser")
    return f"{in_tariff(each.name)} {CODES[each.name].what}".strip()


def _year(request: htmx.Request, today: date) -> int:
    text = request.GET.get("ar", "")
    return int(text) if text.isascii() and text.isdecimal() and 2000 <= int(text[:4]) <= today.year else today.year


def beside(actor: Actor, object_id: UUID) -> dict[str, Any] | None:
    """The charge of an appointment or a dialogue, for workspace/charges/beside.html."""
    row = accounts.of_thing(actor, object_id)
    return shown(row) if row else None


def of_answer(actor: Actor, head: Head, now: datetime) -> list[tuple[str, str]]:
    """What "Svar og lukk" may approve, the right one first; nothing where the office charges nothing."""
    found = accounts.answers(
        object_id=head.row.id,
        practice_id=head.practice_id,
        patient_id=head.row.patient_id,
        clinician_id=actor.clinician_id or head.clinician_id,
        now=now,
    )
    choices = [(each.code, f"{each.tariff} {CODES[each.code].what}: {texts.kroner(each.ore)}") for each in found]
    return [*choices, ("", _("Avgjør senere"))] if choices else []


def shown(row: ChargeRow) -> dict[str, Any]:
    word, color = texts.STATUSES[row.status]
    paid_word, paid_color = texts.payment_status(row)
    return {
        "row": row,
        "what": texts.what(row.service, row.kind),
        "codes": ", ".join(line.tariff for line in row.lines if line.left and line.tariff),
        "total": texts.kroner(row.total),
        "owed": texts.kroner(row.owed),
        "word": paid_word if row.status == "approved" else word,
        "color": paid_color if row.status == "approved" else color,
    }
