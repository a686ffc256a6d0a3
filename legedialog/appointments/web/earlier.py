"""The citizen's pages: waiting for an earlier time, and what is offered."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.appointments import items, picker, policy, prices, queries, services, waitlist
from legedialog.appointments.texts import ANSWERS, WAIT_STATUSES
from legedialog.appointments.wait_rules import MOST_SILENT
from legedialog.appointments.web.citizen import PAGES, person_of, shown
from legedialog.appointments.web.forms import EarlierForm
from legedialog.consent.web import services_required
from legedialog.core.errors import Refused
from legedialog.ui import htmx
from legedialog.ui.dates import long_datetime

FREE_SHOWN = 6


@services_required
@require_http_methods(["GET", "POST"])
def ask(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """When an earlier time suits: to begin waiting, and to change it."""
    now, person_id = timezone.now(), person_of(request)
    row = queries.one(request.actor, appointment_id, now)
    office = picker.office_of(request.actor, person_id, now, to_book=True)
    is_own = office is not None and office.practice.id == row.practice_id
    chosen = picker.choose({"doctor": ""}, office, row) if office and is_own else None
    beside = waitlist.beside(request.actor, person_id, appointment_id, row.practice_id, now)
    is_same = chosen is not None and (chosen.visit_type.pk, chosen.channel) == (row.visit_type_id, row.channel)
    may_wait = row.can_move and is_same
    form = EarlierForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(beside),
        has_colleagues=chosen is not None and len(chosen.clinician_ids) > 1,
    )
    refused = ""
    if may_wait and form.is_valid():
        try:
            services.ask_for_earlier(
                actor=request.actor,
                appointment_id=appointment_id,
                coarse_times=form.cleaned_data["coarse_times"],
                with_anybody=form.cleaned_data.get("with_anybody", False),
                notice_minutes=form.cleaned_data["notice_minutes"],
                now=now,
            )
        except Refused as refusal:
            refused = str(refusal.message)
        else:
            messages.success(request, _("Du står på venteliste. Du får beskjed når en time som passer, blir ledig."))
            return htmx.redirect(request, "appointments:show", appointment_id)
    context: dict[str, Any] = {
        "row": row,
        "item": items.own(row),
        "form": form,
        "refused": refused,
        "waiting": beside.waiting,
        "waits": beside.waits,
        "offer_price": prices.kept_and_offered(row, person_id, beside.waiting, now)[1],
        "is_open": beside.is_open,
        "may_wait": may_wait,
        "most_silent": MOST_SILENT,
        "answer_time": ANSWERS.get(beside.answer_minutes, beside.answer_minutes),
        "free_now": picker.earlier(chosen, person_id=person_id, now=now)[:FREE_SHOWN] if chosen and may_wait else [],
    }
    if beside.waiting:
        context["word"], context["color"] = WAIT_STATUSES[beside.waiting.status]
    status = 409 if refused or (request.method == "POST" and not may_wait) else None
    return htmx.page(request, f"{PAGES}/earlier.html", context, part="form", form=form, status=status)


def _initial(beside: waitlist.Beside) -> dict[str, Any]:
    if beside.waiting is None:
        return {}
    return {
        "coarse_times": beside.waiting.coarse_times,
        "with_anybody": "yes" if beside.waiting.with_anybody else "no",
        "notice_minutes": beside.waiting.notice_minutes,
    }


@services_required
@require_POST
def stop(request: htmx.Request, wait_id: UUID) -> HttpResponse:
    wait = services.stop_waiting(actor=request.actor, wait_id=wait_id, now=timezone.now())
    messages.success(request, _("Du står ikke på venteliste lenger. Timen din står som før."))
    return htmx.redirect(request, "appointments:show", wait.appointment_id)


@services_required
@require_POST
def accept(request: htmx.Request, offer_id: UUID) -> HttpResponse:
    try:
        moved = services.accept_offer(actor=request.actor, offer_id=offer_id, now=timezone.now())
    except Refused as refused:
        return _refused(request, offer_id, refused)
    messages.success(request, _("Timen er flyttet til %(when)s.") % {"when": long_datetime(moved.starts_at)})
    return htmx.redirect(request, "appointments:show", moved.pk)


@services_required
@require_POST
def refuse(request: htmx.Request, offer_id: UUID) -> HttpResponse:
    try:
        offer = services.refuse_offer(actor=request.actor, offer_id=offer_id, now=timezone.now())
    except Refused as refused:
        return _refused(request, offer_id, refused)
    messages.success(request, _("Du har takket nei, og står fortsatt på venteliste. Timen din står som før."))
    return htmx.redirect(request, "appointments:show", offer.wait.appointment_id)


def _refused(request: htmx.Request, offer_id: UUID, refused: Refused) -> HttpResponse:
    offer = policy.find_offer(request.actor, offer_id)
    return shown(request, offer.wait.appointment_id, refused=str(refused.message))
