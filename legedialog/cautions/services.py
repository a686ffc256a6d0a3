"""Add a caution, end it, and hide it from a child's parents or from the youth. Nothing is ever removed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import override

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.cautions import policy, rules, texts
from legedialog.cautions.models import Caution
from legedialog.cautions.rules import Certainty, Severity, Source
from legedialog.core import events, seen
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType, Kind
from legedialog.journal.services import NEXT, Made
from legedialog.patients.representation import Restriction
from legedialog.visibility.rules import Content


@transaction.atomic
def add(
    *,
    actor: Actor,
    patient_id: UUID,
    practice_id: UUID,
    key: UUID,
    substance: str,
    atc: str = "",
    reaction: str,
    severity: Severity,
    certainty: Certainty,
    source: Source,
    restriction: Restriction = Restriction.NORMAL,
    now: datetime,
) -> Caution:
    """It stands on top of the patient from now on, and in her record. The same key twice adds one. Who may open her is
    asked before. Raises NotFound or Denied."""
    policy.check_add(actor, practice_id)
    assert actor.employee_id  # noqa: S101  check_add
    made = Caution(
        id=new_id(),
        key=key,
        practice_id=practice_id,
        patient_id=patient_id,
        substance=substance,
        atc=atc,
        reaction=reaction,
        severity=severity,
        certainty=certainty,
        source=source,
        added_at=now,
        by_employee_id=actor.employee_id,
        restriction=restriction,
    )
    Caution.objects.bulk_create([made], ignore_conflicts=True)  # pressed twice at once: the database lets one be it
    kept = policy.visible_to(actor).filter(key=key, patient=patient_id).first()
    if kept is None:
        raise NotFound
    if kept.pk == made.pk:
        _file(actor, made, f"CAVE: {substance}", _words(made), now)
        _told(actor, "caution.added", made, now)
    return kept


@transaction.atomic
def end(*, actor: Actor, caution_id: UUID, reason: str, mark: str | None = None, now: datetime) -> Caution:
    """It warns no more, and stands among those that have ended with why.

    Raises NotFound, Denied, Refused "caution-ended" or "changed-since-seen". Ended twice by one person is as once.
    """
    row = policy.find(actor, caution_id, lock=True)
    policy.check_end(actor, row)
    if row.ended_at:
        if (row.ended_by_id, row.reason) == (actor.employee_id, reason):
            return row
        raise Refused(rules.ENDED_ALREADY)
    seen.check(mark, row.pk, row.restriction)
    row.ended_at, row.ended_by_id, row.reason = now, actor.employee_id, reason
    row.save(update_fields=["ended_at", "ended_by", "reason"])
    _file(actor, row, f"CAVE avsluttet: {row.substance}", reason, now)
    _told(actor, "caution.ended", row, now)
    return row


@transaction.atomic
def restrict(
    *, actor: Actor, caution_id: UUID, restriction: Restriction, was: str | None = None, now: datetime
) -> Caution:
    """Hidden from the parents or from the youth, or shown again, with what the record says of it (code 9603).

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    row = policy.find(actor, caution_id, lock=True)
    policy.check_restrict(actor, row)
    if row.restriction == restriction:
        return row
    seen.same(was, row.restriction)
    row.restriction = restriction
    row.save(update_fields=["restriction"])
    journal.hide(row.pk, restriction)
    _told(actor, "caution.hidden", row, now)
    return row


def copy(new: Mapping[UUID, UUID], *, to_patient_id: UUID) -> None:
    """Those of them that are cautions stand in the right person's record too, under the new ids: as they were written,
    and ended where they had been. For journeys/misfiling.py, which takes the old ones out of sight."""
    for each in Caution.objects.filter(pk__in=new):
        each.pk, each.key, each.patient_id = new[each.pk], new_id(), to_patient_id
        each.restriction = Restriction.NORMAL  # that was about the other one's parents
        each.save(force_insert=True)


def _words(row: Caution) -> str:
    """In bokmål, the language of the record."""
    with override("nb"):
        known = (texts.SEVERITIES[row.severity], texts.CERTAINTIES[row.certainty], texts.SOURCES[row.source])
        return "\n".join([row.reaction, *(f"{each}." for each in known)])


def _file(actor: Actor, row: Caution, title: str, text: str, now: datetime) -> None:
    journal.file(
        actor,
        Kind.CAUTION,
        row.pk,
        patient_id=row.patient_id,
        practice_id=row.practice_id,
        contact_type=ContactType.ADMINISTRATION,
        made_of=Made(Content.CAUTION, row.pk, row.restriction),
        title=title,
        text=text,
        sequence=NEXT,
        at=now,
    )


def _told(actor: Actor, what: str, row: Caution, now: datetime) -> None:
    audit.record(actor, what, row.pk, at=now, patient_id=row.patient_id, practice_id=row.practice_id)
    events.publish(f"requests:{row.practice_id}", f"person:{row.patient_id}")
