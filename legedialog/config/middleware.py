"""What happens around every page: a request id, a line in the log, headers, and pages for what went wrong."""

import re
import time
from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils import timezone
from whitenoise.middleware import WhiteNoiseFileResponse  # type: ignore[import-untyped]

from legedialog.access import cookies, limits, rules, seals
from legedialog.access import queries as logins
from legedialog.access.actor import ANONYMOUS, Actor
from legedialog.access.web import kept
from legedialog.core import broken, page, typed
from legedialog.core.errors import Denied, LegedialogError, NotFound, Refused, TooMany
from legedialog.core.times import local_day
from legedialog.integrations.helseid import people
from legedialog.journal import queries as record
from legedialog.operations import metrics
from legedialog.ui import errors, forms

Handler = Callable[[HttpRequest], HttpResponseBase]
log = structlog.get_logger("legedialog.request")

UUIDS = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SANE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_id(get_response: Handler) -> Handler:
    """`request.request_id`, taken from the proxy's header when it is sane; in the log and in the answer."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if SANE_ID.fullmatch(given) else uuid4().hex  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        start = time.perf_counter()
        response = get_response(request)
        seconds = time.perf_counter() - start
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "none"  # never the path: people type anything there
        metrics.observe(method=request.method or "", route=route, status=response.status_code, seconds=seconds)
        log.info(
            *("request",), method=request.method, route=route, status=response.status_code, ms=round(seconds * 1000)
        )
        return response

    return handle


def head(get_response: Handler) -> Handler:
    """A HEAD is answered as its GET would be, without the body. Source: RFC 9110 section 9.3.2."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return get_response(request)
        request.method = "GET"
        response = get_response(request)
        request.method = "HEAD"
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = ()
        elif isinstance(response, HttpResponse):
            response.content = b""
        return response

    return handle


class Compressed(GZipMiddleware):
    """A page that its reader asked for from one of ours, or by herself, is sent compressed, at a length that varies.

    Whoever another site led here, and a page that renews itself, gets it as it is: by such a one a stranger could ask
    for thousands, with his guesses in the address, and see what guess made a page shorter. ADR 241.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_asked_for = (
            request.headers.get("Sec-Fetch-Site") in ("same-origin", "none") and "X-Live" not in request.headers
        )
        is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_asked_for and is_page else response


def given_back(get_response: Handler) -> Handler:
    """What was kept when a login ended comes back to the page it was typed on (access/web/kept.py). Whatever the page
    does with what is sent, this is a look at it, with its form filled in: nothing is done before she presses there.
    Where the page has no such form any more, she gets her words to copy, as nothing keeps them from then on."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or rules.GIVEN_BACK not in request.GET:
            return get_response(request)
        sent, query = request.POST, request.GET.copy()
        query.pop(rules.GIVEN_BACK)
        request.method, request.META["QUERY_STRING"] = "GET", query.urlencode()
        request.GET, request.POST = query, QueryDict()  # type: ignore[assignment]
        token = forms.GIVEN.set(sent)
        try:
            response = get_response(request)
        finally:
            forms.GIVEN.reset(token)
        words = typed.words_in(sent)
        if not typed.missing(words, response.content.decode() if isinstance(response, HttpResponse) else ""):
            return response
        log.info("refused", code="form-is-gone", status=409)
        return errors.page(request, 409, errors.NO_FORM, errors.Sent(words, False, request.get_full_path()))

    return handle


def security_headers(get_response: Handler) -> Handler:
    """A view may set its own policy; else this one, which allows nothing inline and nobody else's files."""
    forms = " ".join(["'self'", *settings.CSP_FORM_ACTIONS])
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "media-src 'self' blob:",
            "manifest-src 'self'",
            f"form-action {forms}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            *(["upgrade-insecure-requests"] if settings.HTTPS else []),
        ]
    )

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), microphone=(self), geolocation=(), payment=()"
        )
        return response

    return handle


NOWHERE = "private, no-store"  # in no browser and no proxy: a shared machine, and Back after logout
HERE = "private, no-cache"  # in this browser, which asks again each time
# What may be kept, and only for who is nobody: as public as a leaflet. Everything else is private, also what is new.
PUBLIC: dict[str, str] = {
    "guidance:help": "help before the login",
    "guidance:topic": "help before the login",
    "api:metadata": "what the API can",
    "identity:discovery": "the demo's own login",
    "identity:jwks": "the demo's own login",
}


def private_by_default(get_response: Handler) -> Handler:
    """The one place that says what may be kept of an answer; static files say it themselves."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, WhiteNoiseFileResponse):
            response["Cache-Control"] = HERE if _is_public(request, response) else NOWHERE
        return response

    return handle


def _is_public(request: HttpRequest, response: HttpResponseBase) -> bool:
    """A page of the list for who has no login and no message from the last one's page."""
    match = request.resolver_match
    is_listed = match is not None and match.view_name in PUBLIC and response.status_code == 200
    return is_listed and not {cookies.name("session"), "messages"} & request.COOKIES.keys()


class OneTransaction:
    """Before the actor is found: see core/page.py. Who is not logged in asks for little, so her page takes none.

    And what of it cannot be shown takes no page down: core/broken.py.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            with broken.outside_use_cases():
                return self.get_response(request)
        with broken.reading():
            if cookies.name("session") not in request.COOKIES:
                response = self.get_response(request)
            else:
                with page.one_transaction():
                    response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = broken.carried(iter(response))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        page.give_up()


class Errors:
    """The refusals that no view caught become pages. Everything else is Django's, through errors.py."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _answered(request, exception)


class Limits:
    """Nobody sends or uploads without end. Before the view, so that a refused form has changed nothing.

    Forms of those who are logged in; who is not has the login's own limit, and systems have theirs.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if request.method != "POST" or not actor.is_authenticated:
            return None
        try:
            limits.count(limits.SEND, limits.who(actor, request), timezone.now())
            if request.FILES:
                limits.count(limits.UPLOAD, limits.who(actor, request), timezone.now())
        except TooMany as too_many:
            return _answered(request, too_many)
        return None


def _answered(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    status = next((status for kind, status in STATUSES.items() if isinstance(exception, kind)), None)
    if status is None or not isinstance(exception, LegedialogError):
        return None
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    if isinstance(exception, NotFound) and request.method == "GET" and (now := _where_now(request, actor)):
        return HttpResponseRedirect(now)
    message = exception.message
    if isinstance(exception, Refused) and actor.is_staff:
        message = exception.refusal.to_practice or message
    sent = None
    if request.method == "POST" and actor.is_authenticated:
        sent = errors.Sent(kept.words_of(request), bool(request.FILES), kept.typed_on(request))
        if isinstance(exception, NotFound) and (rows := _shown(request)):  # it was there when the page was drawn
            status, message = 409, _gone(actor, rows)
    log.info("refused", code=exception.code, status=status)
    response = errors.page(request, status, message or None, sent, _other_office(request, actor, status))
    if isinstance(exception, TooMany):
        response["Retry-After"] = str(exception.seconds)
    return response


def _other_office(request: HttpRequest, actor: Actor, status: int) -> str:
    """Where somebody who works at several offices goes to another of them, and from there to this page."""
    if status != 404 or request.method != "GET" or not actor.is_staff or actor.employee_id is None:
        return ""
    if len(people.employments(actor.employee_id, local_day(timezone.now()))) < 2:
        return ""
    return f"{reverse('access:office')}?{urlencode({'next': request.get_full_path()})}"


def _where_now(request: HttpRequest, actor: Actor) -> str:
    """The address with the rows of today, where it names one of a person that has become another's; "" when it names
    none. Only where she may see that person."""
    named = UUIDS.findall(request.get_full_path()) if actor.is_staff else []
    now = {each: logins.row_now(UUID(each)) for each in named}
    changed = {old: str(new) for old, new in now.items() if new and str(new) != old.lower()}
    return UUIDS.sub(lambda found: changed.get(found[0], found[0]), request.get_full_path()) if changed else ""


def _shown(request: HttpRequest) -> list[str]:
    """The rows of the address that stood in the address of her page too: we drew it for her, as its seal says."""
    if not seals.is_right(request):
        return []
    drawn, sent_to = seals.of(request), seals.rows(request)
    return [row for name, row in sent_to.items() if name != "role" and drawn and drawn.rows.get(name) == row]


def _gone(actor: Actor, rows: list[str]) -> str:
    """Why what her page was about is not there any more."""
    if actor.is_staff and (name := record.taken_out_by(actor, rows)):
        return str(errors.TAKEN_OUT) % {"name": name}
    if actor.is_staff and any(logins.row_now(UUID(row)) not in (None, UUID(row)) for row in rows):
        return str(errors.ONE_NOW)
    return str(errors.GONE)


STATUSES = {Denied: 403, NotFound: 404, Refused: 409, TooMany: 429}
