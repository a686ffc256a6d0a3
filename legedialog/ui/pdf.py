"""Documents to keep or print, as PDF for archives and for screen readers (PDF/A-2a, PDF/UA-1). All words are text.

They look the same everywhere: only fonts of our own are used (ui/fonts.py), and what those cannot draw is said.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from legedialog.ui.fonts import COVERAGE, FOLDER

INSTEAD = "□"
NAMED = 20  # of the signs that cannot be drawn
STANDARDS: "list[typst.PDFStandard]" = ["a-2a", "ua-1"]
UNSEEN = ("Cc", "Cf", "Cs")  # kinds of signs that nobody misses, but for those that join and part letters
FORBIDDEN = "\x00\ufeff\ufffe"  # by the standard for archives
PLAIN = str.maketrans({"\r": None, "\u2028": "\n", "\u2029": "\n", "\u202f": "\xa0"})
KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")  # one sign of two fonts; its digit says the same
MARKS = ("Mn", "Mc", "Me")
OF_ALL = range(0x300, 0x370)  # accents, which any letter may have
TONES = range(0x1F3FB, 0x1F400)  # the colours of skin, after an emoji


def make(layout: Path, document: dict[str, Any], now: datetime) -> bytes:
    """`document` is what the layout draws; `document["made"]` says when it was made, and here also what is missing.

    A mark that stands on a sign of another script is in no font together with it, and would be the end of the whole
    document: then the odd marks are left out, and if that is not enough all of them.
    """
    document = _replaced(document, _seen)
    for find in (_undrawn, _odd_marks, _marks):
        try:
            return _compiled(layout, _with_what_is_missing(document, find), now)
        except typst.TypstError as error:
            fault = error
    raise fault


def _compiled(layout: Path, document: dict[str, Any], now: datetime) -> bytes:
    return typst.compile(
        str(layout),
        format="pdf",
        ignore_system_fonts=True,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(document)},
        timestamp=int(now.timestamp()),
        pdf_standards=STANDARDS,
    )


def _with_what_is_missing(document: dict[str, Any], find: Callable[[str], set[int]]) -> dict[str, Any]:
    """Where `find` says that a sign cannot be drawn another stands for it, and the document tells which they were."""
    missing: set[str] = set()

    def drawn(text: str) -> str:
        places = find(text)
        missing.update(text[place] for place in places)
        return "".join(INSTEAD if place in places else sign for place, sign in enumerate(text)) if places else text

    document = _replaced(document, drawn)
    if missing:
        codes = [f"U+{ord(sign):04X}" for sign in sorted(missing)]
        told = _("Disse tegnene kan ikke vises her, og står som %(instead)s: %(codes)s.") % {
            "instead": INSTEAD,
            "codes": ", ".join(codes[:NAMED]),
        }
        if (more := len(codes) - NAMED) > 0:
            told += " " + ngettext("Det gjelder %(count)d tegn til.", "Det gjelder %(count)d tegn til.", more) % {
                "count": more
            }
        document["made"] = f"{document['made']} {told}"
    return document


def _seen(text: str) -> str:
    """The text as it is read: without signs that cannot be seen and that no font has."""
    text = KEYCAP.sub(r"\1", text.translate(PLAIN))
    return "".join(
        sign for sign in text if sign not in FORBIDDEN and (_is_drawn(sign) or unicodedata.category(sign) not in UNSEEN)
    )


def _undrawn(text: str) -> set[int]:
    return {place for place, sign in enumerate(text) if not _is_drawn(sign)}


def _odd_marks(text: str) -> set[int]:
    """Also marks that stand on a sign of another script."""
    found, base = _undrawn(text), ""
    for place, sign in enumerate(text):
        if ord(sign) in TONES:
            is_odd = not base or unicodedata.category(base) != "So"
        elif unicodedata.category(sign) in MARKS:
            is_odd = ord(sign) not in OF_ALL and _script(sign) not in (_script(base), "VARIATION")
        else:
            is_odd, base = False, sign
        if is_odd:
            found.add(place)
    return found


def _marks(text: str) -> set[int]:
    """Also every mark."""
    return _undrawn(text) | {
        place for place, sign in enumerate(text) if unicodedata.category(sign) in MARKS or ord(sign) in TONES
    }


def _script(sign: str) -> str:
    return unicodedata.name(sign, "").split(" ")[0] if sign else ""


@lru_cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER)])


@lru_cache
def _coverage() -> frozenset[int]:
    return frozenset(code for first, last in json.loads(COVERAGE.read_text()) for code in range(first, last + 1))


def _is_drawn(sign: str) -> bool:
    return sign in "\n\t" or ord(sign) in _coverage()


def _replaced(value: Any, replace: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, dict):
        return {name: _replaced(part, replace) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(part, replace) for part in value]
    return value
