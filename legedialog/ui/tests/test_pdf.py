"""Documents that look the same everywhere, in the scripts that people here write."""

import io
import json
import shutil
import subprocess
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
    "Arabic, Persian and Urdu": "مرحبا پچگ ٹڈڑ سرفه",
    "Hindi": "नमस्ते",
    "Bengali": "নমস্কার স্বাস্থ্য কেন্দ্র ডাক্তারের শ্রী কৃষ্ণ জ্বর বুদ্ধি কো কৌ কে কি। অসমীয়া ৰ ৱ ১২৩",
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


@pytest.mark.parametrize("language", set(SCRIPTS) - {"emoji"})  # ADR 145 says why not these
def test_what_is_copied_out_of_it_is_what_was_written(language: str, tmp_path: Path) -> None:
    program = shutil.which("pdftotext")
    if not program:
        pytest.skip("pdftotext is not installed here; CI installs it")
    text = SCRIPTS[language]
    (tmp_path / "a.pdf").write_bytes(pdf.make(LAYOUT, {"lang": "nb", "title": "Brev", "made": text}, NOW))
    done = subprocess.run([program, "-enc", "UTF-8", str(tmp_path / "a.pdf"), "-"], capture_output=True, check=True)
    copied = done.stdout.decode().translate(dict.fromkeys(range(0x202A, 0x202F)))  # which way it is written
    assert text in " ".join(copied.split())


def test_of_many_signs_that_cannot_be_drawn_twenty_are_named_and_the_others_counted() -> None:
    text = "".join(chr(0x10600 + number) for number in range(23))
    told = pdf._with_what_is_missing({"text": text, "made": ""}, pdf._undrawn)["made"]
    assert told.count("U+") == 20
    assert told.endswith("Det gjelder 3 tegn til.")


def test_it_is_for_archives_and_for_screen_readers() -> None:
    with drawn({"lang": "nb", "title": "Brev", "made": "Laget i dag."}) as document, document.open_metadata() as about:
        assert (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"]) == ("2", "A", "1")
        assert str(document.Root.Lang) == "nb"


@pytest.mark.parametrize(
    ("written", "shown", "told"),
    [
        ("a\U00010600", "a□", "U+10600"),
        ("안", "□", "U+C548"),
        ("\ufeffa\u202eb\u2066\x07", "ab", ""),  # what nobody sees is not missed
        ("900\u202f00\u2028000", "900\xa000\n000", ""),
        ("1\ufe0f\u20e3 og #\u20e3", "1 og #", ""),
        ("می\u200cخواهم", "می\u200cخواهم", ""),
    ],
)
def test_what_cannot_be_drawn_is_said(written: str, shown: str, told: str) -> None:
    document = pdf._with_what_is_missing(pdf._replaced({"made": "I dag.", "text": written}, pdf._seen), pdf._undrawn)
    assert document["text"] == shown
    assert (told in document["made"], "U+" in document["made"]) == (True, bool(told))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a\U00010600",
            "\ufeff",
            "\x00",
            "\ud800",
            "\uffff",
            "1\ufe0f\u20e3",
            "a\u20dd",
            "x\u064e",
            "a\U0001f3fd",
            "👋\U0001f3fd",
        ),
        *(
            "e" + "\u0301" * 200,
            "h\u0310\u0489\u035ce",
            "नमस्ते x\u0947",
            "ي\u0947",
            "å" * 300,
            "👨‍👩‍👧‍👦 🏳️‍🌈 🇳🇴",
            "\u064e",
        ),
    ],
    ids=ascii,
)
def test_no_text_is_the_end_of_a_document(text: str) -> None:
    with drawn({"lang": "nb", "title": f"Brev {text}", "made": f"{text} {text}"}) as document:
        assert len(document.pages) == 1


def test_an_odd_mark_takes_no_other_with_it() -> None:
    assert pdf._odd_marks("नमस्ते x\u064e a\U0001f3fd 👋\U0001f3fd e\u0301 ❤\ufe0f") == {8, 11}
    assert pdf._marks("e\u0301") == {1}


def test_the_list_of_what_can_be_drawn_is_short_and_sorted() -> None:
    ranges = json.loads(COVERAGE.read_text())
    assert ranges == sorted(ranges)
