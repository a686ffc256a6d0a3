"""The office says which language a patient needs an interpreter for, and notes that one is ordered for a visit."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.actor import Actor
from legedialog.access.web.guards import staff_required
from legedialog.appointments.office import Visit
from legedialog.audit.policy import may_open
from legedialog.core.errors import Refused
from legedialog.interpreters import policy, queries, services
from legedialog.interpreters.web.forms import OfficeForm
from legedialog.patients import queries as patients
from legedialog.ui import htmx


@staff_required(*policy.ROLES)
@require_http_methods(["GET", "POST"])
def need(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    now = timezone.now()
    patient = patients.profile(request.actor, patient_id, now)
    if not may_open(request.actor, patient_id, now):
        query = urlencode({"til": request.path})
        return htmx.redirect(request, f"{reverse('workspace:purpose', args=[patient_id])}?{query}")
    row = queries.shown(request.actor, patient_id, now)
    initial = {"language": row.language if row else ""}
    mark = request.POST.get("mark", "") if request.method == "POST" else queries.mark(row)
    form = OfficeForm(request.POST if request.method == "POST" else None, initial=initial)
    status = None
    if form.is_valid():
        language = form.cleaned_data["language"]
        try:
            services.say(actor=request.actor, patient_id=patient_id, language=language, mark=mark, now=now)
        except Refused as refused:
            form.add_error(None, str(refused.message))
            mark, status = queries.mark(row), 409
        else:
            messages.success(request, _("Lagret. Det står øverst hos pasienten."))
            return htmx.redirect(request, "workspace:patient", patient_id)
    context = {"form": form, "row": row, "patient": patient, "mark": mark, "is_changed": status == 409}
    return htmx.page(request, "interpreters/office.html", context, part="form", form=form, status=status)


@staff_required(*policy.ROLES)
@require_POST
def order(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    try:
        mark = request.POST.get("mark", "")
        services.order(actor=request.actor, appointment_id=appointment_id, mark=mark, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Notert at tolk er bestilt."))
    return htmx.redirect(request, "workspace:visit", appointment_id)


@staff_required(*policy.ROLES)
@require_POST
def undo(request: htmx.Request, interpreter_id: UUID) -> HttpResponse:
    appointment_id = policy.find_order(request.actor, interpreter_id).appointment_id
    try:
        services.undo(actor=request.actor, order_id=interpreter_id, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Angret. Det står ikke lenger at tolk er bestilt."))
    return htmx.redirect(request, "workspace:visit", appointment_id)


def at_patient(actor: Actor, patient_id: UUID, now: Any) -> dict[str, Any] | None:
    """A part of her page: the way to say it. What is said stands on top."""
    return {"patient_id": patient_id} if policy.cares(actor) else None


def at_visit(actor: Actor, visit: Visit, now: Any) -> dict[str, Any] | None:
    """A part of the panel: whether one is ordered."""
    ids = {"patient_id": visit.patient_id, "practice_id": visit.practice_id}
    row = queries.noted(actor, visit.id, **ids, starts_at=visit.starts_at, now=now)
    if row is None:
        return None
    return {
        "row": row,
        "visit_id": visit.id,
        "may_order": visit.status == "booked" and visit.starts_at > now,
        "was_moved": bool(row.order_id) and row.starts_at != visit.starts_at,
        "is_cancelled": bool(row.order_id) and visit.status == "cancelled",
    }
