"""Forms for what the office decides about written dialogues."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.dialogues.rules import TEXT_LENGTH
from legedialog.dialogues.texts import KINDS
from legedialog.practices.texts import SERVICES
from legedialog.ui.forms import NumberField, Textarea
from legedialog.workspace.forms import check_order, clock_field

GUIDANCE_LENGTH = 1500
NN, EN = _("Nynorsk. Står den tom, vises bokmål."), _("Engelsk. Står den tom, vises bokmål.")


def words_field(label: Any, help_text: Any = "", *, length: int = GUIDANCE_LENGTH, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=length, help_text=help_text, widget=Textarea({"rows": rows})
    )


class IntakeForm(forms.Form):
    guidance_nb = words_field(
        _("Hva e-konsultasjon passer til"), _("Innbyggeren leser dette før hun eller han skriver til legen.")
    )
    guidance_nn = words_field(_("Det samme på nynorsk"), NN)
    guidance_en = words_field(_("Det samme på engelsk"), EN)
    contact_guidance_nb = words_field(
        _("Hva kontakt med kontoret passer til"), _("Innbyggeren leser dette før hun eller han skriver til kontoret.")
    )
    contact_guidance_nn = words_field(_("Kontakt med kontoret, på nynorsk"), NN)
    contact_guidance_en = words_field(_("Kontakt med kontoret, på engelsk"), EN)
    secretary_reads = forms.BooleanField(
        label=_("Helsesekretærene leser e-konsultasjoner også, for å fordele dem"),
        required=False,
        help_text=_("Innbyggeren får vite det før hun eller han skriver. Bare leger svarer."),
    )
    opens = clock_field(_("Tar imot e-konsultasjoner fra"), required=False)
    closes = clock_field(_("… til"), required=False)
    max_open = NumberField(
        label=_("Steng når en lege har så mange ubesvarte"),
        required=False,
        min_value=1,
        max_value=500,
        help_text=_("La den stå tom for ingen grense. Kontakt med kontoret er alltid åpen."),
    )
    max_a_day = NumberField(
        label=_("Steng når en lege har fått så mange på en dag"), required=False, min_value=1, max_value=500
    )

    def clean(self) -> dict[str, Any]:
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if (opens is None) is not (closes is None):
            self.add_error("closes" if closes is None else "opens", _("Skriv begge klokkeslettene, eller ingen."))
        check_order(self, "opens", "closes", _("Det må stenge etter at det åpner."))
        return self.cleaned_data

    def texts(self, name: str) -> dict[str, str]:
        return {code: self.cleaned_data.get(f"{name}_{code}", "") for code in ("nb", "nn", "en")}


class TopicForm(forms.Form):
    name = forms.CharField(label=_("Navn på bokmål"), max_length=80)
    name_nn = forms.CharField(label=_("Navn på nynorsk"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Navn på engelsk"), max_length=80, required=False)
    leads_to = forms.ChoiceField(
        label=_("Led videre til"),
        required=False,
        choices=[("", _("Nei, det kan skrives om")), *((each.value, words.name) for each, words in SERVICES.items())],
        help_text=_("Velg en tjeneste når emnet hører hjemme der. Da kan det ikke skrives om her."),
    )
    position = NumberField(label=_("Plass i listen"), min_value=0, max_value=999, initial=0)
    is_active = forms.BooleanField(label=_("I bruk"), required=False, initial=True)


class TemplateForm(forms.Form):
    name = forms.CharField(label=_("Navn på malen"), max_length=80)
    kind = forms.ChoiceField(label=_("Brukes til"), required=False, choices=[("", _("Begge deler")), *KINDS.items()])
    nb = forms.CharField(label=_("Tekst på bokmål"), max_length=TEXT_LENGTH, widget=Textarea({"rows": 6}))
    nn = words_field(_("Tekst på nynorsk"), NN, length=TEXT_LENGTH, rows=6)
    en = words_field(_("Tekst på engelsk"), EN, length=TEXT_LENGTH, rows=6)
    position = NumberField(label=_("Plass i listen"), min_value=0, max_value=999, initial=0)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Spørreskjema (FHIR R4 Questionnaire, JSON)"), error_messages={"required": _("Velg en fil.")}
    )
