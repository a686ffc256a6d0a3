"""A national number that changes: one person, one record, one login. See docs/adr/0052-one-person.md.

The register tells the successor. Alone, the person gets the new number and is found by the old one too. Where both
numbers have a row, the rows of the one become the other's: every column that names a person, as the models say
(`columns`), after each table has settled what cannot stand side by side (`About.merges`). It is one transaction, and
the database checks at its end that nothing names the row that is gone. The log is never rewritten: the person keeps the
ids she had (Person.former_ids). What was done is kept as a trace, and can be taken back for UNDO_LASTS.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from legedialog.access import services as access
from legedialog.access.actor import system
from legedialog.access.models import Ended, Operator
from legedialog.audit import services as audit
from legedialog.core import contexts, crypto, events, fence, writing
from legedialog.core.contexts import A_PERSON, kept_stays
from legedialog.core.crypto import SealedField, blind_index
from legedialog.core.errors import NotFound, Refusal, Refused
from legedialog.core.giving_way import gives_way
from legedialog.journeys import changes
from legedialog.journeys.models import Change, RegisterChange
from legedialog.patients import merging as persons
from legedialog.patients import queries
from legedialog.patients.models import FormerNumber, Merge, Person, WalkIn
from legedialog.practices.models import Employee

UNDO_LASTS = timedelta(days=30)
RELATED = Refusal(code="merge-related", to_patient="", to_practice="", source="docs/adr/0052-one-person.md")
UNDONE = Refusal(code="merge-undone-before", to_patient="", to_practice="", source="docs/adr/0052-one-person.md")
TOO_LATE = Refusal(code="merge-too-old", to_patient="", to_practice="", source="docs/adr/0052-one-person.md")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that names a person."""

    model: type[models.Model]
    name: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        assert self.model._meta.pk  # noqa: S101
        return str(self.model._meta.pk.column)


@dataclass(frozen=True, slots=True)
class Row:
    table: str
    key: str
    pk: str
    before: dict[str, Any] | None  # None: it was made by the merge
    after: dict[str, Any] | None  # None: it was removed by it


def columns() -> list[Column]:
    """Every column of ours that names a person, from the models and what the contexts say of ids without a key."""
    told, tables, found = contexts.every(lambda about: about.ids), contexts.tables(), []
    for model in apps.get_models():
        label = model._meta.label
        if not model._meta.managed or label not in tables:
            continue
        for field in model._meta.concrete_fields:
            is_person = field.is_relation and field.related_model is Person
            if is_person or told.get(f"{label}.{field.name}") == A_PERSON:
                found.append(Column(model, str(field.column)))
    return found


@fence.system("one person's numbers")
def follow_number(*, person_id: UUID, number: str, now: datetime) -> UUID:
    """The register says that she has this number now. Answers which row is hers. Raises Refused."""
    person = Person.objects.get(pk=person_id)
    if person.national_number == number:
        return person_id
    other = queries.id_of(number)
    if other == person_id:  # an answer to the number she had
        return person_id
    if other is None:
        _rename(person_id, number, now)
        return person_id
    merge(kept_id=other, gone_id=person_id, now=now)
    return other


@gives_way
def _rename(person_id: UUID, number: str, now: datetime) -> None:
    person = Person.objects.select_for_update().get(pk=person_id)
    old, old_index = person.national_number, _index_of(person)
    person.national_number, person.national_number_index = number, blind_index(number, purpose="national-number")
    person.save(update_fields=["national_number", "national_number_index"])
    persons.keep_number(person, of=person_id, number=old, index=old_index, now=now)
    _work_under(old_index, _index_of(person))
    access.end_of(person_id=person_id, why=Ended.NUMBER, now=now)
    audit.record(system(), "person.number-changed", person_id, at=now, patient_id=person_id)


@fence.system("two rows are the same person")
@gives_way
def merge(*, kept_id: UUID, gone_id: UUID, now: datetime) -> Merge:
    """The rows of `gone` become `kept`'s. Twice is once. Raises NotFound, Refused "merge-related" for two who act for
    each other, or "merge-undone-before" for what somebody has taken back."""
    both = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=[kept_id, gone_id]).order_by("pk")}
    if kept_id not in both or gone_id not in both or kept_id == gone_id:
        raise NotFound
    if persons.related(kept_id, gone_id):
        raise Refused(RELATED)
    if Merge.objects.filter(kept=kept_id, gone_id=gone_id, undone_at__isnull=False).exists():
        raise Refused(UNDONE)
    gone = both[gone_id]
    if gone.local_to_id is None:  # nobody logs in as an office's own, and hers goes on
        for person_id in sorted(both):
            access.end_of(person_id=person_id, why=Ended.NUMBER, now=now)

    before = _of_office(gone.local_to_id, kept_id) if gone.local_to_id else {}
    settled = list(_settle(kept_id, gone_id, now))
    moved = {f"{each.table}.{each.name}": _move(each, gone_id, kept_id) for each in columns()}
    person_row = rows(Person, "id = %s", [gone_id])[str(gone_id)]
    writing.remove_by(Person, "pk", [gone_id])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing names the row that is gone
    kept = Person.objects.get(pk=kept_id)
    if gone.local_to_id is None:
        index = _index_of(gone)
        persons.keep_number(kept, of=gone_id, number=gone.national_number, index=index, now=now)
        _work_under(index, _index_of(kept))
    trace = {
        "person": person_row,
        "before": before,
        "settled": [[row.table, row.key, row.pk, row.before, row.after] for row in settled],
        "moved": {name: ids for name, ids in moved.items() if ids},
    }
    row = Merge.objects.create(
        kept=kept, gone_id=gone_id, merged_at=now, undo_until=now + UNDO_LASTS, trace=json.dumps(trace)
    )
    if gone.local_to_id is None:  # else it concerns no office but the one: journeys/walk_ins.py
        audit.record(system(), "person.merged", row.pk, at=now, patient_id=kept_id)
        changes.tell(kept_id, Change.NUMBER, [], now)
    events.publish(f"person:{kept_id}", f"person:{gone_id}")
    return row


@fence.system("what was merged are two persons after all")
@gives_way
def undo(*, merge_id: UUID, of_office: UUID | None = None, now: datetime) -> int:
    """Two rows again. What has happened since stays with the one who stayed, but for what an office has done since for
    one that was its own; how many rows could not be put back as they were, because they have been changed since.

    `of_office`: only one that was this office's own. Raises NotFound, Refused "merge-too-old".
    """
    row = Merge.objects.select_for_update().filter(pk=merge_id, undone_at=None).first()
    if row is None:
        raise NotFound
    if now > row.undo_until or not row.trace:
        raise Refused(TOO_LATE)
    trace = json.loads(row.trace)
    office = UUID(trace["person"]["local_to_id"]) if trace["person"].get("local_to_id") else None
    if of_office and office != of_office:
        raise NotFound
    kept = Person.objects.select_for_update().get(pk=row.kept_id)
    access.end_of(person_id=kept.pk, why=Ended.NUMBER, now=now)
    writing.remove(FormerNumber.objects.filter(person=kept, was_of=row.gone_id))
    kept.former_ids = [each for each in kept.former_ids if each != row.gone_id]
    kept.save(update_fields=["former_ids"])
    _insert(Person, trace["person"])
    by_name = {f"{each.table}.{each.name}": each for each in columns()}
    for name, ids in trace["moved"].items():
        _move(by_name[name], kept.pk, row.gone_id, only=ids)
    if office:
        for name, ids in _of_office(office, kept.pk).items():
            _move(by_name[name], kept.pk, row.gone_id, only=sorted({*ids} - {*trace["before"].get(name, ())}))
        WalkIn.objects.filter(merge_id=row.pk).update(joined_at=None, merge_id=None, differs_at=now)
    changed_since = sum(not _put_back(Row(*each)) for each in trace["settled"])
    _tell_of_two(row, is_offices_own=office is not None, now=now)
    row.undone_at, row.trace = now, ""
    row.save(update_fields=["undone_at", "trace"])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return changed_since


def _tell_of_two(row: Merge, *, is_offices_own: bool, now: datetime) -> None:
    """The offices that were told, and the log. Of an office's own no other office knows: journeys/walk_ins.py."""
    if is_offices_own:
        both = RegisterChange.objects.filter(person__in=[row.kept_id, row.gone_id], kind=Change.JOINED)
        writing.remove(both.filter(seen_at=None))
        return
    told = RegisterChange.objects.filter(person=row.kept_id, kind=Change.NUMBER)
    offices = set(told.values_list("practice_id", flat=True))
    writing.remove(told.filter(seen_at=None))
    for person_id in (row.kept_id, row.gone_id):
        changes.tell(person_id, Change.APART, [], now, also=offices if person_id == row.kept_id else ())
        audit.record(system(), "person.unmerged", row.pk, at=now, patient_id=person_id)


def _of_office(practice_id: UUID, person_id: UUID) -> dict[str, list[str]]:
    """What this office has that names her, by column."""
    found = {}
    for each in columns():
        if any(field.column == "practice_id" for field in each.model._meta.concrete_fields):
            rows = each.model._default_manager.filter(**{_field(each.model, each.name): person_id})
            found[f"{each.table}.{each.name}"] = [
                str(pk) for pk in rows.filter(practice_id=practice_id).values_list("pk", flat=True)
            ]
    return found


def _index_of(person: Person) -> bytes:
    assert person.national_number_index  # noqa: S101  whom a register has told of
    return bytes(person.national_number_index)


def _settle(kept_id: UUID, gone_id: UUID, now: datetime) -> Iterator[Row]:
    """Each table that has something to settle, and what it changed."""
    mine: dict[str, list[Column]] = {}
    for each in columns():
        mine.setdefault(each.model._meta.label, []).append(each)
    for label, settle in contexts.every(lambda about: about.merges).items():
        model = apps.get_model(label)
        named = [each.name for each in mine[label]] if label != "patients.Person" else ["id"]
        table, key = model._meta.db_table, model._meta.pk.column
        where = " OR ".join(f"{name} IN (%s, %s)" for name in named)
        values = [kept_id, gone_id] * len(named)
        before = rows(model, where, values)
        if settle is kept_stays:
            _drop_doubles(model, named, kept_id, gone_id)
        else:
            settle(kept_id, gone_id, now)
        after = rows(model, where, values)
        for pk in sorted(before.keys() | after.keys()):
            if before.get(pk) != after.get(pk):
                yield Row(table, key, pk, before.get(pk), after.get(pk))


def _drop_doubles(model: type[models.Model], named: list[str], kept_id: UUID, gone_id: UUID) -> None:
    """The rows of the one who goes that would collide with one of hers who stays."""
    for keys, condition in uniques(model):
        own = [name for name in keys if name in named]
        if not own:
            continue
        asked = [models.Q(**{f"{_field(model, name)}__in": [kept_id, gone_id]}) for name in own]
        rows = list(model._default_manager.filter(condition or models.Q(), reduce(or_, asked)))

        def key(row: Any, keys: tuple[str, ...] = keys) -> tuple[Any, ...]:
            return tuple(kept_id if getattr(row, name) == gone_id else getattr(row, name) for name in keys)

        rows.sort(key=lambda row: (any(getattr(row, name) == gone_id for name in own), str(row.pk)))
        seen = set()
        for row in rows:
            if key(row) in seen:
                writing.remove(row)
            seen.add(key(row))


def column_of(model: type[models.Model], name: str) -> str:
    return next(str(field.column) for field in model._meta.concrete_fields if field.name == name)


def _field(model: type[models.Model], column: str) -> str:
    return next(field.attname for field in model._meta.concrete_fields if field.column == column)


def uniques(model: type[models.Model]) -> list[tuple[tuple[str, ...], models.Q | None]]:
    """The columns of each uniqueness that the model declares, with its condition."""
    meta = model._meta
    found: list[tuple[tuple[str, ...], models.Q | None]] = [
        ((str(field.column),), None) for field in meta.concrete_fields if field.unique and not field.primary_key
    ]
    for each in meta.constraints:
        if isinstance(each, models.UniqueConstraint):
            found.append((tuple(column_of(model, name) for name in each.fields), each.condition))
    return found


def _move(column: Column, one: UUID, other: UUID, only: list[str] | None = None) -> list[str]:
    """Which rows that named `one` name `other` now. What is sealed to whose it was is sealed to whose it is."""
    ids = None if only is None else [UUID(each) for each in only]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fence.move(%s, %s, %s, %s, %s, %s)", [column.table, column.name, column.key, one, other, ids]
        )
        moved = [pk for (pk,) in cursor.fetchall()]
        for field in crypto.sealed_fields(column.model):
            if moved and column.name in [each.column for each in field.bound_to]:
                _seal_anew(cursor, column, field, moved, one)
    return [str(pk) for pk in moved]


def _seal_anew(cursor: Any, column: Column, field: SealedField, moved: list[UUID], one: UUID) -> None:
    names = [str(each.column) for each in field.bound_to]
    listed = ", ".join((column.key, str(field.column), *names))
    cursor.execute(
        f"SELECT {listed} FROM {column.table} WHERE {column.key} = ANY (%s) AND {field.column} IS NOT NULL",  # noqa: S608 - names of our models
        [moved],
    )
    found = []
    for pk, sealed, *ids in cursor.fetchall():
        now_names = {each.attname: id for each, id in zip(field.bound_to, ids, strict=True)}
        named = {each.attname: one for each in field.bound_to if each.column == column.name}
        row, was = field.row_of(now_names), field.row_of(now_names | named)
        new = crypto.sealed_anew(
            bytes(sealed), by=crypto.key_of(bytes(sealed)), context=field.context, row=row, was=was
        )
        found.append((column.table, field.column, column.key, str(pk), sealed, new))
    cursor.executemany("SELECT fence.seal(%s, %s, %s, %s, %s, %s)", found)


def rows(model: type[models.Model], where: str, values: list[Any]) -> dict[str, dict[str, Any]]:
    """As the database has them, but what is sealed in the clear: the trace is sealed itself."""
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}::text, to_jsonb(t)::text FROM {table} t WHERE {where}", values)  # noqa: S608 - names of our models
        found = {pk: json.loads(row) for pk, row in cursor.fetchall()}
    for row in found.values():
        for field in crypto.sealed_fields(model):
            if sealed := row[field.column]:
                ids = {each.attname: id and UUID(id) for each in field.bound_to for id in [row[each.column]]}
                data = crypto.unseal_bytes(bytes.fromhex(sealed[2:]), context=field.context, row=field.row_of(ids))
                row[field.column] = data.decode() if field.clear is str else data.hex()
    return found


def _insert(model: type[models.Model], row: dict[str, Any]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s::jsonb)",  # noqa: S608 - names of our models
            [json.dumps(_as_it_stands(model, row))],
        )


def _as_it_stands(model: type[models.Model], row: dict[str, Any]) -> dict[str, Any]:
    """Sealed again, what was in the clear."""
    made = model()
    for field in model._meta.concrete_fields:
        value = row[str(field.column)]
        if isinstance(field, SealedField):
            setattr(made, field.attname, bytes.fromhex(value) if field.clear is bytes and value else value)
        elif not isinstance(field, models.BinaryField):  # which nothing is sealed to
            setattr(made, field.attname, field.to_python(value))
    sealed = {str(field.column): field.sealed(made) for field in crypto.sealed_fields(model)}
    return row | {name: None if value is None else f"\\x{value.hex()}" for name, value in sealed.items()}


def _model(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


def _put_back(row: Row) -> bool:
    """As it was before the merge, unless it was changed since."""
    model = _model(row.table)
    now_there = rows(model, f"{row.key} = %s", [UUID(row.pk)]).get(row.pk)
    if row.table == "patients_person":  # what the register and she have said meanwhile is not undone
        return _put_back_person(row, now_there)
    if now_there != row.after:
        return False
    if now_there is not None:
        writing.remove_from(row.table, row.key, [row.pk])
    try:
        with transaction.atomic():
            if row.before is not None:
                _insert(model, row.before)
    except (IntegrityError, DatabaseError):
        return False
    return True


def _put_back_person(row: Row, now_there: dict[str, Any] | None) -> bool:
    before, after = row.before or {}, row.after or {}
    names = [name for name in before if before[name] != after.get(name) and name != "former_ids"]
    names = [name for name in names if now_there and now_there.get(name) == after.get(name)]
    if names:
        with connection.cursor() as cursor:
            listed = ", ".join(names)
            cursor.execute(
                f"UPDATE patients_person SET ({listed}) = (SELECT {listed}"  # noqa: S608 - names of our model
                " FROM jsonb_populate_record(NULL::patients_person, %s::jsonb)) WHERE id = %s",
                [json.dumps(_as_it_stands(Person, before)), UUID(row.pk)],
            )
    return True


def _work_under(old: bytes, new: bytes) -> None:
    """Her work is hers under the new number too: employees and operators are found by its index."""
    savers: list[Callable[[], object]] = [
        lambda: Employee.objects.filter(national_number_index=old).update(national_number_index=new),
        lambda: Operator.objects.filter(national_number_index=old).update(national_number_index=new),
    ]
    for save in savers:
        try:
            with transaction.atomic():
                save()
        except IntegrityError:  # she works there under both already
            continue
