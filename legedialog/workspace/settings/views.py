"""What the office decides itself: services, kinds of visit, weekly plans, absence and opening hours.

Everybody there may look; each context decides who may change what, and buttons ask the same checks.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.appointments import policy as appointments_policy
from legedialog.appointments import rules as appointments_rules
from legedialog.appointments import services as appointments
from legedialog.appointments import waitlist as waiting
from legedialog.appointments.texts import ANSWERS
from legedialog.appointments.wait_rules import seen_of_waitlist
from legedialog.core import contexts, seen
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.fees import prices
from legedialog.fees.texts import kroner
from legedialog.practices import policy as practices_policy
from legedialog.practices import queries as practices
from legedialog.practices import rules as practices_rules
from legedialog.practices import services as practices_services
from legedialog.practices.queries import Day
from legedialog.practices.rules import Hours, Offered, Switch, offered
from legedialog.practices.texts import SERVICES
from legedialog.ui import dates, htmx
from legedialog.workspace import policy, texts
from legedialog.workspace.common import practice_of, read_day, to_office, visit_type_choices
from legedialog.workspace.settings.forms import (
    BlockForm,
    DayHoursForm,
    ExceptionForm,
    ServiceForm,
    VisitTypeForm,
    WaitlistForm,
)
from legedialog.workspace.settings.seeing import seen_in, tried

ROLES = policy.PAGES["settings"]


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    parts = [
        (part, part.shown(actor, now) if part.shown else {})
        for part in contexts.ordered(lambda about: about.settings)
        if policy.may(actor, part.page)
    ]
    return htmx.page(request, "workspace/settings/index.html", {"parts": parts})


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def service(request: htmx.Request, clinician_id: UUID, service: str) -> HttpResponse:
    """One service of one doctor, with what the citizen will see before it is saved."""
    now = timezone.now()
    today, practice_id = local_day(now), practice_of(request.actor)
    doctor = next(
        (row for row in practices.offers_of_all(practice_id, today, columns=True) if row.clinician_id == clinician_id),
        None,
    )
    current = next((row for row in doctor.offers if row.service.value == service), None) if doctor else None
    if doctor is None or current is None:
        raise NotFound
    practices_policy.check_edit_services(request.actor, practice_id, clinician_id)
    initial = {
        "state": "open" if current.is_open else "closed",
        "reason": "" if current.is_open else current.closed_reason,
        "until": current.closed_until_date,
    }
    form = ServiceForm(request.POST if request.method == "POST" else None, initial=initial)
    shown, changed = current, False
    if form.is_valid():
        until = None if form.is_open else form.cleaned_data["until"]
        shown = _as_citizens_see(current, form, until, today)
        if request.POST.get("do") == "save":
            try:
                given: dict[str, Any] = {
                    "actor": request.actor,
                    "practice_id": practice_id,
                    "clinician_id": clinician_id,
                    "service": current.service,
                    "mark": request.POST.get("mark", ""),
                    "now": now,
                }
                if form.is_open:
                    practices_services.open_service(**given)
                else:
                    practices_services.close_service(**given, reason=form.cleaned_data["reason"], until=until)
            except Refused as refused:
                changed = refused.code == seen.CHANGED.code
                field = None if changed else "state" if form.is_open else "until"
                form.add_error(field, to_office(refused))
            else:
                messages.success(request, _("Endringen er lagret."))
                return htmx.redirect(request, "workspace:settings")
    context = {
        "form": form,
        "doctor": doctor.name,
        "text": SERVICES[current.service],
        "shown": shown,
        "is_preview": form.is_bound,
        **seen_in(form, seen.mark(*practices_rules.seen_of(current)), changed=changed),
    }
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/service.html", context, part="form", form=form, status=status)


def _as_citizens_see(current: Offered, form: ServiceForm, until: date | None, today: date) -> Offered:
    switch = Switch(form.is_open, until, form.cleaned_data["reason"])
    return offered(current.service, supported=[current.service], switch=switch, away=None, today=today)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def visit_type(request: htmx.Request, visit_type_id: UUID | None = None) -> HttpResponse:
    practice_id = practice_of(request.actor)
    appointments_policy.check_manages(request.actor, practice_id)
    row = office.visit_type(request.actor, visit_type_id) if visit_type_id else None
    initial = {name: getattr(row, name) for name in VisitTypeForm.base_fields} if row else None
    own = [(str(each.pk), f"{each.name}, {kroner(each.ore)}") for each in prices.own_prices(request.actor)]
    form = VisitTypeForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        choices={"own_price_id": [("", _("Ingen")), *own]},
    )
    saved, changed = tried(
        form,
        lambda: appointments.save_visit_type(
            actor=request.actor,
            practice_id=practice_id,
            visit_type_id=visit_type_id,
            mark=request.POST.get("mark", ""),
            now=timezone.now(),
            **form.cleaned_data,
        ),
        taken=_("Kontoret har allerede en timetype med dette navnet."),
    )
    if saved:
        messages.success(request, _("Timetypen er lagret."))
        return htmx.redirect(request, f"{reverse('workspace:settings')}#timetyper")
    mark = seen.mark(*appointments_rules.seen_of_visit_type(row)) if row else ""
    context = {"form": form, "row": row, **seen_in(form, mark, changed=changed)}
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/visit_type.html", context, part="form", form=form, status=status)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def waitlist(request: htmx.Request) -> HttpResponse:
    practice_id = practice_of(request.actor)
    manages = allows(appointments_policy.check_manages, request.actor, practice_id)
    if request.method == "POST":
        appointments_policy.check_manages(request.actor, practice_id)
    row = waiting.settings_of(practice_id)
    initial = {name: getattr(row, name) for name in WaitlistForm.base_fields}
    form = WaitlistForm(request.POST if request.method == "POST" else None, initial=initial)
    saved, changed = tried(
        form,
        lambda: appointments.save_waitlist(
            actor=request.actor,
            practice_id=practice_id,
            mark=request.POST.get("mark", ""),
            now=timezone.now(),
            **form.cleaned_data,
        ),
    )
    if saved:
        messages.success(request, _("Lagret."))
        return htmx.redirect(request, f"{reverse('workspace:settings')}#venteliste")
    mark = seen.mark(*seen_of_waitlist(row))
    context = {
        "form": form,
        "manages": manages,
        "is_open": row.is_open,
        "answer_time": ANSWERS.get(row.answer_minutes, row.answer_minutes),
        **seen_in(form, mark, changed=changed),
    }
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/waitlist.html", context, part="form", form=form, status=status)


@staff_required(*ROLES)
@require_GET
def plan(request: htmx.Request, calendar_id: UUID) -> HttpResponse:
    calendar = appointments_policy.find_calendar(request.actor, calendar_id)
    blocks = office.plan(request.actor, calendar_id, local_day(timezone.now()))
    by_day = [
        (name, [_block_row(block) for block in blocks if block.weekday == number])
        for number, name in enumerate(texts.WEEKDAYS)
    ]
    context = {
        "calendar": calendar,
        "by_day": [(name, rows) for number, (name, rows) in enumerate(by_day) if rows or number < 5],
        "may_plan": allows(appointments_policy.check_plans, request.actor, calendar),
        "may_block": policy.may(request.actor, "booking"),
    }
    return htmx.page(request, "workspace/settings/plan.html", context)


def _block_row(block: Any) -> dict[str, Any]:
    return {
        "block": block,
        "visit_types": [each.label for each in block.visit_types.all()],
        "channels": [texts.CHANNELS[each] for each in block.channels],
    }


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def new_block(request: htmx.Request, calendar_id: UUID) -> HttpResponse:
    calendar = appointments_policy.find_calendar(request.actor, calendar_id)
    first = read_day(request.GET.get("dag"), local_day(timezone.now()))
    initial: dict[str, Any] = {"first_date": first, "weekday": first.weekday(), "channels": ["attendance"]}
    if "dag" in request.GET:
        initial["last_date"] = first
    return _block(request, calendar, None, initial, "")


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def change_block(request: htmx.Request, block_id: UUID) -> HttpResponse:
    block = office.block(request.actor, block_id)
    initial = {
        "visit_types": [str(each.pk) for each in block.visit_types.all()],
        **{name: getattr(block, name) for name in BlockForm.base_fields if name != "visit_types"},
    }
    mark = seen.mark(*appointments_rules.seen_of_block(block, [each.pk for each in block.visit_types.all()]))
    return _block(request, block.calendar, block_id, initial, mark)


def _block(
    request: htmx.Request, calendar: Any, block_id: UUID | None, initial: dict[str, Any], mark: str
) -> HttpResponse:
    appointments_policy.check_plans(request.actor, calendar)
    data = request.POST if request.method == "POST" else None
    form = BlockForm(data, initial=initial, choices={"visit_types": visit_type_choices(request.actor)})
    given: dict[str, Any] = {"actor": request.actor, "mark": request.POST.get("mark", ""), "now": timezone.now()}
    removes, changed = bool(block_id and request.POST.get("do") == "remove"), False
    if form.is_valid() or removes:
        try:
            if block_id and removes:
                appointments.remove_block(**given, block_id=block_id)
                messages.success(request, _("Blokken er tatt ut av ukeplanen. Timer som er booket, står."))
            else:
                fields = dict(form.cleaned_data)
                ids = [UUID(each) for each in fields.pop("visit_types")]
                appointments.save_block(
                    **given, calendar_id=calendar.pk, block_id=block_id, visit_type_ids=ids, **fields
                )
                messages.success(request, _("Ukeplanen er lagret."))
        except Refused as refused:
            changed = True
            form.add_error(None, to_office(refused))
        else:
            return htmx.redirect(request, "workspace:settings-plan", calendar_id=calendar.pk)
    context = {"form": form, "calendar": calendar, "is_new": block_id is None, **seen_in(form, mark, changed=changed)}
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/block.html", context, part="form", form=form, status=status)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def opening_hours(request: htmx.Request) -> HttpResponse:
    now, practice_id = timezone.now(), practice_of(request.actor)
    practices_policy.check_edit_practice(request.actor, practice_id)
    week = practices.week(practice_id, now).weekdays
    data = request.POST if request.method == "POST" else None
    days = []
    for number, name in enumerate(texts.WEEKDAYS):
        names = ("opens", "closes", "opens_again", "closes_again")
        clocks = [clock for hours in week[number][:2] for clock in (hours.opens, hours.closes)]
        initial = dict(zip(names, clocks, strict=False))
        days.append((name, DayHoursForm(data, initial=initial, prefix=f"dag{number}")))
    problem, changed = "", False
    valid = [form.is_valid() for _name, form in days]  # every day is asked, so that every error is shown
    if data is not None and all(valid):
        try:
            practices_services.save_opening_hours(
                actor=request.actor,
                practice_id=practice_id,
                weekly={number: form.hours for number, (_name, form) in enumerate(days) if form.hours},
                mark=request.POST.get("mark", ""),
                now=now,
            )
        except Refused as refused:
            problem, changed = to_office(refused), refused.code == seen.CHANGED.code
        else:
            messages.success(request, _("Åpningstidene er lagret."))
            return htmx.redirect(request, "workspace:settings-hours")
    has_errors = bool(problem) or any(form.errors for _name, form in days)
    exceptions = _exceptions(practice_id, now)
    differ = (
        [
            (name, _clocks(now_saved))
            for (name, form), now_saved in zip(days, week, strict=True)
            if form.hours != now_saved
        ]
        if changed
        else []
    )
    context = {
        "days": days,
        "problem": problem,
        "mark": seen.mark(*week) if data is None or changed else data.get("mark", ""),
        "saved": differ,
        "exceptions": exceptions,
        "days_mark": _days_mark(exceptions),
        "exception_form": ExceptionForm(),
        "has_errors": has_errors,
    }
    status = 409 if changed else 422 if has_errors else 200
    return htmx.page(request, "workspace/settings/hours.html", context, status=status)


def _clocks(hours: Sequence[Hours]) -> str:
    return ", ".join(f"{each.opens:%H.%M}–{each.closes:%H.%M}" for each in hours) or _("Stengt")


def _exceptions(practice_id: UUID, now: datetime) -> list[tuple[Day, str]]:
    return [(each, seen.mark(each)) for each in practices.exceptions(practice_id, local_day(now))]


def _days_mark(exceptions: list[tuple[Day, str]]) -> str:
    """Of each day that the page showed; of every other it showed that there is nothing."""
    return " ".join(f"{each.date}.{mark}" for each, mark in exceptions)


def _mark_of_day(request: htmx.Request, day: date) -> str:
    shown = dict(each.split(".", 1) for each in request.POST.get("mark", "").split() if "." in each)
    return shown.get(str(day), seen.mark())


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def opening_exception(request: htmx.Request) -> HttpResponse:
    """A day with other hours, or closed."""
    now, practice_id = timezone.now(), practice_of(request.actor)
    practices_policy.check_edit_practice(request.actor, practice_id)
    form = ExceptionForm(request.POST if request.method == "POST" else None)
    exceptions, saved, changed = _exceptions(practice_id, now), [], False
    if form.is_valid():
        day = form.cleaned_data["day"]
        try:
            practices_services.save_opening_exception(
                actor=request.actor,
                practice_id=practice_id,
                day=day,
                hours=form.hours,
                note=form.cleaned_data["note"],
                mark=_mark_of_day(request, day),
                now=now,
            )
        except Refused as refused:
            changed = refused.code == seen.CHANGED.code
            form.add_error(None, to_office(refused))
            found = next((each for each, _mark in exceptions if each.date == day), None)
            told = f"{_clocks(found.hours)} {found.note}".strip() if found else _("Som vanlig")
            saved = [(dates.long_date(day), told)] if changed else []
        else:
            messages.success(request, _("Unntaket er lagret."))
            return htmx.redirect(request, "workspace:settings-hours")
    context = {
        "form": form,
        "mark": request.POST["mark"] if "mark" in request.POST and not changed else _days_mark(exceptions),
        "saved": saved,
    }
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/exception.html", context, part="form", form=form, status=status)


@staff_required(*ROLES)
@require_POST
def remove_exception(request: htmx.Request) -> HttpResponse:
    day = read_day(request.POST.get("day"), date.min)
    try:
        practices_services.remove_opening_exception(
            actor=request.actor,
            practice_id=practice_of(request.actor),
            day=day,
            mark=request.POST.get("mark", ""),
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, to_office(refused))
    else:
        messages.success(request, _("Unntaket er fjernet."))
    return htmx.redirect(request, "workspace:settings-hours")
