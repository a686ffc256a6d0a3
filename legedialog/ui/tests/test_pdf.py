"""Documents that look the same everywhere, in the scripts that people here write."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from legedialog.ui import pdf
from legedialog.ui.fonts import COVERAGE

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LAYOUT = Path(__file__).with_name("words.typ")
SCRIPTS = {
    "Tigrinya": "ሰላም ዓለም",
    "Tamil": "வணக்கம்",
    "Thai": "สวัสดี",
    "Chinese": "你好世界，我咳嗽。",
    "Arabic, Persian and Urdu": "مرحبا پچگ ٹڈڑ",
    "Hindi": "नमस्ते",
    "Bengali": "নমস্কার",
    "Punjabi": "ਸਤਿ ਸ੍ਰੀ ਅਕਾਲ",
    "Burmese": "မင်္ဂလာပါ",
    "Hebrew": "שלום",
    "Sinhala": "ආයුබෝවන්",
    "Georgian and Armenian": "გამარჯობა Բարև",
    "Russian and Ukrainian": "Привіт, здоровʼя ёъэ",
    "Greek": "Καλημέρα",
    "Vietnamese, Polish, Lithuanian, Turkish, Sami": "Tiếng Việt ąćęłńóśźż ėįšų ğışç čđŋšŧž",
    "emoji": "😀🤒👶🏽❤️",
}


def drawn(document: dict[str, str]) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf.make(LAYOUT, document, NOW)))


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_script_is_drawn(language: str) -> None:
    text = SCRIPTS[language]
    assert [sign for sign in text if not pdf._is_drawn(sign)] == []
    with drawn({"lang": "nb", "title": "Brev", "made": text}) as document:
        assert len(document.pages) == 1


def test_it_is_for_archives_and_for_screen_readers() -> None:
    with drawn({"lang": "nb", "title": "Brev", "made": "Laget i dag."}) as document, document.open_metadata() as about:
        assert (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"]) == ("2", "A", "1")
        assert str(document.Root.Lang) == "nb"


def test_what_cannot_be_drawn_is_said() -> None:
    linear_a = "\U00010600"
    made = pdf._replaced({"made": f"a{linear_a}"}, {ord(linear_a): pdf.INSTEAD})
    assert made == {"made": "a□"}
    assert not pdf._is_drawn(linear_a)
    assert pdf._is_drawn(pdf.INSTEAD)
    with drawn({"lang": "nb", "title": "Brev", "made": linear_a}) as document:
        assert len(document.pages) == 1


def test_the_list_of_what_can_be_drawn_is_short_and_sorted() -> None:
    ranges = json.loads(COVERAGE.read_text())
    assert ranges == sorted(ranges)
