"""Files as people send them, and as attackers make them. All made here, of nobody."""

import io
import zipfile
import zlib

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageCms, TiffImagePlugin

SCRIPT = b"<script>alert(1)</script>"


def picture(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    """Red to the left, so that one sees how it is turned."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return image.convert(mode)


def located() -> Image.Exif:
    """As a telephone writes it: lying on its side, with camera and place."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    exif[0x010F] = "Testkamera"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", tuple(TiffImagePlugin.IFDRational(each) for each in (60, 23, 34))
    place[3], place[4] = "E", tuple(TiffImagePlugin.IFDRational(each) for each in (5, 19, 20))
    return exif


def jpeg(image: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (image or picture()).save(out, "JPEG", quality=95, **options)
    return out.getvalue()


def png(image: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (image or picture()).save(out, "PNG", **options)
    return out.getvalue()


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture((64, 48))).save(out, exif=located().tobytes())
    return out.getvalue()


def wide_gamut() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return jpeg(icc_profile=profile.tobytes())


def pixel_bomb() -> bytes:
    """Some kilobytes that unpack to 900 million pixels."""
    return png(Image.new("1", (30_000, 30_000)))


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", bytes(30_000_000))
    return out.getvalue()


def small_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", SCRIPT)
    return out.getvalue()


def pdf(*, active: bool = False, user_password: str = "", owner_password: str = "", pages: int = 1) -> bytes:
    """With `active`, everything that documents can do by themselves."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    if active:
        _arm(made)
    out = io.BytesIO()
    if user_password or owner_password:
        made.save(out, encryption=pikepdf.Encryption(owner=owner_password or "eier", user=user_password))
    else:
        made.save(out)
    return out.getvalue()


def heavy_pdf(side: int = 0, how: str = "/FlateDecode") -> bytes:
    """A page that is small until it is unpacked: its words, or with a `side` a picture so many pixels high and wide."""
    made = pikepdf.new()
    made.add_blank_page()
    packed = zlib.compress(bytes(1000 if side else 200_000_000), 9)
    content = made.make_stream(packed)
    content.Filter = Name(how)
    if side:
        content.Type, content.Subtype, content.Width, content.Height = Name.XObject, Name.Image, side, side
        made.pages[0].Resources = Dictionary(XObject=Dictionary(A=content))
    else:
        made.pages[0].Contents = content
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _arm(made: pikepdf.Pdf) -> None:
    script = Dictionary(Type=Name.Action, S=Name.JavaScript, JS="app.alert(1)")
    launch = made.make_indirect(Dictionary(S=Name.Launch, F="cmd.exe"))
    made.Root.OpenAction = made.make_indirect(script)
    made.Root.AA = Dictionary(WC=script)
    made.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array(["a", made.make_indirect(Dictionary(S=Name.JavaScript, JS="b()"))]))
    )
    made.attachments["evil.exe"] = b"MZ evil"
    field = made.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=[0, 0, 9, 9], FT=Name.Tx, T="a", AA=Dictionary(E=script))
    )
    made.Root.AcroForm = Dictionary(XFA=made.make_stream(b"<xdp/>"), Fields=Array([field]))
    made.docinfo["/Author"] = "Kari Testdal"
    inner = Dictionary(S=Name.GoTo, D=Array([made.pages[0].obj, Name.Fit]), Next=launch)
    made.pages[0].obj.Annots = made.make_indirect(
        Array(
            [
                Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=launch),
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Link,
                    Rect=[0, 0, 9, 9],
                    A=Dictionary(S=Name.URI, URI="https://evil.example"),
                ),
                made.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=inner)),
                Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9]),
                field,
            ]
        )
    )


def pure_form() -> bytes:
    made = pikepdf.new()
    made.add_blank_page()
    made.Root.NeedsRendering = True
    made.Root.AcroForm = Dictionary(XFA=made.make_stream(b"<xdp/>"), Fields=Array([]))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def pdf_bomb() -> bytes:
    """A stream of objects that unpacks to two gigabytes."""
    import zlib

    packer = zlib.compressobj(9)
    data = b"".join([packer.compress(b"0 " * 5_000_000) for _ in range(200)] + [packer.flush()])
    body = b"%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
    body += str(len(data)).encode() + b">>\nstream\n" + data + b"\nendstream\nendobj\n"
    return body + b"trailer<</Root 2 0 R/Size 3>>\n%%EOF"


def large_photo() -> bytes:
    """About 11 MB, as a good telephone makes them."""
    import random

    noise = random.Random(7).randbytes(3500 * 2600 * 3)
    return jpeg(Image.frombytes("RGB", (3500, 2600), noise))
