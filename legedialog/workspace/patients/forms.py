from django import forms
from django.utils.translation import gettext_lazy as _


class LiftLockForm(forms.Form):
    is_known = forms.BooleanField(
        label=_("Jeg har kontrollert hvem pasienten er, med legitimasjon eller slik rutinen ved kontoret sier."),
        error_messages={"required": _("Kontroller hvem pasienten er, og sett hake.")},
    )
