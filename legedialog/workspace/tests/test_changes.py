"""Innboks: what a register has changed for a patient, until somebody has seen it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.models import Appointment, Status
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, TODAY, Office
from legedialog.core.sql import ask_for
from legedialog.journeys import changes, deaths
from legedialog.journeys.models import Change, RegisterChange
from legedialog.patients.models import Person


@pytest.fixture
def change(office: Office) -> RegisterChange:
    """Kari is dead, and had a time tomorrow."""
    kari = office.patient()
    office.booked(kari)
    Person.objects.filter(pk=kari.pk).update(death_date=TODAY - timedelta(days=1), confirmed_at=NOW)
    deaths.close(person_id=kari.pk, now=NOW)
    return RegisterChange.objects.get()


def url(change: RegisterChange) -> str:
    return reverse("workspace:register-change", args=[change.pk])


def test_it_lies_in_the_inbox_until_somebody_says_that_it_is_seen(secretary: Client, change: RegisterChange) -> None:
    inbox = secretary.get(reverse("workspace:inbox")).content.decode()
    assert url(change) in inbox
    assert "Pasienten er registrert død" in inbox
    page = secretary.get(url(change)).content.decode()
    assert "Kari Testdal" in page
    assert "søndag 22. november" in page
    assert "tirsdag 24. november" in page  # the time that is free now
    assert "Åpne igjen" not in page
    assert secretary.post(url(change), {"do": "seen"}).headers["Location"] == reverse("workspace:inbox")
    assert url(change) not in secretary.get(reverse("workspace:inbox")).content.decode()
    assert "Vi har sett dette" not in secretary.get(url(change)).content.decode()
    assert secretary.post(url(change), {"do": "seen"}).headers["Location"] == url(change)  # a colleague was first


def test_after_the_correction_what_was_closed_is_opened_with_a_button(
    secretary: Client, change: RegisterChange
) -> None:
    Person.objects.update(death_date=None)
    deaths.take_back(person_id=change.person_id, now=NOW)
    word = RegisterChange.objects.get(kind=Change.NO_DEATH)
    appointment = Appointment.objects.get()
    page = secretary.get(url(word)).content.decode()
    assert f'value="{appointment.pk}"' in page
    assert secretary.post(url(word), {"open": str(appointment.pk)}).headers["Location"] == url(word)
    appointment.refresh_from_db()
    assert appointment.status == Status.BOOKED
    assert f'value="{appointment.pk}"' not in secretary.get(url(word)).content.decode()


def test_another_office_and_the_manager_do_not_get_it(manager: Client, change: RegisterChange) -> None:
    elsewhere = logged_in(factories.office("Dalen legekontor").staff(Role.DOCTOR))
    for who, status in ((elsewhere, 404), (manager, 403), (Client(), 302)):
        assert who.get(url(change)).status_code == status
        assert who.post(url(change), {"do": "seen"}).status_code == status
    assert url(change) not in manager.get(reverse("workspace:inbox")).content.decode()
    change.refresh_from_db()
    assert change.seen_at is None


def test_an_address_without_a_line_of_that_change_is_not_found(secretary: Client, change: RegisterChange) -> None:
    assert secretary.post(url(change), {"open": str(Appointment.objects.get().pk)}).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_many(
    office: Office, change: RegisterChange, django_assert_num_queries: "object"
) -> None:
    mona = office.staff()
    for number in range(5):
        changes.tell(office.patient(f"Nummer Test{'abcde'[number]}").pk, Change.DEATH, [], NOW)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(ask_for(changes.unseen(mona, office.practice.pk))) == 6
