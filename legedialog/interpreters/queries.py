"""Typed rows of interpreters: on top of a patient, on her own pages, and on an appointment's panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import seen
from legedialog.core.crypto import text_of
from legedialog.core.sql import Asked, Statement, ask
from legedialog.core.times import local_day
from legedialog.interpreters import policy, texts
from legedialog.interpreters.rules import SIGNED


@dataclass(frozen=True, slots=True)
class Row:
    language: str
    said_at: datetime
    is_hers: bool  # she said it herself
    employee_name: str  # "" where it was not the office

    @property
    def name(self) -> texts.Word:
        return texts.name(self.language)

    @property
    def is_signed(self) -> bool:
        return self.language in SIGNED


NOTHING = seen.mark("")


def seen_of_order(language: str, starts_at: datetime) -> tuple[object, ...]:
    """What whoever orders one has seen: for which language, and for when."""
    return language, starts_at.isoformat()


def mark(row: Row | None) -> str:
    """Of what a page has shown; what is saved from it says so."""
    return seen.mark(row.language) if row else NOTHING


def of(actor: Actor, patient_id: UUID, now: datetime) -> Row | None:
    """For herself, who acts for her, and the office. One query; the caller logs it."""
    found = policy.visible_to(actor, local_day(now)).select_related("by_employee").filter(patient=patient_id).first()
    if found is None:
        return None
    name = found.by_employee.name if found.by_employee else ""
    return Row(found.language, found.said_at, found.by_person_id == patient_id, name)


def shown(actor: Actor, patient_id: UUID, now: datetime) -> Row | None:
    """The same on a page of its own, or beside what she books. The office leaves a line, also where none is needed; who
    acts for her, when there is something to read."""
    row = of(actor, patient_id, now)
    if actor.is_staff:
        audit.looked_many(actor, "interpreter.read", {patient_id}, at=now, practice_id=actor.practice_id)
    elif row:
        audit.looked_on_behalf(actor, "interpreter.read", None, at=now, patient_id=patient_id)
    return row


# ---- on top of a patient at the office


@dataclass(frozen=True, slots=True)
class _Top:
    id: UUID
    patient_id: UUID
    language: bytes
    said_at: datetime
    is_hers: bool
    employee_name: str


# What policy.visible_to says, for the office.
TOP = Statement(
    "interpreter on top",
    """
    SELECT n.id, n.patient_id, n.language, n.said_at, coalesce(n.by_person_id = n.patient_id, false) AS is_hers,
           coalesce(e.name, '') AS employee_name
      FROM interpreters_need n
      LEFT JOIN practices_employee e ON e.id = n.by_employee_id
     WHERE n.patient_id = %(patient_id)s
       AND (EXISTS (SELECT FROM patients_membership m JOIN practices_contract c ON c.id = m.contract_id
                    WHERE m.person_id = n.patient_id AND c.practice_id = ANY(%(practices)s)
                      AND m.starts_date <= %(today)s AND (m.ends_date IS NULL OR m.ends_date > %(today)s))
             OR EXISTS (SELECT FROM patients_walkin w
                         WHERE w.person_id = n.patient_id AND w.practice_id = ANY(%(practices)s)))
    """,
    _Top,
)


def asks_top(actor: Actor, patient_id: UUID, now: datetime) -> list[Asked[Any]]:
    if not policy.cares(actor):
        return []
    return [Asked(TOP, {"practices": list(actor.practices), "patient_id": patient_id, "today": local_day(now)})]


def top(rows: Sequence[_Top]) -> list[Row]:
    language = text_of("interpreters.Need", "language")
    return [
        Row(
            language.read(each.language, id=each.id, patient_id=each.patient_id),
            *(each.said_at, each.is_hers, each.employee_name),
        )
        for each in rows
    ]


# ---- on an appointment's panel at the office


@dataclass(frozen=True, slots=True)
class Noted:
    """What is noted of an appointment; `order_id` None: nothing yet."""

    need: texts.Word  # which language she needs one for now, or ""
    mark: str  # of what is ordered by the press
    order_id: UUID | None = None
    language: texts.Word = ""
    starts_at: datetime | None = None
    ordered_at: datetime | None = None
    ordered_by: str = ""


@dataclass(frozen=True, slots=True)
class _Noted:
    need_id: UUID | None
    need: bytes | None
    order_id: UUID | None
    language: bytes | None
    starts_at: datetime | None
    ordered_at: datetime | None
    ordered_by: str | None


NOTED = Statement(
    "interpreter of an appointment",
    """
    SELECT n.id AS need_id, n.language AS need, o.id AS order_id, o.language, o.starts_at, o.ordered_at,
           e.name AS ordered_by
      FROM (SELECT) one
      LEFT JOIN interpreters_need n ON n.patient_id = %(patient_id)s
       AND (EXISTS (SELECT FROM patients_membership m JOIN practices_contract c ON c.id = m.contract_id
                    WHERE m.person_id = n.patient_id AND c.practice_id = ANY(%(practices)s)
                      AND m.starts_date <= %(today)s AND (m.ends_date IS NULL OR m.ends_date > %(today)s))
             OR EXISTS (SELECT FROM patients_walkin w
                         WHERE w.person_id = n.patient_id AND w.practice_id = ANY(%(practices)s)))
      LEFT JOIN interpreters_order o ON o.appointment_id = %(appointment_id)s AND o.undone_at IS NULL
       AND o.practice_id = ANY(%(practices)s)
      LEFT JOIN practices_employee e ON e.id = o.by_employee_id
    """,
    _Noted,
)


def noted(
    actor: Actor, appointment_id: UUID, *, patient_id: UUID, practice_id: UUID, starts_at: datetime, now: datetime
) -> Noted | None:
    """None where there is nothing to say. One query, for those who work with patients; the top of the panel, which
    says the same, is logged."""
    if not policy.cares(actor):
        return None
    values = {"practices": list(actor.practices), "patient_id": patient_id, "appointment_id": appointment_id}
    (one,) = ask(NOTED, **values, today=local_day(now))
    if not (one.need_id or one.order_id):
        return None
    need = text_of("interpreters.Need", "language").read(one.need, id=one.need_id, patient_id=patient_id)
    ids = {"id": one.order_id, "patient_id": patient_id, "practice_id": practice_id}
    ordered = text_of("interpreters.Order", "language").read(one.language, **ids)
    return Noted(
        need=texts.name(need) if need else "",
        mark=seen.mark(*seen_of_order(need, starts_at)),
        order_id=one.order_id,
        language=texts.name(ordered) if ordered else "",
        starts_at=one.starts_at,
        ordered_at=one.ordered_at,
        ordered_by=one.ordered_by or "",
    )


# ---- on her own appointment


@dataclass(frozen=True, slots=True)
class Ordered:
    language: texts.Word
    starts_at: datetime  # of the appointment when it was ordered


def ordered(actor: Actor, appointment_id: UUID, patient_id: UUID, now: datetime) -> Ordered | None:
    """What her office has noted of her appointment, for herself and who may book for her. One query."""
    found = policy.orders_visible_to(actor).filter(appointment=appointment_id, undone_at=None).first()
    if found is None:
        return None
    audit.looked_on_behalf(actor, "interpreter.read", None, at=now, patient_id=patient_id)
    return Ordered(texts.name(found.language), found.starts_at)
