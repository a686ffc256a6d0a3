"""A hit is a read, and who searches on and opens nobody is stopped and seen by the manager."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import Office
from legedialog.audit import searching
from legedialog.audit.models import Event
from legedialog.patients.models import Person, name_keys

pytestmark = pytest.mark.django_db
LIST = reverse("workspace:searches")


def patient(office: Office, name: str = "Kari Testdal") -> Person:
    """One who is found by her name."""
    made = office.patient(name)
    Person.objects.filter(pk=made.pk).update(name_keys=name_keys(made.given_name, made.family_name))
    return made


def search(client: Client, words: str = "Kari Test") -> Any:
    return client.post(reverse("workspace:patients"), {"words": words})


def test_each_who_is_shown_finds_it_in_her_log_once_for_each_visit(secretary: Client, office: Office) -> None:
    kari, other = patient(office), patient(office, "Kari Testvik")
    patient(office, "Per Testberg")
    for _twice in range(2):
        assert "Kari Testvik" in search(secretary).content.decode()
    found = Event.objects.filter(action="patient.found")
    assert {each.patient_id for each in found} == {kari.pk, other.pk}
    assert len(found) == 2
    assert {each.kind for each in found} == {"read"}


def test_who_searches_on_and_opens_nobody_is_stopped_and_told_why(
    secretary: Client, office: Office, settings: Any
) -> None:
    settings.SEARCHES_WITHOUT_OPENING = 3
    kari = patient(office)
    office.booked(kari)
    assert [search(secretary).status_code for _ in range(3)] == [200] * 3
    stopped = search(secretary)
    assert stopped.status_code == 429
    assert int(stopped["Retry-After"]) <= 3601
    assert "uten å åpne noen" in stopped.content.decode()
    assert search(logged_in(office.staff())).status_code == 200  # a colleague works on
    assert secretary.get(reverse("workspace:patient", args=[kari.pk])).status_code == 200
    assert search(secretary).status_code == 200  # she has opened the one she looked for


def test_one_opening_does_not_make_up_for_many_searches(
    secretary: Client, office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    kari = patient(office)
    office.booked(kari)
    for number in range(searching.TRIES + 3):
        settings.SEARCHES_WITHOUT_OPENING = 99
        monkeypatch.setattr(timezone, "now", lambda number=number: now + timedelta(seconds=number))
        assert search(secretary).status_code == 200
    settings.SEARCHES_WITHOUT_OPENING = 3
    assert secretary.get(reverse("workspace:patient", args=[kari.pk])).status_code == 200
    assert search(secretary).status_code == 429


def test_who_opens_the_same_patient_again_and_again_has_opened_one(
    secretary: Client, office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    settings.SEARCHES_WITHOUT_OPENING = 3
    kari, other = patient(office), patient(office, "Per Testberg")
    office.booked(kari)
    office.booked(other, clock=time(9))
    open_ = [reverse("workspace:patient", args=[each.pk]) for each in (kari, other)]
    codes = []
    for number in range(5):
        monkeypatch.setattr(timezone, "now", lambda number=number: now + timedelta(seconds=60 * number))
        codes.append(search(secretary).status_code)
        secretary.get(open_[0])
    assert codes == [200, 200, 200, 200, 429]
    secretary.get(open_[1])  # one who was not among those she was shown
    assert search(secretary).status_code == 429


def test_searches_that_find_nobody_stop_nobody(secretary: Client, office: Office, settings: Any) -> None:
    settings.SEARCHES_WITHOUT_OPENING = 1
    assert [search(secretary, "Ukjent Navnesen").status_code for _ in range(3)] == [200] * 3


def test_the_manager_sees_who_and_how_many_and_no_patient(office: Office, settings: Any, now: datetime) -> None:
    kari = patient(office)
    curious, busy = logged_in(office.staff()), logged_in(office.staff())
    for _number in range(searching.NOTICED):
        search(curious)
    search(busy)
    shown = logged_in(office.staff(Role.MANAGER)).get(LIST).content.decode()
    assert "Mona Haug" in shown
    assert f"<td>{searching.NOTICED}</td><td>1</td>" in shown
    assert shown.count("<tr>") == 2  # the head, and the curious one
    assert kari.name not in shown


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE])
def test_nobody_but_the_manager_sees_the_list(role: Role, office: Office) -> None:
    assert logged_in(office.staff(role)).get(LIST).status_code == 403
