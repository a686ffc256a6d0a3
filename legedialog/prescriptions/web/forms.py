"""The citizen's form: it validates and holds its texts, and saves nothing."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.core.ids import new_id
from legedialog.prescriptions.reading import Medicine
from legedialog.prescriptions.rules import NOTE_LENGTH
from legedialog.prescriptions.texts import PICKUPS
from legedialog.prescriptions.web.words import when_it_ends
from legedialog.ui.forms import Textarea


class RenewForm(forms.Form):
    """Which ones, where to collect, and a few words."""

    prescriptions = forms.MultipleChoiceField(
        label=gettext_lazy("Hva vil du fornye?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Velg minst én resept du vil fornye.")},
    )
    pickup = forms.ChoiceField(
        label=gettext_lazy("Hvor vil du hente?"),
        choices=list(PICKUPS.items()),
        widget=forms.RadioSelect,
        initial="AP",
    )
    pickup_place = forms.CharField(
        label=gettext_lazy("Hvilket apotek?"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Bare hvis det må bestilles til et bestemt apotek. E-resepten virker på alle."),
    )
    note = forms.CharField(
        label=gettext_lazy("Noe legen bør vite?"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For eksempel om du har fått bivirkninger, eller bruker det annerledes enn før."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, medicines: Sequence[Medicine], today: date, chosen: UUID | None = None
    ) -> None:
        offered = [str(each.id) for each in medicines]
        first = [str(chosen)] if chosen and str(chosen) in offered else offered if len(offered) == 1 else []
        super().__init__(data, initial={"prescriptions": first, "key": str(new_id()), "pickup": "AP"})
        field = self.fields["prescriptions"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  for types
        field.choices = [(str(each.id), f"{each.title}. {when_it_ends(each, today)}") for each in medicines]
        field.error_messages["invalid_choice"] = _("En av reseptene kan ikke fornyes nå. Listen viser dem som kan det.")
