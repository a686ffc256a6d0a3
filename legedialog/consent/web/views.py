from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from legedialog.access import rules as access
from legedialog.consent import queries, rules, services
from legedialog.consent.rules import Level
from legedialog.consent.web.guards import adult_required, needs
from legedialog.ui import htmx

STALE = {"HX-Trigger": "stale"}  # the page asks for itself again, unless something is typed in it: ui/assets/stale.js
TEXTS = {Level.FULL: _("Du har gitt full tilgang."), Level.BASIS: _("Du har gitt tilgang på nivået Basis.")}


@adult_required
@require_http_methods(["GET", "POST"])
def give(request: htmx.Request) -> HttpResponse:
    """Explains what full access opens, and gives it. `next` is where she was going."""
    actor = request.actor
    assert actor.acting_for_id  # noqa: S101  adult_required
    asked = request.POST if request.method == "POST" else request.GET
    back = access.local_path(asked.get("next", "")) or reverse("portal:home")
    if request.method == "POST":
        level = Level.BASIS if request.POST.get("level") == Level.BASIS else Level.FULL
        services.give(actor=actor, person_id=actor.acting_for_id, level=level, now=timezone.now())
        messages.success(request, TEXTS[level])
        return htmx.redirect(request, back)
    context = {
        "next": back,
        "level": queries.level(actor.acting_for_id),
        "opens": rules.OPENS,
        "table": rules.table(),
    }
    return htmx.page(request, "consent/give.html", context)


@require_GET
def now(request: htmx.Request) -> HttpResponse:
    """Asked by an open page when something of hers changed. Nothing to say while her level is as it was drawn.

    A page that she no longer has access to is replaced by what is missing. Any other is asked for again, also when
    she is logged out: then its own guard sends her to log in.
    """
    actor = request.actor
    if not actor.acting_for_id:
        return HttpResponse(status=204, headers=STALE)
    level, asked = queries.level(actor.acting_for_id), request.GET
    if asked.get("drawn") == level:
        return HttpResponse(status=204)
    needed = Level(asked["needed"]) if asked.get("needed") in Level.values else Level.FULL
    if rules.is_enough(level, needed):
        return HttpResponse(status=204, headers=STALE)
    return needs(request, level, needed, access.local_path(asked.get("page", "")) or reverse("portal:home"))
