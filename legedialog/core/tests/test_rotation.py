"""Keys are replaced while people read and write. Real transactions: the rotation has a connection of its own."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from legedialog.appointments.models import Appointment
from legedialog.appointments.tests.factories import NOW, Office, office
from legedialog.core import crypto, fence, master, rotation
from legedialog.core.models import DataKey, KeyPurpose
from legedialog.core.tests import owner
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def no_keys_in_memory() -> Iterator[None]:
    crypto.forget_keys()
    yield
    crypto.forget_keys()


@pytest.fixture
def clinic() -> Office:
    made = office()
    for number in range(3):
        made.booked(made.patient(f"Kari{number} Testdal"), clock=NOW.time().replace(hour=8, minute=20 * number))
    return made


def everything() -> list[tuple[Any, ...]]:
    """All clear texts, by row."""
    rows: list[tuple[Any, ...]] = []
    for model in {column_model(column) for column in rotation.columns()}:
        names = [field.attname for field in model._meta.concrete_fields]
        rows += sorted((model._meta.label, *(str(getattr(row, name)) for name in names)) for row in model.objects.all())
    return sorted(rows)


def column_model(column: rotation.Column) -> Any:
    from django.apps import apps

    return next(model for model in apps.get_models() if model._meta.db_table == column.table)


def test_every_text_is_the_same_under_new_keys_and_the_old_ones_go(clinic: Office) -> None:
    before, old = everything(), set(DataKey.objects.filter(purpose=KeyPurpose.SEAL).values_list("pk", flat=True))
    assert rotation.retire(now=NOW) == len(old)
    told: list[tuple[int, int]] = []
    done = rotation.reseal(lambda *numbers: told.append(numbers))
    assert done == told[-1][0] == told[-1][1] > 10
    crypto.forget_keys()
    assert everything() == before
    assert {row.id for row in rotation.status() if row.values} & old == set()
    assert rotation.waiting() == rotation.reseal() == 0

    assert rotation.remove_unused(NOW) == 0  # something may still be on its way
    assert rotation.remove_unused(LATER) == len(old)
    crypto.forget_keys()
    assert everything() == before


def test_what_is_bound_to_no_row_is_opened_only_when_the_operator_says_so_and_is_brought_up(
    clinic: Office, settings: Any
) -> None:
    """As versions up to 0.1.0 sealed."""
    row = Appointment.objects.first()
    assert row
    old = crypto.seal("Hoste", scope=clinic.practice.pk, context="appointments_appointment.reason")
    Appointment.objects.filter(pk=row.pk).update(reason=crypto._Ciphertext(old))
    with pytest.raises(InvalidTag):
        Appointment.objects.get(pk=row.pk)
    settings.OPEN_OLD_SEALS = True
    assert Appointment.objects.get(pk=row.pk).reason == "Hoste"
    settings.OPEN_OLD_SEALS = False
    assert rotation.waiting() == rotation.reseal() == 1
    assert Appointment.objects.get(pk=row.pk).reason == "Hoste"
    assert rotation.waiting() == 0


def test_what_nothing_opens_stays_with_its_key_and_does_not_stop_the_others(clinic: Office) -> None:
    owner.damage("appointments_appointment", "reason", Appointment.objects.values_list("pk", flat=True)[0])
    old = rotation.retire(now=NOW)
    assert rotation.reseal() > 10
    assert rotation.waiting() == 1
    assert rotation.remove_unused(LATER) == old - 1


def test_only_the_named_office_gets_a_new_key(clinic: Office) -> None:
    assert rotation.retire(now=NOW, scopes={clinic.practice.pk}) == 1
    assert DataKey.objects.get(retired_at=NOW).scope == clinic.practice.pk
    rotation.reseal()
    assert {row.scope for row in rotation.status() if row.retired_at is None and row.values} == {
        None,
        clinic.practice.pk,
    }


def test_a_key_that_seals_anything_stays(clinic: Office) -> None:
    rotation.retire(now=NOW)
    assert rotation.remove_unused(LATER) == 0
    assert {row.reason for row in Appointment.objects.all()} == {"Hoste"}


def test_what_was_stopped_goes_on(clinic: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "ROWS", 1)
    rotation.retire(now=NOW)
    total, calls = rotation.waiting(), count(1)

    def stop(done: int, total: int) -> None:
        if next(calls) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.reseal(stop)
    assert rotation.waiting() == total - 3  # what was done is committed
    assert rotation.reseal() == total - 3
    assert rotation.waiting() == 0


def test_a_process_takes_up_the_new_key_by_itself(clinic: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process than the one that rotates: nobody tells it."""
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    crypto.forget_keys()
    scope = clinic.practice.pk
    old = crypto.key_of(crypto.seal("a", scope=scope, context="x"))
    monkeypatch.setattr(crypto, "forget_current", lambda: None)
    rotation.retire(now=NOW)
    assert crypto.key_of(crypto.seal("a", scope=scope, context="x")) == old
    clock[0] += crypto.FRESH + 1
    sealed = crypto.seal("a", scope=scope, context="x")
    assert crypto.key_of(sealed) != old
    assert crypto.unseal(sealed, context="x") == "a"


def test_readers_and_writers_never_notice(clinic: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers go on sealing, some under the key that was retired a moment ago; every read gives a whole text."""
    monkeypatch.setattr(crypto, "FRESH", 0.2)
    monkeypatch.setattr(crypto, "forget_current", lambda: None)
    monkeypatch.setattr(rotation, "ROWS", 2)
    ids = list(Appointment.objects.values_list("pk", flat=True))
    people = dict(Person.objects.values_list("pk", "given_name"))
    last: dict[Any, str] = {}
    faults: list[object] = []
    over = threading.Event()

    def write(mine: Any) -> None:
        try:
            for number in count():
                row = Appointment.objects.get(pk=mine)
                if mine in last and row.reason != last[mine]:
                    faults.append((row.reason, last[mine]))
                row.reason = f"Hoste, dag {number}"
                row.save(update_fields=["reason"])
                last[mine] = row.reason
                if over.is_set():
                    return
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    def read() -> None:
        try:
            while not over.is_set():
                if dict(Person.objects.values_list("pk", "given_name")) != people:
                    faults.append("a name changed")
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[each]) for each in ids] + [threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    try:
        for number in range(3):
            rotation.retire(now=NOW + timedelta(minutes=number))
            for _ in range(3):
                rotation.reseal()
                time.sleep(0.1)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert faults == []
    time.sleep(0.3)
    rotation.reseal()
    assert rotation.waiting() == 0
    crypto.forget_keys()
    assert {row.pk: row.reason for row in Appointment.objects.all()} == last


def test_the_keys_move_to_a_new_master(clinic: Office, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fenced = fence.key()
    monkeypatch.setattr(fence, "key", lambda: fenced)  # `legedialog migrate` tells the database the new one
    before, old = everything(), master.current().name
    settings.PREVIOUS_MASTER_KEY, settings.MASTER_KEY = settings.MASTER_KEY, "ab" * 32
    crypto.forget_keys()
    assert everything() == before  # both are known while it is done
    new = crypto.create_key(KeyPurpose.SEAL, clinic.doctor.pk)
    assert DataKey.objects.get(pk=new).wrapped_by == master.current().name != old
    assert rotation.rewrap() == DataKey.objects.count() - 1
    assert rotation.rewrap() == 0
    settings.PREVIOUS_MASTER_KEY = ""
    crypto.forget_keys()
    assert everything() == before

    settings.MASTER_KEY = "cd" * 32
    crypto.forget_keys()
    with pytest.raises(master.MasterUnknown):
        everything()


def test_keys_from_before_masters_had_names_are_opened(clinic: Office) -> None:
    before = everything()
    DataKey.objects.update(wrapped_by="")
    crypto.forget_keys()
    assert everything() == before
    assert rotation.rewrap() == DataKey.objects.count()
    crypto.forget_keys()
    assert everything() == before


def test_nobody_loses_a_race_for_the_current_key(clinic: Office) -> None:
    moment = datetime.now(tz=NOW.tzinfo)
    threads = [threading.Thread(target=_retire_and_close, args=[moment]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scopes = list(DataKey.objects.filter(purpose=KeyPurpose.SEAL, retired_at=None).values_list("scope", flat=True))
    assert len(scopes) == len(set(scopes))
    rotation.reseal()
    assert rotation.waiting() == 0


def _retire_and_close(now: datetime) -> None:
    from django.db import connections

    try:
        rotation.retire(now=now)
    finally:
        connections["owner"].close()
        connection.close()
