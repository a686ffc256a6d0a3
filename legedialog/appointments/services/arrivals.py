"""Jeg er kommet: she says herself that she is here, with the code on the wall where the office asks for it."""

import hmac
import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.appointments import policy, rules
from legedialog.appointments.models import Appointment, ArrivalCode, Status
from legedialog.appointments.services import visits
from legedialog.audit import services as audit
from legedialog.core import seen, writing
from legedialog.core.errors import Refused
from legedialog.pending import policy as pending


@transaction.atomic
def check_in(*, actor: Actor, appointment_id: UUID, code: str = "", now: datetime) -> Appointment:
    """She, or who acts for her, is at the office. Said twice it is said once.

    Raises NotFound, Denied, or Refused when it is not the time, not the code, or the visit is called off.
    """
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_acts_for(actor, appointment.patient_id)
    if appointment.status == Status.ARRIVED:
        return appointment
    pending.check_nothing_waits(appointment.pk)
    rules.check_move(appointment.status, Status.ARRIVED)
    if appointment.status != Status.BOOKED:  # what the office has ended only the office takes back
        raise Refused(rules.CANNOT_CHANGE)
    rules.check_may_arrive(
        channel=appointment.channel, starts_at=appointment.starts_at, ends_at=appointment.ends_at, now=now
    )
    on_the_wall = ArrivalCode.objects.filter(practice=appointment.practice_id).first()
    if on_the_wall and not hmac.compare_digest(on_the_wall.code.encode(), code.strip().encode()):
        raise Refused(rules.NOT_THE_CODE)
    return visits.put(actor, appointment, Status.ARRIVED, now, online=True)


@transaction.atomic
def take_back_check_in(*, actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """She is not here after all. What reception has registered, reception takes back."""
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_acts_for(actor, appointment.patient_id)
    if appointment.status == Status.BOOKED:
        return appointment
    if appointment.status != Status.ARRIVED or not appointment.arrived_online:
        raise Refused(rules.CANNOT_CHANGE)
    return visits.put(actor, appointment, Status.BOOKED, now)


@transaction.atomic
def draw_code(*, actor: Actor, practice_id: UUID, mark: str | None = None, now: datetime) -> ArrivalCode:
    """A new code for the wall, never the one that hung there. From now on it is asked for, and the old is good no more.

    `mark` is of what the page showed: Refused "changed-since-seen".
    """
    policy.check_manages(actor, practice_id)
    row = ArrivalCode.objects.select_for_update().filter(practice=practice_id).first()
    seen.check(mark, *rules.seen_of_code(row))
    code = _another(row.code if row else "")
    if row:
        row.code, row.drawn_at = code, now
        writing.save(row)
    else:  # of two who draw the first at once, one code hangs there
        writing.add(ArrivalCode(practice_id=practice_id, code=code, drawn_at=now), or_leave=True)
        row = ArrivalCode.objects.get(practice=practice_id)
    audit.record(actor, "arrival-code.drawn", row.pk, at=now)
    return row


@transaction.atomic
def remove_code(*, actor: Actor, practice_id: UUID, mark: str | None = None, now: datetime) -> None:
    """None is asked for from now on."""
    policy.check_manages(actor, practice_id)
    row = ArrivalCode.objects.select_for_update().filter(practice=practice_id).first()
    seen.check(mark, *rules.seen_of_code(row))
    if row:
        writing.remove(row)
        audit.record(actor, "arrival-code.removed", row.pk, at=now)


def _another(before: str) -> str:
    while (code := f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}}") == before:
        pass
    return code
