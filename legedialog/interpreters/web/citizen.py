"""Tolk: which language she needs an interpreter for, said by herself or by who books for her."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.actor import Actor
from legedialog.access.rules import local_path
from legedialog.consent.web import services_required
from legedialog.core.errors import NotFound, Refused
from legedialog.interpreters import queries, services
from legedialog.interpreters.web.forms import ForAnotherForm, NeedForm
from legedialog.patients.representation import Area
from legedialog.ui import htmx


@services_required
@require_http_methods(["GET", "POST"])
def need(request: htmx.Request) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    if actor.acting_for_id is None:
        raise NotFound
    row = queries.shown(actor, actor.acting_for_id, now)
    form_class = ForAnotherForm if actor.acts_for_another else NeedForm
    initial = {"language": row.language if row else ""}
    mark = request.POST.get("mark", "") if request.method == "POST" else queries.mark(row)
    form = form_class(request.POST if request.method == "POST" else None, initial=initial)
    back = local_path(request.GET.get("neste", "")) or reverse(
        "portal:home" if actor.acts_for_another else "portal:reach"
    )
    status = None
    if form.is_valid():
        language = form.cleaned_data["language"]
        try:
            services.say(actor=actor, patient_id=actor.acting_for_id, language=language, mark=mark, now=now)
        except Refused as refused:
            form.add_error(None, str(refused.message))
            mark, status = queries.mark(row), 409
        else:
            messages.success(request, _("Lagret. Legekontoret ser det når du har time."))
            return htmx.redirect(request, back)
    context = {"form": form, "row": row, "back": back, "mark": mark, "is_changed": status == 409}
    return htmx.page(request, "interpreters/citizen.html", context, part="form", form=form, status=status)


def in_profile(actor: Actor, person_id: UUID, now: Any) -> dict[str, Any] | None:
    """A part of Kontakt og beskjeder, for those who may book for themselves."""
    return {"row": queries.of(actor, person_id, now)} if actor.opens(Area.BOOKING) else None


def at_appointment(actor: Actor, row: Any, now: Any) -> dict[str, Any] | None:
    """A part of her own appointment: that an interpreter is ordered, and whether it is for when it is now."""
    if actor.acting_for_id is None:
        return None
    found = queries.ordered(actor, row.id, actor.acting_for_id, now)
    return {"row": found, "was_moved": found.starts_at != row.starts_at} if found else None


def at_booking(actor: Actor, person_id: UUID, now: Any) -> dict[str, Any]:
    """A part of what is seen over before a time is booked, moved or asked for."""
    return {"row": queries.shown(actor, person_id, now), "is_hers": not actor.acts_for_another}
