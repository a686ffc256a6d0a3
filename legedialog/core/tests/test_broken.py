from collections.abc import Iterator
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from django.db import transaction
from structlog.testing import capture_logs

from legedialog.core import broken, crypto, outside
from legedialog.core.ids import new_id
from legedialog.core.tests import owner
from legedialog.patients.models import Person
from legedialog.patients.tests.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_told_yet() -> Iterator[None]:
    broken._told.clear()
    yield
    broken._told.clear()


@pytest.fixture
def kari() -> Person:
    return person("Kari Testdal")


def _damaged(row: Person) -> UUID:
    owner.damage("patients_person", "given_name", row.pk)
    return row.pk


def _name(of: UUID) -> str:
    return str(Person.objects.values_list("given_name", flat=True).get(pk=of))


def test_its_place_says_so_and_what_stands_beside_it_is_shown(kari: Person) -> None:
    with broken.reading():
        found = Person.objects.get(pk=_damaged(kari))
    assert found.given_name.startswith("[Kan ikke vises. Kode ")
    assert found.family_name == "Testdal"


def test_the_operator_is_told_once_which_field_and_row_and_never_what_it_holds(
    kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(broken, "counted", [counted.append])
    with broken.reading(), capture_logs() as lines:
        shown = {_name(_damaged(kari)), _name(kari.pk)}
    (line,) = lines
    assert line == {
        **{"event": "not shown", "log_level": "error", "field": "patients_person.given_name", "row": str(kari.pk)},
        "code": line["code"],
    }
    assert shown == {f"[Kan ikke vises. Kode {line['code']}]"}
    assert counted == ["patients_person.given_name"]


def test_what_does_more_than_read_meets_the_fault(kari: Person) -> None:
    of = _damaged(kari)
    with pytest.raises(crypto.NotOpened):
        _name(of)
    with broken.reading(), broken.strictly(), pytest.raises(crypto.NotOpened):
        _name(of)


def test_a_form_is_answered_with_what_can_be_shown_and_its_use_case_does_nothing(kari: Person) -> None:
    of = _damaged(kari)
    with broken.outside_use_cases():
        assert _name(of).startswith("[Kan ikke vises")
        with pytest.raises(crypto.NotOpened), transaction.atomic():
            _name(of)


def test_the_sentence_is_never_kept_as_what_was_written(kari: Person) -> None:
    of = _damaged(kari)
    with broken.reading():
        row = Person.objects.get(pk=of)
        with pytest.raises(TypeError), transaction.atomic():
            row.save()
        row.given_name = f"Fra {row.given_name}"
        with pytest.raises(TypeError), transaction.atomic():
            row.save(update_fields=["given_name"])
        row.given_name = "Karianne"
        row.save(update_fields=["given_name"])
    assert _name(of) == "Karianne"


def test_and_no_other_machine_is_given_it(kari: Person) -> None:
    of = _damaged(kari)
    with broken.reading(), pytest.raises(TypeError):
        outside.ask("POST", "http://127.0.0.1:9/", seconds=1, json={"name": f"Fru {_name(of)}"})


def test_a_key_that_is_gone_is_its_values_fault_and_a_wrong_master_key_everybodys(
    kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*given: object) -> bytes:
        raise InvalidTag

    crypto.forget_keys()
    monkeypatch.setattr(crypto, "_open", wrong)
    with broken.reading(), pytest.raises(InvalidTag):
        _name(kari.pk)
    monkeypatch.undo()
    owner.run("DELETE FROM core_datakey WHERE purpose = 'seal'")
    with broken.reading():
        assert _name(kari.pk).startswith("[Kan ikke vises")
    crypto.forget_keys()


def test_what_is_sent_while_it_is_made_is_read_as_its_page_is(kari: Person) -> None:
    of = _damaged(kari)
    assert [part[:16] for part in broken.carried(_name(of).encode() for _ in range(2))] == [b"[Kan ikke vises."] * 2


def test_another_shape_is_said_where_it_is_read() -> None:
    def shown(text: str) -> str:
        return broken.read(text, lambda text: f"{int(text)} dager", str, of="a.b", row=new_id())

    with broken.reading():
        assert shown("7") == "7 dager"
        assert shown("sju").startswith("[Kan ikke vises. Kode ")
    with pytest.raises(ValueError, match="sju"):
        shown("sju")
