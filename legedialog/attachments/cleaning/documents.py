"""Documents, written again without anything that acts by itself, hides another file, or leads out of the document.

What is left are pages, links within the document, and marks. A copy that still holds something active is not kept.
"""

import io
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from legedialog.attachments.cleaning.sniff import Stop

MOST_OBJECTS = 200_000
MOST_PAGES = 1000

# Keys that hold scripts, actions that run by themselves, other files, forms of another kind, or data about the author.
REMOVED = frozenset(
    {
        *("/JS", "/JavaScript", "/AA", "/OpenAction", "/XFA", "/Launch", "/URI"),
        *("/EmbeddedFiles", "/EF", "/AF", "/Collection", "/RF", "/RichMediaContent", "/RichMediaSettings", "/Movie"),
        *("/Renditions", "/Sound", "/Ref", "/OPI", "/PieceInfo", "/Perms", "/Legal", "/Requirements", "/Extensions"),
        *("/Metadata", "/SpiderInfo", "/3DD", "/3DA", "/3DV", "/DSS", "/DPartRoot"),
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


def rewrite(file: BinaryIO) -> tuple[str, bytes]:
    """Media type and bytes of the copy. Raises Stop."""
    try:
        with pikepdf.open(file) as document:
            if len(document.objects) > MOST_OBJECTS or len(document.pages) > MOST_PAGES:
                raise Stop("file-too-heavy")
            if not len(document.pages):
                raise Stop("file-unreadable")
            if document.Root.get("/NeedsRendering"):
                raise Stop("file-form")  # all its pages are drawn by what we take out
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
    return "application/pdf", copy.getvalue()


def defuse(document: Pdf) -> int:
    """Take out what acts; how much there was."""
    taken = 0
    for key in ("/Info", "/Encrypt"):
        if key in document.trailer:
            taken += key != "/Info"
            del document.trailer[key]
    for page in document.pages:
        taken += _marks(page.obj)
    for item in document.objects:
        taken += _walk(item)
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


def _walk(root: Object) -> int:
    """One object of the file and what is written inside it. What it refers to comes by itself."""
    taken = 0
    todo = [root]
    while todo:
        item = todo.pop()
        if isinstance(item, Dictionary | Stream):
            taken += _strip(item)
            todo += [value for value in item.values() if _is_inside(value)]
        elif isinstance(item, Array):
            todo += [value for value in item if _is_inside(value)]
    return taken


def _is_inside(value: object) -> bool:
    return isinstance(value, Dictionary | Array) and not value.is_indirect


def _strip(item: Object) -> int:
    chains = 0
    gone = [key for key in item.keys() if key in REMOVED]  # noqa: SIM118  a stream is no mapping
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
