"""A citizen chooses a level. The choice works at once, in pages that are open too."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access import queries as logins
from legedialog.access import services as access
from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.consent import policy
from legedialog.consent.models import Consent
from legedialog.consent.rules import Level
from legedialog.core import events, seen
from legedialog.core.times import local_day
from legedialog.patients import policy as patients


def give(*, actor: Actor, person_id: UUID, level: Level, now: datetime) -> Consent:
    """Agree to `level`; the same level again changes nothing. Raises NotFound, Denied, or Refused ("under-16")."""
    return _choose(actor, person_id, level, now, "consent.given")


def withdraw(*, actor: Actor, person_id: UUID, now: datetime, to: Level = Level.BASIS) -> Consent:
    """Back to Basis, or to no services at all. Coming appointments stay at the office.

    Raises NotFound, Denied, or Refused ("under-16").
    """
    return _choose(actor, person_id, to, now, "consent.withdrawn")


@transaction.atomic
def lock(*, actor: Actor, person_id: UUID, now: datetime) -> None:
    """Akuttsperre: every login of hers ends, and nobody logs in as her. Locking twice is fine.

    Only the office can lift it: whoever misuses her login must not be able to. Raises NotFound or Denied.
    """
    patients.find(actor, person_id, local_day(now))
    policy.check_lock(actor, person_id)
    if access.lock(person_id=person_id, now=now):
        audit.record(actor, "lock.set", person_id, at=now, patient_id=person_id)


@transaction.atomic
def lift_lock(*, actor: Actor, person_id: UUID, mark: str | None = None, now: datetime) -> None:
    """Somebody at her office has seen who she is. Lifting twice is fine; a lock that came since is not lifted.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    patients.find(actor, person_id, local_day(now))
    policy.check_lift_lock(actor)
    assert actor.employee_id  # noqa: S101  check_lift_lock
    if since := logins.locked_since(person_id):
        seen.check(mark, since)
    if access.lift_lock(person_id=person_id, employee_id=actor.employee_id, now=now):
        audit.record(actor, "lock.lifted", person_id, at=now, patient_id=person_id, practice_id=actor.practice_id)


@transaction.atomic
def _choose(actor: Actor, person_id: UUID, level: Level, now: datetime, action: str) -> Consent:
    person = patients.find(actor, person_id, local_day(now), lock=True)  # one choice at a time
    policy.check_choose(actor, person_id)
    if not actor.acts_for_another:
        patients.check_age(person, local_day(now))

    running = Consent.objects.filter(person=person_id, ends_at=None).first()
    if running and running.level == level:
        return running
    if running:
        running.ends_at = now
        running.save(update_fields=["ends_at"])
    chosen = Consent.objects.create(
        person_id=person_id, level=level, starts_at=now, given_by_id=actor.person_id or person_id
    )
    audit.record(actor, action, chosen.pk, at=now, patient_id=person_id, level=level.value)
    events.publish(f"person:{person_id}")
    return chosen
