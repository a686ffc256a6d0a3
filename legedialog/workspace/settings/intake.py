"""What the office decides about written dialogues: guidance, who reads, when and how much, topics with their questions,
and ready answers. Everybody there may look; each change shows what the citizen will see before it is saved."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.policy import allows
from legedialog.access.web.bodies import takes
from legedialog.access.web.guards import staff_required
from legedialog.core import seen
from legedialog.core.errors import NotFound, Refused
from legedialog.core.names import slug
from legedialog.dialogues import doors, ready, rules, services, topics
from legedialog.dialogues import intake as questionnaires
from legedialog.dialogues import policy as dialogues_policy
from legedialog.dialogues.intake import NUMBERS, Question, said
from legedialog.dialogues.rules import Capacity, Kind
from legedialog.dialogues.texts import KINDS, PLACEHOLDERS
from legedialog.practices import queries as practices
from legedialog.ui import htmx
from legedialog.visibility.texts import reception
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.settings import question_editor
from legedialog.workspace.settings.intake_forms import ImportForm, IntakeForm, TemplateForm, TopicForm
from legedialog.workspace.settings.seeing import seen_in, tried

ROLES = policy.PAGES["settings"]
LARGEST = 200_000  # bytes of a questionnaire
LANGUAGES = {"nb": "bokmål", "nn": "nynorsk", "en": "English"}


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    practice_id = practice_of(request.actor)
    settings = doors.intake_of(practice_id)
    context = {
        "settings": settings,
        "secretary_reads": settings.practice.secretary_reads,
        "sets_up": allows(dialogues_policy.check_sets_up, request.actor, practice_id),
        "writes_templates": allows(dialogues_policy.check_templates, request.actor, practice_id),
        "topics": [(kind.value, KINDS[kind], found) for kind, found in topics.all_of(practice_id).items()],
        "templates": [(row, KINDS.get(row.kind, _("Begge deler"))) for row in ready.of_office(practice_id)],
        "closed": _closed(doors.capacity_of(settings), timezone.now()),
    }
    return htmx.page(request, "workspace/settings/intake_index.html", context)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def take_in(request: htmx.Request) -> HttpResponse:
    practice_id, now = practice_of(request.actor), timezone.now()
    dialogues_policy.check_sets_up(request.actor, practice_id)
    row = doors.intake_of(practice_id)
    names = ("secretary_reads", "opens", "closes", "max_open", "max_a_day")
    initial = {
        **{name: getattr(row, name) for name in names[1:]},
        "secretary_reads": row.practice.secretary_reads,
        "guidance_nb": row.guidance, "guidance_nn": row.guidance_nn, "guidance_en": row.guidance_en,
        "contact_guidance_nb": row.contact_guidance, "contact_guidance_nn": row.contact_guidance_nn,
        "contact_guidance_en": row.contact_guidance_en,
    }  # fmt: skip
    form = IntakeForm(request.POST if request.method == "POST" else None, initial=initial)
    fields: dict[str, Any] = initial
    changed = False
    if form.is_valid():
        fields = form.cleaned_data
        if request.POST.get("do") == "save":
            try:
                services.save_intake(
                    actor=request.actor,
                    practice_id=practice_id,
                    guidance=form.texts("guidance"),
                    contact_guidance=form.texts("contact_guidance"),
                    **{name: fields[name] for name in names},
                    mark=request.POST.get("mark", ""),
                    now=now,
                )
            except Refused as refused:
                changed = True
                form.add_error(None, to_office(refused))
            else:
                messages.success(request, _("Endringen er lagret. Den gjelder fra neste melding."))
                return htmx.redirect(request, "workspace:intake")
    language = get_language() or "nb"
    capacity = Capacity(fields["opens"], fields["closes"], fields["max_open"], fields["max_a_day"])
    context = {
        "form": form,
        "is_preview": form.is_bound,
        "guidance": fields[f"guidance_{language}"] or fields["guidance_nb"],
        "contact_guidance": fields[f"contact_guidance_{language}"] or fields["contact_guidance_nb"],
        "reads": reception(reads=fields["secretary_reads"]),
        "closed": _closed(capacity, now),
        **seen_in(form, seen.mark(*rules.seen_of_intake(row)), changed=changed),
    }
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/intake_take_in.html", context, part="form", form=form, status=status)


def _closed(capacity: Capacity, now: datetime) -> Refused | None:
    """By the clock, with nothing waiting: what the hours alone do now."""
    return rules.closed_now(capacity, open_count=0, sent_today=0, now=now)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def topic(request: htmx.Request, kind: str, code: str = "") -> HttpResponse:
    practice_id = practice_of(request.actor)
    dialogues_policy.check_sets_up(request.actor, practice_id)
    if kind not in Kind.values:
        raise NotFound
    found = topics.of_office(practice_id, kind, with_hidden=True)
    row = next((each for each in found if each.code == code), None)
    if code and row is None:
        raise NotFound
    initial: dict[str, Any] = {"position": len(found)}
    if row:
        initial = {
            "name": row.names["nb"],
            "name_nn": row.names.get("nn", ""),
            "name_en": row.names.get("en", ""),
            "leads_to": row.leads_to,
            "position": row.position,
            "is_active": row.is_active,
        }
    form = TopicForm(request.POST if request.method == "POST" else None, initial=initial)

    def save() -> None:
        fields = form.cleaned_data
        services.save_topic(
            actor=request.actor,
            practice_id=practice_id,
            kind=kind,
            code=code or _code(fields["name"]),
            names={"nb": fields["name"], "nn": fields["name_nn"], "en": fields["name_en"]},
            leads_to=fields["leads_to"],
            inquiry_code=row.inquiry_code if row else "",
            is_active=fields["is_active"],
            position=fields["position"],
            mark=request.POST.get("mark", ""),
            now=timezone.now(),
        )

    saved, changed = tried(form, save)
    if saved:
        messages.success(request, _("Emnet er lagret."))
        return htmx.redirect(request, f"{reverse('workspace:intake')}#{kind}")
    mark = seen.mark(*rules.seen_of_topic(row)) if row else ""
    context = {"form": form, "row": row, "kind": kind, "kind_name": KINDS[kind], **seen_in(form, mark, changed=changed)}
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/intake_topic.html", context, part="form", form=form, status=status)


def _code(name: str) -> str:
    return f"{slug(name)[:30]}-{uuid4().hex[:6]}".strip("-")


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def questions(request: htmx.Request, code: str) -> HttpResponse:
    """The editor: everything stands in the form until it is saved as a new version."""
    practice_id = practice_of(request.actor)
    dialogues_policy.check_sets_up(request.actor, practice_id)
    row = topics.find(practice_id, Kind.ECONSULTATION, code)
    if row is None:
        raise NotFound
    asked = topics.asked(practice_id, code)
    if request.method == "GET":
        return _editor(request, row, asked.version, question_editor.rows_of(asked.questions))
    do = request.POST.get("do", "")
    rows = question_editor.apply(question_editor.read(request.POST), do)
    if do != "save":
        return _editor(request, row, asked.version, rows, is_changed=True)
    if not question_editor.check(rows):
        return _editor(request, row, asked.version, rows, is_changed=True, status=422)
    return _save(request, row, asked.version, rows)


def _save(request: htmx.Request, row: topics.TopicRow, version: int, rows: list[question_editor.Row]) -> HttpResponse:
    try:
        services.save_questions(
            actor=request.actor,
            practice_id=practice_of(request.actor),
            topic_code=row.code,
            questions=question_editor.questions_of(rows),
            mark=request.POST.get("mark", ""),
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, to_office(refused))
        is_newer = refused.code == seen.CHANGED.code
        return _editor(request, row, version, rows, is_changed=True, status=409 if is_newer else 422)
    messages.success(request, _("Spørsmålene er lagret. De stilles fra neste gang noen skriver om dette."))
    return htmx.redirect(request, "workspace:intake-questions", code=row.code)


def _editor(
    request: htmx.Request,
    row: topics.TopicRow,
    version: int,
    rows: list[question_editor.Row],
    *,
    is_changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    languages = [(code, name, f"preview-{code}") for code, name in LANGUAGES.items()]
    shown = _asked(question_editor.questions_of(rows), get_language() or "nb")
    is_told = request.method == "GET" or status == 409  # else the page goes on from what it began with
    context = {
        "row": row,
        "version": version,
        "mark": seen.mark(version) if is_told else request.POST.get("mark", ""),
        "rows": rows,
        "kinds": question_editor.KINDS.items(),
        "languages": languages,
        "numbers": NUMBERS.items(),
        "shown": shown,
        "is_changed": is_changed,
        "import_form": ImportForm(),
    }
    return htmx.page(request, "workspace/settings/intake_questions.html", context, part="editor", status=status)


def _asked(asked: list[Question], language: str) -> list[dict[str, Any]]:
    """As the citizen sees them: the words in her language, and what a red flag tells her."""
    yes_no = {"yes": _("Ja"), "no": _("Nei")}
    shown = []
    for question in asked:
        calls = {option.code: NUMBERS.get(option.calls, "") for option in question.options}
        options = (
            [(name, calls.get(code, "")) for code, name in yes_no.items()]
            if question.kind == "yes-no"
            else [(said(option.text, language), calls[option.code]) for option in question.options]
        )
        shown.append(
            {
                "text": said(question.text, language),
                "help": said(question.help, language),
                "kind": question.kind,
                "options": options,
                "is_required": question.is_required,
            }
        )
    return shown


@staff_required(*ROLES)
@require_GET
def export(request: htmx.Request, code: str) -> HttpResponse:
    """The questions in force as FHIR R4 Questionnaire."""
    practice_id = practice_of(request.actor)
    row = topics.find(practice_id, Kind.ECONSULTATION, code)
    if row is None:
        raise NotFound
    asked = topics.asked(practice_id, code)
    url = asked.canonical(practice_id).partition("|")[0]
    resource = questionnaires.to_fhir(asked.questions, url=url, version=asked.version, title=row.names["nb"])
    response = JsonResponse(resource, content_type="application/fhir+json")
    response["Content-Disposition"] = f'attachment; filename="{row.code}-{asked.version}.json"'
    return response


@takes(2 * LARGEST)
@staff_required(*ROLES)
@require_POST
def import_(request: htmx.Request, code: str) -> HttpResponse:
    """A Questionnaire into the editor; nothing is saved until she has seen it."""
    practice_id = practice_of(request.actor)
    dialogues_policy.check_sets_up(request.actor, practice_id)
    row = topics.find(practice_id, Kind.ECONSULTATION, code)
    if row is None:
        raise NotFound
    version = topics.asked(practice_id, code).version
    form = ImportForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise Refused(questionnaires.NOT_UNDERSTOOD)
        file = form.cleaned_data["file"]
        found = questionnaires.from_fhir(_json(file.read(LARGEST + 1)))
    except Refused as refused:
        messages.error(request, to_office(refused))
        rows = question_editor.rows_of(topics.asked(practice_id, code).questions)
        return _editor(request, row, version, rows, status=422)
    messages.info(request, _("Spørsmålene er lest inn. Se over og lagre."))
    return _editor(request, row, version, question_editor.rows_of(found), is_changed=True)


def _json(data: bytes) -> Any:
    if len(data) > LARGEST:
        raise Refused(questionnaires.NOT_UNDERSTOOD)
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(questionnaires.NOT_UNDERSTOOD) from None


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def template(request: htmx.Request, template_id: UUID | None = None) -> HttpResponse:
    practice_id, now = practice_of(request.actor), timezone.now()
    dialogues_policy.check_templates(request.actor, practice_id)
    everything = ready.of_office(practice_id)
    row = next((each for each in everything if each.id == template_id), None) if template_id else None
    if template_id and row is None:
        raise NotFound
    default = request.GET.get("mal", "")  # one that came with the product, by its place
    if default.isdecimal() and int(default) < len(everything):
        row = everything[int(default)]
    initial = {"name": row.name, "kind": row.kind, "position": row.position, **row.texts} if row else {"position": 0}
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=initial)
    texts = row.texts if row else {}
    changed = False
    if form.is_bound and row and template_id and request.POST.get("do") == "remove":
        form.is_valid()  # what she typed stays, whatever it is
        try:
            services.remove_template(
                actor=request.actor,
                practice_id=practice_id,
                template_id=template_id,
                mark=request.POST.get("mark", ""),
                now=now,
            )
        except Refused as refused:
            changed = True
            form.add_error(None, to_office(refused))
        else:
            messages.success(request, _("Malen er fjernet. Det som er skrevet med den, står."))
            return htmx.redirect(request, f"{reverse('workspace:intake')}#maler")
    if form.is_valid():
        fields = form.cleaned_data
        texts = {code: fields[code] for code in LANGUAGES}
        if request.POST.get("do") == "save":
            try:
                with transaction.atomic():
                    services.save_template(
                        actor=request.actor,
                        practice_id=practice_id,
                        template_id=template_id,
                        name=fields["name"],
                        kind=fields["kind"],
                        texts=texts,
                        position=fields["position"],
                        mark=request.POST.get("mark", ""),
                        now=now,
                    )
            except IntegrityError:
                form.add_error("name", _("Kontoret har allerede en mal med dette navnet."))
            except Refused as refused:
                changed = True
                form.add_error(None, to_office(refused))
            else:
                messages.success(request, _("Malen er lagret."))
                return htmx.redirect(request, f"{reverse('workspace:intake')}#maler")
    context = {
        "form": form,
        "row": row,
        "is_new": template_id is None,
        "placeholders": [("{" + name + "}", words) for name, words in PLACEHOLDERS.items()],
        "shown": _shown(request, texts),
        "is_preview": form.is_bound,
        **seen_in(form, seen.mark(row.name, row.kind, row.position, row.texts) if row else "", changed=changed),
    }
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/intake_template.html", context, part="form", form=form, status=status)


def _shown(request: htmx.Request, texts: dict[str, str]) -> list[tuple[str, str]]:
    """Each language as a patient would read it, with example names."""
    office = practices.practice(practice_of(request.actor))
    values = {
        "fornavn": "Kari",
        "lege": _("legens navn"),
        "avsender": request.actor.display_name,
        "kontor": office.name if office else "",
        "telefon": office.phone if office else "",
    }
    sample = ready.Ready(None, "", "", texts)
    return [(name, sample.written(code, values)) for code, name in LANGUAGES.items()] if texts.get("nb") else []
