"""Documents to keep or print, as PDF for archives and for screen readers (PDF/A-2a, PDF/UA-1). All words are text.

They look the same everywhere: only fonts of our own are used (ui/fonts.py), and what those cannot draw is said.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _

from legedialog.ui.fonts import COVERAGE, FOLDER

INSTEAD = "□"
STANDARDS: "list[typst.PDFStandard]" = ["a-2a", "ua-1"]


def make(layout: Path, document: dict[str, Any], now: datetime) -> bytes:
    """`document` is what the layout draws; `document["made"]` says when it was made, and here also what is missing."""
    missing = sorted({sign for text in _texts(document) for sign in text if not _is_drawn(sign)})
    if missing:
        told = _("Disse tegnene kan ikke vises her, og står som %(instead)s: %(codes)s.") % {
            "instead": INSTEAD,
            "codes": ", ".join(f"U+{ord(sign):04X}" for sign in missing[:20]),
        }
        document = _replaced(document, str.maketrans(dict.fromkeys(missing, INSTEAD)))
        document["made"] = f"{document['made']} {told}"
    return typst.compile(
        str(layout),
        format="pdf",
        ignore_system_fonts=True,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(document)},
        timestamp=int(now.timestamp()),
        pdf_standards=STANDARDS,
    )


@lru_cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER)])


@lru_cache
def _coverage() -> frozenset[int]:
    return frozenset(code for first, last in json.loads(COVERAGE.read_text()) for code in range(first, last + 1))


def _is_drawn(sign: str) -> bool:
    return sign in "\n\t" or ord(sign) in _coverage()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _replaced(value: Any, table: dict[int, Any]) -> Any:
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, dict):
        return {name: _replaced(part, table) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(part, table) for part in value]
    return value
