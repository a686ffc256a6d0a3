"""Timene i din egen kalender: the page where she makes the address and ends it, and what a calendar program reads."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from legedialog.appointments import elsewhere, ics, items, policy, queries, rules, services
from legedialog.consent.web import services_required
from legedialog.core import fence
from legedialog.core.errors import NotFound
from legedialog.ui import htmx


@services_required
@require_http_methods(["GET", "POST"])
def feed(request: htmx.Request) -> HttpResponse:
    """POST makes a new address and shows it, this once."""
    actor, now = request.actor, timezone.now()
    address = ""
    if request.method == "POST":
        token = services.make_feed(actor=actor, now=now)
        address = settings.BASE_URL + reverse("appointments:feed-read", args=[token])
    context = {"row": policy.find_feed(actor), "days_kept": rules.FEED_KEPT.days}
    # A program of her device that knows calendars opens this way of writing it.
    opens = f"webcal://{address.split('://', 1)[1]}" if address else ""
    return htmx.page(request, "appointments/citizen/feed.html", {**context, "address": address, "opens": opens})


@services_required
@require_POST
def end(request: htmx.Request) -> HttpResponse:
    services.end_feed(actor=request.actor, now=timezone.now())
    messages.success(request, _("Kalenderen din henter ikke timene lenger."))
    return htmx.redirect(request, "appointments:feed")


@require_safe
def read(request: htmx.Request, token: str) -> HttpResponse:
    """When she has a time, and nothing of where, with whom or why: the calendar may lie with another company."""
    now = timezone.now()
    try:
        actor, language = services.whose_feed(token, now)
    except NotFound:
        return HttpResponse(status=404, content_type="text/plain")
    assert actor.person_id  # noqa: S101  whose_feed
    with fence.works_for(*actor.scope), override(language):
        coming = queries.coming(actor, actor.person_id, now).rows
        others = [row for row in elsewhere.rows(actor, actor.person_id, now) if row.starts_at > now]
        entries = [_entry(row.id, row.starts_at, row.ends_at, row.sequence, row.status) for row in coming]
        entries += [_entry(row.id, row.starts_at, row.ends_at, row.sequence, row.status) for row in others]
        content = ics.feed(entries, host=urlsplit(settings.BASE_URL).hostname or "", now=now)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")


def _entry(id: UUID, starts_at: datetime, ends_at: datetime | None, sequence: int, status: str) -> ics.Entry:
    return ics.Entry(
        *(id, starts_at, ends_at or starts_at + items.ABOUT_AN_HOUR, sequence),
        is_cancelled=status == "cancelled",
        location="",
        url=settings.BASE_URL + reverse("appointments:index"),
    )
