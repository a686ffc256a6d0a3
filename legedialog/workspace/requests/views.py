"""Wishes for a time (timeønsker): answered with a free time or a text."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.actor import Actor
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office, requested
from legedialog.appointments.requested import AtOffice
from legedialog.appointments.rules import MOST_PROPOSED, TOO_MANY_PROPOSED, answer_by, seen_of_request
from legedialog.appointments.services import Proposed
from legedialog.appointments.texts import COARSE_TIMES
from legedialog.core import seen
from legedialog.core.errors import Refused
from legedialog.core.sql import Asked, ask_as_one
from legedialog.core.times import local_day
from legedialog.core.workdays import add_working_days
from legedialog.patients.rules import age_on
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.pending.queries import Waiting
from legedialog.ui import dates, htmx
from legedialog.workspace import free, policy, texts, undo
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.forms import AssignForm
from legedialog.workspace.requests.forms import RefuseForm


@staff_required(*policy.PAGES["requests"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    actor, practice_id = request.actor, practice_of(request.actor)
    chosen_from = requested.at_office(actor, practice_id, now, waits=False)
    acts, mine, others = ask_as_one(pending_queries.all_waiting(actor), *asks(actor, practice_id, now), chosen_from)
    waiting = pending_queries.told(actor, acts)
    context = {"rows": rows(actor, now, waiting, mine), "others": rows(actor, now, waiting, others)}
    return htmx.page(request, "workspace/requests/requests.html", context, part="list")


@staff_required(*policy.PAGES["requests"])
@require_http_methods(["GET"])
def show(request: htmx.Request, request_id: UUID) -> HttpResponse:
    unsent = pending_queries.unsent(request.actor, request_id, "request.refuse")
    return _shown(request, request_id, RefuseForm(initial={"text": unsent.get("text", "")}))


@staff_required(*policy.PAGES["requests"])
@require_POST
def assign(request: htmx.Request, request_id: UUID) -> HttpResponse:
    form = AssignForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Velg en av de ledige timene."))
        return _shown(request, request_id, RefuseForm(), status=422)
    calendar_id, visit_type_id, channel, starts_at = form.cleaned_data["time"]
    try:
        act_id = _waits(
            request,
            "request.assign",
            request_id,
            calendar_id=calendar_id,
            visit_type_id=visit_type_id,
            channel=channel,
            starts_at=starts_at,
        )
    except Refused as refused:
        messages.error(request, to_office(refused))
        return _shown(request, request_id, RefuseForm(), status=409)
    response = htmx.redirect(request, "workspace:requests")
    words = _("Pasienten har fått time %(when)s og får beskjed.") % {"when": dates.long_datetime(starts_at)}
    undo.told(request, response, "request.assign", [act_id], words)
    return response


@staff_required(*policy.PAGES["requests"])
@require_POST
def propose(request: htmx.Request, request_id: UUID) -> HttpResponse:
    """Several times, for the patient to choose among."""
    forms = [AssignForm({"time": value}) for value in dict.fromkeys(request.POST.getlist("time"))]
    if not forms or len(forms) > MOST_PROPOSED or not all(each.is_valid() for each in forms):
        messages.error(request, str(TOO_MANY_PROPOSED.to_practice))
        return _shown(request, request_id, RefuseForm(), status=422)
    times = [Proposed(*each.cleaned_data["time"]) for each in forms]
    try:
        act_id = _waits(request, "request.propose", request_id, times=times)
    except Refused as refused:
        messages.error(request, to_office(refused))
        return _shown(request, request_id, RefuseForm(), status=409)
    response = htmx.redirect(request, "workspace:requests")
    undo.told(request, response, "request.propose", [act_id], _("Pasienten har fått tidene og beskjed."))
    return response


@staff_required(*policy.PAGES["requests"])
@require_POST
def refuse(request: htmx.Request, request_id: UUID) -> HttpResponse:
    form = RefuseForm(request.POST)
    if form.is_valid():
        act_id = _waits(request, "request.refuse", request_id, text=form.cleaned_data["text"])
        response = htmx.redirect(request, "workspace:requests")
        undo.told(request, response, "request.refuse", [act_id], _("Svaret er sendt til pasienten."))
        return response
    return _shown(request, request_id, form, status=422)


def _waits(request: htmx.Request, name: str, request_id: UUID, **given: Any) -> UUID | None:
    """Done in a moment, unless it is taken back. `given` is the use case's."""
    now = timezone.now()
    return pending.put(
        actor=request.actor,
        name=name,
        object_id=request_id,
        patient_id=office.request(request.actor, request_id, now).patient_id,
        given={"request_id": request_id, "mark": request.POST.get("mark"), **given},
        now=now,
    ).id


def asks(actor: Actor, practice_id: UUID, now: datetime) -> list[Asked[Any]]:
    """Those that wait for the office."""
    return [requested.at_office(actor, practice_id, now)]


def rows(
    actor: Actor, now: datetime, waiting: Mapping[UUID, Waiting], found: Iterable[AtOffice]
) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "patient": row.patient_name,
            "doctor": row.doctor,
            "sent_at": row.sent_at,
            "days": (local_day(now) - local_day(row.sent_at)).days,
            "answer_by": answer_by(local_day(row.status_at)),
            "is_near": answer_by(local_day(row.status_at)) <= add_working_days(local_day(now), 1),
            "times": [COARSE_TIMES[each] for each in row.coarse_times],
            "channels": [texts.CHANNELS[each] for each in row.channels],
            "waiting": waiting.get(row.id),
        }
        for row in found
    ]


def _shown(request: htmx.Request, request_id: UUID, form: RefuseForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    row = office.request(request.actor, request_id, now)
    acts, mine = ask_as_one(
        pending_queries.all_waiting(request.actor), *asks(request.actor, practice_of(request.actor), now)
    )
    waiting = pending_queries.told(request.actor, acts)
    found = free.find(request.actor, request.GET, row.clinician_id, list(row.channels))
    context = {
        "row": row,
        "mark": seen.mark(*seen_of_request(row)),
        "age": age_on(row.patient.birth_date, local_day(now)),
        "times": [COARSE_TIMES[each] for each in row.coarse_times],
        "channels": [texts.CHANNELS[each] for each in row.channels],
        "is_open": row.status in ("sent", "proposed"),
        "answer_by": answer_by(local_day(row.status_at)),
        "proposals": requested.proposals(row, now),
        "ticked": request.POST.getlist("time"),
        "waiting": waiting.get(row.pk),
        "form": form,
        "rows": rows(request.actor, now, waiting, mine),
        "search": found.search,
        "free_days": found.days,
        "prefix": found.prefix,
        "last_day": found.last_day,
    }
    return htmx.page(request, "workspace/requests/request.html", context, form=form, status=status)
