"""Whom she acts for: choosing, going back, a child's consent, and the powers of attorney she gives and has."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from legedialog.access import services as logins
from legedialog.access.actor import Actor
from legedialog.access.queries import row_now
from legedialog.access.rules import local_path
from legedialog.access.web import citizen_or_proxy_required, citizen_required
from legedialog.audit import texts
from legedialog.consent import facts
from legedialog.consent import queries as consent
from legedialog.consent import rules as levels
from legedialog.consent import services as consents
from legedialog.consent.rules import Level
from legedialog.consent.web import area_required, services_required
from legedialog.core import fence, reading
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.times import local_day
from legedialog.journeys import assigning
from legedialog.patients import powers
from legedialog.patients.powers import Act
from legedialog.patients.representation import ENDS, FOR_CHILDREN, HEALTH_MAJORITY, YOUTH, Area
from legedialog.patients.rules import turns
from legedialog.portal.common import me
from legedialog.portal.representation.forms import PowerForm
from legedialog.portal.texts import ACTIONS, GROUNDS
from legedialog.ui import htmx

SHOWN = 5  # days of one person in sight; the earlier ones open below


@citizen_or_proxy_required
@require_http_methods(["GET", "POST"])
def choose(request: htmx.Request) -> HttpResponse:
    """Velg hvem du vil bruke tjenestene for."""
    actor, now = request.actor, timezone.now()
    found = facts.others(_self(actor), now)
    if request.method == "POST":
        with fence.system("which of those whom she may act for it is"):
            wanted = row_now(reading.uuid(request.POST.get("person")))  # the page may be older than a new number
        chosen = next((each for each in found if each.person_id == wanted), None)
        if chosen is None or chosen.decision.is_private:
            raise NotFound
        if not chosen.decision.areas:  # since her page was drawn, or as a register has told now
            name = chosen.given_name
            messages.info(request, _("Du kan ikke handle for %(name)s nå. Under står hvorfor.") % {"name": name})
            return htmx.redirect(request, "portal:choose")
        logins.choose(actor=actor, acting_for_id=chosen.person_id)
        return htmx.redirect(request, local_path(request.POST.get("next", "")) or "portal:home")
    if request.htmx:  # her menu, when she opens it
        named = [each for each in found if each.decision.areas and each.person_id != actor.acting_for_id]
        return htmx.page(request, "portal/representation/menu.html", {"named": named})
    context = {
        "open": [each for each in found if each.decision.areas],
        "closed": [each for each in found if not each.decision.areas and not each.decision.is_private],
        "chosen_id": actor.acting_for_id if actor.acts_for_another else None,
    }
    return htmx.page(request, "portal/representation/choose.html", context)


@citizen_or_proxy_required
@require_POST
def switch_back(request: htmx.Request) -> HttpResponse:
    logins.choose(actor=request.actor, acting_for_id=None)
    request.actor = replace(request.actor, acting_for_id=request.actor.person_id)  # to whom it is said
    messages.success(request, _("Nå bruker du tjenestene for deg selv."))
    return htmx.redirect(request, local_path(request.POST.get("next", "")) or "portal:home")


@area_required(Area.CONSENT, Level.NONE)
@require_http_methods(["GET", "POST"])
def child(request: htmx.Request) -> HttpResponse:
    """What a parent decides for the child: the level, and from 13 whether she may use her own pages."""
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    if not actor.acts_for_another:
        return htmx.redirect(request, "portal:profile")
    if request.method == "POST":
        try:
            if "end" in request.POST:
                powers.end_youth_access(actor=actor, person_id=person_id, now=now)
                messages.success(request, _("Ungdomstilgangen er tatt tilbake."))
            else:
                powers.give_youth_access(actor=actor, person_id=person_id, now=now)
                consents.give(actor=actor, person_id=person_id, level=Level.FULL, now=now)
                messages.success(request, _("Ungdomstilgangen er gitt."))
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        return htmx.redirect(request, "portal:child")
    found = request.acting  # type: ignore[attr-defined]
    level = consent.level(person_id)
    context = {
        "level": level,
        "level_name": levels.NAMES[level],
        "is_youth": YOUTH <= found.age < HEALTH_MAJORITY,
        "ends_on": turns(found.birth_date, ENDS) if found.decision.ground in FOR_CHILDREN else None,
        "has_access": powers.has_youth_access(person_id),
        "next": request.path,
    }
    return htmx.page(request, "portal/representation/child.html", context)


@citizen_required
@require_safe
def overview(request: htmx.Request) -> HttpResponse:
    """Fullmakter og hvem som handler for deg."""
    actor, now = request.actor, timezone.now()
    given, received = powers.given(actor, now), powers.received(actor, now)
    assigned_to, assigned_for = assigning.mine(actor)
    done = _done(powers.done_for(actor))
    context = {
        "proxies": powers.proxies(actor, now),
        "given": [power for power in given if power.is_running],
        "received": [power for power in received if power.is_running],
        "assigned_to": [each for each in assigned_to if not each.ended_at],
        "assigned_for": [each for each in assigned_for if not each.ended_at],
        "given_ended": [power for power in given if not power.is_running],
        "received_ended": [power for power in received if not power.is_running],
        "assigned_to_ended": [each for each in assigned_to if each.ended_at],
        "assigned_for_ended": [each for each in assigned_for if each.ended_at],
        "done": done[:SHOWN],
        "done_before": done[SHOWN:],
        "can_give": actor.areas is None,
    }
    return htmx.page(request, "portal/representation/powers.html", context)


@citizen_required
@services_required
@require_http_methods(["GET", "POST"])
def give_power(request: htmx.Request) -> HttpResponse:
    form = PowerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            powers.give(
                actor=request.actor,
                national_number=data["number"],
                name=data["name"],
                areas=[int(area) for area in data["areas"]],
                last_date=data["last_date"],
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Fullmakten er gitt. Den gjelder fra nå."))
            return htmx.redirect(request, "portal:powers")
    return htmx.page(request, "portal/representation/give_power.html", {"form": form}, part="form", form=form)


@citizen_required
@require_http_methods(["GET", "POST"])
def end_power(request: htmx.Request, power_id: UUID) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    mine = [*powers.given(actor, now), *powers.received(actor, now)]
    power = next((power for power in mine if power.id == power_id and power.is_running), None)
    if power is None:
        raise NotFound
    if request.method == "POST":
        powers.end(actor=actor, power_id=power_id, now=now)
        messages.success(request, _("Fullmakten er avsluttet."))
        return htmx.redirect(request, "portal:powers")
    return htmx.page(request, "portal/representation/end_power.html", {"power": power})


@citizen_required
@require_http_methods(["GET", "POST"])
def step_down(request: htmx.Request, assignment_id: UUID) -> HttpResponse:
    """The next of kin gives back what the office has confirmed."""
    actor = request.actor
    _acting, acted_for = assigning.mine(actor)
    found = next((each for each in acted_for if each.id == assignment_id and not each.ended_at), None)
    if found is None:
        raise NotFound
    if request.method == "POST":
        assigning.step_down(actor=actor, assignment_id=assignment_id, now=timezone.now())
        messages.success(request, _("Fullmakten er avsluttet."))
        return htmx.redirect(request, "portal:powers")
    return htmx.page(request, "portal/representation/end_power.html", {"power": found})


def _done(acts: Sequence[Act]) -> list[dict[str, Any]]:
    """What each person did on a day, in one row: the latest day first, each kind of thing once with how often."""
    found: dict[tuple[date, str, str], Counter[str | Promise]] = {}
    for act in acts:
        what = ACTIONS.get(act.action) or texts.what(act.action, "read" if act.was_read else "change")
        found.setdefault((local_day(act.at), act.name, act.ground), Counter())[what] += 1
    return [
        {"day": day, "name": name, "as": GROUNDS.get(ground, ""), "what": list(what.items())}
        for (day, name, ground), what in found.items()
    ]


def _self(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise Denied
    return actor.person_id
