"""Start e-konsultasjon and Kontakt legekontoret: what to know first, what it is about, the text, see over, send.

One thing a page, and nothing is lost between them: each step saves the draft, which the next one reads.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.attachments import queries as attachments
from legedialog.attachments.web import field
from legedialog.attachments.web.field import Files, Row
from legedialog.consent.web import area_required
from legedialog.core import reading
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.dialogues import intake, price, queries, rules, services, topics
from legedialog.dialogues.intake import Stop
from legedialog.dialogues.queries import Door, DraftRow
from legedialog.dialogues.web import ways
from legedialog.dialogues.web.forms import QuestionsForm, TextForm, TopicForm
from legedialog.patients import queries as patients
from legedialog.patients.representation import Area
from legedialog.ui import htmx

SLUGS = {"e-konsultasjon": rules.Kind.ECONSULTATION.value, "kontakt": rules.Kind.CONTACT.value}
AUTOSAVED = "id_text"  # the text area asks by itself: ui/README.md, htmx


class Writing:
    """What every step needs: whose it is, whether the door is open, and the draft so far."""

    def __init__(self, request: htmx.Request, slug: str) -> None:
        if slug not in SLUGS or request.actor.acting_for_id is None:
            raise NotFound
        self.request, self.slug, self.kind = request, slug, SLUGS[slug]
        self.now = timezone.now()
        self.person_id: UUID = request.actor.acting_for_id
        self.door: Door | None = queries.door(self.person_id, self.kind, self.now)
        self.draft: DraftRow | None = queries.draft(request.actor, self.person_id, self.kind, self.now)

    @property
    def is_clinical(self) -> bool:
        return self.kind == rules.Kind.ECONSULTATION

    def url(self, step: str = "") -> str:
        if step:
            return reverse(f"dialogues:{step}", args=[self.slug])
        return reverse("dialogues:econsultation" if self.is_clinical else "dialogues:contact")

    def page(self, template: str, context: dict[str, Any], **options: Any) -> HttpResponse:
        door = self.door
        shared: dict[str, Any] = {
            "writing": self,
            "door": door,
            "draft": self.draft,
            "start_url": self.url(),
            "title": _("Start e-konsultasjon") if self.is_clinical else _("Kontakt legekontoret"),
        }
        if door:
            shared["price"] = price.line(
                kind=self.kind,
                birth_date=patients.profile(self.request.actor, self.person_id, self.now).birth_date,
                today=local_day(self.now),
            )
        return htmx.page(self.request, f"dialogues/citizen/{template}.html", shared | context, **options)

    def closed(self, status: int = 200) -> HttpResponse:
        """Told before anything is written, with what is open instead. A draft stays."""
        others = ways.open_ways(self.door.open_services if self.door else (), self.request.actor, but=self.kind)
        return self.page("closed", {"others": others}, status=status)

    def files(self) -> Files:
        """What she has uploaded to the draft, and what came with the form."""
        assert self.draft  # noqa: S101  the steps after the first
        practice_id = self.door.practice.id if self.door else self.draft.practice_id
        return field.read(
            self.request,
            practice_id=practice_id,
            patient_id=self.person_id,
            now=self.now,
            ids=self.draft.attachment_ids,
        )

    def kept_files(self) -> list[Row]:
        """To see over: those of the draft that are still there."""
        actor = self.request.actor
        ids = self.draft.attachment_ids if self.draft else []
        return [field.row(actor, each) for each in attachments.waiting(actor, ids)]

    def save(self, **changed: Any) -> None:
        services.save_draft(
            actor=self.request.actor, patient_id=self.person_id, kind=self.kind, now=self.now, **changed
        )


@area_required(Area.MESSAGES)
@require_http_methods(["GET", "POST"])
def start(request: htmx.Request, slug: str) -> HttpResponse:
    """When not to write, who reads, by when, what it costs; then what it is about."""
    writing = Writing(request, slug)
    if writing.door is None or not writing.door.is_open:
        return writing.closed()
    offered = topics.of_office(writing.door.practice.id, writing.kind)
    chosen = writing.draft.topic_code if writing.draft else ""
    form = TopicForm(request.POST if request.method == "POST" else None, topics=offered, chosen=chosen)
    if form.is_valid():
        topic = next(row for row in offered if row.code == form.cleaned_data["topic"])
        if topic.leads_to:
            return _leads(writing, topic.leads_to, topic.name)
        writing.save(topic_code=topic.code)
        return htmx.redirect(request, writing.url("questions" if writing.is_clinical else "write"))
    return writing.page("start", {"form": form}, form=form)


def _leads(writing: Writing, leads_to: str, name: str) -> HttpResponse:
    """It belongs elsewhere: the way there, and what else is open."""
    assert writing.door  # noqa: S101  start
    services_open = writing.door.open_services
    first = ways.open_ways([each for each in services_open if each == leads_to], writing.request.actor)
    rest = [each for each in services_open if each != leads_to]
    others = ways.open_ways(rest, writing.request.actor, but=writing.kind)
    return writing.page("leads", {"name": name, "first": first, "others": others})


@area_required(Area.MESSAGES)
@require_http_methods(["GET", "POST"])
def questions(request: htmx.Request, slug: str) -> HttpResponse:
    """The office's questions about the topic. An answer that may be urgent stops, with the number to call."""
    writing = Writing(request, slug)
    if writing.door is None or not writing.door.is_open:
        return writing.closed()
    if writing.draft is None or not writing.draft.topic_code or not writing.is_clinical:
        return htmx.redirect(request, writing.url())
    asked = topics.asked(writing.door.practice.id, writing.draft.topic_code)
    if not asked.questions:
        return htmx.redirect(request, writing.url("write"))
    form = QuestionsForm(
        request.POST if request.method == "POST" else None, questions=asked.questions, answers=writing.draft.answers
    )
    if request.method == "POST":
        given = {each.link_id: request.POST.get(f"q-{each.link_id}", "") for each in asked.questions}
        stop = intake.stop_of(asked.questions, given, get_language() or "nb")
        if stop:  # before anything else is asked to be mended
            return _stop(writing, stop)
    if form.is_valid():
        writing.save(answers=form.answers)
        return htmx.redirect(request, writing.url("write"))
    topic = topics.find(writing.door.practice.id, writing.kind, writing.draft.topic_code)
    return writing.page("questions", {"form": form, "topic": topic}, form=form)


def _stop(writing: Writing, stop: Stop) -> HttpResponse:
    context = {"stop": stop, "call": intake.NUMBERS[stop.number]}
    return writing.page("stop", context, status=200)


@area_required(Area.MESSAGES)
@require_http_methods(["GET", "POST"])
def write(request: htmx.Request, slug: str) -> HttpResponse:
    """The text and the files. Saved while she types; `save` in the form is that, without going on."""
    writing = Writing(request, slug)
    if writing.draft is None or not writing.draft.topic_code:
        return htmx.redirect(request, writing.url())
    files = writing.files()
    if request.method == "POST":
        text = request.POST.get("text", "").replace("\r\n", "\n")[: rules.TEXT_LENGTH * 2]
        writing.save(text=text, attachment_ids=files.ids)
        if request.htmx and request.htmx.trigger == AUTOSAVED:
            return writing.page("write", {"saved_at": writing.now}, part="saved")
    if writing.door is None or not writing.door.is_open:
        return writing.closed()
    form = TextForm(
        request.POST if request.method == "POST" and "save" not in request.POST else None,
        label=_("Beskriv hva det gjelder") if writing.is_clinical else _("Hva vil du spørre om?"),
        help_text=_("Hva er problemet, når begynte det, hva har du prøvd, og hva håper du på?")
        if writing.is_clinical
        else "",
        text=request.POST.get("text", writing.draft.text),
        save_url=request.path,
    )
    if form.is_valid() and not files.problems:
        return htmx.redirect(request, writing.url("review"))
    topic = topics.find(writing.door.practice.id, writing.kind, writing.draft.topic_code)
    saved_at = writing.now if request.method == "POST" else None
    context = {"form": form, "topic": topic, "saved_at": saved_at, "files": files}
    return writing.page("write", context, form=form, status=422 if files.problems else None)


@area_required(Area.MESSAGES)
@require_http_methods(["GET", "POST"])
def review(request: htmx.Request, slug: str) -> HttpResponse:
    """See over, with who reads, the date and the price beside the button; send. Sent again it is the same dialogue."""
    writing = Writing(request, slug)
    refused = ""
    if request.method == "POST":
        try:
            sent = services.send(actor=request.actor, draft_id=_draft_id(request), now=writing.now)
        except Refused as refusal:
            if refusal.code == rules.RED_FLAG.code:
                return _stop(writing, refusal.facts["stop"])
            if refusal.code in {rules.NOT_OFFERED.code, rules.QUEUE_FULL.code, rules.OUTSIDE_HOURS.code}:
                return writing.closed(status=409)
            refused = str(refusal.message)
        else:
            messages.success(request, _("Meldingen er sendt."))
            return htmx.redirect(request, "dialogues:show", sent.pk)
    if writing.door is None or not writing.door.is_open:
        return writing.closed()
    if writing.draft is None or not writing.draft.text.strip():
        return htmx.redirect(request, writing.url("write" if writing.draft else ""))
    asked = topics.asked(writing.door.practice.id, writing.draft.topic_code) if writing.is_clinical else None
    answers: list[tuple[str, str]] = []
    if asked:
        language = get_language() or "nb"
        kept = intake.response(asked.questions, writing.draft.answers, canonical="", authored="", language=language)
        answers = intake.pairs(kept, asked.questions, language)
    context = {
        "topic": topics.find(writing.door.practice.id, writing.kind, writing.draft.topic_code),
        "answers": answers,
        "files": writing.kept_files(),
        "refused": refused,
    }
    return writing.page("review", context, status=409 if refused else None)


@area_required(Area.MESSAGES)
@require_POST
def discard(request: htmx.Request, slug: str) -> HttpResponse:
    writing = Writing(request, slug)
    if writing.draft:
        services.discard_draft(actor=request.actor, draft_id=writing.draft.id, now=writing.now)
    messages.info(request, _("Kladden er slettet. Ingenting er sendt."))
    return htmx.redirect(request, "portal:messages")


def _draft_id(request: htmx.Request) -> UUID:
    draft_id = reading.uuid(request.POST.get("draft"))
    if draft_id is None:
        raise NotFound
    return draft_id
