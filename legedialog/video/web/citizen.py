"""The citizen's pages: the waiting room and the room, the test of camera and sound, and the hospital's door."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access import seals
from legedialog.appointments import elsewhere as others
from legedialog.appointments import items, prices
from legedialog.appointments import queries as appointments
from legedialog.appointments.rules import joins_at
from legedialog.audit import services as audit
from legedialog.consent.web import area_required, services_required
from legedialog.core import reading
from legedialog.core.errors import NotFound, Refused
from legedialog.patients.representation import Area
from legedialog.ui import htmx
from legedialog.video import guests, office, pages, policy, rules, services, texts, turn
from legedialog.video.policy import Visitor
from legedialog.video.rules import GuestKind, Result, Test
from legedialog.video.web.forms import CallForm, FeedbackForm, InviteForm

CLOSED = (rules.TOO_EARLY.code, rules.TOO_LATE.code, rules.NOT_GOING_TO_HAPPEN.code, rules.ENDED.code)


@services_required
@require_http_methods(["GET", "POST"])
def room(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """Before the time, what she needs; then the door, where she presses, and the room; afterwards two questions.

    A page that a browser opens by itself seats nobody: the doctor would call in one who is not there.
    """
    now = timezone.now()
    visit = policy.find_appointment(request.actor, appointment_id)
    if request.method == "POST":
        try:
            services.enter(actor=request.actor, appointment_id=visit.pk, now=now)
        except Refused as refused:  # the page says why
            if refused.code not in CLOSED:
                raise
        return htmx.redirect(request, "video:room", appointment_id)
    try:
        seat = services.at_the_door(actor=request.actor, appointment=visit, now=now)
    except Refused as refused:
        if refused.code not in CLOSED:
            raise
        return _closed(request, appointment_id, visit.patient_id, refused, now)
    if seat is None:
        price = prices.kept(appointments.one(request.actor, appointment_id, now))
        context = {"appointment": visit, "doctor": pages.doctor_of(visit), "price": price}
        return htmx.page(request, "video/door.html", context)
    if request.htmx:  # the page that waited for the door to open: the room needs its own script
        return htmx.redirect(request, "video:room", appointment_id)
    context = pages.room(Visitor(request.actor), seat, now)
    forms = {"invite_form": InviteForm(), "call_form": CallForm(auto_id=seals.field_id(request.actor))}
    return htmx.page(request, "video/room.html", context | forms | {"price": prices.told(appointment_id)})


def _closed(
    request: htmx.Request, appointment_id: UUID, patient_id: UUID, refused: Refused, now: datetime
) -> HttpResponse:
    row = appointments.one(request.actor, appointment_id, now)
    context: dict[str, Any] = {"row": row, "item": items.own(row), "refused": refused, "can_book": True}
    if refused.code == rules.TOO_EARLY.code:
        opens_at = joins_at(row.starts_at)
        context |= {
            "opens_at": opens_at,
            "price": prices.kept(row),
            "seconds": seconds_until(opens_at, now),
            "test": office.test_of(request.actor, now),
        }
        return htmx.page(request, "video/early.html", context, part="early")
    seat = office.own_seat(request.actor, appointment_id)
    was_seen = seat is not None and seat.admitted_at is not None
    context |= {
        "asks": was_seen and not (seat and seat.has_answered),
        "price": prices.kept(row) if was_seen else None,
    }
    return htmx.page(request, "video/over.html", context | {"form": FeedbackForm()})


def seconds_until(at: datetime, now: datetime) -> int:
    """When the page is to ask again: then, or within the hour, as a sleeping telephone's clock stands still."""
    return max(1, min(3600, int((at - now).total_seconds()) + 1))


@services_required
@require_POST
def call_me(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """Without script: the same as the button in the room."""
    now = timezone.now()
    visit = policy.find_appointment(request.actor, appointment_id)
    seat = office.own_seat(request.actor, visit.pk)
    if seat is None:
        raise Refused(rules.CANNOT_MOVE)
    services.ask_to_be_called(
        visitor=Visitor(request.actor), seat_id=seat.pk, tab=seat.tab, number=request.POST.get("number", ""), now=now
    )
    messages.success(request, _("Legen har fått telefonnummeret ditt og ringer deg. Du beholder plassen din."))
    return htmx.redirect(request, "video:room", appointment_id)


@services_required
@require_POST
def leave(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    visit = policy.find_appointment(request.actor, appointment_id)
    seat = office.own_seat(request.actor, visit.pk)
    if seat:
        services.leave(visitor=Visitor(request.actor), seat_id=seat.pk, tab=seat.tab, now=timezone.now())
        messages.info(request, _("Du har forlatt videorommet. Timen er fortsatt din, og du kan komme tilbake."))
    return htmx.redirect(request, "appointments:show", appointment_id)


@services_required
@require_http_methods(["GET", "POST"])
def invite(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """A link for one she wants beside her. It is shown here once."""
    now = timezone.now()
    visit = policy.find_appointment(request.actor, appointment_id)
    form = InviteForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "visit": visit}
    if form.is_valid():
        try:
            guest, token = guests.invite(
                actor=request.actor,
                appointment_id=visit.pk,
                kind=GuestKind(form.cleaned_data["kind"]),
                name=form.cleaned_data["name"],
                now=now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            link = request.build_absolute_uri(reverse("video:guest-link", args=[token]))
            context |= {"link": link, "guest": guest}
    return htmx.page(request, "video/invite.html", context, part="invite", form=form)


@services_required
@require_POST
def agree(request: htmx.Request, appointment_id: UUID, guest_id: UUID) -> HttpResponse:
    """Yes or no to a guest who waits."""
    agrees = request.POST.get("answer") == "yes"
    guests.agree(
        actor=request.actor, appointment_id=appointment_id, guest_id=guest_id, agrees=agrees, now=timezone.now()
    )
    if request.headers.get("Accept") == "application/json":
        return HttpResponse(status=204)
    return htmx.redirect(request, "video:room", appointment_id)


@services_required
@require_POST
def feedback(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    form = FeedbackForm(request.POST)
    if form.is_valid():
        services.answer(
            actor=request.actor,
            appointment_id=appointment_id,
            picture_and_sound=int(form.cleaned_data["picture_and_sound"]),
            was_enough=form.cleaned_data["was_enough"] == "yes",
            now=timezone.now(),
        )
        messages.success(request, _("Takk. Svaret ditt er lagret uten navn."))
        return htmx.redirect(request, "appointments:show", appointment_id)
    now = timezone.now()
    row = appointments.one(request.actor, appointment_id, now)
    context = {"row": row, "item": items.own(row), "form": form, "asks": True, "refused": None, "can_book": True}
    return htmx.page(request, "video/over.html", context, form=form)


@area_required(Area.APPOINTMENTS)
@require_http_methods(["GET", "POST"])
def test(request: htmx.Request) -> HttpResponse:
    """Test kamera og lyd. The page measures; the result is hers, and her office sees it before a video appointment."""
    now = timezone.now()
    if request.method == "POST":
        is_json = request.content_type == "application/json"
        services.save_test(actor=request.actor, results=_results(_fields(request, is_json)), now=now)
        if is_json:
            return HttpResponse(status=204)
        messages.success(request, _("Resultatet er lagret."))
        return htmx.redirect(request, "video:test")
    person = Visitor(request.actor).person
    servers = turn.ice_servers_for_page(f"test-{uuid4()}", person, now, lasts=rules.TEST_LASTS)
    context = {
        "test": office.test_of(request.actor, now),
        "parts": texts.PARTS,
        "config": {"iceServers": servers, "faults": texts.faults()},
    }
    return htmx.page(request, "video/test.html", context)


def _fields(request: htmx.Request, is_json: bool) -> dict[str, Any]:
    if not is_json:
        return request.POST.dict()
    return reading.json_object(request.body) or {}


def _results(fields: dict[str, Any]) -> dict[Test, tuple[Result, str]]:
    """What is no result counts as skipped, what is no fault code as another fault."""
    found = {}
    for part in Test:
        result, fault = fields.get(part.value), fields.get(f"{part.value}_fault")
        known = Result(result) if result in Result.values else Result.SKIPPED
        code = fault if fault in rules.Fault.values else ""
        found[part] = (known, code or (rules.Fault.OTHER.value if known == Result.FAILED else ""))
    return found


@area_required(Area.APPOINTMENTS)
@require_GET
def elsewhere(request: htmx.Request, external_id: UUID) -> HttpResponse:
    """What to know before she goes to the hospital's own video page."""
    now = timezone.now()
    person_id = request.actor.acting_for_id
    if person_id is None:
        raise NotFound
    rows = others.rows(request.actor, person_id, now)
    found = next((row for row in rows if row.id == external_id), None)
    item = items.external(found) if found else None
    if item is None or not item.join_url:
        raise NotFound
    audit.looked_on_behalf(request.actor, "appointments.listed", external_id, at=now, patient_id=person_id)
    return htmx.page(request, "video/elsewhere.html", {"item": item})
