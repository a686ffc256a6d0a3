"""Min fastlege: her doctor, the office and its hours."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from legedialog.consent.web import basis_required
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.portal.common import me, services_of
from legedialog.practices import queries as practices
from legedialog.practices.texts import WEEKDAYS, opening_change
from legedialog.ui import htmx


@basis_required
@require_safe
def gp(request: htmx.Request) -> HttpResponse:
    """Her doctor, the office, and what this doctor offers today; or how to get a doctor."""
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    found = patients.gp_of(person_id, local_day(now))
    context: dict[str, Any] = {
        "gp": found,
        "level": request.level,  # type: ignore[attr-defined]  # set by the guard
        "services": services_of(actor, found),
        "earlier": [row for row in patients.memberships(actor, person_id, local_day(now)) if row.ends_date],
        "next": request.path,
    }
    if found:
        week = practices.week(found.practice.id, now)
        context |= {
            "week": week,
            "change": opening_change(week.opening, now),
            "has_hours": any(week.weekdays),
            "weekdays": list(zip(WEEKDAYS, week.weekdays, strict=True)),
        }
    return htmx.page(request, "portal/my_gp/gp.html", context)
