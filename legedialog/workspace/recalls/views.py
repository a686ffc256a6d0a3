"""Innkalling: the office asks one or many to book a time, and sees who has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.actor import Actor
from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office, recall_rules, recalls, services
from legedialog.appointments import policy as appointments_policy
from legedialog.appointments.recalls import Called, Left
from legedialog.appointments.texts import RECALL_STATUSES, STATUSES
from legedialog.core import reading, seen
from legedialog.core.errors import Refused, TooMany
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients import searching
from legedialog.patients.queries import Found, PatientRow
from legedialog.pending import services as pending
from legedialog.ui import htmx
from legedialog.ui.dates import long_datetime
from legedialog.workspace import policy, undo
from legedialog.workspace.common import practice_of, to_office, visit_type_choices
from legedialog.workspace.recalls.forms import FindForm, RecallForm

ROLES = policy.PAGES["booking"]
WEEKS = timedelta(weeks=6)  # what stands there until the office says something else


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    context = {"rows": recalls.rounds(request.actor, practice_of(request.actor)), "today": local_day(timezone.now())}
    return htmx.page(request, "workspace/recalls/index.html", context, part="list")


@staff_required(*ROLES)
@require_GET
def show(request: htmx.Request, recall_id: UUID) -> HttpResponse:
    now = timezone.now()
    one, called = recalls.round_of(request.actor, recall_id, now)
    context = {
        "recall_id": recall_id,
        "round": one,
        "rows": [(row, *_words(row)) for row in called],
        "today": local_day(now),
    }
    return htmx.page(request, "workspace/recalls/show.html", context, part="list")


def _words(row: Called) -> tuple[Any, str]:
    """The word for how far it has come, and its colour. Of a time that she did not come to, that."""
    if row.visit_status == "no-show":
        return STATUSES[row.visit_status]
    _hers, word, color = RECALL_STATUSES[row.status]
    return word, color


@staff_required(*ROLES)
@require_POST
def stop(request: htmx.Request, recall_id: UUID) -> HttpResponse:
    """One of the round that the page shows; the page is named by any of them, as a form is its page's (ADR 35)."""
    one = reading.uuid(request.POST.get("one", "")) or recall_id
    try:
        services.stop_recall(actor=request.actor, recall_id=one, now=timezone.now())
    except Refused as refused:
        messages.error(request, to_office(refused))
    else:
        messages.success(request, _("Stoppet. Pasienten ser den ikke lenger, og blir ikke minnet på den."))
    return htmx.redirect(request, "workspace:recall", recall_id)


@staff_required(*ROLES)
@require_POST
def stop_all(request: htmx.Request, recall_id: UUID) -> HttpResponse:
    """It waits a moment, as asking them did: one press takes the request from hundreds."""
    one = appointments_policy.find_recall(request.actor, recall_id)
    response = htmx.redirect(request, "workspace:recall", recall_id)
    try:
        put = pending.put(
            actor=request.actor,
            name="recall.stop-all",
            object_id=one.round,
            given={"recall_id": recall_id},
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, to_office(refused))
        return response
    text = ngettext("Stoppet for %(count)d pasient.", "Stoppet for %(count)d pasienter.", put.result or 0)
    undo.told(request, response, "recall.stop-all", [put.id], text % {"count": put.result or 0})
    return response


@dataclass(frozen=True, slots=True)
class Tick:
    row: PatientRow
    is_ticked: bool
    note: str = ""


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def new(request: htmx.Request) -> HttpResponse:
    """What, whom, and yes. Whoever is found is ticked or not, and stays so whichever button is pressed."""
    now, is_post = timezone.now(), request.method == "POST"
    wants = request.POST.get("do", "send") if is_post else ""
    calendars = office.calendars(request.actor)
    form = _form(request, calendars, now, is_bound=is_post and wants != "find")
    names = [(str(each.clinician_id), each.clinician.name) for each in calendars]
    doctors = [("", _("alle leger ved kontoret")), *names]
    find = FindForm(request.POST if is_post else None, choices={"doctor": doctors})
    problem, found, status = "", Found([], is_cut=False), None
    if wants == "find" and find.is_valid():
        try:
            found = _found(request.actor, find.cleaned_data, now)
        except TooMany as error:
            problem = str(error.message)
    elif wants != "find" and is_post:
        find = FindForm(initial=_typed(request, FindForm), choices={"doctor": doctors})
    ticked = searching.chosen(request.actor, _ids(request), now)
    asks: dict[str, Any] = {}
    ticks = [Tick(row, is_ticked=True) for row in ticked]
    if form.is_bound and form.is_valid():
        asks = form.cleaned_data
        ticks = _noted(request.actor, asks, ticked, now)
        if not any(each.is_ticked for each in ticks):
            problem = str(recall_rules.NOBODY_TO_ASK.to_practice) if ticked else _("Velg minst én pasient.")
    ids = [each.row.id for each in ticks if each.is_ticked]
    mark = seen.mark(*(asks.get(name) for name in ("visit_type", "calendar", "first_date", "last_date")), sorted(ids))
    if asks and not problem and "confirmed" in request.POST:
        if request.POST["confirmed"] == mark:
            try:
                return _send(request, asks, ids, now)
            except Refused as refused:
                problem = to_office(refused)
        status = 409
    known = {row.id for row in ticked}
    more = [Tick(row, is_ticked=not find.data.get("words")) for row in found.rows if row.id not in known]
    context = {
        "form": form,
        "find": find,
        "ticks": ticks,
        "more": more,
        "found": found if wants == "find" and find.is_valid() and not problem else None,
        "count": len(ids),
        "mark": mark if asks and not problem else "",
        "tells_on": _tells_on(request.actor, asks, now) if asks and not problem else None,
        "problem": problem,
        "most": recall_rules.MOST,
    }
    bound = find if wants == "find" else form
    return htmx.page(request, "workspace/recalls/new.html", context, part="form", form=bound, status=status)


def _form(request: htmx.Request, calendars: Sequence[Any], now: datetime, *, is_bound: bool) -> RecallForm:
    today = local_day(now)
    first = {"first_date": today, "last_date": today + WEEKS, "round": new_id()}
    choices = {
        "visit_type": visit_type_choices(
            request.actor, for_citizen=True, orders=allows(appointments_policy.check_orders, request.actor)
        ),
        "calendar": [("", _("hvem pasienten vil")), *((str(each.pk), each.clinician.name) for each in calendars)],
    }
    return RecallForm(request.POST if is_bound else None, initial=first | _typed(request, RecallForm), choices=choices)


def _typed(request: htmx.Request, form: type[RecallForm] | type[FindForm]) -> dict[str, Any]:
    """What stood in the form, for one that is not asked for yet."""
    return {name: request.POST[name] for name in form.base_fields if name in request.POST}


def _ids(request: htmx.Request) -> list[UUID]:
    """Those who are ticked, or the one whose page she came from."""
    given = request.POST.getlist("patient") if request.method == "POST" else [request.GET.get("pasient", "")]
    return [each for each in map(reading.uuid, given) if each]


def _found(actor: Actor, wanted: dict[str, Any], now: datetime) -> Found:
    practice_id = practice_of(actor)
    if wanted["words"]:
        return searching.search(actor, practice_id, wanted["words"], now=now, with_walk_ins=False)
    return searching.listed(
        actor,
        practice_id,
        clinician_id=wanted["doctor"],
        born_first=wanted["born_first"],
        born_last=wanted["born_last"],
        most=recall_rules.MOST,
        now=now,
    )


def _noted(actor: Actor, asks: dict[str, Any], ticked: list[PatientRow], now: datetime) -> list[Tick]:
    """Who need not be asked is not ticked any more, and why."""
    days = (asks["first_date"], asks["last_date"])
    left = recalls.left_out(actor, practice_of(actor), [row.id for row in ticked], asks["visit_type"], *days)
    return [Tick(row, row.id not in left, _why(left[row.id]) if row.id in left else "") for row in ticked]


def _why(left: Left) -> str:
    if left.starts_at:
        return _("Har time %(when)s") % {"when": long_datetime(left.starts_at)}
    return _("Er spurt om dette fra før")


def _tells_on(actor: Actor, asks: dict[str, Any], now: datetime) -> Any:
    """When they are told, where that is not at once."""
    kind, today = office.visit_type(actor, asks["visit_type"]), local_day(now)
    day = recall_rules.tells_on(asks["first_date"], kind.horizon_days, today)
    return day if day > today else None


def _send(request: htmx.Request, asks: dict[str, Any], ids: list[UUID], now: datetime) -> HttpResponse:
    put = pending.put(
        actor=request.actor,
        name="recall.ask",
        object_id=asks["round"],
        given={
            "practice_id": practice_of(request.actor),
            "round_id": asks["round"],
            "patient_ids": ids,
            "visit_type_id": asks["visit_type"],
            "calendar_id": asks["calendar"],
            "first_date": asks["first_date"],
            "last_date": asks["last_date"],
        },
        patient_id=ids[0] if len(ids) == 1 else None,
        now=now,
    )
    response = htmx.redirect(request, "workspace:recalls")
    undo.told(request, response, "recall.ask", [put.id], _("Innkallingen er sendt."))
    return response


def at_patient(actor: Actor, patient_id: UUID, now: datetime) -> dict[str, Any] | None:
    """A part of her page: what the office asks her to book, and the way to ask."""
    if not policy.may(actor, "booking") or not patients.is_listed(actor, patient_id, now):
        return None
    return {"patient_id": patient_id, "rows": recalls.open_of(actor, patient_id)}
