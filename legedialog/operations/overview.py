"""The operator's page: is the platform well? Counts and times only, never anything of a patient or an office."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from legedialog.access.web import operator_required
from legedialog.operations import health
from legedialog.outbox import queries as outbox
from legedialog.ui import htmx

WORDS = {
    "up": (_("I orden"), "success"),
    "applied": (_("I orden"), "success"),
    "silent": (_("Svarer ikke"), "danger"),
    "down": (_("Nede"), "danger"),
    "waiting": (_("Venter på oppgradering"), "warning"),
    "unknown": (_("Ukjent"), "neutral"),
}
PARTS = {
    "database": _("Databasen"),
    "migrations": _("Databasens utgave"),
    "fence": _("Vernet mellom pasienter"),
    "worker": _("Bakgrunnsjobbene"),
}


@dataclass(frozen=True, slots=True)
class Part:
    name: object
    word: object
    color: str


@operator_required
@require_safe
def overview(request: htmx.Request) -> HttpResponse:
    """Three queries more than readiness itself."""
    now = timezone.now()
    parts = [Part(PARTS[part], *WORDS[state]) for part, state in health.state(now).items()]
    notices = outbox.counts()
    context = {
        "parts": parts,
        "jobs": health.jobs(),
        "waiting": sum(number for (_event, status), number in notices.items() if status == "waiting"),
        "dead": sum(number for (_event, status), number in notices.items() if status == "dead"),
        "now": now,
    }
    return htmx.page(request, "operations/overview.html", context)
