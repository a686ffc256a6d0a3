from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.journal.rules import ANSWER_LENGTH
from legedialog.journal.texts import ASKED
from legedialog.ui.forms import Textarea


class AskForm(forms.Form):
    practice = forms.ChoiceField(
        label=_("Legekontor"), error_messages={"required": _("Velg legekontoret det gjelder.")}
    )
    asked = forms.ChoiceField(
        label=_("Hva vil du?"),
        choices=list(ASKED.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg hva du vil.")},
    )
    text = forms.CharField(
        label=_("Hva gjelder det?"),
        max_length=ANSWER_LENGTH,
        widget=Textarea(),
        help_text=_("Skriv når det ble skrevet, hva som er feil, og hva som er riktig."),
        error_messages={"required": _("Skriv hva det gjelder.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, offices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practice"].choices = offices  # type: ignore[attr-defined]
