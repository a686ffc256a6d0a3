"""What the cleaning program does with a file, asked directly."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from legedialog.attachments.cleaning import documents
from legedialog.attachments.cleaning.__main__ import rewrite
from legedialog.attachments.cleaning.sniff import Stop
from legedialog.attachments.tests import files

CASES = Path(__file__).parents[4] / "shared" / "cases" / "files"
ACTIVE = (
    b"JavaScript",
    b"/JS",
    b"/Launch",
    b"/URI",
    b"evil",
    b"/XFA",
    b"/OpenAction",
    b"/AA",
    b"/EmbeddedFile",
    b"Kari",
)


def colour(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(at)
    assert isinstance(found, tuple)
    return found


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_a_photo_is_turned_upright_and_loses_camera_and_place() -> None:
    media_type, copy, _ = rewrite(files.jpeg(exif=files.located()))
    image = opened(copy)
    assert (media_type, image.format, image.size) == ("image/jpeg", "JPEG", (30, 40))
    assert colour(image, (15, 3))[0] > 200
    assert colour(image, (15, 3))[1] < 90
    assert not image.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & image.info.keys()
    assert b"Testkamera" not in copy


def test_a_photo_from_an_iphone_becomes_a_jpeg() -> None:
    media_type, copy, _ = rewrite(files.heic())
    assert media_type == "image/jpeg"
    assert opened(copy).size in {(48, 64), (64, 48)}
    assert b"Testkamera" not in copy


def test_a_print_photo_in_cmyk_becomes_rgb() -> None:
    _, copy, _ = rewrite(files.jpeg(files.picture(mode="CMYK")))
    image = opened(copy)
    assert image.mode == "RGB"
    assert colour(image, (5, 15))[0] > 200
    assert colour(image, (35, 15)) > (240, 240, 240)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_png_is_kept_as_png(mode: str) -> None:
    image = files.picture().convert("L").convert("I").convert("I;16") if mode == "I;16" else files.picture(mode=mode)
    media_type, copy, _ = rewrite(files.png(image))
    assert media_type == "image/png"
    assert opened(copy).size == (40, 30)


def test_a_png_loses_its_texts_and_its_profile() -> None:
    from PIL import PngImagePlugin

    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Kari Testdal")
    _, copy, _ = rewrite(files.png(pnginfo=texts, exif=files.located()))
    assert b"Kari" not in copy
    assert b"Testkamera" not in copy
    assert not opened(copy).info


def test_a_colour_profile_is_used_and_not_kept() -> None:
    _, copy, _ = rewrite(files.wide_gamut())
    assert "icc_profile" not in opened(copy).info


def test_a_very_large_photo_is_made_smaller() -> None:
    _, copy, _ = rewrite(files.jpeg(files.picture((6000, 4000))))
    assert max(opened(copy).size) <= 4096


@pytest.mark.parametrize(
    ("name", "made", "code"),
    [
        ("a picture of 900 million pixels", files.pixel_bomb, "file-too-heavy"),
        ("a page that unpacks to 200 MB", files.heavy_pdf, "file-too-heavy"),
        ("a page with a picture of 900 million pixels", lambda: files.heavy_pdf(30_000), "file-too-heavy"),
        ("a page packed in a way that nobody here can unpack", lambda: files.heavy_pdf(how="/Own"), "file-unreadable"),
        ("a zip bomb", files.zip_bomb, "file-office"),
        ("an archive with a page in it", files.small_zip, "file-office"),
        ("an old Word file", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file-office"),
        ("a drawing with script", lambda: b'<svg xmlns="http://www.w3.org/2000/svg">' + files.SCRIPT, "file-type"),
        ("the same with a declaration", lambda: b'<?xml version="1.0"?><svg onload="alert(1)"/>', "file-type"),
        ("a page", lambda: b"<!doctype html>" + files.SCRIPT, "file-type"),
        ("a page that calls itself a PDF further down", lambda: files.SCRIPT + files.pdf(), "file-type"),
        ("a program", lambda: b"MZ" + bytes(500), "file-type"),
        ("a film", lambda: b"\x00\x00\x00\x18ftypmp42" + bytes(500), "file-type"),
        ("a cut photo", lambda: files.jpeg(files.picture((400, 300)))[:900], "file-unreadable"),
        ("a photo of nothing", lambda: b"\xff\xd8\xff" + bytes(300), "file-unreadable"),
        ("a broken document", lambda: b"%PDF-1.7\n" + b"x" * 300, "file-unreadable"),
        ("a document with a password", lambda: files.pdf(user_password="hemmelig"), "file-locked"),
        ("a form drawn by a program", files.pure_form, "file-form"),
        ("an iPhone photo that is none", lambda: b"\x00\x00\x00\x18ftypheic" + bytes(500), "file-unreadable"),
    ],
)  # fmt: skip
def test_what_is_refused(name: str, made: Callable[[], bytes], code: str) -> None:
    with pytest.raises(Stop) as refused:
        rewrite(made())
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo and archive", files.jpeg() + files.small_zip()),
        ("photo and page", files.jpeg(comment=files.SCRIPT) + files.SCRIPT),
        ("picture and archive", files.png() + files.small_zip()),
        ("document and archive", files.pdf() + files.small_zip()),
        ("document and page", files.pdf().replace(b"%PDF-1.", b"%PDF-1.", 1) + files.SCRIPT),
    ],
)
def test_a_file_with_two_faces_keeps_one(name: str, data: bytes) -> None:
    _, copy, _ = rewrite(data)
    assert b"PK\x03\x04" not in copy
    assert b"PK\x05\x06" not in copy
    assert b"script" not in copy


def test_a_document_keeps_its_pages_and_nothing_that_acts() -> None:
    armed = files.pdf(active=True, pages=3)
    assert any(word in armed for word in ACTIVE)
    media_type, copy, _ = rewrite(armed)
    assert media_type == "application/pdf"
    with pikepdf.open(io.BytesIO(copy)) as document:
        clear = io.BytesIO()
        document.save(clear, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.all, static_id=True)
        assert len(document.pages) == 3
        marks = document.pages[0].obj.Annots
        assert [str(mark.Subtype) for mark in marks] == ["/Link", "/Link", "/Link", "/Widget"]
        assert str(marks[2].A.S) == "/GoTo"  # a link within the document still works
        assert documents.defuse(document) == 0
    assert [word for word in ACTIVE if word in clear.getvalue()] == []


NAMED = b"""%PDF-1.7
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [3 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 6 0 R /Resources << /Font 4 0 R
   /XObject << /Sound 7 0 R >> /ExtGState << /Ref << /CA 0.5 >> >> >> >>
endobj
4 0 obj
<< /AA 5 0 R /URI << /S /URI /URI (https://evil.example) >> >>
endobj
5 0 obj
<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>
endobj
6 0 obj
<< /Length 64 >>
stream
BT /AA 12 Tf 10 50 Td (Hei) Tj ET /Ref gs q 5 0 0 5 0 0 cm /Sound Do Q
endstream
endobj
7 0 obj
<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Length 0 >>
stream

endstream
endobj
trailer
<< /Root 1 0 R >>
"""


def test_what_a_page_draws_may_be_called_like_anything() -> None:
    _, copy, left_out = rewrite(NAMED)
    with pikepdf.open(io.BytesIO(copy)) as document:
        resources = document.pages[0].obj.Resources
        assert str(resources.Font["/AA"].BaseFont) == "/Helvetica"
        assert "/URI" not in resources.Font  # an action in the place of a font
        assert "/Sound" in resources.XObject
        assert "/Ref" in resources.ExtGState
    assert not left_out.codes


@pytest.mark.parametrize("where", [b"/Names 4 0 R", b"/AA 4 0 R", b"/OpenAction 4 0 R"])
def test_a_dictionary_of_names_that_is_something_else_too_is_no_refuge(where: bytes) -> None:
    action = b"/S /JavaScript /JS (evil) >>"
    script = b"<< /JavaScript << /Names [(a) << " + action + b"] >> /AA << /Type /Font " + action + b" >>"
    armed = NAMED.replace(b"/Pages 2 0 R >>", b"/Pages 2 0 R " + where + b" >>", 1)
    armed = armed.replace(b"<< /AA 5 0 R /URI << /S /URI /URI (https://evil.example) >> >>", script)
    _, copy, _ = rewrite(armed)
    assert b"evil" not in copy
    assert b"/JavaScript" not in copy


@pytest.mark.parametrize(
    ("name", "codes", "names"),
    [
        ("letter-with-attachment.pdf", {"attachments"}, True),
        ("junk-before-header.pdf", None, None),
        ("resource-names.pdf", set(), False),
    ],
)
def test_what_a_reader_would_miss_is_told(name: str, codes: set[str] | None, names: bool | None) -> None:
    if not CASES.is_dir():
        pytest.skip("the inputs are not here: ../shared/cases/files")
    media_type, copy, left_out = rewrite((CASES / name).read_bytes())
    assert media_type == "application/pdf"
    if codes is not None:
        assert left_out.codes == codes
        assert bool(left_out.names) is names
    if name == "resource-names.pdf":
        with pikepdf.open(io.BytesIO(copy)) as document, pikepdf.open(CASES / name) as before:
            assert [len(page.get_images()) for page in document.pages] == [
                len(page.get_images()) for page in before.pages
            ]


def test_a_folder_of_files_is_refused() -> None:
    if not CASES.is_dir():
        pytest.skip("the inputs are not here: ../shared/cases/files")
    with pytest.raises(Stop) as refused:
        rewrite((CASES / "portfolio.pdf").read_bytes())
    assert refused.value.code == "file-portfolio"


def test_a_signature_that_would_only_be_called_broken_is_taken_out_and_told() -> None:
    with pikepdf.open(io.BytesIO(files.pdf())) as document:
        signed = pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3], Contents=b"0")
        document.Root.AcroForm = pikepdf.Dictionary(
            SigFlags=3,
            Fields=[document.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="s", V=signed))],
        )
        out = io.BytesIO()
        document.save(out)
    _, copy, left_out = rewrite(out.getvalue())
    assert left_out.codes == {"signature"}
    with pikepdf.open(io.BytesIO(copy)) as document:
        assert "/V" not in document.Root.AcroForm.Fields[0]


def test_a_photo_of_the_web_becomes_a_jpeg() -> None:
    out = io.BytesIO()
    files.picture((40, 30)).save(out, "WEBP", lossless=True)
    media_type, copy, _ = rewrite(out.getvalue())
    assert (media_type, opened(copy).size) == ("image/jpeg", (40, 30))


def test_a_jpeg_of_64_megapixels_is_made_smaller() -> None:
    out = io.BytesIO()
    Image.new("L", (9248, 6936), 200).save(out, "JPEG", quality=30)
    _, copy, _ = rewrite(out.getvalue())
    assert max(opened(copy).size) <= 4096


def test_a_document_that_anybody_may_open_loses_its_lock() -> None:
    _, copy, _ = rewrite(files.pdf(owner_password="eier"))
    with pikepdf.open(io.BytesIO(copy)) as document:
        assert not document.is_encrypted


def test_an_outline_stays() -> None:
    made = pikepdf.open(io.BytesIO(files.pdf(pages=2)))
    with made.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Side 1", 0))
        outline.root.append(pikepdf.OutlineItem("Side 2", 1))
    out = io.BytesIO()
    made.save(out)
    _, copy, _ = rewrite(out.getvalue())
    with pikepdf.open(io.BytesIO(copy)) as document, document.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Side 1", "Side 2"]
