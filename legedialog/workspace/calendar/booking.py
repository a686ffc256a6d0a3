"""Ny time: whom it is for, what it is, and the free times with the first on top. One page, and the calendar's panel."""

from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.appointments import free, office
from legedialog.appointments.free import FreeTime
from legedialog.appointments.free_rules import REASONS, refusal_to_overbook
from legedialog.core import reading
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients import searching
from legedialog.patients.rules import age_on
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.ui import dates, htmx
from legedialog.workspace import policy, purpose, undo
from legedialog.workspace.calendar.forms import BookForm, VisitForm
from legedialog.workspace.common import calendar_choices, practice_of, to_office, visit_type_choices
from legedialog.workspace.forms import SearchForm

CHANGED = "calendar-changed"  # the calendar beside the panel fetches itself, also without live events
SHOWN = 18  # free times at once


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
    anybody = ("", _("Den som har første ledige"))
    choices = {
        "calendar": [anybody, *calendar_choices(request.actor)],
        "visit_type": visit_type_choices(request.actor),
    }
    is_looking = "look" in request.POST
    typed = request.POST.dict() if is_looking else {}
    initial = _initial(request, patient_id, now) | _unsent(request) | typed
    form = BookForm(None if is_looking else posted(request), initial=initial, choices=choices)
    not_free = may_overbook = False
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
            form.add_error("clock" if not_free else None, to_office(refused))
        else:
            return _booked(request, patient.name, starts_at, put.id)
    chosen = _chosen(request) if not form.is_bound else None
    times = _times(request, form, patient.id, now)
    if chosen:  # the calendar stands beside it: no other is listed there
        times = [] if is_beside(request) else [each for each in times if each.starts_at != chosen["starts_at"]]
    context = {
        "form": form,
        "patient": patient,
        "age": age_on(patient.birth_date, local_day(now)),
        "coming": _coming(request, patient_id, now),
        "chosen": chosen,
        "first": times[0] if times else None,
        "days": by_day(times[1:]),
        "may_overbook": may_overbook,
        "is_typed": form.is_bound or bool(form["overbook_reason"].value()),
        "is_looking": is_looking,
        "is_any": not form["calendar"].value(),
    } | _around(request)
    status = 409 if not_free else None
    return htmx.page(request, "workspace/calendar/book.html", context, part="booking", form=form, status=status)


def _booked(request: htmx.Request, name: str, starts_at: datetime, act_id: UUID | None) -> HttpResponse:
    """Beside the calendar nothing moves: what is done stands in the panel, and the calendar draws itself anew."""
    words = _("%(name)s har fått time %(when)s.") % {"name": name, "when": dates.long_datetime(starts_at)}
    if not is_beside(request):
        response = htmx.redirect(request, f"{reverse('workspace:calendar')}?dag={local_day(starts_at)}")
        undo.told(request, response, "appointment.book", [act_id], words)
        return response
    title = _("%(name)s, %(when)s") % {"name": name, "when": dates.long_datetime(starts_at)}
    context = {"title": title, "said": words, "undo": undo.just_done("appointment.book", act_id)}
    response = htmx.page(request, "workspace/calendar/done.html", context, part="panel")
    undo.told(request, response, "appointment.book", [act_id], "")
    response["HX-Trigger"] = CHANGED
    return response


def posted(request: htmx.Request) -> QueryDict | None:
    """What was sent; a free time that was pressed stands in place of the doctor, the day and the clock of the form."""
    if request.method != "POST":
        return None
    calendar, _at, start = request.POST.get("pick", "").partition("@")
    picked = reading.on_the_wall(start)
    if picked is None:
        return request.POST
    data = request.POST.copy()
    data["calendar"], data["day"], data["clock"] = calendar, picked.date().isoformat(), picked.strftime("%H:%M")
    data["overbook_reason"] = ""  # of what was typed beside it
    return data


def free_times(
    request: htmx.Request,
    visit_type_id: UUID,
    channel: str,
    clinicians: list[UUID],
    after: datetime,
    **wanted: Any,
) -> list[FreeTime]:
    """The next free ones of a kind with these doctors, whatever a citizen may book herself."""
    kind = office.visit_type(request.actor, visit_type_id)
    practice_id = practice_of(request.actor)
    return free.next_times(
        free.Wanted(practice_id, clinicians, kind, channel, for_citizen=False, **wanted), after, SHOWN
    )


def _times(request: htmx.Request, form: VisitForm, patient_id: UUID, now: datetime) -> list[FreeTime]:
    """Of what the form says, as far as it does."""
    chosen, kind = form["calendar"].value() or "", form["visit_type"].value() or ""
    clinicians = [each.clinician_id for each in office.calendars(request.actor) if chosen in ("", str(each.pk))]
    if not clinicians or kind not in dict(visit_type_choices(request.actor)):
        return []
    after = max(_from(form, now, with_clock="look" not in request.POST), now)
    return free_times(
        request, UUID(kind), form["channel"].value() or "", clinicians, after, now=now, patient_id=patient_id
    )


def _from(form: VisitForm, now: datetime, *, with_clock: bool) -> datetime:
    """The day and the clock that the form says; now where it says none."""
    day, clock = form["day"].value(), form["clock"].value() if with_clock else None
    on = day if isinstance(day, date) else reading.day(str(day))
    at = str(clock)[: len("08:20")] if clock else "00:00"
    return reading.on_the_wall(f"{on}T{at}") or now


def by_day(times: list[FreeTime]) -> list[tuple[date, list[FreeTime]]]:
    return [(day, list(of_day)) for day, of_day in groupby(times, key=lambda each: local_day(each.starts_at))]


def _find_patient(request: htmx.Request) -> HttpResponse:
    form = SearchForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        words = form.cleaned_data["words"]
        found = searching.search(request.actor, practice_of(request.actor), words, now=timezone.now())
    query = urlencode(_time_in(request))
    base = f"{reverse('workspace:book')}?{query}{'&' if query else ''}pasient="
    hits = [(row, f"{base}{row.id}") for row in found.rows] if found else []
    form.fields["words"].widget.attrs["autofocus"] = not hits  # else the first hit has it
    register_url = f"{reverse('workspace:walk-in-new')}?{urlencode({'time': '1'} | _time_in(request))}"
    context = {"form": form, "found": found, "hits": hits, "is_booking": True, "register_url": register_url}
    context |= _around(request)
    return htmx.page(request, "workspace/calendar/book.html", context, part="booking", form=form)


def _around(request: htmx.Request) -> dict[str, Any]:
    """What both halves of the page show. Beside the calendar its own address stays in the browser."""
    return {
        "starts_at": reading.on_the_wall(request.GET.get("start")),
        "search_url": f"{reverse('workspace:book')}?{urlencode(_time_in(request))}",
        "is_beside": is_beside(request),
    }


def is_beside(request: htmx.Request) -> bool:
    """Whether it is drawn in the calendar's panel."""
    at = request.htmx.current_url_abs_path if request.htmx else None
    return (at or "").partition("?")[0] == reverse("workspace:calendar")


def _time_in(request: htmx.Request) -> dict[str, str]:
    return {name: request.GET[name] for name in ("kalender", "start") if name in request.GET}


def _chosen(request: htmx.Request) -> dict[str, Any] | None:
    """The cell that was pressed in the calendar."""
    calendar_id, starts_at = request.GET.get("kalender", ""), reading.on_the_wall(request.GET.get("start"))
    name = dict(calendar_choices(request.actor)).get(calendar_id)
    return {"calendar_id": calendar_id, "starts_at": starts_at, "clinician_name": name} if starts_at and name else None


def _coming(request: htmx.Request, patient_id: UUID, now: datetime) -> list[office.Visit]:
    rows = office.visits_of(request.actor, patient_id, now)
    return [row for row in reversed(rows) if row.ends_at > now and row.status != "cancelled"]


def _initial(request: htmx.Request, patient_id: UUID, now: datetime) -> dict[str, Any]:
    """What the place in the calendar says: doctor, time, and the kind of visit planned there. Else her own doctor, the
    first kind, and that she comes."""
    calendar_id, starts_at = reading.uuid(request.GET.get("kalender")), reading.on_the_wall(request.GET.get("start"))
    kinds = visit_type_choices(request.actor)
    initial: dict[str, Any] = {
        "calendar": str(calendar_id or _of_her_doctor(request, patient_id, now)),
        "visit_type": kinds[0][0] if kinds else "",
        "channel": "attendance",
        "day": local_day(now),
    }
    if starts_at is None:
        return initial
    day, clock = starts_at.date(), starts_at.time()
    initial |= {"day": day, "clock": clock}
    planned = office.planned_at(request.actor, calendar_id, day) if calendar_id else []
    here = next((block for block in planned if block.starts <= clock < block.ends), None)
    if here:
        of_block = sorted(here.visit_types.all(), key=lambda kind: (kind.position, kind.minutes, kind.name))
        initial |= {"channel": here.channels[0]} | ({"visit_type": str(of_block[0].pk)} if of_block else {})
    return initial


def _of_her_doctor(request: htmx.Request, patient_id: UUID, now: datetime) -> UUID | str:
    gp = patients.gp_of(patient_id, local_day(now))
    hers = {each.clinician_id for each in gp.doctors} if gp else set()
    return next((each.pk for each in office.calendars(request.actor) if each.clinician_id in hers), "")


def _unsent(request: htmx.Request) -> dict[str, Any]:
    """What she had given a booking that she took back, or that was not done after all."""
    key = reading.uuid(request.GET.get("igjen"))
    given = pending_queries.unsent(request.actor, key, "appointment.book") if key else {}
    return {name: str(given[name]) for name in ("channel", "reason", "overbook_reason") if name in given} | {
        name: str(given[f"{name}_id"]) for name in ("calendar", "visit_type") if given
    }
