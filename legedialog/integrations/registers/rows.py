"""How the rows of a register file are found and written, whatever they are: what is new, changed or ended."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from legedialog.core import contexts
from legedialog.core.crypto import blind_index
from legedialog.integrations.registers.checking import (
    MOST_BAD_LINES,
    Checked,
)
from legedialog.integrations.registers.schema import Line
from legedialog.patients import queries
from legedialog.patients.models import (
    FormerNumber,
)
from legedialog.practices.models import (
    Absence,
    Clinician,
    Contract,
    Offer,
    Practice,
)

L = TypeVar("L", bound=Line)
Numbered = tuple[int, L]  # its place in the file, from 1


CONFIRMED = ("confirmed_at", "reservation_confirmed_at")


class Undo(Exception):
    """Leave the transaction without a trace."""


class Rows:
    """Of one file, inside its transaction."""

    def __init__(self, checked: Checked, now: datetime) -> None:
        self.checked, self.report, self.now = checked, checked.report, now
        self.touched: set[UUID] = set()  # offices whose open calendars look different now

    def _save_pairs(
        self, model: type[models.Model], actor: str, other: str, pairs: Sequence[tuple[int, Line, str, str]]
    ) -> None:
        """One person's right to act for another, in periods."""
        persons = self._persons(national_number for _, _, *two in pairs for national_number in two)
        self._save_periods(
            model,
            (actor, other),
            [
                (line, owner, {})
                for number, line, first, second in pairs
                for owner in self._known_all(number, ("person", first, persons), ("person", second, persons))
            ],
            model._default_manager.filter(**{f"{other}__in": persons.values()}),
        )

    def _save(
        self,
        model: type[models.Model],
        rows: Sequence[tuple[Line, Mapping[str, Any], Mapping[str, Any]]],
        known: "models.QuerySet[Any]",
    ) -> list[Any]:
        """Create or change one row for each (line, key, values). The new ones."""
        if not rows:
            return []
        names = list(rows[0][1])
        by_key = {_key(row, names): row for row in known.select_for_update()}
        counts = self.report.counts[rows[0][0].EXAMPLE["type"]]
        new, changed, same = [], [], []
        for line, key, values in rows:
            row = by_key.get(tuple(key.values()))
            if row is None:
                row = model(**key, **values)
                new.append(row)
            elif _set(row, values):
                changed.append(row)
            else:
                counts.unchanged += 1
                same.append(row)
            self._confirm(row, line)
        _write(model, changed, new)
        self._write_confirmed(model, same)
        counts.created += len(new)
        counts.changed += len(changed)
        if model in (Absence, Offer):
            self.touched |= {row.practice_id for row in (*new, *changed)}
        return new

    def _save_periods(
        self,
        model: type[models.Model],
        names: Sequence[str],
        rows: Sequence[tuple[Any, tuple[Any, ...], Mapping[str, Any]]],
        known: "models.QuerySet[Any]",
    ) -> None:
        """As `_save`, for rows that follow each other in time for each owner: none lasts longer than to the next."""
        if not rows:
            return
        timelines: dict[tuple[Any, ...], dict[date, Any]] = defaultdict(dict)
        before: dict[UUID, date | None] = {}
        for row in known.select_for_update():
            timelines[_key(row, names)][row.starts_date] = row
            before[row.pk] = row.ends_date
        counts = self.report.counts[rows[0][0].EXAMPLE["type"]]
        new, changed, of_lines, rows_of_lines = [], {}, set(), []
        for line, owner, values in rows:
            row = timelines[owner].get(line.starts_date)
            if row is None:
                row = model(**dict(zip(names, owner, strict=True)), starts_date=line.starts_date, **values)
                timelines[owner][line.starts_date] = row
                new.append(row)
            elif _set(row, values):
                changed[row.pk] = row
            row.ends_date = line.ends_date
            of_lines.add(row.pk)
            rows_of_lines.append(row)
            self._confirm(row, line)
        for owner in {owner for _, owner, _ in rows}:
            for earlier, later in pairwise(row for _, row in sorted(timelines[owner].items())):
                if earlier.ends_date is None or earlier.ends_date > later.starts_date:
                    earlier.ends_date = later.starts_date
            changed |= {
                row.pk: row for row in timelines[owner].values() if row.pk in before and row.ends_date != before[row.pk]
            }
        _write(model, list(changed.values()), new)
        self._write_confirmed(model, [row for row in rows_of_lines if row.pk in before and row.pk not in changed])
        counts.created += len(new)
        counts.changed += len(changed.keys() & of_lines)
        counts.unchanged += len(of_lines - changed.keys()) - len(new)
        counts.ended += len(changed.keys() - of_lines)

    def _confirm(self, row: Any, line: Line) -> None:
        """The row carries when the line's register said so; an earlier one never undoes a later."""
        confirmed = _confirmations(line, self.now)
        if confirmed and row._state.adding:  # nothing was known before
            confirmed |= {name: confirmed["confirmed_at"] for name in CONFIRMED if hasattr(row, name)}
        for name, at in confirmed.items():
            if row._state.adding or getattr(row, name) < at:
                setattr(row, name, at)

    def _write_confirmed(self, model: type[models.Model], rows: Sequence[models.Model]) -> None:
        """Of rows that are otherwise as they were: nothing is sealed anew for that, and no report counts it."""
        names = [name for name in CONFIRMED if rows and hasattr(rows[0], name)]
        if names:
            model._default_manager.bulk_update(rows, names)

    def _without_taken_her_ids(self, model: type[models.Model], key: str, batch: list[Numbered[L]]) -> list[L]:
        wanted = {her_id: getattr(line, key) for _, line in batch if (her_id := getattr(line, "her_id", None))}
        holders = model._default_manager.filter(her_id__in=wanted).values_list("her_id", key)
        taken = {her_id for her_id, holder in holders if wanted[her_id] != holder}
        for number, line in batch:
            if getattr(line, "her_id", None) in taken:
                self._bad(number, "her_id belongs to another that is already loaded")
                self.checked.lost.add((line.EXAMPLE["type"], getattr(line, key)))
        return [line for _, line in batch if getattr(line, "her_id", None) not in taken]

    def _offices(self, batch: Sequence[Numbered[Any]]) -> dict[str, UUID]:
        return ids_of(Practice, "organisation_number", (line.office for _, line in batch))

    def _doctors(self, hpr_numbers: Iterable[str]) -> dict[str, UUID]:
        return ids_of(Clinician, "hpr_number", hpr_numbers)

    def _persons(self, national_numbers: Iterable[str]) -> dict[str, UUID]:
        indexes = {number: person_index(number) for number in national_numbers}
        by_index = queries.by_indexes(list(indexes.values()))
        return {number: by_index[index] for number, index in indexes.items() if index in by_index}

    def _former(self, indexes: Mapping[str, bytes]) -> set[str]:
        """Numbers that were somebody's: the file is older than the one she has now, and says nothing new of her."""
        out_of_use = FormerNumber.objects.filter(national_number_index__in=list(indexes.values()))
        known = {bytes(index) for index in out_of_use.values_list("national_number_index", flat=True)}
        return {number for number, index in indexes.items() if index in known}

    def _contracts(self, numbers: Iterable[str]) -> dict[str, UUID]:
        return ids_of(Contract, "number", numbers)

    def _known(self, number: int, ids: Mapping[str, UUID], kind: str, key: str) -> UUID | None:
        """The row that a line refers to. What stands on a bad line is not reported as missing as well."""
        found = ids.get(key)
        if found is None and (kind, key) not in self.checked.lost:
            self._bad(number, f"the {kind} it refers to is neither in the file nor loaded before")
        return found

    def _known_all(self, number: int, *wanted: tuple[str, str, Mapping[str, UUID]]) -> list[tuple[UUID, ...]]:
        """The rows that a line refers to, as one tuple, or none when any is missing: each of them is reported."""
        found = [self._known(number, ids, kind, key) for kind, key, ids in wanted]
        known = tuple(row for row in found if row is not None)
        return [known] if len(known) == len(wanted) else []

    def _bad(self, number: int, reason: str) -> None:
        if number not in self.report.bad and len(self.report.bad) >= MOST_BAD_LINES:
            self.report.gave_up = True
            raise Undo
        known = self.report.bad.get(number)
        if known is None or reason not in known:
            self.report.bad[number] = f"{known}; {reason}" if known else reason


def _confirmations(line: Line, now: datetime) -> dict[str, datetime]:
    """Which facts the line confirms, and as of when."""
    if "confirmed_at" not in type(line).model_fields:
        return {}
    at = getattr(line, "confirmed_at", None) or now
    return {"confirmed_at": at} | ({"reservation_confirmed_at": at} if "is_reserved" in line.model_fields_set else {})


def person_index(national_number: str) -> bytes:
    return blind_index(national_number, purpose="national-number")


def ids_of(model: type[models.Model], name: str, keys: Iterable[str]) -> dict[str, UUID]:
    return dict(model._default_manager.filter(**{f"{name}__in": set(keys)}).values_list(name, "id"))


def _plain(value: Any) -> Any:
    """As it stands in a line: the database may give bytes as a view, and lists hold such too."""
    if isinstance(value, memoryview):
        return bytes(value)
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _key(row: models.Model, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(_plain(getattr(row, name)) for name in names)


def _set(row: models.Model, values: Mapping[str, Any]) -> bool:
    """Whether any value was another."""
    different = {name: value for name, value in values.items() if _plain(getattr(row, name)) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _write(model: type[models.Model], changed: list[Any], new: list[Any]) -> None:
    """What changes first: a period that gets shorter makes room for a new one. Whole rows, so that text is sealed."""
    names = contexts.changeable(model)
    model._default_manager.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=names)
    model._default_manager.bulk_create(new)
