"""The citizen's pages: the office asks her to book (innkalling)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from legedialog.appointments import picker, policy, prices, recalls, services
from legedialog.appointments.texts import RECALL_STATUSES
from legedialog.appointments.web.citizen import PAGES, person_of
from legedialog.audit import services as audit
from legedialog.consent.web import services_required
from legedialog.core.errors import Refused
from legedialog.ui import htmx


@services_required
@require_GET
def show(request: htmx.Request, recall_id: UUID) -> HttpResponse:
    """What she is asked to book, and when; one that she has answered, or that is over, says so."""
    return _shown(request, recall_id)


@services_required
@require_POST
def decline(request: htmx.Request, recall_id: UUID) -> HttpResponse:
    try:
        services.decline_recall(actor=request.actor, recall_id=recall_id, now=timezone.now())
    except Refused as refused:
        return _shown(request, recall_id, refused=str(refused.message))
    messages.success(request, _("Du har takket nei, og blir ikke minnet på det."))
    return htmx.redirect(request, "appointments:recall", recall_id)


def _shown(request: htmx.Request, recall_id: UUID, refused: str = "") -> HttpResponse:
    now, person_id = timezone.now(), person_of(request)
    recall = policy.find_recall(request.actor, recall_id)
    audit.looked_on_behalf(request.actor, "recalls.read", recall.pk, at=now, patient_id=person_id)
    asked = recalls.one(request.actor, person_id, recall_id, now)
    office = picker.office_of(request.actor, person_id, now, to_book=True) if asked else None
    chosen = picker.choose({}, office, asked=asked) if office and office.bookable else None
    context = {
        "recall": recall,
        "asked": asked,
        "word": RECALL_STATUSES[recall.status][0],
        "color": RECALL_STATUSES[recall.status][2],
        "query": chosen.query() if chosen and chosen.asked else "",
        "price": prices.of_kind(chosen, person_id, now) if chosen and chosen.asked else None,
        "refused": refused,
    }
    return htmx.page(request, f"{PAGES}/asked.html", context, status=409 if refused else None)
