"""Say which language an interpreter is needed for, note that one is ordered, and take the note back."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import events, seen, writing
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.interpreters import policy, queries, rules
from legedialog.interpreters.models import Need, Order


@transaction.atomic
def say(*, actor: Actor, patient_id: UUID, language: str, mark: str | None = None, now: datetime) -> None:
    """`language` is a code of rules.LANGUAGES, or "" when none is needed (any more).

    Raises NotFound, Denied, Refused "language-not-known" or "changed-since-seen".
    """
    policy.check_say(actor, patient_id, local_day(now))
    if language and language not in rules.LANGUAGES:
        raise Refused(rules.NOT_KNOWN)
    row = Need.objects.select_for_update(of=("self",)).filter(patient=patient_id).first()
    was = row.language if row else ""
    if was == language:  # pressed twice is as once
        return
    seen.check(mark, was)
    if row and not language:
        writing.remove(row)
    else:
        row = row or Need(patient_id=patient_id)
        row.language, row.said_at = language, now
        row.by_employee_id = actor.employee_id
        row.by_person_id = None if actor.is_staff else actor.person_id
        _save(row)
    practice_id = actor.practice_id
    what = "interpreter.needed" if language else "interpreter.not-needed"
    audit.record(actor, what, None, at=now, patient_id=patient_id, practice_id=practice_id)
    events.publish(f"person:{patient_id}")


def _save(row: Need) -> None:
    try:
        with transaction.atomic():
            writing.save(row)
    except IntegrityError as error:  # somebody said it for the first time meanwhile
        raise Refused(seen.CHANGED) from error


@transaction.atomic
def forget(*, actor: Actor, person_id: UUID, now: datetime) -> None:
    """What she and those who act for her said goes when she turns everything off; what the office wrote stays."""
    writing.remove(policy.visible_to(actor, local_day(now)).filter(patient=person_id, by_employee=None))


@transaction.atomic
def order(*, actor: Actor, appointment_id: UUID, mark: str | None = None, now: datetime) -> Order:
    """The office has ordered an interpreter for the appointment, in the language that is needed now.

    Raises NotFound, Denied, Refused "no-interpreter-needed", "changed-since-seen" or "interpreter-ordered".
    """
    appointment = policy.find_appointment(actor, appointment_id)
    assert actor.employee_id  # noqa: S101  find_appointment
    need = policy.visible_to(actor, local_day(now)).filter(patient=appointment.patient_id).first()
    if need is None:
        raise Refused(rules.NOT_NEEDED)
    seen.check(mark, *queries.seen_of_order(need.language, appointment.starts_at))
    made = Order(
        practice_id=appointment.practice_id,
        patient_id=appointment.patient_id,
        appointment_id=appointment.pk,
        language=need.language,
        starts_at=appointment.starts_at,
        ordered_at=now,
        by_employee_id=actor.employee_id,
    )
    try:
        with transaction.atomic():
            writing.add(made)
    except IntegrityError as error:
        raise Refused(rules.ORDERED_ALREADY) from error
    _told(actor, "interpreter.ordered", made, now)
    return made


@transaction.atomic
def undo(*, actor: Actor, order_id: UUID, now: datetime) -> Order:
    """It was noted by mistake, or the interpreter is cancelled. Raises NotFound, or Refused when it is undone."""
    row = policy.find_order(actor, order_id, lock=True)
    if row.undone_at:
        if row.undone_by_id == actor.employee_id:
            return row
        raise Refused(rules.UNDONE_ALREADY)
    row.undone_at, row.undone_by_id = now, actor.employee_id
    row.save(update_fields=["undone_at", "undone_by"])
    _told(actor, "interpreter.order-undone", row, now)
    return row


def _told(actor: Actor, what: str, row: Order, now: datetime) -> None:
    audit.record(actor, what, row.appointment_id, at=now, patient_id=row.patient_id, practice_id=row.practice_id)
    events.publish(f"calendar:{row.practice_id}")
