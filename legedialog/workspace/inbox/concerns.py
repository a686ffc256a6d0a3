"""A citizen asks about a row in her log; a doctor or the manager answers, never the one it is about."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.journeys import log
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.inbox.forms import ConcernAnswerForm


@staff_required(*policy.PAGES["concerns"])
@require_http_methods(["GET", "POST"])
def answer(request: htmx.Request, concern_id: UUID) -> HttpResponse:
    now = timezone.now()
    form = ConcernAnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        log.answer(actor=request.actor, concern_id=concern_id, text=form.cleaned_data["text"], now=now)
        messages.success(request, _("Svaret er sendt. Innbyggeren leser det i loggen sin."))
        return htmx.redirect(request, "workspace:inbox")
    context = {"concern": log.concern(request.actor, concern_id, now), "form": form}
    return htmx.page(request, "workspace/inbox/concern.html", context, part="form", form=form)
