"""Forms of cautions. They hold their texts and save nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.cautions import texts
from legedialog.cautions.rules import ATC, REACTION_LENGTH, REASON_LENGTH, SUBSTANCE_LENGTH
from legedialog.patients.representation import Restriction
from legedialog.ui.forms import Textarea


class CautionForm(forms.Form):
    substance = forms.CharField(
        label=_("Hva tåler ikke pasienten?"),
        max_length=SUBSTANCE_LENGTH,
        help_text=_("Stoffet eller gruppen, for eksempel penicillin. Ett stoff i hver advarsel."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Skriv hva pasienten ikke tåler.")},
    )
    atc = forms.RegexField(
        label=_("ATC-kode"),
        regex=ATC,
        required=False,
        help_text=_("Hele koden eller begynnelsen, for eksempel J01C. Da kjennes flere resepter igjen. Kan stå tom."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"invalid": _("Skriv en ATC-kode eller begynnelsen på en, for eksempel J01C eller J01CE02.")},
    )
    reaction = forms.CharField(
        label=_("Hva skjer?"),
        max_length=REACTION_LENGTH,
        widget=Textarea({"rows": 2}),
        help_text=_("Pasienten leser det du skriver."),
        error_messages={"required": _("Skriv hvilken reaksjon pasienten får.")},
    )
    severity = forms.ChoiceField(
        label=_("Hvor alvorlig?"),
        choices=list(texts.SEVERITIES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg hvor alvorlig det er.")},
    )
    certainty = forms.ChoiceField(
        label=_("Hvor sikkert?"),
        choices=list(texts.CERTAINTIES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg hvor sikkert det er.")},
    )
    source = forms.ChoiceField(
        label=_("Hvordan vet vi det?"),
        choices=list(texts.SOURCES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg hvordan dere vet det.")},
    )
    restriction = forms.ChoiceField(label=_("Hvem ser det på nett?"), choices=Restriction.choices, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, data: Any = None, *, may_hide: bool, **kwargs: Any) -> None:
        """`may_hide`: a doctor, and a patient who is a child."""
        if data is not None:
            data = data.copy()
            data["atc"] = data.get("atc", "").strip().upper()
        super().__init__(data, **kwargs)
        if not may_hide:
            del self.fields["restriction"]


class EndForm(forms.Form):
    reason = forms.CharField(
        label=_("Hvorfor avsluttes advarselen?"),
        max_length=REASON_LENGTH,
        help_text=_("Det står i journalen, og pasienten leser det."),
        widget=Textarea({"rows": 2}),
        error_messages={"required": _("Skriv hvorfor advarselen avsluttes.")},
    )
