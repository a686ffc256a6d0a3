"""The office's lists are statements: they show everybody what the policy shows her, in the list's order."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.audit.models import Event
from legedialog.core.errors import NotFound
from legedialog.core.names import sort_key
from legedialog.core.sql import ask_for
from legedialog.core.times import local_day
from legedialog.dialogues import office, policy, services
from legedialog.dialogues.models import Dialogue, Kind
from legedialog.dialogues.office import Tab
from legedialog.dialogues.tests.factories import NOW, Office, citizen, sent
from legedialog.dialogues.tests.factories import office as an_office
from legedialog.dialogues.tests.people import colleague, doctor, employee
from legedialog.journal.models import Misfiling, Moved
from legedialog.practices.models import ContractDoctor, Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Office:
    """Twelve of both kinds: told or not, given, claimed by nobody, escalated, out of sight, waiting and done."""
    at = an_office()
    kari = at.patient()
    given = employee(colleague(at, "Eva Lie"))
    for number in range(12):
        dialogue = sent(kari, kind=Kind.CONTACT if number % 3 == 0 else Kind.ECONSULTATION)
        Dialogue.objects.filter(pk=dialogue.pk).update(
            told_reception=number % 2 == 0,
            assigned_to=given if number in (1, 6, 7) else None,
            answerer=given.clinician if number in (2, 6) else dialogue.answerer,
            clinician=given.clinician if number == 4 else dialogue.clinician,
            contract=None if number in (4, 5, 8) else dialogue.contract,
            escalated_at=NOW if number in (5, 9) else None,
            status="withdrawn" if number in (8, 9) else "sent",
            due_date=local_day(NOW) + timedelta(days=number % 4),
        )
        if number == 11:
            wrong = Misfiling.objects.create(
                practice=at.practice, patient=kari, reason="x", stood_from=NOW, at=NOW, by_employee=given
            )
            Moved.objects.create(
                misfiling=wrong, practice=at.practice, patient=kari, object_id=dialogue.pk, is_hidden=True
            )
    return at


def readers(at: Office) -> list[Actor]:
    stands_in = colleague(at, "Nils Bo", Role.SUBSTITUTE)
    ContractDoctor.objects.filter(clinician__name="Nils Bo").delete()
    elsewhere = an_office()
    roles = [at.staff(role) for role in (Role.SECRETARY, Role.MANAGER)]
    return [*roles, doctor(at), colleague(at), stands_in, elsewhere.staff(), elsewhere.staff(Role.DOCTOR)]


@pytest.mark.parametrize("reads", [True, False], ids=["reception reads", "reception does not"])
def test_each_reader_is_shown_what_the_policy_shows_her(at: Office, reads: bool) -> None:
    Practice.objects.update(secretary_reads=reads)
    kari = Dialogue.objects.first().patient  # type: ignore[union-attr]
    sizes = set()
    for reader in [*readers(at), citizen(kari)]:
        shown = {row.id for tab in (Tab.OFFICE, Tab.DONE) for row in office.inbox(reader, tab, NOW).rows}
        told = set(policy.visible_to(reader).filter(practice__in=reader.practices).values_list("pk", flat=True))
        assert shown == told, reader.role
        assert {row.id for row in office.of_patient(reader, kari.pk, NOW, most=50)} == told
        assert {pk for pk in Dialogue.objects.values_list("pk", flat=True) if _is_found(reader, pk)} == told
        sizes.add(len(told))
    assert len(sizes) >= 4


def _is_found(reader: Actor, dialogue_id: UUID) -> bool:
    try:
        return bool(office.head(reader, dialogue_id, NOW))
    except NotFound:
        return False


def test_a_dialogue_that_was_opened_stands_as_it_would_be_found(at: Office) -> None:
    reader = doctor(at)
    for row in office.inbox(reader, Tab.OFFICE, NOW).rows:
        before = office.head(reader, row.id, NOW)
        found = services.open_(actor=reader, dialogue_id=row.id, now=NOW, found=before.dialogue)
        after = office.head(reader, row.id, NOW)
        assert office.opened(before, found) == after
        again = services.open_(actor=reader, dialogue_id=row.id, now=NOW, found=after.dialogue)
        assert (before.row.is_unread, after.row.is_unread, again.status) == (True, False, "opened")
    reads = Event.objects.filter(action="dialogue.read").count()
    assert reads == 2 * ask_for(office.waiting(reader, NOW))[0].office > 0


def test_a_list_stands_in_its_order_and_goes_on_where_it_stopped(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "PAGE", 2)
    mona = at.staff(Role.MANAGER)
    for tab, number in ((Tab.OFFICE, 9), (Tab.SOON, 4), (Tab.DONE, 2)):
        found, after = [], ""
        while True:
            page = office.inbox(mona, tab, NOW, after=after)
            found += page.rows
            after = page.after
            if not after:
                break
        assert all(_place(one) < _place(other) for one, other in pairwise(found))
        assert len(found) == number


def _place(row: office.Row) -> tuple[object, ...]:
    if row.due_date:
        return row.due_date, row.id
    return -row.last_message_at.timestamp(), -row.id.int


def test_the_numbers_are_of_the_lists(at: Office) -> None:
    for reader in readers(at):
        counts = ask_for(office.waiting(reader, NOW))[0]
        lists = [office.inbox(reader, tab, NOW).rows for tab in (Tab.MINE, Tab.OFFICE, Tab.SOON)]
        assert [counts.mine, counts.office, counts.soon] == [len(each) for each in lists]
        assert counts.unread == sum(row.is_unread for row in lists[1])


def test_who_may_be_given_one_is_who_the_policy_names(at: Office) -> None:
    readers(at)
    for kind in Kind.values:
        rows = policy.colleagues(at.practice.pk, kind, local_day(NOW)).values_list("pk", "name")
        assert office.by_name(ask_for(office.able(at.staff(), kind, NOW))) == list(rows)
        assert [sort_key(name) for _, name in rows] == sorted(sort_key(name) for _, name in rows)
