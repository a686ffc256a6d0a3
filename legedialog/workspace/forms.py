"""The office's forms: they check what was typed and hold their texts, and save nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.appointments.rules import REASON_LENGTH
from legedialog.audit.rules import CONCERN_LENGTH, NOTE_LENGTH
from legedialog.core.times import at_local
from legedialog.journeys.log import STATED
from legedialog.practices.rules import Hours
from legedialog.ui.forms import DateInput, Textarea, TimeInput
from legedialog.workspace.texts import CHANNELS, KINDS, WEEKDAYS

Choices = Sequence[tuple[str, str]]

CHANNEL_CHOICES = list(CHANNELS.items())
DAY_ERRORS = {"required": _("Velg en dag."), "invalid": _("Skriv dagen som dag, måned og år.")}
CLOCK_ERRORS = {"required": _("Skriv et klokkeslett."), "invalid": _("Skriv klokkeslettet som 08:20.")}


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=DateInput(), error_messages=DAY_ERRORS
    )


def clock_field(label: Any, *, required: bool = True) -> forms.TimeField:
    return forms.TimeField(label=label, required=required, widget=TimeInput(), error_messages=CLOCK_ERRORS)


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
        help_text=_("Navn og gjerne fødselsdato, eller hele fødselsnummeret."),
        widget=forms.TextInput({"autocomplete": "off", "type": "search"}),
        error_messages={"required": _("Skriv et navn eller et fødselsnummer.")},
    )


class BookForm(ChoicesForm):
    calendar = calendar_field()
    day = day_field(_("Dag"))
    clock = clock_field(_("Klokkeslett"))
    visit_type = forms.ChoiceField(label=_("Timetype"), error_messages={"required": _("Velg en timetype.")})
    channel = forms.ChoiceField(
        label=_("Hvordan"),
        choices=CHANNEL_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg oppmøte, telefon eller video.")},
    )
    reason = forms.CharField(
        label=_("Hva det gjelder"),
        required=False,
        max_length=REASON_LENGTH,
        widget=Textarea({"rows": 3}),
        help_text=_("Legen leser dette før timen."),
    )
    overbook_reason = forms.CharField(
        label=_("Grunn til å booke likevel"),
        required=False,
        max_length=200,
        help_text=_("Bare når tiden er opptatt eller utenfor ukeplanen. Skriv ikke noe om pasienten."),
    )

    @property
    def starts_at(self) -> datetime:
        return at_local(self.cleaned_data["day"], self.cleaned_data["clock"])


class CancelForm(forms.Form):
    note = forms.CharField(
        label=_("Beskjed til pasienten"),
        required=False,
        max_length=500,
        widget=Textarea({"rows": 3}),
        help_text=_("Pasienten leser den når hun eller han logger inn. Den sendes ikke på SMS eller e-post."),
    )


class BlockTimeForm(ChoicesForm):
    calendar = calendar_field()
    day = day_field(_("Dag"))
    starts = clock_field(_("Fra"))
    ends = clock_field(_("Til"))
    note = forms.CharField(
        label=_("Hva tiden er til"),
        required=False,
        max_length=200,
        help_text=_("Vises bare for kontoret. Skriv ikke noe om pasienter."),
    )

    def clean(self) -> dict[str, Any]:
        _check_order(self, "starts", "ends", _("Til må være etter fra."))
        return self.cleaned_data

    @property
    def period(self) -> tuple[datetime, datetime]:
        day: date = self.cleaned_data["day"]
        return at_local(day, self.cleaned_data["starts"]), at_local(day, self.cleaned_data["ends"])


class FreeTimesForm(ChoicesForm):
    """Which free times to look among, for a request. Sent by GET."""

    visit_type = forms.ChoiceField(label=_("Timetype"))
    channel = forms.ChoiceField(label=_("Hvordan"), choices=CHANNEL_CHOICES)
    calendar = calendar_field()
    day = day_field(_("Fra dag"))


class AssignForm(forms.Form):
    """The time that was pressed: `<calendar>|<visit type>|<channel>|<start, ISO with zone>`."""

    time = forms.CharField(max_length=200)

    def clean_time(self) -> tuple[UUID, UUID, str, datetime]:
        parts = self.cleaned_data["time"].split("|")
        try:
            calendar, visit_type, channel, start = parts
            starts_at = datetime.fromisoformat(start)
            if starts_at.tzinfo is None or channel not in CHANNELS:
                raise ValueError
            return UUID(calendar), UUID(visit_type), channel, starts_at
        except ValueError as error:
            raise forms.ValidationError(_("Velg en av de ledige timene.")) from error


class RefuseForm(forms.Form):
    text = forms.CharField(
        label=_("Svar til pasienten"),
        max_length=1000,
        widget=Textarea({"rows": 4}),
        help_text=_("Si hvorfor, og hva pasienten kan gjøre i stedet."),
        error_messages={"required": _("Skriv et svar til pasienten.")},
    )


class ServiceForm(forms.Form):
    state = forms.ChoiceField(
        label=_("Tjenesten er"),
        choices=[("open", _("Åpen")), ("closed", _("Stengt"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Hvorfor den er stengt"),
        required=False,
        max_length=200,
        help_text=_("Innbyggeren leser dette. Står den tom, sier vi at legen har stengt tjenesten nå."),
    )
    until = day_field(
        _("Åpner igjen"), required=False, help_text=_("Første dag den er åpen. La den stå tom hvis du ikke vet.")
    )

    @property
    def is_open(self) -> bool:
        return bool(self.cleaned_data["state"] == "open")


class VisitTypeForm(forms.Form):
    name = forms.CharField(label=_("Navn på bokmål"), max_length=80)
    name_nn = forms.CharField(label=_("Navn på nynorsk"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Navn på engelsk"), max_length=80, required=False)
    kind = forms.ChoiceField(label=_("Slag"), choices=list(KINDS.items()))
    minutes = forms.IntegerField(label=_("Lengde i minutter"), min_value=5, max_value=240, initial=20)
    channels = forms.MultipleChoiceField(
        label=_("Hvordan"),
        choices=CHANNEL_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Velg minst én måte.")},
    )
    is_bookable_by_citizens = forms.BooleanField(label=_("Innbyggere kan booke den selv"), required=False)
    horizon_days = forms.IntegerField(
        label=_("Hvor mange dager fram innbyggere ser timer"), min_value=1, max_value=365, initial=60
    )
    lead_minutes = forms.IntegerField(
        label=_("Hvor mange minutter før timen bestilling stenger"), min_value=0, max_value=20160, initial=120
    )
    cutoff_hours = forms.IntegerField(
        label=_("Avbestillingsfrist i timer før timen"), min_value=0, max_value=336, initial=24
    )
    max_coming = forms.IntegerField(
        label=_("Hvor mange kommende timer en innbygger kan ha bestilt selv"), min_value=1, max_value=20, initial=2
    )
    preparation = forms.CharField(
        label=_("Forberedelse"),
        required=False,
        max_length=1000,
        widget=Textarea({"rows": 3}),
        help_text=_("Innbyggeren leser dette før og etter bestilling."),
    )
    position = forms.IntegerField(label=_("Plass i listen"), min_value=0, max_value=999, initial=0)
    is_active = forms.BooleanField(label=_("I bruk"), required=False, initial=True)


class BlockForm(ChoicesForm):
    weekday = forms.TypedChoiceField(label=_("Ukedag"), choices=list(enumerate(WEEKDAYS)), coerce=int)
    starts = clock_field(_("Fra"))
    ends = clock_field(_("Til"))
    step_minutes = forms.IntegerField(
        label=_("En time kan starte hvert … minutt"), min_value=5, max_value=240, initial=20
    )
    visit_types = forms.MultipleChoiceField(
        label=_("Timetyper"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Velg minst én timetype.")},
    )
    channels = forms.MultipleChoiceField(
        label=_("Hvordan"),
        choices=CHANNEL_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Velg minst én måte.")},
    )
    is_online = forms.BooleanField(label=_("Innbyggere kan booke her selv"), required=False, initial=True)
    first_date = day_field(_("Første dag"))
    last_date = day_field(
        _("Siste dag"),
        required=False,
        help_text=_("La den stå tom når planen gjelder til videre. Samme dag som første gir ekstra åpent én dag."),
    )

    def clean(self) -> dict[str, Any]:
        _check_order(self, "starts", "ends", _("Til må være etter fra."))
        first, last = self.cleaned_data.get("first_date"), self.cleaned_data.get("last_date")
        if first and last and last < first:
            self.add_error("last_date", _("Siste dag kan ikke være før første dag."))
        elif first and last == first and first.weekday() != self.cleaned_data.get("weekday"):
            self.add_error("weekday", _("Ukedagen er en annen enn datoen. Velg samme dag."))
        return self.cleaned_data


class AbsenceForm(ChoicesForm):
    clinician = forms.TypedChoiceField(label=_("Lege"), coerce=UUID, error_messages={"required": _("Velg en lege.")})
    first_date = day_field(_("Første dag"))
    last_date = day_field(_("Siste dag"), help_text=_("Dagen er med i fraværet."))
    substitute = forms.TypedChoiceField(label=_("Vikar"), coerce=UUID, required=False, empty_value=None)
    note = forms.CharField(
        label=_("Beskjed til pasientene"),
        required=False,
        max_length=300,
        widget=Textarea({"rows": 2}),
        help_text=_("Innbyggeren leser dette. Skriv ikke hvorfor legen er borte."),
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)  # she has seen how many are booked


class DayHoursForm(forms.Form):
    """One weekday: none, one or two stretches."""

    opens = clock_field(_("Åpner"), required=False)
    closes = clock_field(_("Stenger"), required=False)
    opens_again = clock_field(_("Åpner igjen"), required=False)
    closes_again = clock_field(_("Stenger for dagen"), required=False)

    def clean(self) -> dict[str, Any]:
        for opens, closes in (("opens", "closes"), ("opens_again", "closes_again")):
            one, other = self.cleaned_data.get(opens), self.cleaned_data.get(closes)
            if (one is None) is not (other is None):
                self.add_error(closes if other is None else opens, _("Skriv både når det åpner og når det stenger."))
            else:
                _check_order(self, opens, closes, _("Det må stenge etter at det åpner."))
        return self.cleaned_data

    @property
    def hours(self) -> list[Hours]:
        pairs = (("opens", "closes"), ("opens_again", "closes_again"))
        return [
            Hours(self.cleaned_data[opens], self.cleaned_data[closes])
            for opens, closes in pairs
            if self.cleaned_data.get(opens) and self.cleaned_data.get(closes)
        ]


class ExceptionForm(forms.Form):
    day = day_field(_("Dag"))
    opens = clock_field(_("Åpner"), required=False)
    closes = clock_field(_("Stenger"), required=False)
    note = forms.CharField(
        label=_("Beskjed"), required=False, max_length=200, help_text=_("Innbyggeren leser dette, for eksempel «Kurs».")
    )

    def clean(self) -> dict[str, Any]:
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if (opens is None) is not (closes is None):
            self.add_error("opens", _("Skriv begge klokkeslettene, eller ingen når det er stengt hele dagen."))
        _check_order(self, "opens", "closes", _("Det må stenge etter at det åpner."))
        return self.cleaned_data

    @property
    def hours(self) -> Hours | None:
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        return Hours(opens, closes) if opens and closes else None


def _check_order(form: forms.Form, first: str, last: str, message: Any) -> None:
    starts: time | None = form.cleaned_data.get(first)
    ends: time | None = form.cleaned_data.get(last)
    if starts and ends and ends <= starts:
        form.add_error(last, message)


class LiftLockForm(forms.Form):
    is_known = forms.BooleanField(
        label=_("Jeg har kontrollert hvem pasienten er, med legitimasjon eller slik rutinen ved kontoret sier."),
        error_messages={"required": _("Kontroller hvem pasienten er, og sett hake.")},
    )


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


class ConcernAnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Svar til innbyggeren"),
        max_length=CONCERN_LENGTH,
        widget=Textarea(),
        help_text=_(
            "Skriv hvem som åpnet opplysningene, og hvorfor det var nødvendig. Var det feil, skriv hva dere gjør."
        ),
    )
