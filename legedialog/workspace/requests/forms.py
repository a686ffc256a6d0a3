from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.ui.forms import Textarea


class RefuseForm(forms.Form):
    text = forms.CharField(
        label=_("Svar til pasienten"),
        max_length=1000,
        widget=Textarea({"rows": 4}),
        help_text=_("Si hvorfor, og hva pasienten kan gjøre i stedet."),
        error_messages={"required": _("Skriv et svar til pasienten.")},
    )
