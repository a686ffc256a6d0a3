"""Registrer ny pasient: who is on no list of the office's is registered, put right, and parted from the register's."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.audit.policy import may_open
from legedialog.core.errors import NotFound, Refused
from legedialog.core.identifiers import BadIdentifier
from legedialog.core.times import local_day
from legedialog.journeys import walk_ins as journey
from legedialog.patients import queries as patients
from legedialog.patients import rules, walk_ins
from legedialog.patients.queries import PatientRow
from legedialog.patients.rules import Proof
from legedialog.patients.walk_ins import Told
from legedialog.practices import queries as practices
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.patients.forms import PartForm, WalkInForm
from legedialog.workspace.texts import CHANNELS


@staff_required(*policy.PAGES["patients"])
@require_http_methods(["GET", "POST"])
def new(request: htmx.Request) -> HttpResponse:
    """From a search that found nobody what was typed comes along, by POST; the address holds a time at most."""
    is_from_search = "words" in request.POST
    data = request.POST if request.method == "POST" and not is_from_search else None
    initial = _typed(request.POST.get("words", "")) if is_from_search else {}
    form = WalkInForm(data, initial={"language": "nb", **initial})
    alike: list[PatientRow] = []
    status = None
    if form.is_valid():
        now, practice_id = timezone.now(), practice_of(request.actor)
        told = _told(form)
        try:
            person_id = walk_ins.register(
                actor=request.actor,
                practice_id=practice_id,
                told=told,
                is_another="is_another" in request.POST,
                now=now,
            )
        except (BadIdentifier, Refused) as refused:
            status = 409
            alike = _explain(request, form, refused, told)
        else:
            messages.success(request, _("Pasienten er registrert. Bare dere ser registreringen."))
            if "time" in request.GET:
                return redirect(f"{reverse('workspace:book')}?{_time_in(request, person_id)}")
            return htmx.redirect(request, "workspace:patient", person_id)
    asks_if_another = bool(alike) and not form["number"].errors
    context = {
        "form": form,
        "alike": [(row, _url(request, row.id)) for row in alike],
        "asks_if_another": asks_if_another,
        "button": _button(request, asks_if_another=asks_if_another),
    }
    return htmx.page(request, "workspace/patients/walk_in_new.html", context, part="form", form=form, status=status)


@staff_required(*policy.PAGES["patients"])
@require_http_methods(["GET", "POST"])
def change(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    now = timezone.now()
    patient = patients.profile(request.actor, patient_id, now)
    found = walk_ins.of(request.actor, patient_id)
    if found is None or not found.is_local:
        raise NotFound
    if not may_open(request.actor, patient_id, now):
        return htmx.redirect(request, purpose.url(patient_id, request.path))
    walk_ins.looked(request.actor, patient_id, now)
    told = found.told
    initial = {name: getattr(told, name) for name in WalkInForm.base_fields}
    form = WalkInForm(request.POST if request.method == "POST" else None, initial=initial)
    alike: list[PatientRow] = []
    status = None
    if form.is_valid():
        given = _told(form)
        try:
            walk_ins.change(
                actor=request.actor, person_id=patient_id, told=given, mark=request.POST.get("mark"), now=now
            )
        except (BadIdentifier, Refused) as refused:
            status = 409
            alike = _explain(request, form, refused, given)
        else:
            messages.success(request, _("Opplysningene er lagret."))
            return htmx.redirect(request, "workspace:patient", patient_id)
    context = {
        "form": form,
        "patient": patient,
        "mark": request.POST.get("mark", found.mark),
        "alike": [(row, reverse("workspace:patient", args=[row.id])) for row in alike],
    }
    return htmx.page(request, "workspace/patients/walk_in_change.html", context, part="form", form=form, status=status)


@staff_required(*policy.PAGES["patients"])
@require_http_methods(["GET", "POST"])
def part(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    """She is not the register's person after all."""
    now = timezone.now()
    patient = patients.profile(request.actor, patient_id, now)
    found = walk_ins.of(request.actor, patient_id)
    if found is None or not found.joined_at:
        raise NotFound
    if not may_open(request.actor, patient_id, now):
        return htmx.redirect(request, purpose.url(patient_id, request.path))
    walk_ins.looked(request.actor, patient_id, now)
    form = PartForm(request.POST if request.method == "POST" else None)
    status = None
    if form.is_valid():
        try:
            own_id = journey.part(actor=request.actor, person_id=patient_id, now=now)
        except Refused as refused:
            form.add_error(None, to_office(refused))
            status = 409
        else:
            messages.success(request, _("Koblingen er tatt bort. Pasienten er bare registrert hos dere igjen."))
            return htmx.redirect(request, "workspace:patient", own_id)
    context = {"form": form, "patient": patient, "until": journey.undo_until(found.joined_at)}
    return htmx.page(request, "workspace/patients/walk_in_part.html", context, part="form", form=form, status=status)


@staff_required(*policy.PAGES["booking"])
@require_GET
def slip(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """A note of the time for the patient to take along, on paper: when, where and with whom, never why."""
    visit, language = office.slip(request.actor, appointment_id, timezone.now())
    with translation.override(language or translation.get_language()):
        context = {
            "visit": visit,
            "channel": CHANNELS[visit.channel],
            "office": practices.practice(practice_of(request.actor)),
        }
        return htmx.page(request, "workspace/patients/slip.html", context)


def at_patient(request: htmx.Request, patient_id: UUID) -> dict[str, Any] | None:
    """What stands on her page of how the office has registered her."""
    found = walk_ins.of(request.actor, patient_id)
    if found is None:
        return None
    until = journey.undo_until(found.joined_at) if found.joined_at else None
    return {
        "row": found,
        "kind": KINDS.get(found.number_kind, _("Nummer")),
        "proof": found.told.proof.label,
        "undo_until": until if until and until > timezone.now() else None,
    }


KINDS = WalkInForm.KINDS


def _told(form: WalkInForm) -> Told:
    return Told(**{**form.cleaned_data, "proof": Proof(form.cleaned_data["proof"])})


def _button(request: htmx.Request, *, asks_if_another: bool) -> str:
    if asks_if_another:
        return _("Nei, registrer en ny pasient")
    return _("Registrer og velg time") if "time" in request.GET else _("Registrer")


def _explain(request: htmx.Request, form: WalkInForm, refused: BadIdentifier | Refused, told: Told) -> list[PatientRow]:
    """What is wrong, beside its field; and those of the office's own who may be meant."""
    if isinstance(refused, BadIdentifier):
        form.add_error("number", str(refused.message))
        return []
    now = timezone.now()
    if refused.refusal == rules.NUMBER_KNOWN:
        form.add_error("number", to_office(refused))
        return walk_ins.known(request.actor, practice_of(request.actor), told.number, now)
    if refused.refusal == rules.LOOKS_LIKE:
        form.add_error(None, to_office(refused))
        return walk_ins.alike(request.actor, told, now)
    form.add_error("birth_date" if refused.refusal == rules.BORN_LATER else None, to_office(refused))
    return []


def _typed(words: str) -> dict[str, str | date]:
    """What a search was for, in the fields it belongs in."""
    wanted = rules.understand(words, synthetic=settings.SYNTHETIC_PERSONS)
    if wanted is None:
        return {}
    names = [each for each in words.split() if not any(sign.isdigit() for sign in each)]
    found: dict[str, str | date] = {"number": wanted.national_number, "phone": wanted.phone}
    if wanted.names:
        found |= (
            {"given_name": " ".join(names[:-1]), "family_name": names[-1]} if names[1:] else {"given_name": names[0]}
        )
    past = [each for each in wanted.birth_dates if each <= local_day(timezone.now())]
    return found | ({"birth_date": past[-1]} if past else {})


def _url(request: htmx.Request, person_id: UUID) -> str:
    if "time" in request.GET:
        return f"{reverse('workspace:book')}?{_time_in(request, person_id)}"
    return reverse("workspace:patient", args=[person_id])


def _time_in(request: htmx.Request, person_id: UUID) -> str:
    chosen = {name: request.GET[name] for name in ("kalender", "start") if name in request.GET}
    return urlencode(chosen | {"pasient": str(person_id)})
