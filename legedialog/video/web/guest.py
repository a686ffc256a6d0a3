"""A guest's two pages: the link, which works once, and the room."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from legedialog.access import cookies
from legedialog.core import fence
from legedialog.core.errors import NotFound, Refused
from legedialog.ui import htmx
from legedialog.video import guests, pages, services
from legedialog.video.policy import Visitor


@require_http_methods(["GET", "POST"])
@fence.system("a guest is known by her link or cookie, not by a login")
def link(request: htmx.Request, token: str) -> HttpResponse:
    """Reading it spends nothing: mail programs open links by themselves. The button does."""
    now = timezone.now()
    try:
        guest = guests.invited(token, now)
    except NotFound:
        return _gone(request)
    context = {"guest": guest, "appointment": guest.room.appointment, "refused": ""}
    if request.method == "POST":
        try:
            cookie = guests.use(token=token, now=now)
        except NotFound:
            return _gone(request)
        except Refused as refused:
            return htmx.page(request, "video/guest_link.html", context | {"refused": refused.message}, status=409)
        services.enter_as_guest(cookie=cookie, now=now)
        response = htmx.redirect(request, "video:guest")
        cookies.put(response, "guest", cookie)
        return response
    return htmx.page(request, "video/guest_link.html", context)


@require_http_methods(["GET", "POST"])
@fence.system("a guest is known by her link or cookie, not by a login")
def room(request: htmx.Request) -> HttpResponse:
    """Her link's button has seated her; who has left presses to come back."""
    now = timezone.now()
    cookie = request.COOKIES.get(cookies.name("guest"), "")
    try:
        if request.method == "POST":
            services.enter_as_guest(cookie=cookie, now=now)
            return htmx.redirect(request, "video:guest")
        seat = services.guest_at_the_door(cookie=cookie, now=now)
    except NotFound:
        return _gone(request)
    except Refused as refused:
        return htmx.page(request, "video/guest_over.html", {"refused": refused.message})
    if seat is None:
        return htmx.page(request, "video/guest_door.html")
    visitor = Visitor(cookie=cookie)
    return htmx.page(request, "video/guest_room.html", pages.room(visitor, seat, now))


def _gone(request: htmx.Request) -> HttpResponse:
    """One answer for all that does not work, so that it tells nothing of a visit."""
    return htmx.page(request, "video/guest_gone.html", status=404)
