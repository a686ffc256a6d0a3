"""Seal the log: a Merkle tree over each batch of rows, with roots that each hold the one before. See docs/audit.md.

Rows are sealed by the number of the transaction that wrote them. All below the oldest transaction still running have
either been committed or never will be, so no row can come late into a round that is sealed, and no row waits for a
lock or a clock.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connections, transaction
from django.db.models import Q

from legedialog.audit.models import SealedBatch
from legedialog.audit.rules import Category, month_of
from legedialog.core import fence

log = structlog.get_logger(__name__)

ROWS = 4096  # at most in one round, unless one transaction wrote more
ROUNDS = 250  # at most in one job
LOCK = 0x6C6F67  # "log": one sealer at a time
NOTHING = bytes(32)  # before the first root
BEGINNING = -(2**63)  # below every position there can be
ROW_FORMAT = 1
FORMAT = 2
# What a row's hash covers, in this order. A new column gets a new format; rows sealed by an older one keep theirs.
COLUMNS = (
    *("id", "at", "position", "category", "kind", "action", "object_id", "patient_id", "actor_kind", "login_id"),
    *("person_id", "employee_id", "role", "practice_id", "purpose", "legal_ground", "facts"),
)
# A line that nobody should have been able to write (ADR 65) stops no round: what of it Python cannot hold is asked for
# as text, or as its hash. It is sealed as it is, in a month that `verify` tells of.
IS_OF_THESE_TIMES = "at >= '1900-01-01 00:00+00' AND at < '2200-01-01 00:00+00'"
IS_PLAIN = """jsonb_typeof(facts) = 'object' AND pg_column_size(facts) < 4000
  AND NOT facts @? 'strict $.* ? (@.type() == "object" || @.type() == "array")'"""
READ = {
    "at": f"CASE WHEN {IS_OF_THESE_TIMES} THEN at END, CASE WHEN {IS_OF_THESE_TIMES} THEN NULL ELSE at::text END",
    "facts": f"CASE WHEN {IS_PLAIN} THEN facts END, CASE WHEN {IS_PLAIN} THEN NULL"
    " ELSE encode(sha256(convert_to(facts::text, 'UTF8')), 'hex') END",
}
SELECT = f"SELECT {', '.join(READ.get(name, name) for name in COLUMNS)} FROM audit_event WHERE position >= %s AND position < %s ORDER BY position, id"  # noqa: S608, E501
NO_MONTH = date(1, 1, 1)  # of a line that is not of these times


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    position: int
    month: date
    category: str
    leaf: bytes


@dataclass(slots=True)
class Tree:
    """A Merkle tree as RFC 9162 section 2.1.1 draws it, grown leaf by leaf in memory that does not grow with it."""

    count: int = 0
    peaks: list[tuple[int, bytes]] = field(default_factory=list)  # (height, hash), the highest first

    def add(self, leaf: bytes) -> None:
        self.count += 1
        height = 0
        while self.peaks and self.peaks[-1][0] == height:
            leaf = _node(self.peaks.pop()[1], leaf)
            height += 1
        self.peaks.append((height, leaf))

    def root(self) -> bytes:
        peaks = [peak for _, peak in self.peaks]
        root = peaks.pop()
        while peaks:
            root = _node(peaks.pop(), root)
        return root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf(values: tuple[Any, ...]) -> bytes:
    """The hash of a row, given in the order of COLUMNS: of UTF-8 JSON without blanks, keys of `facts` in order."""
    text = json.dumps([ROW_FORMAT, *map(_plain, values)], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


def root_of(batch: SealedBatch, tree: bytes, *, follows: int) -> bytes:
    """What all of the batch comes to. `follows` is the format of the one before, 0 for the first.

    Format 2 covers the sealing time and `follows` too: no batch can pass for one of a time when less was covered.
    """
    header: list[int | str] = [
        *(batch.format, batch.number, batch.from_position, batch.until_position),
        *(batch.month.isoformat(), str(batch.category), batch.count, str(batch.first_id), str(batch.last_id)),
    ]
    if batch.format > 1:
        header += [batch.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"), follows]
    text = json.dumps(header, separators=(",", ":")).encode()
    return hashlib.sha256(b"\x02" + hashlib.sha256(text).digest() + tree + bytes(batch.previous)).digest()


def rows(from_position: int, until_position: int, *, alias: str = "default") -> Iterator[Row]:
    """In the order they are sealed. A cursor on the server, so any number fits. Inside a transaction."""
    with connections[alias].cursor() as scoped:
        scoped.execute("SELECT")  # a cursor on the server goes round the fence; this says the transaction's scope
    with connections[alias].chunked_cursor() as cursor:
        cursor.execute(SELECT, [from_position, until_position])
        for id, at, odd_at, position, category, *between, facts, odd_facts in cursor:
            told = json.loads(facts) if isinstance(facts, str) else facts
            values = (id, odd_at or at, position, category, *between, odd_facts or told)
            yield Row(id, position, month_of(at) if at else NO_MONTH, category, leaf(values))


@fence.system("the log is everybody's")
def odd() -> int:
    """Batches of lines that no code of ours could have written: of no month, or of no category."""
    return SealedBatch.objects.filter(Q(month=NO_MONTH) | ~Q(category__in=list(Category))).count()


def seal_all(now: datetime) -> int:
    """Every complete row that is not sealed yet; how many. Safe to run in several workers at once."""
    return sum(iter_rounds(now))


def iter_rounds(now: datetime) -> Iterator[int]:
    for _ in range(ROUNDS):
        count = _seal_round(now)
        if not count:
            return
        yield count


@transaction.atomic
def _seal_round(now: datetime) -> int:
    """A round stands or falls as a whole. Read committed: the horizon is read first, so all below it is seen."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        last = SealedBatch.objects.defer("leaves").order_by("-number").first()
        start = last.until_position if last else BEGINNING
        horizon = _horizon()
        if horizon < start:
            log.error("the log cannot be sealed before `legedialog migrate` has run on this database")
            return 0
        cursor.execute(
            "SELECT position FROM audit_event WHERE position >= %s AND position < %s ORDER BY position LIMIT %s",
            [start, horizon, ROWS + 1],
        )
        positions = [position for (position,) in cursor.fetchall()]
    if not positions:
        return 0
    until = horizon
    if len(positions) > ROWS:
        until = max(positions[-1], positions[0] + 1)

    trees: dict[tuple[date, str], tuple[Tree, list[Row]]] = {}
    for row in rows(start, until):
        tree, members = trees.setdefault((row.month, row.category), (Tree(), []))
        tree.add(row.leaf)
        members.append(row)
    number, previous, follows = (last.number, bytes(last.root), last.format) if last else (0, NOTHING, 0)
    sealed_at = max(now, last.sealed_at) if last else now  # clocks of two machines differ
    for (month, category), (tree, members) in sorted(trees.items()):
        number += 1
        batch = SealedBatch(
            number=number,
            from_position=start,
            until_position=until,
            month=month,
            category=category,
            count=tree.count,
            first_id=members[0].id,
            last_id=members[-1].id,
            leaves=b"".join(row.id.bytes + row.leaf for row in members),
            format=FORMAT,
            tree=tree.root(),
            previous=previous,
            sealed_at=sealed_at,
        )
        batch.root = previous = root_of(batch, tree.root(), follows=follows)
        follows = FORMAT
        batch.save(force_insert=True)
    return sum(tree.count for tree, _ in trees.values())


def _horizon() -> int:
    """Below it every transaction is over, in every database of the server."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + audit_offset()")
        return int(cursor.fetchone()[0])
