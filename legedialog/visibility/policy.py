"""Rows and single answers from the tables of rules.py, for the contexts whose content it is.

A context says which of its columns hold the facts (`Fields`), and asks

    visibility.rows(actor, FIELDS)                       # a filter for its own QuerySet
    visibility.sees(actor, Piece(Content.REASON, …))     # one piece
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q

from legedialog.access.actor import Actor
from legedialog.consent import acting
from legedialog.visibility import rules
from legedialog.visibility.rules import Content, Piece, Scope

NOBODY = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Fields:
    """Where a table keeps what decides who sees a row; a name that a table lacks is "".

    `contents` are those it holds, `content` the column that tells which, where there are several. `office` is SQL for
    rows that an office sees, where that is more than its own.
    """

    contents: tuple[Content, ...]
    content: str = ""
    patient: str = "patient"
    practice: str = "practice"
    restriction: str = "restriction"
    written_by: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """What only the context knows of the reader's office: which rows are hers to answer, and which beside its own."""

    hers: Q = field(default_factory=lambda: NOBODY)
    also: Q | None = None


def rows(actor: Actor, fields: Fields, office: Office = Office(), *, is_record: bool = False, knows: bool = False) -> Q:
    """The rows she sees. Contents that she sees alike are asked for together."""
    alike: dict[Scope, list[Content]] = {}
    for content in fields.contents:
        alike.setdefault(rules.scope(actor, content, is_record=is_record, knows=knows), []).append(content)
    parts = []
    for scope, contents in alike.items():
        if scope == Scope():
            continue
        which = Q((f"{fields.content}__in", contents)) if len(alike) > 1 else Q()
        parts.append(which & _within(scope, fields, office))
    return reduce(or_, parts) if parts else NOBODY


def _within(scope: Scope, fields: Fields, office: Office) -> Q:
    if scope.practices:
        there = Q((f"{fields.practice}__in", scope.practices)) if fields.practice else NOBODY
        if office.also is not None:
            there |= office.also
        if scope.only_hers:
            there &= office.hers
        if scope.only_told:
            there &= Q((fields.told, True), (f"{fields.practice}__secretary_reads", True)) if fields.told else NOBODY
        return there
    hers = Q((f"{fields.patient}__in", scope.patients))
    if scope.hidden and fields.restriction:
        hers &= ~Q((f"{fields.restriction}__in", scope.hidden))
    if scope.written_by is not None and fields.written_by:
        hers &= Q((fields.written_by, None)) | Q((f"{fields.written_by}__in", scope.written_by))
    return hers


def values(actor: Actor, content: Content, *, is_record: bool = False) -> dict[str, Any]:
    """For a Statement, which says in SQL what `_within` says: rows of `patients` but those `hidden` and, unless it is
    None, those that others than `writers` wrote; and rows of `practices`, all of them or, `only_hers` and `only_told`,
    some. A test of the context's compares its rows with those of `rows`."""
    scope = rules.scope(actor, content, is_record=is_record)
    return {
        "patients": list(scope.patients),
        "hidden": list(scope.hidden),
        "writers": None if scope.written_by is None else list(scope.written_by),
        "practices": list(scope.practices),
        "only_hers": scope.only_hers,
        "only_told": scope.only_told,
    }


def office_values(actor: Actor, contents: Collection[Content], *, knows: bool = False) -> dict[str, Any]:
    """For a Statement about an office's own rows of several contents, likewise: rows of `practices`, all that are of
    the contents in `whole`, and of those in `hers` and `told` what `only_hers` and `only_told` leave."""
    found: dict[str, list[str]] = {"whole": [], "hers": [], "told": []}
    practices: frozenset[UUID] = frozenset()
    for content in contents:
        scope = rules.scope(actor, content, knows=knows)
        if scope.practices:
            found["hers" if scope.only_hers else "told" if scope.only_told else "whole"].append(content.value)
            practices |= scope.practices
    return {"practices": list(practices), **found}


def sees(actor: Actor, piece: Piece, *, is_record: bool = False, knows: bool = False) -> bool:
    return rules.holds(rules.scope(actor, piece.content, is_record=is_record, knows=knows), piece)


def citizens(piece: Piece, now: datetime) -> list[tuple[str, Actor]]:
    """Who sees it outside the office if they come now: the patient herself, and those who may act for her, by name."""
    return [(name, who) for name, who in acting.readers(piece.patient_id, now) if sees(who, piece)]


def hers(actor: Actor, content: Content) -> Collection[UUID]:
    """The patients whose pieces of this content she sees as a citizen."""
    return rules.scope(actor, content).patients
