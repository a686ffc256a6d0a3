"""What waits for the office: requests for a time, and notices that did not reach the patient."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.web.guards import staff_required
from legedialog.appointments import office, queries, services
from legedialog.appointments.texts import COARSE_TIMES
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.journeys import log
from legedialog.outbox import queries as outbox
from legedialog.outbox import services as outbox_services
from legedialog.patients.rules import age_on
from legedialog.ui import dates, htmx
from legedialog.workspace import policy, texts
from legedialog.workspace.web.common import calendar_choices, practice_of, read_day, to_office, visit_type_choices
from legedialog.workspace.web.forms import AssignForm, FreeTimesForm, RefuseForm

SHOWN_DAYS = 7


@staff_required(*policy.PAGES["inbox"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    context = {
        "requests": _rows(request),
        "answers_requests": policy.may(request.actor, "requests"),
        "undelivered": outbox.undelivered(request.actor, practice_of(request.actor)),
        "concerns": log.open_concerns(request.actor, practice_of(request.actor), now),
        "may_see_patient": policy.may(request.actor, "patients"),
    }
    return htmx.page(request, "workspace/inbox.html", context, part="lists")


@staff_required(*policy.PAGES["inbox"])
@require_POST
def notice(request: htmx.Request, notification_id: UUID) -> HttpResponse:
    """Try an undelivered notice again, or put it away because the patient has been told."""
    now = timezone.now()
    try:
        if request.POST.get("do") == "retry":
            outbox_services.retry(actor=request.actor, notification_id=notification_id, now=now)
            messages.success(request, _("Beskjeden sendes på nytt."))
        else:
            outbox_services.dismiss(actor=request.actor, notification_id=notification_id, now=now)
            messages.success(request, _("Beskjeden er lagt bort."))
    except Refused as refused:
        messages.info(request, to_office(refused))
    return htmx.redirect(request, "workspace:inbox")


@staff_required(*policy.PAGES["requests"])
@require_GET
def requests(request: htmx.Request) -> HttpResponse:
    return htmx.page(request, "workspace/requests.html", {"requests": _rows(request)}, part="list")


@staff_required(*policy.PAGES["requests"])
@require_http_methods(["GET"])
def request_(request: htmx.Request, request_id: UUID) -> HttpResponse:
    return _shown(request, request_id, RefuseForm())


@staff_required(*policy.PAGES["requests"])
@require_POST
def assign(request: htmx.Request, request_id: UUID) -> HttpResponse:
    form = AssignForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Velg en av de ledige timene."))
        return _shown(request, request_id, RefuseForm(), status=422)
    calendar_id, visit_type_id, channel, starts_at = form.cleaned_data["time"]
    try:
        services.assign_request(
            actor=request.actor,
            request_id=request_id,
            calendar_id=calendar_id,
            visit_type_id=visit_type_id,
            channel=channel,
            starts_at=starts_at,
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, to_office(refused))
        return _shown(request, request_id, RefuseForm(), status=409)
    messages.success(
        request, _("Pasienten har fått time %(when)s og får beskjed.") % {"when": dates.long_datetime(starts_at)}
    )
    return htmx.redirect(request, "workspace:requests")


@staff_required(*policy.PAGES["requests"])
@require_POST
def refuse(request: htmx.Request, request_id: UUID) -> HttpResponse:
    form = RefuseForm(request.POST)
    if form.is_valid():
        try:
            services.refuse_request(
                actor=request.actor, request_id=request_id, text=form.cleaned_data["text"], now=timezone.now()
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
        else:
            messages.success(request, _("Svaret er sendt til pasienten."))
            return htmx.redirect(request, "workspace:requests")
    return _shown(request, request_id, form, status=422)


def _rows(request: htmx.Request) -> list[dict[str, Any]]:
    """Without the words of the wish: those are read one at a time."""
    actor, now = request.actor, timezone.now()
    if not policy.may(actor, "requests"):
        return []
    return [
        {
            "id": row.pk,
            "patient": row.patient.name,
            "doctor": row.clinician.name,
            "sent_at": row.sent_at,
            "days": (local_day(now) - local_day(row.sent_at)).days,
            "times": [COARSE_TIMES[each] for each in row.coarse_times],
            "channels": [texts.CHANNELS[each] for each in row.channels],
        }
        for row in queries.open_requests(actor, practice_of(actor))
    ]


def _shown(request: htmx.Request, request_id: UUID, form: RefuseForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    row = office.request(request.actor, request_id, now)
    context = {
        "row": row,
        "age": age_on(row.patient.birth_date, local_day(now)),
        "times": [COARSE_TIMES[each] for each in row.coarse_times],
        "channels": [texts.CHANNELS[each] for each in row.channels],
        "is_open": row.status == "sent",
        "form": form,
        "requests": _rows(request),
        **_free(request, row.clinician_id, list(row.channels)),
    }
    return htmx.page(request, "workspace/request.html", context, form=form, status=status)


def _free(request: htmx.Request, clinician_id: UUID, channels: list[str]) -> dict[str, Any]:
    """Free times of the doctor she asked for, until another is chosen."""
    now = timezone.now()
    today = local_day(now)
    calendars, visit_types = office.calendars(request.actor), office.visit_types(request.actor)
    own = next((each for each in calendars if each.clinician_id == clinician_id), None)
    data = {
        "calendar": str(own.pk) if own else str(calendars[0].pk) if calendars else "",
        "visit_type": str(visit_types[0].pk) if visit_types else "",
        "channel": channels[0] if channels else "attendance",
        "day": today.isoformat(),
        **{name: request.GET[name] for name in ("calendar", "visit_type", "channel", "day") if name in request.GET},
    }
    choices = {"calendar": calendar_choices(request.actor), "visit_type": visit_type_choices(request.actor)}
    form = FreeTimesForm(data, choices=choices)
    if not form.is_valid():
        return {"search": form, "free_days": []}
    first = max(read_day(data["day"], today), today)
    calendar = next(each for each in calendars if str(each.pk) == data["calendar"])
    days = queries.free_days(
        practice_id=calendar.practice_id,
        clinician_ids=[calendar.clinician_id],
        visit_type=next(each for each in visit_types if str(each.pk) == data["visit_type"]),
        channel=data["channel"],
        first_day=first,
        last_day=first + timedelta(days=SHOWN_DAYS - 1),
        now=now,
        for_citizen=False,
    )
    return {
        "search": form,
        "free_days": [day for day in days if day.times],
        "prefix": f"{calendar.pk}|{data['visit_type']}|{data['channel']}|",
        "last_day": first + timedelta(days=SHOWN_DAYS - 1),
    }
