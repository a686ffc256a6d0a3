"""Somebody at the office writes: takes the dialogue under a claim, answers it, or begins one."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.policy import allows
from legedialog.access.web.bodies import takes
from legedialog.access.web.guards import staff_required
from legedialog.appointments import policy as appointments_policy
from legedialog.attachments.web import field
from legedialog.attachments.web.field import Files
from legedialog.core import seen
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.dialogues import office, services
from legedialog.dialogues import policy as dialogues_policy
from legedialog.dialogues.conversations import Offer
from legedialog.dialogues.office import Head
from legedialog.dialogues.rules import Kind
from legedialog.patients import queries as patients
from legedialog.patients.rules import age_on
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose, undo
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.inbox import answer_box, sorting
from legedialog.workspace.inbox import views as inbox
from legedialog.workspace.inbox.answer_box import AnswerBox
from legedialog.workspace.inbox.forms import AnswerForm, StartForm

ROLES = policy.PAGES["answers"]


@takes()
@staff_required(*ROLES)
@require_POST
def answer(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """`do` is the button: begin, hold and release the claim; put in a ready answer; look for times; or send."""
    head = office.head(request.actor, dialogue_id, timezone.now())
    do = request.POST.get("do", "")
    if do in ("begin", "hold", "release"):
        return _claim(request, dialogue_id, do)
    files = answer_box.files_of(request, head)
    if do in ("template", "times"):
        form = answer_box.typed_again(request, head)
        return _again(request, dialogue_id, answer_box.filled(request, head, form, files, shows_times=do == "times"))
    form = answer_box.form_of(request, head, request.POST)
    if not form.is_valid() or files.problems:
        return _again(request, dialogue_id, answer_box.filled(request, head, form, files), 422)
    try:
        act_id = _send(request, head, form, files, do)
    except Refused as refused:
        if pending_queries.waiting(request.actor, [dialogue_id]) or not _may_write(request, dialogue_id):
            raise  # a colleague's answer is on its way, or it is closed: there is no form to stand in
        form.add_error(None, to_office(refused))
        box = answer_box.filled(request, head, form, files)
        # What was written meanwhile stands above what she has typed, and she has seen it when she sends again.
        return inbox.shown(request, dialogue_id, box, 409, whole=refused.code == seen.CHANGED.code)
    response = sorting.onward(request, dialogue_id)
    said = "appointment" if form.cleaned_data["times"] and do != "close" else do
    undo.told(
        request, response, "dialogue.answer", [act_id], SENT.get(said, SENT[""]) % {"name": head.row.patient_name}
    )
    return response


def _may_write(request: htmx.Request, dialogue_id: UUID) -> bool:
    return not office.head(request.actor, dialogue_id, timezone.now()).is_over


SENT = {
    "": _("Svaret er sendt til %(name)s, som kan svare."),
    "close": _("Svaret er sendt til %(name)s, og dialogen er lukket."),
    "appointment": _("%(name)s er bedt om å bestille time."),
}


def _send(request: htmx.Request, head: Head, form: AnswerForm, files: Files, do: str) -> UUID | None:
    """Whichever button it is, what is ticked is offered."""
    fields = form.cleaned_data
    return sorting.waits(
        request,
        "dialogue.answer",
        head.row.id,
        patient_id=head.row.patient_id,
        key=fields["key"],
        text=fields["text"],
        closes=do == "close",
        needs_appointment=do == "appointment",
        offered=[_offer(request, *time) for time in fields["times"]],
        problem_code=fields.get("problem", ""),
        language=fields["language"] if fields["template"] else "",
        attachment_ids=files.ids,
        charge_code=fields.get("charge", "") if do == "close" else "",
        mark=request.POST.get("mark", ""),
    )


def _claim(request: htmx.Request, dialogue_id: UUID, do: str) -> HttpResponse:
    try:
        if do == "release":
            services.release(actor=request.actor, dialogue_id=dialogue_id, now=timezone.now())
        else:
            services.claim(actor=request.actor, dialogue_id=dialogue_id, now=timezone.now())
    except Refused as refused:
        if do == "hold":
            return HttpResponse(status=409)
        name = refused.facts.get("by", "")
        text = _("%(name)s svarer nå.") % {"name": name} if name else to_office(refused)
        messages.error(request, text)
        return inbox.shown(request, dialogue_id, status=409)
    if do == "hold":
        return HttpResponse(status=204)
    return sorting.back(request, dialogue_id, request.POST.get("template", ""))


def _again(request: htmx.Request, dialogue_id: UUID, box: AnswerBox, status: int = 200) -> HttpResponse:
    return inbox.shown(request, dialogue_id, box, status)


def _offer(request: htmx.Request, calendar_id: UUID, visit_type_id: UUID, channel: str, starts_at: datetime) -> Offer:
    """Raises NotFound for another office's calendar."""
    calendar = appointments_policy.find_calendar(request.actor, calendar_id)
    return Offer(calendar.pk, calendar.clinician_id, visit_type_id, channel, starts_at)


@takes()
@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def start(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    """The office writes first: doctors about health, reception about practical things."""
    now = timezone.now()
    patient = patients.profile(request.actor, patient_id, now)
    if response := purpose.asked_first(request, patient_id, now):
        return response
    may_treat = allows(dialogues_policy.check_starts, request.actor, practice_of(request.actor), Kind.ECONSULTATION)
    kinds = StartForm.kinds(may_treat)
    unsent = pending_queries.unsent(request.actor, patient_id, "dialogue.start")
    form = StartForm(
        request.POST if request.method == "POST" else None,
        initial={"kind": kinds[0][0]} | unsent,
        choices={"kind": kinds},
        may_treat=may_treat,
    )
    files = field.read(
        request,
        practice_id=practice_of(request.actor),
        patient_id=patient_id,
        now=now,
        ids=unsent.get("attachment_ids", ()),
    )
    if form.is_valid() and not files.problems:
        try:
            put = pending.put(
                actor=request.actor,
                name="dialogue.start",
                object_id=patient_id,
                patient_id=patient_id,
                given={"patient_id": patient_id, "attachment_ids": files.ids, **form.cleaned_data},
                now=now,
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
        else:
            shown = ("workspace:patient", patient_id) if put.id else ("workspace:dialogue", put.result.pk)
            response = htmx.redirect(request, *shown)
            undo.told(request, response, "dialogue.start", [put.id], _("Meldingen er sendt. Pasienten får beskjed."))
            return response
    context = {
        "form": form,
        "files": files,
        "patient": patient,
        "age": age_on(patient.birth_date, local_day(now)),
        "codes": answer_box.codes() if may_treat else [],
    }
    status = 422 if files.problems else None
    return htmx.page(request, "workspace/inbox/start.html", context, part="form", form=form, status=status)
