"""Oppgaver: what colleagues ask of each other until a date, about a patient or about nothing. Hers first."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.actor import Actor
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office as appointments
from legedialog.appointments.office import Visit
from legedialog.core import reading
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.dialogues import office as dialogues
from legedialog.errands import queries, services
from legedialog.errands.queries import Box, Row
from legedialog.errands.rules import About, Source
from legedialog.patients import queries as patients
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose, undo
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.errands.forms import ChangeForm, ErrandForm
from legedialog.workspace.errands.texts import BOXES, EMPTY, GROUPS

ROLES = policy.PAGES["errands"]
PAGES = {Source.DIALOGUE: "workspace:dialogue", Source.APPOINTMENT: "workspace:visit"}
ASKED = {"pasient": Source.PATIENT, "melding": Source.DIALOGUE, "time": Source.APPOINTMENT}  # in the address


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now, box = timezone.now(), _box(request.GET.get("vis", ""))
    context = {
        "boxes": [(each, words, each == box) for each, words in BOXES.items()],
        "box": box,
        "empty": EMPTY[box],
        "rows": [_shown(row) for row in queries.listed(request.actor, box, now)],
    }
    return htmx.page(request, "workspace/errands/index.html", context, part="list")


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def new(request: htmx.Request) -> HttpResponse:
    """The address may name the patient, the message or the visit that it is about."""
    actor, now = request.actor, timezone.now()
    about, name = _about(request, now)
    if about.patient_id and (first := purpose.asked_first(request, about.patient_id, now)):
        return first
    form = ErrandForm(
        request.POST if request.method == "POST" else None,
        choices={"whom": _choices(actor, is_about_patient=bool(about.patient_id), now=now)},
        initial={"key": new_id(), "due_date": local_day(now) + timedelta(days=1), "whom": actor.employee_id},
    )
    status = None
    if form.is_valid():
        given = form.cleaned_data
        try:
            services.give(
                actor=actor,
                practice_id=practice_of(actor),
                key=given["key"],
                text=given["text"],
                due_date=given["due_date"],
                to=given["whom"],
                about=about,
                now=now,
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
            status = 409
        else:
            messages.success(request, _("Oppgaven er lagret."))
            return htmx.redirect(request, _from(about) or reverse("workspace:errands"))
    context = {"form": form, "name": name, "back_url": _from(about) or reverse("workspace:errands")}
    return htmx.page(request, "workspace/errands/new.html", context, part="form", form=form, status=status)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def show(request: htmx.Request, errand_id: UUID) -> HttpResponse:
    """One, to give it to another or another date."""
    actor, now = request.actor, timezone.now()
    row = queries.one(actor, errand_id, now)
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        choices={"whom": _choices(actor, is_about_patient=bool(row.patient_id), now=now)},
        initial={"whom": row.to_employee_id or row.group, "due_date": row.due_date},
    )
    status = None
    if form.is_valid():
        try:
            services.change(
                actor=actor,
                errand_id=errand_id,
                to=form.cleaned_data["whom"],
                due_date=form.cleaned_data["due_date"],
                mark=request.POST.get("mark", ""),
                now=now,
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
            status = 409
        else:
            messages.success(request, _("Oppgaven er endret."))
            return htmx.redirect(request, "workspace:errands")
    context = _shown(row) | {"form": form}
    return htmx.page(request, "workspace/errands/show.html", context, part="form", form=form, status=status)


@staff_required(*ROLES)
@require_POST
def done(request: htmx.Request, errand_id: UUID) -> HttpResponse:
    """It can be taken back for ten minutes by the bar, and later from the list of what is done."""
    response = htmx.redirect(request, purpose.local(request.POST.get("til", "")) or _list(Box.MINE))
    try:
        row = services.finish(
            actor=request.actor, errand_id=errand_id, mark=request.POST.get("mark", ""), now=timezone.now()
        )
    except Refused as refused:
        messages.warning(request, to_office(refused))
    else:
        undo.remember(request, response, undo.ERRAND, [(row.pk, None, queries.mark_of(row))])
    return response


@staff_required(*ROLES)
@require_POST
def reopen(request: htmx.Request, errand_id: UUID) -> HttpResponse:
    try:
        services.reopen(actor=request.actor, errand_id=errand_id, mark=request.POST.get("mark", ""), now=timezone.now())
    except Refused as refused:
        messages.warning(request, to_office(refused))
        return htmx.redirect(request, _list(Box.DONE))
    messages.success(request, _("Oppgaven er åpnet igjen."))
    return htmx.redirect(request, _list(Box.OFFICE))


def at_patient(actor: Actor, patient_id: UUID, now: datetime) -> dict[str, Any]:
    """A part of her page: what is to be done for her, and the way to ask a colleague."""
    rows = queries.of_patient(actor, patient_id, now)
    return {"patient_id": patient_id, "rows": [_shown(row) for row in rows]}


def at_visit(actor: Actor, visit: Visit, now: datetime) -> dict[str, Any] | None:
    return {"visit_id": visit.id} if policy.may(actor, "patients") else None


def _about(request: htmx.Request, now: datetime) -> tuple[About, str]:
    """What the address names, as the one who asks may see it; and the patient's name."""
    actor = request.actor
    for word, source in ASKED.items():
        if word in request.GET:
            found = reading.uuid(request.GET[word])
            if found is None or not policy.may(actor, "patients"):
                raise NotFound
            if source is Source.PATIENT:
                return About(found, source), patients.profile_of_record(actor, found, now).name
            if source is Source.DIALOGUE:
                head = dialogues.head(actor, found, now)
                return About(head.row.patient_id, source, found), head.row.patient_name
            visit = appointments.brief(actor, found, now)
            return About(visit.patient_id, source, found), visit.patient_name
    return About(), ""


def _from(about: About) -> str:
    """The page that it was written from."""
    if about.source in PAGES:
        return reverse(PAGES[Source(about.source)], args=[about.source_id])
    return reverse("workspace:patient", args=[about.patient_id]) if about.patient_id else ""


def _choices(actor: Actor, *, is_about_patient: bool, now: datetime) -> list[tuple[str, str]]:
    """She herself first, her colleagues by name, then the roles."""
    found = queries.colleagues(actor, is_about_patient=is_about_patient, now=now)
    me = [(str(key), _("Meg selv")) for key, _name in found if key == actor.employee_id]
    others = [(str(key), name) for key, name in found if key != actor.employee_id]
    groups = [(each.value, str(GROUPS[each])) for each in queries.groups(is_about_patient=is_about_patient)]
    return [*me, *others, *groups]


def _shown(row: Row) -> dict[str, Any]:
    return {
        "row": row,
        "to": row.to or GROUPS[row.group],
        "url": reverse(PAGES[Source(row.source)], args=[row.source_id]) if row.source in PAGES else "",
        "color": "danger" if row.days_late else "warning" if row.is_today else "neutral",
    }


def _box(text: str) -> Box:
    return Box(text) if text in set(Box) else Box.MINE


def _list(box: Box) -> str:
    return f"{reverse('workspace:errands')}?{urlencode({'vis': box.value})}"
