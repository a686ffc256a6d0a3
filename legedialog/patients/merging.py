"""Two rows are the same person: what of the one that goes cannot stand beside what the other has. See ADR 0052.

Called by journeys/merging.py before the rows of the one become the other's. What is changed here it can take back.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from legedialog.core import writing
from legedialog.patients.models import (
    Assignment,
    FormerNumber,
    Guardianship,
    Membership,
    Merge,
    Person,
    PowerOfAttorney,
    Responsibility,
    YouthAccess,
)
from legedialog.patients.rules import NoticeKind, Way, ways

Period = tuple[date, date | None]  # from the first day to the day before the last; None is without an end
STRICTER = (Way.NONE, Way.EMAIL, Way.SMS, Way.EITHER)


def without(taken: Iterable[Period], period: Period) -> Period | None:
    """The longest part of `period` that none of `taken` overlaps, the first of equals; None when nothing is left."""
    parts = [period]
    for starts, ends in taken:
        parts = [piece for part in parts for piece in _cut(part, starts, ends)]
    return max(parts, key=lambda part: (part[1] or date.max) - part[0], default=None)


def _cut(part: Period, starts: date, ends: date | None) -> list[Period]:
    first, last = part
    pieces: list[Period] = []
    if first < starts:
        pieces.append((first, min(last or starts, starts)))
    if ends is not None and (last is None or last > ends):
        pieces.append((max(first, ends), last))
    return pieces


def stricter(one: str, other: str) -> Way:
    """Of two choices of how she is told."""
    return min(Way(one), Way(other), key=STRICTER.index)


def related(kept: UUID, gone: UUID) -> bool:
    """Whether one may act for the other: then they are two persons, whatever a register says."""

    def both(one: str, other: str) -> Q:
        return Q(**{one: kept, other: gone}) | Q(**{one: gone, other: kept})

    return (
        Responsibility.objects.filter(both("parent", "child")).exists()
        or Guardianship.objects.filter(both("guardian", "person")).exists()
        or PowerOfAttorney.objects.filter(both("giver", "receiver")).exists()
        or Assignment.objects.filter(both("person", "relative")).exists()
    )


def settle_memberships(kept: UUID, gone: UUID, now: datetime) -> None:
    """One list at a time: the days of the one who stays count, and the other's where she has none."""
    _settle_periods(Membership, ("person",), kept, gone)


def settle_responsibilities(kept: UUID, gone: UUID, now: datetime) -> None:
    _settle_periods(Responsibility, ("parent", "child"), kept, gone)


def settle_guardianships(kept: UUID, gone: UUID, now: datetime) -> None:
    _settle_periods(Guardianship, ("guardian", "person"), kept, gone)


def settle_powers(kept: UUID, gone: UUID, now: datetime) -> None:
    """Of two that run for the same two persons at the same time, the one with fewer areas stays."""
    rows = PowerOfAttorney.objects.filter(Q(giver__in=[kept, gone]) | Q(receiver__in=[kept, gone]), ended_at=None)
    running: list[PowerOfAttorney] = []
    for row in sorted(rows, key=lambda row: (len(row.areas), kept not in (row.giver_id, row.receiver_id), row.pk)):
        same = [each for each in running if _same_two(each, row, kept, gone) and _overlap(each, row)]
        if same:
            PowerOfAttorney.objects.filter(pk=row.pk).update(ended_at=max(now, row.given_at), ended_by=row.giver_id)
        else:
            running.append(row)


def settle_assignments(kept: UUID, gone: UUID, now: datetime) -> None:
    """The doctor's earlier assessment stays."""
    rows = Assignment.objects.filter(Q(person__in=[kept, gone]) | Q(relative__in=[kept, gone]), ended_at=None)
    seen: set[tuple[UUID, UUID]] = set()
    for row in rows.order_by("confirmed_at", "pk"):
        two = tuple(kept if each == gone else each for each in (row.person_id, row.relative_id))
        if two in seen:
            Assignment.objects.filter(pk=row.pk).update(
                ended_at=max(now, row.confirmed_at), ended_by_person=row.relative_id
            )
        seen.add(two)  # type: ignore[arg-type]


def settle_youth_accesses(kept: UUID, gone: UUID, now: datetime) -> None:
    rows = list(YouthAccess.objects.filter(person__in=[kept, gone], ended_at=None).order_by("given_at", "pk"))
    for row in rows[:-1]:
        YouthAccess.objects.filter(pk=row.pk).update(ended_at=max(now, row.given_at), ended_by=row.given_by_id)


def settle_person(kept: UUID, gone: UUID, now: datetime) -> None:
    """What she has told us herself: the later telephone and e-mail, the stricter choices, and both her numbers."""
    one, other = Person.objects.get(pk=kept), Person.objects.get(pk=gone)
    if other.contact_confirmed_at and (
        one.contact_confirmed_at is None or one.contact_confirmed_at < other.contact_confirmed_at
    ):
        one.phone, one.email = other.phone or one.phone, other.email or one.email
        one.contact_confirmed_at = other.contact_confirmed_at
    one.language = one.language or other.language
    one.is_reserved = one.is_reserved or other.is_reserved
    mine, others = ways(one.notices), ways(other.notices)
    chosen = one.notices.keys() | other.notices.keys()
    one.notices = {kind: stricter(mine[NoticeKind(kind)], others[NoticeKind(kind)]).value for kind in sorted(chosen)}
    one.former_ids = [*one.former_ids, gone, *other.former_ids]
    writing.save(one)


def tidy(now: datetime) -> None:
    """What can no longer be taken back is forgotten: run by a job every hour."""
    for row in Merge.objects.filter(undo_until__lt=now, undone_at=None):
        if row.trace:
            row.trace = ""
            row.save(update_fields=["trace"])


def keep_number(person: Person, *, of: UUID, number: str, index: bytes, now: datetime) -> None:
    """`number` is out of use, and finds `person` from now on."""
    FormerNumber.objects.create(
        person=person, national_number=number, national_number_index=index, replaced_at=now, was_of=of
    )


def _settle_periods(model: Any, columns: tuple[str, ...], kept: UUID, gone: UUID) -> None:
    """Rows of the one who goes are cut where the other has one for the same persons; what holds no day is removed."""
    mine = [row for column in columns for row in model.objects.filter(**{column: kept})]
    for column in columns:
        for row in model.objects.filter(**{column: gone}).order_by("starts_date", "pk"):
            rest = [getattr(row, f"{each}_id") for each in columns if each != column]
            taken = [
                (each.starts_date, each.ends_date)
                for each in mine
                if getattr(each, f"{column}_id") == kept
                and [getattr(each, f"{name}_id") for name in columns if name != column] == rest
            ]
            left = without(taken, (row.starts_date, row.ends_date))
            if left is None:
                writing.remove(row)
            elif left != (row.starts_date, row.ends_date):
                model.objects.filter(pk=row.pk).update(starts_date=left[0], ends_date=left[1])


def _same_two(one: PowerOfAttorney, other: PowerOfAttorney, kept: UUID, gone: UUID) -> bool:
    def two(row: PowerOfAttorney) -> list[UUID]:
        return [kept if each == gone else each for each in (row.giver_id, row.receiver_id)]

    return two(one) == two(other)


def _overlap(one: PowerOfAttorney, other: PowerOfAttorney) -> bool:
    return one.starts_date < (other.ends_date or date.max) and other.starts_date < (one.ends_date or date.max)
