"""Forms of the record. They hold their texts and save nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.journal import icpc2, texts
from legedialog.journal.rules import REASON_LENGTH, TEXT_LENGTH, WORDS_LENGTH
from legedialog.ui.forms import DayField, NumberField, Textarea

ALL = ("", _("Alle"))


class WordsForm(forms.Form):
    words = forms.CharField(
        label=_("Søk i journalen"),
        max_length=WORDS_LENGTH,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
        error_messages={"required": _("Skriv ord å søke etter.")},
    )


class FilterForm(forms.Form):
    slag = forms.ChoiceField(label=_("Slag"), required=False, choices=[ALL, *texts.KINDS.items()])
    kontakt = forms.ChoiceField(label=_("Kontakt"), required=False, choices=[ALL, *texts.CONTACT_TYPES.items()])
    fra = DayField(label=_("Fra"), required=False)
    til = DayField(label=_("Til"), required=False)


class ProblemField(forms.CharField):
    """An ICPC-2 code, typed or picked; "" for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Problem eller diagnose (ICPC-2)"),
            required=False,
            max_length=80,
            widget=forms.TextInput({"list": "problems", "autocomplete": "off"}),
            help_text=_("Skriv koden, for eksempel S07, eller en del av navnet og velg. Kan stå tom."),
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        code = icpc2.parse(text) if text else ""
        if code is None:
            raise forms.ValidationError(_("Skriv en kode med en bokstav og to tall, som S07."))
        return code


class NoteForm(forms.Form):
    contact_type = forms.ChoiceField(
        label=_("Kontakt"),
        choices=[(value, text) for value, text in texts.CONTACT_TYPES.items() if value != "renewal"],
        error_messages={"required": _("Velg hvordan dere møttes.")},
    )
    problem = ProblemField()
    text = forms.CharField(
        label=_("Notat"),
        max_length=TEXT_LENGTH,
        widget=Textarea({"rows": 8}),
        help_text=_("Pasienten har rett til å lese det du skriver. Det kan rettes, men ikke slettes."),
        error_messages={"required": _("Skriv notatet.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput())


class CorrectionForm(forms.Form):
    reason = forms.CharField(
        label=_("Hvorfor rettes det?"),
        max_length=REASON_LENGTH,
        widget=Textarea({"rows": 2}),
        error_messages={"required": _("Skriv hvorfor innføringen rettes.")},
    )
    problem = ProblemField()
    text = forms.CharField(
        label=_("Det riktige"),
        max_length=TEXT_LENGTH,
        widget=Textarea({"rows": 8}),
        error_messages={"required": _("Skriv det som er riktig.")},
    )
    seen = NumberField(widget=forms.HiddenInput(), min_value=0)


class MisfileForm(forms.Form):
    number = forms.CharField(
        label=_("Fødselsnummeret til den det gjelder"),
        required=False,
        max_length=14,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("La feltet stå tomt når det ikke gjelder noen pasient ved kontoret."),
    )
    whole = forms.BooleanField(label=_("Ta ut hele samtalen, ikke bare denne meldingen"), required=False)
    reason = forms.CharField(
        label=_("Hvorfor er det feil?"),
        max_length=REASON_LENGTH,
        widget=Textarea({"rows": 2}),
        error_messages={"required": _("Skriv hvorfor det står i feil journal.")},
    )
    tells = forms.BooleanField(label=_("Si fra til pasienten det sto hos, uten å si hva"), required=False, initial=True)
    tells_other = forms.BooleanField(label=_("Si fra til den det gjelder, uten å si hva"), required=False, initial=True)

    def __init__(self, *args: Any, is_message: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_message:
            del self.fields["whole"]

    def clean_number(self) -> str:
        return "".join(str(self.cleaned_data["number"]).split())
