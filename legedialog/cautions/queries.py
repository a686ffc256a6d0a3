"""Typed rows of cautions: beside a patient at the office, on her own page, and against a medicine."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.cautions import rules, texts
from legedialog.cautions.models import Caution as Caution
from legedialog.core.broken import NotShown
from legedialog.core.crypto import text_of
from legedialog.core.sql import Asked, Statement, ask_for
from legedialog.patients.representation import Restriction
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    patient_id: UUID
    practice_name: str
    substance: str
    atc: str
    reaction: str
    severity: str
    certainty: str
    source: str
    added_at: datetime
    added_by: str
    by_employee_id: UUID
    ended_at: datetime | None
    ended_by: str
    reason: str
    restriction: str

    @property
    def is_running(self) -> bool:
        return self.ended_at is None

    @property
    def is_hidden(self) -> bool:
        """From the parents or from the youth, so that it is named nowhere but here."""
        return self.restriction != Restriction.NORMAL

    @property
    def severity_word(self) -> texts.Word:
        return texts.SEVERITIES[self.severity]

    @property
    def certainty_word(self) -> texts.Word:
        return texts.CERTAINTIES[self.certainty]

    @property
    def source_word(self) -> texts.Word:
        return texts.SOURCES[self.source]

    @property
    def color(self) -> str:
        return texts.COLORS[self.severity]

    @property
    def means(self) -> tuple[texts.Word, texts.Word]:
        """What it says to the patient herself."""
        return texts.MEANS_SEVERITY[self.severity], texts.MEANS_CERTAINTY[self.certainty]


class Medicine(Protocol):
    """A prescription, or a row of one."""

    @property
    def name(self) -> str: ...
    @property
    def substance(self) -> str: ...
    @property
    def atc(self) -> str: ...


def met(held: Collection[Row], medicine: Medicine) -> tuple[Row, ...]:
    """Those of a patient's cautions that speak against the medicine, or that cannot be read: ADR 180."""
    told = {"name": medicine.name, "substance": medicine.substance, "atc": medicine.atc}
    return tuple(
        row for row in held if isinstance(row.substance, NotShown) or rules.meets(row.substance, row.atc, **told)
    )


def running(actor: Actor, patient_ids: Collection[UUID]) -> Mapping[UUID, tuple[Row, ...]]:
    """Those that hold now, by patient, the most severe first. One query; the caller's look at them is logged by it."""
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in _rows(actor, patient_ids, also_ended=False) if patient_ids else ():
        found[row.patient_id].append(row)
    return {patient_id: tuple(rows) for patient_id, rows in found.items()}


@dataclass(frozen=True, slots=True)
class _Stored:
    """As SEEN tells of it: what is sealed is opened when it is shown."""

    id: UUID
    patient_id: UUID
    practice_id: UUID
    substance: bytes
    atc: bytes
    reaction: bytes
    severity: str
    certainty: str
    source: str
    added_at: datetime
    ended_at: datetime | None
    reason: bytes | None
    restriction: str
    by_employee_id: UUID
    practice_name: str
    added_by: str
    ended_by: str


# What policy.visible_to says; test_queries.py compares them.
SEEN = Statement(
    "cautions",
    """
    SELECT c.id, c.patient_id, c.practice_id, c.substance, c.atc, c.reaction, c.severity, c.certainty, c.source,
           c.added_at, c.ended_at, c.reason, c.restriction, c.by_employee_id, p.name AS practice_name,
           e.name AS added_by, coalesce(u.name, '') AS ended_by
      FROM cautions_caution c
      JOIN practices_practice p ON p.id = c.practice_id
      JOIN practices_employee e ON e.id = c.by_employee_id
      LEFT JOIN practices_employee u ON u.id = c.ended_by_id
     WHERE c.patient_id = ANY(%(of)s)
       AND (c.practice_id = ANY(%(practices)s)
            OR c.patient_id = ANY(%(patients)s) AND c.restriction <> ALL(%(hidden)s))
       AND (%(also_ended)s OR c.ended_at IS NULL)
       AND NOT EXISTS (SELECT FROM journal_moved m WHERE m.object_id = c.id AND m.is_hidden)
     ORDER BY c.ended_at IS NOT NULL, array_position(%(order)s, c.severity::text), c.added_at DESC, c.id
    """,
    _Stored,
)


def _asks(actor: Actor, patient_ids: Collection[UUID], *, also_ended: bool) -> Asked[_Stored]:
    values = {"of": list(patient_ids), "also_ended": also_ended, "order": list(rules.Severity)}
    return Asked(SEEN, values | visibility.values(actor, Content.CAUTION))


def asks_top(actor: Actor, patient_id: UUID, now: datetime) -> list[Asked[Any]]:
    """For the office alone."""
    is_hers_to_see = visibility.values(actor, Content.CAUTION)["practices"]
    return [_asks(actor, [patient_id], also_ended=False)] if is_hers_to_see else []


def top(rows: Sequence[_Stored]) -> list[Row]:
    """The most severe first."""
    return [_row(each) for each in rows]


def of_patient(actor: Actor, patient_id: UUID, now: datetime) -> list[Row]:
    """All of them, also those that have ended, for the office. It is logged. Who may open her is asked before."""
    audit.looked(actor, "cautions.read", None, at=now, patient_id=patient_id, practice_id=actor.practice_id)
    return _rows(actor, [patient_id])


def one(actor: Actor, found: Caution, now: datetime) -> Row:
    """For the office, as policy.find gave it; it is logged."""
    where = {"patient_id": found.patient_id, "practice_id": found.practice_id}
    audit.looked(actor, "cautions.read", found.pk, at=now, **where)  # type: ignore[arg-type]
    return next(row for row in _rows(actor, [found.patient_id]) if row.id == found.pk)


def hers(actor: Actor, person_id: UUID) -> list[Row]:
    """A citizen's own, or those of the one she acts for, with those that have ended last; her list of medicines, whose
    reading is logged, stands beside them. One query."""
    return _rows(actor, [person_id])


def _rows(actor: Actor, patient_ids: Collection[UUID], *, also_ended: bool = True) -> list[Row]:
    return [_row(each) for each in ask_for(_asks(actor, patient_ids, also_ended=also_ended))]


def _row(each: _Stored) -> Row:
    ids = {"id": each.id, "patient_id": each.patient_id, "practice_id": each.practice_id}

    def opened(name: str) -> str:
        return text_of("cautions.Caution", name).read(getattr(each, name), **ids)

    return Row(
        id=each.id,
        patient_id=each.patient_id,
        practice_name=each.practice_name,
        substance=opened("substance"),
        atc=opened("atc"),
        reaction=opened("reaction"),
        severity=each.severity,
        certainty=each.certainty,
        source=each.source,
        added_at=each.added_at,
        added_by=each.added_by,
        by_employee_id=each.by_employee_id,
        ended_at=each.ended_at,
        ended_by=each.ended_by,
        reason=opened("reason"),
        restriction=each.restriction,
    )
