"""The citizen's forms: they validate and hold their texts, and save nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from legedialog.core.ids import new_id
from legedialog.dialogues import intake
from legedialog.dialogues.intake import NO, YES, Question
from legedialog.dialogues.rules import TEXT_LENGTH
from legedialog.dialogues.topics import TopicRow
from legedialog.ui.forms import DayField, NumberField, Textarea

TOO_LONG = _("Teksten er for lang. Kort den ned til %(limit_value)d tegn.")
ANSWER_LENGTH = 500


class TopicForm(forms.Form):
    """What it is about, in the office's own words."""

    topic = forms.ChoiceField(
        label=_("Hva gjelder det?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Velg hva det gjelder."), "invalid_choice": _("Velg hva det gjelder.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, topics: Sequence[TopicRow], chosen: str) -> None:
        super().__init__(data, initial={"topic": chosen})
        field = self.fields["topic"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(row.code, row.name) for row in topics]


class QuestionsForm(forms.Form):
    """The questions about a topic; each becomes a field of its own."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, questions: Sequence[Question], answers: Mapping[str, str]
    ) -> None:
        initial = {name_of(question): answers.get(question.link_id, "") for question in questions}
        super().__init__(data, initial=initial)
        self.questions = questions
        language = get_language() or "nb"
        for question in questions:
            self.fields[name_of(question)] = _field(question, language)

    @property
    def answers(self) -> dict[str, str]:
        """By the question's id, as text; unanswered ones are left out."""
        given = ((each.link_id, self.cleaned_data.get(name_of(each))) for each in self.questions)
        return {link_id: _as_text(value) for link_id, value in given if value not in (None, "")}


def name_of(question: Question) -> str:
    """Of its field. What is answered in her own words is named so that it is known as text: core/typed.py."""
    return f"q-{question.link_id}-text" if question.kind == "text" else f"q-{question.link_id}"


def _field(question: Question, language: str) -> forms.Field:
    common: dict[str, Any] = {
        "label": intake.said(question.text, language),
        "help_text": intake.said(question.help, language),
        "required": question.is_required,
    }
    choose = dict.fromkeys(("required", "invalid_choice"), _("Svar på spørsmålet «%s».") % common["label"])
    if question.kind == "choice":
        options = [(option.code, intake.said(option.text, language)) for option in question.options]
        return forms.ChoiceField(choices=options, widget=forms.RadioSelect, error_messages=choose, **common)
    if question.kind == "yes-no":
        options = [(YES, str(_("Ja"))), (NO, str(_("Nei")))]
        return forms.ChoiceField(choices=options, widget=forms.RadioSelect, error_messages=choose, **common)
    if question.kind == "number":
        return NumberField(min_value=0, max_value=1_000_000, **common)
    if question.kind == "date":
        return DayField(**common)
    return forms.CharField(max_length=ANSWER_LENGTH, error_messages={"max_length": TOO_LONG}, **common)


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def saved_by_itself(url: str) -> dict[str, str]:
    """Of a text area whose draft is saved as she types and as a file has come or gone; what stands in `#saved` is
    answered."""
    return {
        "hx-post": url,
        "hx-trigger": "input changed delay:1s, change from:#files",
        "hx-target": "#saved",
        "hx-swap": "outerHTML",
        "hx-params": "text,topic,attachment,version,page,csrfmiddlewaretoken,seal",
        "hx-headers": '{"X-Autosave": "1"}',
        "hx-sync": "this:queue last",  # what is saved is the version that the next one builds on
    }


class TextForm(forms.Form):
    """What she writes. `max_length` gives the counter."""

    text = forms.CharField(
        max_length=TEXT_LENGTH,
        widget=Textarea({"rows": 10}),
        error_messages={"required": _("Skriv hva det gjelder."), "max_length": TOO_LONG},
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, label: Any, help_text: Any = "", text: str = "", save_url: str = ""
    ) -> None:
        """`save_url` is where the text is saved while she types: what stands in `#saved` is answered."""
        super().__init__(data, initial={"text": text})
        self.fields["text"].widget.attrs |= saved_by_itself(save_url)
        self.fields["text"].label = label
        self.fields["text"].help_text = help_text


class ReplyForm(forms.Form):
    """`key` makes a double click one reply."""

    text = forms.CharField(
        label=_("Svar"),
        max_length=TEXT_LENGTH,
        widget=Textarea({"rows": 6}),
        error_messages={"required": _("Skriv et svar."), "max_length": TOO_LONG},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, text: str = "", save_url: str) -> None:
        super().__init__(data, initial={"key": new_id(), "text": text})
        self.fields["text"].widget.attrs |= saved_by_itself(save_url)
