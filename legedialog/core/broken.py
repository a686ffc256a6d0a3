"""What a row holds and cannot be shown: its place says so, and the rest of the page stands.

Sealed text that nothing opens, and what is kept as JSON and is of another shape than the code knows. Whoever reads sees
a sentence with a code; the operator finds the field, the row and the same code in the log, and a count in the metrics.
Only what is read is mended so: a use case meets the fault and does nothing, and a notice is not sent. See
docs/adr/0180-a-row-that-cannot-be-shown.md.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import connection
from django.utils.translation import gettext as _

Made = TypeVar("Made")
Value = TypeVar("Value")
Part = TypeVar("Part")

FAULTS = (ValueError, LookupError, TypeError, AttributeError)  # what reading a value of another shape ends with
DEEP = 1_000  # transactions inside each other: more than there are
REMEMBERED = 1_000  # faults that a process has told of and tells no more

log = structlog.get_logger("legedialog.broken")

counted: list[Callable[[str], None]] = []  # each is told the field: operations/metrics.py
_told: set[tuple[str, bytes]] = set()


@dataclass(slots=True)
class _Reading:
    """`depth` is how many transactions may be open around what is read. `said`: the sentences that were shown."""

    depth: int
    said: set[str] = field(default_factory=set)


_reads: ContextVar[_Reading | None] = ContextVar("reads", default=None)


class NotShown(str):
    """Stands where the text would, and is never kept: check_kept."""

    __slots__ = ()


@contextmanager
def reading() -> Iterator[None]:
    """A page, a list or a file is made, and changes nothing that it shows."""
    token = _reads.set(_Reading(DEEP))
    try:
        yield
    finally:
        _reads.reset(token)


@contextmanager
def outside_use_cases() -> Iterator[None]:
    """A form is answered: what its page shows is read as any, what a use case decides on is not."""
    token = _reads.set(_Reading(len(connection.atomic_blocks)))
    try:
        yield
    finally:
        _reads.reset(token)


@contextmanager
def strictly() -> Iterator[None]:
    """For machines, who would take the sentence for a name."""
    token = _reads.set(None)
    try:
        yield
    finally:
        _reads.reset(token)


def is_reading() -> bool:
    page = _reads.get()
    return page is not None and len(connection.atomic_blocks) <= page.depth


def carried(parts: Iterable[Part]) -> Iterator[Part]:
    """For an answer that is made while it is sent: each part as one that is read."""
    left = iter(parts)
    while True:
        with reading():
            try:
                part = next(left)
            except StopIteration:
                return
        yield part


def instead(of: str, row: bytes | UUID) -> NotShown:
    """What stands in its place. `of` is "table.column", `row` the ids it is bound to, its own first."""
    ids = row.bytes if isinstance(row, UUID) else row
    code = hashlib.sha256(of.encode() + ids).hexdigest()[:8].upper()
    if (of, ids) not in _told:
        if len(_told) >= REMEMBERED:
            _told.clear()
        _told.add((of, ids))
        log.error("not shown", field=of, row=str(UUID(bytes=ids[:16])) if ids else "", code=code)
        for count in counted:
            count(of)
    sentence = NotShown(_("[Kan ikke vises. Kode %(code)s]") % {"code": code})
    if page := _reads.get():
        page.said.add(sentence)
    return sentence


def check_kept(data: bytes) -> None:
    """Before it is sealed, or given to another machine. Raises TypeError when a sentence that this page shows would be
    taken for what was written."""
    page = _reads.get()
    if page and any(each.encode() in data for each in page.said):
        raise TypeError("the sentence that stands for what cannot be shown would be taken for it")


def read(
    value: Value, make: Callable[[Value], Made], otherwise: Callable[[NotShown], Made], *, of: str, row: UUID
) -> Made:
    """`make` of a value that has a shape; where it has not, `otherwise` of the sentence that stands instead. `of` and
    `row` as in `instead`."""
    if isinstance(value, NotShown):
        return otherwise(value)
    try:
        return make(value)
    except FAULTS:
        if not is_reading():
            raise
        return otherwise(instead(of, row))
