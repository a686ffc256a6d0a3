"""How she is told when she is away. It holds its texts and saves nothing.

No browser fills it in: at a reception it knows a colleague's number.
"""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.outbox.rules import Channel
from legedialog.patients.rules import clean_email, clean_phone
from legedialog.practices.rules import DAY, Mode
from legedialog.workspace.forms import check_order

HOURS = [(f"{hour:02}", f"{hour:02}.00") for hour in range(DAY[0].hour, DAY[1].hour + 1)]


class ReachForm(forms.Form):
    mode = forms.ChoiceField(
        label=_("Når vil du ha beskjed?"),
        required=False,
        choices=[("", _("Aldri")), *Mode.choices],
        widget=forms.RadioSelect,
    )
    channel = forms.ChoiceField(
        label=_("Hvordan?"),
        choices=Channel.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg ett av alternativene.")},
    )
    phone = forms.CharField(
        label=_("Mobilnummer"),
        required=False,
        max_length=30,
        widget=forms.TextInput({"type": "tel"}),
    )
    email = forms.CharField(
        label=_("E-postadresse"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(),
    )
    from_clock = forms.ChoiceField(
        label=_("Tidligst kl."),
        choices=HOURS[:-1],
        error_messages={"required": _("Velg ett av alternativene.")},
    )
    to_clock = forms.ChoiceField(
        label=_("Senest kl."),
        choices=HOURS[1:],
        error_messages={"required": _("Velg ett av alternativene.")},
    )
    on_days_off = forms.BooleanField(label=_("Også lørdager, søndager og helligdager"), required=False)

    def clean_from_clock(self) -> time:
        return time(int(self.cleaned_data["from_clock"]))

    def clean_to_clock(self) -> time:
        return time(int(self.cleaned_data["to_clock"]))

    def clean_phone(self) -> str:
        try:
            return clean_phone(self.cleaned_data["phone"])
        except ValueError:
            raise forms.ValidationError(
                _("Skriv et norsk nummer med 8 sifre, eller et utenlandsk som begynner med +.")
            ) from None

    def clean_email(self) -> str:
        try:
            return clean_email(self.cleaned_data["email"])
        except ValueError:
            raise forms.ValidationError(_("Skriv e-postadressen på formen navn@eksempel.no.")) from None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        check_order(self, "from_clock", "to_clock", _("Velg et senere klokkeslett enn det du begynner med."))
        field = "phone" if given.get("channel") == Channel.SMS else "email"
        if given.get("mode") and field not in self.errors and not given.get(field):
            missing = {
                "phone": _("Skriv nummeret du vil ha SMS på."),
                "email": _("Skriv adressen du vil ha e-post på."),
            }
            self.add_error(field, missing[field])
        return given

    @property
    def address(self) -> str:
        by_sms = self.cleaned_data["channel"] == Channel.SMS
        return str(self.cleaned_data["phone" if by_sms else "email"])
