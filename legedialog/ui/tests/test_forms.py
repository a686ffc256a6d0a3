import re
from typing import Any

import pytest
from django import forms
from django.utils import translation

from legedialog.ui.forms import DateInput, NumberField, Textarea


class Example(forms.Form):
    channel = forms.ChoiceField(label="Kanal", choices=[("a", "Telefon"), ("b", "Video")], widget=forms.RadioSelect)
    reason = forms.CharField(label="Grunn", help_text="Kort.", max_length=10, widget=Textarea)
    day = forms.DateField(label="Dag", required=False, widget=DateInput)
    sure = forms.BooleanField(label="Sikker")
    token = forms.CharField(widget=forms.HiddenInput)


class Single(forms.Form):
    answer = forms.CharField(label="Svar", error_messages={"required": "Skriv et svar."})


def draw(form: forms.BaseForm, language: str = "nb") -> str:
    with translation.override(language):
        return " ".join(str(form).split())


def test_a_field_has_label_description_and_counter_tied_to_it() -> None:
    html = draw(Example())
    assert '<label class="ds-label" for="id_reason">Grunn' in html
    assert re.search(r'<textarea[^>]* autocomplete="off"', html)
    assert 'aria-describedby="id_reason_helptext id_reason_counter"' in html
    assert 'id="id_reason_counter" data-counter="id_reason" data-limit="10"' in html
    assert "Inntil 10 tegn" in html
    assert "maxlength" not in html
    assert 'type="date"' in html
    assert "ds-error-summary" not in html


@pytest.mark.parametrize(
    "text", ["\u200b\u2060\n \ufeff", "\u3164", "\u2800 \u2800", "\u00a0", "\ufe0f", "\u202e\u0301"], ids=ascii
)
def test_a_text_of_invisible_signs_alone_is_none(text: str) -> None:
    form = Example({"reason": text, "channel": "a", "sure": "on", "token": "t"})
    assert "reason" in form.errors
    assert Example({"reason": "👨\u200d👩"}).data["reason"] == "👨\u200d👩"


def test_choices_are_a_group_with_a_legend() -> None:
    html = draw(Example())
    assert '<fieldset class="ds-fieldset" id="id_channel">' in html
    assert '<label class="ds-label" for="id_channel_1">Video</label>' in html


def test_errors_stand_at_the_field_and_in_the_summary_with_a_link() -> None:
    html = draw(Example({"reason": "hei"}))
    summary = html.partition("</ds-error-summary>")[0]
    assert '<a class="ds-link" href="#id_channel_0">Fyll ut «Kanal».</a>' in summary
    assert '<a class="ds-link" href="#id_sure">Fyll ut «Sikker».</a>' in summary
    assert 'aria-describedby="id_sure_error"' in html
    assert 'class="ds-validation-message" id="id_channel_error"' in html
    assert '<fieldset class="ds-fieldset" id="id_channel" aria-describedby="id_channel_error">' in html
    assert ">hei</textarea>" in html.replace("> hei", ">hei")


def test_a_text_of_its_own_is_used_as_it_is() -> None:
    assert draw(Single({})).count("Skriv et svar.") == 2


def test_an_error_of_no_field_stands_in_the_summary() -> None:
    form = Single({"answer": "ja"})
    form.add_error(None, "Timen ble <tatt>.")
    assert "<li>Timen ble &lt;tatt&gt;.</li>" in draw(form)


def test_required_is_marked_where_it_helps() -> None:
    assert draw(Example()).count("Må fylles ut") == 3
    assert draw(Example()).count("Valgfritt") == 1
    assert "Required" in draw(Example(), "en")
    assert "fylles ut" not in draw(Single())


def test_all_required_is_said_once() -> None:
    class Both(Single):
        other = forms.CharField(label="Mer")

    assert draw(Both()).count("Alle feltene må fylles ut.") == 1
    assert "Må fylles ut" not in draw(Both())


def test_a_line_end_counts_as_one_sign() -> None:
    data: dict[str, Any] = {"channel": "a", "reason": "1234\r\n6789", "sure": "on", "token": "t"}
    form = Example(data)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["reason"] == "1234\n6789"
    assert not Example(data | {"reason": "12345678901"}).is_valid()


def test_of_one_line_no_sign_is_kept_that_nobody_sees_and_a_line_of_such_alone_is_none() -> None:
    """So a name is found as it is read, and a required field says that nothing is written in it."""
    form = Single({"answer": "Ka\u200bri\u202e Test\x07dal \u2066"})
    assert form.is_valid()
    assert form.cleaned_data["answer"] == "Kari Testdal"
    joined = Single({"answer": "می\u200cخواهم 👨\u200d👩"})
    assert joined.is_valid()
    assert joined.cleaned_data["answer"] == "می\u200cخواهم 👨\u200d👩"
    nothing = Single({"answer": "\u202e\u200b"})
    assert nothing.errors["answer"] == ["Skriv et svar."]


@pytest.mark.parametrize("text", ["１２", "١٢", "1_2", "1.5", "tolv"], ids=ascii)
def test_a_number_is_typed_with_the_digits_0_to_9(text: str) -> None:
    with pytest.raises(forms.ValidationError, match="sifrene 0 til 9"), translation.override("nb"):
        NumberField().clean(text)
    assert NumberField().clean(" 1 200\u200e ") == 1200
    assert NumberField(required=False).clean(" ") is None
