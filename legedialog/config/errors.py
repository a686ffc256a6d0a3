"""Django's handlers for what went wrong, all drawn by the same page."""

import io
import sys
from typing import Any

from a2wsgi.wsgi import build_environ
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import translation

from legedialog.access import seals
from legedialog.access.web import kept
from legedialog.config.middleware import private_by_default, security_headers
from legedialog.core.master import KeyServerFailed
from legedialog.core.spool import SpoolFailed
from legedialog.ui import errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return errors.page(request, 400, errors.UNREAD if isinstance(exception, MultiPartParserError) else None)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return errors.page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return errors.page(request, 404)


AWAY = (OperationalError, InterfaceError, KeyServerFailed)  # what is there again by itself
AGAIN_IN = 15  # seconds


def failed(request: HttpRequest) -> HttpResponse:
    """A fault of ours, the database or the key server is away for a moment, or there is no room for files."""
    if isinstance(sys.exception(), SpoolFailed):
        return errors.page(request, 507)
    if not isinstance(sys.exception(), AWAY):
        return errors.page(request, 500)
    response = errors.page(request, 503)
    response["Retry-After"] = str(AGAIN_IN)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A token that ended when somebody logged in here since: a seal of ours tells whose form it was."""
    is_from_elsewhere = reason.startswith(("Origin checking", "Referer checking"))
    drawn = None if is_from_elsewhere else seals.of(request)
    return kept.refused(request, drawn) if drawn else errors.page(request, 403)


def refusal(scope: dict[str, Any], status: int) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and page for a request whose body is not read, so that no view ever sees it."""
    environ = build_environ({**scope, "method": "GET"}, None)  # type: ignore[arg-type, typeddict-item]
    environ.pop("CONTENT_LENGTH", None)
    request = WSGIRequest({**environ, "wsgi.input": io.BytesIO()})
    with translation.override(translation.get_language_from_request(request)):
        response = private_by_default(security_headers(lambda each: errors.page(each, status)))(request)
    assert isinstance(response, HttpResponse)  # noqa: S101  a page of ours
    return list(response.items()), response.content
