"""Documents, written again without anything that acts by itself, hides another file, or leads out of the document.

What is left are pages, links within the document, and marks. A copy that still holds something active is not kept.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from legedialog.attachments.cleaning.sniff import Stop

MOST_OBJECTS = 200_000
MOST_PAGES = 1000
MOST_UNPACKED = 64 * 1024 * 1024  # bytes of pages, fonts and the rest together, as a reader's program unpacks them
FOR_PICTURES = frozenset({"/DCTDecode", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode", "/DCT", "/CCF"})
MOST_PIXELS = 400_000_000  # of one picture: a page of A3 at 1200 points an inch is 280 million

# Keys that hold scripts, actions that run by themselves, other files, forms of another kind, or data about the author.
REMOVED = frozenset(
    {
        *("/JS", "/JavaScript", "/AA", "/OpenAction", "/XFA", "/Launch", "/URI"),
        *("/EmbeddedFiles", "/EF", "/AF", "/Collection", "/RF", "/RichMediaContent", "/RichMediaSettings", "/Movie"),
        *("/Renditions", "/Sound", "/Ref", "/OPI", "/PieceInfo", "/Perms", "/Legal", "/Requirements", "/Extensions"),
        *("/Metadata", "/SpiderInfo", "/3DD", "/3DA", "/3DV", "/DSS", "/DPartRoot", "/SigFlags"),
    }
)
ACTION_KEYS = ("/A", "/PA")  # what a link does when it is pressed
ACTIONS_KEPT = frozenset({"/GoTo"})  # another place in the same document
FORBIDDEN_ACTIONS = frozenset(
    {
        *("/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/GoToDp", "/Rendition"),
        *("/RichMediaExecute", "/Movie", "/Sound", "/GoTo3DView", "/ResetForm", "/Hide", "/SetOCGState", "/Thread"),
    }
)
MARKS_KEPT = frozenset(
    {
        *("/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight"),
        *("/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Stamp", "/Ink", "/Popup", "/Widget", "/Redact"),
        "/Watermark",
    }
)
# In a page's resources keys are names of the document's own choosing, and so may be called like anything above.
# What may stand under them, by the key that tells.
RESOURCES = {
    "/Font": ("/Type", ("/Font",)),
    "/XObject": ("/Subtype", ("/Image", "/Form")),
    "/Pattern": ("/PatternType", ("1", "2")),
    "/Shading": ("/ShadingType", ("1", "2", "3", "4", "5", "6", "7")),
    "/ExtGState": ("/Type", ("/ExtGState",)),
    "/Properties": ("/Type", ("/OCG", "/OCMD")),
    "/ColorSpace": ("", ()),
}
UNTYPED = ("/ExtGState", "/Properties")  # whose type is often left out
CONTAINERS = (Dictionary, Stream, Array)
ObjGen = tuple[int, int]
NAMES_SHOWN = 10  # of attachments left out


@dataclass(slots=True)
class LeftOut:
    """What a reader would miss: `codes` are those of attachments/texts.py, `names` the attachments' own."""

    codes: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)


def rewrite(file: BinaryIO) -> tuple[str, bytes, LeftOut]:
    """Media type and bytes of the copy, and what is not in it. Raises Stop."""
    try:
        with pikepdf.open(file) as document:
            if len(document.objects) > MOST_OBJECTS or len(document.pages) > MOST_PAGES:
                raise Stop("file-too-heavy")
            if not len(document.pages):
                raise Stop("file-unreadable")
            if document.Root.get("/NeedsRendering"):
                raise Stop("file-form")  # all its pages are drawn by what we take out
            if "/Collection" in document.Root:
                raise Stop("file-portfolio")  # its page only says that there are files inside
            if _is_bomb(document):
                raise Stop("file-too-heavy")
            left_out = missed(document)
            defuse(document)
            copy = io.BytesIO()
            document.save(copy, encryption=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        with pikepdf.open(io.BytesIO(copy.getvalue())) as again:
            if defuse(again):
                raise Stop("file-unreadable")
    except (Stop, MemoryError):
        raise
    except pikepdf.PasswordError as error:
        raise Stop("file-locked") from error
    except Exception as error:  # whatever the parser says of a broken file
        raise Stop("file-unreadable") from error
    return "application/pdf", copy.getvalue(), left_out


def _is_bomb(document: Pdf) -> bool:
    """Small here and enormous where it is read: whoever opens the copy unpacks it."""
    unpacked = 0
    for item in document.objects:
        if not isinstance(item, Stream):
            continue
        if item.get("/Subtype") == Name.Image:
            if int(item.get("/Width", 0)) * int(item.get("/Height", 0)) > MOST_PIXELS:
                return True
            continue
        try:
            unpacked += len(item.read_bytes())
        except pikepdf.PdfError as error:
            if not _is_packed_as_picture(item):  # too large for the memory there is, or broken
                raise Stop("file-unreadable") from error
        if unpacked > MOST_UNPACKED:
            return True
    return False


def _is_packed_as_picture(item: Stream) -> bool:
    packed = item.get("/Filter")
    return any(str(each) in FOR_PICTURES for each in (packed if isinstance(packed, Array) else [packed]))


def missed(document: Pdf) -> LeftOut:
    """What will be taken out and a reader would look for."""
    found = LeftOut()
    for item in (item for root in document.objects for item, _role in _inside(root)):
        if not isinstance(item, Dictionary | Stream):
            continue
        subtype, action = str(item.get("/Subtype")), item.get("/A")
        if item.get("/Type") in (Name.Filespec, Name.F) and "/EF" in item:
            found.codes.add("attachments")
            name = str(item.get("/UF", item.get("/F", "")))[:200]
            if name and name not in found.names and len(found.names) < NAMES_SHOWN:
                found.names.append(name)
        if str(item.get("/FT")) == "/Sig" and "/V" in item:
            found.codes.add("signature")
        if isinstance(action, Dictionary) and str(action.get("/S")) == "/URI":
            found.codes.add("links")
        if subtype in ("/Movie", "/Sound", "/Screen", "/RichMedia", "/3D"):
            found.codes.add("media")
    return found


def defuse(document: Pdf) -> int:
    """Take out what acts; how much there was."""
    taken = 0
    for key in ("/Info", "/Encrypt"):
        if key in document.trailer:
            taken += key != "/Info"
            del document.trailer[key]
    for page in document.pages:
        taken += _marks(page.obj)
    roles = _roles(document)
    for item in document.objects:
        taken += _walk(item, roles.get(item.objgen, ""))
    return taken


def _marks(page: Object) -> int:
    marks = page.get("/Annots")
    if not isinstance(marks, Array):
        if marks is None:
            return 0
        del page["/Annots"]
        return 1
    kept = [mark for mark in marks if isinstance(mark, Dictionary) and str(mark.get("/Subtype")) in MARKS_KEPT]
    if len(kept) == len(marks):
        return 0
    page["/Annots"] = Array(kept)
    return 1


def _walk(root: Object, role: str) -> int:
    """One object of the file and what is written inside it. What it refers to comes by itself."""
    return sum(_strip(item, its) for item, its in _inside(root, role) if isinstance(item, Dictionary | Stream))


def _inside(root: Object, role: str = "") -> Iterator[tuple[Object, str]]:
    """It and the containers that are written inside it, each with its role in a page's resources."""
    todo = [(root, role)]
    while todo:
        item, its = todo.pop()
        if isinstance(item, Dictionary | Stream | Array):
            yield item, its
            todo += [(value, part) for value, part in _parts(item, its) if not value.is_indirect]


def _parts(item: Object, role: str) -> list[tuple[Object, str]]:
    """The containers it holds or refers to, each with the role that its place gives it."""
    if isinstance(item, Array):
        return [(value, "") for value in item if isinstance(value, CONTAINERS)]
    parts: list[tuple[Object, str]] = []
    for key, value in item.items():
        if isinstance(value, CONTAINERS):
            in_resources = role == "/Resources" and key in RESOURCES
            parts.append((value, key if key == "/Resources" or in_resources else ""))
    return parts


def _roles(document: Pdf) -> dict[ObjGen, str]:
    """Of the objects that are a page's resources, or one of their dictionaries of names, and nothing else besides."""
    roles: dict[ObjGen, str] = {}
    for _round in ("resources", "their dictionaries"):
        told = {value.objgen: {""} for value in document.trailer.values() if isinstance(value, CONTAINERS)}
        for root in document.objects:
            for item, role in _inside(root, roles.get(root.objgen, "")):
                for value, part in _parts(item, role):
                    if value.is_indirect:
                        told.setdefault(value.objgen, set()).add(part)
        roles = {which: parts.pop() for which, parts in told.items() if len(parts) == 1 and parts != {""}}
    return roles


def _fits(category: str, value: object) -> bool:
    key, allowed = RESOURCES[category]
    if not key:
        return isinstance(value, Array | Name)
    if not isinstance(value, Dictionary | Stream):
        return False
    kind = value.get(key)
    return str(kind) in allowed if kind is not None else category in UNTYPED and not {"/S", "/JS"} & set(value.keys())


def _strip(item: Object, role: str) -> int:
    chains = 0
    gone = [key for key in item.keys() if key in REMOVED]  # noqa: SIM118  a stream is no mapping
    if role in RESOURCES:
        gone = [key for key in gone if not _fits(role, item[key])]
    elif str(item.get("/FT")) == "/Sig" and "/V" in item:
        gone.append("/V")  # it holds for the file as it was, and would only be called broken
    for key in ACTION_KEYS:
        action = item.get(key)
        if isinstance(action, Dictionary) and "/S" in action:
            if str(action.get("/S")) not in ACTIONS_KEPT:
                gone.append(key)
            elif "/Next" in action:
                del action["/Next"]  # a chain of actions
                chains += 1
    if isinstance(item, Stream):
        gone += [key for key in ("/F", "/FFilter", "/FDecodeParms") if key in item]  # its bytes are in another file
    elif str(item.get("/S")) in FORBIDDEN_ACTIONS and item.get("/Type") != Name.StructElem:
        gone += [key for key in ("/S", "/F", "/Win", "/Unix", "/Mac", "/D") if key in item]
    elif item.get("/Type") in (Name.Filespec, Name.F):
        gone += [key for key in ("/F", "/UF", "/FS", "/DOS", "/Unix", "/Mac") if key in item]
    for key in set(gone):
        del item[key]
    return len(set(gone)) + chains


def prepare() -> None:
    """qpdf opens the system's random numbers when it first needs some, and keeps them."""
    with Pdf.new() as document:
        document.add_blank_page()
        document.save(io.BytesIO(), encryption=pikepdf.Encryption(owner="", user=""))
