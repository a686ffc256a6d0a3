"""How far behind each calendar is today: said by one press, and seen by those who wait."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.appointments import arrival, services
from legedialog.appointments import policy as appointments_policy
from legedialog.appointments.rules import DELAYS
from legedialog.core import reading
from legedialog.core.errors import NotFound, Refused
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of, to_office


@staff_required(*policy.PAGES["calendar"])
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST":
        appointments_policy.check_books(request.actor, practice_of(request.actor))
        calendar_id = reading.uuid(request.POST.get("calendar"))
        given = request.POST.get("minutes", "")
        if calendar_id is None or given not in map(str, (0, *DELAYS)):
            raise NotFound
        try:
            services.tell_delay(
                actor=request.actor,
                calendar_id=calendar_id,
                minutes=int(given),
                was=request.POST.get("was", ""),
                now=now,
            )
        except Refused as refused:
            messages.error(request, to_office(refused))
        else:
            messages.success(request, _("Pasientene som har time i dag, kan lese det nå."))
        if not request.htmx:
            return htmx.redirect(request, "workspace:calendar")
    return htmx.page(request, "workspace/calendar/delays.html", shown(request, now), part="delays")


def shown(request: htmx.Request, now: datetime) -> dict[str, object]:
    """Of today's calendar, beside it and as a page of its own."""
    rows = arrival.delays(request.actor.practices, now)
    return {
        "delays": rows,
        "delayed": [row for row in rows if row.minutes],
        "delay_choices": (0, *DELAYS),
        "may_book": policy.may(request.actor, "booking"),
    }
