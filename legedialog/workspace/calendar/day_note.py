"""Merknad: what the office writes of a doctor's day, above it in the calendar. Taken back for ten minutes."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.appointments import office, services
from legedialog.appointments import policy as appointments_policy
from legedialog.appointments.rules import seen_of_note
from legedialog.core import reading, seen
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.ui import dates, htmx
from legedialog.workspace import policy, undo
from legedialog.workspace.calendar.booking import CHANGED, is_beside
from legedialog.workspace.calendar.forms import DayNoteForm
from legedialog.workspace.common import read_day, to_office


@staff_required(*policy.PAGES["booking"])
@require_http_methods(["GET", "POST"])
def write(request: htmx.Request) -> HttpResponse:
    """The address holds the calendar and the day."""
    now = timezone.now()
    calendar_id = reading.uuid(request.GET.get("kalender"))
    if calendar_id is None:
        raise NotFound
    calendar = appointments_policy.find_calendar(request.actor, calendar_id)
    day = read_day(request.GET.get("dag"), local_day(now))
    text, mark = office.day_note(request.actor, calendar_id, day)
    form = DayNoteForm(request.POST if request.method == "POST" else None, initial={"text": text})
    status = None
    day_url = f"{reverse('workspace:calendar')}?dag={day}"
    title = f"{calendar.clinician.name}, {dates.long_date(day)}"
    if form.is_valid():
        try:
            row = services.write_day_note(
                actor=request.actor,
                calendar_id=calendar_id,
                day=day,
                text=form.cleaned_data["text"],
                was=request.POST.get("mark", ""),
                now=now,
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
            status = 409
        else:
            return _written(request, title, row.pk, seen.mark(*seen_of_note(row.text)), day_url)
    context = {"form": form, "mark": mark, "title": title, "there": text if status else "", "day_url": day_url}
    return htmx.page(request, "workspace/calendar/day_note.html", context, part="panel", form=form, status=status)


def _written(request: htmx.Request, title: str, note_id: UUID, mark: str, day_url: str) -> HttpResponse:
    done = undo.Done(undo.NOTE, [(note_id, None, mark)], timezone.now())
    if is_beside(request):
        response = htmx.page(
            request, "workspace/calendar/done.html", {"title": title, "said": done.words, "undo": done}, part="panel"
        )
        response["HX-Trigger"] = CHANGED
    else:
        response = htmx.redirect(request, day_url)
    undo.remember(request, response, undo.NOTE, done.items)
    return response
