"""Innboks: what waits for the office, in tabs, and the one that is open. Every key has a link or a button beside it.

The address says which tab and page the list shows, so the list keeps its place whatever is opened or done in it.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from legedialog.access.actor import Actor, Role
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office as appointments
from legedialog.attachments.web import field
from legedialog.attachments.web.answers import asked, serve
from legedialog.audit.policy import may_open
from legedialog.core import contexts, reading
from legedialog.core.errors import Refused
from legedialog.core.sql import Asked, ask_as_one
from legedialog.core.times import local_day
from legedialog.dialogues import conversations, office, ready, services
from legedialog.dialogues.conversations import MessageRow
from legedialog.dialogues.office import Head, Tab
from legedialog.dialogues.rules import Kind
from legedialog.dialogues.texts import KINDS, OFFICE_STATUSES, OFFICE_STEPS
from legedialog.outbox import services as outbox_services
from legedialog.patients.representation import Restriction
from legedialog.patients.rules import age_on, is_too_young
from legedialog.pending import queries as pending
from legedialog.pending.queries import Waiting
from legedialog.ui import htmx
from legedialog.workspace import policy, purpose, texts, top
from legedialog.workspace.charges import views as charges
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.inbox import answer_box
from legedialog.workspace.inbox.answer_box import AnswerBox
from legedialog.workspace.inbox.forms import CommentForm
from legedialog.workspace.inbox.lines import lines
from legedialog.workspace.inbox.place import Place

ROLES = policy.PAGES["inbox"]
VISITS = 3  # beside the dialogue
AT_HAND = 5  # ready answers beside *Svar*, one press each; all are in the box


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    """The list, and beside it what else waits: wishes for a time, questions about the log, undelivered notices."""
    now = timezone.now()
    place = Place.read(request.GET)
    opened = reading.uuid(request.GET.get("apen"))  # the list alone, drawn anew beside an open dialogue
    kinds = [
        each for each in contexts.ordered(lambda about: about.office_waits) if policy.may(request.actor, each.page)
    ]
    asked = [each.asks(request.actor, practice_of(request.actor), now) for each in kinds]
    drawn, acts, found = _list(request, place, opened, [one for each in asked for one in each])
    told = iter(found)
    others = [
        (kind, kind.tells(request.actor, now, acts, *islice(told, len(each))))
        for kind, each in zip(kinds, asked, strict=True)
        if each
    ]
    context = {
        **drawn,
        "others": [(kind, rows) for kind, rows in others if rows],
        "may_see_patient": policy.may(request.actor, "patients"),
    }
    part = "others" if request.htmx.target == "inbox-others" else "list"
    return htmx.page(request, "workspace/inbox/index.html", context, part=part)


@staff_required(*ROLES)
@require_GET
def show(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    return shown(request, dialogue_id)


def shown(
    request: htmx.Request,
    dialogue_id: UUID,
    box: AnswerBox | None = None,
    status: int = 200,
    *,
    whole: bool = False,
    comment: CommentForm | None = None,
) -> HttpResponse:
    """One dialogue with the list and the patient beside it. Reading it is logged, and the patient can see that.

    `whole`: also for htmx the whole of it, not the answer alone. `comment`: what she typed, when it was not saved.
    """
    actor, now = request.actor, timezone.now()
    place = Place.read(request.GET)
    head = office.head(actor, dialogue_id, now)
    if head.is_over and head.may_read and not _may_open(request, head):
        return htmx.redirect(request, purpose.url(head.row.patient_id, request.get_full_path()))
    conversation = None
    more: list[Asked[Any]] = []
    if not head.is_over:
        more.append(office.able(actor, head.row.kind, now))
    if head.may_read:
        opened = services.open_(actor=actor, dialogue_id=dialogue_id, now=now, found=head.dialogue)
        if opened.status != head.row.status:  # by this look
            head = office.opened(head, opened)
        conversation = conversations.conversation(actor, opened)
        more += [
            conversations.comments(actor, opened),
            appointments.beside(actor, head.row.patient_id, now, most=VISITS),
            office.latest(actor, head.row.patient_id),
        ]
    begins = head.may_answer and box is None
    if begins:
        more.append(ready.asks_names(head.practice_id))
    drawn, acts, told = _list(request, place, dialogue_id, more)
    named = told.pop() if begins else []
    colleagues = [] if head.is_over else office.by_name(told.pop(0))
    comments, visits, latest = told if head.may_read else ([], [], [])
    waiting = acts.get(dialogue_id)
    if head.may_read and box is None and head.row.i_answer and not waiting:
        box = answer_box.empty(request, head)
    context = {
        **drawn,
        "head": head,
        "age": age_on(head.birth_date, local_day(now)),
        "kind": KINDS[head.row.kind],
        "status": OFFICE_STATUSES[head.row.status],
        "conversation": conversation,
        "said": [(each, _files(actor, each)) for each in conversation.messages] if conversation else [],
        "steps": [(OFFICE_STEPS[each.what], each) for each in conversation.steps] if conversation else [],
        "comments": conversations.comments_from(comments),
        "box": None if waiting else box,
        "waiting": waiting,
        "begins_with": [] if box or waiting else ready.names(named, head.row.kind)[:AT_HAND],
        "comment": comment or CommentForm(),  # which holds what was typed before a login ended
        "charge": charges.beside(actor, dialogue_id, "workspace:dialogue") if head.is_over else None,
        "restrictions": Restriction.choices
        if actor.role in (Role.DOCTOR, Role.SUBSTITUTE) and is_too_young(head.birth_date, local_day(now))
        else [],
        "colleagues": colleagues,
        # Beside the dialogue: what stands on top of her, her next and latest visits, and what else she has written.
        "top": top.beside(actor, head.row.patient_id, now) if head.may_read else [],
        "coming": [each for each in visits if each.is_coming],
        "past": [each for each in visits if not each.is_coming],
        "others": [
            (row, KINDS[row.kind], OFFICE_STATUSES[row.status])
            for row in office.rows_from(actor, latest, now)
            if row.id != head.row.id
        ],
    }
    page = htmx.page(request, "workspace/inbox/show.html", context, part=None if whole else "answer", status=status)
    if whole:
        page["HX-Retarget"] = page["HX-Reselect"] = "#content"
        page["HX-Reswap"] = "outerHTML"
    return page


@staff_required(*policy.PAGES["answers"])
@require_GET
def attachment(request: htmx.Request, attachment_id: UUID) -> HttpResponseBase:
    """A file of a message, for whoever may read the message: as closed as the dialogue is. Each look is logged."""
    actor, now = request.actor, timezone.now()
    found, dialogue_id = office.attachment(actor, attachment_id)
    head = office.head(actor, dialogue_id, now)
    if head.is_over and not _may_open(request, head):
        return htmx.redirect(request, purpose.url(head.row.patient_id, request.get_full_path()))
    if head.row.is_unread:
        services.open_(actor=actor, dialogue_id=dialogue_id, now=now)
    return serve(request, found, asked, now=now)


@staff_required(*ROLES)
@require_GET
def presence(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """Who is answering now, drawn anew in open pages when it changes."""
    head = office.head(request.actor, dialogue_id, timezone.now())
    return htmx.page(request, "workspace/inbox/presence.html", {"head": head, "place": Place.read(request.GET)})


@staff_required(*ROLES)
@require_POST
def notice(request: htmx.Request, notification_id: UUID) -> HttpResponse:
    """Try an undelivered notice again, or put it away because the patient has been told."""
    now = timezone.now()
    try:
        if request.POST.get("do") == "retry":
            outbox_services.retry(actor=request.actor, notification_id=notification_id, now=now)
            messages.success(request, _("Beskjeden sendes på nytt."))
        else:
            outbox_services.dismiss(actor=request.actor, notification_id=notification_id, now=now)
            messages.success(request, _("Beskjeden er lagt bort."))
    except Refused as refused:
        messages.info(request, to_office(refused))
    return htmx.redirect(request, "workspace:inbox")


def _list(
    request: htmx.Request, place: Place, opened: UUID | None, more: Sequence[Asked[Any]] = ()
) -> tuple[dict[str, Any], dict[UUID, Waiting], list[list[Any]]]:
    """The list, what is about to happen at the office, and the rows of `more`. Two queries, whatever waits."""
    actor, now = request.actor, timezone.now()
    page = office.inbox(actor, place.tab, now, kind=place.kind, after=place.after)
    waits = place.tab is not Tab.DONE
    (counts,), found, able, *told = ask_as_one(
        office.waiting(actor, now),
        pending.all_waiting(actor),
        office.able(actor, place.kind or Kind.CONTACT, now),
        *more,
    )
    acts = pending.told(actor, found)
    numbers = {Tab.MINE: counts.mine, Tab.OFFICE: counts.office, Tab.SOON: counts.soon, Tab.DONE: None}
    inbox = reverse("workspace:inbox")
    bulk = texts.bulk(actor.role) if page.rows and waits else []
    drawn = {
        "place": place,
        "tabs": [(texts.TABS[tab], numbers[tab], f"{inbox}?{place.on(tab).query()}", tab is place.tab) for tab in Tab],
        "kinds": [
            (words, f"{inbox}?{place.of_kind(kind).query()}", kind == place.kind)
            for kind, words in {"": _("Alle"), **KINDS}.items()
        ],
        "rows": lines(page.rows, acts, place.query(), now, may_choose=bool(bulk)),
        "next_page": f"{inbox}?{place.from_(page.after).query()}" if page.after else "",
        "first_page": f"{inbox}?{place.from_('').query()}" if place.after else "",
        "list_url": f"{inbox}?{place.query()}" + (f"&{urlencode({'apen': opened})}" if opened else ""),
        "opened": opened,
        "bulk": bulk,
        "to_whom": office.by_name(able) if waits else [],
        "may_count": policy.may(actor, "numbers"),
    }
    return drawn, acts, told


def _files(actor: Actor, message: MessageRow) -> list[field.Row]:
    return [field.row(actor, each, reverse("workspace:dialogue-attachment", args=[each.pk])) for each in message.files]


def _may_open(request: htmx.Request, head: Head) -> bool:
    """What is over is read with an open contact, or with a purpose that has been stated."""
    return may_open(request.actor, head.row.patient_id, timezone.now())
