from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from legedialog.patients.rules import Proof, clean_phone
from legedialog.ui.forms import DayField

NAME_LENGTH = 100


class LiftLockForm(forms.Form):
    is_known = forms.BooleanField(
        label=_("Jeg har kontrollert hvem pasienten er, med legitimasjon eller slik rutinen ved kontoret sier."),
        error_messages={"required": _("Kontroller hvem pasienten er, og sett hake.")},
    )


class WalkInForm(forms.Form):
    """Whom the office registers itself. What is written is as her papers say it."""

    KINDS = {
        "birth-number": _("Fødselsnummer"),
        "d-number": _("D-nummer"),
        "h-number": _("H-nummer"),
        "fh-number": _("Felles hjelpenummer"),
        "duf-number": _("DUF-nummer"),
    }

    given_name = forms.CharField(label=_("Fornavn"), required=False, max_length=NAME_LENGTH)
    family_name = forms.CharField(
        label=_("Etternavn"),
        max_length=NAME_LENGTH,
        help_text=_("Har pasienten bare ett navn, skriv det her."),
    )
    birth_date = DayField(
        label=_("Fødselsdato"),
        error_messages={
            "required": _("Skriv fødselsdatoen."),
            "invalid": _("Skriv dagen som dag, måned og år."),
        },
    )
    number = forms.CharField(
        label=_("Fødselsnummer, D-nummer eller annet nummer"),
        required=False,
        max_length=20,
        help_text=_("Også H-nummer, felles hjelpenummer og DUF-nummer. La feltet stå tomt når pasienten ikke har noe."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    proof = forms.ChoiceField(
        label=_("Hvordan vet dere hvem pasienten er?"),
        choices=Proof.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg hvordan identiteten er kontrollert.")},
    )
    phone = forms.CharField(
        label=_("Mobilnummer"),
        required=False,
        max_length=30,
        help_text=_("Beskjeder om timer sendes hit på SMS, uten helseopplysninger. La feltet stå tomt for bare papir."),
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Språk i SMS og på timelapp"), choices=settings.LANGUAGES)

    def clean_phone(self) -> str:
        try:
            return clean_phone(self.cleaned_data["phone"])
        except ValueError:
            raise forms.ValidationError(
                _("Skriv et norsk nummer med 8 sifre, eller et utenlandsk som begynner med +.")
            ) from None


class PartForm(forms.Form):
    is_sure = forms.BooleanField(
        label=_("Jeg har kontrollert at pasienten hos oss er en annen enn den i Folkeregisteret."),
        error_messages={"required": _("Kontroller hvem pasienten er, og sett hake.")},
    )
