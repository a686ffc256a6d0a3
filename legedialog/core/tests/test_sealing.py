"""Columns that became sealed while old code still wrote the open ones."""

from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connections
from psycopg.types.range import TimestamptzRange as DateTimeTZRange

from legedialog.access.actor import system
from legedialog.appointments.models import Claim, ClaimKind
from legedialog.appointments.tests import factories
from legedialog.core import crypto, rotation, sealing
from legedialog.core.ids import new_id
from legedialog.journal.models import ContactType, Entry, Kind
from legedialog.prescriptions.models import Prescription
from legedialog.prescriptions.reading import Office, load
from legedialog.prescriptions.rules import Group
from legedialog.prescriptions.tests.factories import prescription

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def an_entry(code: str) -> Entry:
    office = factories.office()
    return Entry.objects.create(
        practice=office.practice,
        patient=office.patient(),
        kind=Kind.NOTE,
        contact_type=ContactType.ATTENDANCE,
        problem_code=code,
        at=factories.NOW,
        title="Notat",
        text="Alt vel.",
        object_id=(key := new_id()),
        thing_id=key,
    )


def as_old_code_wrote(entry: Entry, code: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE journal_entry SET problem = NULL, problem_code = %s WHERE id = %s", [code, entry.pk])


def stored(entry: Entry) -> tuple[str, bytes]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT problem_code, problem FROM journal_entry WHERE id = %s", [entry.pk])
        old, new = cursor.fetchone()
    return old, bytes(new)


@pytest.fixture(autouse=True)
def keys() -> None:
    crypto.forget_keys()


def test_what_was_not_bound_beside_is_brought_up_and_is_opened_there_alone() -> None:
    """A note on a time is opened in its own calendar, though whose hold it is may change."""
    here = factories.office()
    other = factories.office("Dalen legesenter").calendar
    period = DateTimeTZRange(factories.NOW, factories.NOW + timedelta(hours=1))
    claim = Claim.objects.create(calendar=here.calendar, period=period, kind=ClaimKind.BLOCK, note="Kurs")
    before = crypto.seal("Kurs", scope=here.practice.pk, context="appointments_claim.note", row=claim.pk.bytes)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE appointments_claim SET note = %s WHERE id = %s", [before, claim.pk])
        with pytest.raises(InvalidTag):
            Claim.objects.get(pk=claim.pk)
        sealing.bind_beside(connections["owner"], "appointments_claim", "note")
        assert Claim.objects.get(pk=claim.pk).note == "Kurs"
        cursor.execute("UPDATE appointments_claim SET calendar_id = %s WHERE id = %s", [other.pk, claim.pk])
        with pytest.raises(InvalidTag):
            Claim.objects.get(pk=claim.pk)


def test_what_old_code_wrote_is_moved_and_emptied() -> None:
    with_code, without, new = an_entry(""), an_entry(""), an_entry("S07")
    as_old_code_wrote(with_code, "A97")
    as_old_code_wrote(without, "")
    assert [Entry.objects.get(pk=each.pk).problem_code for each in (with_code, without)] == ["", ""]
    for _ in range(2):  # again is as once
        for moved in sealing.MOVED:
            sealing.move(moved)
        codes = [Entry.objects.get(pk=each.pk).problem_code for each in (with_code, without, new)]
        assert codes == ["A97", "", "S07"]
    old, sealed = stored(with_code)
    assert old == ""
    assert b"A97" not in sealed


def test_what_old_code_wrote_of_a_prescription_is_moved_and_renewed_by_nobody_meanwhile() -> None:
    at = factories.office()
    row = prescription(at.patient(), at, group="C", prescriber_name="Eva Eksempel", prescriber_hpr="9000101")
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE prescriptions_prescription SET medicine_group = NULL, prescribed_by = NULL,"
            " prescribed_by_hpr = NULL, \"group\" = 'A', prescriber_name = 'Eva Eksempel', prescriber_hpr = '9000101'"
            " WHERE id = %s",
            [row.pk],
        )
    (meanwhile,) = load(system(), [row.patient_id], Office(), factories.TODAY)
    assert meanwhile.group == Group.UNKNOWN
    for moved in sealing.MOVED:
        sealing.move(moved)
    row = Prescription.objects.get(pk=row.pk)
    assert (row.group, row.prescriber_name, row.prescriber_hpr) == ("A", "Eva Eksempel", "9000101")
    with connections["owner"].cursor() as cursor:
        cursor.execute('SELECT "group", prescriber_name, prescriber_hpr FROM prescriptions_prescription')
        assert cursor.fetchall() == [("", "", "")]


def test_many_rows_are_moved_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS", 2)
    entries = [an_entry("") for _ in range(5)]
    for entry in entries:
        as_old_code_wrote(entry, "A97")
    sealing.move(sealing.MOVED[0])
    assert {Entry.objects.get(pk=each.pk).problem_code for each in entries} == {"A97"}


def test_new_keys_reach_them() -> None:
    known = {(column.table, column.name) for column in rotation.columns()}
    assert {(moved.table, moved.new) for moved in sealing.MOVED} <= known
