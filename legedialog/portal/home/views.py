"""Hjem: what comes next, what waits for her, and her doctor's doors."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from legedialog.access.actor import Actor
from legedialog.consent import acting
from legedialog.consent.acting import Standing
from legedialog.consent.rules import Level
from legedialog.consent.web import home_required
from legedialog.core import contexts
from legedialog.patients import queries as patients
from legedialog.patients.representation import Area, Ground
from legedialog.portal.common import me, services_of
from legedialog.portal.home.words import greeting
from legedialog.ui import htmx


@home_required
@require_safe
def home(request: htmx.Request) -> HttpResponse:
    """What happens next, what waits for her, and the doors her doctor offers."""
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    level = request.level  # type: ignore[attr-defined]  # set by the guard
    gp, contact_is_fresh = patients.home_of(actor, person_id, now)
    context: dict[str, Any] = {
        "greeting": greeting(now, actor.display_name.split(" ")[0]),
        "level": level,
        "asks_contact": not actor.acts_for_another and not contact_is_fresh,
        "next": request.path,
    }
    context["named"] = _named(actor, now)
    if level is not Level.NONE and actor.opens(Area.GP):
        context |= {"gp": gp, "services": services_of(actor, gp), "sees_gp": True}
        context["links"] = contexts.ordered(lambda about: about.links)
    if level is Level.FULL:
        context["parts"] = contexts.parts("portal:home", actor, person_id, now)
        context["waiting"] = contexts.waiting(actor, person_id, context.get("gp"), now)
    return htmx.page(request, "portal/home/home.html", context)


def _named(actor: Actor, now: datetime) -> list[Standing]:
    """Whom else she may act for, also while she acts for another. Nobody under 16 acts for anybody."""
    if actor.person_id is None or actor.ground == Ground.YOUTH:
        return []
    return [each for each in acting.named(actor.person_id, now) if each.person_id != actor.acting_for_id]
