"""Find a patient, and see what the office needs to reach her."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access import queries as access
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.audit.policy import may_open
from legedialog.consent import services as consents
from legedialog.core import contexts, seen
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.journal import queries
from legedialog.journeys import assigning
from legedialog.patients import queries as patients
from legedialog.patients import searching
from legedialog.patients.rules import age_on
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose, texts, top
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.forms import SearchForm
from legedialog.workspace.journal.views import rows_of
from legedialog.workspace.patients import walk_ins
from legedialog.workspace.patients.forms import LiftLockForm

LATEST = 5  # entries of the record on the first page


@staff_required(*policy.PAGES["patients"])
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request) -> HttpResponse:
    """The words are sent by POST, so that names and numbers stand in no address and no log."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        words = form.cleaned_data["words"]
        found = searching.search(request.actor, practice_of(request.actor), words, now=timezone.now(), with_former=True)
    hits = [(row, reverse("workspace:patient", args=[row.id])) for row in found.rows] if found else []
    context = {
        "form": form,
        "found": found,
        "hits": hits,
        "register_url": reverse("workspace:walk-in-new"),
        "may_book": policy.may(request.actor, "booking"),
    }
    return htmx.page(request, "workspace/patients/patients.html", context, part="search", form=form)


@staff_required(*policy.PAGES["patients"])
@require_GET
def show(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    return _shown(request, patient_id)


@staff_required(*policy.PAGES["patients"])
@require_POST
def number(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    """The page with the whole national number in it, which she sees was shown."""
    now = timezone.now()
    patients.profile_of_record(request.actor, patient_id, now)  # another office's is not found
    if not may_open(request.actor, patient_id, now):
        return htmx.redirect(request, "workspace:patient", patient_id)
    return _shown(request, patient_id, patients.national_number(request.actor, patient_id, now))


def _shown(request: htmx.Request, patient_id: UUID, national_number: str = "") -> HttpResponse:
    now = timezone.now()
    today = local_day(now)
    patient = patients.profile_of_record(request.actor, patient_id, now)
    if not may_open(request.actor, patient_id, now):
        return htmx.redirect(request, purpose.url(patient_id, request.path))
    visits = [
        (visit, *texts.STATUSES[visit.status], texts.CHANNELS[visit.channel])
        for visit in office.visits_of(request.actor, patient_id, now)
    ]
    gp = patients.gp_of(patient_id, today) if patient.is_listed else None
    latest = queries.page(request.actor, patient_id, now, size=LATEST).items
    walk_in = None if patient.is_listed else walk_ins.at_patient(request, patient_id)
    context = {
        "patient": patient,
        "national_number": national_number,
        "number_word": walk_in["kind"] if walk_in and patient.is_local else _("Fødselsnummer"),
        "masked_number": walk_in["row"].masked_number if walk_in and patient.is_local else patient.masked_number,
        "tab": "overview",
        "latest": rows_of(latest),
        "top": top.shown(request.actor, patient_id, now),
        "parts": contexts.parts("workspace:patient", request.actor, patient_id, now),
        "locked_at": access.locked_since(patient_id),
        "age": age_on(patient.birth_date, today),
        "gp": gp,
        "may_assign": assigning.may_confirm(request.actor, gp),
        "walk_in": walk_in,
        "places": [] if not patient.is_listed else patients.memberships(request.actor, patient_id, today),
        "coming": [row for row in reversed(visits) if row[0].ends_at > now and row[0].status != "cancelled"],
        "past": [row for row in visits if row[0].ends_at <= now or row[0].status == "cancelled"],
    }
    return htmx.page(request, "workspace/patients/patient.html", context, part="number")


@staff_required(*policy.PAGES["patients"])
@require_http_methods(["GET", "POST"])
def lift_lock(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    """Open again for a patient who has locked her access, when it is certain who she is."""
    now = timezone.now()
    patient = patients.profile(request.actor, patient_id, now)
    form = LiftLockForm(request.POST if request.method == "POST" else None)
    status = None
    if form.is_valid():
        mark = request.POST.get("mark", "")
        try:
            consents.lift_lock(actor=request.actor, person_id=patient_id, mark=mark, now=now)
        except Refused as refused:
            form.add_error(None, to_office(refused))
            status = 409
        else:
            messages.success(request, _("Akuttsperren er opphevet. Pasienten kan logge inn igjen."))
            return htmx.redirect(request, "workspace:patient", patient_id=patient_id)
    locked_at = access.locked_since(patient_id)
    context = {"form": form, "patient": patient, "locked_at": locked_at, "mark": seen.mark(locked_at)}
    return htmx.page(request, "workspace/patients/lift_lock.html", context, part="form", form=form, status=status)
