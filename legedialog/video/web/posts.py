"""`POST /live/video/<seat>/`: what a page of the room tells us. JSON both ways, refusals with a stable code."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from legedialog.access import seals
from legedialog.access.actor import ANONYMOUS
from legedialog.core import fence, reading
from legedialog.core.errors import Denied, LegedialogError, NotFound, Refusal, Refused, TooMany
from legedialog.video import policy, rules, services, turn
from legedialog.video.policy import Visitor
from legedialog.video.web.stream import visitor_of

MOST = rules.SIGNAL_BYTES
STATUSES = {Denied: 403, NotFound: 404, Refused: 409, TooMany: 429}


class BadMessage(LegedialogError):
    code = "bad-message"


def _json(view: Callable[..., dict[str, Any] | None]) -> Callable[..., HttpResponse]:
    """Answers 200 with what the view gives, 204 with nothing, or a problem: `{"code", "message"}`."""

    @wraps(view)
    def answer(request: HttpRequest, seat_id: UUID) -> HttpResponse:
        try:
            visitor = _sender(request)
            if not (visitor.actor.is_authenticated or visitor.cookie):
                return _problem("logged-out", str(_("Du er logget ut. Logg inn igjen.")), 401)
            is_guest = not visitor.actor.is_authenticated
            with fence.system("a guest is known by her cookie, not by a login") if is_guest else nullcontext():
                given = view(request, seat_id, visitor, timezone.now())
        except BadMessage as error:
            return _problem(error.code, "", 422)
        except LegedialogError as error:
            status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
            response = _problem(error.code, str(error.message), status)
            if isinstance(error, TooMany):
                response["Retry-After"] = str(error.seconds)
            return response
        return HttpResponse(status=204) if given is None else JsonResponse(given)

    return answer


def _sender(request: HttpRequest) -> Visitor:
    """Whom the page was drawn for: a guest stays one, also when somebody logs in beside her room."""
    visitor = visitor_of(request)
    if request.method != "POST" or not visitor.actor.is_authenticated or not seals.are_checked(request):
        return visitor
    drawn = seals.of(request)
    if drawn and drawn.whom == seals.whom(ANONYMOUS):
        return Visitor(cookie=visitor.cookie)
    if not seals.is_right(request):
        raise Refused(OF_ANOTHER)
    return visitor


OF_ANOTHER = Refusal(
    code="form-of-another-person",
    to_patient=_("Noen andre er logget inn i denne nettleseren nå, eller du handler for en annen. Åpne timen på nytt."),
)


def _problem(code: str, message: str, status: int) -> HttpResponse:
    return JsonResponse({"code": code, "message": message}, status=status)


@seals.for_anyone  # _sender asks
def send(request: HttpRequest, seat_id: UUID) -> HttpResponse:
    """Too large a body is refused before it is read as JSON."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST or len(request.body) > MOST:
        return _problem("too-large", "", 413)
    return _send(request, seat_id)


@require_POST
@_json
def _send(request: HttpRequest, seat_id: UUID, visitor: Visitor, now: datetime) -> dict[str, Any] | None:
    message = _read(request.body)
    kind = message.get("type")
    tab = _number(request.GET.get("tab", ""))
    match kind:
        case "arrive":
            tab, since = services.arrive(visitor=visitor, seat_id=seat_id, now=now)
            return {"tab": tab, "since": since}
        case "signal":
            data = message.get("data")
            if not isinstance(data, dict):
                raise BadMessage
            to = reading.uuid(message.get("to"))
            services.signal(visitor=visitor, seat_id=seat_id, tab=tab, to=to, data=data, now=now)
        case "state":
            media = message.get("media", {})
            if not isinstance(media, dict):
                raise BadMessage
            services.report(
                visitor=visitor,
                seat_id=seat_id,
                tab=tab,
                quality=str(message.get("quality", "")),
                media={name: bool(media[name]) for name in ("audio", "video", "screen") if name in media},
                now=now,
            )
        case "here":
            services.here(visitor=visitor, seat_id=seat_id, tab=tab, now=now)
        case "leave":
            services.leave(visitor=visitor, seat_id=seat_id, tab=tab, now=now)
        case "call-me":
            number = str(message.get("number", ""))
            given = services.ask_to_be_called(visitor=visitor, seat_id=seat_id, tab=tab, number=number, now=now)
            return {"number": given}
        case _:
            raise BadMessage
    return None


@require_GET
@_json
def ice(request: HttpRequest, seat_id: UUID, visitor: Visitor, now: datetime) -> dict[str, Any]:
    """Fresh addresses and passwords of the TURN servers, for one who has been called in and not sent out."""
    seat = policy.find_seat(visitor, seat_id, now)
    policy.check_connects(seat)
    servers = turn.ice_servers(str(seat.pk), visitor.person, now)
    return {"iceServers": servers, "seconds": int(rules.CREDENTIALS_LAST.total_seconds())}


def _read(body: bytes) -> Mapping[str, Any]:
    message = reading.json_object(body)
    if message is None:
        raise BadMessage
    return message


def _number(text: str) -> int:
    """The page's number. A page that does not say is taken as the oldest of all, and refused when there is a newer."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
