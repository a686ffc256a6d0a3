"""Ansatte and Kontoret: who may, what is shown before it is saved, and what stays when something is wrong."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Actor, Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import NOW, TODAY, TOMORROW, Office
from legedialog.core.identifiers import synthetic_number
from legedialog.errands.rules import To
from legedialog.errands.tests.factories import errand
from legedialog.practices.models import Employee, OpeningHours, Practice

EMPLOYEES = reverse("workspace:settings-employees")
NEW = reverse("workspace:settings-new-employee")
OFFICE = reverse("workspace:settings-office")
NUMBER = synthetic_number(date(1975, 5, 5), 1)


def hired(**changes: object) -> dict[str, Any]:
    given = {"name": "Jonas Vik", "national_number": NUMBER, "role": "doctor", "hpr_number": "9144890"}
    return {**given, "starts_date": TODAY, **changes}


def row_of(actor: Actor) -> Employee:
    assert actor.employee_id
    return Employee.objects.get(pk=actor.employee_id)


def pages_of(employee: Employee) -> tuple[str, str]:
    return (
        reverse("workspace:settings-employee", args=[employee.pk]),
        reverse("workspace:settings-leave", args=[employee.pk]),
    )


def test_the_manager_employs_and_a_colleague_sees_who_works_there(
    office: Office, manager: Client, secretary: Client
) -> None:
    Tab(manager).open(NEW).press(NEW, **hired())
    assert Employee.objects.get(name="Jonas Vik").clinician
    page = secretary.get(EMPLOYEES).content.decode()
    assert "Jonas Vik" in page
    assert NEW not in page
    assert secretary.get(NEW).status_code == 403
    mine, leave = pages_of(Employee.objects.get(name="Jonas Vik"))
    assert [secretary.get(address).status_code for address in (mine, leave)] == [403, 403]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hpr_number": ""}, "Leger og vikarer må ha HPR-nummer."),
        ({"national_number": "123"}, "Fødselsnummeret stemmer ikke."),
        ({"name": ""}, "Må fylles ut"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    changes: dict[str, Any], said: str, office: Office, manager: Client
) -> None:
    tab = Tab(manager).open(NEW)
    assert tab.press(NEW, **hired(**changes)).status_code == 422
    assert said in tab.html
    assert 'value="Jonas Vik"' in tab.html or not hired(**changes)["name"]
    assert not Employee.objects.filter(name="Jonas Vik").exists()


def test_a_role_is_changed_as_it_was_seen(office: Office, manager: Client) -> None:
    mona = row_of(office.staff(Role.SECRETARY, name="Mona Haug"))
    address, _ = pages_of(mona)
    tab = Tab(manager).open(address)
    Tab(manager).open(address).press(address, role="manager")
    answer = tab.press(address, name="Mona Haug Lie")
    assert answer.status_code == 409
    mona.refresh_from_db()
    assert (mona.name, mona.role) == ("Mona Haug", "manager")


def test_what_she_leaves_is_shown_before_her_last_day_is_saved(office: Office, manager: Client) -> None:
    aas = row_of(office.staff(Role.DOCTOR, name="Ingrid Aas"))
    Tab(manager).open(NEW).press(NEW, **hired())
    heir = Employee.objects.get(name="Jonas Vik")
    office.booked(office.patient(), day=TOMORROW)
    address, leave = pages_of(aas)
    errand(office.staff(), to=To(aas.pk), now=NOW)
    tab = Tab(manager).open(leave)
    tab.press(leave, last_date=TODAY, successor=heir.pk)
    assert "1 time" in tab.html
    assert "1 oppgave<" in tab.html
    assert "Kari" not in tab.html  # numbers and days, nobody's name
    aas.refresh_from_db()
    assert aas.ends_date is None
    [shown] = re.findall(r'name="confirmed" value="([^"]+)"', tab.html)
    # One more has got a time meanwhile: she sees that first.
    office.booked(office.patient("Per Testvik"), day=TODAY + timedelta(days=2))
    tab.press(leave, last_date=TODAY, successor=heir.pk, confirmed=shown)
    assert "2 timer" in tab.html
    [shown] = re.findall(r'name="confirmed" value="([^"]+)"', tab.html)
    tab.press(leave, last_date=TODAY, successor=heir.pk, confirmed=shown)
    assert Employee.objects.filter(pk=aas.pk, ends_date=TOMORROW, successor=heir).exists()
    assert "Jonas Vik tar over" in Tab(manager).open(EMPLOYEES).html
    assert Tab(manager).open(leave).path == address


def test_the_last_manager_is_told_what_to_do_first(office: Office) -> None:
    boss = office.staff(Role.MANAGER)
    browser = logged_in(boss)
    _, leave = pages_of(row_of(boss))
    tab = Tab(browser).open(leave)
    tab.press(leave, last_date=TODAY)
    [shown] = re.findall(r'name="confirmed" value="([^"]+)"', tab.html)
    tab.press(leave, last_date=TODAY, confirmed=shown)
    assert "Legg til den nye lederen først." in tab.html


def test_a_stranger_s_employees_are_not_found(office: Office, manager: Client, stranger: Client) -> None:
    elsewhere = Employee.objects.exclude(practice=office.practice).first()
    assert elsewhere
    assert [manager.get(address).status_code for address in pages_of(elsewhere)] == [404, 404]


def test_address_and_telephone_are_the_office_s_own(office: Office, manager: Client, doctor: Client) -> None:
    tab = Tab(manager).open(OFFICE)
    assert tab.press(OFFICE, phone="123").status_code == 422
    other = Tab(manager).open(OFFICE)
    tab.press(OFFICE, phone="55 55 12 34", street="Strandveien 1", directions="Heis til høyre.")
    row = Practice.objects.get(pk=office.practice.pk)
    assert (row.phone, row.street, row.name) == ("55 55 12 34", "Strandveien 1", "Fjordbyen legesenter")
    assert "Heis til høyre." in manager.get(reverse("workspace:settings")).content.decode()
    assert other.press(OFFICE, city="Dalen").status_code == 409
    assert doctor.get(OFFICE).status_code == 403


def test_the_office_begins_with_what_is_left_to_do_and_then_with_the_day(
    office: Office, manager: Client, secretary: Client
) -> None:
    home = reverse("workspace:home")
    page = Tab(manager).open(home)
    assert "2 ting gjenstår" in page.html
    assert f'href="{reverse("workspace:settings-hours")}"' in page.html
    hers = Tab(secretary).open(home)
    assert "Lederen ved kontoret gjør dette." in hers.html
    assert reverse("workspace:settings-hours") not in hers.html
    OpeningHours.objects.create(practice=office.practice, weekday=0, opens="08:00", closes="15:00")
    office.staff(Role.DOCTOR)
    assert "Dette venter" in page.open(home).html
