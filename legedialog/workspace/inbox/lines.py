"""The lines of the inbox's list, with all their words: the template only sets them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from legedialog.core.times import local_day
from legedialog.dialogues.office import Row
from legedialog.dialogues.texts import KINDS, OFFICE_STATUSES
from legedialog.pending.queries import Waiting
from legedialog.ui import dates
from legedialog.workspace import texts
from legedialog.workspace.common import addresses


@dataclass(frozen=True, slots=True)
class Line:
    """`who_icon` and `icon` stand before `who` and `due`; "" is none. `tick` is what choosing it among several is
    called, or "" when it cannot be chosen."""

    id: UUID
    mark: str
    url: str
    name: str
    about: str
    due: str
    color: str
    icon: str
    who: str
    who_icon: str
    tick: str
    is_unread: bool
    is_escalated: bool


def lines(
    rows: Iterable[Row], waiting: Mapping[UUID, Waiting], query: str, now: datetime, *, may_choose: bool
) -> list[Line]:
    """In their order. `query` is where in the inbox they stand."""
    kinds = {kind: str(words) for kind, words in KINDS.items()}
    said: dict[tuple[object, ...], tuple[str, str, str]] = {}  # most lines of a page share their date
    address = addresses("workspace:dialogue")
    found = []
    for row in rows:
        when = (row.due_date, row.days_late, row.urgency, row.status)
        if when not in said:
            said[when] = _due(row, now)
        due, color, icon = said[when]
        who, who_icon = _who(row, waiting.get(row.id))
        kind = kinds[row.kind]
        found.append(
            Line(
                id=row.id,
                mark=row.mark,
                url=f"{address(row.id)}?{query}",
                name=row.patient_name,
                about=" · ".join(
                    each for each in (kind, row.topic, _("fra kontoret") if row.started_by_office else "") if each
                ),
                due=due,
                color=color,
                icon=icon,
                who=who,
                who_icon=who_icon,
                tick=_("Velg %(kind)s fra %(name)s") % {"kind": kind, "name": row.patient_name}
                if may_choose and row.id not in waiting
                else "",
                is_unread=row.is_unread,
                is_escalated=row.is_escalated,
            )
        )
    return found


def _due(row: Row, now: datetime) -> tuple[str, str, str]:
    """In words, the tag's colour, and its mark that is not a colour."""
    if row.due_date is None:
        word, color = OFFICE_STATUSES[row.status]
        return str(word), color, ""
    icon, color = texts.URGENCIES[row.urgency]
    if row.days_late:
        late = ngettext("%(days)s dag over fristen", "%(days)s dager over fristen", row.days_late)
        return late % {"days": row.days_late}, color, icon
    if when := dates.relative_day(row.due_date, today=local_day(now)):
        return _("Svar %(when)s") % {"when": when}, color, icon
    return _("Svar innen %(when)s") % {"when": dates.short_date(row.due_date)}, color, icon


def _who(row: Row, waiting: Waiting | None) -> tuple[str, str]:
    """Who has it, or is to have it, and the icon of what is going on now."""
    if waiting:
        return f"{waiting.word} · {waiting.by}", "clock"
    if row.answering:
        return _("Du svarer nå") if row.i_answer else _("%(name)s svarer nå") % {"name": row.answering}, "edit"
    if row.assigned_to:
        return _("Tildelt deg") if row.is_mine else _("Tildelt %(name)s") % {"name": row.assigned_to}, ""
    return row.doctor or _("Kontoret svarer"), ""
