"""When a login ends of itself: asked by a page that stands open. She is told in time, and goes on by one press."""

from datetime import datetime

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access import rules
from legedialog.access.actor import Actor
from legedialog.access.queries import Session


@require_GET
def ending(request: HttpRequest) -> JsonResponse:
    """`left` is in whole seconds, 0 when nobody is logged in; `goes_on` is false where its whole time is nearly up.

    To ask is to be here, as with every page. A page that asks by itself says so (X-Live), and keeps nothing alive.
    """
    now = timezone.now()
    actor, session = request.actor, request.session_row  # type: ignore[attr-defined]
    goes_on = bool(session) and actor.is_authenticated and rules.may_go_on(actor.kind, session.created_at, now)
    return JsonResponse({"left": left(actor, session, now), "goes_on": goes_on}, headers={"Cache-Control": "no-store"})


def left(actor: Actor, session: Session | None, now: datetime) -> int:
    """Seconds until the login is over when she does nothing more."""
    if session is None or not actor.is_authenticated or actor.kind is None:
        return 0
    return max(0, int((rules.ends_at(actor.kind, session.created_at, session.seen_at) - now).total_seconds()))
