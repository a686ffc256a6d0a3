"""Turns the fonts that npm brings (WOFF2, for browsers) into TrueType for documents, with a list of what they can draw.

Run once after `npm ci`, by the Makefile. Which scripts: those of the languages most spoken in the country. Source for
the choice: Statistisk sentralbyrå, immigrants by country background.
"""

import json
import shutil
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "build" / "fonts"
COVERAGE = FOLDER / "coverage.json"
SCRIPTS = (
    *("noto-sans", "ibm-plex-sans-arabic", "noto-sans-ethiopic", "noto-sans-tamil", "noto-sans-thai", "noto-sans-sc"),
    *("noto-sans-devanagari", "baloo-da-2:bengali", "noto-sans-gurmukhi", "noto-sans-myanmar", "noto-sans-hebrew"),
    *("noto-sans-sinhala", "noto-sans-georgian", "noto-sans-armenian", "noto-emoji"),
)


def build() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    drawn: set[int] = set()
    for name in SCRIPTS:
        package, _, part = name.partition(":")  # a part alone, where the rest of it would stand for other letters too
        files = ROOT / "node_modules" / "@fontsource" / package / "files"
        for source in sorted(files.glob(f"{package}-{part or '*'}-400-normal.woff2")):
            with TTFont(source) as font:
                drawn.update(font.getBestCmap())
                font.flavor = None
                _without_ligatures(font)
                font.save(FOLDER / f"{source.stem}.ttf")
    COVERAGE.write_text(json.dumps(_ranges(drawn)))


LAM = ("uniFEDF", "uniFEE0")  # lam and alef are one sign by rule


def _without_ligatures(font: TTFont) -> None:
    """Signs of two letters that are only beautiful: some programs copy their letters in another order. ADR 145."""
    for lookup in font["GSUB"].table.LookupList.Lookup if "GSUB" in font else ():
        for table in lookup.SubTable:
            ligatures = getattr(table, "ligatures", {})
            if any(lam in ligatures for lam in LAM):
                table.ligatures = {first: rest for first, rest in ligatures.items() if first in LAM}


def _ranges(codes: set[int]) -> list[tuple[int, int]]:
    """First and last of each run."""
    found: list[tuple[int, int]] = []
    for code in sorted(codes):
        if found and found[-1][1] == code - 1:
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return found


if __name__ == "__main__":
    build()
