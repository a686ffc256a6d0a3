from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from legedialog.access.actor import Actor
from legedialog.access.queries import name_of
from legedialog.core import broken, contexts
from legedialog.core.crypto import text_of
from legedialog.core.sql import Asked, Statement, ask_for
from legedialog.pending import policy, rules
from legedialog.pending.rules import Reason


@dataclass(frozen=True, slots=True)
class Waiting:
    """`word` says what is about to happen."""

    id: UUID
    word: str | Promise
    by: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class _Act:
    id: UUID
    object_id: UUID
    name: str
    by: str
    employee_id: UUID


# Those that policy.visible_to shows: her own office's. Each waits for seconds, so they are few.
WAITING = Statement(
    "what is about to happen",
    """
    SELECT a.id, a.object_id, a.name, e.name AS by, a.employee_id
      FROM pending_pendingact a JOIN practices_employee e ON e.id = a.employee_id
     WHERE a.practice_id = ANY(%(practices)s) AND a.failed_at IS NULL
       AND (%(object_ids)s::uuid[] IS NULL OR a.object_id = ANY(%(object_ids)s))
    """,
    _Act,
)


def all_waiting(actor: Actor, object_ids: Collection[UUID] | None = None) -> Asked[_Act]:
    """What is about to happen at her office, to these or to anything."""
    practices = actor.practices if actor.is_staff else ()
    return Asked(WAITING, {"practices": list(practices), "object_ids": None if object_ids is None else [*object_ids]})


def told(actor: Actor, found: Iterable[_Act]) -> dict[UUID, Waiting]:
    """By what it is done to."""
    acts = contexts.acts()
    return {
        each.object_id: Waiting(each.id, acts[each.name].word, each.by, each.employee_id == actor.employee_id)
        for each in found
    }


def waiting(actor: Actor, object_ids: Collection[UUID]) -> dict[UUID, Waiting]:
    """What is about to happen to these, by what it is done to. One query."""
    return told(actor, ask_for(all_waiting(actor, object_ids)))


@dataclass(frozen=True, slots=True)
class Failed:
    """What was not done after all, and what she had written in it."""

    id: UUID
    word: str | Promise
    object_id: UUID
    name: str
    patient_name: str
    why: str
    text: str
    at: datetime
    given: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Failed:
    id: UUID
    practice_id: UUID
    patient_id: UUID | None
    name: str
    object_id: UUID
    given: bytes
    reason: str
    failed_at: datetime
    given_name: bytes | None
    family_name: bytes | None


# Those that policy.own shows.
FAILED = Statement(
    "what was not done after all",
    """
    SELECT a.id, a.practice_id, a.patient_id, a.name, a.object_id, a.given, a.reason, a.failed_at, p.given_name,
           p.family_name
      FROM pending_pendingact a LEFT JOIN patients_person p ON p.id = a.patient_id
     WHERE a.practice_id = ANY(%(practices)s) AND a.employee_id = %(employee_id)s AND a.failed_at IS NOT NULL
       AND a.reason <> 'taken-back'
     ORDER BY a.failed_at DESC LIMIT 20
    """,
    _Failed,
)


def failed(actor: Actor) -> Asked[_Failed]:
    """Her own, the latest first."""
    practices = actor.practices if actor.is_staff else ()
    return Asked(FAILED, {"practices": list(practices), "employee_id": actor.employee_id})


def failures(found: Iterable[_Failed]) -> list[Failed]:
    acts = contexts.acts()
    return [_failed(row, acts[row.name]) for row in found]


def _failed(row: _Failed, act: contexts.Act) -> Failed:
    sealed = text_of("pending.PendingAct", "given")
    given = _given(row.id, row.name, sealed.read(row.given, id=row.id, practice_id=row.practice_id))
    return Failed(
        id=row.id,
        word=act.word,
        object_id=row.object_id,
        name=row.name,
        patient_name=name_of(row.patient_id, row.given_name, row.family_name),
        why=str(Reason(row.reason).label),
        text=rules.written(given),
        at=row.failed_at,
        given=given,
    )


def _given(act_id: UUID, name: str, given: str) -> dict[str, Any]:
    """As the use case takes it. What cannot be shown is told where her words would be."""
    run = contexts.acts()[name].run
    return broken.read(
        *(given, lambda packed: rules.unpack(run, packed), lambda sentence: {rules.WRITTEN[0]: sentence}),
        of="pending_pendingact.given",
        row=act_id,
    )


def unsent(actor: Actor, object_id: UUID, name: str) -> dict[str, Any]:
    """What she had given an act that was not done, to go on with: as the use case takes it. One query."""
    row = (
        policy.own(actor).filter(object_id=object_id, name=name, failed_at__isnull=False).order_by("-failed_at").first()
    )
    return _given(row.pk, row.name, row.given) if row else {}


def about(actor: Actor, ids: Collection[UUID]) -> list[tuple[UUID, dict[str, Any]]]:
    """What her own acts are done to, and what was given to them. One query."""
    return [(row.object_id, _given(row.pk, row.name, row.given)) for row in policy.own(actor).filter(pk__in=list(ids))]
