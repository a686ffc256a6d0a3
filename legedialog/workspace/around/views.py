"""What stands around every page of the office: numbers in the menu, and who waits on video."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access.web.guards import staff_required
from legedialog.core import contexts
from legedialog.core.sql import ask_as_one
from legedialog.ui import htmx
from legedialog.video import office as video
from legedialog.workspace import policy


@staff_required()
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    """A part of a page only, fetched after it, so that no page waits for it. One statement."""
    actor, now = request.actor, timezone.now()
    places = [each for each in contexts.menu(lambda about: about.office_menu) if policy.may(actor, each.page)]
    asked = {each.icon: each.counts(actor, now) for each in places if each.counts}
    door = [video.at_the_door(actor, now)] if policy.may(actor, "video") else []
    found = ask_as_one(*door, *(one for one in asked.values() if one)) if door or any(asked.values()) else []
    waits = found.pop(0) if door else []
    numbers = iter(heap.number for [heap] in found)
    counts = [(icon, next(numbers) if one else 0) for icon, one in asked.items()]
    return htmx.page(request, "workspace/around/index.html", {"counts": counts, "door": waits})
