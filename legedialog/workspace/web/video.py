"""Today's video appointments."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.core.times import local_day
from legedialog.ui import htmx
from legedialog.workspace import policy, texts


@staff_required(*policy.PAGES["video"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    today = local_day(now)
    visits = office.visits_on(request.actor, today, now, channel="video")
    rows = [
        (visit, *texts.STATUSES[visit.status]) for visit in sorted(visits, key=lambda each: (each.starts_at, each.id))
    ]
    return htmx.page(request, "workspace/video.html", {"rows": rows, "today": today}, part="list")
