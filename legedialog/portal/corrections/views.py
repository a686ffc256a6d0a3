"""Retting og sletting: a citizen asks her office to correct or erase something in her record, and reads the answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import citizen_or_proxy_required
from legedialog.core.ids import new_id
from legedialog.journal import policy
from legedialog.journal.texts import ASKED, OUTCOMES
from legedialog.journeys import misfiling
from legedialog.portal.corrections.forms import AskForm
from legedialog.ui import htmx


@citizen_or_proxy_required
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request) -> HttpResponse:
    """Her own record, or that of the one she acts for: ADR 101."""
    actor, now = request.actor, timezone.now()
    policy.check_asks(actor)
    offices = misfiling.offices(actor, now)
    form = AskForm(
        request.POST if request.method == "POST" else None,
        initial={"key": new_id(), "practice": next(iter(offices), "")},
        offices=[(str(each), name) for each, name in offices.items()],
    )
    if form.is_valid():
        misfiling.ask(
            actor=actor,
            key=form.cleaned_data["key"],
            practice_id=UUID(form.cleaned_data["practice"]),
            asked=form.cleaned_data["asked"],
            text=form.cleaned_data["text"],
            now=now,
        )
        messages.success(request, _("Sendt til legekontoret. Svaret kommer her innen 30 dager."))
        return htmx.redirect(request, "portal:corrections")
    rows = [(each, ASKED[each.asked], OUTCOMES.get(each.outcome, "")) for each in misfiling.own(actor, now)]
    context = {"form": form, "rows": rows, "has_record": bool(offices)}
    return htmx.page(request, "portal/corrections/index.html", context, part="form", form=form)
