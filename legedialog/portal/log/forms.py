from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from legedialog.audit.queries import AUTOMATIC
from legedialog.audit.rules import CONCERN_LENGTH
from legedialog.core import reading
from legedialog.ui.forms import DayField, Textarea


class LogFilterForm(forms.Form):
    """Sent by GET, so that a view of the log has an address."""

    fra = DayField(label=_("Fra og med"), required=False)
    til = DayField(label=_("Til og med"), required=False)
    hvem = forms.ChoiceField(
        label=_("Hvem"),
        required=False,
        choices=[
            ("", pgettext_lazy("hvem som har sett", "Alle")),
            ("office", _("Legekontoret")),
            ("me", _("Meg selv")),
            ("others", _("Andre")),
        ],
    )
    hva = forms.ChoiceField(
        label=_("Hva"),
        required=False,
        choices=[("", _("Alt")), ("read", _("Bare lest")), ("change", _("Bare endret"))],
    )

    av = forms.CharField(required=False, widget=forms.HiddenInput)  # one person, as the overview's link says

    def clean_av(self) -> str:
        said = self.cleaned_data["av"]
        return said if said == AUTOMATIC else str(reading.uuid(said) or "")


class ConcernForm(forms.Form):
    text = forms.CharField(
        label=_("Hva vil du spørre om?"),
        max_length=CONCERN_LENGTH,
        widget=Textarea(),
        help_text=_("Skriv for eksempel at du ikke kjenner personen, eller ikke forstår hvorfor dette ble åpnet."),
    )
