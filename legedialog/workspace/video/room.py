"""The doctor's room, and what the office does with a video visit: ordinary forms, beside the room or without it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.core import reading
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.patients.rules import age_on
from legedialog.ui import htmx
from legedialog.video import conduct, guests, pages, rules, services, texts
from legedialog.video import office as video
from legedialog.video.policy import DOCTORS, Visitor, find_appointment
from legedialog.video.rules import GuestKind, Identity
from legedialog.video.web.forms import InviteForm
from legedialog.workspace import policy, top
from legedialog.workspace.common import to_office
from legedialog.workspace.video.forms import PostponeForm

ROOM = "workspace/video/room.html"


@staff_required(*DOCTORS)
@require_http_methods(["GET", "POST"])
def room(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """The button is coming in, opening the page alone is not. For htmx what stands beside the picture is drawn anew."""
    now = timezone.now()
    if request.method == "POST":
        return _go_in(request, appointment_id, now)
    if request.htmx:
        return _panel(request, appointment_id, now)
    try:
        visit = find_appointment(request.actor, appointment_id)
        seat = services.at_the_door(actor=request.actor, appointment=visit, now=now)
    except Refused as refused:
        return _closed(request, appointment_id, refused, now)
    if seat is None:
        return htmx.page(request, "workspace/video/door.html", {"row": _row(request, appointment_id, now)})
    context = pages.room(Visitor(request.actor), seat, now) | _beside(request, appointment_id, now)
    return htmx.page(request, ROOM, context)


def _go_in(request: htmx.Request, appointment_id: UUID, now: datetime) -> HttpResponse:
    with suppress(Refused):  # the page says why
        services.enter(actor=request.actor, appointment_id=appointment_id, now=now)
    return htmx.redirect(request, "workspace:video-room", appointment_id)


def _closed(request: htmx.Request, appointment_id: UUID, refused: Refused, now: datetime) -> HttpResponse:
    row = _row(request, appointment_id, now)
    context = {"row": row, "refused": to_office(refused), "code": refused.code}
    return htmx.page(request, "workspace/video/closed.html", context)


def _row(request: htmx.Request, appointment_id: UUID, now: datetime) -> video.Row:
    visit = office.brief(request.actor, appointment_id, now)
    if visit.channel != "video":
        raise NotFound
    return video.rows(request.actor, [visit], now)[0]


def _beside(request: htmx.Request, appointment_id: UUID, now: datetime) -> dict[str, Any]:
    row = _row(request, appointment_id, now)
    return {
        "row": row,
        "age": age_on(row.visit.birth_date, local_day(now)),
        "top": top.shown(request.actor, row.visit.patient_id, now),
        "identities": texts.IDENTITIES.items(),
        "invited": video.guests_of(request.actor, appointment_id),
        # Ids of its own each time: what scripts have set on a field is not carried over to the new one.
        "invite_form": InviteForm(auto_id=f"i{token_hex(4)}-%s"),
        "panel_url": reverse("workspace:video-room", args=[appointment_id]),
    }


def _panel(
    request: htmx.Request, appointment_id: UUID, now: datetime, more: dict[str, Any] | None = None
) -> HttpResponse:
    context = _beside(request, appointment_id, now) | (more or {})
    if context["row"].room_state == "ended":
        return htmx.redirect(request, "workspace:video-room", appointment_id)
    return htmx.page(request, ROOM, context, part="panel")


def _done(request: htmx.Request, appointment_id: UUID, refused: Refused | None = None, said: str = "") -> HttpResponse:
    """Beside the room the panel is drawn anew; from the list, or without script, the page is."""
    if refused:
        messages.error(request, to_office(refused))
    elif said:
        messages.success(request, said)
    if request.htmx:
        return _panel(request, appointment_id, timezone.now())
    if request.POST.get("from") == "list" or request.actor.role not in DOCTORS:
        return htmx.redirect(request, "workspace:video")
    return htmx.redirect(request, "workspace:video-room", appointment_id)


def _do(request: htmx.Request, appointment_id: UUID, act: Callable[..., object], said: str) -> HttpResponse:
    try:
        act(actor=request.actor, appointment_id=appointment_id, now=timezone.now())
    except Refused as refused:
        return _done(request, appointment_id, refused)
    return _done(request, appointment_id, said=said)


def _do_in_list(request: htmx.Request, appointment_id: UUID, act: Callable[..., object], said: str) -> HttpResponse:
    try:
        act(actor=request.actor, appointment_id=appointment_id, now=timezone.now())
    except Refused as refused:
        messages.error(request, to_office(refused))
    else:
        messages.success(request, said)
    return htmx.redirect(request, "workspace:video")


def _seat_id(request: htmx.Request, appointment_id: UUID) -> UUID:
    find_appointment(request.actor, appointment_id)  # what is another office's is not found, whatever was sent
    seat_id = reading.uuid(request.POST.get("seat"))
    if seat_id is None:
        raise Refused(rules.CANNOT_MOVE)
    return seat_id


@staff_required(*DOCTORS)
@require_POST
def admit(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    try:
        conduct.admit(
            actor=request.actor,
            appointment_id=appointment_id,
            seat_id=_seat_id(request, appointment_id),
            patient_agrees=request.POST.get("agrees") == "yes",
            now=timezone.now(),
        )
    except Refused as refused:
        return _done(request, appointment_id, refused)
    if request.POST.get("from") == "list":  # called in from the list: there she goes too
        return _go_in(request, appointment_id, timezone.now())
    return _done(request, appointment_id, said=_("Kalt inn."))


@staff_required(*DOCTORS)
@require_POST
def remove(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    def take_out(**told: Any) -> None:
        conduct.remove(**told, seat_id=_seat_id(request, appointment_id))

    return _do(request, appointment_id, take_out, _("Tatt ut av videorommet."))


@staff_required(*DOCTORS)
@require_POST
def identity(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    def confirm(**told: Any) -> None:
        seat_id, how = _seat_id(request, appointment_id), request.POST.get("how")
        if how not in Identity.values:
            raise Refused(rules.CANNOT_MOVE)
        conduct.confirm_identity(**told, seat_id=seat_id, how=Identity(how))

    return _do(request, appointment_id, confirm, _("Identiteten er registrert."))


@staff_required(*DOCTORS)
@require_POST
def phone(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    said = _("Timen fortsetter på telefon. Pasienten får se det.")
    return _do(request, appointment_id, conduct.to_phone, said)


@staff_required(*DOCTORS)
@require_POST
def picture(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    return _do(request, appointment_id, conduct.to_video, _("Timen fortsetter på video."))


@staff_required(*DOCTORS)
@require_POST
def end(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    try:
        conduct.end(actor=request.actor, appointment_id=appointment_id, now=timezone.now())
    except Refused as refused:
        return _done(request, appointment_id, refused)
    messages.success(request, _("Videotimen er avsluttet og ført i journalen."))
    return htmx.redirect(request, "workspace:video")


@staff_required(*DOCTORS)
@require_POST
def reopen(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    try:
        conduct.reopen(actor=request.actor, appointment_id=appointment_id, now=timezone.now())
    except Refused as refused:
        messages.error(request, to_office(refused))
        return htmx.redirect(request, "workspace:video")
    return _go_in(request, appointment_id, timezone.now())


@staff_required(*DOCTORS)
@require_POST
def invite(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """The link is shown once, for the doctor to send."""
    now = timezone.now()
    form = InviteForm(request.POST, auto_id=f"i{token_hex(4)}-%s")
    if not form.is_valid():
        return _answer(request, appointment_id, {"invite_form": form}, 422)
    try:
        guest, token = guests.invite(
            actor=request.actor,
            appointment_id=appointment_id,
            kind=GuestKind(form.cleaned_data["kind"]),
            name=form.cleaned_data["name"],
            now=now,
        )
    except Refused as refused:
        form.add_error(None, to_office(refused))
        return _answer(request, appointment_id, {"invite_form": form}, 422)
    link = request.build_absolute_uri(reverse("video:guest-link", args=[token]))
    return _answer(request, appointment_id, {"link": link, "linked": guest}, 200)


@staff_required(*DOCTORS)
@require_POST
def renew(request: htmx.Request, appointment_id: UUID, guest_id: UUID) -> HttpResponse:
    try:
        guest, token = guests.renew(
            actor=request.actor, appointment_id=appointment_id, guest_id=guest_id, now=timezone.now()
        )
    except Refused as refused:
        response = _done(request, appointment_id, refused)
        response["HX-Retarget"] = "#visit-panel"
        return response
    link = request.build_absolute_uri(reverse("video:guest-link", args=[token]))
    return _answer(request, appointment_id, {"link": link, "linked": guest}, 200)


def _answer(request: htmx.Request, appointment_id: UUID, more: dict[str, Any], status: int) -> HttpResponse:
    """The form with its errors or the link; without script a page of its own, as the room's would be a new tab.

    Also beside the room: what is typed into no field of it cannot be shown in the room, whose seat is not known here.
    """
    now = timezone.now()
    context = _beside(request, appointment_id, now) | more
    return htmx.page(request, "workspace/video/link.html", context, part="invite", status=status)


@staff_required(*policy.PAGES["video"])
@require_http_methods(["GET", "POST"])
def postpone(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    now = timezone.now()
    row = _row(request, appointment_id, now)
    form = PostponeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            conduct.postpone(
                actor=request.actor,
                appointment_id=appointment_id,
                minutes=int(form.cleaned_data["minutes"]),
                message=form.cleaned_data["message"],
                now=now,
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
        else:
            messages.success(request, _("Pasienten får se at dere er forsinket."))
            return htmx.redirect(request, "workspace:video")
    return htmx.page(request, "workspace/video/postpone.html", {"row": row, "form": form}, part="form", form=form)


@staff_required(*policy.PAGES["video"])
@require_POST
def no_show(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    return _do_in_list(request, appointment_id, conduct.no_show, _("Registrert som ikke møtt."))


@staff_required(*policy.PAGES["video"])
@require_POST
def remind(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    return _do_in_list(request, appointment_id, conduct.remind, _("Pasienten får en beskjed om at legen er klar."))
