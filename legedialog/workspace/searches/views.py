"""Søk uten åpning: the manager sees who searches for patients again and again and opens nobody."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access.web.guards import staff_required
from legedialog.audit import searching
from legedialog.practices import queries as practices
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of


@staff_required(*policy.PAGES["searches"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    found = searching.noticed(request.actor, practice_of(request.actor), timezone.now())
    names = practices.employee_names({row.employee_id for row in found})
    context = {
        "rows": [(names.get(row.employee_id, ""), row) for row in found],
        "noticed": searching.NOTICED,
        "days": searching.DAYS,
    }
    return htmx.page(request, "workspace/searches/searches.html", context)
