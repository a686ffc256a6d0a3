from datetime import timedelta

import pytest

from legedialog.access.actor import ANONYMOUS, Actor, Kind, Role, system
from legedialog.access.policy import allows
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.practices import policy, services
from legedialog.practices.models import Clinician, Practice
from legedialog.practices.rules import Service
from legedialog.practices.tests.factories import NOW, TODAY, doctor, practice, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Practice:
    return practice()


@pytest.fixture
def aas(office: Practice) -> Clinician:
    return doctor(office)


@pytest.fixture
def actors(office: Practice, aas: Clinician) -> dict[str, Actor]:
    return {
        "the doctor herself": staff(office.pk, Role.DOCTOR, aas.pk),
        "another doctor there": staff(office.pk, Role.DOCTOR, new_id()),
        "the manager": staff(office.pk, Role.MANAGER),
        "the secretary": staff(office.pk, Role.SECRETARY),
        "the substitute": staff(office.pk, Role.SUBSTITUTE, new_id()),
        "a manager elsewhere": staff(new_id(), Role.MANAGER),
        "a citizen": Actor(kind=Kind.CITIZEN, person_id=new_id()),
        "the operator": Actor(kind=Kind.OPERATOR),
        "a stranger": ANONYMOUS,
        "the register": system(),
    }


SERVICES = {"the doctor herself", "the manager"}
ABSENCE = {"the doctor herself", "the manager", "the secretary"}
WHO = [
    "the doctor herself",
    "another doctor there",
    "the manager",
    "the secretary",
    "the substitute",
    "a manager elsewhere",
    "a citizen",
    "the operator",
    "a stranger",
    "the register",
]


@pytest.mark.parametrize("who", WHO)
def test_who_may_change_a_doctors_services(
    who: str, actors: dict[str, Actor], office: Practice, aas: Clinician
) -> None:
    assert allows(policy.check_edit_services, actors[who], office.pk, aas.pk) is (who in SERVICES)


@pytest.mark.parametrize("who", WHO)
def test_who_may_report_a_doctors_absence(who: str, actors: dict[str, Actor], office: Practice, aas: Clinician) -> None:
    assert allows(policy.check_edit_absence, actors[who], office.pk, aas.pk) is (who in ABSENCE)


@pytest.mark.parametrize("who", WHO)
def test_who_may_change_the_opening_hours(who: str, actors: dict[str, Actor], office: Practice) -> None:
    assert allows(policy.check_edit_practice, actors[who], office.pk) is (who == "the manager")


@pytest.mark.parametrize("who", WHO)
def test_who_may_save_what_the_registers_say(who: str, actors: dict[str, Actor]) -> None:
    assert allows(policy.check_import, actors[who]) is (who == "the register")


def test_an_office_is_found_only_by_those_who_work_there(office: Practice) -> None:
    assert policy.find(staff(office.pk, Role.SECRETARY), office.pk) == office
    with pytest.raises(NotFound):
        policy.find(staff(new_id(), Role.MANAGER), office.pk)


def test_a_service_that_is_not_offered_is_refused_with_the_reason(office: Practice, aas: Clinician) -> None:
    manager = staff(office.pk, Role.MANAGER)
    with pytest.raises(Refused) as refused:
        policy.check_offered(office.pk, aas.pk, Service.REQUEST, TODAY)
    assert refused.value.code == "service-closed"
    services.open_service(actor=manager, practice_id=office.pk, clinician_id=aas.pk, service=Service.REQUEST, now=NOW)
    policy.check_offered(office.pk, aas.pk, Service.REQUEST, TODAY)
    services.close_service(
        actor=manager,
        practice_id=office.pk,
        clinician_id=aas.pk,
        service=Service.REQUEST,
        reason="Kurs.",
        until=TODAY + timedelta(days=3),
        now=NOW,
    )
    with pytest.raises(Refused) as refused:
        policy.check_offered(office.pk, aas.pk, "request", TODAY + timedelta(days=2))
    assert refused.value.facts == {"reason": "Kurs.", "until": TODAY + timedelta(days=3)}
    policy.check_offered(office.pk, aas.pk, Service.REQUEST, TODAY + timedelta(days=3))
