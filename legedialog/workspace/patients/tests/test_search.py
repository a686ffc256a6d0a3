"""Who rings, comes or writes is found from every page of the office, by what is known of her."""

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import Office
from legedialog.audit.models import Event
from legedialog.patients.models import Person, name_keys

SEARCH = reverse("workspace:patients")


@pytest.fixture
def kari(office: Office) -> Person:
    made = office.patient("Kari Testdal")
    made.phone = "+4741234567"
    made.save(update_fields=["phone"])
    office.patient("Kari Annet")
    for each in Person.objects.all():
        Person.objects.filter(pk=each.pk).update(name_keys=name_keys(each.given_name, each.family_name))
    return made


@pytest.mark.parametrize("typed", ["kari t", "{born:%d%m%y} kari testdal", "41 23 45 67", "+47 41234567", "{number}"])
def test_she_is_found_by_what_is_known_of_her(typed: str, kari: Person, secretary: Client) -> None:
    words = typed.format(born=kari.birth_date, number=kari.national_number)
    page = secretary.post(SEARCH, {"words": words}).content.decode()
    assert "1 treff" in page
    assert reverse("workspace:patient", args=[kari.pk]) in page
    assert words not in secretary.post(SEARCH, {"words": words})["Content-Type"]
    assert Event.objects.filter(action="patient.found", patient_id=kari.pk).count() == 1, "once for each visit"


def test_nobody_elses_patient_is_found_by_telephone(kari: Person, stranger: Client) -> None:
    assert "Ingen treff" in stranger.post(SEARCH, {"words": "41234567"}).content.decode()


@pytest.mark.parametrize(("role", "has"), [(Role.SECRETARY, True), (Role.DOCTOR, True), (Role.MANAGER, False)])
def test_the_search_stands_on_every_page_of_those_who_work_with_patients(role: Role, has: bool, office: Office) -> None:
    page = logged_in(office.staff(role)).get(reverse("workspace:calendar")).content.decode()
    assert ('id="everywhere"' in page) is has
    assert ('data-key="/"' in page) is has


def test_the_whole_national_number_is_shown_on_request_and_that_is_logged(
    office: Office, kari: Person, secretary: Client
) -> None:
    office.booked(kari)
    page = secretary.get(reverse("workspace:patient", args=[kari.pk])).content.decode()
    assert kari.national_number not in page
    assert "Neste time:" in page
    assert 'href="tel:+4741234567"' in page
    shown = secretary.post(reverse("workspace:patient-number", args=[kari.pk])).content.decode()
    assert kari.national_number in shown
    assert Event.objects.filter(action="patient.number", patient_id=kari.pk).count() == 1
