"""One row among those that may be seen: whoever may not see it is told no more than who asks for what never was."""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from legedialog.core.errors import NotFound

M = TypeVar("M", bound=Model)


def found(rows: QuerySet[M, Any], pk: UUID, *, lock: bool = False) -> M:
    """Raises NotFound. With `lock` nobody else changes it until the transaction ends."""
    rows = rows.select_for_update(of=("self",)) if lock else rows
    row: M | None = rows.filter(pk=pk).first()
    if row is None and lock:
        # It was changed by another while this one waited, and what it is seen by is as old as the question: once more.
        row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row
