"""The office shares its inbox: give to a colleague, forward with a comment, move between reception and doctor, close,
and take back. One at a time, or those that are ticked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from legedialog.access.actor import Actor, Role
from legedialog.access.web.guards import staff_required
from legedialog.core import reading, seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.dialogues import office, services
from legedialog.dialogues.rules import Kind
from legedialog.patients.representation import Restriction
from legedialog.pending import services as pending
from legedialog.ui import htmx
from legedialog.workspace import policy, undo
from legedialog.workspace.common import to_office
from legedialog.workspace.inbox import views as inbox
from legedialog.workspace.inbox.forms import CommentForm
from legedialog.workspace.inbox.place import Place

ROLES = policy.PAGES["inbox"]  # the manager too gives out what waits
WRITERS = policy.PAGES["answers"]
DOCTORS = (Role.DOCTOR, Role.SUBSTITUTE)
ME = "meg"


@staff_required(*ROLES)
@require_POST
def assign(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    before = office.head(request.actor, dialogue_id, timezone.now()).assigned_to_id
    try:
        dialogue = services.assign(
            actor=request.actor,
            dialogue_id=dialogue_id,
            employee_id=_whom(request),
            mark=_mark(request),
            now=timezone.now(),
        )
    except Refused as refused:
        return _refused(request, dialogue_id, refused)
    response = back(request, dialogue_id)
    undo.remember(request, response, undo.ASSIGNED, [undo.left(dialogue, before)])
    return response


@staff_required(*DOCTORS)
@require_POST
def restrict(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """The doctor hides a child's dialogue from the parents or from the youth, or shows it again."""
    office.head(request.actor, dialogue_id, timezone.now())  # another office's is not found
    chosen = request.POST.get("restriction")
    if chosen in Restriction.values:
        try:
            services.restrict(
                actor=request.actor,
                dialogue_id=dialogue_id,
                restriction=Restriction(chosen),
                was=request.POST.get("was", ""),
                now=timezone.now(),
            )
        except Refused as refused:
            return _refused(request, dialogue_id, refused)
        messages.success(request, _("Lagret."))
    return back(request, dialogue_id)


@staff_required(*WRITERS)
@require_POST
def forward(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """A comment to the colleagues, or with `employee` a question to one of them."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Skriv en kommentar på høyst 1000 tegn."))
        return inbox.shown(request, dialogue_id, status=422, comment=form)
    text, employee_id = form.cleaned_data["text"], form.cleaned_data["employee"]
    now = timezone.now()
    try:
        if employee_id:
            services.forward(
                actor=request.actor,
                dialogue_id=dialogue_id,
                employee_id=employee_id,
                text=text,
                mark=_mark(request),
                now=now,
            )
            messages.success(request, _("Videresendt til kollegaen. Pasienten ser ikke kommentaren."))
        else:
            services.comment(actor=request.actor, dialogue_id=dialogue_id, text=text, now=now)
            messages.success(request, _("Kommentaren er lagret. Pasienten ser den ikke."))
    except Refused as refused:
        messages.error(request, to_office(refused))
        return inbox.shown(request, dialogue_id, status=409, comment=form)
    return back(request, dialogue_id)


@staff_required(*WRITERS)
@require_POST
def move(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """From reception to the doctor, or the other way. The patient is told."""
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        messages.error(request, _("Velg hvor den skal flyttes."))
        return inbox.shown(request, dialogue_id, status=422)
    try:
        act_id = waits(request, "dialogue.move", dialogue_id, kind=kind, mark=_mark(request))
    except Refused as refused:
        return _refused(request, dialogue_id, refused)
    response = to_list(request)
    undo.told(request, response, "dialogue.move", [act_id], MOVED[Kind(kind)])
    return response


MOVED = {
    Kind.ECONSULTATION: gettext_lazy("Flyttet til legen som e-konsultasjon. Pasienten får beskjed og kan trekke den."),
    Kind.CONTACT: gettext_lazy("Flyttet til kontoret. Pasienten får beskjed."),
}


@staff_required(*WRITERS)
@require_POST
def close(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    if office.head(request.actor, dialogue_id, timezone.now()).is_over:
        return onward(request, dialogue_id)  # a colleague has, and it is hers to take back
    try:
        act_id = waits(request, "dialogue.close", dialogue_id, mark=_mark(request))
    except Refused as refused:
        return _refused(request, dialogue_id, refused)
    response = onward(request, dialogue_id)
    undo.told(request, response, "dialogue.close", [act_id], _("Meldingen er lukket."))
    return response


@staff_required(*WRITERS)
@require_POST
def reopen(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    try:
        services.reopen(actor=request.actor, dialogue_id=dialogue_id, mark=_mark(request), now=timezone.now())
    except Refused as refused:
        return _refused(request, dialogue_id, refused)
    messages.success(request, _("Meldingen er åpnet igjen."))
    return back(request, dialogue_id)


@staff_required(*ROLES)
@require_POST
def several(request: htmx.Request) -> HttpResponse:
    """Those that are ticked, as they stood in the list: given to one person, or closed. What cannot be done, or is
    another by now, is told by name; the rest is done."""
    chosen = seen.read(request.POST.getlist("id")[: office.PAGE])
    actor, now = request.actor, timezone.now()
    closes = request.POST.get("do") == "close"
    if closes and (unread := [head for head in _heads(actor, chosen, now) if head.row.is_unread]):
        if request.POST.get("unread") == "leave":
            chosen = {key: mark for key, mark in chosen.items() if key not in {head.row.id for head in unread}}
        elif request.POST.get("unread") != "close":
            return _ask_about_unread(request, chosen, unread)
    done: list[undo.Item] = []
    acts: list[UUID | None] = []
    left: list[str] = []
    for key, mark in chosen.items():
        name = ""
        try:
            head = office.head(actor, key, now)
            name = head.row.patient_name
            if closes and not head.is_over:
                acts.append(waits(request, "dialogue.close", key, mark=mark, patient_id=head.row.patient_id))
            elif not closes:
                dialogue = services.assign(actor=actor, dialogue_id=key, employee_id=_whom(request), mark=mark, now=now)
                done.append(undo.left(dialogue, head.assigned_to_id))
        except (Refused, Denied, NotFound) as error:
            why = to_office(error) if isinstance(error, Refused) else str(error.message)
            left.append(f"{name}: {why}" if name else why)
    if not request.POST.getlist("id"):
        messages.info(request, _("Sett hake ved meldingene først."))
    tell_left(request, left)
    response = to_list(request)
    if done:
        undo.remember(request, response, undo.ASSIGNED, done)
    closed = ngettext("%(count)d melding er lukket.", "%(count)d meldinger er lukket.", len(acts))
    undo.told(request, response, "dialogue.close", acts, closed % {"count": len(acts)})
    return response


def _heads(actor: Actor, chosen: Mapping[UUID, str], now: datetime) -> list[office.Head]:
    found = []
    for key in chosen:
        try:
            found.append(office.head(actor, key, now))
        except NotFound:
            continue  # told of by its own line
    return found


def _ask_about_unread(request: htmx.Request, chosen: Mapping[UUID, str], unread: list[office.Head]) -> HttpResponse:
    """What nobody has read is closed only by who has seen whose it is."""
    context = {
        "place": Place.read(request.GET),
        "values": [f"{key}.{mark}" for key, mark in chosen.items()],
        "unread": [head.row for head in unread],
        "read": len(chosen) - len(unread),
    }
    return htmx.page(request, "workspace/inbox/close_unread.html", context)


def tell_left(request: htmx.Request, left: list[str]) -> None:
    if left:
        text = ngettext("%(count)d melding ble stående.", "%(count)d meldinger ble stående.", len(left))
        reasons = " ".join(dict.fromkeys(each for each in left if each))
        messages.warning(request, f"{text % {'count': len(left)}} {reasons}".strip())


def waits(request: htmx.Request, name: str, dialogue_id: UUID, **given: Any) -> UUID | None:
    """Done in a moment, unless it is taken back. `given` is the use case's."""
    patient_id = given.pop("patient_id", None)
    now = timezone.now()
    if patient_id is None:
        patient_id = office.head(request.actor, dialogue_id, now).row.patient_id
    return pending.put(
        actor=request.actor,
        name=name,
        object_id=dialogue_id,
        patient_id=patient_id,
        given={"dialogue_id": dialogue_id, **given},
        now=now,
    ).id


def back(request: htmx.Request, dialogue_id: UUID, template: str = "") -> HttpResponse:
    """`template`: the number of the ready answer that stands in the box."""
    url = reverse("workspace:dialogue", args=[dialogue_id])
    ready = f"&{urlencode({'mal': template})}" if template else ""
    return htmx.redirect(request, f"{url}?{Place.read(request.GET).query()}{ready}")


def to_list(request: htmx.Request, row: UUID | None = None) -> HttpResponse:
    """`row`: the one that gets focus."""
    fragment = f"#row-{row}" if row else ""
    return htmx.redirect(request, f"{reverse('workspace:inbox')}?{Place.read(request.GET).query()}{fragment}")


def onward(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """To the list she came from, at the next one: opening it is hers to do, as it is read then, and logged."""
    place = Place.read(request.GET)
    return to_list(request, office.next_after(request.actor, dialogue_id, place.tab, timezone.now(), kind=place.kind))


def _mark(request: htmx.Request) -> str:
    return request.POST.get("mark", "")


def _whom(request: htmx.Request) -> UUID | None:
    chosen = request.POST.get("employee", "")
    return request.actor.employee_id if chosen == ME else reading.uuid(chosen)


def _refused(request: htmx.Request, dialogue_id: UUID, refused: Refused) -> HttpResponse:
    messages.error(request, to_office(refused))
    return inbox.shown(request, dialogue_id, status=409)
