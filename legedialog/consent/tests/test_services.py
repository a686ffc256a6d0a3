from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from legedialog.access.actor import ANONYMOUS, Actor, Kind, Role, system
from legedialog.access.policy import allows
from legedialog.audit.models import Event
from legedialog.consent import policy, queries, rules, services
from legedialog.consent.models import Consent, Level
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.patients.models import Person
from legedialog.patients.tests.factories import citizen, person
from legedialog.practices.tests.factories import NOW, clinician, contract, practice, staff

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def kari() -> Person:
    return person(on=contract(practice(), clinician()))


def give(who: Person, level: Level = Level.FULL) -> Consent:
    return services.give(actor=citizen(who), person_id=who.pk, level=level, now=NOW)


def test_who_has_never_chosen_is_on_basis(kari: Person) -> None:
    assert queries.level(kari.pk) is Level.BASIS
    assert queries.standing(kari.pk) == (kari.birth_date, Level.BASIS)
    policy.check_basis(kari.pk)
    with pytest.raises(Refused) as refused:
        policy.check_full(kari.pk)
    assert refused.value.code == "needs-full-access"


def test_full_access_opens_the_services_and_withdrawing_closes_them(kari: Person) -> None:
    give(kari)
    policy.check_full(kari.pk)
    assert queries.standing(kari.pk)[1] is Level.FULL
    services.withdraw(actor=citizen(kari), person_id=kari.pk, now=LATER)
    assert queries.level(kari.pk) is Level.BASIS
    with pytest.raises(Refused):
        policy.check_full(kari.pk)
    assert [(row.level, row.starts_at, row.ends_at) for row in queries.history(citizen(kari), kari.pk)] == [
        (Level.BASIS, LATER, None),
        (Level.FULL, NOW, LATER),
    ]


def test_she_may_turn_everything_off(kari: Person) -> None:
    give(kari)
    services.withdraw(actor=citizen(kari), person_id=kari.pk, to=Level.NONE, now=LATER)
    with pytest.raises(Refused) as refused:
        policy.check_basis(kari.pk)
    assert refused.value.code == "needs-basis-access"


def test_the_same_choice_twice_is_one_row_and_one_trace(kari: Person) -> None:
    assert give(kari) == give(kari)
    event = Event.objects.get(action="consent.given")
    assert (event.patient_id, event.person_id, event.facts) == (kari.pk, kari.pk, {"level": "full"})


def test_withdrawing_leaves_a_trace(kari: Person) -> None:
    give(kari)
    services.withdraw(actor=citizen(kari), person_id=kari.pk, now=LATER)
    assert Event.objects.get(action="consent.withdrawn").facts == {"level": "basis"}


def test_strangers_are_not_found_and_the_office_is_denied(kari: Person) -> None:
    office = kari.memberships.get().contract.practice_id
    with pytest.raises(NotFound):
        services.give(actor=citizen(person("Per Testvik")), person_id=kari.pk, level=Level.FULL, now=NOW)
    with pytest.raises(Denied):
        services.give(actor=staff(office, Role.DOCTOR), person_id=kari.pk, level=Level.FULL, now=NOW)
    with pytest.raises(NotFound):
        queries.history(citizen(person("Per Testvik")), kari.pk)
    assert not Consent.objects.exists()


def test_a_child_cannot_choose_alone() -> None:
    nora = person("Nora Testdal", born=date(2012, 1, 1))
    with pytest.raises(Refused) as refused:
        give(nora)
    assert refused.value.code == "under-16"


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("herself", True),
        ("another citizen", False),
        ("her doctor", False),
        ("the operator", False),
        ("a stranger", False),
        ("a job", False),
    ],
)
def test_who_may_choose(who: str, allowed: bool, kari: Person) -> None:
    office = kari.memberships.get().contract.practice_id
    actors = {
        "herself": citizen(kari),
        "another citizen": Actor(kind=Kind.CITIZEN, person_id=new_id()),
        "her doctor": staff(office, Role.DOCTOR),
        "the operator": Actor(kind=Kind.OPERATOR),
        "a stranger": ANONYMOUS,
        "a job": system(),
    }
    assert allows(policy.check_choose, actors[who], kari.pk) is allowed


def test_an_unknown_person_has_no_standing() -> None:
    with pytest.raises(NotFound):
        queries.standing(new_id())


def test_the_database_keeps_one_choice_in_force(kari: Person) -> None:
    give(kari)
    with pytest.raises(IntegrityError, match="one_consent_in_force"), transaction.atomic():
        Consent.objects.create(person=kari, level=Level.BASIS, starts_at=LATER, given_by=kari)


@pytest.mark.parametrize(
    ("level", "needed", "enough"),
    [
        (Level.NONE, Level.NONE, True),
        (Level.NONE, Level.BASIS, False),
        (Level.BASIS, Level.BASIS, True),
        (Level.BASIS, Level.FULL, False),
        (Level.FULL, Level.BASIS, True),
        (Level.FULL, Level.FULL, True),
    ],
)
def test_which_level_is_enough(level: Level, needed: Level, enough: bool) -> None:
    assert rules.is_enough(level, needed) is enough
    assert set(rules.OPENS) == set(rules.NAMES) == set(Level)
