"""What an office does that a patient is told of is kept for a moment, and then done. Until then nothing has happened:
the patient sees nothing, no record and no log has a line of it. See docs/adr/0090-what-tells-a-patient-waits.md.

What would be refused is refused at once: the use case is tried to its end and rolled back. What it is refused when its
time has come is told to whoever did it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction

from legedialog.access.actor import Actor, at_work
from legedialog.core import contexts, events, fence, writing
from legedialog.core.errors import LegedialogError, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.pending import policy, rules
from legedialog.pending.models import PendingAct

LONGEST = 60.0  # seconds between two looks
MANY = 200

log = structlog.get_logger("legedialog.pending")


@dataclass(frozen=True, slots=True)
class Put:
    """`id` of what waits, None where an office waits for nothing. `result` is what the use case answered, or would."""

    id: UUID | None
    result: Any


@transaction.atomic
def put(
    *,
    actor: Actor,
    name: str,
    object_id: UUID,
    given: dict[str, Any],
    patient_id: UUID | None = None,
    now: datetime,
) -> Put:
    """Do it in a moment, unless it is taken back. The same again is as once. `given` goes to the use case.

    Raises what the use case raises, and Refused "waits" while something else is about to be done to the same thing.
    """
    assert actor.practice_id  # noqa: S101  only an office's acts wait
    assert actor.employee_id  # noqa: S101
    act = contexts.acts()[name]
    if not settings.REGRET_SECONDS:
        return Put(None, act.run(actor=actor, now=now, **given))
    _one_at_a_time(object_id)
    found = policy.visible_to(actor).filter(object_id=object_id, failed_at=None).select_for_update(of=("self",)).first()
    packed = rules.pack(given)
    if found and (found.name, found.employee_id, found.given) == (name, actor.employee_id, packed):
        return Put(found.pk, None)
    if found:
        raise Refused(rules.WAITS)
    result = _try(act, actor, now, given)
    writing.remove(policy.own(actor).filter(object_id=object_id, name=name))  # what she had not got sent before
    row = PendingAct(
        id=new_id(),
        practice_id=actor.practice_id,
        employee_id=actor.employee_id,
        login_id=actor.login_id,
        patient_id=patient_id,
        name=name,
        object_id=object_id,
        given=packed,
        kept_id=act.keep(actor=actor, now=now, **given) if act.keep else None,
        done_at=now,
        due_at=now + timedelta(seconds=settings.REGRET_SECONDS),
    )
    row.save(force_insert=True)
    _tell(row)
    events.wake(events.ACTS)
    return Put(row.pk, result)


def _one_at_a_time(object_id: UUID) -> None:
    """Who presses at the same moment sees what waits after the first, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"act:{object_id}"])


@transaction.atomic
def take_back(*, actor: Actor, ids: Collection[UUID], now: datetime) -> int:
    """How many of them had not been done yet. They never will be, and nothing has happened.

    What she had written is kept for her, so that she may go on with it.
    """
    rows = policy.own(actor).filter(pk__in=list(ids), failed_at=None).select_for_update(of=("self",), skip_locked=True)
    found = list(rows)
    for row in found:
        if rules.has_text(row.given):
            _failed(row, actor, rules.Reason.TAKEN_BACK, now)
        else:
            _let_go(row, actor, now)
            writing.remove(row)
        _tell(row)
    return len(found)


@transaction.atomic
def put_away(*, actor: Actor, act_id: UUID) -> None:
    """Somebody at the office has seen to what was not done after all. Raises NotFound."""
    if not writing.remove(policy.visible_to(actor).filter(pk=act_id, failed_at__isnull=False)):
        raise NotFound


def tidy(now: datetime) -> None:
    writing.remove(PendingAct.objects.filter(failed_at__lte=now - rules.KEPT))


@fence.system("what waits is done for whoever did it")
def do_due(now: datetime) -> int:
    """Do what has waited long enough, in the order it was done, each as whoever did it. How many were looked at."""
    due = PendingAct.objects.filter(failed_at=None, due_at__lte=now).order_by("due_at", "pk")
    found = list(due.values_list("pk", flat=True)[:MANY])
    for key in found:
        _do(key, now)
    return len(found)


class Doer:
    """The worker's, beside what sends notices."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.wake = Event()

    def run(self, stop: Event) -> None:
        while not stop.is_set():
            try:
                self.wake.clear()
                if do_due(self._clock()):
                    continue
                seconds = self._next_in()
            except Exception:
                log.exception("acts not done")
                connection.close()
                seconds = rules.AGAIN.total_seconds()
            self.wake.wait(min(seconds, LONGEST))

    @fence.system("what waits is done for whoever did it")
    def _next_in(self) -> float:
        due_at = PendingAct.objects.filter(failed_at=None).order_by("due_at").values_list("due_at", flat=True).first()
        return LONGEST if due_at is None else max(0.05, (due_at - self._clock()).total_seconds())


@transaction.atomic
def _do(key: UUID, now: datetime) -> None:
    rows = PendingAct.objects.select_for_update(skip_locked=True, of=("self",)).select_related("employee")
    row = rows.filter(pk=key, failed_at=None).defer("given").first()
    if row is None:
        return  # taken back, or another does it
    act, actor = contexts.acts()[row.name], _as_it_was(row)
    try:
        with transaction.atomic():
            given = rules.unpack(act.run, row.given)
            writing.remove(row)
            _let_go(row, actor, now)
            with fence.works_for(*actor.scope):
                act.run(actor=actor, now=now, **given)
    except LegedialogError as error:
        _failed(row, actor, rules.reason(error.code), now)
    except OperationalError:
        log.warning("act not done yet", act=row.name)
        row.due_at = now + rules.AGAIN
        row.save(update_fields=["due_at"])
    except Exception:
        log.exception("act not done", act=row.name)
        _failed(row, actor, rules.Reason.OWN_FAULT, now)
    _tell(row)


def _failed(row: PendingAct, actor: Actor, reason: rules.Reason, now: datetime) -> None:
    _let_go(row, actor, now)
    row.failed_at, row.reason, row.kept_id = now, reason, None
    row.save(update_fields=["failed_at", "reason", "kept_id"])


def _let_go(row: PendingAct, actor: Actor, now: datetime) -> None:
    act = contexts.acts()[row.name]
    if act.let_go and row.kept_id:
        with fence.works_for(*actor.scope):
            act.let_go(actor=actor, kept_id=row.kept_id, now=now)


class _Tried(Exception):
    pass


def _try(act: contexts.Act, actor: Actor, now: datetime, given: dict[str, Any]) -> Any:
    """Answers and raises what it would. Nothing of it stays, and nobody is told."""
    result = None
    try:
        with transaction.atomic():
            result = act.run(actor=actor, now=now, **given)
            raise _Tried
    except _Tried:
        return result


def _as_it_was(row: PendingAct) -> Actor:
    """Who did it, as she was at work then."""
    work = row.employee
    return at_work(
        employee_id=work.pk,
        clinician_id=work.clinician_id,
        role=work.role,
        practice_id=row.practice_id,
        name=work.name,
        login_id=row.login_id,
    )


def _tell(row: PendingAct) -> None:
    events.publish(*(f"{place}:{row.practice_id}" for place in ("inbox", "requests", "calendar")))
