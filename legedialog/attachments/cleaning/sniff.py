"""What a file is, by its first bytes. Its name and what the browser calls it are never asked."""

ENOUGH = 1024  # bytes

OFFICE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"\xd0\xcf\x11\xe0", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


class Stop(Exception):
    """The file is not taken. `code` is that of a refusal in attachments/rules.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(start: bytes) -> str:
    """One of jpeg, png, webp, heic and pdf. Raises Stop. Only the beginning counts, so a file with two faces has one.

    A PDF may begin after something else, as scanners and mail programs make them. Source: ISO 32000-1 annex H, note 13.
    """
    if start.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "webp"
    if start[4:8] == b"ftyp" and start[8:12] in HEIC_BRANDS:
        return "heic"
    if start.startswith(OFFICE):
        raise Stop("file-office")
    if b"%PDF-" in start[:ENOUGH] and not start.lstrip(b"\xef\xbb\xbf\r\n\t \x00").startswith((b"<", b"MZ", b"#!")):
        return "pdf"
    raise Stop("file-type")
