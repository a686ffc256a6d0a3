"""Resepter: the queue, one order beside its patient, and a step over many after a summary."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.actor import Role
from legedialog.access.web.guards import staff_required
from legedialog.appointments import free
from legedialog.appointments import office as appointments
from legedialog.appointments import queries as times
from legedialog.audit.policy import may_open
from legedialog.core import reading, seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.times import local_day
from legedialog.dialogues import office as dialogues
from legedialog.dialogues.texts import KINDS
from legedialog.dialogues.texts import OFFICE_STATUSES as DIALOGUE_STATUSES
from legedialog.patients import queries as patients
from legedialog.patients.representation import Restriction
from legedialog.patients.rules import age_on, is_too_young
from legedialog.prescriptions import office, services, treating
from legedialog.prescriptions.interactions import interactions
from legedialog.prescriptions.office import Box, Row
from legedialog.prescriptions.rules import CAUTION_UNSEEN, DECIDED, Status
from legedialog.prescriptions.texts import OFFICE_STATUSES, PICKUPS, REFUSALS, STATES
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose, texts, top
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.prescriptions.forms import AnswerForm, DraftForm, NoteForm

DOCTORS = (Role.DOCTOR, Role.SUBSTITUTE)
CONTACTS = 5  # of the patient's, beside the order
OFFERED_DAYS = 21
OFFERED_TIMES = 3


@staff_required(*policy.PAGES["prescriptions"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    box = _box(request.GET.get("vis", ""))
    desk = office.desk(request.actor, now)
    rows = office.queue(request.actor, box, now, _controls(request), desk)
    context = {
        "rows": [_words(row) for row in rows],
        "box": box.value,
        "boxes": _boxes(request, box, now, desk),
        "is_open_box": box is not Box.CLOSED,
        "signs": request.actor.role in DOCTORS,
        "is_short_table": not interactions().is_complete,
        "is_cut": len(rows) == office.SHOWN,
    }
    return htmx.page(request, "workspace/prescriptions/index.html", context, part="list")


@staff_required(*policy.PAGES["prescriptions"])
@require_http_methods(["GET", "POST"])
def order(request: htmx.Request, renewal_id: UUID) -> HttpResponse:
    """One order. Opening it receives it; a POST does what its button says to one item."""
    now = timezone.now()
    if request.method == "POST":
        return _do(request, renewal_id, now)
    patient_id = office.patient_of_order(request.actor, renewal_id)
    if not may_open(request.actor, patient_id, now):  # one that was closed long ago
        return htmx.redirect(request, purpose.url(patient_id, request.path))
    treating.open_(actor=request.actor, renewal_id=renewal_id, now=now)
    return _shown(request, renewal_id, now)


@staff_required(*policy.PAGES["prescriptions"])
@require_POST
def summary(request: htmx.Request) -> HttpResponse:
    """What was ticked, seen over before it is signed or handed over. Nothing is done here."""
    return _summary(request, None)


def _summary(request: htmx.Request, changed: Refused | None, *, unseen: Collection[UUID] = ()) -> HttpResponse:
    """With `changed`: what she saw over is another now. Each such row says what it was. `unseen`: red ones without
    their tick."""
    now = timezone.now()
    out = reading.uuid(request.POST.get("out"))
    ids = [each for each in _ids(request) if each != out]
    rows = office.chosen(request.actor, ids, now, _controls(request)) if ids else []
    if not rows:
        messages.info(request, _("Velg minst én fornyelse som ikke er avgjort."))
        return htmx.redirect(request, "workspace:prescriptions")
    marks = seen.read(request.POST.getlist("seen")) if changed else {}
    context = {
        "rows": [
            {**_seen_over(request, row, marks), "ticks": _ticks(request, row, was_stopped=row.id in unseen)}
            for row in rows
        ],
        "changed": changed,
        "unseen": unseen,
        "looked": _looked_at(request),
        "do": "sign" if request.actor.role in DOCTORS and request.POST.get("do") != "hand-over" else "hand-over",
        "warned": sum(bool(row.alerts) for row in rows),
        "cannot": [_words(row) for row in rows if not row.may_sign] if request.actor.role in DOCTORS else [],
    }
    status = 409 if changed else 422 if unseen else 200
    return htmx.page(request, "workspace/prescriptions/summary.html", context, status=status)


def _looked_at(request: htmx.Request) -> set[UUID]:
    """The red ones that she has ticked by themselves."""
    return {each for text in request.POST.getlist("red") if (each := reading.uuid(text))}


def _cautions_seen(request: htmx.Request) -> set[tuple[UUID, UUID]]:
    """The cautions that she has ticked, each with the item it met."""
    pairs = (text.partition(".") for text in request.POST.getlist("cave"))
    found = ((reading.uuid(item), reading.uuid(caution)) for item, _dot, caution in pairs)
    return {(item, caution) for item, caution in found if item and caution}


def _ticks(request: htmx.Request, row: Row, *, was_stopped: bool) -> list[tuple[Any, bool, bool]]:
    """For each caution that the medicine meets: it, whether she has ticked it, and whether that stopped her."""
    seen_by_her = _cautions_seen(request)
    ticked = [(each, (row.id, each.id) in seen_by_her) for each in row.met]
    return [(each, is_ticked, was_stopped and not is_ticked) for each, is_ticked in ticked]


def _unseen(request: htmx.Request, ids: Collection[UUID], now: datetime) -> set[UUID]:
    """The items with something red that she has not ticked."""
    looked, ticked = _looked_at(request), _cautions_seen(request)
    return {
        row.id
        for row in office.chosen(request.actor, ids, now, _controls(request))
        if (row.is_looked_at and row.id not in looked) or any((row.id, each.id) not in ticked for each in row.met)
    }


def _seen_over(request: htmx.Request, row: Row, marks: dict[UUID, str]) -> dict[str, Any]:
    values = {"packs": row.amount, "times": row.dispensings, "months": row.months}
    packs = _("%(packs)s pk × %(times)s, %(months)s md.") % values
    is_changed = marks.get(row.id, row.mark) != row.mark
    was = request.POST.get(f"was-{row.id}", "") if is_changed else ""
    written = " · ".join(each for each in (row.strength, row.use, packs) if each)
    return {**_words(row), "packs": packs, "written": written, "was": was}


def _ids(request: htmx.Request) -> list[UUID]:
    return [each for text in request.POST.getlist("item") if (each := reading.uuid(text))]


@staff_required(*policy.PAGES["prescriptions"])
@require_POST
def many(request: htmx.Request) -> HttpResponse:
    """Sign or hand over all of a summary in one transaction, as it was seen: all of them, or none and why."""
    now, ids, marks = timezone.now(), _ids(request), seen.read(request.POST.getlist("seen"))
    if request.POST.get("do") == "sign" and (unseen := _unseen(request, ids, now)):
        return _summary(request, None, unseen=unseen)
    try:
        if request.POST.get("do") == "sign":
            ticked = _cautions_seen(request)
            done = len(treating.sign(actor=request.actor, item_ids=ids, marks=marks, cautions_seen=ticked, now=now))
            text = ngettext("%(count)s resept er fornyet.", "%(count)s resepter er fornyet.", done)
        else:
            done = len(treating.prepare(actor=request.actor, item_ids=ids, hand_over=True, marks=marks, now=now))
            text = ngettext("%(count)s fornyelse er sendt til legen.", "%(count)s fornyelser er sendt til legen.", done)
        messages.success(request, text % {"count": done})
    except Refused as refused:
        if refused.code == seen.CHANGED.code:
            return _summary(request, refused)
        if refused.code == CAUTION_UNSEEN.code:  # it was added this moment
            return _summary(request, None, unseen=_unseen(request, ids, now))
        messages.error(request, _("Ingenting ble gjort. %(why)s") % {"why": to_office(refused)})
    return htmx.redirect(request, "workspace:prescriptions")


@staff_required(*policy.PAGES["prescriptions"])
@require_GET
def medicine_list(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    """What a patient uses now, on paper; a part of it beside a message or the picture."""
    now = timezone.now()
    patient = patients.profile(request.actor, patient_id, now)
    if not may_open(request.actor, patient_id, now):
        return htmx.redirect(request, purpose.url(patient_id, request.path))
    medicines = office.medicine_list(request.actor, patient, now)
    context = {
        "patient": patient,
        "age": age_on(patient.birth_date, local_day(now)),
        "medicines": [(each, *STATES[each.state]) for each in medicines],
        "top": top.beside(request.actor, patient_id, now),
        "at": now,
        "signs": request.actor.role in DOCTORS,
        "restrictions": Restriction.choices
        if request.actor.role in DOCTORS and is_too_young(patient.birth_date, local_day(now))
        else [],
    }
    return htmx.page(request, "workspace/prescriptions/list.html", context, part="beside")


@staff_required(*DOCTORS)
@require_POST
def restrict(request: htmx.Request, prescription_id: UUID) -> HttpResponse:
    """The doctor hides a child's prescription from the parents or from the youth, or shows it again."""
    patient_id = office.patient_of(request.actor, prescription_id, timezone.now())
    chosen = request.POST.get("restriction")
    if chosen in Restriction.values:
        try:
            services.restrict(
                actor=request.actor,
                prescription_id=prescription_id,
                restriction=Restriction(chosen),
                was=request.POST.get("was", ""),
                now=timezone.now(),
            )
        except Refused as refused:
            messages.error(request, to_office(refused))
        else:
            messages.success(request, _("Lagret."))
    return htmx.redirect(request, "workspace:medicine-list", patient_id)


def _do(request: htmx.Request, renewal_id: UUID, now: datetime) -> HttpResponse:
    """The button pressed: on the draft ("save", "hand-over", "sign"), the answer ("refuse", "ask") or a note back."""
    do, item_id = request.POST.get("do", ""), reading.uuid(request.POST.get("item"))
    if item_id is None:
        raise NotFound
    form = _form(request, do, item_id)
    if not form.is_valid():
        return _shown(request, renewal_id, now, bound=(item_id, form))
    try:
        text = _done(request, do, item_id, form.cleaned_data, now)
    except Refused as refused:
        rows = office.order(request.actor, renewal_id, now, _controls(request)).rows
        if not any(row.id == item_id and row.is_open for row in rows):
            raise  # decided or taken back: there is no form to stand in
        messages.error(request, to_office(refused))
        status = 422 if refused.code == CAUTION_UNSEEN.code else 409
        return _shown(request, renewal_id, now, bound=(item_id, form), status=status)
    messages.success(request, text)
    found = office.order(request.actor, renewal_id, now, _controls(request))
    if found.is_open:
        return htmx.redirect(request, "workspace:prescription-order", renewal_id)
    return htmx.redirect(request, "workspace:prescriptions")


def _form(request: htmx.Request, do: str, item_id: UUID) -> Any:
    prefix = str(item_id)
    if do in ("save", "hand-over", "sign"):
        form = DraftForm(request.POST, prefix=prefix)
        if do != "sign" and form.is_valid() and form.cleaned_data["answer"]:
            form.add_error("answer", _("Meldingen sendes først når du fornyer. Forny, eller ta bort meldingen."))
        return form
    if do in ("refuse", "ask"):
        return AnswerForm(request.POST, prefix=prefix)
    if do == "back":
        return NoteForm(request.POST, prefix=prefix)
    raise NotFound


def _done(request: htmx.Request, do: str, item_id: UUID, given: dict[str, Any], now: datetime) -> str:
    marks = seen.read(request.POST.getlist("seen"))
    common: dict[str, Any] = {"actor": request.actor, "item_ids": [item_id], "marks": marks, "now": now}
    if do in ("save", "hand-over"):
        drafts, note = {item_id: _draft(given)}, given["staff_note"]
        treating.prepare(drafts=drafts, note=note, hand_over=do == "hand-over", **common)
        return _("Sendt til legen.") if do == "hand-over" else _("Lagret.")
    if do == "sign":
        treating.sign(
            drafts={item_id: _draft(given)}, answer=given["answer"], cautions_seen=_cautions_seen(request), **common
        )
        return _("Resepten er fornyet, og pasienten får beskjed.")
    if do == "refuse":
        treating.refuse(text=given["text"], times=given["times"], **common)
        return _("Fornyelsen er avslått, og pasienten får beskjed.")
    if do == "ask":
        treating.ask_for_appointment(text=given["text"], times=given["times"], **common)
        return _("Pasienten får beskjed om å bestille time.")
    treating.send_back(note=given["staff_note"], **common)
    return _("Sendt tilbake til kontoret.")


def _draft(given: dict[str, Any]) -> treating.Draft:
    return treating.Draft(
        strength=given["strength"],
        use=given["use"],
        amount=given["amount"],
        dispensings=given["dispensings"],
        months=given["months"],
    )


def _shown(
    request: htmx.Request, renewal_id: UUID, now: datetime, *, bound: tuple[UUID, Any] | None = None, status: int = 422
) -> HttpResponse:
    found = office.order(request.actor, renewal_id, now, _controls(request), with_others=True)
    free = _free_times(request, found.first.clinician_id, now) if found.is_open else []
    items = []
    for row in found.rows:
        forms = _forms(row, free)
        if bound and bound[0] == row.id:
            forms[bound[1].NAME] = bound[1]
            forms["changed"] = _seen_over(request, row, {})["written"] if status == 409 else ""
        was_stopped = bool(bound and bound[0] == row.id and request.POST.get("do") == "sign")
        items.append({**_words(row), **forms, "ticks": _ticks(request, row, was_stopped=was_stopped)})
    context = {
        "order": found,
        "top": top.beside(request.actor, found.patient_id, now),
        "items": items,
        "signs": request.actor.role in DOCTORS,
        "free": free,
        "templates": _templates(patients.profile(request.actor, found.patient_id, now).language),
        "medicines": [(each, *STATES[each.state]) for each in found.medicines],
        "visits": _visits(request, found.patient_id, now),
        "dialogues": [
            (row, KINDS[row.kind], DIALOGUE_STATUSES[row.status])
            for row in dialogues.of_patient(request.actor, found.patient_id, now)
        ],
        "is_short_table": not interactions().is_complete,
        "others": [_words(row) for row in found.others],
    }
    return htmx.page(request, "workspace/prescriptions/order.html", context, status=status if bound else 200)


def _templates(language: str) -> list[tuple[str, str, str]]:
    """What a doctor often answers: the name in her language, the words in the patient's."""
    found = []
    for key, (name, text) in REFUSALS.items():
        with override(language or "nb"):
            words = str(text)
        found.append((key, str(name), words))
    return found


def _forms(row: Row, free: list[datetime]) -> dict[str, Any]:
    prefix = str(row.id)
    return {
        "draft": DraftForm(
            prefix=prefix,
            initial={
                "strength": row.strength,
                "use": row.use,
                "amount": row.amount,
                "dispensings": row.dispensings,
                "months": row.months,
                "staff_note": row.staff_note,
            },
        ),
        "answer": AnswerForm(prefix=prefix),
        "back": NoteForm(prefix=prefix),
    }


def _words(row: Row) -> dict[str, Any]:
    word, color = OFFICE_STATUSES[row.status]
    return {
        "row": row,
        "word": word,
        "color": color,
        "pickup": PICKUPS[row.pickup],
        "story": [(OFFICE_STATUSES[step.status][0], step.at) for step in row.story],
        "is_decided": row.status in DECIDED,
        "is_with_doctor": row.status == Status.WITH_DOCTOR,
    }


def _box(text: str) -> Box:
    return Box(text) if text in list(Box) else Box.MINE


def _boxes(request: htmx.Request, current: Box, now: datetime, desk: office.Desk) -> list[dict[str, Any]]:
    found = office.counts(request.actor, now, desk)
    names = {
        Box.MINE: _("Mine"),
        Box.OFFICE: _("Kontorets"),
        Box.LATE: _("Drøyer"),
        Box.CLOSED: _("Lukket"),
    }
    return [
        {
            "url": f"{reverse('workspace:prescriptions')}?vis={box.value}",
            "text": names[box],
            "count": found.get(box),
            "current": box is current,
        }
        for box in Box
    ]


def _controls(request: htmx.Request) -> office.LastControls:
    return lambda patient_ids: appointments.last_held(request.actor, patient_ids)


def _visits(request: htmx.Request, patient_id: UUID, now: datetime) -> list[tuple[Any, ...]]:
    try:
        found = appointments.visits_of(request.actor, patient_id, now)[:CONTACTS]
    except (Denied, NotFound):
        return []
    return [(visit, *texts.STATUSES[visit.status], texts.CHANNELS[visit.channel]) for visit in found]


def _free_times(request: htmx.Request, clinician_id: UUID, now: datetime) -> list[datetime]:
    """A few free times of the doctor's that citizens may book, as values to point at."""
    practice_id = practice_of(request.actor)
    kinds = times.bookable_visit_types(practice_id, [clinician_id])
    if not kinds or not kinds[0].channels:
        return []
    today = local_day(now)
    wanted = free.Wanted(practice_id, [clinician_id], kinds[0], kinds[0].channels[0], now)
    days = free.days(wanted, today, today + timedelta(days=OFFERED_DAYS))
    return [day.times[0].starts_at for day in days if day.times][:OFFERED_TIMES]
