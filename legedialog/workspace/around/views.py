"""What stands around every page of the office: numbers in the menu, and who waits on video."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access.web.guards import staff_required
from legedialog.core import contexts
from legedialog.ui import htmx
from legedialog.video import office as video
from legedialog.workspace import policy


@staff_required()
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    """A part of a page only, fetched after it, so that no page waits for it. A query or two for each place."""
    actor, now = request.actor, timezone.now()
    places = [each for each in contexts.menu(lambda about: about.office_menu) if policy.may(actor, each.page)]
    door = video.at_the_door(actor, now) if policy.may(actor, "video") else []
    counts = [
        (each.icon, len(door) if each.page == "video" else each.count(actor, now)) for each in places if each.count
    ]
    return htmx.page(request, "workspace/around/index.html", {"counts": counts, "door": door})
