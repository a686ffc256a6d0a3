from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.audit.rules import CONCERN_LENGTH
from legedialog.patients.rules import clean_phone
from legedialog.ui.forms import DateInput, Textarea


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


class LogFilterForm(forms.Form):
    """Sent by GET, so that a view of the log has an address."""

    fra = forms.DateField(label=_("Fra og med"), required=False, widget=DateInput)
    til = forms.DateField(label=_("Til og med"), required=False, widget=DateInput)
    hvem = forms.ChoiceField(
        label=_("Hvem"),
        required=False,
        choices=[("", _("Alle")), ("office", _("Legekontoret")), ("me", _("Meg selv")), ("others", _("Andre"))],
    )
    hva = forms.ChoiceField(
        label=_("Hva"),
        required=False,
        choices=[("", _("Alt")), ("read", _("Bare lest")), ("change", _("Bare endret"))],
    )


class ConcernForm(forms.Form):
    text = forms.CharField(
        label=_("Hva vil du spørre om?"),
        max_length=CONCERN_LENGTH,
        widget=Textarea(),
        help_text=_("Skriv for eksempel at du ikke kjenner personen, eller ikke forstår hvorfor dette ble åpnet."),
    )
