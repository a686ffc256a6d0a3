"""One look at one dialogue is one row in the patient's log, and one line to her."""

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import Office
from legedialog.audit.models import Event
from legedialog.dialogues.tests.factories import sent
from legedialog.portal.tests.test_pages import browser_of, text

pytestmark = pytest.mark.django_db


def test_one_look_is_logged_once(office: Office, doctor: Client) -> None:
    kari = office.patient()
    office.booked(kari)
    page = reverse("workspace:dialogue", args=[sent(kari).pk])
    reads = Event.objects.filter(patient_id=kari.pk, kind="read", actor_kind="staff")
    assert doctor.get(page).status_code == 200
    assert list(reads.values_list("action", flat=True)) == ["dialogue.read"]
    assert doctor.get(page).status_code == 200
    assert reads.count() == 2  # a second look is a second row
    log = text(browser_of(kari).get("/profil/logg/?hvem=office&hva=read"))
    assert log.count('<li class="rows__item">') == 1
    assert "Leste en dialog (2 ganger)" in log


def test_what_stands_beside_nothing_else_is_logged_by_itself(office: Office) -> None:
    kari = office.patient()
    office.booked(kari)
    assert logged_in(office.staff(Role.DOCTOR)).get(reverse("workspace:patient", args=[kari.pk])).status_code == 200
    assert Event.objects.filter(patient_id=kari.pk, action="patient.appointments").count() == 1
