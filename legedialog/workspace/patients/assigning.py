"""Tildelt fullmakt: the doctor confirms that a patient lacks capacity and who acts for her, and ends it again."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from legedialog.access.web.guards import staff_required
from legedialog.audit.policy import may_open
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.journeys import assigning
from legedialog.journeys.assigning import ASSESSMENT_LENGTH, RELATION_LENGTH
from legedialog.patients import queries as patients
from legedialog.patients.rules import age_on
from legedialog.ui import htmx
from legedialog.ui.forms import Textarea
from legedialog.workspace import policy, purpose
from legedialog.workspace.common import to_office


class AssignForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Fødselsnummeret til den pårørende"),
        max_length=20,
        help_text=gettext_lazy("11 siffer."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Hele navnet til den pårørende"),
        max_length=200,
        help_text=gettext_lazy("Fornavn, mellomnavn og etternavn, som i Folkeregisteret."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    relation = forms.CharField(
        label=gettext_lazy("Hvem er det for pasienten?"),
        max_length=RELATION_LENGTH,
        help_text=gettext_lazy("For eksempel datter, ektefelle eller bror."),
    )
    assessment = forms.CharField(
        label=gettext_lazy("Vurderingen din"),
        max_length=ASSESSMENT_LENGTH,
        help_text=gettext_lazy(
            "Hva som gjør at pasienten varig mangler evne til å samtykke, og når du vurderte det. Det står i journalen."
        ),
        widget=Textarea({"rows": 4}),
    )
    is_assessed = forms.BooleanField(
        label=gettext_lazy(
            "Jeg har vurdert at pasienten varig mangler samtykkekompetanse, og at dette er nærmeste pårørende."
        ),
        error_messages={"required": gettext_lazy("Vurder samtykkekompetansen, og sett hake.")},
    )


class EndForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Hvorfor avsluttes fullmakten?"),
        max_length=ASSESSMENT_LENGTH,
        help_text=gettext_lazy("Det står i journalen."),
        widget=Textarea({"rows": 3}),
    )


@staff_required(*policy.PAGES["assigning"])
@require_http_methods(["GET", "POST"])
def index(request: htmx.Request, patient_id: UUID) -> HttpResponse:
    """Who has it now and before, and the form that gives it. Asks for a purpose like the patient's other pages."""
    now = timezone.now()
    person = assigning.check_confirms(request.actor, patient_id, now)  # who may not at all is never asked for a purpose
    if not may_open(request.actor, patient_id, now):
        return htmx.redirect(request, purpose.url(patient_id, request.path))
    form = AssignForm(request.POST if request.method == "POST" else None)
    status = None
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "relation", "assessment")}
        try:
            assigning.confirm(
                actor=request.actor,
                patient_id=patient_id,
                national_number=form.cleaned_data["number"],
                **given,
                now=now,
            )
        except Refused as refused:
            form.add_error(None, to_office(refused))
            status = 409
        else:
            messages.success(request, _("Fullmakten er bekreftet. Den pårørende kan handle for pasienten fra nå."))
            return htmx.redirect(request, "workspace:assigned", patient_id)
    found = assigning.of_patient(request.actor, person, now)
    patient = patients.profile_of(person, now)
    context = {
        "patient": patient,
        "age": age_on(patient.birth_date, local_day(now)),
        "running": [each for each in found if not each.ended_at],
        "ended": [each for each in found if each.ended_at],
        "form": form,
    }
    return htmx.page(request, "workspace/patients/assigned.html", context, part="form", form=form, status=status)


@staff_required(*policy.PAGES["assigning"])
@require_http_methods(["GET", "POST"])
def end(request: htmx.Request, assignment_id: UUID) -> HttpResponse:
    now = timezone.now()
    person, found = assigning.one(request.actor, assignment_id, now)
    if not may_open(request.actor, person.pk, now):
        return htmx.redirect(request, purpose.url(person.pk, request.path))
    form = EndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        assigning.end(actor=request.actor, assignment_id=assignment_id, reason=form.cleaned_data["reason"], now=now)
        messages.success(request, _("Fullmakten er avsluttet."))
        return htmx.redirect(request, "workspace:assigned", person.pk)
    context = {"patient": patients.profile_of(person, now), "assigned": found, "form": form}
    return htmx.page(request, "workspace/patients/end_assigned.html", context, part="form", form=form)
