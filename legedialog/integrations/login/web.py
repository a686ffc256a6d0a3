"""In and out: to the provider, back from it, which office, and logging out here and there."""

from urllib.parse import urlencode
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access import cookies, limits, queries, rules, seals, services
from legedialog.access.actor import ANONYMOUS, Actor, Kind, system
from legedialog.access.models import Ended
from legedialog.access.services import AttemptGone, Locked
from legedialog.access.web import staff_required
from legedialog.audit import services as audit
from legedialog.core import fence
from legedialog.core.errors import NotFound
from legedialog.core.times import local_day
from legedialog.integrations.helseid import people as staff
from legedialog.integrations.idporten import people as citizens
from legedialog.integrations.login import texts
from legedialog.integrations.login.providers import CITIZENS, STAFF, host, provider
from legedialog.integrations.oidc import client
from legedialog.integrations.oidc.errors import LoginFailed
from legedialog.ui import htmx

log = structlog.get_logger("legedialog.login")


@require_GET
def login(request: HttpRequest) -> HttpResponse:
    return _begin(request, CITIZENS)


@require_GET
def staff_login(request: HttpRequest) -> HttpResponse:
    return _begin(request, STAFF)


def _begin(request: HttpRequest, name: str) -> HttpResponse:
    now = timezone.now()
    counterpart = provider(name)
    redirect_uri = f"{host(request)}{reverse('access:callback', args=[name])}"
    started = services.start_attempt(
        provider=name,
        redirect_uri=redirect_uri,
        next_path=request.GET.get("next", ""),
        browser=request.COOKIES.get(cookies.name("attempt"), ""),
        address=limits.address(request),
        now=now,
    )
    try:
        url = client.begin(
            counterpart,
            started=started,
            redirect_uri=redirect_uri,
            language=get_language() or "nb",
            host=host(request),
            hint=request.GET.get("login_hint", "") if counterpart.loopback else "",
            now=now,
        )
    except LoginFailed as failure:
        return _failed(request, name, failure.code)
    response = redirect(url)
    cookies.put(response, "attempt", started.browser)
    return response


@require_GET
@fence.system("who logs in is not known yet")
def callback(request: HttpRequest, name: str) -> HttpResponse:
    """The browser comes back. Whatever is wrong, nobody is logged in and the page says what to do."""
    now = timezone.now()
    counterpart = provider(name)
    browser = request.COOKIES.get(cookies.name("attempt"), "")
    next_path = ""
    try:
        attempt = services.use_attempt(provider=name, state=request.GET.get("state", ""), browser=browser, now=now)
        next_path = attempt.next_path
        identity = client.finish(counterpart, attempt=attempt, answer=request.GET.dict(), now=now)
        kind, holder_id, language, must_choose = _holder(name, identity)
    except AttemptGone as gone:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.login_id and actor.is_citizen is (name == CITIZENS):
            return HttpResponseRedirect("/")  # she went back in her browser, and is logged in already
        return _failed(request, name, gone.code)
    except LoginFailed as failure:
        return _failed(request, name, failure.code, next_path)

    try:
        token, login_id = services.start_login(
            kind=kind,
            holder_id=holder_id,
            assurance=identity.assurance,
            issuer=identity.issuer,
            sid=identity.sid,
            sub=identity.sub,
            user_agent=request.headers.get("User-Agent", ""),
            replaces=request.COOKIES.get(cookies.name("session"), ""),
            now=now,
        )
    except Locked as locked:
        audit.record(system(), "login.refused", None, at=now, patient_id=holder_id, provider=name)
        return _failed(request, name, locked.code)
    session = queries.session(token, now)
    assert session  # noqa: S101  it was made a moment ago
    audit.record(session.actor, "login.started", login_id, at=now, provider=name)

    kept = queries.kept_forms(session.actor, request.COOKIES.get(cookies.name("kept"), ""), now)
    to = reverse("access:kept") if kept else next_path or "/"
    if must_choose:
        to = f"{reverse('access:office')}?{urlencode({'next': to})}"
    response = HttpResponseRedirect(to)
    cookies.put(response, "session", token)
    rotate_token(request)
    list(get_messages(request))  # what was said to whoever was here before
    if language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=settings.HTTPS)
    return response


def _holder(name: str, identity: client.Identity) -> tuple[Kind, UUID, str, bool]:
    """Kind, id, own language, and whether there are several offices to choose among. Raises LoginFailed."""
    if name == CITIZENS:
        person = citizens.citizen(identity.number)
        return Kind.CITIZEN, person.pk, person.language, False
    if employees := staff.employees(identity, local_day(timezone.now())):
        return Kind.STAFF, employees[0].pk, "", len(employees) > 1
    return Kind.OPERATOR, staff.operator(identity).pk, "", False


def _failed(request: HttpRequest, name: str, code: str, next_path: str = "") -> HttpResponse:
    log.warning("login failed", code=code, provider=name)
    page = texts.page(code)
    query = f"?{urlencode({'next': next_path})}" if next_path else ""
    context = {
        "page": page,
        "code": code,
        "again": reverse("access:login" if name == CITIZENS else "access:staff_login") + query,
        "request_id": getattr(request, "request_id", ""),
    }
    response = htmx.page(request, "login/failed.html", context, status=page.status)
    if page.status == 503:
        response["Retry-After"] = "120"
    return response


@staff_required()
@require_http_methods(["GET", "POST"])
def office(request: htmx.Request) -> HttpResponse:
    """Which of her offices and roles a person works in now."""
    now = timezone.now()
    actor = request.actor
    assert actor.employee_id  # noqa: S101  she is staff
    assert actor.login_id  # noqa: S101
    choices = staff.employments(actor.employee_id, local_day(now))
    next_path = rules.local_path(request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "GET":
        rows = [(choice, texts.ROLES[choice.role]) for choice in choices]
        return htmx.page(request, "login/office.html", {"choices": rows, "next": next_path})
    chosen = next((choice for choice in choices if str(choice.id) == request.POST.get("employment")), None)
    if chosen is None:
        raise NotFound
    response = HttpResponseRedirect(next_path or "/")
    if not chosen.is_this:
        token = services.change_employee(login_id=actor.login_id, employee_id=chosen.id)
        audit.record(actor, "login.office_changed", actor.login_id, at=now)
        cookies.put(response, "session", token)
        rotate_token(request)
    return response


@seals.for_anyone
@require_http_methods(["GET", "POST"])
def logout(request: htmx.Request) -> HttpResponse:
    """POST ends the login here and sends the browser on to end it at the provider; GET is where it comes back to.

    The cookie stays: it opens nothing any more, but tells whose text it is when another tab still holds a form.
    The way on is a header and no redirect: a form may not lead to another site (Content-Security-Policy).
    """
    url = ""
    actor = request.actor
    if request.method == "POST" and actor.login_id:
        now = timezone.now()
        services.end(actor.login_id, Ended.LOGGED_OUT, now)
        audit.record(actor, "login.ended", actor.login_id, at=now)
        return_to = f"{host(request)}{reverse('access:logout')}"
        name = CITIZENS if actor.kind is Kind.CITIZEN else STAFF
        url = client.logout_url(provider(name), return_to=return_to, host=host(request), now=now)
        request.actor = ANONYMOUS  # for whom the page is drawn
    response = htmx.page(request, "login/out.html", {"url": url})
    if url:
        response["Refresh"] = f"0; url={url}"
    return response


@require_GET
@fence.system("the provider tells whose logins are over")
def front_channel_logout(request: HttpRequest, name: str) -> HttpResponse:
    """The provider shows this address in a frame when the person logs out elsewhere. Front-Channel Logout 1.0."""
    now = timezone.now()
    counterpart = provider(name)
    if request.GET.get("iss") == counterpart.issuer:
        _ended_there(counterpart, request.GET.get("sid", ""), "")
    response = HttpResponse()
    frames = " ".join(sorted(client.origins(counterpart, host(request), now)))
    response["Content-Security-Policy"] = f"default-src 'none'; frame-ancestors {frames}"
    return response


@csrf_exempt
@require_POST
@fence.system("the provider tells whose logins are over")
def back_channel_logout(request: HttpRequest, name: str) -> HttpResponse:
    """The provider itself tells that the person logged out. Back-Channel Logout 1.0."""
    now = timezone.now()
    counterpart = provider(name)
    response = JsonResponse({})
    try:
        message = client.read_logout_token(counterpart, request.POST.get("logout_token", ""), now)
        if not services.first_use(issuer=counterpart.issuer, token=message.jti, now=now):
            raise LoginFailed("logout-token-used")
        _ended_there(counterpart, message.sid, message.sub)
    except LoginFailed as failure:
        log.warning("logout refused", code=failure.code, provider=name)
        response = JsonResponse({"error": "invalid_request"}, status=400)
    return response


def _ended_there(counterpart: client.Provider, sid: str, sub: str) -> None:
    now = timezone.now()
    count = services.end_at_provider(issuer=counterpart.issuer, sid=sid, sub=sub, now=now)
    if count:
        audit.record(system(), "login.ended", None, at=now, provider=counterpart.name, count=count)
