from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from legedialog.guidance import rules
from legedialog.practices.texts import opening_change
from legedialog.ui import htmx


@require_safe
def help_page(request: htmx.Request) -> HttpResponse:
    """The same before and after login. No queries of its own."""
    now = timezone.now()
    opening = rules.opening(now)
    context = {
        "layout": "ui/citizen.html" if request.actor.is_citizen else "ui/public.html",
        "helpline": settings.HELPLINE_PHONE,
        "opening": opening,
        "change": opening_change(opening, now),
        "hours": rules.HOURS,
    }
    return htmx.page(request, "guidance/help.html", context)
