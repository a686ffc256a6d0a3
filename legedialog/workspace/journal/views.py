"""The patient's record: timeline, search, one entry, notes, corrections, and paper."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from legedialog.access.actor import Actor, Role
from legedialog.access.web.bodies import takes
from legedialog.access.web.guards import staff_required
from legedialog.attachments.web import field
from legedialog.attachments.web.answers import serve
from legedialog.audit.policy import may_open
from legedialog.core import reading
from legedialog.core.errors import Denied, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.journal import pdf, queries, rules, services
from legedialog.journal import policy as record
from legedialog.journal import texts as words
from legedialog.journal.queries import ContactType, Entry, Filters, Item
from legedialog.journeys import misfiling
from legedialog.patients import queries as patients
from legedialog.patients.queries import Profile
from legedialog.patients.rules import age_on
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose, top
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.journal.forms import CorrectionForm, FilterForm, MisfileForm, NoteForm, WordsForm

View = Callable[..., HttpResponseBase]
ROLES = policy.PAGES["patients"]
BESIDE = 5  # entries beside a message or the picture
staff = staff_required(*ROLES)


def opened(view: View) -> View:
    """Only a patient of the office, and one with an open contact or for whom a purpose was stated."""

    @wraps(view)
    def asked(request: htmx.Request, patient_id: UUID, **kwargs: Any) -> HttpResponseBase:
        now = timezone.now()
        patient = patients.profile_of_record(request.actor, patient_id, now)
        if not may_open(request.actor, patient_id, now):
            return htmx.redirect(request, purpose.url(patient_id, request.get_full_path()))
        return view(request, patient, now, **kwargs)

    return staff(asked)


def of_entry(*roles: Role) -> Callable[[View], View]:
    """The same for one entry: the patient is the entry's. Who may not at all is never asked for a purpose."""

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(request: htmx.Request, entry_id: UUID) -> HttpResponseBase:
            now = timezone.now()
            entry = record.find(request.actor, entry_id)
            patient = patients.profile_of_record(request.actor, entry.patient_id, now)
            if not may_open(request.actor, patient.id, now):
                return htmx.redirect(request, purpose.url(patient.id, request.get_full_path()))
            return view(request, patient, now, entry=entry)

        return staff_required(*roles)(asked)

    return decorate


@opened
def index(request: htmx.Request, patient: Profile, now: datetime) -> HttpResponse:
    """Newest first, in days. The address holds only codes and dates of what is shown; words to search for are sent."""
    filters = _filters(request)
    if request.method == "POST":
        return _search(request, patient, filters, now)
    if request.htmx.target == "record-beside":  # the latest, beside a message or the picture
        latest = queries.page(request.actor, patient.id, now, size=BESIDE).items
        return htmx.page(request, "workspace/journal/index.html", {"beside": rows_of(latest)}, part="beside")
    after = reading.place(request.GET.get("etter", ""))
    found = queries.page(request.actor, patient.id, now, filters=filters, after=after)
    context = _context(request, patient, now) | {
        "days": _days(found.items),
        "form": WordsForm(),
        "moved": misfiling.misfilings(request.actor, patient.id),
        "older": _address(request, {"etter": reading.mark(found.after)}) if found.after else "",
        "is_first": "etter" not in request.GET,
    }
    return htmx.page(request, "workspace/journal/index.html", context, part="entries")


def _search(request: htmx.Request, patient: Profile, filters: Filters, now: datetime) -> HttpResponse:
    form = WordsForm(request.POST)
    context = _context(request, patient, now) | {"form": form}
    if form.is_valid():
        found = queries.search(
            request.actor,
            patient.id,
            form.cleaned_data["words"],
            now,
            filters=filters,
            after=reading.place(request.POST.get("etter", "")),
        )
        context |= {"found": found, "days": _days(found.items), "after": reading.mark(found.after)}
    return htmx.page(request, "workspace/journal/index.html", context, part="entries", form=form)


@of_entry(*ROLES)
@require_GET
def show(request: htmx.Request, patient: Profile, now: datetime, *, entry: Entry) -> HttpResponse:
    item = queries.one(request.actor, entry, now)
    context = _context(request, patient, now) | {
        "item": item,
        "rows": _files(request.actor, item),
        "may_misfile": request.actor.role in record.DOCTORS and item.kind in misfiling.WRITTEN,
    }
    return htmx.page(request, "workspace/journal/entry.html", context)


@takes()
@opened
@require_http_methods(["GET", "POST"])
def note(request: htmx.Request, patient: Profile, now: datetime) -> HttpResponse:
    practice_id = practice_of(request.actor)
    files = field.read(request, practice_id=practice_id, patient_id=patient.id, now=now)
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"key": new_id()})
    if form.is_valid() and not files.problems:
        try:
            services.write_note(
                actor=request.actor,
                patient_id=patient.id,
                practice_id=practice_id,
                key=form.cleaned_data["key"],
                contact_type=ContactType(form.cleaned_data["contact_type"]),
                text=form.cleaned_data["text"],
                problem_code=form.cleaned_data["problem"],
                attachment_ids=files.ids,
                now=now,
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
        else:
            messages.success(request, _("Notatet er skrevet i journalen."))
            return htmx.redirect(request, "workspace:journal", patient_id=patient.id)
    context = _context(request, patient, now) | {"form": form, "files": files}
    status = 422 if files.problems else None
    return htmx.page(request, "workspace/journal/note.html", context, part="form", form=form, status=status)


@of_entry(*ROLES)
@require_http_methods(["GET", "POST"])
def correct(request: htmx.Request, patient: Profile, now: datetime, *, entry: Entry) -> HttpResponse:
    item = queries.one(request.actor, entry, now)
    if item.corrects:
        return htmx.redirect(request, "workspace:journal-correct", entry_id=item.corrects.id)
    latest = item.corrections[-1] if item.corrections else item
    initial = {"text": latest.text, "problem": latest.problem, "seen": len(item.corrections)}
    form = CorrectionForm(request.POST if request.method == "POST" else None, initial=initial)
    status = None
    if form.is_valid():
        try:
            services.correct(
                actor=request.actor,
                entry_id=entry.pk,
                seen=form.cleaned_data["seen"],
                reason=form.cleaned_data["reason"],
                text=form.cleaned_data["text"],
                problem_code=form.cleaned_data["problem"],
                now=now,
            )
        except Refused as refused:
            status = 409 if refused.refusal is rules.CORRECTED_MEANWHILE else 422
            form = CorrectionForm({**request.POST.dict(), "seen": len(item.corrections)})
            form.is_valid()
            form.add_error(None, to_office(refused))
        except Denied as denied:
            status = 403
            form.add_error(None, str(denied.message))
        else:
            messages.success(request, _("Rettelsen er lagt til. Begge innføringene vises i journalen."))
            return htmx.redirect(request, "workspace:journal-entry", entry_id=entry.pk)
    context = _context(request, patient, now) | {"form": form, "item": item}
    return htmx.page(request, "workspace/journal/correct.html", context, part="form", form=form, status=status)


@staff_required(*record.DOCTORS)
@require_http_methods(["GET", "POST"])
def misfile(request: htmx.Request, entry_id: UUID) -> HttpResponseBase:
    """A second press comes to what the first one did; what a colleague did meanwhile is told as such."""
    made = misfiling.already(request.actor, entry_id)
    if made and (request.method == "GET" or made.by_employee_id == request.actor.employee_id):
        return htmx.redirect(request, "workspace:journal-moved", made.pk)
    return _misfile(request, entry_id)


@of_entry(*record.DOCTORS)
def _misfile(request: htmx.Request, patient: Profile, now: datetime, *, entry: Entry) -> HttpResponse:
    """Out of the wrong record, and into the right one. For doctors, asked again in journal/policy.py."""
    item = queries.one(request.actor, entry, now)
    form = MisfileForm(request.POST if request.method == "POST" else None, is_message=item.kind == queries.Kind.MESSAGE)
    if item.kind not in misfiling.WRITTEN:
        messages.info(request, str(rules.ONLY_WRITTEN.to_patient))
        return htmx.redirect(request, "workspace:journal-entry", entry_id=entry.pk)
    would = misfiling.would(actor=request.actor, entry=entry, number="", whole=False, own=item.files, now=now)
    sees, is_complete = False, form.is_valid()
    if form.is_bound and "number" in form.cleaned_data:  # it is looked up whatever else is missing: all is said at once
        data, shown = form.cleaned_data, request.POST.get("mark", "")
        what = {"number": data["number"], "whole": data.get("whole", False)}
        try:
            would = misfiling.would(actor=request.actor, entry=entry, **what, own=item.files, now=now)
            sees = True
            if is_complete and would.mark == shown:  # else what it comes to has not stood on the page yet
                made = misfiling.misfile(
                    actor=request.actor,
                    entry_id=entry.pk,
                    **what,
                    reason=data["reason"],
                    tells=data["tells"],
                    tells_other=data["tells_other"],
                    mark=shown,
                    now=now,
                )
                taken = ngettext(
                    "%(count)d innføring er tatt ut av journalen.",
                    "%(count)d innføringer er tatt ut av journalen.",
                    would.count,
                )
                messages.success(request, taken % {"count": would.count})
                return htmx.redirect(request, "workspace:journal-moved", made.pk)
        except Refused as refused:
            form.add_error("number" if refused.refusal in rules.OF_THE_NUMBER else None, to_office(refused))
    context = _context(request, patient, now) | {"form": form, "item": item, "would": would, "sees": sees}
    return htmx.page(request, "workspace/journal/misfile.html", context, part="form", form=form)


@staff_required(*record.DOCTORS)
@require_http_methods(["GET", "POST"])
def moved(request: htmx.Request, misfiling_id: UUID) -> HttpResponseBase:
    """Who decided, why, who has seen it, and undo."""
    actor, now = request.actor, timezone.now()
    made = record.find_misfiling(actor, misfiling_id)
    patient = patients.profile_of_record(actor, made.patient_id, now)
    if not may_open(actor, patient.id, now):
        return htmx.redirect(request, purpose.url(patient.id, request.get_full_path()))
    if request.method == "POST":
        try:
            misfiling.undo(actor=actor, misfiling_id=misfiling_id, now=now)
        except Refused as refused:
            messages.info(request, to_office(refused))
        else:
            messages.success(request, _("Flyttingen er angret."))
        return htmx.redirect(request, "workspace:journal-moved", misfiling_id)
    until = made.at + rules.UNDO_WITHIN
    context = _context(request, patient, now) | {
        "moved": made,
        "seen": misfiling.who_saw(actor, made, now),
        "until": until,
        "can_undo": made.undone_at is None and now <= until,
    }
    return htmx.page(request, "workspace/journal/moved.html", context)


@opened
@require_GET
def paper(request: htmx.Request, patient: Profile, now: datetime) -> HttpResponse:
    items, is_cut = queries.printed(request.actor, patient.id, _filters(request), now, form="paper")
    context = _context(request, patient, now) | {"items": items, "is_cut": is_cut, "now": now}
    return htmx.page(request, "workspace/journal/paper.html", context)


@opened
@require_GET
def document(request: htmx.Request, patient: Profile, now: datetime) -> HttpResponse:
    items, is_cut = queries.printed(request.actor, patient.id, _filters(request), now, form="pdf")
    made = pdf.make(items, name=patient.name, born=patient.birth_date, is_cut=is_cut, now=now)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="journal.pdf"'
    return response


@staff
@require_GET
def attachment(request: htmx.Request, attachment_id: UUID) -> HttpResponseBase:
    """A file of an entry that she may read: found by the entry, so that no other file is found here."""
    now = timezone.now()
    found = queries.file_of_record(request.actor, attachment_id)
    patients.profile_of_record(request.actor, found.patient_id, now)
    if not may_open(request.actor, found.patient_id, now):
        return htmx.redirect(request, purpose.url(found.patient_id, request.get_full_path()))
    return serve(request, found, lambda _actor, _attachment: None, now=now)


def rows_of(items: list[Item]) -> list[tuple[Item, dict[str, Any]]]:
    """With words for the reader, as journal/row.html draws them."""
    return [(item, _shown(item)) for item in items]


def _shown(item: Item) -> dict[str, Any]:
    return {
        "url": reverse("workspace:journal-entry", args=[item.id]),
        "kind": words.KINDS[item.kind],
        "icon": words.ICONS[item.kind],
        "contact_type": words.CONTACT_TYPES[item.contact_type],
        "ground": words.GROUNDS.get(item.ground, ""),
        "restriction": words.RESTRICTIONS.get(item.restriction, ""),
    }


def _days(items: list[Item]) -> list[tuple[date, list[tuple[Item, dict[str, Any]]]]]:
    return [(day, rows_of(list(those))) for day, those in groupby(items, key=lambda item: item.day)]


def _context(request: htmx.Request, patient: Profile, now: datetime) -> dict[str, Any]:
    return {
        "patient": patient,
        "age": age_on(patient.birth_date, local_day(now)),
        "filters": FilterForm(request.GET or None),
        "query": _address(request, {}),
        "tab": "journal",
        "top": top.shown(request.actor, patient.id, now),
    }


def _files(actor: Actor, item: Item) -> list[field.Row]:
    return [field.row(actor, each, reverse("workspace:journal-attachment", args=[each.pk])) for each in item.files]


def _filters(request: htmx.Request) -> Filters:
    form = FilterForm(request.GET)
    form.is_valid()  # what cannot be read is left out, and the form says so
    chosen = form.cleaned_data
    return Filters(
        kind=chosen.get("slag") or "",
        contact_type=chosen.get("kontakt") or "",
        first=chosen.get("fra"),
        last=chosen.get("til"),
    )


def _address(request: htmx.Request, more: dict[str, str]) -> str:
    kept = {name: request.GET[name] for name in ("slag", "kontakt", "fra", "til") if request.GET.get(name)}
    return urlencode(kept | more)
