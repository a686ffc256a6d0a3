"""Time the office keeps for something else than patients."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.appointments import office, services
from legedialog.core import reading
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.calendar.forms import BlockTimeForm
from legedialog.workspace.common import calendar_choices, to_office


@staff_required(*policy.PAGES["booking"])
@require_http_methods(["GET", "POST"])
def block(request: htmx.Request) -> HttpResponse:
    calendar_id, starts_at = reading.uuid(request.GET.get("kalender")), reading.on_the_wall(request.GET.get("start"))
    initial = {"calendar": str(calendar_id) if calendar_id else ""}
    if starts_at:
        initial |= {"day": starts_at.date().isoformat(), "starts": starts_at.strftime("%H:%M")}
    data = request.POST if request.method == "POST" else None
    form = BlockTimeForm(data, initial=initial, choices={"calendar": calendar_choices(request.actor)})
    if form.is_valid():
        starts_at, ends_at = form.period
        try:
            services.block_time(
                actor=request.actor,
                calendar_id=UUID(form.cleaned_data["calendar"]),
                starts_at=starts_at,
                ends_at=ends_at,
                note=form.cleaned_data["note"],
                now=timezone.now(),
            )
        except Refused:
            form.add_error(None, _("Det står allerede noe i denne tiden. Flytt eller avbestill det først."))
        else:
            messages.success(request, _("Tiden er sperret."))
            return htmx.redirect(request, f"{reverse('workspace:calendar')}?dag={local_day(starts_at)}")
    return htmx.page(request, "workspace/calendar/block.html", {"form": form}, part="form", form=form)


@staff_required(*policy.PAGES["calendar"])
@require_http_methods(["GET", "POST"])
def blocked(request: htmx.Request, claim_id: UUID) -> HttpResponse:
    """What the time is kept for, and giving it back."""
    claim = office.blocked_time(request.actor, claim_id)
    day_url = f"{reverse('workspace:calendar')}?dag={local_day(claim.period.lower)}"
    if request.method == "POST":
        try:
            services.unblock(actor=request.actor, claim_id=claim_id, now=timezone.now())
        except Refused as refused:
            messages.error(request, to_office(refused))
        else:
            messages.success(request, _("Tiden er ikke lenger sperret."))
        return htmx.redirect(request, day_url)
    context = {
        "claim": claim,
        "starts_at": claim.period.lower,
        "ends_at": claim.period.upper,
        "may_book": policy.may(request.actor, "booking"),
        "day_url": day_url,
    }
    return htmx.page(request, "workspace/calendar/blocked.html", context, part="panel")
