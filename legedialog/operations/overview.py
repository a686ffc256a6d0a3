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
    "open": (_("I orden"), "success"),
    "closed": (_("Kan ikke åpnes"), "danger"),
    "free": (_("I orden"), "success"),
    "full": (_("Full"), "danger"),
    "unknown": (_("Ukjent"), "neutral"),
}
PARTS = {
    "database": _("Databasen"),
    "migrations": _("Databasens utgave"),
    "fence": _("Vernet mellom pasienter"),
    "keys": _("Nøklene"),
    "disk": _("Disken"),
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
    """Two queries more than readiness itself."""
    now = timezone.now()
    found = health.ready()
    parts = [Part(name, *WORDS[found[part]]) for part, name in PARTS.items()]
    notices = outbox.counts()
    context = {
        "parts": parts,
        "jobs": health.jobs(),
        "waiting": sum(number for (_event, status), number in notices.items() if status == "waiting"),
        "dead": sum(number for (_event, status), number in notices.items() if status == "dead"),
        "perhaps": sum(number for (_event, status), number in notices.items() if status == "perhaps"),
        "now": now,
    }
    return htmx.page(request, "operations/overview.html", context)
