"""Why a patient without an open contact is opened. It is asked once in half an hour for each patient."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.audit import services
from legedialog.audit.policy import may_open
from legedialog.audit.rules import Purpose
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients.rules import age_on
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.forms import PurposeForm


def asked_first(request: htmx.Request, patient_id: UUID, now: datetime) -> HttpResponse | None:
    """Before the office itself makes a contact, which would open the record afterwards: ADR 98. None when it may."""
    if may_open(request.actor, patient_id, now):
        return None
    return htmx.redirect(request, url(patient_id, request.get_full_path()))


def url(patient_id: UUID, to: str) -> str:
    return f"{reverse('workspace:purpose', args=[patient_id])}?{urlencode({'til': to})}"


@staff_required(*policy.PAGES["patients"])
@require_http_methods(["GET", "POST"])
def state(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    now = timezone.now()
    patient = patients.profile_of_record(request.actor, patient_id, now)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.state_purpose(
            actor=request.actor,
            patient_id=patient.id,
            code=Purpose(form.cleaned_data["purpose"]),
            note=form.cleaned_data["note"],
            now=now,
        )
        return htmx.redirect(request, _next(request, patient.id))
    context = {"patient": patient, "age": age_on(patient.birth_date, local_day(now)), "form": form}
    return htmx.page(request, "workspace/purpose.html", context, part="form", form=form)


def _next(request: htmx.Request, patient_id: UUID) -> str:
    """Back to the office's page that asked, and nowhere else."""
    return local(request.GET.get("til", "")) or reverse("workspace:patient", args=[patient_id])


def local(to: str) -> str:
    """An address of the office's pages, or ""."""
    return to if to.startswith("/kontor/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None) else ""
