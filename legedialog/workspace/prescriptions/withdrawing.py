"""A doctor takes a prescription back, with the reason the patient reads."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from legedialog.access.actor import Role
from legedialog.access.web.guards import staff_required
from legedialog.audit.policy import may_open
from legedialog.core.errors import Refused
from legedialog.patients import queries as patients
from legedialog.pending import queries as pending_queries
from legedialog.pending import services as pending
from legedialog.prescriptions import office
from legedialog.prescriptions.rules import ANSWER_LENGTH
from legedialog.ui import dates, htmx
from legedialog.ui.forms import Textarea
from legedialog.workspace import purpose, undo
from legedialog.workspace.common import to_office

ACT = "prescription.withdraw"


class WithdrawForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Hvorfor"),
        max_length=ANSWER_LENGTH,
        widget=Textarea({"rows": 3}),
        help_text=gettext_lazy("Pasienten leser dette."),
        error_messages={"required": gettext_lazy("Skriv hvorfor. Pasienten leser det.")},
    )


@staff_required(Role.DOCTOR, Role.SUBSTITUTE)
@require_http_methods(["GET", "POST"])
def withdraw(request: htmx.Request, prescription_id: UUID) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    patient_id = office.patient_of(actor, prescription_id, now)
    if not may_open(actor, patient_id, now):
        return htmx.redirect(request, purpose.url(patient_id, request.path))
    patient = patients.profile(actor, patient_id, now)
    found = next((each for each in office.medicine_list(actor, patient, now) if each.id == prescription_id), None)
    unsent = pending_queries.unsent(actor, prescription_id, ACT)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"text": unsent.get("text", "")})
    status = None
    if form.is_valid():
        try:
            put = pending.put(
                actor=actor,
                name=ACT,
                object_id=prescription_id,
                patient_id=patient_id,
                given={"prescription_id": prescription_id, "text": form.cleaned_data["text"]},
                now=now,
            )
        except Refused as refused:
            on = refused.facts.get("on")
            form.add_error(None, f"{to_office(refused)} {_hentet(on) if on else ''}".strip())
            status = 409
        else:
            response = htmx.redirect(request, "workspace:medicine-list", patient_id)
            undo.told(request, response, ACT, [put.id], _("Resepten er trukket tilbake, og pasienten får beskjed."))
            return response
    context = {"form": form, "patient": patient, "medicine": found}
    return htmx.page(request, "workspace/prescriptions/withdraw.html", context, form=form, status=status)


def _hentet(on: object) -> str:
    return _("Sist hentet %(day)s.") % {"day": dates.short_date(on)}  # type: ignore[arg-type]
