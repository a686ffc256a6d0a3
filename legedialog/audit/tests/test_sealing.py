"""What is written is sealed once, in its place, and nobody but the owner chooses where."""

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

from legedialog.audit import partitions, sealing, verification
from legedialog.audit.models import Event, SealedBatch
from legedialog.audit.tests.sealed import NOW, all_written, as_owner, faults, sealed, write
from legedialog.audit.verification import Fault
from legedialog.core import fence
from legedialog.operations import migrate

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
    pytest.mark.usefixtures("all_is_written"),
]


def test_sealing_again_does_nothing() -> None:
    sealed(1)
    assert sealing.seal_all(NOW) == 0
    assert SealedBatch.objects.count() == 1


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
