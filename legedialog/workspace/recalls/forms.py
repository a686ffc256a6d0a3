from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.ui.forms import NumberField
from legedialog.workspace.forms import ChoicesForm, day_field


class RecallForm(ChoicesForm):
    """What they are asked to book. `round` makes a double click one round."""

    visit_type = forms.TypedChoiceField(
        label=_("Timetype"), coerce=UUID, error_messages={"required": _("Velg en timetype.")}
    )
    calendar = forms.TypedChoiceField(label=_("Lege"), coerce=UUID, required=False, empty_value=None)
    first_date = day_field(_("Fra dag"), help_text=_("Pasienten får beskjed når timer fra denne dagen kan bestilles."))
    last_date = day_field(_("Til dag"), help_text=_("Dagen er med. Pasienten blir minnet på det før den."))
    round = forms.UUIDField(widget=forms.HiddenInput)


class FindForm(ChoicesForm):
    """Whom: by name, or by list and year of birth."""

    words = forms.CharField(
        label=_("Finn pasient"),
        required=False,
        max_length=120,
        help_text=_("Navn, fødselsdato med seks siffer, telefonnummer eller hele fødselsnummeret."),
        widget=forms.TextInput({"autocomplete": "off", "type": "search"}),
    )
    doctor = forms.TypedChoiceField(label=_("Eller alle på listen til"), coerce=UUID, required=False, empty_value=None)
    born_first = NumberField(label=_("Født fra og med år"), required=False, min_value=1890, max_value=2200)
    born_last = NumberField(label=_("Født til og med år"), required=False, min_value=1890, max_value=2200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not any(data.get(name) for name in ("words", "doctor", "born_first", "born_last")):
            self.add_error("words", _("Skriv et navn, eller velg en liste eller fødselsår."))
        return data
