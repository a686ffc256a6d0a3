"""Text that was typed when a login had ended: said plainly, and sent again by the person's own click."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from legedialog.access import cookies, queries, rules, services
from legedialog.access.actor import ANONYMOUS, Actor


@dataclass(frozen=True, slots=True)
class Kept:
    id: UUID
    fields: list[tuple[str, str]]

    @property
    def words(self) -> list[str]:
        """What looks like a person's own words, to recognise it by."""
        return [value for _, value in self.fields if len(value.split()) > 1]


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
    """What of hers is kept in this browser; POST throws it away."""
    actor, browser, now = _who(request), request.COOKIES.get(cookies.name("kept"), ""), timezone.now()
    if request.method == "POST":
        services.forget_forms(actor=actor, browser=browser, now=now)
        return HttpResponseRedirect("/")
    forms = [
        Kept(form.pk, [(name, value) for name, value in json.loads(form.fields)])
        for form in queries.kept_forms(actor, browser, now)
    ]
    return _page(request, "access/kept.html", {"forms": forms}) if forms else HttpResponseRedirect("/")


@require_POST
def send(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Passes the form on to where it was going, unchanged: 307 makes the browser send it again, there."""
    browser = request.COOKIES.get(cookies.name("kept"), "")
    path = services.take_form(actor=_who(request), browser=browser, form_id=form_id, now=timezone.now())
    response = HttpResponseRedirect(path or "/")
    response.status_code = 307 if path else 302
    return response


def _who(request: HttpRequest) -> Actor:
    return getattr(request, "actor", ANONYMOUS)


def _page(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    return render(request, template, context)
