from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from legedialog.access.actor import Kind
from legedialog.core import contexts
from legedialog.practices.texts import SERVICES
from legedialog.ui import htmx

# Those who are logged in go to where they work. The office's and the operator's pages are in shells of their own.
HOMES = {Kind.CITIZEN: "/hjem/", Kind.STAFF: "/kontor/", Kind.OPERATOR: "/drift/"}


@require_safe
def front(request: htmx.Request) -> HttpResponse:
    """Nothing about any office before login."""
    home = HOMES.get(request.actor.kind)
    if home:
        return HttpResponseRedirect(home)
    topics = {service: topic for topic in contexts.topics().values() for service in topic.services}
    services = [(text, topics[service]) for service, text in SERVICES.items()]
    return htmx.page(request, "portal/home/front.html", {"services": services})
