"""Who works at the office, and the office's own address: Ansatte and Kontoret. The manager's to change."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from legedialog.access.actor import Role
from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.core import seen
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.journeys import staffing
from legedialog.practices import employees as services
from legedialog.practices import policy as practices_policy
from legedialog.practices import queries, rules
from legedialog.practices import services as practices_services
from legedialog.practices.queries import EmployeeRow
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of, to_office
from legedialog.workspace.settings.forms import EmployeeForm, LeaveForm, NewEmployeeForm, OfficeForm
from legedialog.workspace.settings.seeing import seen_in, tried
from legedialog.workspace.texts import ROLES as WORDS

ROLES = policy.PAGES["settings"]
# Which field a refusal stands at.
AT = {
    rules.NOT_A_NATIONAL_NUMBER.code: "national_number",
    rules.NOT_AN_HPR_NUMBER.code: "hpr_number",
    rules.HPR_NUMBER_MISSING.code: "hpr_number",
    rules.LAST_MANAGER.code: "role",
    rules.WRONG_LAST_DAY.code: "last_date",
    rules.WRONG_SUCCESSOR.code: "successor",
}


@staff_required(*ROLES)
@require_GET
def employees(request: htmx.Request) -> HttpResponse:
    practice_id, today = practice_of(request.actor), local_day(timezone.now())
    rows = [(row, WORDS[row.role]) for row in queries.employees(practice_id)]
    context = {
        "there": [(row, word) for row, word in rows if row.is_there(today)],
        "coming": [(row, word) for row, word in rows if row.starts_date > today and not row.has_left(today)],
        "left": [(row, word) for row, word in rows if row.has_left(today)],
        "may": allows(practices_policy.check_edit_practice, request.actor, practice_id),
    }
    return htmx.page(request, "workspace/settings/employees.html", context)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def new_employee(request: htmx.Request) -> HttpResponse:
    now, practice_id = timezone.now(), practice_of(request.actor)
    practices_policy.check_edit_practice(request.actor, practice_id)
    form = NewEmployeeForm(
        request.POST if request.method == "POST" else None, initial={"starts_date": local_day(now), "role": "secretary"}
    )
    if form.is_valid():
        fields = {**form.cleaned_data, "role": Role(form.cleaned_data["role"])}
        try:
            employee = staffing.employ(actor=request.actor, practice_id=practice_id, now=now, **fields)
        except Refused as refused:
            _say(form, refused)
        else:
            text = _("%(name)s kan logge inn med HelseID fra første arbeidsdag.")
            messages.success(request, text % {"name": employee.name})
            return htmx.redirect(request, "workspace:settings-employees")
    return htmx.page(request, "workspace/settings/new_employee.html", {"form": form}, part="form", form=form)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def employee(request: htmx.Request, employee_id: UUID) -> HttpResponse:
    """Her name and role, and what is hers until she leaves, or what she left and nobody has taken yet."""
    now, practice_id = timezone.now(), practice_of(request.actor)
    row = _row(request, practice_id, employee_id)
    form = EmployeeForm(
        request.POST if request.method == "POST" else None, initial={"name": row.name, "role": row.role}
    )
    changed = False
    if form.is_valid():
        try:
            services.change(
                actor=request.actor,
                employee_id=employee_id,
                name=form.cleaned_data["name"],
                role=Role(form.cleaned_data["role"]),
                mark=request.POST.get("mark", ""),
                now=now,
            )
        except Refused as refused:
            changed = refused.code == seen.CHANGED.code
            _say(form, refused)
        else:
            messages.success(request, _("Endringen er lagret."))
            return htmx.redirect(request, "workspace:settings-employees")
    context = {
        "form": form,
        "row": row,
        "role": WORDS[row.role],
        "has_left": row.has_left(local_day(now)),
        "behind": staffing.left_by(request.actor, employee_id, row.last_date, now) if row.ends_date else None,
        **seen_in(form, _mark(row), changed=changed),
    }
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/employee.html", context, part="form", form=form, status=status)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def leave(request: htmx.Request, employee_id: UUID) -> HttpResponse:
    """When, who takes over, then what she leaves behind; it is confirmed as it was shown."""
    now, practice_id = timezone.now(), practice_of(request.actor)
    row = _row(request, practice_id, employee_id)
    if row.ends_date:
        return htmx.redirect(request, "workspace:settings-employee", employee_id)
    choices = queries.successors(practice_id, employee_id, local_day(now))
    form = LeaveForm(
        request.POST if request.method == "POST" else None,
        initial={"last_date": local_day(now)},
        choices={"successor": [("", _("Ingen")), *((str(key), name) for key, name in choices)]},
    )
    behind, shown, changed = None, "", False
    if form.is_valid():
        fields = form.cleaned_data
        behind = staffing.left_by(request.actor, employee_id, fields["last_date"], now)
        shown = seen.mark(fields["last_date"], fields["successor"], behind)
        if request.POST.get("confirmed") == shown:
            try:
                staffing.leave(
                    actor=request.actor,
                    employee_id=employee_id,
                    last_date=fields["last_date"],
                    successor_id=fields["successor"],
                    mark=request.POST.get("mark", ""),
                    now=now,
                )
            except Refused as refused:
                changed, behind = refused.code == seen.CHANGED.code, None
                _say(form, refused, otherwise="last_date")
            else:
                messages.success(request, _("Siste dag er registrert."))
                return htmx.redirect(request, "workspace:settings-employee", employee_id)
    context = {
        "form": form,
        "row": row,
        "behind": behind,
        "heir": next((name for key, name in choices if key == form.cleaned_data["successor"]), "") if behind else "",
        "shown": shown,
        "mark": _mark(row) if not form.is_bound or changed else request.POST.get("mark", ""),
    }
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/leave.html", context, part="form", form=form, status=status)


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def office(request: htmx.Request) -> HttpResponse:
    """Address, telephone and how to find it. Name and organisation number are the register's."""
    practice_id = practice_of(request.actor)
    practices_policy.check_edit_practice(request.actor, practice_id)
    row = queries.practice(practice_id)
    assert row  # noqa: S101  she works there
    form = OfficeForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(row, name) for name in queries.CONTACT},
    )
    saved, changed = tried(
        form,
        lambda: practices_services.save_contact(
            actor=request.actor,
            practice_id=practice_id,
            mark=request.POST.get("mark", ""),
            now=timezone.now(),
            **form.cleaned_data,
        ),
    )
    if saved:
        messages.success(request, _("Opplysningene om kontoret er lagret."))
        return htmx.redirect(request, "workspace:settings")
    context = {"form": form, "row": row, **seen_in(form, seen.mark(*queries.seen_of_contact(row)), changed=changed)}
    status = 409 if changed else None
    return htmx.page(request, "workspace/settings/office.html", context, part="form", form=form, status=status)


def _row(request: htmx.Request, practice_id: UUID, employee_id: UUID) -> EmployeeRow:
    row = queries.employee(practice_id, employee_id)
    practices_policy.check_edit_practice(request.actor, practice_id)
    return row


def _mark(row: EmployeeRow) -> str:
    return seen.mark(*rules.seen_of_employee(row))


def _say(form: Any, refused: Refused, otherwise: str | None = None) -> None:
    field = AT.get(refused.code, otherwise)
    form.add_error(field if field in form.fields else otherwise, to_office(refused))
