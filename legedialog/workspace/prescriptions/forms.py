"""Forms of Resepter. Each is drawn once for each item, told apart by the item's key."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.core import reading
from legedialog.practices.queries import Doctor
from legedialog.prescriptions.rules import ANSWER_LENGTH, MOST_PACKS, NOTE_LENGTH, VALID_MONTHS, Verdict
from legedialog.ui.forms import NumberField, Textarea


class DraftForm(forms.Form):
    """The new prescription as it will be written."""

    NAME = "draft"
    strength = forms.CharField(label=_("Styrke"), max_length=200, required=False)
    amount = NumberField(label=_("Pakninger"), min_value=1, max_value=MOST_PACKS)
    dispensings = NumberField(label=_("Uttak i alt"), min_value=1, max_value=12)
    months = NumberField(label=_("Gyldig, måneder"), min_value=1, max_value=VALID_MONTHS)
    use = forms.CharField(label=_("Bruk"), max_length=1000, required=False, widget=Textarea(attrs={"rows": 2}))
    staff_note = forms.CharField(
        label=_("Notat mellom kontor og lege"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=Textarea(attrs={"rows": 2}),
    )
    answer = forms.CharField(
        label=_("Melding til pasienten"), max_length=ANSWER_LENGTH, required=False, widget=Textarea(attrs={"rows": 2})
    )


class AnswerForm(forms.Form):
    """What the patient reads when the answer is no or a wish for a visit."""

    NAME = "answer"
    text = forms.CharField(label=_("Svar til pasienten"), max_length=ANSWER_LENGTH, widget=Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        """`times` are the ticked ones, as moments."""
        given = super().clean() or {}
        ticked = self.data.getlist("time") if hasattr(self.data, "getlist") else []
        times = [at for text in ticked if (at := reading.moment(text))]
        return {**given, "times": times[:10]}


class NoteForm(forms.Form):
    """Why it goes back to staff."""

    NAME = "back"
    staff_note = forms.CharField(
        label=_("Hva skal kontoret gjøre først?"), max_length=NOTE_LENGTH, widget=Textarea(attrs={"rows": 2})
    )


class AllowanceForm(forms.Form):
    """A line of the list of what needs no consultation, and what does."""

    atc = forms.RegexField(
        label=_("ATC-kode"),
        regex=r"^[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?$",
        help_text=_("Hele koden eller begynnelsen, for eksempel C09 for alle blodtrykksmidler i gruppen."),
        error_messages={"invalid": _("Skriv en ATC-kode eller begynnelsen på en, for eksempel C09 eller C09AA02.")},
    )
    label = forms.CharField(label=_("Hva det er"), max_length=200)
    verdict = forms.ChoiceField(
        label=_("Hva som gjelder"), choices=Verdict.choices, widget=forms.RadioSelect, initial=Verdict.ALLOWED
    )
    clinician = forms.ChoiceField(label=_("Hvilken lege"), required=False)

    def __init__(self, data: Any = None, *, doctors: list[Doctor] | list[Any]) -> None:
        if data is not None:
            data = data.copy()
            data["atc"] = data.get("atc", "").strip().upper()
        super().__init__(data)
        field = self.fields["clinician"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for types
        field.choices = [
            ("", _("Alle legene ved kontoret")),
            *((str(each.clinician_id), each.name) for each in doctors),
        ]
