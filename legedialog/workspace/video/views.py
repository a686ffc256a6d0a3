"""Today's video appointments: who waits, since when, and with what equipment."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
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
    rows = video.rows(request.actor, visits, now)
    context: dict[str, Any] = {
        "rows": rows,
        "parts": _parts(request, rows, now),
        "waiting": [row for row in rows if row.waits],
        "today": today,
        "may_enter": request.actor.role in video_policy.DOCTORS,
    }
    return htmx.page(request, "workspace/video/index.html", context, part="list")


def _parts(request: htmx.Request, rows: list[video.Row], now: datetime) -> list[dict[str, Any]]:
    """A doctor's own first, then the others'; in each those who wait, the longest first. For reception all as one."""
    own = request.actor.clinician_id
    reasons = office.reasons(request.actor, [row.visit.id for row in rows if row.waits], now)
    mine = [row for row in rows if own and row.visit.clinician_id == own]
    others = [row for row in rows if row not in mine]
    named = [("mine", _("Mine"), mine), ("others", _("Kollegers") if mine else _("Videotimer i dag"), others)]
    return [
        {
            "key": key,
            "title": title,
            "is_mine": key == "mine",
            "rows": [(*_line(row, now), reasons.get(row.visit.id, "")) for row in _waiting_first(found)],
        }
        for key, title, found in named
        if found
    ]


def _waiting_first(rows: list[video.Row]) -> list[video.Row]:
    return sorted(rows, key=lambda row: (row.waits is None, row.waits.since if row.waits else row.visit.starts_at))


def _line(row: video.Row, now: datetime) -> tuple[video.Row, Any, Any, int]:
    minutes = int((now - row.waits.since).total_seconds()) // 60 if row.waits else 0
    return (row, *texts.STATUSES[row.visit.status], minutes)
