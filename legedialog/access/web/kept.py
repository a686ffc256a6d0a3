"""What was typed and not done, because a login had ended or is for another now: said plainly, kept, and given back into
the page it was typed on, for the one it was drawn for. There she sees all that would be sent, and sends it herself."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from legedialog.access import cookies, queries, rules, seals, services
from legedialog.access.actor import ANONYMOUS, Actor, Kind
from legedialog.access.seals import Drawn, Whom
from legedialog.core import fence, typed

log = structlog.get_logger("legedialog.request")

OURS = {"access:kept", "access:send_kept"}  # what they send is kept already
QUIET = "X-Autosave"  # sent by a field that saves itself: the page stays, with what is typed in it


def to_login(request: HttpRequest, login_url: str) -> HttpResponse:
    """Nobody is logged in. What was sent is kept for the one it was drawn for."""
    query = {"next": request.get_full_path()}
    if request.method == "POST":
        query["as"] = "staff" if login_url == "access:staff_login" else "citizen"
        login_url = "access:ended"
    url = f"{reverse(login_url)}?{urlencode(query)}"
    response = HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else redirect(url)
    if request.method == "POST":
        _keep(request, response, seals.of(request))
    return response


def refused(request: HttpRequest, drawn: Drawn | None) -> HttpResponse:
    """409 in place of what was sent: nothing is done, the text is kept, and the page says what happened.

    `drawn` is whom the form was drawn for, None when it does not say. Codes are stable: they stand in the log.
    """
    actor = _who(request)
    if not actor.is_authenticated:
        is_staff = drawn is not None and drawn.whom.kind is not Kind.CITIZEN
        return to_login(request, "access:staff_login" if is_staff else "access:login")
    code = why(actor, drawn)
    if drawn and code == BEFORE_LOGIN and not seals.fits(request, drawn):
        code = OTHER_ROW
    log.info("refused", code=code, status=409)
    if request.resolver_match and request.resolver_match.view_name in OURS:
        return HttpResponseRedirect(reverse("access:kept"))
    context = _about(request, drawn, code) | {"layout": "ui/citizen.html" if actor.is_citizen else "ui/public.html"}
    if seals.HEADER in request.headers:
        text = _say(context)
        return JsonResponse({"code": code, "message": text, "problem": text}, status=409)
    if QUIET in request.headers:
        html = render_to_string(
            "access/not_saved.html", context | {"id": request.headers.get("HX-Target", "")}, request
        )
        return HttpResponse(html, status=409)
    if getattr(request, "acting_ended", None):
        services.choose(actor=actor, acting_for_id=None)
    words = [] if code == OTHER_PERSON else words_of(request)
    response = HttpResponse(status=409)
    context["kept"] = _keep(request, response, drawn)
    context["words"] = words
    context["has_files"] = bool(request.FILES)
    response.content = render_to_string("access/refused.html", context, request).encode()
    if request.headers.get("HX-Request"):
        response["HX-Retarget"] = response["HX-Reselect"] = "#content"
        response["HX-Reswap"] = "outerHTML"
    return response


def another(request: HttpRequest) -> HttpResponse:
    """In place of a part: the page that asks is about another now. It stays, with what is typed in it, and says so.

    She may not see what a page fetched by itself: that an acting is over is said again by the next page she asks for.
    One that is another's who was logged in is asked for again as soon as nothing is typed in it.
    """
    actor, drawn = _who(request), seals.of_page(request)
    code = why(actor, drawn) if actor.is_authenticated else OTHER_PERSON
    log.info("refused", code=code.replace("form", "page"), status=409)
    context = _about(request, drawn, code) | {"here": _page_of(request)}
    response = render(request, "access/another.html", context, status=409)
    response["HX-Retarget"] = response["HX-Reselect"] = "#another"
    response["HX-Reswap"] = "outerHTML"
    response["HX-Push-Url"] = "false"
    if code in (OTHER_PERSON, UNSEALED, ONE_NOW):
        response["HX-Trigger"] = "stale"
    return response


def typed_on(request: HttpRequest) -> str:
    """The page whose form it was; where it was sent when the browser does not say."""
    if page := _page_of(request):
        return page
    parts = urlsplit(request.headers.get("Referer", ""))
    here = parts.netloc == request.get_host() and rules.local_path(f"{parts.path}?{parts.query}".rstrip("?"))
    return here or request.get_full_path()


def _page_of(request: HttpRequest) -> str:
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    return rules.local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _about(request: HttpRequest, drawn: Drawn | None, code: str) -> dict[str, Any]:
    """Whom it was drawn for and who asks now, for the pages and lines that say so."""
    actor = _who(request)
    ended = getattr(request, "acting_ended", None)
    if (
        not ended and drawn and drawn.whom.whose and code == OTHER_ACTING
    ):  # a second press: she is herself again already
        ended = request.why_not_for(drawn.whom.whose)  # type: ignore[attr-defined]
    acting = getattr(request, "acting", None)
    return {
        "code": code,
        "me": actor.display_name,
        "acting_name": acting.name if acting else "",
        "was_for": drawn.name if drawn else "",
        "hers": _hers(request, drawn, code),
        "was_for_me": drawn is not None and drawn.whom.whose == actor.person_id,
        "person_id": drawn.whom.whose if drawn else None,
        "ended": ended,
    }


UNSEALED, OTHER_PERSON, OTHER_ACTING, OTHER_OFFICE, BEFORE_LOGIN, OTHER_ROW, ONE_NOW = (
    *("form-unsealed", "form-of-another-person", "form-for-another", "form-of-another-office"),
    *("form-from-before-the-login", "form-of-another-row", "form-of-a-row-that-became-another"),
)


def _hers(request: HttpRequest, drawn: Drawn | None, code: str) -> str:
    """Whose record the words were for. At an office the patient's whose page it was, or nobody's."""
    if drawn is None or code == OTHER_PERSON:
        return ""
    if drawn.whom.kind is not Kind.STAFF:
        return drawn.name
    route = request.resolver_match.view_name if request.resolver_match else ""
    return queries.patient_of(route or "", drawn.rows)


def why(actor: Actor, drawn: Drawn | None) -> str:
    if drawn is None:
        return UNSEALED
    if drawn.whom == seals.whom(actor):
        return BEFORE_LOGIN  # the same in all, but its CSRF token ended when she logged in again
    if drawn.whom.kind is actor.kind is Kind.CITIZEN:
        was = _now(drawn.whom)
        if was == seals.whom(actor):
            return ONE_NOW
        if was.who == actor.person_id:
            return OTHER_ACTING
    if drawn.whom.kind is actor.kind is Kind.STAFF and drawn.login_id == actor.login_id:
        return OTHER_OFFICE
    return OTHER_PERSON


@fence.system("whether rows have become one is asked of all")
def _now(whom: Whom) -> Whom:
    """The same persons by the rows that are theirs today: two may have become one since the page was drawn."""
    return Whom(whom.kind, queries.row_now(whom.who), queries.row_now(whom.whose))


def _say(context: dict[str, Any]) -> str:
    """In one sentence, for what a script shows."""
    if context["code"] == OTHER_ACTING:
        now_for = context["acting_name"] or context["me"]
        text = _("Ikke gjort: siden gjelder %(was_for)s, men nå handler du for %(now_for)s. Last siden på nytt.")
        return text % {"was_for": context["was_for"], "now_for": now_for}
    if context["code"] == OTHER_PERSON:
        return _("Ikke gjort: %(name)s er logget inn i denne nettleseren nå.") % {"name": context["me"]}
    if context["code"] == ONE_NOW:
        text = _("Ikke gjort: to oppføringer av %(name)s er blitt én. Last siden på nytt.")
        return text % {"name": context["was_for"]}
    if context["code"] == OTHER_ROW:
        return _("Ikke gjort: skjemaet hører til en annen side. Last siden på nytt.")
    return _("Ikke gjort: innloggingen er en annen enn da du åpnet siden. Last siden på nytt.")


def words_of(request: HttpRequest) -> list[str]:
    """Her own words in what she sent, to be shown to herself when nothing was done with it."""
    return typed.words_in(request.POST)


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    own = {"csrfmiddlewaretoken", seals.FIELD}
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in own]


def _not_kept(request: HttpRequest) -> list[tuple[str, str]]:
    """The bytes of who is not logged in are not taken; she is told which files to choose again. ADR 144."""
    return [(rules.NOT_KEPT, str(file.name)) for _, files in request.FILES.lists() for file in files]


def _keep(request: HttpRequest, response: HttpResponse, drawn: Drawn | None) -> bool:
    browser = ""
    if drawn and seals.fits(request, drawn):  # else nobody knows whom to keep it for, or where to send it
        browser = services.keep_form(
            drawn=drawn,
            browser=request.COOKIES.get(cookies.name("kept"), ""),
            path=typed_on(request),
            fields=[*_fields(request), *_not_kept(request)],
            now=timezone.now(),
        )
    if browser:
        cookies.put(response, "kept", browser)
    elif not _who(request).is_authenticated:
        cookies.remove(response, "kept")
    return bool(browser)


@require_GET
def whose(request: HttpRequest) -> HttpResponse:
    """Asked by a page that stands open: nothing to say while it is about whom it was drawn for. Else see `another`."""
    return HttpResponse(status=204)


@require_GET
def ended(request: HttpRequest) -> HttpResponse:
    """Shown in place of the answer to a form. A page of ours first: a form may not lead to another site."""
    context = {
        "kept": bool(request.COOKIES.get(cookies.name("kept"))),
        "next": rules.local_path(request.GET.get("next", "")),
        "login": reverse("access:staff_login" if request.GET.get("as") == "staff" else "access:login"),
    }
    return _page(request, "access/ended.html", context)


@require_http_methods(["GET", "POST"])
def kept(request: HttpRequest) -> HttpResponse:
    """What of hers is kept in this browser, and for whom; POST throws it away."""
    actor, browser, now = _who(request), request.COOKIES.get(cookies.name("kept"), ""), timezone.now()
    if request.method == "POST":
        services.forget_forms(actor=actor, browser=browser, now=now)
        return HttpResponseRedirect("/")
    forms = [(each, _why_ended(request, each)) for each in queries.kept_forms(actor, browser, now)]
    return _page(request, "access/kept.html", {"forms": forms}) if forms else HttpResponseRedirect("/")


def _why_ended(request: HttpRequest, form: queries.Kept) -> Sequence[Any]:
    """Why she may not act any more for whom it was: then it is hers to copy, and nothing leads on."""
    if form.is_here or form.acting_for_id is None:
        return ()
    return request.why_not_for(form.acting_for_id)  # type: ignore[attr-defined, no-any-return]


@require_POST
def send(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Passes what was typed on to the page it was typed on, which is only drawn with it (config/middleware.py:
    given_back). 307 makes the browser carry it there, so that it stands in no address."""
    browser = request.COOKIES.get(cookies.name("kept"), "")
    path = services.take_form(actor=_who(request), browser=browser, form_id=form_id, now=timezone.now())
    to = f"{path}{'&' if '?' in path else '?'}{rules.GIVEN_BACK}=1" if path else reverse("access:kept")
    response = HttpResponseRedirect(to)
    response.status_code = 307 if path else 302
    return response


def _who(request: HttpRequest) -> Actor:
    return getattr(request, "actor", ANONYMOUS)


def _page(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    return render(request, template, context)
