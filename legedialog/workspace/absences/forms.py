from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.ui.forms import Textarea
from legedialog.workspace.forms import ChoicesForm, day_field


class AbsenceForm(ChoicesForm):
    clinician = forms.TypedChoiceField(label=_("Lege"), coerce=UUID, error_messages={"required": _("Velg en lege.")})
    first_date = day_field(_("Første dag"))
    last_date = day_field(_("Siste dag"), help_text=_("Dagen er med i fraværet."))
    substitute = forms.TypedChoiceField(label=_("Vikar"), coerce=UUID, required=False, empty_value=None)
    note = forms.CharField(
        label=_("Beskjed til pasientene"),
        required=False,
        max_length=300,
        widget=Textarea({"rows": 2}),
        help_text=_("Innbyggeren leser dette. Skriv ikke hvorfor legen er borte."),
    )
