"""Meldinger: her dialogues, answers to wishes, and notices."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from legedialog.audit import services as audit
from legedialog.consent.rules import Level
from legedialog.consent.web import area_required
from legedialog.core import contexts, reading
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients.representation import Area
from legedialog.portal.common import me, services_of
from legedialog.ui import htmx

PAGE = 20


@area_required(Area.INBOX, Level.BASIS)
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: htmx.Request) -> HttpResponse:
    """Her dialogues with the office, the latest first; then answers to wishes for a time, and notices that were sent.

    A search is a POST, as what she looks for may tell of her health and addresses are logged.
    """
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    level = request.level  # type: ignore[attr-defined]  # set by the guard
    gp = patients.gp_of(person_id, local_day(now))
    words = request.POST.get("words", "").strip()[:100]
    context: dict[str, Any] = {"level": level, "gp": gp, "next": request.path, "words": words}
    if level is Level.FULL:
        before = reading.moment(request.GET.get("before"))
        audit.looked_on_behalf(actor, "messages.listed", None, at=now, patient_id=person_id)
        rows = contexts.talks(actor, person_id, words=words, before=before, most=PAGE)
        context |= {
            "dialogues": rows,
            "next_before": rows[-1].at.isoformat() if len(rows) == PAGE and not words else "",
            "before": before,
            "services": services_of(actor, gp),
        }
        if not words and before is None:
            context["drafts"] = contexts.begun(actor, person_id, now)
            context["entries"] = contexts.told(actor, person_id)
    return htmx.page(request, "portal/messages/messages.html", context, part="list")
