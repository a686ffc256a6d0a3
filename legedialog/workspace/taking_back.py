"""Undo what she did last, and put away what was not done after all."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from legedialog.access.actor import Actor
from legedialog.access.web.guards import staff_required
from legedialog.appointments import services as appointments
from legedialog.core import seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.dialogues import office, services
from legedialog.errands import services as errands
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.ui import htmx
from legedialog.workspace import undo
from legedialog.workspace.common import to_office
from legedialog.workspace.inbox.place import Place
from legedialog.workspace.inbox.sorting import tell_left


@staff_required()
@require_POST
def take_back(request: htmx.Request) -> HttpResponse:
    """What waits never happens. What was given away comes back where it stands as she left it; where not, she is told
    who has it now."""
    last = undo.recall(request, request.actor)
    now = timezone.now()
    if last is None:
        response = htmx.redirect(request, _inbox(request))
        messages.info(request, _("Det er for lenge siden til at det kan angres."))
        return response
    if last.what == undo.NOTE:
        response = _take_back_note(request, last, now)
    elif last.what == undo.ERRAND:
        response = _take_back_errand(request, last, now)
    elif not last.waits:
        response = htmx.redirect(request, _inbox(request))
        _take_again(request, last, now)
    else:
        ids = [key for key, _before, _mark in last.items]
        where = _where(request, last.what, pending_queries.about(request.actor, ids))
        count = pending.take_back(actor=request.actor, ids=ids, now=now)
        response = htmx.redirect(request, where)
        if count == len(ids):
            messages.success(request, _("Angret. Ingenting er sendt, og pasienten har ikke sett noe."))
        else:
            late = ngettext("%(count)d var alt gjort.", "%(count)d var alt gjort.", len(ids) - count)
            messages.warning(request, _("For sent å angre.") + " " + late % {"count": len(ids) - count})
    undo.forget(response)
    return response


@staff_required()
@require_POST
def put_away(request: htmx.Request, act_id: UUID) -> HttpResponse:
    pending.put_away(actor=request.actor, act_id=act_id)
    return htmx.redirect(request, "workspace:inbox")


def _take_back_note(request: htmx.Request, last: undo.Done, now: datetime) -> HttpResponse:
    note_id, _before, mark = last.items[0]
    to = reverse("workspace:calendar")
    try:
        day = appointments.take_back_day_note(actor=request.actor, note_id=note_id, was=mark, now=now)
    except Refused as refused:
        messages.warning(request, to_office(refused))
    else:
        messages.success(request, _("Angret. Merknaden er som før."))
        to = f"{to}?dag={day}"
    return htmx.redirect(request, to)


def _take_back_errand(request: htmx.Request, last: undo.Done, now: datetime) -> HttpResponse:
    errand_id, _before, mark = last.items[0]
    try:
        errands.reopen(actor=request.actor, errand_id=errand_id, mark=mark, now=now)
    except Refused as refused:
        messages.warning(request, to_office(refused))
    else:
        messages.success(request, _("Angret. Oppgaven er åpen igjen."))
    return htmx.redirect(request, "workspace:errands")


def _inbox(request: htmx.Request) -> str:
    return f"{reverse('workspace:inbox')}?{Place.read(request.GET).query()}"


def _where(request: htmx.Request, name: str, about: list[tuple[UUID, dict[str, Any]]]) -> str:
    """The page of the one thing it was about, or the list of many."""
    if name.startswith(("absence.", "handover.")):
        return f"{reverse('workspace:absences')}?{urlencode({'lege': about[0][0]}) if about else ''}"
    page = undo.page_of(name, *about[0]) if len(about) == 1 else ""
    if name.startswith(("charge.", "invoices.")):
        return page or reverse("workspace:charges")
    if name.startswith("recall."):
        return page or reverse("workspace:recalls")
    if name.startswith("appointment."):
        return page or reverse("workspace:calendar")
    return f"{page}?{Place.read(request.GET).query()}" if page else _inbox(request)


def _take_again(request: htmx.Request, last: undo.Done, now: datetime) -> None:
    actor = request.actor
    left: list[str] = []
    for key, before, mark in last.items:
        try:
            services.assign(actor=actor, dialogue_id=key, employee_id=before, mark=mark, now=now)
        except (Refused, Denied, NotFound) as error:
            left.append(_as_it_stands(actor, key, error, now))
    if count := len(last.items) - len(left):
        text = ngettext("Angret for %(count)d melding.", "Angret for %(count)d meldinger.", count)
        messages.success(request, text % {"count": count})
    tell_left(request, left)


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
