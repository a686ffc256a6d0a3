"""A link, or a page that stands open, names a patient whose row has become another's, or one of another office."""

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access import services
from legedialog.access.actor import Kind, Role
from legedialog.access.tests import pages
from legedialog.access.tests.logins import begin, logged_in, with_token
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.dialogues.tests.factories import sent
from legedialog.journeys import merging
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return factories.office()


@pytest.fixture
def gone(office: Office) -> Person:
    made = office.patient("Kari Gammel")
    sent(made, kind="contact")
    return made


@pytest.fixture
def kept(office: Office) -> Person:
    return office.patient("Kari Ny")


@pytest.fixture
def doctor(office: Office) -> Client:
    return logged_in(office.staff(Role.DOCTOR), pages.browser())


def test_an_old_link_leads_to_the_patient_who_remains(doctor: Client, gone: Person, kept: Person) -> None:
    merging.merge(kept_id=kept.pk, gone_id=gone.pk, now=NOW)
    for name in ("patient", "journal", "assigned"):
        found = doctor.get(reverse(f"workspace:{name}", args=[gone.pk]) + "?slag=note")
        assert found["Location"] == reverse(f"workspace:{name}", args=[kept.pk]) + "?slag=note"
        assert doctor.get(found["Location"]).status_code == 200


def test_another_office_learns_nothing_by_it(gone: Person, kept: Person) -> None:
    merging.merge(kept_id=kept.pk, gone_id=gone.pk, now=NOW)
    elsewhere = logged_in(factories.office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR))
    assert elsewhere.get(reverse("workspace:patient", args=[gone.pk])).status_code == 404


def test_what_was_typed_for_the_row_that_went_is_not_sent_and_she_has_it(
    doctor: Client, gone: Person, kept: Person
) -> None:
    page = reverse("workspace:journal-note", args=[gone.pk])
    tab = Tab(doctor).open(page)
    merging.merge(kept_id=kept.pk, gone_id=gone.pk, now=NOW)
    answer = tab.send(page, contact_type="phone", text="Ringte om prøvesvar.")
    assert answer.status_code == 409
    assert "To oppføringer av samme pasient er blitt én" in answer.text
    assert "Ringte om prøvesvar." in answer.text
    assert doctor.get(page)["Location"] == reverse("workspace:journal-note", args=[kept.pk])


def test_words_that_were_refused_for_another_office_say_whose_record_they_were_for(
    office: Office, gone: Person
) -> None:
    actor = office.staff(Role.DOCTOR)
    assert actor.employee_id
    token, login_id = begin(Kind.STAFF, actor.employee_id)
    browser = with_token(token, pages.browser())
    page = reverse("workspace:journal-note", args=[gone.pk])
    tab = Tab(browser).open(page)
    there = factories.office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR)
    assert there.employee_id
    with_token(services.change_employee(login_id=login_id, employee_id=there.employee_id), browser)
    answer = tab.send(page, contact_type="phone", text="Ringte om prøvesvar.")
    assert answer.status_code == 409
    assert "siden gjelder et annet kontor" in answer.text
    assert "Ringte om prøvesvar." in answer.text
    assert "Hvem: Kari Gammel" in answer.text
