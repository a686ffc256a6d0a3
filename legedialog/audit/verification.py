"""Compare the log with its seals, publish the roots, and remove what is past its retention: the owner's work."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import IO
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Sum

from legedialog.audit import rules
from legedialog.audit.models import Event, SealedBatch
from legedialog.audit.sealing import BEGINNING, NOTHING, Tree, root_of, rows
from legedialog.core.times import local_period

OWNER = "owner"
MOST_FAULTS = 1000
RECORD = 48  # bytes for each row in `leaves`: id and hash

Said = Callable[[int, int], None]  # rows done, rows in all


@dataclass(frozen=True, slots=True)
class Fault:
    """For a row: changed, removed, added or moved. For a batch: seal, chain, published or retired."""

    kind: str
    batch: int | None
    event_id: UUID | None = None

    def __str__(self) -> str:
        row = f"row {self.event_id} " if self.event_id else ""
        return f"{self.kind}: {row}in batch {self.batch}" if self.batch else f"{self.kind}: {row}in no batch"


@dataclass(slots=True)
class Result:
    """At most MOST_FAULTS faults; `is_cut` when there are more."""

    rows: int = 0
    batches: int = 0
    faults: list[Fault] = field(default_factory=list)
    is_cut: bool = False


def verify(
    *, first: date | None = None, last: date | None = None, published: IO[str] | None = None, now: datetime, said: Said
) -> Result:
    """All batches, or those sealed between two local days, both included; and the roots in a published file.

    Memory holds one round at a time. What follows the last batch is not sealed yet and is not looked at.
    """
    result = Result()
    with transaction.atomic(using=OWNER):
        seals = SealedBatch.objects.using(OWNER).order_by("number")
        if first:
            seals = seals.filter(sealed_at__gte=local_period(first)[0])
        if last:
            seals = seals.filter(sealed_at__lt=local_period(last)[1])
        total = seals.filter(retired_at=None).aggregate(total=Sum("count"))["total"] or 0
        for fault in _published(published) if published else ():
            _tell(result, fault)
        before = _before(seals.defer("leaves").first())
        for _, group in groupby(seals.iterator(chunk_size=50), key=lambda seal: seal.from_position):
            batches = list(group)
            for fault in [*_chain(before, batches, now), *_round(batches, result)]:
                _tell(result, fault)
            before = batches[-1]
            result.batches += len(batches)
            said(result.rows, total)
    _find_moved(result)
    return result


def _tell(result: Result, fault: Fault) -> None:
    if len(result.faults) < MOST_FAULTS:
        result.faults.append(fault)
    else:
        result.is_cut = True


def _before(seal: SealedBatch | None) -> SealedBatch | None:
    if seal is None:
        return None
    return SealedBatch.objects.using(OWNER).defer("leaves").filter(number=seal.number - 1).first()


def _chain(before: SealedBatch | None, batches: list[SealedBatch], now: datetime) -> Iterator[Fault]:
    """Numbers, positions and roots go on from the batch before; nothing was retired too early."""
    number, root, start = (
        (before.number, bytes(before.root), before.until_position) if before else (0, NOTHING, BEGINNING)
    )
    for batch in batches:
        is_next = batch.number == number + 1 and bytes(batch.previous) == root
        if not is_next or batch.from_position != start or batch.until_position != batches[0].until_position:
            yield Fault("chain", batch.number)
        if batch.retired_at:
            keep_until = rules.keep_until(batch.month, rules.Category(batch.category))
            if not keep_until <= batch.retired_at.date() <= now.date():
                yield Fault("retired", batch.number)
        number, root = batch.number, bytes(batch.root)


def _round(batches: list[SealedBatch], result: Result) -> Iterator[Fault]:
    """The rows of a round against what its batches say. A row that belongs to none of them was added."""
    sealed: dict[tuple[date, str], tuple[SealedBatch, dict[bytes, bytes]]] = {}
    for batch in batches:
        leaves = bytes(batch.leaves)
        members = [leaves[at : at + RECORD] for at in range(0, len(leaves), RECORD)]
        sealed[batch.month, batch.category] = (batch, {member[:16]: member[16:] for member in members})
        if batch.retired_at is None and not _is_whole(batch, members):
            yield Fault("seal", batch.number)
    for row in rows(batches[0].from_position, batches[0].until_position, alias=OWNER):
        result.rows += 1
        found = sealed.get((row.month, row.category))
        number, expected = (found[0].number, found[1]) if found else (None, {})
        known = expected.pop(row.id.bytes, None)
        if known is None:
            yield Fault("added", number, row.id)
        elif known != row.leaf:
            yield Fault("changed", number, row.id)
    for batch, expected in sealed.values():
        yield from (Fault("removed", batch.number, UUID(bytes=event_id)) for event_id in expected)


def _is_whole(batch: SealedBatch, members: list[bytes]) -> bool:
    """The batch's own hashes give its root."""
    tree = Tree()
    for member in members:
        tree.add(member[16:])
    return bool(members) and tree.count == batch.count and root_of(batch, tree.root()) == bytes(batch.root)


def _find_moved(result: Result) -> None:
    """A row that is missing in one place and stands in another was moved."""
    missing = {fault.event_id: fault for fault in result.faults if fault.kind == "removed"}
    there = set(Event.objects.using(OWNER).filter(pk__in=[key for key in missing if key]).values_list("pk", flat=True))
    result.faults = [
        replace(fault, kind="moved") if fault.kind == "removed" and fault.event_id in there else fault
        for fault in result.faults
        if not (fault.kind == "added" and fault.event_id in missing)
    ]


def publish(file: IO[str]) -> int:
    """One line of JSON for each batch: number, root, rows and time. Holds nothing about anybody; how many lines."""
    count = 0
    for seal in SealedBatch.objects.using(OWNER).defer("leaves").order_by("number").iterator():
        line = {
            "number": seal.number,
            "root": bytes(seal.root).hex(),
            "count": seal.count,
            "sealed_at": seal.sealed_at.isoformat(),
        }
        file.write(json.dumps(line) + "\n")
        count += 1
    return count


def _published(file: IO[str]) -> Iterator[Fault]:
    """Raises ValueError for a file that `publish` did not write."""
    roots: dict[int, str] = {}
    for line in file:
        try:
            told = json.loads(line)
            roots[int(told["number"])] = str(told["root"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError("not a file of published roots") from error
        if len(roots) == 1000:
            yield from _compare(roots)
            roots = {}
    yield from _compare(roots)


def _compare(roots: dict[int, str]) -> Iterator[Fault]:
    kept = dict(SealedBatch.objects.using(OWNER).filter(number__in=roots).values_list("number", "root"))
    for number, root in roots.items():
        if number not in kept or bytes(kept[number]).hex() != root:
            yield Fault("published", number)


@transaction.atomic(using=OWNER)
def retain(now: datetime) -> int:
    """Remove the sealed rows that are past their retention, whole batches at a time; how many rows.

    The batches stay without their hashes, so the chain of roots still holds. A month whose rows are all past it goes
    with its table.
    """
    seals = SealedBatch.objects.using(OWNER).filter(retired_at=None)
    past = [
        (month, category)
        for month, category in seals.values_list("month", "category").distinct()
        if rules.keep_until(month, rules.Category(category)) <= now.date()
    ]
    until = (SealedBatch.objects.using(OWNER).order_by("-number").values_list("until_position", flat=True).first()) or 0
    removed = 0
    for month, category in past:
        with connections[OWNER].cursor() as cursor:
            cursor.execute(
                "DELETE FROM audit_event WHERE at >= %s::date::timestamp AT TIME ZONE 'UTC'"
                " AND at < %s::date::timestamp AT TIME ZONE 'UTC' AND category = %s AND position < %s",
                [month, rules.month_after(month), category, until],
            )
            removed += cursor.rowcount
        seals.filter(month=month, category=category).update(leaves=b"", retired_at=now)
    for month in {month for month, _ in past}:
        _drop_if_empty(f"audit_event_{month:%Y_%m}")
    return removed


def _drop_if_empty(partition: str) -> None:
    with connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [partition])
        if not cursor.fetchone()[0]:
            return
        cursor.execute(f"SELECT NOT EXISTS (SELECT FROM {partition})")  # noqa: S608  a name of ours
        if cursor.fetchone()[0]:
            cursor.execute(f"DROP TABLE {partition}")
