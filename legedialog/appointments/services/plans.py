"""The calendar as the office lays it out: blocks of bookable time, closed time, and kinds of visits."""

from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from legedialog.access.actor import Actor
from legedialog.appointments import free_rules, policy, rules
from legedialog.appointments.models import (
    Block,
    Claim,
    ClaimKind,
    Taken,
    VisitType,
)
from legedialog.appointments.services.claims import take
from legedialog.audit import services as audit
from legedialog.core import events, seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.fees import policy as fees


@transaction.atomic
def block_time(
    *, actor: Actor, calendar_id: UUID, starts_at: datetime, ends_at: datetime, note: str, now: datetime
) -> Claim:
    """Keep time for something else. Refused "time-taken" where patients are booked: move or cancel them first."""
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_books(actor, calendar.practice_id)
    claim = Claim(
        calendar=calendar, period=DateTimeTZRange(starts_at, ends_at), kind=ClaimKind.BLOCK, note=note or None
    )
    in_the_way = Taken.objects.filter(calendar=calendar, period__overlap=claim.period).exclude(expires_at__lte=now)
    if in_the_way.exists() or not take(claim, now):  # the constraint does not look at what is overbooked
        raise Refused(free_rules.TAKEN)
    audit.record(actor, "time.blocked", claim.pk, at=now)
    events.publish(f"calendar:{calendar.practice_id}")
    return claim


@transaction.atomic
def unblock(*, actor: Actor, claim_id: UUID, now: datetime) -> None:
    claim = (
        Claim.objects.select_related("calendar")
        .filter(pk=claim_id, kind=ClaimKind.BLOCK, calendar__practice__in=actor.practices)
        .first()
    )
    if claim is None:
        raise NotFound
    policy.check_books(actor, claim.calendar.practice_id)
    writing.remove(claim)
    audit.record(actor, "time.unblocked", claim_id, at=now)
    events.publish(f"calendar:{claim.calendar.practice_id}")


@transaction.atomic
def save_block(
    *,
    actor: Actor,
    calendar_id: UUID,
    block_id: UUID | None,
    weekday: int,
    starts: time,
    ends: time,
    step_minutes: int,
    visit_type_ids: list[UUID],
    channels: list[str],
    is_online: bool,
    first_date: date,
    last_date: date | None,
    mark: str | None = None,
    now: datetime,
) -> Block:
    """Add a block to the weekly plan, or change one. What is booked stays booked.

    `mark` is of what she saw of the one she changes, here and below: Refused "changed-since-seen" (core/seen.py).
    """
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_plans(actor, calendar)
    block = (
        Block.objects.select_for_update().filter(pk=block_id, calendar=calendar).first()
        if block_id
        else Block(calendar=calendar)
    )
    if block is None:
        raise NotFound
    if block_id:
        _check_seen(mark, block)
    block.weekday, block.starts, block.ends, block.step_minutes = weekday, starts, ends, step_minutes
    block.channels, block.is_online = channels, is_online
    block.first_date, block.last_date = first_date, last_date
    writing.save(block)
    wanted = VisitType.objects.filter(practice=calendar.practice_id, pk__in=visit_type_ids)
    writing.remove(Block.visit_types.through.objects.filter(block=block).exclude(visittype__in=wanted))
    block.visit_types.add(*wanted)
    audit.record(actor, "plan.changed", block.pk, at=now)
    events.publish(f"calendar:{calendar.practice_id}")
    return block


@transaction.atomic
def remove_block(*, actor: Actor, block_id: UUID, mark: str | None = None, now: datetime) -> None:
    """Take a block out of the plan. What is booked stays booked."""
    block = (
        Block.objects.select_for_update(of=("self",))
        .select_related("calendar")
        .filter(pk=block_id, calendar__practice__in=actor.practices)
        .first()
    )
    if block is None:
        raise NotFound
    policy.check_plans(actor, block.calendar)
    _check_seen(mark, block)
    writing.remove(block)
    audit.record(actor, "plan.changed", block_id, at=now)
    events.publish(f"calendar:{block.calendar.practice_id}")


def _check_seen(mark: str | None, block: Block) -> None:
    seen.check(mark, *rules.seen_of_block(block, block.visit_types.values_list("pk", flat=True)))


@transaction.atomic
def save_visit_type(
    *,
    actor: Actor,
    practice_id: UUID,
    visit_type_id: UUID | None,
    name: str,
    name_nn: str,
    name_en: str,
    kind: str,
    minutes: int,
    channels: list[str],
    is_bookable_by_citizens: bool,
    is_with_anybody: bool,
    needs_order: bool = False,
    horizon_days: int,
    lead_minutes: int,
    release_clock: time | None,
    buffer_minutes: int,
    cutoff_hours: int,
    max_coming: int,
    preparation: str,
    is_active: bool,
    position: int,
    exemption: str = "",
    own_price_id: UUID | None = None,
    is_own_price_alone: bool = False,
    laboratory: str = "",
    mark: str | None = None,
    now: datetime,
) -> VisitType:
    """Add a visit type or change one. Booked appointments keep their time; their cut-off follows the new rule."""
    policy.check_manages(actor, practice_id)
    visit_type = (
        VisitType.objects.select_for_update().filter(pk=visit_type_id, practice=practice_id).first()
        if visit_type_id
        else VisitType(practice_id=practice_id)
    )
    if visit_type is None:
        raise NotFound
    if visit_type_id:
        seen.check(mark, *rules.seen_of_visit_type(visit_type))
    visit_type.name, visit_type.name_nn, visit_type.name_en = name, name_nn, name_en
    visit_type.kind, visit_type.minutes, visit_type.channels = kind, minutes, channels
    visit_type.is_bookable_by_citizens, visit_type.horizon_days = is_bookable_by_citizens, horizon_days
    visit_type.lead_minutes, visit_type.cutoff_hours, visit_type.max_coming = lead_minutes, cutoff_hours, max_coming
    visit_type.is_with_anybody, visit_type.needs_order = is_with_anybody, needs_order
    visit_type.release_clock, visit_type.buffer_minutes = release_clock, buffer_minutes
    if own_price_id and not fees.own_prices_visible_to(actor).filter(pk=own_price_id, practice=practice_id).exists():
        raise NotFound
    visit_type.exemption, visit_type.own_price_id = exemption, own_price_id
    visit_type.laboratory = laboratory
    visit_type.is_own_price_alone = is_own_price_alone and own_price_id is not None
    visit_type.preparation, visit_type.is_active, visit_type.position = preparation, is_active, position
    writing.save(visit_type)
    audit.record(actor, "visit-type.changed", visit_type.pk, at=now)
    return visit_type
