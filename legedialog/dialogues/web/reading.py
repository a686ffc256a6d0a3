"""One dialogue as its patient reads it: what was said, what has happened, reply, withdraw, print and PDF."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.web.bodies import takes
from legedialog.attachments import queries as attachments
from legedialog.attachments.web import field
from legedialog.attachments.web.answers import serve
from legedialog.attachments.web.field import Files
from legedialog.audit import services as audit
from legedialog.consent.web import area_required
from legedialog.core.errors import Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.dialogues import conversations, drafts, pdf, services
from legedialog.dialogues.conversations import Conversation, MessageRow, Offer
from legedialog.dialogues.policy import piece
from legedialog.dialogues.texts import CHANNELS, GROUNDS, KINDS, STATUSES, STEPS
from legedialog.dialogues.web.forms import ReplyForm
from legedialog.dialogues.web.writing import CHANGED, saves_itself, seen_by, text_in
from legedialog.fees import queries as fees
from legedialog.fees.rules import Service
from legedialog.fees.texts import kept_shown, shown
from legedialog.patients.representation import HIDES, Area
from legedialog.ui import htmx
from legedialog.visibility import policy as visibility
from legedialog.visibility.texts import beside


@area_required(Area.INBOX)
@require_GET
def show(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    return _show(request, dialogue_id)


@takes()
@area_required(Area.MESSAGES)
@require_http_methods(["POST"])
def reply(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """Send it, or keep what she has written so far: while she types, and by `save`."""
    form = ReplyForm(request.POST, save_url=request.path)
    files = _files(request, dialogue_id)
    if "save" in request.POST or saves_itself(request):
        return _keep(request, dialogue_id, files)
    if not form.is_valid() or files.problems:
        return _show(request, dialogue_id, form, files=files)
    try:
        services.reply(
            actor=request.actor,
            dialogue_id=dialogue_id,
            key=form.cleaned_data["key"],
            text=form.cleaned_data["text"],
            attachment_ids=files.ids,
            price=request.POST.get("price", ""),
            seen=seen_by(request),
            now=timezone.now(),
        )
    except Refused as refused:
        if refused.code in CHANGED:
            return _show(request, dialogue_id, form, files=files, changed=refused)
        return _show(request, dialogue_id, form, files=files, refused=str(refused.message))
    messages.success(request, _("Svaret er sendt."))
    return htmx.redirect(request, "dialogues:show", dialogue_id)


def _keep(request: htmx.Request, dialogue_id: UUID, files: Files) -> HttpResponse:
    seen, now, refused = seen_by(request), timezone.now(), None
    version, text = seen.version, text_in(request)
    try:
        saved = services.save_reply(
            actor=request.actor, dialogue_id=dialogue_id, text=text, attachment_ids=files.ids, seen=seen, now=now
        )
        version = saved.version
    except Refused as refusal:
        refused = refusal  # the page stays one that has not seen it
    if saves_itself(request):
        context = {"version": version, "saved_at": now, "changed": refused, "is_by_itself": True}
        status = 409 if refused else 200
        return htmx.page(request, "dialogues/citizen/show.html", context, part="saved", status=status)
    form = ReplyForm(None if not refused else request.POST, text=text, save_url=request.path)
    if refused and refused.code not in CHANGED:
        return _show(request, dialogue_id, form, files=files, refused=str(refused.message))
    return _show(request, dialogue_id, form, files=files, changed=refused, saved_at=None if refused else now)


@takes()
@area_required(Area.MESSAGES)
@require_POST
def discard_reply(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """What she has begun to answer goes, if it is what she saw."""
    now = timezone.now()
    conversations.conversation(request.actor, dialogue_id)
    draft = drafts.of_reply(request.actor, dialogue_id, now)
    if draft:
        version = seen_by(request).version
        try:
            services.discard_draft(actor=request.actor, draft_id=draft.id, version=version, now=now)
        except Refused as refused:
            text = _("Ingenting er slettet. Her er kladden slik den er nå.")
            messages.warning(request, f"{refused.message} {text}")
            return htmx.redirect(request, "dialogues:show", dialogue_id)
    messages.info(request, _("Kladden er slettet. Ingenting er sendt."))
    return htmx.redirect(request, "dialogues:show", dialogue_id)


@area_required(Area.MESSAGES)
@require_POST
def withdraw(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    try:
        services.withdraw(actor=request.actor, dialogue_id=dialogue_id, now=timezone.now())
    except Refused as refused:
        return _show(request, dialogue_id, refused=str(refused.message))
    messages.success(request, _("Meldingen er trukket tilbake. Kontoret leser den ikke."))
    return htmx.redirect(request, "dialogues:show", dialogue_id)


@area_required(Area.INBOX)
@require_POST
def hide(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """A youth hides one dialogue from her parents, or shows it again."""
    hides = "yes" if request.POST.get("hide") == "yes" else "no"
    try:
        services.restrict(
            actor=request.actor,
            dialogue_id=dialogue_id,
            restriction=HIDES[hides],
            was=HIDES.get(request.POST.get("was", ""), ""),
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        texts = {"yes": _("Foreldrene dine ser ikke dialogen."), "no": _("Foreldrene dine ser dialogen igjen.")}
        messages.success(request, texts[hides])
    return htmx.redirect(request, "dialogues:show", dialogue_id)


@area_required(Area.INBOX)
@require_GET
def file(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """The dialogue as PDF. The file's name says nothing of what it holds."""
    now = timezone.now()
    found = conversations.conversation(request.actor, dialogue_id)
    audit.looked(
        request.actor,
        "dialogue.exported",
        dialogue_id,
        at=now,
        patient_id=found.patient_id,
        practice_id=found.practice_id,
    )
    headers = {"Content-Disposition": 'attachment; filename="dialog.pdf"'}
    return HttpResponse(pdf.make(found, now), content_type="application/pdf", headers=headers)


@area_required(Area.INBOX)
@require_GET
def attachment(request: htmx.Request, attachment_id: UUID) -> StreamingHttpResponse:
    """A file of a message she may read."""
    return serve(request, attachments.find(attachment_id), conversations.check_attachment)


def _files(request: htmx.Request, dialogue_id: UUID) -> Files:
    found = conversations.conversation(request.actor, dialogue_id)
    return field.read(request, practice_id=found.practice_id, patient_id=found.patient_id, now=timezone.now())


def _show(
    request: htmx.Request,
    dialogue_id: UUID,
    form: ReplyForm | None = None,
    *,
    files: Files | None = None,
    refused: str = "",
    changed: Refused | None = None,
    saved_at: datetime | None = None,
) -> HttpResponse:
    """Drawn with `changed`, its next answer is one that has seen it: sent again, it replaces the other."""
    now = timezone.now()
    read = services.read(actor=request.actor, dialogue_id=dialogue_id, now=now)
    found = conversations.conversation(request.actor, read)
    word, color = STATUSES[found.row.status]
    seen = piece(read, read.started_by_person_id)
    may_write = request.actor.opens(Area.MESSAGES)
    draft = drafts.of_reply(request.actor, read.pk, now) if may_write else None
    ids = draft.attachment_ids if draft else ()
    form = form or ReplyForm(text=draft.text if draft else "", save_url=reverse("dialogues:reply", args=[found.row.id]))
    written = [_written(found, message, request, now) for message in found.messages]
    steps = [step for step in found.steps if step.what in STEPS]
    context: dict[str, Any] = {
        "found": found,
        "row": found.row,
        "kind": KINDS[found.row.kind],
        "word": word,
        "color": color,
        "readers": found.readers + beside(request.actor, found.patient_id, visibility.citizens(seen, now)),
        "with_whom": found.row.doctor or found.row.practice_name,
        "written": written,
        "first_new": next((each["message"].number for each in written if each["is_new"]), None),
        "steps": [(STEPS[step.what], step) for step in steps],
        "form": form,
        "files": files
        or field.read(request, practice_id=found.practice_id, patient_id=found.patient_id, now=now, ids=ids),
        "draft": draft,
        "version": draft.version if draft else 0,
        "page_id": seen_by(request).page or new_id(),
        "changed": changed,
        "saved_at": saved_at,
        **_price(found, now),
        "can_reply": found.can_reply and may_write,
        "can_withdraw": found.can_withdraw and may_write,
        "can_book": request.actor.opens(Area.BOOKING),
        "may_write": may_write,
        "today": local_day(now),
        "refused": refused,
    }
    status = 409 if refused or changed else 422 if files and files.problems else None
    return htmx.page(request, "dialogues/citizen/show.html", context, part="dialogue", form=form, status=status)


def _price(found: Conversation, now: datetime) -> dict[str, Any]:
    """What she was told that it costs; of what the office began and she has not answered, what an answer would."""
    if found.row.kind != "econsultation":
        return {}
    promised = kept_shown(fees.promised(found.row.id))
    if promised or not found.row.started_by_office:
        return {"promised": promised}
    if not found.can_reply:
        return {"is_unasked": True}
    price = fees.price(
        patient_id=found.patient_id,
        practice_id=found.practice_id,
        service=Service.ECONSULTATION,
        clinician_id=found.answerer_id,
        now=now,
    )
    return {"is_unasked": True, "price": shown(price)}


def _written(found: Conversation, message: MessageRow, request: htmx.Request, now: datetime) -> dict[str, Any]:
    """A message with its times as links to the booking page, and who acted for whom. It is new when it is read now."""
    return {
        "message": message,
        "is_new": message.from_office and message.read_at == now,
        "is_mine": not message.from_office,
        "ground": GROUNDS.get(message.ground, ""),
        "for_whom": found.patient_name if message.ground in GROUNDS else "",
        "files": [
            field.row(request.actor, each, reverse("dialogues:attachment", args=[each.pk])) for each in message.files
        ],
        "offered": [(offer, CHANNELS.get(offer.channel, ""), booking_url(offer)) for offer in message.offered],
    }


def booking_url(offer: Offer) -> str:
    """The booking page, opened at the time. It tells itself when somebody has taken it."""
    day: date = local_day(offer.starts_at)
    query = {
        "type": offer.visit_type_id,
        "channel": offer.channel,
        "doctor": offer.clinician_id,
        "day": day.isoformat(),
    }
    return f"{reverse('appointments:book')}?{urlencode(query)}#times"
