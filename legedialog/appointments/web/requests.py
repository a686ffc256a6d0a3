"""The citizen's pages: Be om time, and what the office answers."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.appointments import items, picker, policy, prices, queries, requested, rules, services
from legedialog.appointments.picker import Office
from legedialog.appointments.requested import Proposal
from legedialog.appointments.texts import CHANNELS, COARSE_TIMES, REQUEST_STATUSES
from legedialog.appointments.web.citizen import PAGES, person_of
from legedialog.appointments.web.forms import NoneSuitsForm, RequestForm
from legedialog.audit import services as audit
from legedialog.consent.web import area_required, services_required
from legedialog.core import contexts, reading
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.fees import queries as fees
from legedialog.fees import texts as fees_texts
from legedialog.patients.representation import Area
from legedialog.ui import htmx


@services_required
@require_http_methods(["GET", "POST"])
def request_time(request: htmx.Request) -> HttpResponse:
    now, person_id = timezone.now(), person_of(request)
    office = picker.office_of(request.actor, person_id, now)
    if office is None or not office.takes_requests:
        status = 409 if request.method == "POST" else None
        return htmx.page(request, f"{PAGES}/no_requests.html", {"office": office}, status=status)
    offered = _channels(office)
    form = RequestForm(
        request.POST if request.method == "POST" else None,
        doctors=office.takes_requests,
        channels=offered,
    )
    one = office.takes_requests[0].clinician_id if len(office.takes_requests) == 1 else None
    refused = ""
    if form.is_valid():
        try:
            sent = services.send_request(
                actor=request.actor,
                patient_id=person_id,
                clinician_id=UUID(form.cleaned_data["doctor"]),
                key=form.cleaned_data["key"],
                wishes=form.cleaned_data["wishes"],
                coarse_times=form.cleaned_data["coarse_times"],
                channels=form.cleaned_data["channels"],
                priced_for=one,
                offered=offered,
                price=request.POST.get("price"),
                now=now,
            )
        except Refused as refusal:
            refused = str(refusal.message)
        else:
            return htmx.redirect(request, "appointments:request-show", sent.pk)
    price, _known = fees.prices(
        patient_id=person_id, practice_id=office.practice.id, clinician_id=one, services=offered, now=now
    )
    context = {
        "form": form,
        "office": office,
        "refused": refused,
        "price": fees_texts.shown_each(price),
        "answer_by": rules.answer_by(local_day(now)),
        "parts": contexts.parts("appointments:request", request.actor, person_id, now),
    }
    return htmx.page(request, f"{PAGES}/request.html", context, part="form", form=form, status=409 if refused else None)


def _channels(office: Office) -> list[str]:
    """Those she can wish for: video only where a doctor has it."""
    return [each for each in CHANNELS if each != "video" or office.on_video]


@area_required(Area.APPOINTMENTS)
@require_GET
def show_request(request: htmx.Request, request_id: UUID) -> HttpResponse:
    return _show_request(request, request_id)


def _show_request(
    request: htmx.Request, request_id: UUID, refused: str = "", form: NoneSuitsForm | None = None
) -> HttpResponse:
    sent = policy.find_request(request.actor, request_id)
    now = timezone.now()
    chooses = sent.status == "proposed" and request.actor.opens(Area.BOOKING)
    audit.looked_on_behalf(request.actor, "request.wishes", sent.pk, at=now, patient_id=sent.patient_id)
    row = queries.one(request.actor, sent.appointment_id, now) if sent.appointment_id else None
    word, color = REQUEST_STATUSES[sent.status]
    context = {
        "sent": sent,
        "word": word,
        "color": color,
        "row": row,
        "item": items.own(row) if row else None,
        "price": prices.kept(row) if row else prices.asked(sent),
        "coarse_times": [COARSE_TIMES[each] for each in sent.coarse_times],
        "channels": [CHANNELS[each].name for each in sent.channels],
        "can_decline": sent.status == "assigned"
        and row is not None
        and row.can_cancel
        and request.actor.opens(Area.BOOKING),
        "answer_by": rules.answer_by(local_day(sent.status_at)),
        "proposals": [
            (each, CHANNELS[each.channel].name, _price_of(request, sent.practice_id, each, now))
            for each in requested.proposals(sent, now)
        ],
        "form": (form or NoneSuitsForm()) if chooses else None,
        "chooses": chooses,
        "refused": refused,
    }
    return htmx.page(request, f"{PAGES}/request_show.html", context, form=form, status=409 if refused else None)


def _price_of(request: htmx.Request, practice_id: UUID, time: Proposal, now: datetime) -> fees_texts.Shown:
    price = fees.price(
        patient_id=person_of(request),
        practice_id=practice_id,
        service=time.channel,
        clinician_id=time.clinician_id,
        starts_at=time.starts_at,
        stated=time.stated,
        now=now,
    )
    return fees_texts.shown(price)


@services_required
@require_POST
def accept(request: htmx.Request, request_id: UUID) -> HttpResponse:
    """One of the times that the office has named."""
    proposed_id = reading.uuid(request.POST.get("time", ""))
    if proposed_id is None:
        return _show_request(request, request_id, _("Velg en av tidene"))
    try:
        sent = services.accept_proposed(
            actor=request.actor,
            request_id=request_id,
            proposed_id=proposed_id,
            price=request.POST.get("price"),
            now=timezone.now(),
        )
    except Refused as refused:
        return _show_request(request, request_id, str(refused.message))
    return htmx.redirect(request, "appointments:receipt", sent.appointment_id)


@services_required
@require_POST
def none_suits(request: htmx.Request, request_id: UUID) -> HttpResponse:
    form = NoneSuitsForm(request.POST)
    if not form.is_valid():
        return _show_request(request, request_id, form=form)
    try:
        services.decline_proposed(
            actor=request.actor,
            request_id=request_id,
            text=form.cleaned_data["text"],
            was=request.POST.get("was", ""),
            now=timezone.now(),
        )
    except Refused as refused:
        return _show_request(request, request_id, str(refused.message), form)
    messages.success(request, _("Kontoret har fått beskjed, og finner andre tider til deg."))
    return htmx.redirect(request, "appointments:request-show", request_id)


@services_required
@require_POST
def withdraw(request: htmx.Request, request_id: UUID) -> HttpResponse:
    try:
        services.withdraw_request(actor=request.actor, request_id=request_id, now=timezone.now())
    except Refused as refused:
        return _show_request(request, request_id, str(refused.message))
    messages.success(request, _("Ønsket er trukket tilbake."))
    return htmx.redirect(request, "appointments:request-show", request_id)


@services_required
@require_POST
def decline(request: htmx.Request, request_id: UUID) -> HttpResponse:
    try:
        services.decline_assigned(actor=request.actor, request_id=request_id, now=timezone.now())
    except Refused as refused:
        return _show_request(request, request_id, str(refused.message))
    messages.success(request, _("Du har takket nei til timen. Den er ledig for andre."))
    return htmx.redirect(request, "appointments:request-show", request_id)
