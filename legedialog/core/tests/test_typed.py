"""A person's own words are told from what stands hidden in a form, also when it is one word."""

import pytest
from django import forms

from legedialog.core import typed


class Asked(forms.Form):
    ailment = forms.CharField()
    channel = forms.ChoiceField()
    row = forms.UUIDField()
    version = forms.CharField(widget=forms.HiddenInput)


@pytest.mark.parametrize(
    ("name", "value", "are_hers"),
    [
        ("ailment", "Hodepine", True),
        ("ailment", "hodepine", True),
        ("ailment", "  ", False),
        ("4-ailment", "Hodepine", True),
        ("channel", "video", False),
        ("row", "0190b1a2-0000-7000-8000-000000000001", False),
        ("version", "5f3a", False),
        ("do", "begin", False),
        ("of-an-earlier-version", "Vondt i hodet", True),
    ],
)
def test_what_she_typed(name: str, value: str, are_hers: bool) -> None:
    typed._names_of_texts.cache_clear()  # the form above may have come later
    assert typed.words([(name, value)]) == ([value] if are_hers else [])
