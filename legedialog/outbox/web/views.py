"""What the demo would have sent. It shows everybody's notices, so it exists in the demo and in tests only."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from legedialog.outbox import queries


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    if not (settings.DEMO or settings.TEST):
        raise Http404
    return render(request, "outbox/demo.html", {"sent": queries.sent_in_demo()})
