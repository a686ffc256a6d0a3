"""The floors of the house, drawn from the import contract in pyproject.toml: docs/pictures/floors.svg."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, GAP = 960, 34, 8
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{words}"
  font-family="sans-serif" font-size="15" text-anchor="middle">
<style>rect {{ fill: #e6eff8; stroke: #0062ba }} text {{ fill: #1e2b3c }}</style>
{boxes}
</svg>
"""


def floors() -> list[list[str]]:
    """From the roof down. Rooms on one floor never import each other."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = told["tool"]["importlinter"]["contracts"]
    (house,) = [each for each in contracts if each.get("containers") == ["legedialog"]]
    return [[room.strip() for room in layer.split("|")] for layer in house["layers"]]


def picture() -> str:
    boxes = []
    for number, rooms in enumerate(floors()):
        top, wide = GAP + number * (HEIGHT + GAP), (WIDTH - GAP) / len(rooms)
        for at, room in enumerate(rooms):
            left = GAP + at * wide
            middle = f'x="{left + (wide - GAP) / 2:g}" y="{top + 22}"'
            boxes += [
                f'<rect x="{left:g}" y="{top}" width="{wide - GAP:g}" height="{HEIGHT}" rx="4"/>',
                f"<text {middle}>{room}</text>",
            ]
    words = "; ".join(", ".join(rooms) for rooms in floors())
    height = GAP + len(floors()) * (HEIGHT + GAP)
    return SVG.format(width=WIDTH, height=height, words=f"The floors: {words}", boxes="\n".join(boxes))
