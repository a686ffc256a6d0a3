"""Settings: which prescriptions the doctors renew without a consultation."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.actor import Role
from legedialog.access.web.guards import staff_required
from legedialog.core import reading
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.practices import queries as practices
from legedialog.prescriptions import office, treating
from legedialog.prescriptions.rules import Verdict
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.prescriptions.forms import AllowanceForm

MAY_CHANGE = (Role.DOCTOR, Role.MANAGER)


@staff_required(*policy.PAGES["settings"])
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request) -> HttpResponse:
    """Everybody at the office reads the list; a doctor adds for all and herself, the manager for all."""
    actor, now = request.actor, timezone.now()
    may_change = actor.role in MAY_CHANGE
    doctors = practices.offers_of_all(practice_of(actor), local_day(now))
    own = [each for each in doctors if actor.role is Role.MANAGER or each.clinician_id == actor.clinician_id]
    form = AllowanceForm(request.POST if request.method == "POST" else None, doctors=own)
    shown, changed = request.POST.get("mark", ""), False
    if form.is_valid():
        try:
            treating.allow(
                actor=actor,
                practice_id=practice_of(actor),
                clinician_id=reading.uuid(form.cleaned_data["clinician"]),
                atc=form.cleaned_data["atc"],
                label=form.cleaned_data["label"],
                verdict=Verdict(form.cleaned_data["verdict"]),
                shown=[found for each in shown.split() if (found := reading.uuid(each))],
                now=now,
            )
        except Refused as refused:
            changed = True
            form.add_error(None, to_office(refused))
        else:
            messages.success(request, _("Lagret."))
            return htmx.redirect(request, "workspace:settings-prescriptions")
    rows = [
        (row, may_change and (row.clinician_id is None or row.clinician_id in {each.clinician_id for each in own}))
        for row in office.allowances(actor)
    ]
    same = [
        (f"{row.atc} {row.label}", row.get_verdict_display())
        for row, _may in rows
        if changed
        and row.atc == form.cleaned_data["atc"]
        and str(row.clinician_id or "") == form.cleaned_data["clinician"]
    ]
    context = {
        "form": form,
        "rows": rows,
        "may_change": may_change,
        "mark": shown if form.is_bound and not changed else " ".join(str(row.pk) for row, _may in rows),
        "saved": same,
    }
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/prescriptions.html", context, part="form", form=form, status=status)


@staff_required(*MAY_CHANGE)
@require_POST
def remove(request: htmx.Request, allowance_id: UUID) -> HttpResponse:
    treating.remove_allowance(actor=request.actor, allowance_id=allowance_id, now=timezone.now())
    messages.success(request, _("Fjernet fra listen."))
    return htmx.redirect(request, "workspace:settings-prescriptions")
