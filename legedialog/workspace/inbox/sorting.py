"""The office shares its inbox: give to a colleague, forward with a comment, move between reception and doctor, close,
and take back. One at a time, or those that are ticked."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from legedialog.access.actor import Actor, Role
from legedialog.access.web.guards import staff_required
from legedialog.core import reading, seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.dialogues import office, services
from legedialog.dialogues.rules import Kind
from legedialog.patients.representation import Restriction
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import to_office
from legedialog.workspace.inbox import undo
from legedialog.workspace.inbox import views as inbox
from legedialog.workspace.inbox.forms import CommentForm
from legedialog.workspace.inbox.place import Place
from legedialog.workspace.inbox.undo import Done

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
    undo.remember(request, response, Done(undo.ASSIGNED, [undo.left(dialogue, before)]))
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
        services.move(actor=request.actor, dialogue_id=dialogue_id, kind=kind, mark=_mark(request), now=timezone.now())
    except Refused as refused:
        return _refused(request, dialogue_id, refused)
    if kind == Kind.ECONSULTATION:
        messages.success(request, _("Flyttet til legen som e-konsultasjon. Pasienten får beskjed og kan trekke den."))
    else:
        messages.success(request, _("Flyttet til kontoret. Pasienten får beskjed."))
    return htmx.redirect(request, f"{reverse('workspace:inbox')}?{Place.read(request.GET).query()}")


@staff_required(*WRITERS)
@require_POST
def close(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    now = timezone.now()
    try:
        dialogue = services.close(actor=request.actor, dialogue_id=dialogue_id, mark=_mark(request), now=now)
    except Refused as refused:
        return _refused(request, dialogue_id, refused)
    response = onward(request, dialogue_id)
    if dialogue.closed_at == now:  # else a colleague had closed it, and it is hers to take back
        undo.remember(request, response, Done(undo.CLOSED, [undo.left(dialogue)]))
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
    closes = request.POST.get("do") == "close"
    done: list[undo.Item] = []
    left: list[str] = []
    actor, now = request.actor, timezone.now()
    for key, mark in chosen.items():
        name = ""
        try:
            head = office.head(actor, key, now)
            name = head.row.patient_name
            if closes:
                dialogue = services.close(actor=actor, dialogue_id=key, mark=mark, now=now)
            else:
                dialogue = services.assign(actor=actor, dialogue_id=key, employee_id=_whom(request), mark=mark, now=now)
            if not closes or dialogue.closed_at == now:
                done.append(undo.left(dialogue, head.assigned_to_id))
        except (Refused, Denied, NotFound) as error:
            why = to_office(error) if isinstance(error, Refused) else str(error.message)
            left.append(f"{name}: {why}" if name else why)
    if not chosen:
        messages.info(request, _("Sett hake ved meldingene først."))
    _tell_left(request, left)
    response = htmx.redirect(request, f"{reverse('workspace:inbox')}?{Place.read(request.GET).query()}")
    if done:
        undo.remember(request, response, Done(undo.CLOSED if closes else undo.ASSIGNED, done))
    return response


@staff_required(*ROLES)
@require_POST
def take_back(request: htmx.Request) -> HttpResponse:
    """Undo what she did last, where it stands as she left it. Where not, she is told who has it now."""
    last = undo.recall(request)
    response = htmx.redirect(request, f"{reverse('workspace:inbox')}?{Place.read(request.GET).query()}")
    if last is None:
        messages.info(request, _("Det er for lenge siden til at det kan angres."))
        return response
    actor, now = request.actor, timezone.now()
    left: list[str] = []
    for key, before, mark in last.items:
        try:
            if last.what == undo.CLOSED:
                services.reopen(actor=actor, dialogue_id=key, mark=mark, now=now)
            else:
                services.assign(actor=actor, dialogue_id=key, employee_id=before, mark=mark, now=now)
        except (Refused, Denied, NotFound) as error:
            left.append(_as_it_stands(actor, key, error, now))
    if count := len(last.items) - len(left):
        text = ngettext("Angret for %(count)d melding.", "Angret for %(count)d meldinger.", count)
        messages.success(request, text % {"count": count})
    _tell_left(request, left)
    undo.forget(response)
    return response


def _as_it_stands(actor: Actor, dialogue_id: UUID, error: Refused | Denied | NotFound, now: datetime) -> str:
    """Why it is not taken back: by name, with who has it now, as far as she may see it."""
    why = to_office(error) if isinstance(error, Refused) else str(error.message)
    try:
        row = office.head(actor, dialogue_id, now).row
    except NotFound:
        return why
    if isinstance(error, Refused) and error.code == seen.CHANGED.code:
        why = _("Meldingen er endret etterpå.")
    has = _("%(name)s har den nå.") % {"name": row.assigned_to} if row.assigned_to else _("Ingen har fått den tildelt.")
    return f"{row.patient_name}: {why} {has}"


def _tell_left(request: htmx.Request, left: list[str]) -> None:
    if left:
        text = ngettext("%(count)d melding ble stående.", "%(count)d meldinger ble stående.", len(left))
        reasons = " ".join(dict.fromkeys(each for each in left if each))
        messages.warning(request, f"{text % {'count': len(left)}} {reasons}".strip())


def back(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    url = reverse("workspace:dialogue", args=[dialogue_id])
    return htmx.redirect(request, f"{url}?{Place.read(request.GET).query()}")


def onward(request: htmx.Request, dialogue_id: UUID) -> HttpResponse:
    """To the next in the list she came from, or to the list when it is empty."""
    place, now = Place.read(request.GET), timezone.now()
    found = office.next_after(request.actor, dialogue_id, place.tab, now, kind=place.kind)
    url = reverse("workspace:dialogue", args=[found]) if found else reverse("workspace:inbox")
    return htmx.redirect(request, f"{url}?{place.query()}")


def _mark(request: htmx.Request) -> str:
    return request.POST.get("mark", "")


def _whom(request: htmx.Request) -> UUID | None:
    chosen = request.POST.get("employee", "")
    return request.actor.employee_id if chosen == ME else reading.uuid(chosen)


def _refused(request: htmx.Request, dialogue_id: UUID, refused: Refused) -> HttpResponse:
    messages.error(request, to_office(refused))
    return inbox.shown(request, dialogue_id, status=409)
