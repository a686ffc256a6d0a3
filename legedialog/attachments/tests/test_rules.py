import pytest
from django.utils.translation import override

from legedialog.attachments.rules import NAME_LENGTH, clean_name
from legedialog.attachments.web.field import in_words


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("utslett.jpg", "image/jpeg", "utslett.jpg"),
        ("IMG_0042.HEIC", "image/jpeg", "IMG_0042.jpg"),
        ("C:\\bilder\\utslett på armen.jpeg", "image/jpeg", "utslett på armen.jpg"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("attest.pdf.exe", "application/pdf", "attest.pdf"),
        ("cod\u202egpj.exe", "application/pdf", "codgpj.pdf"),
        ("linje\r\nSet-Cookie: a", "application/pdf", "linjeSet-Cookie a.pdf"),
        ('<img src="x">.png', "image/png", "img src= x.png"),
        ("", "image/png", "vedlegg.png"),
        (".pdf", "application/pdf", "vedlegg.pdf"),
        ("MR.kne.pdf", "application/pdf", "MR.kne.pdf"),
        ("MR.hode.pdf", "application/pdf", "MR.hode.pdf"),
        ("Blodprøver 12.3.2026.pdf", "application/pdf", "Blodprøver 12.3.2026.pdf"),
    ],
)
def test_names_are_cleaned(name: str, media_type: str, kept: str) -> None:
    assert clean_name(name, media_type) == kept


def test_a_long_name_is_cut() -> None:
    assert len(clean_name("a" * 500, "image/png")) == NAME_LENGTH + 4


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1 kB"), (166_800, "163 kB"), (1024 * 1024, "1 MB"), (1_300_000, "1,2 MB"), (10 * 1024 * 1024, "10 MB")],
)
def test_a_size_is_said_as_the_page_says_it_before_the_file_is_sent(size: int, words: str) -> None:
    with override("nb"):
        assert in_words(size) == words
