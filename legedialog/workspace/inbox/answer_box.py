"""What stands in the box where an answer is written: the form, ready answers, files, and free times to offer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from legedialog.attachments.web import field
from legedialog.attachments.web.field import Files
from legedialog.dialogues import ready
from legedialog.dialogues.office import Head
from legedialog.dialogues.rules import Kind
from legedialog.journal import icpc2
from legedialog.pending import queries as pending
from legedialog.practices import queries as practices
from legedialog.ui import htmx
from legedialog.workspace import free
from legedialog.workspace.charges import views as charges_views
from legedialog.workspace.forms import AssignForm
from legedialog.workspace.free import Free
from legedialog.workspace.inbox.forms import LANGUAGES, AnswerForm


@dataclass(frozen=True, slots=True)
class AnswerBox:
    """`free` are the times to offer, looked for when somebody wants them: it costs as much as the rest of the page.
    `chosen` are the ticked ones that are not among those shown now; `codes` the problem codes to search in."""

    form: AnswerForm
    free: Free | None
    ticked: list[str]
    chosen: list[tuple[str, datetime]]
    has_ready: bool
    language: Any
    codes: list[str]
    files: Files


def empty(request: htmx.Request, head: Head) -> AnswerBox:
    """With what she had written in an answer that she took back, or that was not sent after all; else with the ready
    answer that she began with."""
    unsent = pending.unsent(request.actor, head.row.id, "dialogue.answer")
    if not unsent:
        words = _ready(request, head, request.GET.get("mal", ""), head.patient_language)
        form = form_of(request, head, None, text=words) if words else None
        return _box(request, head, form, {}, files_of(request, head), shows_times=False)
    form = form_of(
        request, head, None, text=unsent["text"], problem=unsent["problem_code"], charge=unsent.get("charge_code", "")
    )
    times = [
        f"{each.calendar_id}|{each.visit_type_id}|{each.channel}|{each.starts_at.isoformat()}"
        for each in unsent["offered"]
    ]
    files = files_of(request, head, unsent["attachment_ids"])
    return _box(request, head, form, {}, files, shows_times=bool(times), ticked=times)


def filled(
    request: htmx.Request, head: Head, form: AnswerForm, files: Files, *, shows_times: bool = False
) -> AnswerBox:
    """With what was typed and uploaded, also when it is not ready to be sent."""
    return _box(request, head, form, request.POST, files, shows_times=shows_times)


def codes() -> list[str]:
    """What the field for a problem code searches in."""
    return [icpc2.label(code) for code in icpc2.names()]


def files_of(request: htmx.Request, head: Head, ids: Collection[UUID] = ()) -> Files:
    """What she has uploaded for this answer. Read once in a request: it takes in what came with the form."""
    whose = {"practice_id": head.practice_id, "patient_id": head.row.patient_id}
    return field.read(request, **whose, now=timezone.now(), ids=ids)


def form_of(request: htmx.Request, head: Head, data: Mapping[str, Any] | None, **typed: Any) -> AnswerForm:
    """To be checked with `data`; without, what is `typed` stands there and nothing is complained about yet."""
    answers = ready.of_office(head.practice_id, head.row.kind)
    is_clinical = head.row.kind == Kind.ECONSULTATION
    charges = charges_views.of_answer(request.actor, head, timezone.now()) if is_clinical else []
    return AnswerForm(
        data,
        is_clinical=is_clinical,
        initial={"language": head.patient_language, "charge": charges[0][0] if charges else "", **typed},
        choices={
            "template": [("", "–"), *((str(at), each.name) for at, each in enumerate(answers))],
            "charge": charges,
        },
    )


def typed_again(request: htmx.Request, head: Head) -> AnswerForm:
    """The same form with what was typed, and the chosen ready answer after it."""
    typed = {name: request.POST.get(name, "") for name in ("key", "text", "problem", "language", "charge")}
    if request.POST.get("do") == "template":
        language = request.POST.get("language", head.patient_language)
        words = _ready(request, head, request.POST.get("template", ""), language)
        typed["text"] = "\n\n".join(part for part in (typed["text"].strip(), words) if part)
    return form_of(request, head, None, **typed)


def _ready(request: htmx.Request, head: Head, chosen: str, language: str) -> str:
    """The chosen ready answer in that language, with the names put in."""
    if not chosen.isdecimal():
        return ""
    answers = ready.of_office(head.practice_id, head.row.kind)
    if int(chosen) >= len(answers):
        return ""
    office = practices.practice(head.practice_id)
    values = {
        "fornavn": head.patient_given_name,
        "lege": head.doctor_name,
        "avsender": request.actor.display_name,
        "kontor": office.name if office else "",
        "telefon": office.phone if office else "",
    }
    return answers[int(chosen)].written(language, values)


def _box(
    request: htmx.Request,
    head: Head,
    form: AnswerForm | None,
    data: Mapping[str, Any],
    files: Files,
    *,
    shows_times: bool,
    ticked: Collection[str] = (),
) -> AnswerBox:
    form = form or form_of(request, head, None)
    chosen = request.POST.getlist("time") if data else list(ticked)
    is_wanted = shows_times or bool(chosen) or "visit_type" in data  # what was looked for before
    found = free.find(request.actor, data, head.clinician_id, ["attendance"], for_citizen=True) if is_wanted else None
    shown = {f"{found.prefix}{each.starts_at.isoformat()}" for day in found.days for each in day.times} if found else ()
    return AnswerBox(
        form=form,
        free=found,
        ticked=chosen,
        chosen=[(value, at) for value in chosen if value not in shown and (at := _start(value))],
        has_ready=len(form.fields["template"].choices) > 1,  # type: ignore[attr-defined]
        language=dict(LANGUAGES).get(head.patient_language, ""),
        codes=codes() if head.row.kind == Kind.ECONSULTATION else [],
        files=files,
    )


def _start(value: str) -> datetime | None:
    form = AssignForm({"time": value})
    return form.cleaned_data["time"][3] if form.is_valid() else None
