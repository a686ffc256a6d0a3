"""A citizen asks for correction or erasure in her record; a doctor or the manager answers within 30 days."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.journal.texts import ASKED, OUTCOMES
from legedialog.journeys import misfiling
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.inbox.forms import CorrectionAnswerForm


@staff_required(*policy.PAGES["concerns"])
@require_http_methods(["GET", "POST"])
def answer(request: htmx.Request, correction_id: UUID) -> HttpResponse:
    now = timezone.now()
    form = CorrectionAnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        misfiling.answer(
            actor=request.actor,
            correction_id=correction_id,
            outcome=form.cleaned_data["outcome"],
            text=form.cleaned_data["text"],
            now=now,
        )
        messages.success(request, _("Svaret er sendt. Innbyggeren leser det under Profil."))
        return htmx.redirect(request, "workspace:inbox")
    found = misfiling.opened(request.actor, correction_id, now)
    context = {
        "row": found,
        "asked": ASKED[found.asked],
        "outcome": OUTCOMES.get(found.outcome, ""),
        "form": form,
        "may_see_patient": policy.may(request.actor, "patients"),
    }
    return htmx.page(request, "workspace/inbox/correction.html", context, part="form", form=form)
