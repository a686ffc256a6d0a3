"""What a doctor leaves, as a page shows it: each with what may become of it, and what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from legedialog.access.actor import Actor
from legedialog.core import seen
from legedialog.journeys import handing_over
from legedialog.journeys.handing_over import APPOINTMENT, DIALOGUE, Affected, Away, Choice
from legedialog.journeys.handover_rules import Way
from legedialog.workspace import texts as office_texts
from legedialog.workspace.absences import texts

TEXT_LENGTH = 500
FOR_ALL = (Way.SUBSTITUTE, Way.OFFER, Way.CANCEL, Way.LEAVE)


@dataclass(frozen=True, slots=True)
class Line:
    """`options` are value, words and whether it is the one; none where nobody has to choose."""

    row: Affected
    name: str  # of its field
    options: list[tuple[str, str, bool]]
    way: str
    channel: str
    note: str
    is_new: bool  # came after the page that was sent


@dataclass(frozen=True, slots=True)
class Sheet:
    """`mark` is of what is shown; the button that does it carries it."""

    lines: list[Line]
    mark: str
    text: str
    is_confirmed: bool
    has_changed: bool  # it was confirmed as it stood before
    for_all: list[tuple[str, str]]
    total: str
    counts: str
    unseen: int  # e-consultations that follow by themselves, and that her role does not see
    follows: str  # what becomes of them

    @property
    def choices(self) -> list[Choice]:
        return handing_over.choices([line.row for line in self.lines], {line.row.id: line.way for line in self.lines})

    @property
    def is_nothing(self) -> bool:
        return not (self.lines or self.unseen)

    @property
    def may_choose(self) -> bool:
        return any(line.options for line in self.lines)

    @property
    def cancels(self) -> bool:
        return any(value in (Way.OFFER, Way.CANCEL) for line in self.lines for value, _words, _is in line.options)


def read(
    actor: Actor,
    away: Away,
    substitute: str,
    now: datetime,
    data: Mapping[str, str] | None,
    before: Mapping[str, Any] | None = None,
) -> Sheet:
    """`data` is what was sent, `before` what she had given an act that was taken back."""
    rows = handing_over.affected(actor, away, now)
    data = data or {}
    chosen = {f"way-{each.id}": each.way for each in (before or {}).get("choices", ())}
    chosen |= {name: value for name, value in data.items() if name.startswith("way-")}
    every = data.get("every", "") if data.get("do") == "every" else ""
    known = set(data.get("rows", "").split()) if "rows" in data else None
    lines = [_line(each, chosen, every, substitute, known) for each in rows]
    mark = seen.mark(away, [(each.id, each.mark, each.ways) for each in rows])
    confirmed = data.get("confirmed")
    ways = [Way(line.way) for line in lines if line.options]
    offered = {Way(value) for line in lines for value, _words, _is in line.options}
    visits = sum(each.kind == APPOINTMENT for each in rows)
    shown = sum(each.dialogue is not None and each.dialogue.kind == "econsultation" for each in rows)
    return Sheet(
        lines=lines,
        mark=mark,
        text=data.get("text", (before or {}).get("text", ""))[:TEXT_LENGTH],
        is_confirmed=confirmed == mark,
        has_changed=confirmed is not None and confirmed != mark,
        for_all=[(each.value, texts.for_all(each, substitute)) for each in FOR_ALL if each in offered],
        total=texts.total(visits, len(rows) - visits),
        counts=", ".join(texts.count(ways, substitute)),
        unseen=max(0, handing_over.following(actor, away) - shown),
        follows=texts.by_itself(substitute),
    )


def _line(row: Affected, chosen: Mapping[str, str], every: str, substitute: str, known: set[str] | None) -> Line:
    name = f"way-{row.id}"
    way = every if every in row.ways else chosen.get(name, "")
    if way not in row.ways:
        way = row.ways[0] if row.ways else ""
    note = ""
    if row.why_not:
        note = str(row.why_not.to_practice or row.why_not.to_patient)
    elif row.kind == DIALOGUE and not row.ways:
        note = texts.by_itself(substitute)
    return Line(
        row=row,
        name=name,
        options=[(each.value, texts.way(each, row.kind, substitute), each == way) for each in row.ways],
        way=way,
        channel=str(office_texts.CHANNELS[row.visit.channel]) if row.visit else "",
        note=note,
        is_new=known is not None and str(row.id) not in known,
    )
