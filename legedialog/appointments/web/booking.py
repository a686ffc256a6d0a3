"""The citizen's pages: Bestill time, and Flytt time, which chooses in the same way."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.appointments import (
    items,
    picker,
    prices,
    queries,
    recalls,
    rules,
    services,
)
from legedialog.appointments.picker import Chosen, Notice, time_value
from legedialog.appointments.queries import AppointmentRow
from legedialog.appointments.texts import CHANNELS
from legedialog.appointments.web import buttons, draft
from legedialog.appointments.web.citizen import PAGES, person_of
from legedialog.appointments.web.forms import (
    ChoiceForm,
    DayForm,
    MoveForm,
    ReasonForm,
    TimeForm,
)
from legedialog.consent.web import services_required
from legedialog.core import contexts, reading
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.fees import queries as fees
from legedialog.fees import texts as fees_texts
from legedialog.fees.rules import PRICE_CHANGED, Case, Price, is_evening
from legedialog.practices import queries as practices
from legedialog.ui import htmx
from legedialog.ui.dates import long_datetime


@services_required
@require_http_methods(["GET", "POST"])
def book(request: htmx.Request) -> HttpResponse:
    """What, how and when. A POST with a time holds it; one without comes from the last step, to choose another time."""
    now, person_id = timezone.now(), person_of(request)
    office = picker.office_of(request.actor, person_id, now, to_book=True)
    moving = _moving(request, now)
    if moving and not (moving.can_move and office and office.practice.id == moving.practice_id):
        return htmx.page(request, f"{PAGES}/not_moved.html", {"row": moving, "item": items.own(moving)}, status=409)
    asked = _asked(request, person_id, now)
    chosen = picker.choose(request.GET, office, moving, asked) if office and office.bookable else None
    if chosen is None:
        status = 409 if request.method == "POST" else None
        return htmx.page(request, f"{PAGES}/not_offered.html", {"office": office}, status=status)
    if request.method == "GET":
        return _times(request, chosen, now)
    if "time" not in request.POST:
        response = htmx.redirect(request, f"{reverse('appointments:book')}?{request.GET.urlencode()}#times")
        draft.keep(request, response, request.POST.get("reason", "")[: rules.REASON_LENGTH])
        return response

    form = TimeForm(request.POST)
    if not form.is_valid():
        return _times(request, chosen, now, notice=Notice(str(form.errors["time"][0])))
    calendar_id, starts_at = form.cleaned_data["time"]
    if moving and calendar_id is None:
        return _times(request, chosen, now, notice=Notice(_("Velg en av de ledige timene.")))
    wanted: dict[str, Any] = {
        "actor": request.actor,
        "visit_type_id": chosen.visit_type.pk,
        "channel": chosen.channel,
        "starts_at": starts_at,
        "now": now,
    }
    try:
        if moving:
            services.hold_to_move(appointment_id=moving.id, calendar_id=calendar_id, **wanted)
        elif calendar_id is None:
            services.hold_any(patient_id=person_id, **wanted)
        else:
            services.hold(patient_id=person_id, calendar_id=calendar_id, **wanted)
    except Refused as refused:
        return _times(request, chosen.on(local_day(starts_at)), now, notice=Notice(refused.message))
    if moving:
        query = urlencode({"time": request.POST["time"]})
        return htmx.redirect(request, f"{reverse('appointments:move', args=[moving.id])}?{chosen.query()}&{query}")
    return htmx.redirect(request, f"{reverse('appointments:review')}?{request.GET.urlencode()}")


@services_required
@require_http_methods(["GET", "POST"])
def move(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """Flytt time: from and to, what it is about, and yes. Without a time the picker is shown."""
    now, person_id = timezone.now(), person_of(request)
    row = queries.one(request.actor, appointment_id, now)
    picked = TimeForm(request.GET)
    office = picker.office_of(request.actor, person_id, now, to_book=True)
    chosen = picker.choose(request.GET, office, row) if office and office.bookable else None
    if chosen is None or not picked.is_valid() or not row.can_move:
        if request.method == "POST":  # it changed while the page stood open
            raise Refused(rules.NOT_BOOKABLE if row.can_move else rules.CANNOT_CHANGE)
        return htmx.redirect(request, f"{reverse('appointments:book')}?{urlencode({'move': appointment_id})}")
    calendar_id, starts_at = picked.cleaned_data["time"]
    if calendar_id is None:
        raise NotFound
    asks_why = row.reason is not None
    form = MoveForm(
        request.POST if request.method == "POST" else None, initial={"reason": draft.read(request) or row.reason}
    )
    if not asks_why:
        del form.fields["reason"]
    if form.is_valid():
        try:
            moved = services.move(
                actor=request.actor,
                appointment_id=appointment_id,
                calendar_id=calendar_id,
                visit_type_id=chosen.visit_type.pk,
                channel=chosen.channel,
                starts_at=starts_at,
                reason=form.cleaned_data.get("reason"),
                mark=request.POST.get("mark", ""),
                now=now,
            )
        except Refused as refused:
            return _times(request, chosen.on(local_day(starts_at)), now, notice=Notice(refused.message))
        messages.success(request, _("Timen er flyttet til %(when)s.") % {"when": long_datetime(moved.starts_at)})
        response = htmx.redirect(request, "appointments:show", appointment_id)
        draft.forget(response)
        return response
    cancel_by = rules.free_until(starts_at, chosen.visit_type.cutoff_hours, row.booked_at)
    context = {
        "row": row,
        "form": form,
        "chosen": chosen,
        "starts_at": starts_at,
        "doctor": next((each.name for each in chosen.office.bookable if each.clinician_id in chosen.clinician_ids), ""),
        "channel": CHANNELS[chosen.channel].name,
        "cancel_by": cancel_by,
        "is_last": cancel_by < now,
        "price": prices.if_moved(
            row,
            person_id=person_id,
            calendar_id=calendar_id,
            visit_type=chosen.visit_type,
            channel=chosen.channel,
            starts_at=starts_at,
            now=now,
        ),
        "held": chosen.office.held,
        "parts": contexts.parts("appointments:move", request.actor, person_id, now),
    }
    return htmx.page(request, f"{PAGES}/move.html", context, form=form)


def _moving(request: htmx.Request, now: datetime) -> AppointmentRow | None:
    """The appointment that the address says is to get another time. Raises NotFound for another's."""
    appointment_id = reading.uuid(request.GET.get("move"))
    return queries.one(request.actor, appointment_id, now) if appointment_id else None


def _asked(request: htmx.Request, person_id: UUID, now: datetime) -> recalls.Asks | None:
    """What the address says that the office asks her to book, while it does."""
    recall_id = reading.uuid(request.GET.get("innkalling"))
    return recalls.one(request.actor, person_id, recall_id, now) if recall_id else None


@services_required
@require_http_methods(["GET", "POST"])
def review(request: htmx.Request) -> HttpResponse:
    """The last step: see over, say why, book."""
    now = timezone.now()
    if request.method == "GET":
        return _review(request, None, now)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _review(request, form, now)
    try:
        appointment = services.book(
            actor=request.actor,
            hold_id=form.cleaned_data["hold"],
            reason=form.cleaned_data["reason"],
            price=request.POST.get("price"),
            now=now,
        )
    except Refused as refused:
        if refused.code == PRICE_CHANGED.code:  # the time is still hers
            form.add_error(None, str(refused.message))
            return _review(request, form, now, status=409)
        return _lost(request, now, refused)
    response = htmx.redirect(request, "appointments:receipt", appointment.pk)
    draft.forget(response)
    return response


@services_required
@require_POST
def release(request: htmx.Request) -> HttpResponse:
    """The time that the page showed."""
    if hold_id := reading.uuid(request.POST.get("hold", "")):
        services.release(actor=request.actor, hold_id=hold_id)
    messages.info(request, _("Du bestilte ikke. Timen er ledig for andre igjen."))
    response = htmx.redirect(request, "appointments:index")
    draft.forget(response)
    return response


@services_required
@require_GET
def receipt(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    now = timezone.now()
    row = queries.one(request.actor, appointment_id, now)
    context = {"row": row, "item": items.own(row), "price": prices.kept(row)}
    return htmx.page(request, f"{PAGES}/receipt.html", context)


def _times(request: htmx.Request, chosen: Chosen, now: datetime, notice: Notice | None = None) -> HttpResponse:
    """The picker; with a notice it answers 409."""
    person_id = person_of(request)
    hold = chosen.office.held
    changed = bool(request.htmx) and request.htmx.trigger == "choice" and "show" not in request.GET
    shown = picker.week(chosen, person_id=person_id, now=now)
    held = picker.same_time(shown, time_value(hold.calendar_id, hold.starts_at)) if hold else None
    held_value = getattr(held, "value", "")
    is_month = request.GET.get("view") == "month" and not notice
    context = {
        "chosen": chosen,
        "form": ChoiceForm(chosen),
        "week": shown,
        "month": picker.month(chosen, person_id=person_id, now=now) if is_month else None,
        "halves": picker.halves(chosen),
        "first": picker.first(shown, chosen),
        "any_query": chosen.on(None).query(),
        "price": fees_texts.shown(_price_before(chosen, shown, person_id, now)),
        "day_form": DayForm(initial={"day": chosen.day}),
        "held": hold,
        "rows": [(row, buttons.drawn(row, held_value)) for row in shown.rows],
        "has_draft": bool(request.POST.get("reason") or draft.read(request)),
        "notice": notice,
        "take_focus": not changed,  # who walks through the choices with the arrow keys stays there
    }
    status = 409 if notice else 200
    response = htmx.page(request, f"{PAGES}/book.html", context, part="picker", status=status, is_kept=True)
    if notice and "reason" in request.POST:
        draft.keep(request, response, request.POST["reason"][: rules.REASON_LENGTH])
    return response


def _price_before(chosen: Chosen, shown: picker.Week, person_id: UUID, now: datetime) -> Price:
    """Before a time is chosen: the range over the times to choose among and who is free then."""
    doctors = {each.clinician_id: each.is_specialist for each in chosen.doctors}
    return fees.price(
        patient_id=person_id,
        practice_id=chosen.office.practice.id,
        service=chosen.channel,
        clinician_id=chosen.doctor.clinician_id if chosen.doctor else None,
        stated=chosen.visit_type.stated,
        among={
            Case(is_evening(time.starts_at), doctors[clinician_id])
            for row in shown.rows
            for time in row.times
            for clinician_id in time.clinician_ids
        },
        now=now,
    )


def _review(request: htmx.Request, form: ReasonForm | None, now: datetime, status: int | None = None) -> HttpResponse:
    hold = queries.my_hold(request.actor, now)
    practice = practices.practice(hold.practice_id) if hold else None
    if hold is None or practice is None:
        if form:
            return _lost(request, now, Refused(rules.HOLD_ENDED))
        messages.info(request, _("Ingen time er holdt av til deg nå. Velg en ledig time."))
        return htmx.redirect(request, f"{reverse('appointments:book')}?{request.GET.urlencode()}")
    initial = {
        "hold": hold.id,
        "held_time": time_value(hold.calendar_id, hold.starts_at),
        "reason": draft.read(request),
    }
    context = {
        "hold": hold,
        "item": items.held(hold, practice),
        "price": fees_texts.shown(
            fees.price(
                patient_id=person_of(request),
                practice_id=hold.practice_id,
                service=hold.channel,
                clinician_id=hold.clinician_id,
                starts_at=hold.starts_at,
                stated=hold.visit_type.stated,
                now=now,
            )
        ),
        "form": form or ReasonForm(initial=initial),
        "parts": contexts.parts("appointments:review", request.actor, person_of(request), now),
    }
    return htmx.page(request, f"{PAGES}/review.html", context, form=form, status=status)


def _lost(request: htmx.Request, now: datetime, refused: Refused) -> HttpResponse:
    """The held time was not booked: the picker with all that was chosen and typed, and the same time if it is free."""
    office = picker.office_of(request.actor, person_of(request), now, to_book=True)
    asked = _asked(request, person_of(request), now)
    chosen = picker.choose(request.GET, office, asked=asked) if office and office.bookable else None
    if chosen is None:
        return htmx.page(request, f"{PAGES}/not_offered.html", {"office": office}, status=409)
    value = request.POST.get("held_time", "")
    form = TimeForm({"time": value})
    again = None
    if form.is_valid():
        chosen = chosen.on(local_day(form.cleaned_data["time"][1]))
        again = picker.same_time(picker.week(chosen, person_id=person_of(request), now=now), value)
    return _times(request, chosen, now, notice=Notice(refused.message, again))
