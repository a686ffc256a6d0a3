"""Innkalling: the office asks patients to book, and what becomes of it. See docs/adr/0245-innkalling.md."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from legedialog.access.actor import Actor, system
from legedialog.appointments import filing, policy, recall_rules, recalls, rules
from legedialog.appointments.models import Appointment, Calendar, Recall, RecallStatus, VisitType
from legedialog.audit import services as audit
from legedialog.core import events, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.outbox import services as outbox
from legedialog.outbox.services import Told
from legedialog.patients import policy as patients
from legedialog.patients.models import Membership


@transaction.atomic
def ask_to_book(
    *,
    actor: Actor,
    practice_id: UUID,
    round_id: UUID,
    patient_ids: Sequence[UUID],
    visit_type_id: UUID,
    calendar_id: UUID | None,
    first_date: date,
    last_date: date,
    now: datetime,
) -> list[Recall]:
    """Ask those of them who have no such time and are not asked already. The same round twice asks once.

    Raises NotFound, Denied, or Refused "not-bookable", "recall-days", "too-many-to-ask" or "nobody-to-ask".
    """
    policy.check_books(actor, practice_id)
    assert actor.employee_id  # noqa: S101  only an office's employee books there
    today = local_day(now)
    kinds = VisitType.objects.filter(practice=practice_id, is_active=True, is_bookable_by_citizens=True)
    kind = kinds.filter(pk=visit_type_id).first()
    if kind is None:
        raise Refused(rules.NOT_BOOKABLE)
    if kind.needs_order:
        policy.check_orders(actor)
    calendar = _calendar(actor, practice_id, calendar_id)
    if not recall_rules.are_days(first_date, last_date, today):
        raise Refused(recall_rules.WRONG_DAYS)
    if len(set(patient_ids)) > recall_rules.MOST:
        raise Refused(recall_rules.TOO_MANY)
    if done := list(policy.recalls_visible_to(actor).filter(round=round_id)):
        return done
    tells_on = min(recall_rules.tells_on(first_date, kind.horizon_days, today), last_date)
    listed = patients.listed(actor, today).filter(pk__in=list(patient_ids), death_date=None)
    left_out = recalls.left_out(actor, practice_id, patient_ids, visit_type_id, first_date, last_date)
    rows = [
        Recall(
            practice_id=practice_id,
            patient_id=patient_id,
            round=round_id,
            visit_type=kind,
            calendar=calendar,
            first_date=first_date,
            last_date=last_date,
            tells_date=tells_on,
            asked_by_id=actor.employee_id,
            asked_at=now,
            status_at=now,
        )
        for patient_id in listed.order_by("pk").values_list("pk", flat=True)
        if patient_id not in left_out
    ]
    if not rows:
        raise Refused(recall_rules.NOBODY_TO_ASK)
    writing.add(*rows, or_leave=True)  # a colleague may have asked some of them this moment
    asked = list(policy.recalls_visible_to(actor).filter(round=round_id, pk__in=[row.pk for row in rows]))
    audit.record_many(
        actor, "recall.asked", [(row.pk, row.patient_id) for row in asked], at=now, practice_id=practice_id
    )
    filing.recalled(actor, asked, now)
    _tell(asked, now)
    _published(asked)
    return asked


def _calendar(actor: Actor, practice_id: UUID, calendar_id: UUID | None) -> Calendar | None:
    calendar = policy.find_calendar(actor, calendar_id) if calendar_id else None
    if calendar and calendar.practice_id != practice_id:
        raise NotFound
    return calendar


def _tell(asked: Sequence[Recall], now: datetime) -> None:
    """Once, and by a reminder or two of those who have not answered by then."""
    if not asked:
        return
    one = asked[0]
    told = [Told(row.pk, row.patient_id, row.practice_id) for row in asked]
    outbox.put_many("recall.asked", told, now=now, due_at=recall_rules.told_at(one.tells_date, now))
    for number, day in enumerate(recall_rules.reminders(one.tells_date, one.last_date), 1):
        told = [Told(row.pk, row.patient_id, row.practice_id, number) for row in asked]
        outbox.put_many("recall.reminder", told, now=now, due_at=recall_rules.told_at(day, now))


def decline_recall(*, actor: Actor, recall_id: UUID, now: datetime) -> Recall:
    """She does not want it, and is not reminded. She may book all the same. Twice is as once."""
    with transaction.atomic():
        recall = policy.find_recall(actor, recall_id, lock=True)
        policy.check_acts_for(actor, recall.patient_id)
        if recall.status == RecallStatus.DECLINED:
            return recall
        _check_is_asked(recall)
        return _end(actor, recall, RecallStatus.DECLINED, now)


def stop_recall(*, actor: Actor, recall_id: UUID, now: datetime) -> Recall:
    """The office does not ask her any more. What she has not been told she never is. Raises Refused "recall-over"."""
    with transaction.atomic():
        recall = policy.find_recall(actor, recall_id, lock=True)
        policy.check_books(actor, recall.practice_id)
        _check_is_asked(recall)
        return _end(actor, recall, RecallStatus.STOPPED, now)


def stop_round(*, actor: Actor, recall_id: UUID, now: datetime) -> int:
    """All in the round of this one who have not answered. How many."""
    with transaction.atomic():
        one = policy.find_recall(actor, recall_id)
        policy.check_books(actor, one.practice_id)
        rows = Recall.objects.filter(practice=one.practice_id, round=one.round)
        return _end_all(actor, rows, RecallStatus.STOPPED, now)


def end_recalls(now: datetime) -> None:
    """Run by a job every hour: the last day has passed, or she is on no list at the office any more."""
    today = local_day(now)
    listed = Membership.objects.filter(
        patients.on(today), person=OuterRef("patient"), contract__practice=OuterRef("practice")
    )
    rows = Recall.objects.filter(Q(last_date__lt=today) | ~Exists(listed), status=RecallStatus.ASKED)
    for recall_id, practice_id in rows.order_by("pk").values_list("pk", "practice_id"):
        with transaction.atomic():
            _end_all(system(practice_id=practice_id), Recall.objects.filter(pk=recall_id), RecallStatus.OVER, now)


def close_recalls_for_death(patient_id: UUID, now: datetime) -> None:
    _end_all(system(), Recall.objects.filter(patient=patient_id), RecallStatus.OVER, now)


ANSWER = """
UPDATE appointments_recall SET status = 'booked', status_at = %(now)s, appointment_id = %(appointment)s
 WHERE patient_id = %(patient)s AND practice_id = %(practice)s AND visit_type_id = %(visit_type)s
   AND status = ANY('{asked,declined}') AND first_date <= %(day)s AND last_date >= %(day)s
"""


def answer(appointment: Appointment, now: datetime) -> None:
    """A time is booked: whoever was asked for such a one in those days has answered. Asks nothing back."""
    with connection.cursor() as cursor:
        cursor.execute(
            ANSWER,
            {
                "now": now,
                "appointment": appointment.pk,
                "patient": appointment.patient_id,
                "practice": appointment.practice_id,
                "visit_type": appointment.visit_type_id,
                "day": local_day(appointment.starts_at),
            },
        )


def asks_for(patient_id: UUID, kind: VisitType, starts_at: datetime) -> bool:
    """Whether she is asked to book such a time then; nobody stops it until the transaction ends."""
    day = local_day(starts_at)
    rows = Recall.objects.filter(
        patient=patient_id,
        practice=kind.practice_id,
        visit_type=kind,
        status__in=[RecallStatus.ASKED, RecallStatus.DECLINED],
        first_date__lte=day,
        last_date__gte=day,
    )
    return rows.select_for_update(of=("self",)).first() is not None


def ask_again(appointment: Appointment, now: datetime) -> None:
    """It is cancelled: she is asked as before, while there are days left and nothing else asks for the same."""
    for recall in Recall.objects.filter(appointment=appointment).select_for_update(of=("self",)).order_by("-asked_at"):
        others = Recall.objects.filter(
            patient=recall.patient_id, visit_type=recall.visit_type_id, status=RecallStatus.ASKED
        )
        goes_on = recall.last_date >= local_day(now) and not others.exists()
        recall.status = RecallStatus.ASKED if goes_on else RecallStatus.OVER
        recall.status_at, recall.appointment = now, None
        recall.save(update_fields=["status", "status_at", "appointment"])


def _check_is_asked(recall: Recall) -> None:
    if recall.status != RecallStatus.ASKED:
        raise Refused(recall_rules.RECALL_OVER)


def _end_all(actor: Actor, rows: QuerySet[Recall], status: RecallStatus, now: datetime) -> int:
    found = rows.select_related("visit_type").filter(status=RecallStatus.ASKED)
    ended = [_end(actor, recall, status, now) for recall in found.select_for_update(of=("self",)).order_by("pk")]
    return len(ended)


def _end(actor: Actor, recall: Recall, status: RecallStatus, now: datetime) -> Recall:
    recall.status, recall.status_at = status, now
    recall.save(update_fields=["status", "status_at"])
    audit.record(
        *(actor, f"recall.{status}", recall.pk), at=now, patient_id=recall.patient_id, practice_id=recall.practice_id
    )
    filing.recall_ended(actor, recall, now)
    _published([recall])
    return recall


def _published(rows: Iterable[Recall]) -> None:
    rows = list(rows)
    offices = {f"calendar:{row.practice_id}" for row in rows}
    events.publish(*offices, *(f"person:{row.patient_id}" for row in rows))
