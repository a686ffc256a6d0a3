from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.patients.representation import ATTORNEY_NAMES
from legedialog.ui.forms import DayField


class PowerForm(forms.Form):
    number = forms.CharField(
        label=_("Fødselsnummeret til den som skal få fullmakt"),
        max_length=20,
        help_text=_("11 siffer. Spør den det gjelder."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Hele navnet"),
        max_length=200,
        help_text=_("Fornavn, mellomnavn og etternavn, som i Folkeregisteret."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    areas = forms.MultipleChoiceField(
        label=_("Hva skal fullmakten gjelde?"),
        choices=list(ATTORNEY_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Velg minst ett område.")},
    )
    last_date = DayField(
        label=_("Siste dag"),
        required=False,
        help_text=_("La feltet stå tomt hvis fullmakten skal gjelde til en av dere avslutter den."),
        error_messages={"invalid": _("Velg en dato.")},
    )
