"""What of others' is in the product, with its version and licence, for docs/third-parties.md. Made from the lock files.

Python packages tell their licence in their own metadata; those of the browser in package-lock.json.
"""

import json
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
HEAD = """# Of others

What is part of an installation, from the lock files (`requirements/run.txt`, `package-lock.json`), with the licence
that each tells of itself. Legedialog itself is under the [EUPL, version 1.2](../LICENSE). The text of each comes with
its package. The pictures are Aksel's icons and Noto Emoji; the fonts are Inter and Noto Sans.

| package | version | licence |
| --- | --- | --- |
"""


def page() -> str:
    rows = [*_of_python(), *_of_the_browser()]
    return HEAD + "".join(f"| {name} | {version} | {licence} |\n" for name, version, licence in rows)


def _of_python() -> Iterator[tuple[str, str, str]]:
    for name, version in PINNED.findall((ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")):
        yield name, version, _licence(name)


def _licence(name: str) -> str:
    try:
        told = metadata(name)
    except PackageNotFoundError:  # of another platform
        return "see the package"
    by_class = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier", []) if each.startswith("License ::")]
    said = {name: str(told[name]) for name in ("License", "License-Expression") if name in told}
    if "License-Expression" in said:
        return said["License-Expression"]
    short = said.get("License", "").strip()
    return ", ".join(by_class) or (short if 0 < len(short) < 60 else "see the package")


def _of_the_browser() -> Iterator[tuple[str, str, str]]:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for place, told in sorted(packages.items()):
        if place and not told.get("dev"):
            yield place.rpartition("node_modules/")[2], told["version"], told.get("license", "see the package")
