"""One template and one URL for a page and its parts. See docs: style guide, "Views, forms, templates, htmx"."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.messages import get_messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from legedialog.access.actor import Actor
from legedialog.core import typed

TITLE = re.compile('<title data-error="([^"]*)">')  # of ui/base.html


class Request(HttpRequest):
    """What views get: `htmx` from django_htmx, `actor` from the access middleware. For types only."""

    htmx: HtmxDetails
    actor: Actor


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    part: str | None = None,
    form: BaseForm | None = None,
    status: int | None = None,
    is_kept: bool = False,
) -> HttpResponse:
    """The whole page, or for htmx its partial named `part`, with new messages beside it.

    The status is 422 when `form` has errors, unless `status` says otherwise. What was sent and not done (409, 422)
    stands in the page, in its form or beside it: nobody loses what she has typed because its form is gone.
    `is_kept`: the view keeps it, for a form further on.
    """
    if status is None:
        status = 422 if form is not None and form.errors else 200
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    is_part = bool(part and htmx and not htmx.boosted and not htmx.history_restore_request)
    if is_part:
        html: str = render_to_string(f"{template}#{part}", dict(context or {}), request)
        # A page that renews itself takes no message: it belongs to the page where somebody did something.
        if "X-Live" not in request.headers and len(get_messages(request)):
            html += render_to_string("ui/messages.html", {"beside": True}, request)
    else:
        html = render_to_string(template, dict(context or {}), request)
        if "<ds-error-summary" in html:  # the first thing that is read aloud; of a part, assets/parts.js does it
            html = TITLE.sub(lambda found: f"{found[0]}{found[1]} ", html, count=1)
    response = HttpResponse(html, status=status)
    if status >= 400 and not is_kept and (unsent := _unsent(request, html)):
        response.content = render_to_string(template, {**(context or {}), "unsent": unsent}, request).encode()
        if is_part:
            response["HX-Retarget"] = response["HX-Reselect"] = "#content"
            response["HX-Reswap"] = "outerHTML"
    patch_vary_headers(response, ["HX-Request"])
    return response


def _unsent(request: HttpRequest, html: str) -> list[str]:
    """Her words that the page does not show. A field that saves itself keeps what stands in it."""
    if "X-Autosave" in request.headers:
        return []
    return typed.missing(typed.words_in(request.POST), html)


def redirect(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """To a view's name or a URL: the browser loads it as a new page, with and without htmx."""
    url = resolve_url(to, *args, **kwargs)
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
