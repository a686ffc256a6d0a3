"""The doctor's page for tildelt fullmakt."""

from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import Office
from legedialog.patients.models import Assignment
from legedialog.practices.models import Clinician


def test_the_doctor_confirms_and_ends_it_and_bad_input_stays(office: Office, doctor: Client) -> None:
    grethe, tor = office.patient("Grethe Testli"), office.patient("Tor Testli")
    office.booked(grethe)  # open contact, so that no purpose is asked for
    page = reverse("workspace:assigned", args=[grethe.pk])
    assert f'href="{page}"' in doctor.get(reverse("workspace:patient", args=[grethe.pk])).content.decode()
    form = {"number": "12345678901", "name": "Tor Testli", "relation": "sønn", "assessment": "Demens."}
    answer = doctor.post(page, form)
    assert answer.status_code == 422
    assert "Vurder samtykkekompetansen, og sett hake." in answer.content.decode()
    answer = doctor.post(page, form | {"is_assessed": "on"})
    assert answer.status_code == 409
    assert "Fant ingen som kan få fullmakten." in answer.content.decode()
    assert 'value="Tor Testli"' in answer.content.decode()
    assert doctor.post(page, form | {"is_assessed": "on", "number": tor.national_number})["Location"] == page
    assert "Tor Testli, sønn" in doctor.get(page).content.decode()
    end = reverse("workspace:end-assigned", args=[Assignment.objects.get().pk])
    assert doctor.post(end, {}).status_code == 422
    assert doctor.post(end, {"reason": "Friskere."})["Location"] == page
    assert "Friskere." in doctor.get(page).content.decode()
    assert doctor.get(end).status_code == 404


def test_others_at_the_office_and_strangers_do_not_see_it(
    office: Office, secretary: Client, manager: Client, stranger: Client
) -> None:
    grethe = office.patient("Grethe Testli")
    office.booked(grethe)
    page = reverse("workspace:assigned", args=[grethe.pk])
    assert secretary.get(page).status_code == 403
    assert manager.get(page).status_code == 403
    assert stranger.get(page).status_code in (403, 404)
    assert page not in secretary.get(reverse("workspace:patient", args=[grethe.pk])).content.decode()


def test_who_is_not_the_patients_doctor_is_not_asked_why_before_she_is_told(office: Office, doctor: Client) -> None:
    """Without an open contact the patient's own doctor is asked for a purpose first."""
    grethe = office.patient("Grethe Testli")
    page = reverse("workspace:assigned", args=[grethe.pk])
    assert doctor.get(page).status_code == 302
    leif = Clinician.objects.create(name="Leif Strand", hpr_number="9999991")
    other = logged_in(office.staff(Role.SUBSTITUTE, leif))
    for answer in (other.get(page), other.post(page)):
        assert answer.status_code == 403
