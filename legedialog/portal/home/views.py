"""Hjem: what comes next, what waits for her, and her doctor's doors."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from legedialog.consent.rules import Level
from legedialog.consent.web import home_required
from legedialog.core import contexts
from legedialog.patients import queries as patients
from legedialog.patients.representation import Area
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
    if level is not Level.NONE and actor.opens(Area.GP):
        context |= {"gp": gp, "services": services_of(actor, gp), "sees_gp": True}
        context["links"] = contexts.ordered(lambda about: about.links)
    if level is Level.FULL:
        context["parts"] = contexts.parts("portal:home", actor, person_id, now)
        context["waiting"] = contexts.waiting(actor, person_id, context.get("gp"), now)
    return htmx.page(request, "portal/home/home.html", context)
