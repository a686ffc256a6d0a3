"""What the year's ceiling takes of a charge, and took. No database, no clock."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

L = TypeVar("L", bound=Any)


def over_ceiling(*, counted: int, before: int, ceiling: int | None) -> int:
    """How much of `counted` she does not owe, when she has paid `before` this year."""
    return 0 if ceiling is None else min(counted, max(0, before + counted - ceiling))


def spread(excess: int, amounts: Sequence[int]) -> list[int]:
    """What is taken off each amount, from the last, so that all of `excess` is."""
    taken = []
    for each in reversed(amounts):
        off = min(excess, each)
        taken.append(off)
        excess -= off
    return taken[::-1]


def taken(lines: Sequence[L]) -> list[tuple[L, int]]:
    """Of all lines of a charge: those that the ceiling alone took something of, and how much is not asked for again."""
    by: dict[Any, list[L]] = defaultdict(list)
    for line in lines:
        by[line.corrects_id].append(line)
    again: dict[str, int] = defaultdict(int)
    for line in by[None]:
        again[line.code] += line.ore if line.by_ceiling else 0
    found = []
    for line in by[None]:
        if not all(each.by_ceiling for each in by[line.pk]):
            continue  # the office has taken the rest off itself
        off = -sum(each.ore for each in by[line.pk])
        back = min(off, again[line.code])
        again[line.code] -= back
        if off > back:
            found.append((line, off - back))
    return found
