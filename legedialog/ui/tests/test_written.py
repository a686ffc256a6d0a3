"""What people write is shown as written: its lines, its direction, never as markup."""

import re
from pathlib import Path

import pytest
from django import forms

import legedialog
from legedialog.ui.forms import Textarea
from legedialog.ui.templatetags.ui import written


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hei\ndu", '<bdi class="written">Hei<br>du</bdi>'),
        ("مرحبا", '<bdi class="written">مرحبا</bdi>'),
        ("<b>1 & 2", '<bdi class="written">&lt;b&gt;1 &amp; 2</bdi>'),
        (None, '<bdi class="written"></bdi>'),
    ],
)
def test_each_line_goes_the_way_of_its_letters(text: str | None, html: str) -> None:
    assert written(text) == html


def test_every_template_shows_what_people_write_in_this_one_way() -> None:
    root = Path(legedialog.__file__).parent
    others = [str(file) for file in root.rglob("*.html") if re.search(r"\|linebreaks(br)?\b", file.read_text())]
    assert others == []


def test_a_field_for_words_turns_with_what_is_typed() -> None:
    class Words(forms.Form):
        name = forms.CharField()
        text = forms.CharField(widget=Textarea)
        mail = forms.CharField(widget=forms.EmailInput)

    html = str(Words())
    assert html.count('dir="auto"') == 2
