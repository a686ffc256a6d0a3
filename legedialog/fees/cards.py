"""Exemption cards (frikort): what the register is asked about, and what its answer changes.

See docs/adr/0120-a-card-is-asked-for.md.

The one who asks is integrations/cards: `due` says about whom, `ask` that she was asked, `take` takes the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Sum

from legedialog.access.actor import Actor, system
from legedialog.audit import services as audit
from legedialog.core.times import local_day, local_period
from legedialog.fees import charge_rules, charging, holding
from legedialog.fees.models import Charge, ExemptionCard, Line
from legedialog.fees.rules import Exemption


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a patient had a card on the day of a charge, for the office that asks."""

    charge_id: UUID
    national_number: str
    day: date
    organisation_number: str
    office: str


def due(now: datetime, most: int) -> Sequence[Question]:
    """What nothing is known of, then what a later card may have changed; whom nobody asked about for longest first."""
    counted = Line.objects.filter(charge=OuterRef("pk"), is_counted=True).values("charge").annotate(sum=Sum("ore"))
    again = Q(told_at=None) | Q(
        told_at__lte=now - charge_rules.TELLS_AGAIN, happened_at__gte=now - charge_rules.TELLS_UNTIL
    )
    rows = (
        Charge.objects.filter(Exists(counted.filter(sum__gt=0)), status__in=charge_rules.OPEN)
        .filter(patient__local_to=None)  # the register knows nobody by a number that is only an office's
        .filter(again, Q(asked_at=None) | Q(asked_at__lte=now - charge_rules.ASK_AGAIN))
        .select_related("patient", "practice")
        .order_by(F("told_at").asc(nulls_first=True), F("asked_at").asc(nulls_first=True), "pk")
    )
    return [
        Question(
            row.pk,
            row.patient.national_number,
            local_day(row.happened_at),
            row.practice.organisation_number,
            row.practice.name,
        )
        for row in rows[:most]
    ]


def ask(charge_id: UUID, now: datetime) -> None:
    """It is asked now: another worker passes it by, and so do we for a while when there is no answer."""
    Charge.objects.filter(pk=charge_id).update(asked_at=now)


@transaction.atomic
def take(*, charge_id: UUID, has_card: bool, now: datetime) -> None:
    """What waits for the answer is owed, or free. With a card all of the year from that day is free: what was paid is
    hers to have back, because counter-entries leave it over."""
    charge = Charge.objects.select_for_update().get(pk=charge_id)
    charge.told_at = now
    charge.save(update_fields=["told_at"])
    by = system(practice_id=charge.practice_id)
    if has_card:
        _free_from(charge, now)
    else:
        holding.go_on(charge, by, now)


def _free_from(told: Charge, now: datetime) -> None:
    day = local_day(told.happened_at)
    row, _new = ExemptionCard.objects.get_or_create(
        patient_id=told.patient_id, year=day.year, defaults={"from_date": day, "told_at": now}
    )
    if day < row.from_date:
        row.from_date, row.told_at = day, now
        row.save(update_fields=["from_date", "told_at"])
    begins, ends = local_period(row.from_date)[0], local_period(date(day.year, 12, 31))[1]
    rows = Charge.objects.filter(
        patient=told.patient_id, status__in=charge_rules.OPEN, happened_at__gte=begins, happened_at__lt=ends
    )
    for charge in rows.select_for_update().order_by("pk"):
        if charge.exemption:
            continue
        charge.told_at = now
        charge.save(update_fields=["told_at"])
        by: Actor = system(practice_id=charge.practice_id)
        charging.free(charge, Exemption.CARD, by, now)
        audit.record(
            by, "charge.exempted", charge.pk, at=now, patient_id=charge.patient_id, practice_id=charge.practice_id
        )
