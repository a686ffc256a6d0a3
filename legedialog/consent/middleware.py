"""Whose affairs a request is about, asked anew each time: a birthday or a withdrawal counts from the next click."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.access.queries import Session
from legedialog.consent import acting, facts
from legedialog.core import fence
from legedialog.core.times import local_day
from legedialog.patients.rules import is_too_young

NO_REASON = {"text": _("Opplysningene i Folkeregisteret, eller fullmakten, åpner ikke for det lenger.")}


class ActingMiddleware:
    """After ActorMiddleware: narrows `request.actor` for who acts for another and for a youth alone.

    One query for them, none for others; more when a register must be asked first. `request.acting` is the other's
    Standing, or None; `request.acting_ended` the reasons when she may no longer: the guards then say so, whatever was
    asked for, and she is herself again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        narrow(request)
        with fence.works_for(*request.actor.scope):  # type: ignore[attr-defined]
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = fence.carried(response.streaming_content)
            return response


def narrow(request: HttpRequest) -> None:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    session: Session | None = request.session_row  # type: ignore[attr-defined]
    request.acting = request.acting_ended = None  # type: ignore[attr-defined]
    if not actor.is_citizen or actor.person_id is None or session is None:
        return
    now = timezone.now()
    if session.acting_for_id:
        found = facts.standing(actor.person_id, session.acting_for_id, now)
        if found and found.decision.areas:
            request.acting = found  # type: ignore[attr-defined]
            request.actor = acting.narrowed(actor, found)  # type: ignore[attr-defined]
        else:
            reasons = found.decision.reasons if found and not found.decision.is_private else ()
            request.acting_ended = reasons or [NO_REASON]  # type: ignore[attr-defined]
    elif session.birth_date and is_too_young(session.birth_date, local_day(now)):
        found = acting.standing(actor.person_id, actor.person_id, now)
        if found:
            request.actor = acting.narrowed(actor, found)  # type: ignore[attr-defined]
