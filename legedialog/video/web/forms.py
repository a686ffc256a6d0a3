from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.video import texts

NAME_LENGTH = 80


class InviteForm(forms.Form):
    kind = forms.ChoiceField(label=_("Hvem er det?"), choices=list(texts.GUEST_KINDS.items()), widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Navn"),
        max_length=NAME_LENGTH,
        help_text=_("Slik legen skal rope det opp."),
        error_messages={"required": _("Skriv navnet på den som skal være med.")},
    )


class CallForm(forms.Form):
    number = forms.CharField(
        label=_("Telefonnummer"),
        max_length=20,
        required=False,
        help_text=_("La det stå tomt for å bruke nummeret vi har."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )


class FeedbackForm(forms.Form):
    picture_and_sound = forms.ChoiceField(
        label=_("Hvordan var bilde og lyd?"),
        choices=[("3", _("Bra")), ("2", _("Sånn passe")), ("1", _("Dårlig"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg ett av svarene.")},
    )
    was_enough = forms.ChoiceField(
        label=_("Holdt det med video?"),
        choices=[("yes", _("Ja")), ("no", _("Nei, jeg burde ha møtt opp"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg ett av svarene.")},
    )
