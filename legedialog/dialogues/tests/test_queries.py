from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from legedialog.access.actor import Actor
from legedialog.core.errors import NotFound
from legedialog.core.sql import ask_for
from legedialog.dialogues import conversations, policy, queries
from legedialog.dialogues.models import Dialogue, Kind
from legedialog.dialogues.tests.factories import NOW, citizen, office, sent
from legedialog.journal.models import Misfiling, Moved
from legedialog.patients.models import Person
from legedialog.patients.representation import Restriction
from legedialog.practices.models import Employee

pytestmark = pytest.mark.django_db


def acting(who: Person, other: Person, ground: str, *areas: str) -> Actor:
    hers = frozenset({other.pk})
    return replace(citizen(who), acting_for_id=other.pk, patients=hers, ground=ground, areas=frozenset(areas))


def test_the_statement_shows_everybody_what_the_policy_shows_her() -> None:
    at = office()
    kari, nora = at.patient(), at.patient("Nora Testdal")
    for kind, restriction, writer in product(Kind, Restriction, (kari, nora)):
        dialogue = sent(nora, kind=kind)
        Dialogue.objects.filter(pk=dialogue.pk).update(
            restriction=restriction, started_by_person=writer, status="answered", answered_at=NOW
        )
    at.staff()
    wrong = Misfiling.objects.create(
        **{"practice": at.practice, "patient": nora, "reason": "Feil.", "stood_from": NOW, "at": NOW},
        by_employee=Employee.objects.get(practice=at.practice, role="secretary"),
    )
    Moved.objects.create(misfiling=wrong, practice=at.practice, patient=nora, object_id=dialogue.pk, is_hidden=True)
    readers = [citizen(nora), citizen(kari), Actor()]
    areas = ("messages", "inbox"), ("messages",), ("inbox",), ()
    readers += [acting(kari, nora, ground, *each) for ground in ("FO", "FU") for each in areas]
    readers += [acting(nora, nora, "youth", *each) for each in areas]
    shown = [{row.id for row in queries.mine(reader, nora.pk)} for reader in readers]
    told = [policy.visible_to(reader).filter(patient=nora).values_list("pk", flat=True) for reader in readers]
    assert shown == [set(each) for each in told]
    assert {len(each) for each in shown} == {0, 4, 7, 11}
    assert [
        {pk for pk in Dialogue.objects.values_list("pk", flat=True) if _is_found(each, pk)} for each in readers
    ] == shown


def _is_found(reader: Actor, dialogue_id: UUID) -> bool:
    try:
        return bool(conversations.hers(reader, dialogue_id))
    except NotFound:
        return False


def test_what_is_over_is_not_open_and_what_is_read_is_no_news() -> None:
    at = office()
    kari = at.patient()
    first, second = sent(kari), sent(kari, kind=Kind.CONTACT)
    Dialogue.objects.filter(pk=first.pk).update(status="withdrawn")
    assert [row.id for row in ask_for(queries.open_ones(citizen(kari), kari.pk))] == [second.pk]
    assert queries.rows_from(ask_for(queries.news(citizen(kari), kari.pk))) == []
    Dialogue.objects.filter(pk=second.pk).update(status="needs-appointment")
    assert [row.id for row in queries.rows_from(ask_for(queries.news(citizen(kari), kari.pk)))] == [second.pk]
