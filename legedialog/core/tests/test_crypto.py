from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection, transaction

from legedialog.core import crypto, sql
from legedialog.core.ids import new_id
from legedialog.core.master import MasterUnknown
from legedialog.core.models import DataKey, KeyPurpose


@pytest.fixture(autouse=True)
def no_keys_in_memory() -> Iterator[None]:
    crypto.forget_keys()
    yield
    crypto.forget_keys()


@pytest.mark.django_db
def test_text_is_opened_only_in_the_column_it_was_sealed_for() -> None:
    office = new_id()
    sealed = crypto.seal("Vondt i kneet", scope=office, context="a.b")
    assert b"kneet" not in sealed
    assert crypto.unseal(sealed, context="a.b") == "Vondt i kneet"
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed, context="a.c")


@pytest.mark.django_db
def test_a_changed_byte_is_noticed() -> None:
    sealed = crypto.seal("Vondt", scope=None, context="a.b")
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), context="a.b")


@pytest.mark.django_db
def test_equal_texts_are_sealed_differently_and_indexed_alike() -> None:
    assert crypto.seal("a", scope=None, context="x") != crypto.seal("a", scope=None, context="x")
    assert crypto.blind_index("a", purpose="p") == crypto.blind_index("a", purpose="p")
    assert crypto.blind_index("a", purpose="p") != crypto.blind_index("a", purpose="q")
    assert crypto.blind_index("a", purpose="p") != crypto.blind_index("b", purpose="p")


@pytest.mark.django_db
def test_each_office_has_a_key_of_its_own_and_one_at_a_time() -> None:
    one, other = new_id(), new_id()
    first = crypto.create_key(KeyPurpose.SEAL, one)
    assert crypto.create_key(KeyPurpose.SEAL, one) == first
    assert crypto.create_key(KeyPurpose.SEAL, other) != first


@pytest.mark.django_db
def test_the_data_key_itself_is_sealed_by_the_master_key(settings: pytest.FixtureRequest) -> None:
    sealed = crypto.seal("a", scope=new_id(), context="x")
    crypto.forget_keys()
    settings.MASTER_KEY = "f" * 64  # type: ignore[attr-defined]
    with pytest.raises(MasterUnknown):
        crypto.unseal(sealed, context="x")
    DataKey.objects.update(wrapped_by="")
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed, context="x")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("outer", [nullcontext, transaction.atomic], ids=["all of it", "to a savepoint"])
def test_a_key_that_was_rolled_back_is_not_used_again(outer: Callable[[], AbstractContextManager[None]]) -> None:
    office = new_id()
    with outer():
        with transaction.atomic():
            crypto.seal("a", scope=office, context="x")
            transaction.set_rollback(True)
        sealed = crypto.seal("b", scope=office, context="x")
    assert DataKey.objects.filter(pk=UUID(bytes=sealed[1:17])).exists()


@pytest.mark.django_db
def test_the_key_that_a_transaction_has_made_it_does_not_ask_for_again(django_assert_num_queries: Any) -> None:
    office = new_id()
    first = crypto.seal("a", scope=office, context="x")
    with django_assert_num_queries(0):
        second = crypto.seal("b", scope=office, context="x")
    assert crypto.key_of(first) == crypto.key_of(second)


@pytest.mark.django_db(transaction=True)
def test_a_key_made_among_statements_that_go_together_is_nobody_elses_before_it_is_committed() -> None:
    office = new_id()
    with transaction.atomic():
        with sql.together():
            crypto.seal("a", scope=office, context="x")
        transaction.set_rollback(True)
    sealed = crypto.seal("b", scope=office, context="x")
    assert DataKey.objects.filter(pk=crypto.key_of(sealed)).exists()


@pytest.mark.django_db
def test_postgresql_refuses_two_current_keys_of_one_scope() -> None:
    crypto.create_key(KeyPurpose.SEAL, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_datakey (id, purpose, scope, wrapped, created_at)"
            " VALUES (gen_random_uuid(), 'seal', NULL, '', now()) ON CONFLICT DO NOTHING"
        )
        assert cursor.rowcount == 0
