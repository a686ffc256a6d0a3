"""Photos, written again: upright, in the colours of screens, without camera, time, place or what stands after them."""

import io
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageCms, ImageOps, MpoImagePlugin, WebPImagePlugin

from legedialog.attachments.cleaning.sniff import Stop

MOST_PIXELS = 60_000_000  # of a photo as it comes; a good telephone has 48 million
LONGEST = 4096  # pixels of a side that are kept: enough to look closely at a rash
QUALITY = 88
MOST = 12 * 1024 * 1024  # bytes of the copy

FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}
MOST_IN_PARTS = 250_000_000  # pixels of a JPEG, which is unpacked no larger than it is needed

Image.preinit()  # all that a photo needs is imported now, and MpoImagePlugin for those with two pictures: a decoder
LOADED = (MpoImagePlugin, WebPImagePlugin)  # that is shut in (confine.py) opens no file
pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = None  # we count ourselves, before anything is unpacked


def rewrite(kind: str, file: BinaryIO) -> tuple[str, bytes]:
    """Media type and bytes of the copy. Raises Stop."""
    try:
        with Image.open(file, formats=[FORMATS[kind]]) as image:
            if image.width * image.height > (MOST_IN_PARTS if kind == "jpeg" else MOST_PIXELS):
                raise Stop("file-too-heavy")
            share = min(1, LONGEST / max(image.size))
            image.draft(
                "RGB", (int(image.width * share), int(image.height * share))
            )  # at most eight times smaller each way, and only in a JPEG
            if image.width * image.height > MOST_PIXELS:
                raise Stop("file-too-heavy")
            image.load()
            picture = _plain(image)
    except (Stop, MemoryError):
        raise
    except Exception as error:  # whatever a decoder says of a broken file
        raise Stop("file-unreadable") from error
    if kind == "png":
        copy = _write(picture, "PNG", optimize=False)
        if len(copy) <= MOST:
            return "image/png", copy
    return "image/jpeg", _write(_without_alpha(picture), "JPEG", quality=QUALITY, progressive=False)


def _plain(image: Image.Image) -> Image.Image:
    """Pixels alone, in grey, RGB or RGBA."""
    turned = ImageOps.exif_transpose(image)
    screen = _screen_colours(turned)
    has_alpha = screen.mode in ("RGBA", "LA", "PA") or "transparency" in screen.info
    grey = screen.mode in ("1", "L", "LA", "I", "F") or screen.mode.startswith("I;16")
    if screen.mode.startswith("I"):  # sixteen bits of grey
        screen = screen.convert("I").point(lambda value: value / 256).convert("L")
    plain = screen.convert("RGBA" if has_alpha else "L" if grey else "RGB")
    plain.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    plain.info.clear()
    return plain


def _screen_colours(image: Image.Image) -> Image.Image:
    """From the photo's own colour space to that of screens, since the copy carries no profile."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = image.mode if image.mode == "RGBA" else "RGB"
        turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken profile: the colours as they are
    return turned or image


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _write(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
