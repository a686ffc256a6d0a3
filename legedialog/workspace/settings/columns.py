"""Kolonner: what has a calendar at the office and is no doctor. The manager's to change."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office, rules
from legedialog.appointments import policy as appointments_policy
from legedialog.appointments import services as appointments
from legedialog.core import seen
from legedialog.core.times import local_day
from legedialog.practices import queries as practices
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of
from legedialog.workspace.settings.forms import ColumnForm
from legedialog.workspace.settings.seeing import seen_in, tried
from legedialog.workspace.texts import COLUMNS

ROLES = policy.PAGES["settings"]


@staff_required(*ROLES)
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    context = {
        "rows": [(row, COLUMNS[row.clinician.column]) for row in office.columns(request.actor)],
        "manages": allows(appointments_policy.check_manages, request.actor, practice_of(request.actor)),
    }
    return htmx.page(request, "workspace/settings/columns.html", context)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def column(request: htmx.Request, column_id: UUID | None = None) -> HttpResponse:
    """A new one goes on to its weekly plan: before that nobody can be booked there."""
    actor, now, practice_id = request.actor, timezone.now(), practice_of(request.actor)
    row = appointments_policy.find_column(actor, column_id) if column_id else None
    appointments_policy.check_manages(actor, practice_id)
    initial = (
        {
            "name": row.clinician.name,
            "column": row.clinician.column,
            "responsible": str(row.clinician.responsible_id),
            "is_active": row.is_active,
        }
        if row
        else {}
    )
    doctors = [(str(each.clinician_id), each.name) for each in practices.offers_of_all(practice_id, local_day(now))]
    form = ColumnForm(
        request.POST if request.method == "POST" else None, initial=initial, choices={"responsible": doctors}
    )
    saved, changed = tried(
        form,
        lambda: appointments.save_column(
            actor=actor,
            practice_id=practice_id,
            column_id=column_id,
            name=form.cleaned_data["name"],
            column=form.cleaned_data["column"],
            responsible_id=form.cleaned_data["responsible"],
            is_active=form.cleaned_data["is_active"],
            mark=request.POST.get("mark", ""),
            now=now,
        ),
        taken=_("Kontoret har allerede en kolonne med dette navnet."),
    )
    if saved:
        messages.success(request, _("Kolonnen er lagret."))
        return htmx.redirect(request, "workspace:settings-columns")
    mark = seen.mark(*rules.seen_of_column(row)) if row else ""
    context = {"form": form, "row": row, **seen_in(form, mark, changed=changed)}
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/column.html", context, part="form", form=form, status=status)
