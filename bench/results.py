"""What was measured, with its floor and its target; bench/results.json and bench/results.md."""

import json
import platform
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from bench.world import CLIENTS, CORES, ROOT

JSON, PAGE = ROOT / "bench" / "results.json", ROOT / "bench" / "results.md"
START, END = "<!-- bench -->", "<!-- /bench -->"
KEPT = 12  # runs in the table over time
# What stands in the way of a target that is not reached, by the beginning of the row's name, as a profile of the job
# alone shows it. Who reaches one takes its line away.
WHY = {
    "use case: own appointments": "Nine tenths are the round trip itself: the scope is said with the statement, and"
    " each is a call of the system here and there. With 300 coming ones PostgreSQL counts all of them to say how many.",
    "use case: free times": "Half is the round trip; the rest is the day's steps put to the rules one by one.",
    "use case: hold and book": "Nine round trips with two commits, and eight rows written under policies and triggers.",
    "use case: send": "The draft is locked and opened by the ORM, and what the office asks is read by four statements"
    " in turn; then eight rows are written under policies.",
    "use case: read": "Ten sealed texts with their writers' names are opened, and the trace of reading is a write.",
    "book: use": "As for hold and book: the floor writes the same rows in one round trip by statements of its own.",
    "book by pages": "Three pages are made for a booking, of which the templates and middleware are half.",
    "page: Innboks": "Half is the template of fifty lines. With thousands that wait PostgreSQL looks at each of them"
    " twice under the policies, to find the first fifty and to say how many there are.",
    "page: Kalender": "The template: a week has some three hundred cells, each with its own address and name.",
    "page:": "The templates and the ORM of what is not a statement yet: each about.py says which pages ask most.",
    "commit with": "As fast as the simulated disk lets eight connections commit: each waits for its own flush.",
    "1": "What the server's runtime keeps for a connection: its task, its receiver and the buffers of the line.",
    "/": "The table it names is read from its beginning, or counted to say how many there are.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `floor`: the name of the floor it is a share of. `cpu`: ms of the site (or, for use cases, of who
    calls them), the worker and PostgreSQL for each. `reached`: whether the target is, None without one."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    floor: str = ""
    cpu: tuple[float, float, float] | None = None
    target: str = ""
    reached: bool | None = None
    share: float = 0  # the least of its floor

    def but(self, target: str, reached: Callable[[dict[str, float]], bool]) -> "Row":
        return replace(self, target=target, reached=reached(self.figures))


def say(row: Row) -> str:
    figures = {name: each for name, each in row.figures.items() if isinstance(each, int | float)}
    parts = [f"{name} {each:,.2f}" for name, each in figures.items()]
    if row.cpu:
        parts.append("CPU ms {:.2f} site, {:.2f} worker, {:.2f} PostgreSQL".format(*row.cpu))
    mark = {True: "reached", False: "NOT reached", None: ""}[row.reached]
    return "  ".join([row.name, *parts, f"[{row.target}: {mark}]" if row.target else ""])


def write(parts: dict[str, list[Row]], faults: dict[str, str], persons: int) -> None:
    """Each part as it was measured last, with its commit; the ratios of this run beside those of earlier ones."""
    kept = json.loads(JSON.read_text(encoding="utf-8"))
    about = {"commit": _commit(), "date": str(date.today()), "persons": persons, "machine": _machine()}  # noqa: DTZ011
    measured = kept.setdefault("parts", {})
    for name, found in parts.items():
        measured[name] = about | {"rows": [asdict(row) for row in found], "fault": faults.get(name, "")}
    history = kept.setdefault("history", [])
    history.append(about | {"ratios": _ratios(measured, list(parts))})
    kept["history"] = history[-KEPT:]
    JSON.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    text = "\n".join([START, "", *_page(measured, kept["history"]), "", END])
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{text}{after}", encoding="utf-8")


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def _machine() -> str:
    return f"{platform.machine()}, {CORES} cores, Python {platform.python_version()}"


def _floors(measured: dict[str, Any]) -> dict[str, float]:
    return {row["name"]: row["figures"]["rate"] for row in measured.get("floors", {}).get("rows", ())}


def _ratios(measured: dict[str, Any], parts: list[str]) -> dict[str, float]:
    """What can be compared between machines: shares of a floor, and milliseconds of CPU."""
    floors, found = _floors(measured), {}
    for part in parts:
        for row in measured[part]["rows"]:
            if row["floor"] in floors:
                found[row["name"]] = row["figures"]["rate"] / floors[row["floor"]]
            elif "cpu_ms" in row["figures"]:
                found[row["name"]] = row["figures"]["cpu_ms"]
    return found


def _page(measured: dict[str, Any], history: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"`make bench`: site, worker, PostgreSQL and {CLIENTS} clients on the same machine; as many processes as cores,"
        " four threads each; rights and row-level security on. One part: `python -m bench NAME`. CPU is milliseconds"
        " for each, of the site (for use cases: of who calls them), the worker and PostgreSQL.",
    ]
    floors = _floors(measured)
    for name, part in measured.items():
        lines += ["", f"## {name}", "", f"{part['date']}, commit {part['commit']}, {part['machine']}.", ""]
        if part["fault"]:
            lines += [f"Ended early: {part['fault']}", ""]
        lines += ["| what | figures | of its floor | CPU: site | worker | PostgreSQL | target | |"]
        lines += ["| --- | --- | ---: | ---: | ---: | ---: | --- | --- |"]
        lines += [_line(row, floors) for row in part["rows"]]
        missed = [row["name"] for row in part["rows"] if row["reached"] is False or _is_below(row, floors)]
        reasons = {start: why for start, why in WHY.items() if any(each.startswith(start) for each in missed)}
        lines += ["", *(f"Not reached, *{start}*: {why}" for start, why in reasons.items())] if reasons else []
    lines += ["", "## Over time", "", "Shares of the floor of the same run, and milliseconds of CPU.", ""]
    names = sorted({name for run in history for name in run["ratios"]})
    lines.append("| what | " + " | ".join(f"{run['commit']}, {run['date']}" for run in history) + " |")
    lines.append("| --- |" + " ---: |" * len(history))
    for name in names:
        shown = [_ratio(name, run["ratios"].get(name), floors, measured) for run in history]
        lines.append(f"| {name} | {' | '.join(shown)} |")
    return lines


def _ratio(name: str, value: float | None, floors: dict[str, float], measured: dict[str, Any]) -> str:
    is_share = any(row["name"] == name and row["floor"] for part in measured.values() for row in part["rows"])
    if value is None:
        return ""
    return f"{value:.1%}" if is_share else f"{value:.2f} ms"


def _is_below(row: dict[str, Any], floors: dict[str, float]) -> bool:
    return row["floor"] in floors and row["figures"]["rate"] / floors[row["floor"]] < row.get("share", 0)


UNITS = {"rate": "a second", "p50": "ms p50", "p95": "ms p95", "cpu_ms": "ms CPU"}


def _line(row: dict[str, Any], floors: dict[str, float]) -> str:
    figures = ", ".join(
        f"{each:,.2f} {UNITS.get(name, name)}" if each < 10 else f"{each:,.0f} {UNITS.get(name, name)}"
        for name, each in row["figures"].items()
        if isinstance(each, int | float)
    )
    share = f"{row['figures']['rate'] / floors[row['floor']]:.1%}" if row["floor"] in floors else ""
    cpu = [f"{each:.2f}" for each in row["cpu"]] if row["cpu"] else ["", "", ""]
    mark = {True: "reached", False: "**not yet**", None: ""}[row["reached"]]
    mark = "**not yet**" if _is_below(row, floors) else mark
    return f"| {row['name']} | {figures} | {share} | {' | '.join(cpu)} | {row['target']} | {mark} |"
