"""Fremmøte: the code on the wall, by which a patient shows that she stands there."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import arrival, rules, services
from legedialog.appointments import policy as appointments_policy
from legedialog.core import seen
from legedialog.core.errors import NotFound, Refused
from legedialog.practices import queries as practices
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of, to_office


@staff_required(*policy.PAGES["settings"])
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request) -> HttpResponse:
    """All see it; the manager draws it, draws another, or asks for none."""
    practice_id = practice_of(request.actor)
    if request.method == "POST":
        removes = request.POST.get("act") == "remove"
        act = services.remove_code if removes else services.draw_code
        try:
            act(actor=request.actor, practice_id=practice_id, mark=request.POST.get("mark", ""), now=timezone.now())
        except Refused as refused:
            messages.error(request, to_office(refused))
        else:
            gone, new = _("Koden gjelder ikke lenger. Ta ned plakaten."), _("Koden gjelder fra nå. Heng opp plakaten.")
            messages.success(request, gone if removes else new)
        return htmx.redirect(request, "workspace:settings-arrival")
    row = arrival.wall_code(request.actor)
    context = {
        "code": row,
        "mark": seen.mark(*rules.seen_of_code(row)),
        "manages": allows(appointments_policy.check_manages, request.actor, practice_id),
    }
    return htmx.page(request, "workspace/settings/arrival.html", context)


@staff_required(*policy.PAGES["settings"])
@require_GET
def poster(request: htmx.Request) -> HttpResponse:
    """To print and hang up."""
    row = arrival.wall_code(request.actor)
    if row is None:
        raise NotFound
    context = {"code": row, "office": practices.practice(practice_of(request.actor))}
    return htmx.page(request, "workspace/settings/poster.html", context)
