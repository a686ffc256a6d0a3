"""Varsler til meg: an employee's own choice of whether, how and when she is told that work waits while she is away."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.outbox import queries as outbox
from legedialog.outbox.rules import Channel
from legedialog.practices import employees, queries
from legedialog.practices.rules import DAY
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.reach.forms import ReachForm


@staff_required(*policy.PAGES["own"])
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request) -> HttpResponse:
    row = queries.reach(request.actor)
    initial = {
        "mode": row.mode if row else "",
        "channel": row.channel if row else Channel.SMS,
        "phone": row.address if row and row.channel == Channel.SMS else "",
        "email": row.address if row and row.channel == Channel.EMAIL else "",
        "from_clock": f"{(row.from_clock if row else DAY[0]).hour:02}",
        "to_clock": f"{row.to_clock.hour if row else 16:02}",
        "on_days_off": bool(row and row.on_days_off),
    }
    form = ReachForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        employees.choose_reach(
            actor=request.actor,
            address=form.address,
            language=(get_language() or "nb")[:2],
            now=timezone.now(),
            **{name: form.cleaned_data[name] for name in ("mode", "channel", "from_clock", "to_clock", "on_days_off")},
        )
        messages.success(request, _("Valget er lagret.") if form.cleaned_data["mode"] else _("Du får ingen beskjeder."))
        return htmx.redirect(request, "workspace:own-notices")
    context = {"form": form, "not_reached": outbox.not_reached(request.actor) if row else ""}
    return htmx.page(request, "workspace/reach/index.html", context, part="form", form=form)
