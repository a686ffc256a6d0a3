"""Django's handlers for what went wrong, all drawn by the same page."""

from django.http import HttpRequest, HttpResponse

from legedialog.ui import errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return errors.page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return errors.page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return errors.page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    return errors.page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return errors.page(request, 403)
