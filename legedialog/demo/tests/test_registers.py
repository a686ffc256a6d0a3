"""The demo's registers of people answer as they were populated, and as they were told since."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from legedialog.core.identifiers import parse_national_number, synthetic_number
from legedialog.demo import registers
from legedialog.demo.registers import Told
from legedialog.integrations.registers import client, people, refreshing
from legedialog.integrations.registers.fake import PASSWORD, USER
from legedialog.patients.models import Membership, Person, Responsibility
from legedialog.patients.tests import factories
from legedialog.practices.models import Contract
from legedialog.practices.tests import factories as offices

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.VAR = tmp_path
    settings.PEOPLE_IN_PROCESS = "legedialog.demo.registers.app"
    settings.PEOPLE_REGISTERS = settings.PEOPLE_REGISTERS | {"key_file": str(tmp_path / "key.json")}
    settings.LISTS_IN_PROCESS = "legedialog.demo.registers.lists"
    settings.REGISTERS = {
        "gp_url": "https://demo.invalid/flr",
        "address_url": "https://demo.invalid/ar",
        "user": USER,
        "password": PASSWORD,
    }

    def forget() -> None:
        registers.app.cache_clear()
        registers.lists.cache_clear()
        people.forget_tokens()
        refreshing.wake()

    forget()
    yield
    forget()


def test_what_the_demo_was_populated_with_is_confirmed_and_nothing_else_changes() -> None:
    now = timezone.now()
    ingrid = offices.clinician()
    ingrid.her_id = 8990010
    ingrid.save()
    office = offices.practice(her_id=8990001)
    office.organisation_number = "313000028"
    office.save()
    contract: Contract = offices.contract(office, ingrid)
    contract.number = "10001"
    contract.save()
    kari, ola = factories.person(on=contract), factories.person("Ola Testdal", born=date(2018, 3, 12))
    Responsibility.objects.create(parent=kari, child=ola, starts_date=date(2018, 3, 12))
    long_ago = now - timedelta(days=60)
    Person.objects.update(confirmed_at=long_ago, reservation_confirmed_at=long_ago)
    Responsibility.objects.update(confirmed_at=long_ago)
    Membership.objects.update(confirmed_at=long_ago)

    def known() -> list[Any]:
        columns = ("pk", "birth_date", "death_date", "address_grading", "is_reserved", "contact_confirmed_at")
        return [*Person.objects.order_by("pk").values(*columns), *Responsibility.objects.values("starts_date")]

    before = known()
    assert refreshing.before_acting({kari.pk, ola.pk}, now)
    assert known() == before
    assert set(Person.objects.values_list("confirmed_at", "reservation_confirmed_at")) == {(now, now)}
    assert Responsibility.objects.get().confirmed_at == now
    assert Membership.objects.get().confirmed_at == now


def test_it_says_what_it_was_told_since() -> None:
    kari = factories.person()
    new = synthetic_number(date(1984, 3, 12), 400)
    with people.connect() as asked:
        assert asked.registered([kari.national_number])[kari.national_number].death_date is None
        registers.pretend(kari.national_number, Told(death_date=date(2026, 11, 1)))
        assert asked.registered([kari.national_number])[kari.national_number].death_date == date(2026, 11, 1)
        registers.pretend(kari.national_number, Told(is_alive=True, number=new))
        found = asked.registered([kari.national_number])[kari.national_number]
        assert (found.death_date, found.number, found.former) == (None, new, frozenset({kari.national_number}))


def test_it_can_be_told_to_fail_and_to_answer_again() -> None:
    kari = factories.person()
    with people.connect() as asked:
        registers.fail(is_down=True)
        with pytest.raises(client.RegisterError) as fault:
            asked.registered([kari.national_number])
        assert not fault.value.permanent
        registers.fail(is_down=False)
        assert kari.national_number in asked.registered([kari.national_number])


def test_a_list_that_the_demo_does_not_have_is_told_as_the_gp_register_does() -> None:
    stranger = parse_national_number(synthetic_number(date(1970, 1, 1), 5), synthetic=True)
    with client.connect() as asked, pytest.raises(client.RegisterError) as fault:
        asked.gp_details(stranger)
    assert fault.value.code == "no-gp"


def test_the_card_register_fails_by_itself_and_answers_again() -> None:
    registers.cards.cache_clear()
    register = registers.cards()
    registers.fail(is_down=True, which=registers.CARDS)
    assert register.is_down()
    assert not registers._down().exists()  # those of people answer
    registers.fail(is_down=False, which=registers.CARDS)
    assert not register.is_down()
