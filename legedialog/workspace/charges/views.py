"""Betaling: what waits for a yes, what is unpaid, invoices, and one charge. From the bank: bank.py. Sums: sums.py."""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.actor import Actor
from legedialog.access.web.guards import staff_required
from legedialog.core import reading, seen
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.dialogues.office import Head
from legedialog.fees import accounts, bills, charging, exempting, paying, pdf, queries, texts
from legedialog.fees.accounts import Choice
from legedialog.fees.bills import ChargeRow, LineRow
from legedialog.fees.charge_rules import OPEN, Status, Way
from legedialog.fees.rules import CODES, may_end
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.pending.services import Put
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose, undo
from legedialog.workspace.charges.forms import (
    EndYesForm,
    ExemptForm,
    LineForm,
    LineYesForm,
    PayForm,
    ReasonForm,
    RefundForm,
)
from legedialog.workspace.common import practice_of, to_office

ROLES = policy.PAGES["charges"]
TOTAL = re.compile(r"[0-9]{1,9}")
DECIDED = gettext_lazy("Avgjort fra før: %(status)s, %(amount)s. Endre det under Betaling.")


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    """What is proposed, to say yes to: all that are marked at once, or one by one."""
    now, practice_id = timezone.now(), practice_of(request.actor)
    rows = accounts.waiting(request.actor, practice_id, now)
    context = {
        "rows": [shown(row) for row in rows],
        "is_cut": len(rows) == accounts.MOST,
        "checking": [shown(row) for row in accounts.checking(request.actor, practice_id, now)],
        "review": [
            shown(row) | {"could": texts.kroner(ore)}
            for row, ore in accounts.to_review(request.actor, practice_id, now)
        ],
        "place": "waiting",
    }
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
        words = ngettext(
            "%(n)s krav er endret eller avgjort siden du så det.",
            "%(n)s krav er endret eller avgjort siden du så dem.",
            left,
        )
        messages.warning(request, words % {"n": left})
    return htmx.redirect(request, "workspace:charges")


@staff_required(*ROLES)
@require_GET
def unpaid(request: htmx.Request) -> HttpResponse:
    actor, now, practice_id = request.actor, timezone.now(), practice_of(request.actor)
    rows, (to_remind, fee) = accounts.owing(actor, practice_id, now), accounts.to_remind(practice_id, local_day(now))
    context = {
        "rows": [shown(row) for row in rows],
        "back": [shown(row) for row in accounts.paid_over(actor, practice_id, now)],
        "sum": texts.kroner(accounts.owed(practice_id)),
        "is_cut": len(rows) == accounts.MOST,
        "to_invoice": accounts.to_invoice(practice_id, now),
        "to_remind": to_remind,
        "fee": texts.kroner(fee) if fee else "",
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
            put = _put(request, "invoices.run", practice_id, {"practice_id": practice_id}, now)
        except Refused as error:
            refused = to_office(error)
        else:
            response = htmx.redirect(request, "workspace:charges-run")
            undo.told(request, response, "invoices.run", [put.id], "")
            return response
    count, (with_fee, fee) = accounts.to_invoice(practice_id, now), accounts.with_fee(practice_id, now)
    context = {
        "run": accounts.run_of(request.actor, practice_id),
        "waiting": pending_queries.waiting(request.actor, [practice_id]).get(practice_id),
        "to_invoice": count,
        "with_fee": with_fee,
        "without_fee": count - with_fee,
        "fee": texts.kroner(fee) if fee else "",
        "pays_first": accounts.pays_first(practice_id, now),
        "refused": refused,
        "place": "unpaid",
    }
    return htmx.page(request, "workspace/charges/run.html", context, part="run", status=409 if refused else None)


@staff_required(*ROLES)
@require_POST
def remind(request: htmx.Request) -> HttpResponse:
    now, practice_id = timezone.now(), practice_of(request.actor)
    response = htmx.redirect(request, "workspace:charges-unpaid")
    try:
        put = _put(request, "invoices.remind", practice_id, {"practice_id": practice_id}, now)
    except Refused as refused:
        messages.warning(request, to_office(refused))
        return response
    count = put.result or 0
    words = ngettext("%(n)s påminnelse er sendt.", "%(n)s påminnelser er sendt.", count) % {"n": count}
    undo.told(request, response, "invoices.remind", [put.id], words)
    return response


def _put(request: htmx.Request, name: str, object_id: UUID, given: dict[str, Any], now: datetime, **of: UUID) -> Put:
    return pending.put(actor=request.actor, name=name, object_id=object_id, given=given, now=now, **of)


# ---- one charge


@staff_required(*ROLES)
@require_GET
def show(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    return _show(request, charge_id)


def _show(request: htmx.Request, charge_id: UUID, refused: str = "", **given: forms.Form) -> HttpResponse:
    """`given` are forms that came and could not be done as they stand; `yes_form` is of a line that needs a yes."""
    actor, now = request.actor, timezone.now()
    row = accounts.one(actor, charge_id, now)
    known = queries.known(row.practice_id, local_day(row.happened_at))
    codes = accounts.codes(actor, row.practice_id, known)
    capped = accounts.capped(row, known)
    paid, back = ({"ore": _typed(ore)} for ore in (row.owed, max(0, -row.owed)))
    context = {
        "each": shown(row),
        **texts.told(row, to_patient=False),
        "capped": [_capped(line, capped[line.id]) for line in row.lines if line.id in capped],
        "line_form": LineForm(codes=codes),
        "exempt_form": ExemptForm(),
        "waive_form": ReasonForm(prefix="waive"),
        "correct_form": ReasonForm(prefix="correct"),
        "pay_form": PayForm(initial=paid, prefix="pay", pays_online=row.pays_online),
        "refund_form": RefundForm(initial=back, prefix="back", is_online=row.came_online),
        "codes": codes,
        "standing": [(line, texts.kroner(line.left)) for line in row.lines if line.left],
        "is_open": _is_open(row),
        "may_end": may_end(row.exemption),
        "waiting": pending_queries.waiting(actor, [charge_id]).get(charge_id),
        "refused": refused,
        **given,
    }
    status = 409 if refused else 422 if given else None
    return htmx.page(request, "workspace/charges/show.html", context, status=status)


def _is_open(row: ChargeRow) -> bool:
    return row.status in OPEN


def _capped(line: LineRow, rate: int) -> str:
    given = {"code": line.tariff, "rate": texts.kroner(rate), "top": texts.kroner(line.top)}
    if line.in_evening and CODES[line.code].evening:
        return (
            _("%(code)s er kveldstaksten, %(rate)s. Pasienten ble lovet høyst %(top)s, og betaler ikke mer enn det.")
            % given
        )
    return _("Taksten %(code)s er %(rate)s. Pasienten ble lovet høyst %(top)s, og betaler ikke mer enn det.") % given


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
        return _show(request, charge_id, _why_not(refused), **given)
    messages.success(request, words)
    return htmx.redirect(request, "workspace:charge", charge_id)


def _why_not(refused: Refused) -> str:
    owed = refused.facts.get("owed")
    if owed is None:
        return to_office(refused)
    return _("Det er mer enn det som er igjen å betale: %(amount)s.") % {"amount": texts.kroner(owed)}


def _waits(
    request: htmx.Request, charge_id: UUID, name: str, given: dict[str, Any], words: str, **forms: forms.Form
) -> HttpResponse:
    """What the patient is told of, which can be taken back until it goes."""
    now = timezone.now()
    of = accounts.one(request.actor, charge_id, now).patient_id
    try:
        put = _put(request, name, charge_id, given, now, patient_id=of)
    except Refused as refused:
        return _show(request, charge_id, to_office(refused), **forms)
    response = htmx.redirect(request, "workspace:charge", charge_id)
    undo.told(request, response, name, [put.id], words)
    return response


def _mark(request: htmx.Request) -> str:
    return request.POST.get("mark", "")


@staff_required(*ROLES)
@require_POST
def approve(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """Also from the calendar and the inbox, where `next` is the page to go back to."""
    actor, mark = request.actor, _mark(request)
    act = lambda: charging.approve(actor=actor, charge_id=charge_id, mark=mark, now=timezone.now())  # noqa: E731
    response = _done(request, charge_id, act, _("Godkjent."))
    back = purpose.local(request.POST.get("next", ""))
    return htmx.redirect(request, back) if back and response.status_code == HTTPStatus.FOUND else response


@staff_required(*ROLES)
@require_POST
def add_line(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    row = accounts.one(actor, charge_id, now)
    known = queries.known(row.practice_id, local_day(row.happened_at))
    form = LineForm(request.POST, codes=accounts.codes(actor, row.practice_id, known))
    if not form.is_valid():
        return _show(request, charge_id, line_form=form)
    code, mark = form.cleaned_data["code"], _mark(request)
    try:
        charging.add_line(
            actor=actor,
            charge_id=charge_id,
            code=code,
            own_price_id=reading.uuid(code),
            approved=_total(request),
            mark=mark,
            now=now,
        )
    except Refused as refused:
        if "line" not in refused.facts:
            return _show(request, charge_id, _why_not(refused))
        return _show(request, charge_id, to_office(refused), yes_form=_yes_form(request, refused))
    messages.success(request, _("Lagt til."))
    return htmx.redirect(request, "workspace:charge", charge_id)


def _yes_form(request: htmx.Request, refused: Refused) -> LineYesForm:
    line, total = refused.facts["line"], refused.facts["total"]
    return LineYesForm(
        initial={"code": request.POST.get("code", ""), "total": total},
        line=f"{texts.named(line.code, line.what)}: {texts.cost(line.ore)}",
        sum=texts.kroner(total),
    )


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
    return _done(request, charge_id, act, _("Pasienten er fritatt. Var det feil, kan du ta bort fritaket."))


@staff_required(*ROLES)
@require_POST
def end_exemption(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor, mark = request.actor, _mark(request)
    total = _total(request)
    try:
        exempting.end(actor=actor, charge_id=charge_id, approved=total, mark=mark, now=timezone.now())
    except Refused as refused:
        if "total" not in refused.facts:
            return _show(request, charge_id, _why_not(refused))
        facts = refused.facts
        yes = EndYesForm(initial={"total": facts["total"]}, sum=texts.kroner(facts["total"]), waits=facts["waits"])
        return _show(request, charge_id, to_office(refused), end_form=yes)
    messages.success(request, _("Fritaket er tatt bort. Var det feil, kan du frita pasienten igjen."))
    return htmx.redirect(request, "workspace:charge", charge_id)


def _total(request: htmx.Request) -> int | None:
    """The sum that was said yes to."""
    text = request.POST.get("total", "")
    return int(text) if TOTAL.fullmatch(text) else None


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
def ceiling(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """What the year's ceiling took: ask for it after all, or leave it (`do`)."""
    actor, mark, now = request.actor, _mark(request), timezone.now()
    if request.POST.get("do") == "leave":
        act = lambda: charging.leave_free(actor=actor, charge_id=charge_id, mark=mark, now=now)  # noqa: E731
        return _done(request, charge_id, act, _("Det blir ikke krevd."))
    act = lambda: charging.ask_again(actor=actor, charge_id=charge_id, mark=mark, now=now)  # type: ignore[assignment]  # noqa: E731
    return _done(request, charge_id, act, _("Lagt til. Pasienten får beskjed."))


@staff_required(*ROLES)
@require_POST
def dispute(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """The patient says that it is wrong, or that has been found out of (`do`)."""
    actor, mark, is_disputed = request.actor, _mark(request), request.POST.get("do") != "clear"
    act = lambda: charging.dispute(  # noqa: E731
        actor=actor, charge_id=charge_id, is_disputed=is_disputed, mark=mark, now=timezone.now()
    )
    words = _("Kravet står i ro til dere har funnet ut av det.") if is_disputed else _("Kravet går videre som før.")
    return _done(request, charge_id, act, words)


@staff_required(*ROLES)
@require_POST
def pay(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    row = accounts.one(actor, charge_id, now)
    form = PayForm(request.POST, prefix="pay", pays_online=row.pays_online)
    if not form.is_valid():
        return _show(request, charge_id, pay_form=form)
    data = form.cleaned_data
    act = lambda: paying.pay(  # noqa: E731
        actor=actor, charge_id=charge_id, way=data["way"], ore=data["ore"], key=data["key"], now=now
    )
    return _done(request, charge_id, act, _("Betalingen er registrert."))


@staff_required(*ROLES)
@require_POST
def refund(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """To the card that paid online, by the provider; or the office has paid it back itself."""
    actor, now = request.actor, timezone.now()
    form = RefundForm(request.POST, prefix="back", is_online=accounts.one(actor, charge_id, now).came_online)
    if not form.is_valid():
        return _show(request, charge_id, refund_form=form)
    data = form.cleaned_data
    given = {"charge_id": charge_id, "ore": data["ore"], "key": data["key"]}
    if data["way"] == Way.UNDONE:
        act = lambda: paying.undo_payment(actor=actor, now=now, **given)  # noqa: E731
        return _done(request, charge_id, act, _("Betalingen er rettet."), refund_form=form)
    if data["way"] == Way.ONLINE:
        said = _("Tilbakebetalingen er sendt, og blir registrert når den er utført.")
        return _waits(request, charge_id, "charge.refund-online", given, said, refund_form=form)
    return _waits(request, charge_id, "charge.refund", given, _("Tilbakebetalingen er registrert."), refund_form=form)


@staff_required(*ROLES)
@require_POST
def invoice(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    return _waits(request, charge_id, "charge.invoice", {"charge_id": charge_id}, _("Fakturaen er sendt."))


@staff_required(*ROLES)
@require_GET
def document(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """To print for her at the counter."""
    now = timezone.now()
    row = accounts.one(request.actor, charge_id, now)
    return pdf.response(pdf.make(row, now), "betaling.pdf")


@staff_required(*ROLES)
@require_GET
def credit_note(request: htmx.Request, credit_note_id: UUID) -> HttpResponse:
    now = timezone.now()
    row = accounts.one(request.actor, bills.credited(request.actor, credit_note_id), now)
    return pdf.response(pdf.credit_note(row, credit_note_id, now), "kreditnota.pdf")


def beside(actor: Actor, object_id: UUID, page: str) -> dict[str, Any] | None:
    """The charge of an appointment or a dialogue, for workspace/charges/beside.html. `page` is that thing's."""
    row = accounts.of_thing(actor, object_id)
    return shown(row) | {"page": reverse(page, args=[object_id])} if row else None


def of_answer(actor: Actor, head: Head, now: datetime) -> list[tuple[str, str]]:
    """What "Svar og lukk" may approve, the right one first; nothing where nothing is charged. What was decided when it
    was closed before stands, and says so."""
    if not queries.may_cost(head.row.id, by_office=head.row.started_by_office):
        return []
    before = accounts.of_thing(actor, head.row.id)
    if before and before.status != Status.PROPOSED:
        return [("", DECIDED % {"status": texts.STATUSES[before.status][0], "amount": texts.total(before)})]
    found = accounts.answers(
        object_id=head.row.id,
        practice_id=head.practice_id,
        patient_id=head.row.patient_id,
        clinician_id=actor.clinician_id or head.clinician_id,
        now=now,
    )
    choices = [(each.code, _choice(each)) for each in found]
    return [*choices, ("", _("Avgjør senere"))] if choices else []


def _choice(each: Choice) -> str:
    words = f"{each.tariff} {texts.named(each.code, CODES[each.code].what)}: {texts.cost(each.ore)}"
    return _("%(choice)s, som er det meste pasienten ble lovet") % {"choice": words} if each.is_capped else words


def shown(row: ChargeRow) -> dict[str, Any]:
    word, color = texts.office_status(row)
    return {
        "row": row,
        "what": texts.what(row.service, row.kind),
        "codes": ", ".join(line.tariff for line in row.lines if line.left and line.tariff),
        "total": texts.total(row),
        "owed": texts.kroner(row.owed),
        "by_ceiling": texts.kroner(row.by_ceiling) if row.by_ceiling and row.status == Status.APPROVED else "",
        "word": word,
        "color": color,
    }
