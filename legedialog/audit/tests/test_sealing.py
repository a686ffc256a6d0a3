"""The seal finds what somebody with the owner's rights did to the log, and says which row."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.utils import ProgrammingError

from legedialog.access.actor import system
from legedialog.audit import partitions, sealing, services, verification
from legedialog.audit.models import Event, SealedBatch
from legedialog.audit.verification import Fault, Result
from legedialog.core import fence
from legedialog.operations import migrate

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture(autouse=True)
def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other runs on this server may hold transactions open, so the horizon is set to all that is written."""
    monkeypatch.setattr(sealing, "_horizon", all_written)


def all_written() -> int:
    return Event.objects.order_by("-position")[0].position + 1


def write(count: int = 1, at: datetime = NOW, patient: UUID | None = None) -> None:
    for number in range(count):
        services.record(system(), "appointment.booked", uuid4(), at=at, patient_id=patient or uuid4(), number=number)


def verify(**options: Any) -> Result:
    return verification.verify(now=NOW + timedelta(days=1), said=lambda done, total: None, **options)


def faults(**options: Any) -> list[Fault]:
    return verify(**options).faults


def as_owner(statement: str, *values: Any) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


def sealed(rounds: int = 3, rows: int = 5) -> list[UUID]:
    """The ids in the order they were written."""
    for _ in range(rounds):
        write(rows)
        assert sealing.seal_all(NOW) == rows
    return list(Event.objects.order_by("position", "id").values_list("pk", flat=True))


def test_an_untouched_log_is_as_it_was_sealed() -> None:
    sealed()
    write(2)  # not sealed yet
    result = verify()
    assert (result.rows, result.batches, result.faults) == (15, 3, [])


def test_sealing_again_does_nothing() -> None:
    sealed(1)
    assert sealing.seal_all(NOW) == 0
    assert SealedBatch.objects.count() == 1


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


def test_a_row_that_commits_late_is_sealed_later_and_lost_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real horizon
    with transaction.atomic():
        write()
        open_position = Event.objects.get().position
        counts: list[int] = []

        def other() -> None:
            write(3)
            counts.append(sealing._horizon())
            counts.append(
                SealedBatch.objects.filter(until_position__gt=open_position).count() if sealing.seal_all(NOW) else 0
            )
            connection.close()

        run(other)
        assert counts[0] <= open_position
        assert counts[1] == 0  # the others' rows are later than the open one, so they wait too
    monkeypatch.setattr(sealing, "_horizon", all_written)
    assert sealing.seal_all(NOW) == 4
    assert faults() == []


def run(*tasks: Callable[[], None]) -> None:
    threads = [Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_write_while_two_seal_and_every_row_is_sealed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sealing, "ROWS", 7)

    def writer() -> None:
        for _ in range(10):
            with transaction.atomic():
                write(2)
        connection.close()

    def sealer() -> None:
        for _ in range(10):
            sealing.seal_all(NOW)
        connection.close()

    run(*[writer] * 4, *[sealer] * 2)
    monkeypatch.setattr(sealing, "_horizon", all_written)
    sealing.seal_all(NOW)
    assert sum(SealedBatch.objects.values_list("count", flat=True)) == 80
    assert faults() == []


def test_a_round_that_breaks_off_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    write(2)
    write(2, at=NOW - timedelta(days=60))  # another month, so the round has two batches
    saved = SealedBatch.save

    def broken(self: SealedBatch, **options: Any) -> None:
        if self.number == 2:
            raise RuntimeError("power")
        saved(self, **options)

    monkeypatch.setattr(SealedBatch, "save", broken)
    with pytest.raises(RuntimeError):
        sealing.seal_all(NOW)
    assert SealedBatch.objects.count() == 0
    monkeypatch.setattr(SealedBatch, "save", saved)
    assert sealing.seal_all(NOW) == 4
    assert SealedBatch.objects.count() == 2
    assert faults() == []


def test_one_large_transaction_is_one_round_and_small_ones_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS", 4)
    with transaction.atomic():
        write(9)
    write(9)
    assert sealing.seal_all(NOW) == 18
    assert list(SealedBatch.objects.order_by("number").values_list("count", flat=True)) == [9, 4, 4, 1]
    assert faults() == []


def test_the_tree_is_the_one_of_rfc_9162() -> None:
    leaves = [bytes([number]) * 32 for number in range(7)]

    def root(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return part[0]
        cut = 1 << ((len(part) - 1).bit_length() - 1)
        return sealing._node(root(part[:cut]), root(part[cut:]))

    for count in range(1, 8):
        tree = sealing.Tree()
        for leaf in leaves[:count]:
            tree.add(leaf)
        assert tree.root() == root(leaves[:count])


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


FAR = (2**62, 2**63 - 1, -(2**63), 0)


@pytest.mark.parametrize("far", FAR)
def test_nobody_chooses_where_a_row_is_sealed(far: int) -> None:
    new = uuid4()
    for alias in ("default", "owner"):
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_event (id, at, position, category, kind, action, actor_kind, role, purpose,"
                " legal_ground, facts) VALUES (%s, %s, %s, 'office', 'change', 'x', 'system', '', '', '', '{}')",
                [new if alias == "default" else uuid4(), NOW, far],
            )
    assert set(Event.objects.values_list("position", flat=True)).isdisjoint(FAR)
    assert sealing.seal_all(NOW) == 2
    as_owner("UPDATE audit_event SET action = 'other' WHERE id = %s", new)
    assert faults() == [Fault("changed", 1, new)]


@pytest.mark.parametrize("far", FAR[:2])
def test_what_lies_where_nothing_is_ever_sealed_is_found_and_migrate_brings_it_back(far: int) -> None:
    """As rows from before the trigger, or written by the owner."""
    ids = sealed(1)
    write(1)
    as_owner("UPDATE audit_event SET position = %s WHERE id <> ALL(%s)", far, ids)
    assert [fault.kind for fault in faults()] == ["ahead"]
    with psycopg.connect(**migrate.parameters(connections["owner"])) as owner:  # type: ignore[arg-type]
        migrate._follow_the_log(owner)
    assert faults() == []
    assert sealing.seal_all(NOW) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'other'", "DELETE FROM audit_event", "SELECT * FROM audit_event_default",
        "UPDATE audit_sealedbatch SET count = 0", "DELETE FROM audit_sealedbatch",
        "DROP TABLE audit_event_default",
    ],
)  # fmt: skip
def test_the_web_role_cannot(statement: str) -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        cursor.execute(statement)


def test_months_are_made_ahead_and_take_over_what_waited() -> None:
    partition = datetime.now(UTC).strftime("audit_event_%Y_%m")
    as_owner(f"ALTER TABLE audit_event DETACH PARTITION {partition}")
    as_owner(f"DROP TABLE {partition}")
    write(1, at=datetime.now(UTC))
    assert partitions.make() == 1
    assert partitions.make() == 0
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT count(*), (SELECT count(*) FROM audit_event_default) FROM {partition}")
        assert cursor.fetchone() == (1, 0)
        cursor.execute(f"SELECT has_table_privilege('legedialog_test_web', '{partition}', 'SELECT, INSERT, DELETE')")
        assert cursor.fetchone() == (False,)


def test_a_row_of_any_year_has_a_place() -> None:
    for year in (1999, 2026, 2199):
        write(at=NOW.replace(year=year))
    assert Event.objects.count() == 3


def test_on_a_server_that_counts_anew_positions_go_on_after_the_sealed_ones() -> None:
    """As after a restore: the log is sealed far beyond this server's count. Rolled back in the end."""
    far = 10**15
    with psycopg.connect(**migrate.parameters(connections["owner"])) as owner:  # type: ignore[arg-type]
        owner.execute(
            "INSERT INTO audit_sealedbatch (number, from_position, until_position, month, category, count, first_id,"
            " last_id, leaves, previous, root, sealed_at)"
            " VALUES (1, 0, %s, '2026-11-01', 'care', 1, %s, %s, '', '', '', now())",
            [far, uuid4(), uuid4()],
        )
        for _ in range(2):
            migrate._follow_the_log(owner)
            row = owner.execute("SELECT audit_position()").fetchone()
            assert row
            assert far <= row[0] < far + 1000
        owner.rollback()


def test_nothing_is_sealed_before_the_positions_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(1)
    monkeypatch.setattr(sealing, "_horizon", lambda: 1)
    assert sealing.seal_all(NOW) == 0


ODD = (
    {"at": "infinity"}, {"at": "-infinity"}, {"at": "9999-12-31"}, {"at": "0001-01-01"},
    {"category": "nothing"}, {"kind": "x"}, {"actor_kind": "x"},
    {"facts": json.dumps({"text": "x" * 5000 + "".join(map(str, range(5000)))})}, {"facts": "[]"},
    {"facts": '{"deep":' + "[" * 2000 + "]" * 2000 + "}"},
)  # fmt: skip
PLAIN: dict[str, Any] = {"at": NOW, "category": "office", "kind": "change", "actor_kind": "system", "facts": "{}"}
INSERT = (
    "INSERT INTO audit_event (id, action, role, purpose, legal_ground, at, category, kind, actor_kind, facts)"
    " VALUES (%s, 'x', '', '', '', %s, %s, %s, %s, %s)"
)


def insert(alias: str, **odd: Any) -> UUID:
    id = odd.pop("id", None) or uuid4()
    with connections[alias].cursor() as cursor:
        cursor.execute(INSERT, [id, *(PLAIN | odd).values()])
    return id


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:30])
def test_a_line_that_no_code_could_have_written_is_refused_and_where_it_stands_stops_nothing(
    odd: dict[str, Any],
) -> None:
    """The owner may take the checks away: the sealer seals it as it is, and what is told is told."""
    for alias in ("default", "owner"):
        with pytest.raises(IntegrityError):
            insert(alias, **odd)
    names = ("a_line_is_of_these_times", "a_line_is_of_a_known_kind", "a_line_holds_codes_and_numbers")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY(%s)"
                       " AND conrelid = 'audit_event'::regclass", [list(names)])  # fmt: skip
        checks = cursor.fetchall()
    assert len(checks) == 3
    for name in names:
        as_owner(f"ALTER TABLE audit_event DROP CONSTRAINT {name}")
    try:
        write(2)
        here = insert("owner", **odd)
        write(2)
        assert sealing.seal_all(NOW) == 5
        assert {fault.kind for fault in faults()} <= {"month", "category"}
        assert (sealing.odd() > 0) is bool({"at", "category"} & odd.keys())
        as_owner("UPDATE audit_event SET action = 'other' WHERE id = %s", here)
        assert ("changed", here) in [(fault.kind, fault.event_id) for fault in faults()]
        assert verification.retain(NOW) == 0
    finally:
        as_owner("DELETE FROM audit_event")
        for name, text in checks:
            as_owner(f"ALTER TABLE audit_event ADD CONSTRAINT {name} {text}")


def test_one_id_twice_is_two_rows() -> None:
    twice = insert("owner")
    insert("owner", id=twice, at=NOW + timedelta(minutes=1))
    assert sealing.seal_all(NOW) == 2
    assert faults() == []
    as_owner("DELETE FROM audit_event WHERE id = %s AND at = %s", twice, NOW)
    assert [fault.kind for fault in faults()] == ["moved"]


@pytest.fixture
def leeway_of_production() -> Iterator[None]:
    here = (
        "CREATE OR REPLACE FUNCTION audit_leeway() RETURNS interval LANGUAGE sql STABLE AS $$ SELECT interval '{}' $$"
    )
    as_owner(here.format("1 minute"))
    yield
    as_owner(here.format("1000 years"))


def test_who_serves_people_writes_in_nobody_elses_name_and_at_no_other_time(leeway_of_production: None) -> None:
    her, colleague = uuid4(), uuid4()
    put = INSERT.replace("(id,", "(login_id, employee_id, id,").replace("(%s,", "(%s, %s, %s,", 1)
    now = datetime.now(tz=UTC)
    same_month = now.replace(day=16 if now.day == 15 else 15)
    given: list[Any] = [uuid4(), *(PLAIN | {"actor_kind": "staff", "at": same_month}).values()]
    with fence.works_for(her), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(put, [her, None, *given])
    at = Event.objects.get().at
    assert abs(at - datetime.now(tz=UTC)) < timedelta(minutes=1)
    for other in ([her, colleague], [colleague, None], [None, None]):
        with pytest.raises(DatabaseError), fence.works_for(her), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(put, [*other, uuid4(), *given[1:]])
