"""Give an errand, change whose it is or its date, do it, and open it again; who has left leaves hers to another."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor, system
from legedialog.audit import services as audit
from legedialog.core import events, seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.errands import policy, rules
from legedialog.errands.models import Errand
from legedialog.errands.queries import seen_of
from legedialog.errands.rules import About, To

NOBODY = About()


@transaction.atomic
def give(
    *,
    actor: Actor,
    practice_id: UUID,
    key: UUID,
    text: str,
    due_date: date,
    to: To,
    about: About = NOBODY,
    now: datetime,
) -> Errand:
    """The same key twice gives one. That the actor may open what it is `about` is asked before.

    Raises NotFound, Denied, or Refused when the date has been or nobody is there to do it.
    """
    policy.check_give(actor, practice_id, about)
    _check(practice_id, to, due_date, is_about_patient=about.patient_id is not None, now=now)
    assert actor.employee_id  # noqa: S101  check_give
    made = Errand(
        id=new_id(),
        key=key,
        practice_id=practice_id,
        patient_id=about.patient_id,
        source=about.source,
        source_id=about.source_id,
        text=text,
        due_date=due_date,
        to_employee_id=to.employee_id,
        to_group=to.group,
        by_employee_id=actor.employee_id,
        given_at=now,
    )
    writing.add(made, or_leave=True)  # pressed twice at once: the database lets one be it
    kept = policy.visible_to(actor).filter(key=key, by_employee=actor.employee_id).first()
    if kept is None:
        raise NotFound
    if kept.pk == made.pk:
        _told(actor, "errand.given", made, now)
    return kept


@transaction.atomic
def change(*, actor: Actor, errand_id: UUID, to: To, due_date: date, mark: str | None = None, now: datetime) -> Errand:
    """Another does it, or on another day.

    Raises NotFound, or Refused as `give`, "errand-done" or "changed-since-seen".
    """
    row = _open(actor, errand_id, mark)
    _check(row.practice_id, to, due_date, is_about_patient=row.patient_id is not None, now=now)
    row.to_employee_id, row.to_group, row.due_date = to.employee_id, to.group, due_date
    row.save(update_fields=["to_employee", "to_group", "due_date"])
    _told(actor, "errand.changed", row, now)
    return row


@transaction.atomic
def finish(*, actor: Actor, errand_id: UUID, mark: str | None = None, now: datetime) -> Errand:
    """Whoever sees it may say that it is done. Raises NotFound, or Refused "errand-done" or "changed-since-seen"."""
    row = _open(actor, errand_id, mark)
    row.done_at, row.done_by_id = now, actor.employee_id
    row.save(update_fields=["done_at", "done_by"])
    _told(actor, "errand.done", row, now)
    return row


@transaction.atomic
def reopen(*, actor: Actor, errand_id: UUID, mark: str | None = None, now: datetime) -> Errand:
    """It was not done after all. Raises NotFound, or Refused "errand-not-done" or "changed-since-seen"."""
    row = policy.find(actor, errand_id, lock=True)
    if row.done_at is None:
        raise Refused(rules.NOT_DONE)
    seen.check(mark, *seen_of(row))
    row.done_at, row.done_by_id = None, None
    row.save(update_fields=["done_at", "done_by"])
    _told(actor, "errand.reopened", row, now)
    return row


def follow_leavers(*, now: datetime, practice_id: UUID | None = None) -> int:
    """What is to be done and was given to one who has left is who took over's, or all of her role's. How many.

    Twice is as once.
    """
    rows = Errand.objects.filter(done_at=None, to_employee__ends_date__lte=local_day(now))
    if practice_id:
        rows = rows.filter(practice=practice_id)
    return sum(_let_go(each, now) for each in rows.values_list("pk", flat=True))


@transaction.atomic
def _let_go(errand_id: UUID, now: datetime) -> bool:
    today = local_day(now)
    row = Errand.objects.select_for_update(of=("self",)).select_related("to_employee").get(pk=errand_id)
    gone = row.to_employee
    if row.done_at or gone is None or gone.ends_date is None or gone.ends_date > today:
        return False
    row.to_employee_id, row.to_group = policy.left_to(row, gone, today)
    row.save(update_fields=["to_employee", "to_group"])
    _told(system(practice_id=row.practice_id), "errand.changed", row, now)
    return True


def tidy(now: datetime) -> None:
    """Those about nobody that were done long ago: run by a job every hour (operations/tasks.py)."""
    writing.remove(Errand.objects.filter(patient=None, done_at__lt=now - rules.KEPT))


def _open(actor: Actor, errand_id: UUID, mark: str | None) -> Errand:
    row = policy.find(actor, errand_id, lock=True)
    if row.done_at:
        raise Refused(rules.DONE_ALREADY)
    seen.check(mark, *seen_of(row))
    return row


def _check(practice_id: UUID, to: To, due_date: date, *, is_about_patient: bool, now: datetime) -> None:
    today = local_day(now)
    if refusal := rules.date_refusal(due_date, today):
        raise Refused(refusal)
    policy.check_to(practice_id, to, is_about_patient=is_about_patient, today=today)


def _told(actor: Actor, what: str, row: Errand, now: datetime) -> None:
    audit.record(actor, what, row.pk, at=now, patient_id=row.patient_id, practice_id=row.practice_id)
    events.publish(f"inbox:{row.practice_id}")
