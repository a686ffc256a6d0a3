"""Jeg er kommet, from her own telephone at the office."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access import limits
from legedialog.appointments import arrival, queries, services
from legedialog.appointments.rules import NOT_THE_CODE
from legedialog.appointments.web.citizen import person_of, shown
from legedialog.appointments.web.forms import CodeForm
from legedialog.consent.web import services_required
from legedialog.core.errors import Refused, TooMany
from legedialog.ui import htmx

TRIES = limits.Limit(
    "arrival",
    "ARRIVAL_CODE_TRIES",
    timedelta(minutes=10),
    gettext_lazy("Du har prøvd koden mange ganger. Si fra i resepsjonen at du er kommet."),
)


@services_required
@require_http_methods(["GET", "POST"])
def arrive(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    """With the code on the wall where the office wants it, which is tried a few times only."""
    now = timezone.now()
    row = queries.one(request.actor, appointment_id, now)
    if request.method == "GET":  # who was logged out meanwhile comes back here
        return htmx.redirect(request, "appointments:show", appointment_id)
    today = arrival.of(request.actor, person_of(request), row, now)
    form = CodeForm(request.POST)
    if today and today.asks_code and today.status == "booked":
        if not form.is_valid():
            return shown(request, appointment_id, form)
        try:
            limits.count(TRIES, limits.who(request.actor, request), now)
        except TooMany as refused:
            form.add_error("code", str(refused.message))
            return shown(request, appointment_id, form, 429)
    try:
        services.check_in(
            actor=request.actor, appointment_id=appointment_id, code=request.POST.get("code", ""), now=now
        )
    except Refused as refused:
        if refused.code == NOT_THE_CODE.code:
            form.is_valid()
            form.add_error("code", str(refused.message))
            return shown(request, appointment_id, form)
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Legekontoret ser det nå."))
    return htmx.redirect(request, "appointments:show", appointment_id)


@services_required
@require_POST
def take_back(request: htmx.Request, appointment_id: UUID) -> HttpResponse:
    queries.one(request.actor, appointment_id, timezone.now())
    try:
        services.take_back_check_in(actor=request.actor, appointment_id=appointment_id, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Legekontoret ser at du ikke er kommet likevel."))
    return htmx.redirect(request, "appointments:show", appointment_id)
