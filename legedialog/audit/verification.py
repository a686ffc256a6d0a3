"""Compare the log with its seals, publish the roots, and remove what is past its retention: the owner's work."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import IO, Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Sum

from legedialog.audit import rules
from legedialog.audit.models import Event, SealedBatch
from legedialog.audit.sealing import BEGINNING, NO_MONTH, NOTHING, Tree, root_of, rows
from legedialog.core.times import local_period

OWNER = "owner"
MOST_FAULTS = 1000
RECORD = 48  # bytes for each row in `leaves`: id and hash

Said = Callable[[int, int], None]  # rows done, rows in all


@dataclass(frozen=True, slots=True)
class Fault:
    """For a row: changed, removed, added, moved or ahead. For a batch: seal, chain, month, category, published or
    retired."""

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
            for fault in [*_chain(before, batches, now), *_whole(before, batches), *_round(batches, result)]:
                _tell(result, fault)
            before = batches[-1]
            result.batches += len(batches)
            said(result.rows, total)
    _find_moved(result)
    _find_ahead(result)
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
    """Numbers, positions, formats and roots go on from the batch before; months fit; nothing was retired too early."""
    start = before.until_position if before else BEGINNING
    for batch in batches:
        number, root, follows, sealed_at = (
            (before.number, bytes(before.root), before.format, before.sealed_at) if before else (0, NOTHING, 0, None)
        )
        is_next = batch.number == number + 1 and bytes(batch.previous) == root and batch.format >= follows
        is_later = sealed_at is None or batch.format == 1 or batch.sealed_at >= sealed_at
        in_round = batch.from_position == start and batch.until_position == batches[0].until_position
        if not (is_next and is_later and in_round):
            yield Fault("chain", batch.number)
        keep_until = rules.keep_until(batch.month, batch.category)
        sealed_in = rules.month_of(batch.sealed_at)
        if batch.month > rules.month_after(sealed_in) or keep_until <= sealed_in:  # none is sealed past its time
            yield Fault("month", batch.number)
        if batch.category not in rules.RETENTION_YEARS:
            yield Fault("category", batch.number)
        if batch.retired_at and not keep_until <= batch.retired_at.date() <= now.date():
            yield Fault("retired", batch.number)
        before = batch


def _whole(before: SealedBatch | None, batches: list[SealedBatch]) -> Iterator[Fault]:
    for batch in batches:
        if not _is_whole(batch, before.format if before else 0):
            yield Fault("seal", batch.number)
        before = batch


def _is_whole(batch: SealedBatch, follows: int) -> bool:
    """The batch's own hashes give its root; of one whose rows are gone, the tree's root that it kept."""
    if batch.retired_at:
        if batch.leaves or batch.tree is None:
            return batch.format == 1 and not batch.leaves  # retired before trees were kept
        tree = bytes(batch.tree)
    else:
        grown = _grown(batch)
        if not grown.count or grown.count != batch.count:
            return False
        tree = grown.root()
    return root_of(batch, tree, follows=follows) == bytes(batch.root)


def _grown(batch: SealedBatch) -> Tree:
    tree = Tree()
    for member in _members(batch):
        tree.add(member[16:])
    return tree


def _members(batch: SealedBatch) -> list[bytes]:
    leaves = bytes(batch.leaves)
    return [leaves[at : at + RECORD] for at in range(0, len(leaves), RECORD)]


def _round(batches: list[SealedBatch], result: Result) -> Iterator[Fault]:
    """The rows of a round against what its batches say. A row that belongs to none of them was added."""
    sealed: dict[tuple[date, str], tuple[SealedBatch, dict[bytes, list[bytes]]]] = {}
    for batch in batches:
        members: dict[bytes, list[bytes]] = {}
        for member in _members(batch):  # one id may stand there twice, at two times
            members.setdefault(member[:16], []).append(member[16:])
        sealed[batch.month, batch.category] = (batch, members)
    for row in rows(batches[0].from_position, batches[0].until_position, alias=OWNER):
        result.rows += 1
        found = sealed.get((row.month, row.category))
        number, expected = (found[0].number, found[1]) if found else (None, {})
        known = expected.get(row.id.bytes)
        if not known:
            yield Fault("added", number, row.id)
            continue
        if row.leaf not in known:
            yield Fault("changed", number, row.id)
        known.remove(row.leaf if row.leaf in known else known[0])
    for batch, expected in sealed.values():
        yield from (Fault("removed", batch.number, UUID(bytes=id)) for id, left in expected.items() for _ in left)


def _find_moved(result: Result) -> None:
    """A row that is missing in one place and stands in another was moved."""
    missing = {fault.event_id: fault for fault in result.faults if fault.kind == "removed"}
    there = set(Event.objects.using(OWNER).filter(pk__in=[key for key in missing if key]).values_list("pk", flat=True))
    result.faults = [
        replace(fault, kind="moved") if fault.kind == "removed" and fault.event_id in there else fault
        for fault in result.faults
        if not (fault.kind == "added" and fault.event_id in missing)
    ]


def _find_ahead(result: Result) -> None:
    """Rows with a position that no transaction has reached: they would never be sealed."""
    told = {fault.event_id for fault in result.faults}
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            "SELECT id FROM audit_event WHERE position >="
            " pg_snapshot_xmax(pg_current_snapshot())::text::bigint + audit_offset() ORDER BY id LIMIT %s",
            [MOST_FAULTS],
        )
        for (event_id,) in cursor.fetchall():
            if event_id not in told:
                _tell(result, Fault("ahead", None, event_id))


def publish(file: IO[str]) -> int:
    """One line of JSON for each batch: what its root covers, and the root. Nothing about anybody; how many lines."""
    count = 0
    for seal in SealedBatch.objects.using(OWNER).defer("leaves").order_by("number").iterator():
        file.write(json.dumps({"number": seal.number} | _line(seal)) + "\n")
        count += 1
    return count


def _line(seal: SealedBatch) -> dict[str, Any]:
    return {
        "root": bytes(seal.root).hex(),
        "month": seal.month.isoformat(),
        "category": str(seal.category),
        "count": seal.count,
        "sealed_at": seal.sealed_at.isoformat(),
    }


def _published(file: IO[str]) -> Iterator[Fault]:
    """Raises ValueError for a file that `publish` did not write."""
    lines: dict[int, dict[str, Any]] = {}
    compared = 0
    for line in file:
        try:
            told = json.loads(line)
            number = int(told.pop("number"))
            lines[number] = {"root": told["root"]} | told
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("not a file of published roots") from error
        if not 0 < number < 2**31:
            raise ValueError("not a file of published roots")
        if len(lines) == 1000:
            yield from _compare(lines)
            lines, compared = {}, compared + 1
    if not lines and not compared:
        raise ValueError("there is no root in it")
    yield from _compare(lines)


def _compare(lines: dict[int, dict[str, Any]]) -> Iterator[Fault]:
    """All that was published: older files say less of each batch."""
    kept = SealedBatch.objects.using(OWNER).defer("leaves").in_bulk(lines)
    for number, told in lines.items():
        now = _line(kept[number]) if number in kept else {}
        if any(now.get(name) != value for name, value in told.items()):
            yield Fault("published", number)


@transaction.atomic(using=OWNER)
def retain(now: datetime) -> int:
    """Remove the sealed rows that are past their retention, whole batches at a time; how many rows.

    The batches stay with the roots of their trees, so their own roots and the chain still hold. A month whose rows
    are all past it goes with its table.
    """
    seals = SealedBatch.objects.using(OWNER).filter(retired_at=None)
    past = [
        (month, category)
        for month, category in seals.values_list("month", "category").distinct()
        if month != NO_MONTH and rules.keep_until(month, category) <= now.date()
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
        for seal in seals.filter(month=month, category=category).order_by("number").iterator(chunk_size=50):
            grown = _grown(seal)
            tree = grown.root() if grown.count else seal.tree
            seals.filter(pk=seal.pk).update(leaves=b"", tree=tree, retired_at=now)
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
