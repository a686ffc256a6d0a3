"""Forms of errands. They hold their texts and save nothing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.core import reading
from legedialog.errands.rules import TEXT_LENGTH, To
from legedialog.ui.forms import Textarea
from legedialog.workspace.forms import ChoicesForm, day_field


class ChangeForm(ChoicesForm):
    """`whom`: a colleague's id, or a role."""

    whom = forms.ChoiceField(label=_("Til"), error_messages={"required": _("Velg hvem som skal gjøre det.")})
    due_date = day_field(_("Innen"))

    def clean_whom(self) -> To:
        value = self.cleaned_data["whom"]
        employee_id = reading.uuid(value)
        return To(employee_id) if employee_id else To(group=value)


class ErrandForm(ChangeForm):
    text = forms.CharField(
        label=_("Hva skal gjøres?"),
        max_length=TEXT_LENGTH,
        widget=Textarea({"rows": 3}),
        error_messages={"required": _("Skriv hva som skal gjøres.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput())

    field_order = ("text", "whom", "due_date", "key")
