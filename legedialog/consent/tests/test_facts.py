"""What the registers have not confirmed lately is asked about before representation is used, and closes it at last."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.test import override_settings

from legedialog.consent import acting, facts
from legedialog.consent.models import Consent, Level
from legedialog.patients.models import Grading, Guardianship, Membership, Person, Responsibility, address_key
from legedialog.patients.representation import ALL, GP_SERVICES, Area
from legedialog.patients.tests import factories as people
from legedialog.practices.tests import factories as offices

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BORN = date(2018, 3, 12)
HOME = "Lia 2, 5599 Fjordbyen"
asked: list[set[UUID]] = []


def confirm(person_ids: Collection[UUID], now: datetime) -> bool:
    """A register that answers, and says that all is as it was."""
    asked.append(set(person_ids))
    Person.objects.filter(pk__in=person_ids).update(confirmed_at=now, reservation_confirmed_at=now)
    Responsibility.objects.update(confirmed_at=now)
    Guardianship.objects.update(confirmed_at=now)
    Membership.objects.update(confirmed_at=now)
    return True


def silent(person_ids: Collection[UUID], now: datetime) -> bool:
    asked.append(set(person_ids))
    return False


@pytest.fixture
def pair(db: None) -> tuple[Person, Person]:
    """Kari and her child at the same address; everything confirmed now."""
    asked.clear()
    contract = offices.contract(offices.practice())
    contract.practice.supports_representation = True
    contract.practice.save()
    kari, ola = people.person(on=contract), people.person("Ola Testdal", born=BORN, on=contract)
    Person.objects.update(
        address_key=address_key(HOME), address_grading=Grading.OPEN, confirmed_at=NOW, reservation_confirmed_at=NOW
    )
    Membership.objects.update(confirmed_at=NOW)
    Responsibility.objects.create(parent=kari, child=ola, starts_date=BORN, confirmed_at=NOW)
    Consent.objects.create(person=ola, level=Level.FULL, starts_at=NOW, given_by=kari)
    return kari, ola


def age(what: str, at: datetime, ola: Person) -> None:
    if what == "the child":
        Person.objects.filter(pk=ola.pk).update(confirmed_at=at)
    elif what == "the parent":
        Person.objects.exclude(pk=ola.pk).update(confirmed_at=at)
    elif what == "the reservation":
        Person.objects.filter(pk=ola.pk).update(reservation_confirmed_at=at)
    elif what == "the list":
        Membership.objects.filter(person=ola).update(confirmed_at=at)
    else:
        Responsibility.objects.update(confirmed_at=at)


@pytest.mark.parametrize(
    ("what", "days", "code", "closed"),
    [
        ("the child", 7, "register-too-old", ALL),
        ("the parent", 7, "register-too-old", ALL),
        ("the responsibility", 7, "parenthood-too-old", ALL),
        ("the reservation", 7, "reservation-too-old", frozenset({Area.INBOX, Area.MESSAGES})),
        ("the list", 35, "list-too-old", GP_SERVICES),
    ],
)
def test_what_is_too_old_closes_with_a_reason_that_says_what_to_do(
    pair: tuple[Person, Person], what: str, days: int, code: str, closed: frozenset[Area]
) -> None:
    kari, ola = pair
    age(what, NOW - timedelta(days=days) + timedelta(seconds=1), ola)
    found = acting.standing(kari.pk, ola.pk, NOW)
    assert found
    assert found.decision.areas == ALL

    age(what, NOW - timedelta(days=days), ola)
    found = acting.standing(kari.pk, ola.pk, NOW)
    assert found
    assert found.decision.areas == ALL - closed
    (reason,) = found.decision.reasons
    assert reason.code == code
    assert "Prøv igjen senere" in str(reason.text)
    assert not acting.allowed(kari.pk, ola.pk, next(iter(closed)), NOW)  # work that is carried on asks the same


def test_a_guardianship_that_is_too_old_closes_too(pair: tuple[Person, Person]) -> None:
    kari, _ = pair
    tor = people.person("Tor Testli")
    row = Guardianship.objects.create(guardian=tor, person=kari, starts_date=BORN, confirmed_at=NOW)
    found = acting.standing(tor.pk, kari.pk, NOW)
    assert found
    assert Area.GP in found.decision.areas
    row.confirmed_at = NOW - timedelta(days=7)
    row.save()
    found = acting.standing(tor.pk, kari.pk, NOW)
    assert found
    assert not found.decision.areas
    assert found.decision.reasons[0].code == "guardianship-too-old"


def test_another_parents_address_counts_only_while_it_is_confirmed(pair: tuple[Person, Person]) -> None:
    kari, ola = pair
    per = people.person("Per Testdal")
    Person.objects.filter(pk=kari.pk).update(address_key=address_key("Et annet sted, 5599 Fjordbyen"))
    Person.objects.filter(pk=per.pk).update(address_key=address_key(HOME), confirmed_at=NOW)
    Responsibility.objects.create(parent=per, child=ola, starts_date=BORN, confirmed_at=NOW)
    found = acting.standing(kari.pk, ola.pk, NOW)
    assert found
    assert found.decision.areas == ALL
    Person.objects.filter(pk=per.pk).update(confirmed_at=NOW - timedelta(days=7))
    found = acting.standing(kari.pk, ola.pk, NOW)
    assert found
    assert not found.decision.areas


@override_settings(FACTS=f"{__name__}.confirm")
def test_what_is_older_than_a_day_is_asked_about_before_it_is_used(pair: tuple[Person, Person]) -> None:
    kari, ola = pair
    assert facts.standing(kari.pk, ola.pk, NOW)
    assert not asked  # nothing is old
    age("the child", NOW - timedelta(days=8), ola)
    found = facts.standing(kari.pk, ola.pk, NOW)
    assert found
    assert found.decision.areas == ALL
    assert asked == [{kari.pk, ola.pk}]


@override_settings(FACTS=f"{__name__}.silent")
def test_a_register_that_is_down_changes_nothing_until_it_is_too_old(pair: tuple[Person, Person]) -> None:
    kari, ola = pair
    age("the responsibility", NOW - timedelta(days=2), ola)
    (found,) = facts.others(kari.pk, NOW)
    assert found.decision.areas == ALL
    age("the responsibility", NOW - timedelta(days=7), ola)
    (found,) = facts.others(kari.pk, NOW)
    assert not found.decision.areas
    assert len(asked) == 2


@override_settings(FACTS=f"{__name__}.silent")
def test_nothing_of_ones_own_grows_old(pair: tuple[Person, Person]) -> None:
    kari, _ = pair
    Person.objects.update(confirmed_at=NOW - timedelta(days=400))
    found = facts.standing(kari.pk, kari.pk, NOW)
    assert found
    assert not found.must_be_asked
    assert not asked
