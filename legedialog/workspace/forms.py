"""The office's forms: they check what was typed and hold their texts, and save nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.audit.rules import NOTE_LENGTH
from legedialog.core import reading
from legedialog.journeys.log import STATED
from legedialog.ui.forms import DayField, Textarea, TimeInput
from legedialog.workspace.texts import CHANNELS

Choices = Sequence[tuple[str, str]]

CHANNEL_CHOICES = list(CHANNELS.items())
DAY_ERRORS = {"required": _("Velg en dag."), "invalid": _("Skriv dagen som dag, måned og år.")}
CLOCK_ERRORS = {"required": _("Skriv et klokkeslett."), "invalid": _("Skriv klokkeslettet som 08:20.")}


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> DayField:
    return DayField(label=label, required=required, help_text=help_text, error_messages=DAY_ERRORS)


def clock_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.TimeField:
    return forms.TimeField(
        label=label, required=required, widget=TimeInput(), help_text=help_text, error_messages=CLOCK_ERRORS
    )


def calendar_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Lege"), error_messages={"required": _("Velg en lege.")})


class ChoicesForm(forms.Form):
    """Choices that come from the office's own rows: one keyword for each field that needs them."""

    def __init__(self, *args: Any, choices: Mapping[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  for types
            field.choices = offered


class SearchForm(forms.Form):
    words = forms.CharField(
        label=_("Finn pasient"),
        max_length=120,
        help_text=_("Navn, fødselsdato med seks siffer, telefonnummer eller hele fødselsnummeret."),
        widget=forms.TextInput({"autocomplete": "off", "type": "search"}),
        error_messages={"required": _("Skriv et navn eller et fødselsnummer.")},
    )


class FreeTimesForm(ChoicesForm):
    """Which free times to look among, for a request. Sent by GET."""

    visit_type = forms.ChoiceField(label=_("Timetype"))
    channel = forms.ChoiceField(label=_("Hvordan"), choices=CHANNEL_CHOICES)
    calendar = calendar_field()
    day = day_field(_("Fra dag"))


class AssignForm(forms.Form):
    """The time that was pressed: `<calendar>|<visit type>|<channel>|<start, ISO with zone>`."""

    time = forms.CharField(max_length=200, widget=forms.HiddenInput)  # chosen, not typed

    def clean_time(self) -> tuple[UUID, UUID, str, datetime]:
        parts = self.cleaned_data["time"].split("|")
        try:
            calendar, visit_type, channel, start = parts
            starts_at = reading.moment(start)
            if starts_at is None or channel not in CHANNELS:
                raise ValueError
            return UUID(calendar), UUID(visit_type), channel, starts_at
        except ValueError as error:
            raise forms.ValidationError(_("Velg en av de ledige timene.")) from error


def check_order(form: forms.Form, first: str, last: str, message: Any) -> None:
    starts: time | None = form.cleaned_data.get(first)
    ends: time | None = form.cleaned_data.get(last)
    if starts and ends and ends <= starts:
        form.add_error(last, message)


class PurposeForm(forms.Form):
    purpose = forms.ChoiceField(label=_("Hvorfor åpner du opplysningene?"), choices=STATED, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Med egne ord"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=Textarea({"rows": 3}),
        help_text=_("Må fylles ut når du velger «Noe annet». Pasienten kan lese det du skriver."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("purpose") == "other" and not data.get("note"):
            self.add_error("note", _("Skriv kort hva du skal bruke opplysningene til."))
        return data
