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

from legedialog.access.web.bodies import takes
from legedialog.attachments import queries as attachments
from legedialog.attachments.web import field
from legedialog.attachments.web.field import Files, Row
from legedialog.consent.web import area_required
from legedialog.core import reading
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.dialogues import doors, drafts, intake, rules, services, topics
from legedialog.dialogues.doors import Door
from legedialog.dialogues.drafts import DraftRow
from legedialog.dialogues.intake import Stop
from legedialog.dialogues.services import Seen
from legedialog.dialogues.web import ways
from legedialog.dialogues.web.forms import QuestionsForm, TextForm, TopicForm, name_of
from legedialog.fees import queries as fees
from legedialog.fees.texts import shown
from legedialog.patients.representation import Area
from legedialog.ui import htmx
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content, Piece
from legedialog.visibility.texts import beside

SLUGS = {"e-konsultasjon": rules.Kind.ECONSULTATION.value, "kontakt": rules.Kind.CONTACT.value}
CHANGED = {rules.DRAFT_CHANGED.code, rules.DRAFT_GONE.code}  # by another window
AUTOSAVED = "id_text"  # the text area asks by itself: ui/README.md, htmx


def seen_by(request: htmx.Request) -> Seen:
    """What the page that sends has seen; a page that is drawn sees the draft as it is now."""
    version = request.POST.get("version", "")
    is_number = version.isascii() and version.isdecimal() and len(version) < 9
    return Seen(int(version) if is_number else 0, reading.uuid(request.POST.get("page")))


def saves_itself(request: htmx.Request) -> bool:
    """Whether the text area asks, and not she."""
    return bool(request.htmx and request.htmx.trigger == AUTOSAVED)


def text_in(request: htmx.Request) -> str:
    """As it is kept: also when it is too long to be sent."""
    return request.POST.get("text", "").replace("\r\n", "\n")[: rules.TEXT_LENGTH * 2]


class Writing:
    """What every step needs: whose it is, whether the door is open, and the draft so far."""

    def __init__(self, request: htmx.Request, slug: str) -> None:
        if slug not in SLUGS or request.actor.acting_for_id is None:
            raise NotFound
        self.request, self.slug, self.kind = request, slug, SLUGS[slug]
        self.now = timezone.now()
        self.person_id: UUID = request.actor.acting_for_id
        self.door: Door | None = doors.door(self.person_id, self.kind, self.now)
        self.draft: DraftRow | None = drafts.of_kind(request.actor, self.person_id, self.kind, self.now)
        self.seen = seen_by(request)
        self.page_id: UUID = self.seen.page or new_id()

    @property
    def version(self) -> int:
        return self.draft.version if self.draft else 0

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
            written = Piece(Content(self.kind), self.person_id, written_by=self.request.actor.person_id)
            shared["readers"] = door.readers + beside(
                self.request.actor, self.person_id, visibility.citizens(written, self.now)
            )
            found = fees.price(
                patient_id=self.person_id,
                practice_id=door.practice.id,
                service=self.kind,
                clinician_id=door.answerer_id or door.doctor.clinician_id,
                now=self.now,
            )
            shared["price"] = shown(found)
        return htmx.page(self.request, f"dialogues/citizen/{template}.html", shared | context, **options)

    def closed(self) -> HttpResponse:
        """Told before anything is written, with what is open instead. A draft stays."""
        status = 409 if self.request.method == "POST" else None
        others = ways.open_ways(self.door.open_services if self.door else (), self.request.actor, but=self.kind)
        return self.page("closed", {"others": others}, status=status)

    def files(self) -> Files:
        """What she has uploaded to the draft, and what came with the form."""
        at = self.door.practice.id if self.door else self.draft.practice_id if self.draft else None
        if at is None:  # neither a GP nor a draft
            raise NotFound
        ids = self.draft.attachment_ids if self.draft else []
        return field.read(self.request, practice_id=at, patient_id=self.person_id, now=self.now, ids=ids)

    def kept_files(self) -> list[Row]:
        """To see over: those of the draft that are still there."""
        actor = self.request.actor
        ids = self.draft.attachment_ids if self.draft else []
        return [field.row(actor, each) for each in attachments.waiting(actor, ids)]

    def save(self, **changed: Any) -> None:
        """Raises Refused when another page has changed the draft: nothing is saved."""
        actor = self.request.actor
        row = services.save_draft(
            actor=actor, patient_id=self.person_id, kind=self.kind, seen=self.seen, now=self.now, **changed
        )
        self.draft = drafts.row_of(row)


@area_required(Area.MESSAGES)
@require_http_methods(["GET", "POST"])
def start(request: htmx.Request, slug: str) -> HttpResponse:
    """When not to write, who reads, by when, what it costs; then what it is about."""
    writing = Writing(request, slug)
    if writing.door is None or not writing.door.is_open:
        return writing.closed()
    offered = [each for each in writing.door.topics if each.is_active]
    chosen = writing.draft.topic_code if writing.draft else ""
    form = TopicForm(request.POST if request.method == "POST" else None, topics=offered, chosen=chosen)
    if form.is_valid():
        topic = next(row for row in offered if row.code == form.cleaned_data["topic"])
        if topic.leads_to:
            return _leads(writing, topic.leads_to, topic.name)
        try:
            writing.save(topic_code=topic.code)
        except Refused as refused:
            return writing.page("start", {"form": form, "changed": refused}, status=409)
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
        if request.method == "POST":
            raise Refused(rules.DRAFT_GONE)
        return htmx.redirect(request, writing.url())
    asked = topics.asked(writing.door.practice.id, writing.draft.topic_code)
    if not asked.questions:
        return htmx.redirect(request, writing.url("write"))
    form = QuestionsForm(
        request.POST if request.method == "POST" else None, questions=asked.questions, answers=writing.draft.answers
    )
    if request.method == "POST":
        given = {each.link_id: request.POST.get(name_of(each), "") for each in asked.questions}
        stop = intake.stop_of(asked.questions, given, get_language() or "nb")
        if stop:  # before anything else is asked to be mended
            return _stop(writing, stop)
    changed, status = None, None
    if form.is_valid():
        try:
            writing.save(answers=form.answers)
        except Refused as refused:
            changed, status = refused, 409
        else:
            return htmx.redirect(request, writing.url("write"))
    topic = writing.door.topic(writing.draft.topic_code)
    context = {"form": form, "topic": topic, "changed": changed}
    return writing.page("questions", context, form=form, status=status)


def _stop(writing: Writing, stop: Stop) -> HttpResponse:
    context = {"stop": stop, "call": intake.NUMBERS[stop.number]}
    return writing.page("stop", context, status=200)


@takes()
@area_required(Area.MESSAGES)
@require_http_methods(["GET", "POST"])
def write(request: htmx.Request, slug: str) -> HttpResponse:
    """The text and the files. Saved while she types; `save` in the form is that, without going on.

    When the draft was changed, sent or deleted in another window, nothing is saved and what she has typed stays.
    """
    writing = Writing(request, slug)
    topic_code = writing.draft.topic_code if writing.draft else request.POST.get("topic", "")
    if not topic_code:
        if request.method == "POST":
            raise Refused(rules.DRAFT_GONE)
        return htmx.redirect(request, writing.url())
    files = writing.files()
    changed = None
    if request.method == "POST":
        text = text_in(request)
        begins = {} if writing.draft else {"topic_code": topic_code}  # anew, with the text of one that is gone
        try:
            writing.save(text=text, attachment_ids=files.ids, **begins)
        except Refused as refused:
            if refused.code not in CHANGED:
                raise
            changed = refused
        if saves_itself(request):
            context = {"saved_at": writing.now, "changed": changed, "version": writing.version}
            if changed:  # the page stays one that has not seen it
                context["version"] = writing.seen.version
            return writing.page("write", context, part="saved", status=409 if changed else 200)
    return _write(writing, files, topic_code, changed)


def _write(writing: Writing, files: Files, topic_code: str, changed: Refused | None) -> HttpResponse:
    """Drawn with `changed`, its next answer is one that has seen it: sent again, it replaces the other."""
    request = writing.request
    if writing.door is None or not writing.door.is_open:
        return writing.closed()
    shown = request.POST.get("text", request.POST.get("seen", writing.draft.text if writing.draft else ""))
    form = TextForm(
        request.POST if "text" in request.POST and "save" not in request.POST else None,
        label=_("Beskriv hva det gjelder") if writing.is_clinical else _("Hva vil du spørre om?"),
        help_text=_("Hva er problemet, når begynte det, hva har du prøvd, og hva håper du på?")
        if writing.is_clinical
        else "",
        text=shown,
        save_url=writing.url("write"),
    )
    if form.is_valid() and not files.problems and not changed:
        is_answered = not writing.is_clinical or bool(writing.draft and writing.draft.answers)
        return htmx.redirect(request, writing.url("review" if is_answered else "questions"))
    context = {
        "form": form,
        "topic": writing.door.topic(topic_code),
        "topic_code": topic_code,
        "saved_at": writing.now if request.method == "POST" and not changed else None,
        "changed": changed,
        "version": writing.version,
        "files": files,
    }
    return writing.page("write", context, form=form, status=409 if changed else 422 if files.problems else None)


@area_required(Area.MESSAGES)
@require_http_methods(["GET", "POST"])
def review(request: htmx.Request, slug: str) -> HttpResponse:
    """See over, with who reads, the date and the price beside the button; send. Sent again it is the same dialogue.

    What is sent is what she saw: a draft that another window has changed is shown beside it first.
    """
    writing = Writing(request, slug)
    refused, changed = "", None
    if request.method == "POST":
        try:
            sent = services.send(
                actor=request.actor,
                draft_id=_draft_id(request),
                version=writing.seen.version,
                price=request.POST.get("price"),
                now=writing.now,
            )
        except NotFound:
            if writing.draft or "topic" not in request.POST:
                raise
            gone = Refused(rules.DRAFT_GONE)  # what she saw is hers to begin again with
            return _write(writing, writing.files(), request.POST["topic"], gone)
        except Refused as refusal:
            if refusal.code == rules.RED_FLAG.code:
                return _stop(writing, refusal.facts["stop"])
            if refusal.code in {rules.NOT_OFFERED.code, rules.QUEUE_FULL.code, rules.OUTSIDE_HOURS.code}:
                return writing.closed()
            changed = refusal if refusal.code in CHANGED else None
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
        "topic": writing.door.topic(writing.draft.topic_code),
        "answers": answers,
        "files": writing.kept_files(),
        "refused": refused,
        "changed": changed,
        "seen": request.POST.get("seen", ""),
    }
    return writing.page("review", context, status=409 if refused else None)


@area_required(Area.MESSAGES)
@require_POST
def discard(request: htmx.Request, slug: str) -> HttpResponse:
    writing = Writing(request, slug)
    if writing.draft:
        try:
            services.discard_draft(
                actor=request.actor, draft_id=writing.draft.id, version=writing.seen.version, now=writing.now
            )
        except Refused as refused:
            text = _("Ingenting er slettet. Her er kladden slik den er nå.")
            messages.warning(request, f"{refused.message} {text}")
            return htmx.redirect(request, writing.url("write"))
    messages.info(request, _("Kladden er slettet. Ingenting er sendt."))
    return htmx.redirect(request, "portal:messages")


def _draft_id(request: htmx.Request) -> UUID:
    draft_id = reading.uuid(request.POST.get("draft"))
    if draft_id is None:
        raise NotFound
    return draft_id
