"""CAVE: what a patient does not tolerate, added and ended. What holds stands on top wherever she is met."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.web.guards import staff_required
from legedialog.audit.policy import may_open
from legedialog.cautions import policy as cautions
from legedialog.cautions import queries, services
from legedialog.cautions.queries import Caution, Row
from legedialog.cautions.rules import Certainty, Severity, Source
from legedialog.core import seen
from legedialog.core.errors import Denied, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.journal.policy import DOCTORS
from legedialog.patients import queries as patients
from legedialog.patients.queries import Profile
from legedialog.patients.representation import Restriction
from legedialog.patients.rules import age_on, is_too_young
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose
from legedialog.workspace.cautions.forms import CautionForm, EndForm
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.journal.views import opened

View = Callable[..., HttpResponseBase]
ROLES = policy.PAGES["patients"]


def of_caution(*roles: Any) -> Callable[[View], View]:
    """The patient is the caution's. Who may not at all is never asked for a purpose."""

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(request: htmx.Request, caution_id: UUID) -> HttpResponseBase:
            now = timezone.now()
            caution = cautions.find(request.actor, caution_id)
            patient = patients.profile_of_record(request.actor, caution.patient_id, now)
            if not may_open(request.actor, patient.id, now):
                return htmx.redirect(request, purpose.url(patient.id, request.get_full_path()))
            return view(request, patient, now, caution=caution)

        return staff_required(*roles)(asked)

    return decorate


@opened
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request, patient: Profile, now: datetime) -> HttpResponse:
    """Those that hold, those that have ended with why, and a form for one more."""
    may_hide = _may_hide(request, patient, now)
    form = CautionForm(request.POST if request.method == "POST" else None, may_hide=may_hide, initial={"key": new_id()})
    if form.is_valid():
        given = form.cleaned_data
        services.add(
            actor=request.actor,
            patient_id=patient.id,
            practice_id=practice_of(request.actor),
            key=given["key"],
            substance=given["substance"],
            atc=given["atc"],
            reaction=given["reaction"],
            severity=Severity(given["severity"]),
            certainty=Certainty(given["certainty"]),
            source=Source(given["source"]),
            restriction=Restriction(given.get("restriction") or Restriction.NORMAL),
            now=now,
        )
        messages.success(request, _("Advarselen står øverst hos pasienten."))
        return htmx.redirect(request, "workspace:cautions", patient_id=patient.id)
    rows = queries.of_patient(request.actor, patient.id, now)
    context = _context(patient, now) | {
        "form": form,
        "running": [row for row in rows if row.is_running],
        "ended": [row for row in rows if not row.is_running],
        "may_end": [row.id for row in rows if _may_end(request, row)],
        "restrictions": Restriction.choices if may_hide else [],
    }
    return htmx.page(request, "workspace/cautions/index.html", context, part="form", form=form)


@of_caution(*ROLES)
@require_http_methods(["GET", "POST"])
def end(request: htmx.Request, patient: Profile, now: datetime, *, caution: Caution) -> HttpResponse:
    row = queries.one(request.actor, caution, now)
    form = EndForm(request.POST if request.method == "POST" else None)
    status = None
    if form.is_valid():
        try:
            services.end(
                actor=request.actor,
                caution_id=caution.pk,
                reason=form.cleaned_data["reason"],
                mark=request.POST.get("mark", ""),
                now=now,
            )
        except Refused as refused:
            status = 409
            form.add_error(None, to_office(refused))
        except Denied as denied:
            status = 403
            form.add_error(None, str(denied.message))
        else:
            messages.success(request, _("Advarselen er avsluttet."))
            return htmx.redirect(request, "workspace:cautions", patient_id=patient.id)
    context = _context(patient, now) | {"form": form, "row": row, "mark": seen.mark(row.id, row.restriction)}
    return htmx.page(request, "workspace/cautions/end.html", context, part="form", form=form, status=status)


@of_caution(*DOCTORS)
@require_POST
def restrict(request: htmx.Request, patient: Profile, now: datetime, *, caution: Caution) -> HttpResponse:
    """The doctor hides a child's caution from the parents or from the youth, or shows it again."""
    chosen = request.POST.get("restriction")
    if chosen in Restriction.values:
        try:
            services.restrict(
                actor=request.actor,
                caution_id=caution.pk,
                restriction=Restriction(chosen),
                was=request.POST.get("was", ""),
                now=now,
            )
        except Refused as refused:
            messages.error(request, to_office(refused))
        else:
            messages.success(request, _("Lagret."))
    return htmx.redirect(request, "workspace:cautions", patient.id)


def _context(patient: Profile, now: datetime) -> dict[str, Any]:
    return {"patient": patient, "age": age_on(patient.birth_date, local_day(now)), "tab": "cautions"}


def _may_hide(request: htmx.Request, patient: Profile, now: datetime) -> bool:
    return request.actor.role in DOCTORS and is_too_young(patient.birth_date, local_day(now))


def _may_end(request: htmx.Request, row: Row) -> bool:
    """As cautions/policy.py: check_end, which is asked again."""
    return row.is_running and (request.actor.role in DOCTORS or row.by_employee_id == request.actor.employee_id)
