"""The seal finds what somebody with the owner's rights did to the log, and says which row."""

import hashlib
import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from legedialog.access.actor import system
from legedialog.audit import sealing, services, verification
from legedialog.audit.models import Event, SealedBatch
from legedialog.audit.tests.sealed import NOW, as_owner, faults, sealed, verify, write
from legedialog.audit.verification import Fault

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
    pytest.mark.usefixtures("all_is_written"),
]


def test_an_untouched_log_is_as_it_was_sealed() -> None:
    sealed()
    write(2)  # not sealed yet
    result = verify()
    assert (result.rows, result.batches, result.faults) == (15, 3, [])


@pytest.mark.parametrize(
    "change",
    [
        "action = 'appointment.cancelled'", "facts = '{\"number\": 99}'", "patient_id = gen_random_uuid()",
        "purpose = 'quality'", "employee_id = gen_random_uuid()", "object_id = NULL", "kind = 'read'",
        "at = at + interval '1 microsecond'", "role = 'doctor'", "legal_ground = ''",
    ],
)  # fmt: skip
def test_a_changed_row_is_named(change: str) -> None:
    ids = sealed()
    as_owner(f"UPDATE audit_event SET {change} WHERE id = %s", ids[7])
    assert faults() == [Fault("changed", 2, ids[7])]


def test_a_removed_row_is_named() -> None:
    ids = sealed()
    as_owner("DELETE FROM audit_event WHERE id = %s", ids[12])
    assert faults() == [Fault("removed", 3, ids[12])]


def test_an_added_row_is_named() -> None:
    ids = sealed()
    new = uuid4()
    as_owner(
        "INSERT INTO audit_event SELECT %s, at, position, category, kind, action, object_id, patient_id, actor_kind,"
        " login_id, person_id, employee_id, role, practice_id, purpose, legal_ground, facts"
        " FROM audit_event WHERE id = %s",
        *(new, ids[3]),
    )
    as_owner(
        "UPDATE audit_event SET position = (SELECT position FROM audit_event WHERE id = %s) WHERE id = %s", ids[3], new
    )
    assert faults() == [Fault("added", 1, new)]


@pytest.mark.parametrize("how", ["month", "position", "category"])
def test_a_moved_row_is_named_where_it_was(how: str) -> None:
    ids = sealed()
    moves = {
        "month": "at = at - interval '40 days'",
        "position": "position = (SELECT max(position) FROM audit_event)",
        "category": "category = 'office'",
    }
    as_owner(f"UPDATE audit_event SET {moves[how]} WHERE id = %s", ids[2])
    assert faults() == [Fault("moved", 1, ids[2])]


def test_a_row_moved_behind_the_seals_is_found_also_when_it_is_sealed_anew() -> None:
    ids = sealed()
    as_owner("UPDATE audit_event SET position = position + 1000 WHERE id = %s", ids[2])
    assert faults() == [Fault("moved", 1, ids[2])]
    assert sealing.seal_all(NOW) == 1
    assert faults() == [Fault("moved", 1, ids[2])]


def test_two_rows_that_changed_places_are_both_named() -> None:
    ids = sealed()
    for one, other in ((ids[0], uuid4()), (ids[1], ids[0])):
        as_owner("UPDATE audit_event SET id = %s WHERE id = %s", other, one)
    found = faults()
    assert {(fault.kind, fault.event_id) for fault in found} >= {("changed", ids[0]), ("removed", ids[1])}


def test_a_seal_rewritten_to_fit_is_found_in_the_chain() -> None:
    ids = sealed()
    as_owner("UPDATE audit_event SET action = 'other' WHERE id = %s", ids[7])
    batch = SealedBatch.objects.using("owner").get(number=2)
    rows = list(sealing.rows(batch.from_position, batch.until_position, alias="owner"))
    batch.leaves = b"".join(row.id.bytes + row.leaf for row in rows)
    batch.save(using="owner")
    assert faults() == [Fault("seal", 2)]
    tree = sealing.Tree()
    for row in rows:
        tree.add(row.leaf)
    batch.root = sealing.root_of(batch, tree.root(), follows=batch.format)
    batch.save(using="owner")
    assert faults() == [Fault("chain", 3)]


def test_a_removed_batch_is_found() -> None:
    sealed()
    as_owner("DELETE FROM audit_sealedbatch WHERE number = 2")
    assert Fault("chain", 3) in faults()


def test_a_log_rewritten_to_its_end_differs_from_what_was_published() -> None:
    sealed()
    file = io.StringIO()
    assert verification.publish(file) == 3
    assert faults(published=io.StringIO(file.getvalue())) == []
    as_owner("UPDATE audit_event SET action = 'other'")
    as_owner("DELETE FROM audit_sealedbatch")
    sealing.seal_all(NOW)
    assert faults() == []
    assert faults(published=io.StringIO(file.getvalue())) == [Fault("published", number) for number in (1, 2, 3)]
    with pytest.raises(ValueError, match="published roots"):
        faults(published=io.StringIO("something else"))


def test_only_the_days_asked_for_are_read() -> None:
    write(2)
    sealing.seal_all(NOW - timedelta(days=2))
    write(3)
    sealing.seal_all(NOW)
    assert verify().rows == 5
    assert verify(first=NOW.date()).rows == 3
    assert verify(last=NOW.date() - timedelta(days=1)).rows == 2
    assert verify(first=NOW.date()).faults == []


def retired() -> None:
    """One batch of 2014, removed in its time, and one of now."""
    old = NOW.replace(year=2014)
    write(3, at=old)
    assert sealing.seal_all(old) == 3
    write(3)
    assert sealing.seal_all(NOW) == 3
    assert verification.retain(NOW) == 3


def test_months_past_their_retention_are_removed_and_the_chain_holds() -> None:
    old = NOW.replace(year=2014)
    write(3, at=old)
    assert sealing.seal_all(old) == 3
    services.record(system(), "login.ended", None, at=NOW.replace(year=2023))
    assert sealing.seal_all(NOW.replace(year=2023)) == 1
    write(3)
    assert sealing.seal_all(NOW) == 3
    write(1, at=old)  # not sealed: stays
    assert verification.retain(NOW) == 4
    assert Event.objects.count() == 4
    assert SealedBatch.objects.filter(leaves=b"", tree__isnull=False).count() == 2
    assert faults() == []
    assert verification.retain(NOW) == 0


TO_2010 = "month = '2010-01-01', leaves = '', retired_at = %s"


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        ("leaves = '', retired_at = %s", {"retired"}),
        (TO_2010, {"month", "seal"}),
        (f"{TO_2010}, sealed_at = '2010-01-02'", {"seal", "chain"}),
        (f"{TO_2010}, sealed_at = '2010-01-02', tree = NULL", {"seal", "chain"}),
        # As if it came from the time before trees were kept: the one after it knows better.
        (f"{TO_2010}, sealed_at = '2010-01-02', tree = NULL, format = 1", {"seal"}),
        ("month = '2010-01-01', category = 'login', leaves = '', retired_at = %s, tree = NULL", {"month", "seal"}),
    ],
)
def test_rows_removed_before_their_time_are_found_though_the_batch_says_retired(harm: str, expected: set[str]) -> None:
    sealed(3)
    file = io.StringIO()
    verification.publish(file)
    batch = SealedBatch.objects.get(number=2)
    as_owner(
        "DELETE FROM audit_event WHERE position >= %s AND position < %s", batch.from_position, batch.until_position
    )
    as_owner(f"UPDATE audit_sealedbatch SET {harm} WHERE number = 2", NOW)
    found = {fault.kind for fault in faults()}
    assert found >= expected
    told = [fault for fault in faults(published=io.StringIO(file.getvalue())) if fault.kind == "published"]
    assert bool(told) is ("month" in harm)


@pytest.mark.parametrize(
    "harm", ["leaves = ''", "leaves = substring(leaves FROM 49)", "count = 4", "month = '2026-10-01'"]
)
def test_a_batch_that_says_something_else_than_its_root_is_found(harm: str) -> None:
    sealed()
    as_owner(f"UPDATE audit_sealedbatch SET {harm} WHERE number = 2")
    assert Fault("seal", 2) in faults()


@pytest.mark.parametrize(
    "harm",
    [
        "month = '2015-01-01'",
        "count = 2",
        "category = 'office'",
        "sealed_at = sealed_at - interval '1 day'",
        "tree = ''",
    ],
)
def test_what_a_retired_batch_says_is_covered_too(harm: str) -> None:
    retired()
    assert faults() == []
    as_owner(f"UPDATE audit_sealedbatch SET {harm} WHERE number = 1")
    assert Fault("seal", 1) in faults()


def as_before_trees(number: int) -> None:
    """The batch as versions before this one wrote it."""
    batch = SealedBatch.objects.using("owner").get(number=number)
    header = [
        *(1, number, batch.from_position, batch.until_position, batch.month.isoformat(), batch.category, batch.count),
        *(str(batch.first_id), str(batch.last_id)),
    ]
    told = hashlib.sha256(json.dumps(header, separators=(",", ":")).encode()).digest()
    before = SealedBatch.objects.using("owner").filter(number=number - 1).first()
    batch.previous = bytes(before.root) if before else sealing.NOTHING
    batch.root = hashlib.sha256(b"\x02" + told + bytes(batch.tree or b"") + batch.previous).digest()
    batch.tree, batch.format = None, 1
    batch.save(using="owner")


def test_a_chain_from_before_trees_were_kept_holds_and_goes_on() -> None:
    old = NOW.replace(year=2014)
    for at in (old, old, NOW):
        write(3, at=at)
        sealing.seal_all(at)
    for number in (1, 2, 3):
        as_before_trees(number)
    as_owner("DELETE FROM audit_event WHERE position < (SELECT until_position FROM audit_sealedbatch WHERE number = 1)")
    as_owner("UPDATE audit_sealedbatch SET leaves = '', retired_at = %s WHERE number = 1", NOW)  # as they retired
    assert faults() == []
    write(2)
    sealing.seal_all(NOW)
    assert verification.retain(NOW) == 3
    assert SealedBatch.objects.get(number=2).tree is not None
    assert list(SealedBatch.objects.order_by("number").values_list("format", flat=True)) == [1, 1, 1, 2]
    assert faults() == []
    as_owner("UPDATE audit_sealedbatch SET month = '2014-10-01' WHERE number = 2")
    assert faults() == [Fault("seal", 2)]
