from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.appointments.texts import ANSWERS
from legedialog.core import reading
from legedialog.fees.rules import Exemption, Laboratory
from legedialog.patients.rules import clean_phone
from legedialog.practices.rules import Hours
from legedialog.ui.forms import NumberField, Textarea
from legedialog.workspace.forms import CHANNEL_CHOICES, ChoicesForm, check_order, clock_field, day_field
from legedialog.workspace.texts import COLUMNS, KINDS, ROLES, WEEKDAYS


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


class WaitlistForm(forms.Form):
    is_open = forms.BooleanField(
        label=_("Tilby timer som blir ledige, til dem som venter"),
        help_text=_("Slått av kan pasienter ikke sette seg på venteliste, og ingen får tilbud."),
        required=False,
    )
    answer_minutes = forms.TypedChoiceField(
        label=_("Hvor lenge har hver på seg til å svare?"), choices=list(ANSWERS.items()), coerce=int
    )


class VisitTypeForm(ChoicesForm):
    name = forms.CharField(label=_("Navn på bokmål"), max_length=80)
    name_nn = forms.CharField(label=_("Navn på nynorsk"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Navn på engelsk"), max_length=80, required=False)
    kind = forms.ChoiceField(label=_("Slag"), choices=list(KINDS.items()))
    minutes = NumberField(label=_("Lengde i minutter"), min_value=5, max_value=240, initial=20)
    channels = forms.MultipleChoiceField(
        label=_("Hvordan"),
        choices=CHANNEL_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Velg minst én måte.")},
    )
    is_bookable_by_citizens = forms.BooleanField(label=_("Innbyggere kan booke den selv"), required=False)
    is_with_anybody = forms.BooleanField(
        label=_("Kan bestilles hos alle på kontoret, ikke bare hos egen lege"), required=False
    )
    needs_order = forms.BooleanField(
        label=_("Krever bestilling fra legen"),
        required=False,
        help_text=_("Innbyggere kan bare booke timen når legen har bedt dem om det, én gang, i de dagene legen sier."),
    )
    horizon_days = NumberField(
        label=_("Hvor mange dager fram innbyggere ser timer"), min_value=1, max_value=365, initial=60
    )
    lead_minutes = NumberField(
        label=_("Hvor mange minutter før timen bestilling stenger"), min_value=0, max_value=20160, initial=120
    )
    release_clock = clock_field(
        _("Nye timer legges ut kl."),
        required=False,
        help_text=_("La den stå tom når en ny dag skal vises fra midnatt."),
    )
    buffer_minutes = NumberField(label=_("Minutter som holdes fri etter timen"), min_value=0, max_value=120, initial=0)
    cutoff_hours = NumberField(label=_("Avbestillingsfrist i timer før timen"), min_value=0, max_value=336, initial=24)
    max_coming = NumberField(
        label=_("Hvor mange kommende timer en innbygger kan ha bestilt selv"), min_value=1, max_value=20, initial=2
    )
    preparation = forms.CharField(
        label=_("Forberedelse"),
        required=False,
        max_length=1000,
        widget=Textarea({"rows": 3}),
        help_text=_("Innbyggeren leser dette før og etter bestilling."),
    )
    exemption = forms.ChoiceField(
        label=_("Fritak for egenandel"),
        choices=[("", _("Pasienten betaler egenandel")), *Exemption.stated()],
        required=False,
        help_text=_("Gjelder alle timer av denne typen. Pasienten ser det før hun eller han bestiller."),
    )
    laboratory = forms.ChoiceField(
        label=_("Tas det prøver?"),
        choices=Laboratory.choices,
        required=False,
        help_text=_("Pasienten ser hva prøvetaking koster før bestilling, og kravet får den som linje."),
    )
    own_price_id = forms.TypedChoiceField(
        label=_("Pris fra kontorets egen liste"),
        required=False,
        coerce=UUID,
        empty_value=None,
        help_text=_("For eksempel en attest. Pasienten ser prisen før bestilling, og kravet får den som linje."),
    )
    is_own_price_alone = forms.BooleanField(
        label=_("Den prisen gjelder alene, uten egenandel i tillegg"), required=False
    )
    position = NumberField(label=_("Plass i listen"), min_value=0, max_value=999, initial=0)
    is_active = forms.BooleanField(label=_("I bruk"), required=False, initial=True)


class BlockForm(ChoicesForm):
    weekday = forms.TypedChoiceField(label=_("Ukedag"), choices=list(enumerate(WEEKDAYS)), coerce=int)
    starts = clock_field(_("Fra"))
    ends = clock_field(_("Til"))
    step_minutes = NumberField(label=_("En time kan starte hvert … minutt"), min_value=5, max_value=240, initial=20)
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
        check_order(self, "starts", "ends", _("Til må være etter fra."))
        first, last = self.cleaned_data.get("first_date"), self.cleaned_data.get("last_date")
        if first and last and last < first:
            self.add_error("last_date", _("Siste dag kan ikke være før første dag."))
        elif first and last == first and first.weekday() != self.cleaned_data.get("weekday"):
            self.add_error("weekday", _("Ukedagen er en annen enn datoen. Velg samme dag."))
        return self.cleaned_data


class EmployeeForm(forms.Form):
    name = forms.CharField(label=_("Navn"), max_length=200, help_text=_("Slik kolleger og pasienter ser det."))
    role = forms.ChoiceField(label=_("Rolle"), choices=list(ROLES.items()))


class NewEmployeeForm(EmployeeForm):
    national_number = forms.CharField(
        label=_("Fødselsnummer"),
        max_length=20,
        help_text=_("11 siffer. HelseID sier hvem som logger inn. Nummeret lagres ikke slik at noen kan lese det."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    hpr_number = forms.CharField(
        label=_("HPR-nummer"),
        max_length=20,
        required=False,
        help_text=_("Må fylles ut for leger og vikarer. Andre som får et nummer her, får også en kalender."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    starts_date = day_field(_("Første arbeidsdag"))


class LeaveForm(ChoicesForm):
    last_date = day_field(_("Siste arbeidsdag"))
    successor = forms.TypedChoiceField(
        label=_("Hvem tar over"),
        coerce=UUID,
        required=False,
        empty_value=None,
        help_text=_("Meldinger, fornyelser og fastlegelister går til denne fra dagen etter."),
    )


class ColumnForm(ChoicesForm):
    name = forms.CharField(
        label=_("Navn"), max_length=80, help_text=_("Pasientene ser navnet, for eksempel «Laboratoriet».")
    )
    column = forms.ChoiceField(label=_("Hva er det?"), choices=list(COLUMNS.items()))
    responsible = forms.TypedChoiceField(
        label=_("Ansvarlig lege"),
        coerce=UUID,
        help_text=_("Legen svarer for det som gjøres, og HPR-nummeret hennes eller hans står på oppgjøret."),
    )
    is_active = forms.BooleanField(label=_("I bruk"), required=False, initial=True)


class OfficeForm(forms.Form):
    street = forms.CharField(label=_("Gateadresse"), max_length=200, required=False)
    postal_code = forms.RegexField(
        r"^[0-9]{4}$",
        label=_("Postnummer"),
        required=False,
        error_messages={"invalid": _("Skriv postnummeret med fire siffer.")},
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    city = forms.CharField(label=_("Poststed"), max_length=100, required=False)
    phone = forms.CharField(
        label=_("Telefon"),
        max_length=20,
        help_text=_("Pasientene ser nummeret på alle sider om kontoret."),
        widget=forms.TextInput({"type": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-post"),
        required=False,
        help_text=_("Pasientene ser adressen."),
    )
    website = forms.URLField(label=_("Nettsted"), required=False, assume_scheme="https")
    directions = forms.CharField(
        label=_("Slik finner du fram"),
        required=False,
        max_length=500,
        widget=Textarea({"rows": 3}),
        help_text=_("Inngang, parkering, buss og heis."),
    )

    def clean_phone(self) -> str:
        try:
            clean_phone(self.cleaned_data["phone"])
        except ValueError:
            raise forms.ValidationError(
                _("Skriv et norsk nummer med 8 sifre, eller et utenlandsk som begynner med +.")
            ) from None
        return reading.typed(self.cleaned_data["phone"])


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
                check_order(self, opens, closes, _("Det må stenge etter at det åpner."))
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
        check_order(self, "opens", "closes", _("Det må stenge etter at det åpner."))
        return self.cleaned_data

    @property
    def hours(self) -> Hours | None:
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        return Hours(opens, closes) if opens and closes else None
