from datetime import timedelta
from typing import Any

import pytest

from legedialog.access.actor import Actor, Kind, Role, system
from legedialog.audit.models import Event
from legedialog.core.crypto import blind_index
from legedialog.core.errors import Denied, LegedialogError, NotFound, Refused
from legedialog.core.identifiers import synthetic_number
from legedialog.core.ids import new_id
from legedialog.practices import employees, policy, queries
from legedialog.practices.models import Clinician, Employee, Practice
from legedialog.practices.tests.factories import LONG_AGO, NOW, TODAY, practice, staff

pytestmark = pytest.mark.django_db
MONA = synthetic_number(LONG_AGO, 1)
OPERATOR = Actor(kind=Kind.OPERATOR, login_id=new_id())


@pytest.fixture
def office() -> Practice:
    return practice()


@pytest.fixture
def manager(office: Practice) -> Actor:
    return staff(office.pk, Role.MANAGER)


def came(actor: Actor, office: Practice, **other: Any) -> Employee:
    given: dict[str, Any] = {
        "actor": actor,
        "practice_id": office.pk,
        "name": "Mona Haug",
        "national_number": MONA,
        "role": Role.SECRETARY,
        "hpr_number": "",
        "starts_date": TODAY,
        "now": NOW,
    }
    return employees.employ(**given | other)


def left(actor: Actor, who: Employee, **other: Any) -> Employee:
    given = {"last_date": TODAY, "successor_id": None, "now": NOW}
    return employees.leave(actor=actor, employee_id=who.pk, **given | other)


def refused(code: str, work: Any, *given: Any, **named: Any) -> None:
    with pytest.raises(LegedialogError) as error:
        work(*given, **named)
    assert error.value.code == code


def test_who_comes_is_found_at_login_by_her_number_and_leaves_a_trace(office: Practice, manager: Actor) -> None:
    came(manager, office, national_number=f"{MONA[:6]} {MONA[6:]}")
    found = Employee.objects.get()
    assert bytes(found.national_number_index) == blind_index(MONA, purpose="national-number")
    assert Event.objects.filter(action="employee.came", practice_id=office.pk).count() == 1


def test_a_doctor_is_the_same_one_at_every_office(office: Practice, manager: Actor) -> None:
    there = practice("Dalen legekontor")
    doctor: dict[str, Any] = {"role": Role.DOCTOR, "hpr_number": "9144889"}
    came(manager, office, **doctor)
    came(staff(there.pk, Role.MANAGER), there, **doctor)
    assert Clinician.objects.filter(hpr_number="9144889").count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"national_number": "01010112345"}, "not-a-national-number"),
        ({"role": Role.DOCTOR}, "hpr-number-missing"),
        ({"role": Role.DOCTOR, "hpr_number": "12a"}, "not-an-hpr-number"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], code: str, office: Practice, manager: Actor) -> None:
    refused(code, came, manager, office, **changes)
    assert not Employee.objects.exists()


def test_nobody_has_one_role_twice_at_once(office: Practice, manager: Actor) -> None:
    mona = came(manager, office)
    refused("employed-already", came, manager, office)
    came(manager, office, role=Role.MANAGER)
    left(manager, mona, last_date=TODAY + timedelta(days=9))
    refused("employed-already", came, manager, office, starts_date=TODAY + timedelta(days=9))
    came(manager, office, starts_date=TODAY + timedelta(days=10))


@pytest.mark.parametrize(
    ("who", "role", "allowed"),
    [
        ("manager", Role.DOCTOR, True),
        ("secretary", Role.SECRETARY, False),
        ("doctor", Role.SECRETARY, False),
        ("operator", Role.MANAGER, True),
        ("operator", Role.SECRETARY, False),
        ("a manager elsewhere", Role.SECRETARY, False),
    ],
)
def test_who_may_employ(who: str, role: Role, allowed: bool, office: Practice) -> None:
    actors = {
        "manager": staff(office.pk, Role.MANAGER),
        "secretary": staff(office.pk, Role.SECRETARY),
        "doctor": staff(office.pk, Role.DOCTOR),
        "operator": OPERATOR,
        "a manager elsewhere": staff(practice("Dalen").pk, Role.MANAGER),
    }
    if allowed:
        came(actors[who], office, role=role, hpr_number="9144889")
    else:
        with pytest.raises((Denied, NotFound)):
            came(actors[who], office, role=role)


def test_an_office_keeps_a_manager(office: Practice, manager: Actor) -> None:
    boss = came(manager, office, role=Role.MANAGER)
    refused("last-manager", left, manager, boss)
    refused(
        *("last-manager", employees.change),
        actor=manager, employee_id=boss.pk, name="Mona Haug", role=Role.SECRETARY, now=NOW,
    )  # fmt: skip
    other = synthetic_number(LONG_AGO, 2)
    came(manager, office, role=Role.MANAGER, national_number=other, starts_date=TODAY + timedelta(days=5))
    refused("last-manager", left, manager, boss)
    left(manager, boss, last_date=TODAY + timedelta(days=4))


def test_who_leaves_hands_over_to_one_who_stays(office: Practice, manager: Actor) -> None:
    aas = came(manager, office, role=Role.DOCTOR, hpr_number="9144889", name="Ingrid Aas")
    mona = came(manager, office, national_number=synthetic_number(LONG_AGO, 2))
    stands_in: dict[str, Any] = {"role": Role.SUBSTITUTE, "hpr_number": "9144890"}
    vik = came(manager, office, **stands_in, national_number=synthetic_number(LONG_AGO, 3))
    elsewhere = came(system(), practice("Dalen"), role=Role.DOCTOR, hpr_number="9144891")
    for wrong in (mona, aas, elsewhere):
        refused("wrong-successor", left, manager, aas, successor_id=wrong.pk)
    refused("wrong-last-day", left, manager, aas, last_date=TODAY - timedelta(days=2))
    left(manager, aas, successor_id=vik.pk)
    refused("left-already", left, manager, aas)
    tomorrow = TODAY + timedelta(days=1)
    assert not policy.handed_over([office.pk], TODAY)
    assert policy.handed_over([office.pk], tomorrow) == {(office.pk, aas.clinician_id): (tomorrow, vik.clinician_id)}
    assert queries.employee(office.pk, aas.pk).has_left(tomorrow)


def test_what_was_handed_over_goes_on_to_who_follows(office: Practice, manager: Actor) -> None:
    one, two, three = (
        came(
            manager, office, role=Role.DOCTOR, hpr_number=f"914488{at}", national_number=synthetic_number(LONG_AGO, at)
        )
        for at in (1, 2, 3)
    )
    left(manager, one, successor_id=two.pk)
    left(manager, two, successor_id=three.pk, last_date=TODAY + timedelta(days=1))
    heirs = [policy.handed_over([office.pk], TODAY + timedelta(days=days)) for days in (1, 2)]
    assert one.clinician_id
    assert [found[office.pk, one.clinician_id][1] for found in heirs] == [two.clinician_id, three.clinician_id]
    came(manager, office, role=Role.DOCTOR, hpr_number="9144881", starts_date=TODAY + timedelta(days=2))
    assert (office.pk, one.clinician_id) not in policy.handed_over([office.pk], TODAY + timedelta(days=2))


def test_a_stranger_finds_nobody(office: Practice, manager: Actor) -> None:
    mona = came(manager, office)
    there = staff(practice("Dalen").pk, Role.MANAGER)
    for work in (left, lambda actor, who: employees.change(
        actor=actor, employee_id=who.pk, name="x", role=Role.SECRETARY, now=NOW
    )):  # fmt: skip
        with pytest.raises(NotFound):
            work(there, mona)
    for colleague in (Role.SECRETARY, Role.DOCTOR):
        with pytest.raises(Denied):
            left(staff(office.pk, colleague), mona)
    with pytest.raises(NotFound):
        queries.employee(there.practice_id, mona.pk)  # type: ignore[arg-type]


def test_what_a_colleague_has_changed_is_not_written_over(office: Practice, manager: Actor) -> None:
    mona = came(manager, office)
    with pytest.raises(Refused):
        left(manager, mona, mark="old")
