"""Today's video appointments: who waits, since when, and with what equipment."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.core.times import local_day
from legedialog.ui import htmx
from legedialog.video import office as video
from legedialog.video import policy as video_policy
from legedialog.workspace import policy, texts


@staff_required(*policy.PAGES["video"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    today = local_day(now)
    visits = office.visits_on(request.actor, today, now, channel="video")
    rows = [(row, *texts.STATUSES[row.visit.status]) for row in video.rows(request.actor, visits, now)]
    waiting = [row for row, _, _ in rows if row.waits]
    context: dict[str, Any] = {
        "rows": rows,
        "waiting": waiting,
        "today": today,
        "may_enter": request.actor.role in video_policy.DOCTORS,
    }
    return htmx.page(request, "workspace/video/index.html", context, part="list")
