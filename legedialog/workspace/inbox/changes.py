"""A register has changed something for a patient: somebody at the office has seen it, and opens what was closed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.core import reading
from legedialog.core.errors import Refused
from legedialog.journeys import changes
from legedialog.ui import htmx
from legedialog.workspace import policy, texts
from legedialog.workspace.common import to_office


@staff_required(*policy.PAGES["changes"])
@require_http_methods(["GET", "POST"])
def change(request: htmx.Request, change_id: UUID) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST":
        line_id = reading.uuid(request.POST.get("open"))
        try:
            if line_id:
                changes.reopen(actor=request.actor, change_id=change_id, line_id=line_id, now=now)
                messages.success(request, _("Åpnet igjen."))
                return htmx.redirect(request, "workspace:register-change", change_id)
            changes.see(actor=request.actor, change_id=change_id, now=now)
        except Refused as refused:
            messages.info(request, to_office(refused))
            return htmx.redirect(request, "workspace:register-change", change_id)
        messages.success(request, _("Bekreftet. Saken er borte fra innboksen."))
        return htmx.redirect(request, "workspace:inbox")
    row = changes.one(request.actor, change_id, now)
    lines = [(line, texts.CLOSED[line.what]) for line in row.lines]
    title, about = texts.CHANGES[row.kind]
    context = {"change": row, "lines": lines, "title": title, "about": about}
    return htmx.page(request, "workspace/inbox/change.html", context)
