"""Whose affairs a request is about, asked anew each time: a birthday or a withdrawal counts from the next click."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.access.queries import Session
from legedialog.consent import acting, facts
from legedialog.consent.acting import Standing
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


@dataclass(frozen=True, slots=True)
class Whose:
    actor: Actor
    acting: Standing | None = None
    ended: Sequence[Any] = ()  # the reasons why she may no longer act for the one she chose


def narrow(request: HttpRequest) -> None:
    found = whose(request.actor, request.session_row, timezone.now())  # type: ignore[attr-defined]
    request.actor, request.acting = found.actor, found.acting  # type: ignore[attr-defined]
    request.acting_ended = found.ended or None  # type: ignore[attr-defined]
    request.why_not_for = partial(why_not, request.actor)  # type: ignore[attr-defined]


def whose(actor: Actor, session: Session | None, now: datetime) -> Whose:
    if not actor.is_citizen or actor.person_id is None or session is None:
        return Whose(actor)
    if session.acting_for_id:
        found = facts.standing(actor.person_id, session.acting_for_id, now)
        if found and found.decision.areas:
            return Whose(acting.narrowed(actor, found), found)
        return Whose(actor, ended=_reasons(found))
    if session.birth_date and is_too_young(session.birth_date, local_day(now)):
        found = acting.standing(actor.person_id, actor.person_id, now)
        if found:
            return Whose(acting.narrowed(actor, found))
    return Whose(actor)


def why_not(actor: Actor, person_id: UUID) -> Sequence[Any]:
    """Why she may not act for somebody whom an open page was drawn for; nothing when she may."""
    if actor.person_id is None or person_id == actor.person_id:
        return ()
    with fence.system("whether she may is asked of both"):
        found = facts.standing(actor.person_id, person_id, timezone.now())
    return () if found and found.decision.areas else _reasons(found)


def _reasons(found: Standing | None) -> Sequence[Any]:
    return (found.decision.reasons if found and not found.decision.is_private else ()) or [NO_REASON]
