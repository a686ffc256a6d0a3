"""One appointment: book it for a patient, see it, move it along, cancel it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.actor import Role
from legedialog.access.web.guards import staff_required
from legedialog.appointments import free, office, services
from legedialog.appointments import policy as appointments_policy
from legedialog.appointments.free_rules import REASONS, refusal_to_overbook
from legedialog.appointments.office import Late
from legedialog.appointments.rules import CANNOT_CHANGE
from legedialog.audit.policy import may_open
from legedialog.core import contexts, reading
from legedialog.core.errors import Refused
from legedialog.core.sql import ask_for
from legedialog.core.times import CLINIC, local_day
from legedialog.fees.texts import kroner
from legedialog.patients import queries as patients
from legedialog.patients.representation import Restriction
from legedialog.patients.rules import age_on, is_too_young
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.ui import dates, htmx
from legedialog.video.policy import DOCTORS
from legedialog.workspace import policy, purpose, texts, top, undo
from legedialog.workspace.calendar.forms import BookForm, CancelForm, LateCancelForm
from legedialog.workspace.charges import views as charges
from legedialog.workspace.common import (
    calendar_choices,
    practice_of,
    to_office,
    visit_type_choices,
)
from legedialog.workspace.forms import SearchForm

CHANGED = "calendar-changed"  # the calendar beside the panel fetches itself, also without live events
MOVES = {
    "arrived": services.arrive,
    "completed": services.complete,
    "no-show": services.no_show,
    "booked": services.back_to_booked,
}


@staff_required(*policy.PAGES["visits"])
@require_http_methods(["GET", "POST"])
def show(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    return _panel(request, appointment_id)


@staff_required(*policy.PAGES["booking"])
@require_POST
def move(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """To the state in `to`. Beside the calendar the panel is drawn anew; without script the page is."""
    now = timezone.now()
    appointments_policy.find(request.actor, appointment_id)
    before, to = request.POST.get("from", ""), request.POST.get("to", "")
    try:
        if to not in MOVES or (before, to) not in texts.MOVES:
            raise Refused(CANNOT_CHANGE)
        MOVES[to](actor=request.actor, appointment_id=appointment_id, was=before, now=now)
    except Refused as refused:
        messages.error(request, to_office(refused))
    else:
        messages.success(request, str(texts.MOVES[before, to][1]))
    if request.htmx:
        return _panel(request, appointment_id)
    return htmx.redirect(request, "workspace:visit", appointment_id=appointment_id)


@staff_required(Role.DOCTOR, Role.SUBSTITUTE)
@require_POST
def restrict(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """The doctor hides a child's appointment from the parents or from the youth, or shows it again."""
    appointments_policy.find(request.actor, appointment_id)
    chosen = request.POST.get("restriction")
    if chosen in Restriction.values:
        try:
            services.restrict(
                actor=request.actor,
                appointment_id=appointment_id,
                restriction=Restriction(chosen),
                was=request.POST.get("was", ""),
                now=timezone.now(),
            )
        except Refused as refused:
            messages.error(request, to_office(refused))
        else:
            messages.success(request, _("Lagret."))
    if request.htmx:
        return _panel(request, appointment_id)
    return htmx.redirect(request, "workspace:visit", appointment_id=appointment_id)


def _cancel_form(request: htmx.Request, late: Late | None, unsent: dict[str, Any]) -> CancelForm:
    data = request.POST if request.method == "POST" else None
    initial = {"note": unsent.get("note", ""), "fee": "yes" if unsent.get("for_patient") else "no"}
    if late is None:
        return CancelForm(data, initial=initial)
    return LateCancelForm(data, initial=initial, deadline=dates.long_datetime(late.deadline), amount=kroner(late.fee))


@staff_required(*policy.PAGES["booking"])
@require_http_methods(["GET", "POST"])
def cancel(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    now = timezone.now()
    unsent = pending_queries.unsent(request.actor, appointment_id, "appointment.cancel")
    visit = office.visit(request.actor, appointment_id, now)
    form = _cancel_form(request, office.late(visit, now), unsent)
    if form.is_valid():
        given = {
            "appointment_id": appointment_id,
            "note": form.cleaned_data["note"],
            "mark": request.POST.get("mark"),
            "for_patient": form.cleaned_data.get("fee") == "yes",
        }
        try:
            put = pending.put(
                actor=request.actor,
                name="appointment.cancel",
                object_id=appointment_id,
                patient_id=visit.patient_id,
                given=given,
                now=now,
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
        else:
            if request.htmx and not put.id:
                messages.success(request, _("Timen er avbestilt, og pasienten får beskjed."))
                return _panel(request, appointment_id)
            to = _day_url(visit) if request.htmx else reverse("workspace:visit", args=[appointment_id])
            response = htmx.redirect(request, to)
            words = _("Timen er avbestilt, og pasienten får beskjed.")
            undo.told(request, response, "appointment.cancel", [put.id], words)
            return response
    context = {"visit": visit, "form": form, "day_url": _day_url(visit), "may_cancel": "cancelled" in visit.moves}
    return htmx.page(request, "workspace/calendar/cancel.html", context, part="panel", form=form)


@staff_required(*policy.PAGES["booking"])
@require_http_methods(["GET", "POST"])
def book(request: htmx.Request) -> HttpResponse:
    """First the patient, then the visit. The address holds the doctor, the time and the patient's key, no more."""
    patient_id = reading.uuid(request.GET.get("pasient"))
    if patient_id is None:
        return _find_patient(request)
    now = timezone.now()
    patient = patients.profile(request.actor, patient_id, now)
    if response := purpose.asked_first(request, patient_id, now):
        return response
    choices = {"calendar": calendar_choices(request.actor), "visit_type": visit_type_choices(request.actor)}
    form = BookForm(posted(request), initial=_initial(request) | _unsent(request), choices=choices)
    not_free = may_overbook = False
    instead: list[free.FreeTime] = []
    if form.is_valid():
        starts_at = form.starts_at
        given = {
            "patient_id": patient.id,
            "calendar_id": UUID(form.cleaned_data["calendar"]),
            "visit_type_id": UUID(form.cleaned_data["visit_type"]),
            "channel": form.cleaned_data["channel"],
            "starts_at": starts_at,
            "reason": form.cleaned_data["reason"],
            "overbook_reason": form.cleaned_data["overbook_reason"],
        }
        try:
            put = pending.put(
                actor=request.actor,
                name="appointment.book",
                object_id=uuid5(patient.id, f"{given['calendar_id']} {starts_at.isoformat()}"),
                patient_id=patient.id,
                given=given,
                now=now,
            )
        except Refused as refused:
            not_free = refused.refusal in REASONS
            may_overbook = not_free and refusal_to_overbook(starts_at, now) is None
            instead = free_times(request, form, patient.id, now) if not_free else []
            form.add_error("clock" if not_free else None, to_office(refused))
        else:
            response = htmx.redirect(request, f"{reverse('workspace:calendar')}?dag={local_day(starts_at)}")
            told = {"name": patient.name, "when": dates.long_datetime(starts_at)}
            undo.told(request, response, "appointment.book", [put.id], _("%(name)s har fått time %(when)s.") % told)
            return response
    context = {
        "form": form,
        "patient": patient,
        "instead": instead,
        "may_overbook": may_overbook,
        "age": age_on(patient.birth_date, local_day(now)),
        "search_url": f"{reverse('workspace:book')}?{urlencode(_time_in(request))}",
    }
    return htmx.page(
        request, "workspace/calendar/book.html", context, part="form", form=form, status=409 if not_free else None
    )


def posted(request: htmx.Request) -> QueryDict | None:
    """What was sent; a free time that was pressed stands in place of the day and the clock that were typed."""
    if request.method != "POST":
        return None
    picked = reading.on_the_wall(request.POST.get("pick"))
    if picked is None:
        return request.POST
    data = request.POST.copy()
    data["day"], data["clock"] = picked.date().isoformat(), picked.strftime("%H:%M")
    return data


def free_times(
    request: htmx.Request, form: BookForm, patient_id: UUID, now: datetime, **other: Any
) -> list[free.FreeTime]:
    """The next free ones of the kind and doctor that the form says."""
    calendar = appointments_policy.find_calendar(request.actor, UUID(form.cleaned_data["calendar"]))
    wanted = free.Wanted(
        calendar.practice_id,
        [calendar.clinician_id],
        office.visit_type(request.actor, UUID(form.cleaned_data["visit_type"])),
        form.cleaned_data["channel"],
        now,
        patient_id,
        for_citizen=False,
        **other,
    )
    return free.next_times(wanted, form.starts_at)


def _find_patient(request: htmx.Request) -> HttpResponse:
    form = SearchForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        found = patients.search(
            request.actor, practice_of(request.actor), form.cleaned_data["words"], now=timezone.now()
        )
    query = urlencode(_time_in(request))
    base = f"{reverse('workspace:book')}?{query}{'&' if query else ''}pasient="
    hits = [(row, f"{base}{row.id}") for row in found.rows] if found else []
    starts_at = reading.on_the_wall(request.GET.get("start"))
    context = {"form": form, "found": found, "hits": hits, "starts_at": starts_at}
    return htmx.page(request, "workspace/calendar/book_find.html", context, part="search", form=form)


def _time_in(request: htmx.Request) -> dict[str, str]:
    return {name: request.GET[name] for name in ("kalender", "start") if name in request.GET}


def _initial(request: htmx.Request) -> dict[str, Any]:
    """What the place in the calendar says: doctor, time, and the kind of visit planned there."""
    calendar_id, starts_at = reading.uuid(request.GET.get("kalender")), reading.on_the_wall(request.GET.get("start"))
    initial: dict[str, Any] = {"calendar": str(calendar_id) if calendar_id else ""}
    if starts_at is None:
        return initial
    day, clock = starts_at.date(), starts_at.time()
    initial |= {"day": day, "clock": clock}
    planned = office.planned_at(request.actor, calendar_id, day) if calendar_id else []
    here = next((block for block in planned if block.starts <= clock < block.ends), None)
    if here:
        kinds = sorted(here.visit_types.all(), key=lambda kind: (kind.position, kind.minutes, kind.name))
        initial |= {"channel": here.channels[0], "visit_type": str(kinds[0].pk) if kinds else ""}
    return initial


def _unsent(request: htmx.Request) -> dict[str, Any]:
    """What she had given a booking that she took back, or that was not done after all."""
    key = reading.uuid(request.GET.get("igjen"))
    given = pending_queries.unsent(request.actor, key, "appointment.book") if key else {}
    return {name: str(given[name]) for name in ("channel", "reason", "overbook_reason") if name in given} | {
        name: str(given[f"{name}_id"]) for name in ("calendar", "visit_type") if given
    }


def _panel(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    now = timezone.now()
    visit = office.visit(request.actor, appointment_id, now)
    may_book = policy.may(request.actor, "booking")
    moves = [(to, texts.MOVES[visit.status, to][0]) for to in texts.ORDER if (visit.status, to) in texts.MOVES]
    word, color = texts.STATUSES[visit.status]
    is_video = visit.channel == "video" and visit.status in ("booked", "arrived")
    on_top, acts = _top(request, visit, now)
    waiting = pending_queries.told(request.actor, acts).get(visit.id)
    may_book = may_book and waiting is None
    context = {
        "visit": visit,
        "waiting": waiting,
        "age": age_on(visit.birth_date, local_day(now)),
        "status": word,
        "color": color,
        "channel": texts.CHANNELS[visit.channel],
        "channel_icon": texts.CHANNEL_ICONS[visit.channel],
        "cancelled_by": texts.CANCELLED_BY.get(visit.cancelled_by, ""),
        "moves": [(to, text) for to, text in moves if may_book and to in visit.moves],
        "may_cancel": may_book and "cancelled" in visit.moves,
        "may_see_patient": policy.may(request.actor, "patients"),
        "day_url": _day_url(visit),
        "purpose_url": purpose.url(visit.patient_id, request.path),
        "may_enter": is_video and request.actor.role in DOCTORS,
        "may_receive": is_video and policy.may(request.actor, "video"),
        "restrictions": Restriction.choices if _may_restrict(request, visit) else [],
        "top": on_top,
        "charge": charges.beside(request.actor, visit.id, "workspace:visit"),
        "parts": contexts.parts("workspace:visit", request.actor, visit, now),
    }
    response = htmx.page(request, "workspace/calendar/visit.html", context, part="panel")
    if request.method == "POST":
        response["HX-Trigger"] = CHANGED
    return response


def _top(request: htmx.Request, visit: office.Visit, now: datetime) -> tuple[top.Shown, list[Any]]:
    """And what is about to happen to the visit. Of one long past the top stands only where her record is open."""
    acts = pending_queries.all_waiting(request.actor, [visit.id])
    if visit.ends_at < now - office.RECENT and not may_open(request.actor, visit.patient_id, now):
        return [], ask_for(acts)
    found, (rows,) = top.shown_with(request.actor, visit.patient_id, now, acts)
    return found, rows


def _may_restrict(request: htmx.Request, visit: office.Visit) -> bool:
    is_doctor = request.actor.role in (Role.DOCTOR, Role.SUBSTITUTE)
    return is_doctor and is_too_young(visit.birth_date, local_day(timezone.now()))


def _day_url(visit: office.Visit) -> str:
    return f"{reverse('workspace:calendar')}?dag={visit.starts_at.astimezone(CLINIC).date()}"
