from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.consent.rules import Level
from legedialog.patients.rules import NoticeKind, Way, clean_email, clean_phone


class ContactForm(forms.Form):
    phone = forms.CharField(
        label=_("Mobilnummer"),
        required=False,
        max_length=30,
        help_text=_("Utenlandske nummer begynner med + og landkoden."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.CharField(
        label=_("E-postadresse"),
        required=False,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def clean_phone(self) -> str:
        try:
            return clean_phone(self.cleaned_data["phone"])
        except ValueError:
            raise forms.ValidationError(
                _("Skriv et norsk nummer med 8 sifre, eller et utenlandsk som begynner med +.")
            ) from None

    def clean_email(self) -> str:
        try:
            return clean_email(self.cleaned_data["email"])
        except ValueError:
            raise forms.ValidationError(_("Skriv e-postadressen på formen navn@eksempel.no.")) from None


class NoticesForm(forms.Form):
    """One field for each kind of notice: which way it goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in NoticeKind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=Way.choices,
                error_messages={"required": _("Velg ett av alternativene.")},
            )

    @property
    def ways(self) -> dict[NoticeKind, Way]:
        return {kind: Way(self.cleaned_data[kind]) for kind in NoticeKind}


class WithdrawForm(forms.Form):
    to = forms.ChoiceField(
        label=_("Hva vil du ha igjen?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg ett av alternativene.")},
    )

    def __init__(self, *args: Any, level: Level, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        less = {
            Level.BASIS: _("Bare se hvem fastlegen min er, og hvordan jeg når kontoret (Basis)"),
            Level.NONE: _("Ingenting: slå av alle tjenestene her, og slett det som kan slettes"),
        }
        left = [(each.value, text) for each, text in less.items() if each != level]
        self.fields["to"].choices = left  # type: ignore[attr-defined]
        self.fields["to"].initial = left[0][0]

    @property
    def level(self) -> Level:
        return Level(self.cleaned_data["to"])


class LockForm(forms.Form):
    understood = forms.BooleanField(
        label=_("Jeg forstår at bare legekontoret kan åpne tilgangen igjen."),
        error_messages={"required": _("Sett hake for at du forstår det.")},
    )
