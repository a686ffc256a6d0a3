"""The rows that stand in the addresses, found among the demo's. What a parameter names, its context says in `about.py`.

A new address with a parameter of another name needs a line there; test_permissions.py says so.
"""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q

from legedialog.core.contexts import RowOf
from legedialog.core.contexts import named as of

__all__ = ["foreign", "of", "own", "unknown_id"]
from legedialog.core.ids import new_id


def own(row: RowOf, patient_id: UUID | None, practice_id: UUID | None, clinician_id: UUID | None) -> UUID | None:
    """One of the visitor's own: she is one of those it belongs to, or it is for those who run the platform."""
    if not row.patient and not row.practice:
        return _first(_rows(row))
    mine = _mine(row, patient_id, practice_id)
    if mine and row.clinician and clinician_id:
        mine &= Q((row.clinician, clinician_id))
    return _first(_rows(row).filter(mine)) if mine else None


def foreign(row: RowOf, patient_id: UUID | None, practice_id: UUID | None, clinician_id: UUID | None) -> UUID | None:
    mine = _mine(row, patient_id, practice_id)
    ours = _rows(row).filter(mine).values("pk")
    return _first(_rows(row).exclude(pk__in=ours)) if mine else None


def unknown_id() -> UUID:
    return new_id()


def _rows(row: RowOf) -> Any:
    return apps.get_model(row.model)._default_manager.filter(*(Q(each) for each in row.states)).order_by("-pk")


def _first(rows: Any) -> UUID | None:
    found: UUID | None = rows.values_list("pk", flat=True).first()
    return found


def _mine(row: RowOf, patient_id: UUID | None, practice_id: UUID | None) -> Q:
    mine = Q()
    for lookups, value in ((row.patient, patient_id), (row.practice, practice_id)):
        for lookup in lookups.split() if value else ():
            mine |= Q((lookup, value))
    return mine
