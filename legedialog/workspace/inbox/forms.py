"""The inbox's forms: an answer, a comment, and a dialogue that the office begins."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from legedialog.audit.rules import CONCERN_LENGTH
from legedialog.core.ids import new_id
from legedialog.dialogues.rules import COMMENT_LENGTH, MAX_OFFERED, TEXT_LENGTH, Kind
from legedialog.dialogues.texts import KINDS
from legedialog.journal import icpc2
from legedialog.journal.rules import ANSWER_LENGTH
from legedialog.journal.texts import OUTCOMES
from legedialog.ui.forms import Textarea
from legedialog.workspace.forms import AssignForm, ChoicesForm

LANGUAGES = [("nb", _("bokmål")), ("nn", _("nynorsk")), ("en", _("engelsk"))]


class Problem(forms.CharField):
    """A problem code, found by typing: "S07" or "S07 utslett flere steder" become "S07"."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"list": "problem-codes", "autocomplete": "off", "lang": "nb"})
        super().__init__(max_length=120, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        code = icpc2.parse(text) if text else ""
        if code is None:
            raise forms.ValidationError(_("Velg en kode fra listen, eller skriv den som en bokstav og to tall: S07."))
        return code


class AnswerForm(ChoicesForm):
    """`times` are values as forms.AssignForm reads them. The template is put in by the server, in her language."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    text = forms.CharField(
        label=_("Svar til pasienten"),
        max_length=TEXT_LENGTH,
        widget=Textarea({"rows": 8, "autofocus": True, "data-key": "r"}),
        error_messages={"required": _("Skriv et svar til pasienten.")},
    )
    problem = Problem(
        label=_("Problemkode (ICPC-2)"),
        help_text=_("Føres i journalen sammen med svaret. Søk med ord eller kode."),
        error_messages={"required": _("Velg en problemkode. Den føres i journalen sammen med svaret.")},
    )
    template = forms.ChoiceField(label=_("Mal"), required=False)
    language = forms.ChoiceField(label=_("Språk i malen"), required=False, choices=LANGUAGES)
    charge = forms.ChoiceField(
        label=_("Egenandel når du lukker"),
        help_text=_("«Svar og lukk» godkjenner kravet med denne taksten."),
        required=False,
    )

    def __init__(self, *args: Any, is_clinical: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_clinical:
            del self.fields["problem"]
        if not self.fields["charge"].choices:  # type: ignore[attr-defined]
            del self.fields["charge"]

    def times(self) -> list[tuple[UUID, UUID, str, Any]]:
        """Those that are ticked. Raises ValidationError for one that was never offered, or too many."""
        values = self.data.getlist("time") if hasattr(self.data, "getlist") else []
        if len(values) > MAX_OFFERED:
            raise forms.ValidationError(_("Velg høyst fem tider."))
        chosen = []
        for value in values:
            form = AssignForm({"time": value})
            if not form.is_valid():
                raise forms.ValidationError(_("Velg blant de ledige timene."))
            chosen.append(form.cleaned_data["time"])
        return chosen

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        try:
            data["times"] = self.times()
        except forms.ValidationError as error:
            self.add_error(None, error)
        return data


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Kommentar til kollegaer"), max_length=COMMENT_LENGTH, widget=Textarea({"rows": 3}))
    employee = forms.UUIDField(required=False)


class StartForm(ChoicesForm):
    """A dialogue that the office begins."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    kind = forms.ChoiceField(
        label=_("Hva slags melding"),
        help_text=_("Det koster ikke pasienten noe å få den. Et svar på en e-konsultasjon koster egenandel."),
        widget=forms.RadioSelect,
    )
    subject = forms.CharField(
        label=_("Emne"),
        max_length=80,
        help_text=_("Pasienten ser emnet når hun eller han logger inn. Det står ikke i varselet."),
    )
    text = forms.CharField(
        label=_("Melding til pasienten"),
        max_length=TEXT_LENGTH,
        widget=Textarea({"rows": 8}),
        error_messages={"required": _("Skriv meldingen til pasienten.")},
    )
    problem_code = Problem(
        label=_("Problemkode (ICPC-2)"),
        help_text=_("Må fylles ut for e-konsultasjon. Føres i journalen sammen med meldingen. Søk med ord eller kode."),
        required=False,
    )
    is_reply_open = forms.BooleanField(label=_("Pasienten kan svare"), required=False, initial=True)

    def __init__(self, *args: Any, may_treat: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_treat:
            del self.fields["problem_code"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_clinical = data.get("kind") == Kind.ECONSULTATION
        if is_clinical and not data.get("problem_code") and "problem_code" not in self.errors:
            self.add_error("problem_code", _("Velg en problemkode. Den føres i journalen sammen med meldingen."))
        return data

    @staticmethod
    def kinds(may_treat: bool) -> list[tuple[str, Any]]:
        kinds = [Kind.ECONSULTATION, Kind.CONTACT] if may_treat else [Kind.CONTACT]
        return [(each.value, KINDS[each.value]) for each in kinds]


class ConcernAnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Svar til innbyggeren"),
        max_length=CONCERN_LENGTH,
        widget=Textarea(),
        help_text=_(
            "Skriv hvem som åpnet opplysningene, og hvorfor det var nødvendig. Var det feil, skriv hva dere gjør."
        ),
    )


class CorrectionAnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Hva har dere gjort?"),
        choices=list(OUTCOMES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg hva dere har gjort.")},
    )
    text = forms.CharField(
        label=_("Svar til innbyggeren"),
        max_length=ANSWER_LENGTH,
        widget=Textarea(),
        error_messages={"required": _("Skriv et svar.")},
    )
