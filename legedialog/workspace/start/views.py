"""Where an office begins: what it still lacks, until its patients can use it; then the calendar."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.core.times import local_day
from legedialog.journeys import getting_started
from legedialog.practices import policy as practices
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of
from legedialog.workspace.start.texts import STEPS


@staff_required(*policy.PAGES["settings"])
@require_GET
def home(request: htmx.Request) -> HttpResponse:
    practice_id = practice_of(request.actor)
    done = getting_started.done(practice_id, local_day(timezone.now()))
    if done.is_ready:
        return htmx.redirect(request, "workspace:calendar")
    steps = [(STEPS[name], getattr(done, name)) for name in getting_started.STEPS]
    context = {
        "steps": steps,
        "left": sum(not is_done for _, is_done in steps),
        "may": allows(practices.check_edit_practice, request.actor, practice_id),
    }
    return htmx.page(request, "workspace/start/home.html", context)
