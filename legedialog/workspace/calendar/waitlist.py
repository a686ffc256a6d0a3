"""Venteliste: who waits for an earlier time, and what they have been offered."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from legedialog.access.web.guards import staff_required
from legedialog.appointments import services, waitlist
from legedialog.appointments.texts import ANSWERS, COARSE_TIMES, NOTICES
from legedialog.core.errors import Refused
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of, to_office


@staff_required(*policy.PAGES["booking"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    """In the order in which they are asked. An earlier time is given by hand by moving the one they have."""
    now, practice_id = timezone.now(), practice_of(request.actor)
    settings = waitlist.settings_of(practice_id)
    rows = [
        (row, [COARSE_TIMES[each] for each in row.coarse_times], NOTICES.get(row.notice_minutes, row.notice_minutes))
        for row in waitlist.at_the_office(request.actor, practice_id, now)
    ]
    context = {
        "rows": rows,
        "is_open": settings.is_open,
        "answer_time": ANSWERS.get(settings.answer_minutes, settings.answer_minutes),
    }
    return htmx.page(request, "workspace/calendar/waitlist.html", context, part="list")


@staff_required(*policy.PAGES["booking"])
@require_POST
def take_off(request: htmx.Request, wait_id: UUID) -> HttpResponse:
    try:
        services.take_off_waitlist(actor=request.actor, wait_id=wait_id, now=timezone.now())
    except Refused as refused:
        messages.error(request, to_office(refused))
    else:
        messages.success(request, _("Pasienten er tatt av ventelisten og får beskjed. Timen står som før."))
    return htmx.redirect(request, "workspace:waitlist")
