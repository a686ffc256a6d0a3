"""Fravær: who is away and when, all that it touches with a proposal for each, and one press for all of it.

The same page serves what is left of an absence that is registered, and what one who has left still has booked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.actor import Role
from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.core import reading
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.journeys import handing_over
from legedialog.journeys.handing_over import Away
from legedialog.journeys.handover_rules import Way
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.practices import policy as practices_policy
from legedialog.practices import queries as practices
from legedialog.ui import htmx
from legedialog.workspace import policy, undo
from legedialog.workspace.absences import sheet
from legedialog.workspace.absences.forms import AbsenceForm
from legedialog.workspace.absences.texts import OUTCOMES
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.settings.parts import may_be_away

ROLES = policy.PAGES["absences"]


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request) -> HttpResponse:
    """Report an absence. What it touches is shown with a proposal for each, and confirmed as it was shown."""
    actor, now = request.actor, timezone.now()
    practice_id, today = practice_of(actor), local_day(now)
    doctors = office.doctors(actor)
    if "liste" in request.GET:
        return htmx.page(request, "workspace/absences/index.html", _listed(request, doctors, now), part="list")
    people = may_be_away(actor, practice_id, doctors)
    everyone = [(str(row.clinician_id), row.name) for row in practices.offers_of_all(practice_id, today)]
    before = _before(request, practice_id)
    own = str(actor.clinician_id) if actor.role is Role.DOCTOR else ""
    data = request.POST if request.method == "POST" else None
    form = AbsenceForm(
        data,
        initial={"first_date": today, "last_date": today, "clinician": own} | before,
        choices={"clinician": people, "substitute": [("", _("Ingen")), *everyone]},
    )
    shown = None
    if form.is_valid() and people:
        fields = form.cleaned_data
        away = Away(practice_id, fields["clinician"], fields["first_date"], fields["last_date"], fields["substitute"])
        substitute = dict(everyone).get(str(away.substitute_id), "")
        shown = sheet.read(actor, away, substitute, now, data, _kept(actor, away))
        if shown.is_nothing or shown.is_confirmed:
            try:
                return _report(request, away, fields["note"], shown, now)
            except Refused as refused:
                form.add_error("last_date", to_office(refused))
    context = {"form": form, "sheet": shown if form.is_valid() else None, "may_report": bool(people)}
    if not request.htmx:
        context |= _listed(request, doctors, now)
    status = 409 if shown and shown.has_changed and not form.errors else None
    return htmx.page(request, "workspace/absences/index.html", context, part="form", form=form, status=status)


def _before(request: htmx.Request, practice_id: UUID) -> dict[str, Any]:
    """What she had filled in before she took it back."""
    clinician_id = reading.uuid(request.GET.get("lege"))
    if clinician_id is None:
        return {}
    found = pending_queries.unsent(request.actor, clinician_id, "absence.report")
    return {
        "clinician": str(clinician_id),
        "first_date": found["first_date"],
        "last_date": found["last_date"],
        "substitute": str(found["substitute_id"] or ""),
        "note": found["note"],
    } if found else {}  # fmt: skip


def _kept(actor: Any, away: Away) -> dict[str, Any]:
    found = pending_queries.unsent(actor, away.clinician_id, "absence.report")
    period = (found.get("first_date"), found.get("last_date"), found.get("substitute_id"))
    return found if period == (away.first_date, away.last_date, away.substitute_id) else {}


def _report(request: htmx.Request, away: Away, note: str, shown: sheet.Sheet, now: datetime) -> HttpResponse:
    put = pending.put(
        actor=request.actor,
        name="absence.report",
        object_id=away.clinician_id,
        given={
            "practice_id": away.practice_id,
            "clinician_id": away.clinician_id,
            "first_date": away.first_date,
            "last_date": away.last_date,
            "substitute_id": away.substitute_id,
            "note": note,
            "choices": shown.choices,
            "text": shown.text if shown.cancels else "",
        },
        now=now,
    )
    response = htmx.redirect(request, "workspace:absences")
    words = _("Fraværet er registrert. Ledige timer i perioden er stengt.")
    undo.told(request, response, "absence.report", [put.id], words)
    _tell_moved(request, put.result[1] if put.result else 0)
    return response


def _tell_moved(request: htmx.Request, count: int) -> None:
    if count:
        text = ngettext(
            "%(count)d e-konsultasjon får ny lege eller ny dato for svar. Pasienten får beskjed.",
            "%(count)d e-konsultasjoner får ny lege eller ny dato for svar. Pasientene får beskjed.",
            count,
        )
        messages.info(request, text % {"count": count})


def _listed(request: htmx.Request, doctors: Mapping[UUID, str], now: datetime) -> dict[str, Any]:
    """Those who are away now or later, how far the handing over is, and what is left; and who has left with times."""
    actor, practice_id = request.actor, practice_of(request.actor)
    rows = practices.absences(practice_id, local_day(now))
    left = office.still_booked(actor, [(row.clinician_id, row.first_date, row.last_date) for row in rows], now)
    leavers = handing_over.leavers(actor, practice_id, now)
    people = {row.clinician_id for row in rows} | {each.away.clinician_id for each in leavers}
    runs = handing_over.latest(actor, people)
    waiting = pending_queries.waiting(actor, [*doctors, *(row.id for row in rows)])
    return {
        "rows": [
            (
                row,
                allows(practices_policy.check_edit_absence, actor, practice_id, row.clinician_id),
                count,
                runs.get(row.clinician_id),
                waiting.get(row.id),
            )
            for row, count in zip(rows, left, strict=True)
        ],
        "leavers": [(each, runs.get(each.away.clinician_id)) for each in leavers],
        "coming": [(name, waiting[key]) for key, name in doctors.items() if key in waiting],
        "goes_on": bool(waiting) or any(run.ended_at is None for run in runs.values()),
    }


@staff_required(*ROLES)
@require_POST
def end(request: htmx.Request, absence_id: UUID) -> HttpResponse:
    put = pending.put(
        actor=request.actor,
        name="absence.end",
        object_id=absence_id,
        given={"absence_id": absence_id},
        now=timezone.now(),
    )
    response = htmx.redirect(request, "workspace:absences")
    words = _("Fraværet er avsluttet, og legens tider er åpne igjen.")
    undo.told(request, response, "absence.end", [put.id], words)
    _tell_moved(request, put.result or 0)
    return response


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def show(request: htmx.Request, absence_id: UUID) -> HttpResponse:
    """What is left of an absence that is registered."""
    name, away = handing_over.absence(request.actor, absence_id)
    return _left(request, name, away, absence_id)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def leaver(request: htmx.Request, leaver_id: UUID) -> HttpResponse:
    """What one who has left, or will, still has booked after her last day."""
    name, away = handing_over.leaver(request.actor, leaver_id)
    return _left(request, name, away, leaver_id)


def _left(request: htmx.Request, name: str, away: Away, object_id: UUID) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    doctors = {row.clinician_id: row.name for row in practices.offers_of_all(away.practice_id, local_day(now))}
    substitute = doctors.get(away.substitute_id, "") if away.substitute_id else ""
    data = request.POST if request.method == "POST" else None
    before = pending_queries.unsent(actor, object_id, "handover.begin")
    shown, problem = sheet.read(actor, away, substitute, now, data, before), ""
    run = handing_over.latest(actor, [away.clinician_id]).get(away.clinician_id)
    waiting = pending_queries.waiting(actor, [object_id]).get(object_id)
    if shown.is_confirmed:
        if all(each.way == Way.LEAVE for each in shown.choices):
            problem = _("Alle blir stående. Velg noe annet for minst én, eller gå tilbake.")
        else:
            try:
                return _begin(request, away, object_id, shown, now)
            except Refused as refused:
                problem = to_office(refused)
    goes_on = bool(waiting) or bool(run and not run.ended_at)
    context = {
        "name": name,
        "away": away,
        "substitute": substitute,
        "sheet": shown,
        "run": run,
        "waiting": waiting,
        "goes_on": goes_on,
        "problem": problem,
        "not_done": [(row, OUTCOMES[row.outcome]) for row in handing_over.not_done(actor, run.id)]
        if run and run.ended_at
        else [],
        "may_stop": policy.may(actor, "booking"),
    }
    status = 409 if shown.has_changed or problem else None
    return htmx.page(request, "workspace/absences/show.html", context, part="handover", status=status)


def _begin(request: htmx.Request, away: Away, object_id: UUID, shown: sheet.Sheet, now: datetime) -> HttpResponse:
    put = pending.put(
        actor=request.actor,
        name="handover.begin",
        object_id=object_id,
        given={
            "practice_id": away.practice_id,
            "clinician_id": away.clinician_id,
            "first_date": away.first_date,
            "last_date": away.last_date,
            "substitute_id": away.substitute_id,
            "choices": shown.choices,
            "text": shown.text if shown.cancels else "",
        },
        now=now,
    )
    response = htmx.redirect(request, request.path)
    undo.told(request, response, "handover.begin", [put.id], _("Timene fordeles nå."))
    return response


@staff_required(*policy.PAGES["booking"])
@require_POST
def stop(request: htmx.Request, handover_id: UUID) -> HttpResponse:
    """The rest of them; what is done stays."""
    handing_over.stop(actor=request.actor, handover_id=handover_id, now=timezone.now())
    messages.success(request, _("Stoppet. Det som var gjort, er gjort."))
    return htmx.redirect(request, reverse("workspace:absences"))
