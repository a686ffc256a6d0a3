from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from legedialog.ui.forms import Textarea
from legedialog.video.rules import DELAYS, MESSAGE_LENGTH


class PostponeForm(forms.Form):
    minutes = forms.ChoiceField(
        label=_("Hvor lenge?"),
        choices=[(str(each), ngettext_lazy("%d minutt", "%d minutter", each) % each) for each in DELAYS],
        initial="15",
    )
    message = forms.CharField(
        label=_("Beskjed til pasienten"),
        required=False,
        max_length=MESSAGE_LENGTH,
        help_text=_("Står i venterommet. Skriv ikke om andre pasienter."),
        widget=Textarea,
    )
