"""Which language. It holds its texts and saves nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.interpreters import texts


class NeedForm(forms.Form):
    language = forms.ChoiceField(label=_("Hvilket språk trenger du tolk på?"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("Trenger ikke tolk")), *texts.choices()]  # type: ignore[attr-defined]


class OfficeForm(NeedForm):
    language = forms.ChoiceField(label=_("Hvilket språk trenger pasienten tolk på?"), required=False)


class ForAnotherForm(NeedForm):
    language = forms.ChoiceField(label=_("Hvilket språk trengs det tolk på?"), required=False)
