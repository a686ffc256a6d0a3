"""The citizen's pages: Timeavtaler, one of them, and Avbestill time."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access.actor import Actor
from legedialog.appointments import (
    arrival,
    elsewhere,
    ics,
    items,
    picker,
    prices,
    queries,
    recalls,
    requested,
    services,
    waitlist,
)
from legedialog.appointments.queries import AppointmentRow
from legedialog.appointments.texts import CHANNELS
from legedialog.appointments.web.forms import (
    CancelForm,
    CodeForm,
)
from legedialog.appointments.web.waiting import asked_to_book, earlier_time
from legedialog.audit import services as audit
from legedialog.consent.web import area_required, services_required
from legedialog.core import contexts, reading
from legedialog.core.errors import NotFound, Refused
from legedialog.core.sql import ask_as_one
from legedialog.fees import texts as fees_texts
from legedialog.patients.representation import HIDES, Area
from legedialog.ui import htmx

PAGES = "appointments/citizen"


def person_of(request: htmx.Request) -> UUID:
    """Whose affairs these are."""
    person_id = request.actor.acting_for_id
    if person_id is None:
        raise NotFound
    return person_id


@area_required(Area.APPOINTMENTS)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now, person_id = timezone.now(), person_of(request)
    before = reading.moment(request.GET.get("before", ""))
    audit.looked_on_behalf(request.actor, "appointments.listed", None, at=now, patient_id=person_id)
    found, told, wished, earlier, asked = ask_as_one(
        elsewhere.asks(request.actor, person_id, now),
        elsewhere.asks_sources(request.actor),
        requested.wishes(request.actor, person_id),
        waitlist.asks(request.actor, person_id, now),
        recalls.asks(request.actor, person_id, now),
    )
    others, sources = elsewhere.rows_from(found), elsewhere.sources_from(told, now)
    past, more = items.past(queries.past(request.actor, person_id, now, before=before), others, now, before)
    context: dict[str, Any] = {"past": past, "more": more, "before": before}
    if before is None:
        most = None if "alle" in request.GET else queries.PAGE
        own = queries.coming(request.actor, person_id, now, most=most)
        coming = prices.beside_join(items.coming(own.rows, others, now))
        context |= {
            "coming": coming,
            "more_coming": own.more,
            "wakes_in": items.wakes_in(coming),
            "wishes": items.wishes(wished, now),
            "earlier": list(filter(None, map(earlier_time, earlier))),
            "asked": list(map(asked_to_book, asked)),
            "sources": sources,
            "silent": [source for source in sources if not source.answers],
            "office": picker.office_of(request.actor, person_id, now),
        }
    return htmx.page(request, f"{PAGES}/index.html", context, part="appointments")


@area_required(Area.APPOINTMENTS)
@require_GET
def show(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    return shown(request, appointment_id)


def shown(
    request: htmx.Request,
    appointment_id: UUID,
    code_form: CodeForm | None = None,
    status: int | None = None,
    refused: str = "",
) -> HttpResponse:
    """Its page; `code_form` is what she has typed of the code on the wall, `refused` why what she pressed was not done
    (409)."""
    now = timezone.now()
    row = queries.one(request.actor, appointment_id, now)
    item = items.own(row)
    today, earlier = _beside(request.actor, person_of(request), row, now, is_coming=item.is_going_to_happen)
    may_choose = row.offers_new and request.actor.opens(Area.BOOKING)
    context = {
        "row": row,
        "item": item,
        "wakes_in": arrival.wakes_in(items.wakes_in([item]), today, now),
        "arrival": today,
        "can_arrive": bool(today and today.can_arrive(now)),
        "code_form": code_form or CodeForm(),
        "may_cost": row.is_late and prices.may_cost_late(row.id),
        "instead": picker.instead(request.actor, row, person_id=person_of(request), now=now) if may_choose else [],
        "refused": refused,
    }
    wait = earlier.waiting if earlier else None
    context["price"], context["offer_price"] = prices.kept_and_offered(row, person_of(request), wait, now)
    if item.is_going_to_happen:
        context["parts"] = contexts.parts("appointments:show", request.actor, row, now)
        context["earlier"] = earlier
    return htmx.page(request, f"{PAGES}/show.html", context, form=code_form, status=409 if refused else status)


def _beside(
    actor: Actor, person_id: UUID, row: AppointmentRow, now: datetime, *, is_coming: bool
) -> tuple[arrival.Arrival | None, waitlist.Beside | None]:
    """Whether she has come, and whether she waits for an earlier time: one query for both, or none."""
    if not is_coming:
        return arrival.of(actor, person_id, row, now), None
    if not arrival.is_of_today(row, now):
        return None, waitlist.beside(actor, person_id, row.id, row.practice_id, now)
    asked = waitlist.asks_beside(actor, person_id, row.practice_id, now)
    arrivals, *rows = ask_as_one(arrival.asks(actor, person_id, now), *asked)
    return arrival.by_id(arrivals).get(row.id), waitlist.beside_from(rows, row.id)


@area_required(Area.APPOINTMENTS)
@require_GET
def calendar_file(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    now = timezone.now()
    row = queries.one(request.actor, appointment_id, now)
    item = items.own(row)
    entry = ics.Entry(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        sequence=row.sequence,
        is_cancelled=row.status == "cancelled",
        location=item.place or str(CHANNELS[row.channel].name),
        url=settings.BASE_URL + item.url,
    )
    return _file(entry, now)


@area_required(Area.APPOINTMENTS)
@require_GET
def file_elsewhere(request: htmx.Request, external_id: UUID) -> HttpResponse:
    """Of one that another keeps: when, at whose place, and no more; which clinic it is tells what it is about."""
    now = timezone.now()
    found = elsewhere.rows(request.actor, person_of(request), now)
    row = next((each for each in found if each.id == external_id), None)
    if row is None:
        raise NotFound
    entry = ics.Entry(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at or row.starts_at + items.ABOUT_AN_HOUR,
        sequence=row.sequence,
        is_cancelled=row.status == "cancelled",
        location=row.source_name,
        url=settings.BASE_URL + reverse("appointments:index"),
        is_elsewhere=True,
    )
    return _file(entry, now)


def _file(entry: ics.Entry, now: datetime) -> HttpResponse:
    content = ics.calendar_file(entry, host=urlsplit(settings.BASE_URL).hostname or "", now=now)
    name = 'attachment; filename="timeavtale.ics"'
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers={"Content-Disposition": name})


@area_required(Area.APPOINTMENTS)
@require_POST
def hide(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """A youth hides one appointment from her parents, or shows it again."""
    hides = "yes" if request.POST.get("hide") == "yes" else "no"
    try:
        services.restrict(
            actor=request.actor,
            appointment_id=appointment_id,
            restriction=HIDES[hides],
            was=HIDES.get(request.POST.get("was", ""), ""),
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        texts = {"yes": _("Foreldrene dine ser ikke timen."), "no": _("Foreldrene dine ser timen igjen.")}
        messages.success(request, texts[hides])
    return htmx.redirect(request, "appointments:show", appointment_id)


@services_required
@require_http_methods(["GET", "POST"])
def cancel(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    now = timezone.now()
    row = queries.one(request.actor, appointment_id, now)
    form = CancelForm(request.POST if request.method == "POST" else None)
    refused, price = "", prices.kept(row)
    if form.is_valid():
        try:
            services.cancel(actor=request.actor, appointment_id=appointment_id, note=form.cleaned_data["note"], now=now)
        except Refused as refusal:
            refused = str(refusal.message)
        else:
            messages.success(request, _cancelled(row, price))
            return htmx.redirect(request, "appointments:show", appointment_id)
    context = {"row": row, "item": items.own(row), "refused": refused, "price": price}
    return htmx.page(
        request, f"{PAGES}/cancel.html", context | {"form": form}, form=form, status=409 if refused else None
    )


def _cancelled(row: AppointmentRow, price: fees_texts.Shown | None) -> str:
    if row.is_late_now and (price is None or price.takes_missed):
        return _("Timen er avbestilt. Det var etter fristen, så du kan få et gebyr.")
    return _("Timen er avbestilt. Det koster deg ingenting.")
