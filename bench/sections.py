"""Sections of bench/results.md that a command of their own measures, each between its marks; bench/results.json."""

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE, JSON = ROOT / "bench" / "results.md", ROOT / "bench" / "results.json"


def put(page: str, name: str, lines: list[str]) -> str:
    """The page with this section in place of the one it had, or at its end."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if start not in page:
        page = f"{page.rstrip()}\n\n{start}\n{end}\n"
    before, _, rest = page.partition(start)
    return "\n".join([f"{before}{start}", "", *lines, "", f"{end}{rest.partition(end)[2]}"])


def write(name: str, lines: list[str], figures: dict[str, Any]) -> None:
    PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), name, lines), encoding="utf-8")
    kept = json.loads(JSON.read_text(encoding="utf-8")) | {name: {"commit": commit()} | figures}
    JSON.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(lines))


def commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()
