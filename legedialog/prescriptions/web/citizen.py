"""The citizen's pages: Legemidler, one prescription, Forny resept, and an order's story."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.cautions import queries as cautions
from legedialog.consent.rules import Level
from legedialog.consent.web import area_required
from legedialog.core import reading
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.fees import queries as fees
from legedialog.fees.rules import Service
from legedialog.fees.texts import Shown, kept_shown, shown
from legedialog.patients import queries as patients
from legedialog.patients.representation import HIDES, Area
from legedialog.practices import queries as practices
from legedialog.practices.texts import opening_change
from legedialog.prescriptions import queries, rules, services
from legedialog.prescriptions.queries import Doors, Order
from legedialog.prescriptions.reading import Medicine
from legedialog.prescriptions.rules import Group, Kind, Pickup
from legedialog.prescriptions.texts import PICKUPS, STATUSES
from legedialog.prescriptions.web.forms import RenewForm
from legedialog.prescriptions.web.words import card, what_is_left
from legedialog.ui import htmx

PAGES = "prescriptions/citizen"


@area_required(Area.PRESCRIPTIONS, Level.BASIS)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    """What she takes and what is left, what she has ordered, and where the list comes from."""
    now, person_id = timezone.now(), _person(request)
    today = local_day(now)
    doors = queries.doors(person_id, today)
    found = queries.overview(request.actor, person_id, doors.gp, now)
    everything = [*found.current, *found.earlier]
    level: Level = request.level  # type: ignore[attr-defined]  # set by the guard
    orders = queries.orders(request.actor, person_id, everything) if level is Level.FULL else []
    context = {
        "doors": doors,
        "level": level,
        "next": request.path,
        "current": _cards(request, found.current, doors, today),
        "earlier": _cards(request, found.earlier, doors, today),
        "can_renew": doors.renews and bool(queries.renewable(everything)),
        "open_orders": [(each, *STATUSES[each.status]) for each in orders if each.is_open],
        "ended_orders": [(each, *STATUSES[each.status]) for each in orders if not each.is_open][:5],
        "sources": found.sources,
        "silent": [each for each in found.sources if not each.answers],
        **_cautions(request, person_id),
        **_contact(doors, now),
    }
    return htmx.page(request, f"{PAGES}/index.html", context, part="medicines")


@area_required(Area.PRESCRIPTIONS, Level.BASIS)
@require_GET
def paper(request: htmx.Request) -> HttpResponse:
    """What she uses now as a table, to print and take to a hospital or a pharmacy."""
    now, person_id = timezone.now(), _person(request)
    found = queries.overview(request.actor, person_id, None, now)
    context = {
        "person": patients.profile(request.actor, person_id, now),
        "rows": [(each, what_is_left(each), Group(each.group).value) for each in found.current],
        "silent": [each for each in found.sources if not each.answers],
        **_cautions(request, person_id),
        "now": now,
    }
    return htmx.page(request, f"{PAGES}/paper.html", context)


def _cautions(request: htmx.Request, person_id: UUID) -> dict[str, Any]:
    """What she does not tolerate, as her office has written it."""
    rows = cautions.hers(request.actor, person_id)
    return {
        "cautions": [row for row in rows if row.is_running],
        "ended_cautions": [row for row in rows if not row.is_running],
        "may_correct": not request.actor.acts_for_another or request.actor.opens(Area.MESSAGES),
    }


@area_required(Area.PRESCRIPTIONS, Level.BASIS)
@require_GET
def show(request: htmx.Request, prescription_id: UUID) -> HttpResponse:
    now, person_id = timezone.now(), _person(request)
    today = local_day(now)
    doors = queries.doors(person_id, today)
    each = queries.one(request.actor, person_id, prescription_id, doors.gp, now)
    if doors.renews:
        services.look(actor=request.actor, medicine=each, now=now)
    context = {
        "card": _cards(request, [each], doors, today)[0],
        "doors": doors,
        "can_renew": doors.renews and each.stop is None,
        "group": Group(each.group).label,
        "kind": Kind(each.kind).label,
        **_contact(doors, now),
    }
    return htmx.page(request, f"{PAGES}/show.html", context)


@area_required(Area.PRESCRIPTIONS)
@require_http_methods(["GET", "POST"])
def renew(request: htmx.Request) -> HttpResponse:
    """Choose, say a few words, send. What cannot be renewed stands below with the reason and the way on."""
    now, person_id = timezone.now(), _person(request)
    today = local_day(now)
    doors = queries.doors(person_id, today)
    found = queries.medicines(request.actor, person_id, doors.gp, today)
    offered = queries.renewable(found)
    form = RenewForm(
        request.POST if request.method == "POST" else None,
        medicines=offered,
        today=today,
        chosen=reading.uuid(request.GET.get("resept", "")),
    )
    status = None
    if form.is_valid():
        try:
            renewal = services.send(
                actor=request.actor,
                patient_id=person_id,
                prescription_ids=[UUID(each) for each in form.cleaned_data["prescriptions"]],
                key=form.cleaned_data["key"],
                note=form.cleaned_data["note"],
                pickup=Pickup(form.cleaned_data["pickup"]),
                pickup_place=form.cleaned_data["pickup_place"],
                price=request.POST.get("price"),
                now=now,
            )
        except services.Stopped as stopped:
            form.add_error("prescriptions", f"{stopped.medicine.title}: {stopped.message}")
            status = 409
        except Refused as refused:
            form.add_error(None, str(refused.message))
            status = 409
        else:
            messages.success(request, _("Bestillingen er sendt til legekontoret."))
            return htmx.redirect(request, "prescriptions:order", renewal.pk)
    elif form.is_bound and (sent := _sent_before(request, form)):
        return htmx.redirect(request, "prescriptions:order", sent)
    due, _warn, _lapse = rules.dates(today)
    context = {
        "form": form,
        "doors": doors,
        "due": due,
        "offered": offered,
        "price": _price(doors, person_id, now),
        "stopped": _cards(request, [each for each in found if each.stop and _is_worth_telling(each)], doors, today),
        **_contact(doors, now),
    }
    return htmx.page(request, f"{PAGES}/renew.html", context, part="form", form=form, status=status)


@area_required(Area.PRESCRIPTIONS)
@require_GET
def order(request: htmx.Request, renewal_id: UUID) -> HttpResponse:
    """One order: for each prescription what has happened, and what happens next."""
    now = timezone.now()
    found = queries.order(request.actor, renewal_id, now)
    doors = queries.doors(_person(request), local_day(now))
    context = {
        "order": _order(found, doors if request.actor.opens(Area.BOOKING) else None, now),
        "doors": doors,
        "price": kept_shown(fees.promised(renewal_id)),
        "is_on_paper": found.pickup == Pickup.OFFICE,
        "sent_by": "" if found.sent_by_id == request.actor.person_id else found.sent_by_name,
        "pickup": PICKUPS[found.pickup],
        **_contact(doors, now),
    }
    return htmx.page(request, f"{PAGES}/order.html", context, part="story")


@area_required(Area.PRESCRIPTIONS)
@require_POST
def withdraw(request: htmx.Request, renewal_id: UUID) -> HttpResponse:
    """All that is not decided, or the one item in `item`."""
    item_id = reading.uuid(request.POST.get("item", ""))
    try:
        services.withdraw(
            actor=request.actor,
            renewal_id=renewal_id,
            item_ids=[item_id] if item_id else None,
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Du har trukket bestillingen tilbake."))
    return htmx.redirect(request, "prescriptions:order", renewal_id)


@area_required(Area.PRESCRIPTIONS, Level.BASIS)
@require_POST
def hide(request: htmx.Request, prescription_id: UUID) -> HttpResponse:
    """A youth hides one prescription from her parents, or shows it again."""
    hides = "yes" if request.POST.get("hide") == "yes" else "no"
    try:
        services.restrict(
            actor=request.actor,
            prescription_id=prescription_id,
            restriction=HIDES[hides],
            was=HIDES.get(request.POST.get("was", ""), ""),
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        texts = {"yes": _("Foreldrene dine ser ikke resepten."), "no": _("Foreldrene dine ser resepten igjen.")}
        messages.success(request, texts[hides])
    return htmx.redirect(request, "prescriptions:show", prescription_id)


def _price(doors: Doors, person_id: UUID, now: datetime) -> Shown | None:
    """Asked for when the order is renewed, never for sending it."""
    if doors.gp is None or not doors.renews:
        return None
    practice_id = doors.gp.practice.id
    return shown(
        fees.price(patient_id=person_id, practice_id=practice_id, service=Service.RENEWAL, clinician_id=None, now=now)
    )


def _person(request: htmx.Request) -> UUID:
    """Whose affairs these are."""
    person_id = request.actor.acting_for_id
    if person_id is None:
        raise NotFound
    return person_id


def _sent_before(request: htmx.Request, form: RenewForm) -> UUID | None:
    """The order a second click made already: what it chose can no longer be chosen."""
    key = form.cleaned_data.get("key")
    return services.sent_with(request.actor, key) if isinstance(key, UUID) else None


def _is_worth_telling(each: Medicine) -> bool:
    """In the form: not what was replaced long ago, and nothing that ended and nobody would renew."""
    return bool(each.stop) and (each.is_current or each.facts.is_ordered)


def _cards(request: htmx.Request, found: list[Medicine], doors: Doors, today: date) -> list[Any]:
    opens = request.actor.opens
    can_book, can_write = opens(Area.BOOKING), opens(Area.MESSAGES)
    return [card(each, doors, today, can_book=can_book, can_write=can_write) for each in found]


def _order(found: Order, doors: Doors | None, now: datetime) -> dict[str, Any]:
    """With the words for each state, and the times to come that the doctor pointed at: with `doors` as links."""
    return {
        "row": found,
        "items": [
            {
                "row": item,
                "word": STATUSES[item.status][0],
                "color": STATUSES[item.status][1],
                "story": [(STATUSES[step.status][0], step.at, step.status) for step in item.story],
                "times": [
                    (time, _booking_url(item.clinician_id, time) if doors and doors.books else "")
                    for time in item.times
                    if time > now
                ],
            }
            for item in found.items
        ],
    }


def _booking_url(clinician_id: UUID, time: datetime) -> str:
    """The booking page on that day. It tells itself when somebody has taken the time."""
    query = urlencode({"doctor": clinician_id, "day": local_day(time).isoformat()})
    return f"{reverse('appointments:book')}?{query}#times"


def _contact(doors: Doors, now: Any) -> dict[str, Any]:
    if doors.gp is None:
        return {}
    if doors.renews:
        return {"practice": doors.gp.practice}
    opening = practices.opening(doors.gp.practice.id, now)
    return {"practice": doors.gp.practice, "opening": opening, "change": opening_change(opening, now)}
