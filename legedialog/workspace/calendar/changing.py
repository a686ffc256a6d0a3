"""Flytt eller endre: another time, doctor, kind, length, way or reason for an appointment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.appointments import policy as appointments_policy
from legedialog.appointments.free import FreeTime
from legedialog.appointments.free_rules import REASONS, refusal_to_overbook
from legedialog.core.errors import Refused
from legedialog.core.times import CLINIC, local_day
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.ui import dates, htmx
from legedialog.workspace import policy, undo
from legedialog.workspace.calendar import booking
from legedialog.workspace.calendar.forms import ChangeForm
from legedialog.workspace.common import calendar_choices, to_office, visit_type_choices


@staff_required(*policy.PAGES["booking"])
@require_http_methods(["GET", "POST"])
def change(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """A free time that is pressed moves it there at once; the rest of the form comes along."""
    now = timezone.now()
    visit = office.visit(request.actor, appointment_id, now)
    choices = {
        "calendar": calendar_choices(request.actor),
        "visit_type": _with_own(visit_type_choices(request.actor), visit),
    }
    unsent = pending_queries.unsent(request.actor, appointment_id, "appointment.move")
    form = ChangeForm(_posted(request, visit), initial=_initial(visit) | _unsent(unsent), choices=choices)
    if visit.reason is None:
        del form.fields["reason"]
    may_overbook = False
    status = None
    instead = [] if form.is_bound else _instead(request, _as_it_is(visit, choices), visit, now)
    if form.is_valid():
        starts_at = form.starts_at
        try:
            put = pending.put(
                actor=request.actor,
                name="appointment.move",
                object_id=appointment_id,
                patient_id=visit.patient_id,
                given={
                    "appointment_id": appointment_id,
                    "calendar_id": UUID(form.cleaned_data["calendar"]),
                    "visit_type_id": UUID(form.cleaned_data["visit_type"]),
                    "channel": form.cleaned_data["channel"],
                    "starts_at": starts_at,
                    "minutes": form.cleaned_data["minutes"],
                    "reason": form.cleaned_data.get("reason"),
                    "overbook_reason": form.cleaned_data["overbook_reason"],
                    "mark": request.POST.get("mark", ""),
                },
                now=now,
            )
        except Refused as refused:
            not_free, status = refused.refusal in REASONS, 409
            may_overbook = not_free and refusal_to_overbook(starts_at, now) is None
            instead = _instead(request, form, visit, now)
            form.add_error("clock" if not_free else None, to_office(refused))
        else:
            response = htmx.redirect(request, f"{reverse('workspace:calendar')}?dag={local_day(starts_at)}")
            undo.told(request, response, "appointment.move", [put.id], _said(visit, starts_at))
            return response
    context = {
        "form": form,
        "visit": visit,
        "mark": visit.mark,
        "first": instead[0] if instead else None,
        "days": booking.by_day(instead[1:]),
        "may_overbook": may_overbook,
        "may_change": visit.status == "booked",
    }
    return htmx.page(request, "workspace/calendar/change.html", context, part="form", form=form, status=status)


def _initial(visit: office.Visit) -> dict[str, Any]:
    local = visit.starts_at.astimezone(CLINIC)
    return {
        "calendar": str(visit.calendar_id),
        "day": local.date(),
        "clock": local.time(),
        "visit_type": str(visit.visit_type_id),
        "channel": visit.channel,
        "minutes": visit.minutes,
        "reason": visit.reason,
    }


def _posted(request: htmx.Request, visit: office.Visit) -> Mapping[str, Any] | None:
    """Of a cell that was chosen in the calendar only the place comes; all else stays."""
    data = booking.posted(request)
    if data is None or "as-it-is" not in data:
        return data
    place = {name: data.get(name) for name in ("calendar", "day", "clock")}
    return {**_initial(visit), **place}


def _unsent(given: dict[str, Any]) -> dict[str, Any]:
    """What she had given a change that she took back, or that was not done after all."""
    if not given:
        return {}
    local = given["starts_at"].astimezone(CLINIC)
    same = {name: given[name] for name in ("channel", "minutes", "reason", "overbook_reason")}
    ids = {name: str(given[f"{name}_id"]) for name in ("calendar", "visit_type")}
    return {"day": local.date(), "clock": local.time(), **same, **ids}


def _with_own(choices: list[tuple[str, str]], visit: office.Visit) -> list[tuple[str, str]]:
    """A kind that is not in use any more may stay."""
    own = str(visit.visit_type_id)
    return choices if any(value == own for value, _name in choices) else [*choices, (own, visit.visit_name)]


def _as_it_is(visit: office.Visit, choices: dict[str, Any]) -> ChangeForm:
    form = ChangeForm(_initial(visit), choices=choices)
    form.is_valid()
    return form


def _instead(request: htmx.Request, form: ChangeForm, visit: office.Visit, now: datetime) -> list[FreeTime]:
    """Free times for what a filled in form says."""
    calendar = appointments_policy.find_calendar(request.actor, UUID(form.cleaned_data["calendar"]))
    found = booking.free_times(
        *(request, UUID(form.cleaned_data["visit_type"]), form.cleaned_data["channel"], [calendar.clinician_id]),
        form.starts_at,
        now=now,
        patient_id=visit.patient_id,
        moving_id=visit.id,
        minutes=form.cleaned_data["minutes"],
    )
    return [each for each in found if (each.calendar_id, each.starts_at) != (visit.calendar_id, visit.starts_at)]


def _said(visit: office.Visit, starts_at: datetime) -> str:
    if starts_at == visit.starts_at:
        return _("Timen er endret.")
    when = {"from": dates.long_datetime(visit.starts_at), "to": dates.long_datetime(starts_at)}
    return _("Timen er flyttet fra %(from)s til %(to)s. Pasienten får én beskjed om litt.") % when
