"""The citizen's forms: they validate and hold their texts, and save nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from legedialog.appointments.picker import ANY, Chosen
from legedialog.appointments.rules import REASON_LENGTH
from legedialog.appointments.texts import CHANNELS, COARSE_TIMES, NOTICES
from legedialog.appointments.wait_rules import NOTICE_MINUTES
from legedialog.core import reading
from legedialog.core.ids import new_id
from legedialog.practices.queries import Doctor
from legedialog.ui.forms import DayField, Textarea


class ChoiceForm(forms.Form):
    """What kind of visit, how, and with whom. A question with one answer is not asked."""

    type = forms.ChoiceField(label=_("Hva slags time trenger du?"), widget=forms.RadioSelect)
    channel = forms.ChoiceField(label=_("Hvordan vil du møte legen?"), widget=forms.RadioSelect)
    doctor = forms.ChoiceField(label=_("Hvem vil du til?"), widget=forms.RadioSelect, required=False)

    def __init__(self, chosen: Chosen) -> None:
        doctors = [(str(each.clinician_id), each.name) for each in chosen.doctors]
        initial = {"type": str(chosen.visit_type.pk), "channel": chosen.channel}
        initial["doctor"] = str(chosen.doctor.clinician_id) if chosen.doctor else ""
        super().__init__(initial=initial)
        choices: dict[str, list[tuple[str, Any]]] = {
            "type": [(str(each.pk), each.label) for each in chosen.types],
            "channel": [(each, CHANNELS[each].name) for each in chosen.channels],
            "doctor": [("", _("Hvilken som helst")), *doctors] if len(doctors) > 1 else [],
        }
        for name, offered in choices.items():
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = offered
            if len(offered) < 2:
                field.widget = forms.HiddenInput()


class DayForm(forms.Form):
    """The day to look from; without script a form of its own."""

    day = DayField(label=_("Gå til dato"))


class TimeField(forms.CharField):
    """A time in a calendar, as the picker's buttons send it: `<calendar id, or any>@<start in UTC>`."""

    def clean(self, value: Any) -> tuple[UUID | None, datetime]:
        calendar, _at, start = super().clean(value).partition("@")
        key, starts_at = reading.uuid(calendar), reading.moment(start)
        if not (key or calendar == ANY) or not starts_at:
            raise ValidationError(_("Velg en av de ledige timene."))
        return key, starts_at


class TimeForm(forms.Form):
    time = TimeField(widget=forms.HiddenInput)  # chosen, not typed


class ReasonForm(forms.Form):
    """The last step. `held_time` is for offering the same time again when the hold has ended."""

    hold = forms.UUIDField(widget=forms.HiddenInput)
    held_time = TimeField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Hva gjelder det?"),
        help_text=_("Skriv kort, så kan legen forberede seg. Du kan la feltet stå tomt."),
        max_length=REASON_LENGTH,
        required=False,
        widget=Textarea,
        error_messages={"max_length": _("Teksten er for lang. Kort den ned til %(limit_value)d tegn.")},
    )


class MoveForm(forms.Form):
    reason = forms.CharField(
        label=_("Hva gjelder det?"),
        max_length=REASON_LENGTH,
        required=False,
        widget=Textarea,
        error_messages={"max_length": _("Teksten er for lang. Kort den ned til %(limit_value)d tegn.")},
    )


class CancelForm(forms.Form):
    note = forms.CharField(
        label=_("Melding til legekontoret"),
        help_text=_("Du trenger ikke å oppgi noen grunn."),
        max_length=REASON_LENGTH,
        required=False,
        widget=Textarea({"rows": 3}),
        error_messages={"max_length": _("Teksten er for lang. Kort den ned til %(limit_value)d tegn.")},
    )


class CodeForm(forms.Form):
    """What hangs on the office's wall. It is no password: nobody's browser shall keep it, and everybody may see it."""

    code = forms.CharField(
        label=_("Koden på plakaten"),
        help_text=_("Fire tall. Plakaten henger der du kommer inn på legekontoret."),
        max_length=20,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Skriv koden som står på plakaten på legekontoret.")},
    )


class NoneSuitsForm(forms.Form):
    text = forms.CharField(
        label=_("Når passer det bedre?"),
        help_text=_("Skriv kort, så foreslår kontoret nye tider. Du kan la feltet stå tomt."),
        max_length=REASON_LENGTH,
        required=False,
        widget=Textarea({"rows": 3}),
        error_messages={"max_length": _("Teksten er for lang. Kort den ned til %(limit_value)d tegn.")},
    )


class EarlierForm(forms.Form):
    """When an earlier time suits. With whom is asked where there is a choice."""

    coarse_times = forms.MultipleChoiceField(
        label=_("Når passer det?"),
        help_text=_("Kryss av for alt som passer. Uten kryss får du tilbud om alle dager."),
        choices=[(value, capfirst(name)) for value, name in COARSE_TIMES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    with_anybody = forms.TypedChoiceField(
        label=_("Hos hvem?"),
        choices=[("no", _("Bare legen jeg har time hos")), ("yes", _("Hvilken som helst lege jeg kan bestille hos"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    notice_minutes = forms.TypedChoiceField(
        label=_("Hvor lenge før timen må du få tilbudet?"),
        choices=list(NOTICES.items()),
        coerce=int,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, has_colleagues: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {"with_anybody": "no", "notice_minutes": NOTICE_MINUTES} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        if not has_colleagues:
            del self.fields["with_anybody"]


class RequestForm(forms.Form):
    """A wish for a time. `key` makes a double click one request."""

    doctor = forms.ChoiceField(label=_("Hvilken lege?"), widget=forms.RadioSelect)
    wishes = forms.CharField(
        label=_("Hva ønsker du time til?"),
        help_text=_("Skriv kort hva det gjelder, og om det er noe kontoret bør ta hensyn til."),
        max_length=REASON_LENGTH,
        widget=Textarea,
        error_messages={
            "required": _("Skriv kort hva du ønsker time til."),
            "max_length": _("Teksten er for lang. Kort den ned til %(limit_value)d tegn."),
        },
    )
    coarse_times = forms.MultipleChoiceField(
        label=_("Når passer det?"),
        help_text=_("Kryss av for alt som passer. Uten kryss kan kontoret velge fritt."),
        choices=[(value, capfirst(name)) for value, name in COARSE_TIMES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    channels = forms.MultipleChoiceField(
        label=_("Hvordan kan du møte legen?"),
        help_text=_("Kryss av for alt som passer. Uten kryss kan kontoret velge fritt."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, doctors: Iterable[Doctor], channels: Iterable[str], **kwargs: Any) -> None:
        named = [(str(doctor.clinician_id), doctor.name) for doctor in doctors]
        kwargs.setdefault("initial", {"key": new_id(), "doctor": named[0][0]})
        super().__init__(*args, **kwargs)
        doctor = cast(forms.ChoiceField, self.fields["doctor"])
        channel = cast(forms.MultipleChoiceField, self.fields["channels"])
        doctor.choices = named
        channel.choices = [(each, CHANNELS[each].name) for each in channels]
        if len(named) < 2:
            doctor.widget = forms.HiddenInput()
