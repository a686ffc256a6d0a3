"""One appointment: see it, move it along, cancel it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.actor import Role
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office, services
from legedialog.appointments import policy as appointments_policy
from legedialog.appointments.office import Late
from legedialog.appointments.rules import CANNOT_CHANGE
from legedialog.audit.policy import may_open
from legedialog.core import contexts
from legedialog.core.errors import Refused
from legedialog.core.sql import ask_for
from legedialog.core.times import CLINIC, local_day
from legedialog.fees.texts import kroner
from legedialog.patients.representation import Restriction
from legedialog.patients.rules import age_on, is_too_young
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.ui import dates, htmx
from legedialog.video.policy import DOCTORS
from legedialog.workspace import policy, purpose, texts, top, undo
from legedialog.workspace.calendar.booking import CHANGED
from legedialog.workspace.calendar.forms import CancelForm, LateCancelForm
from legedialog.workspace.charges import views as charges
from legedialog.workspace.common import to_office

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
    """To the state in `to`. Beside the calendar the panel is drawn anew, in *I dag* the day, else the page."""
    now = timezone.now()
    appointments_policy.find(request.actor, appointment_id)
    before, to = request.POST.get("from", ""), request.POST.get("to", "")
    is_refused = False
    try:
        if to not in MOVES or (before, to) not in texts.MOVES:
            raise Refused(CANNOT_CHANGE)
        MOVES[to](actor=request.actor, appointment_id=appointment_id, was=before, now=now)
    except Refused as refused:
        said, is_refused = to_office(refused), True
    else:
        said = str(texts.MOVES[before, to][1])
    is_in_the_day = request.POST.get("at") == "day"
    if request.htmx and not is_in_the_day:
        return _panel(request, appointment_id, said, is_refused=is_refused)
    messages.add_message(request, messages.ERROR if is_refused else messages.SUCCESS, said)
    if is_in_the_day:
        return HttpResponseRedirect(reverse("workspace:home"))  # which htmx follows, and takes the day from
    return htmx.redirect(request, "workspace:visit", appointment_id=appointment_id)


@staff_required(Role.DOCTOR, Role.SUBSTITUTE)
@require_POST
def restrict(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """The doctor hides a child's appointment from the parents or from the youth, or shows it again."""
    appointments_policy.find(request.actor, appointment_id)
    chosen = request.POST.get("restriction")
    said, is_refused = "", False
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
            said, is_refused = to_office(refused), True
        else:
            said = _("Lagret.")
    if request.htmx:
        return _panel(request, appointment_id, said, is_refused=is_refused)
    if said:
        messages.add_message(request, messages.ERROR if is_refused else messages.SUCCESS, said)
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
            words = _("Timen er avbestilt, og pasienten får beskjed.")
            if request.htmx:
                response = _panel(request, appointment_id, words, done=undo.just_done("appointment.cancel", put.id))
            else:
                response = htmx.redirect(request, "workspace:visit", appointment_id=appointment_id)
            undo.told(request, response, "appointment.cancel", [put.id], "" if request.htmx else words)
            return response
    context = {"visit": visit, "form": form, "day_url": _day_url(visit), "may_cancel": "cancelled" in visit.moves}
    return htmx.page(request, "workspace/calendar/cancel.html", context, part="panel", form=form)


def _panel(
    request: htmx.Request,
    appointment_id: UUID,
    said: str = "",
    *,
    is_refused: bool = False,
    done: undo.Done | None = None,
) -> HttpResponse:
    """`said` and `done` are of what was just pressed in it, and stand there."""
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
        "said": said,
        "is_refused": is_refused,
        "done": done,
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
