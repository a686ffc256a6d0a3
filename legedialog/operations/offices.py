"""Kontorer: the operator opens an office, gives it its first manager, and sees what it still lacks. No patients."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from legedialog.access.web import operator_required
from legedialog.core import seen
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.journeys import getting_started, staffing
from legedialog.practices import queries, rules
from legedialog.practices import services as practices
from legedialog.practices.texts import SERVICES
from legedialog.ui import htmx

CHOICES = [(service.value, text.name) for service, text in SERVICES.items()]
AT = {
    rules.BAD_OFFICE_NUMBER.code: "organisation_number",
    rules.OFFICE_THERE_ALREADY.code: "organisation_number",
    rules.NOT_A_NATIONAL_NUMBER.code: "national_number",
}


class ServicesForm(forms.Form):
    supported_services = forms.MultipleChoiceField(
        label=gettext_lazy("Hva journalsystemet til kontoret støtter"),
        choices=CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ManagerForm(forms.Form):
    manager = forms.CharField(label=gettext_lazy("Navnet til lederen"), max_length=200)
    national_number = forms.CharField(
        label=gettext_lazy("Fødselsnummeret til lederen"),
        max_length=20,
        help_text=gettext_lazy("11 siffer. Lederen logger inn med HelseID og legger til resten av kontoret."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


class OfficeForm(ManagerForm, ServicesForm):
    name = forms.CharField(label=gettext_lazy("Navnet på kontoret"), max_length=200)
    organisation_number = forms.CharField(
        label=gettext_lazy("Organisasjonsnummer"),
        max_length=20,
        help_text=gettext_lazy("Ni siffer."),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    field_order = ("name", "organisation_number", "manager", "national_number", "supported_services")


@operator_required
@require_safe
def index(request: htmx.Request) -> HttpResponse:
    return htmx.page(request, "operations/offices.html", {"rows": queries.offices(local_day(timezone.now()))})


@operator_required
@require_http_methods(["GET", "POST"])
def new(request: htmx.Request) -> HttpResponse:
    initial = {"supported_services": [value for value, _name in CHOICES]}
    form = OfficeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            office = staffing.open_office(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(AT.get(refused.code), str(refused.message))
        else:
            messages.success(request, _("Kontoret er opprettet. Lederen kan logge inn nå."))
            return htmx.redirect(request, "operations:office", office.pk)
    return htmx.page(request, "operations/new_office.html", {"form": form}, part="form", form=form)


@operator_required
@require_http_methods(["GET", "POST"])
def office(request: htmx.Request, office_id: UUID) -> HttpResponse:
    """`do` is the form: what the record system carries, or one more manager."""
    now = timezone.now()
    offices = queries.offices(local_day(now))
    there = next((each for each in offices if each.id == office_id), None)
    row = queries.practice(office_id)
    if there is None or row is None:
        raise NotFound
    do = request.POST.get("do", "")
    carries = ServicesForm(
        request.POST if do == "services" else None, initial={"supported_services": list(row.supported_services)}
    )
    manager = ManagerForm(request.POST if do == "manager" else None)
    status = None
    try:
        if carries.is_valid():
            practices.support(
                actor=request.actor,
                practice_id=office_id,
                services=carries.cleaned_data["supported_services"],
                mark=request.POST.get("mark", ""),
                now=now,
            )
            messages.success(request, _("Endringen er lagret."))
            return htmx.redirect(request, "operations:office", office_id)
        if manager.is_valid():
            staffing.appoint(
                actor=request.actor,
                practice_id=office_id,
                name=manager.cleaned_data["manager"],
                national_number=manager.cleaned_data["national_number"],
                now=now,
            )
            messages.success(request, _("Lederen kan logge inn nå."))
            return htmx.redirect(request, "operations:office", office_id)
    except Refused as refused:
        form = carries if do == "services" else manager
        status = 409 if refused.code == seen.CHANGED.code else None
        form.add_error(AT.get(refused.code), str(refused.message))
    done = getting_started.done(office_id, local_day(now))
    context = {
        "row": row,
        "there": there,
        "carries": carries,
        "manager": manager,
        "mark": seen.mark(*row.supported_services),
        "is_ready": done.is_ready,
        "has_lists": done.patients,
    }
    form = manager if do == "manager" else carries
    return htmx.page(request, "operations/office.html", context, form=form, status=status)
