from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from legedialog.access.actor import Actor
from legedialog.core import broken, contexts
from legedialog.pending import policy, rules
from legedialog.pending.models import PendingAct
from legedialog.pending.rules import Reason


@dataclass(frozen=True, slots=True)
class Waiting:
    """`word` says what is about to happen."""

    id: UUID
    word: str | Promise
    by: str
    is_own: bool


def waiting(actor: Actor, object_ids: Collection[UUID]) -> dict[UUID, Waiting]:
    """What is about to happen to these, by what it is done to. One query."""
    acts = contexts.acts()
    rows = policy.visible_to(actor).filter(object_id__in=object_ids, failed_at=None)
    return {
        object_id: Waiting(pk, acts[name].word, by, employee_id == actor.employee_id)
        for pk, object_id, name, by, employee_id in rows.values_list(
            "pk", "object_id", "name", "employee__name", "employee"
        )
    }


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


def failed(actor: Actor) -> list[Failed]:
    """Her own, the latest first. One query."""
    acts = contexts.acts()
    rows = policy.own(actor).filter(failed_at__isnull=False).exclude(reason=Reason.TAKEN_BACK)
    rows = rows.select_related("patient").order_by("-failed_at")[:20]
    return [_failed(row, acts[row.name]) for row in rows]


def _failed(row: PendingAct, act: contexts.Act) -> Failed:
    given = _given(row)
    assert row.failed_at  # noqa: S101  it was asked for
    return Failed(
        id=row.pk,
        word=act.word,
        object_id=row.object_id,
        name=row.name,
        patient_name=row.patient.name if row.patient else "",
        why=row.get_reason_display(),
        text=rules.written(given),
        at=row.failed_at,
        given=given,
    )


def _given(row: PendingAct) -> dict[str, Any]:
    """As the use case takes it. What cannot be shown is told where her words would be."""
    run = contexts.acts()[row.name].run
    return broken.read(
        *(row.given, lambda packed: rules.unpack(run, packed), lambda sentence: {rules.WRITTEN[0]: sentence}),
        of="pending_pendingact.given",
        row=row.pk,
    )


def unsent(actor: Actor, object_id: UUID, name: str) -> dict[str, Any]:
    """What she had given an act that was not done, to go on with: as the use case takes it. One query."""
    row = (
        policy.own(actor).filter(object_id=object_id, name=name, failed_at__isnull=False).order_by("-failed_at").first()
    )
    return _given(row) if row else {}


def about(actor: Actor, ids: Collection[UUID]) -> list[tuple[UUID, dict[str, Any]]]:
    """What her own acts are done to, and what was given to them. One query."""
    return [(row.object_id, _given(row)) for row in policy.own(actor).filter(pk__in=list(ids))]
