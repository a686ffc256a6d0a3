from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.patients.representation import ATTORNEY_NAMES
from legedialog.patients.rules import clean_phone
from legedialog.ui.forms import DateInput


class ContactForm(forms.Form):
    phone = forms.CharField(
        label=_("Mobilnummer"),
        required=False,
        max_length=30,
        help_text=_("Utenlandske nummer begynner med + og landkoden."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-postadresse"),
        required=False,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": _("Skriv e-postadressen på formen navn@eksempel.no.")},
    )
    notify_by_sms = forms.BooleanField(label=_("Send meg beskjeder på SMS"), required=False)
    notify_by_email = forms.BooleanField(label=_("Send meg beskjeder på e-post"), required=False)

    def clean_phone(self) -> str:
        try:
            return clean_phone(self.cleaned_data["phone"])
        except ValueError:
            raise forms.ValidationError(
                _("Skriv et norsk nummer med 8 sifre, eller et utenlandsk som begynner med +.")
            ) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("notify_by_sms") and data.get("phone") == "":
            self.add_error("phone", _("Skriv mobilnummeret, eller ta bort haken for SMS."))
        if data.get("notify_by_email") and data.get("email") == "":
            self.add_error("email", _("Skriv e-postadressen, eller ta bort haken for e-post."))
        return data


class WithdrawForm(forms.Form):
    to = forms.ChoiceField(
        label=_("Hva vil du ha igjen?"),
        choices=[
            ("basis", _("Bare se hvem fastlegen min er, og hvordan jeg når kontoret")),
            ("none", _("Ingenting: slå av alle tjenestene her")),
        ],
        initial="basis",
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg ett av alternativene.")},
    )


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
    last_date = forms.DateField(
        label=_("Siste dag"),
        required=False,
        help_text=_("La feltet stå tomt hvis fullmakten skal gjelde til en av dere avslutter den."),
        widget=DateInput,
        error_messages={"invalid": _("Velg en dato.")},
    )
