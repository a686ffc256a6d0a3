"""Why a patient is opened, and what citizens ask about it."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Actor, Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services as appointments
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.audit import services as audit
from legedialog.audit.models import Concern, Event, StatedPurpose
from legedialog.patients.models import Person


def at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def patient_url(patient: Person) -> str:
    return reverse("workspace:patient", args=[patient.pk])


def purpose_url(patient: Person) -> str:
    return f"/kontor/pasienter/{patient.pk}/formal/?til=%2Fkontor%2Fpasienter%2F{patient.pk}%2F"


@pytest.fixture
def patient(office: Office) -> Person:
    """Without any contact with the office."""
    return office.patient()


def wish(office: Office, patient: Person) -> None:
    appointments.send_request(
        actor=citizen(patient),
        patient_id=patient.pk,
        clinician_id=office.doctor.pk,
        key=uuid4(),
        wishes="Helst tidlig",
        coarse_times=[],
        channels=["attendance"],
        now=NOW,
    )


def test_without_a_contact_the_purpose_is_asked_before_anything_is_shown(secretary: Client, patient: Person) -> None:
    response = secretary.get(patient_url(patient))
    assert response.headers["Location"] == purpose_url(patient)
    assert not Event.objects.filter(patient_id=patient.pk, kind="read").exists()
    page = secretary.get(purpose_url(patient)).content.decode()
    assert "Oppgi formål" in page
    assert "Kari Testdal" in page
    assert patient.phone not in page


def test_a_stated_purpose_opens_the_patient_and_stands_at_each_read(secretary: Client, patient: Person) -> None:
    answer = secretary.post(purpose_url(patient), {"purpose": "administration", "note": "Attest til NAV"})
    assert answer.headers["Location"] == patient_url(patient)
    assert secretary.get(patient_url(patient)).status_code == 200
    rows = Event.objects.filter(patient_id=patient.pk).order_by("position", "id")
    assert [(row.action, row.purpose, row.legal_ground) for row in rows] == [
        ("purpose.stated", "administration", "management"),
        ("patient.appointments", "administration", "management"),
        ("journal.read", "administration", "management"),
    ]
    stated = StatedPurpose.objects.get()
    assert (stated.note, rows[0].object_id) == ("Attest til NAV", stated.pk)


def test_it_holds_for_half_an_hour(secretary: Client, patient: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    secretary.post(purpose_url(patient), {"purpose": "called"})
    at(NOW + timedelta(minutes=29), monkeypatch)
    assert secretary.get(patient_url(patient)).status_code == 200
    at(NOW + timedelta(minutes=30), monkeypatch)
    assert secretary.get(patient_url(patient)).status_code == 302


def test_it_holds_for_this_patient_and_this_login_alone(secretary: Client, patient: Person, office: Office) -> None:
    secretary.post(purpose_url(patient), {"purpose": "called"})
    assert secretary.get(patient_url(office.patient("Per Testvik"))).status_code == 302
    assert logged_in(office.staff()).get(patient_url(patient)).status_code == 302


@pytest.mark.parametrize("data", [{}, {"purpose": "nysgjerrig"}, {"purpose": "other"}, {"purpose": "care"}])
def test_a_purpose_that_says_nothing_is_not_taken(data: dict[str, str], secretary: Client, patient: Person) -> None:
    assert secretary.post(purpose_url(patient), data).status_code == 422
    assert not StatedPurpose.objects.exists()


@pytest.mark.parametrize("to", ["//evil.example/kontor/", "https://evil.example", "/profil/", "", "/kontor\\evil"])
def test_it_leads_to_the_offices_pages_alone(to: str, secretary: Client, patient: Person) -> None:
    url = reverse("workspace:purpose", args=[patient.pk])
    answer = secretary.post(f"{url}?til={to}", {"purpose": "called"})
    assert answer.headers["Location"] == patient_url(patient)


def test_an_open_contact_asks_for_nothing(secretary: Client, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    comes, asks = office.patient("Per Testvik"), office.patient("Lise Testnes")
    office.booked(comes)
    wish(office, asks)
    for each in (comes, asks):
        assert secretary.get(patient_url(each)).status_code == 200
        assert Event.objects.get(patient_id=each.pk, action="patient.appointments").purpose == "care"


def test_a_long_past_visit_is_no_contact_and_hides_its_reason(
    office: Office, patient: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = office.booked(patient)
    at(visit.ends_at + timedelta(days=14, seconds=1), monkeypatch)
    browser = logged_in(office.staff())
    assert browser.get(patient_url(patient)).status_code == 302
    url = reverse("workspace:visit", args=[visit.pk])
    page = browser.get(url).content.decode()
    assert "Hoste" not in page
    assert "Oppgi formål for å lese det" in page
    assert not Event.objects.filter(action="appointment.reason").exists()
    to = browser.get(url).context["purpose_url"]
    assert browser.post(to, {"purpose": "follow-up"}).headers["Location"] == url
    assert "Hoste" in browser.get(url).content.decode()
    assert Event.objects.get(action="appointment.reason").purpose == "follow-up"


def test_a_stranger_states_nothing(stranger: Client, patient: Person) -> None:
    assert stranger.get(purpose_url(patient)).status_code == 404
    assert stranger.post(purpose_url(patient), {"purpose": "called"}).status_code == 404


# ---- what citizens ask


@pytest.fixture
def mona(office: Office) -> Actor:
    return office.staff()


@pytest.fixture
def concern(patient: Person, mona: Actor) -> Concern:
    audit.looked(mona, "patient.appointments", None, at=NOW, patient_id=patient.pk)
    event = Event.objects.get(action="patient.appointments")
    return audit.raise_concern(actor=citizen(patient), event_id=event.pk, text="Hvorfor åpnet Mona dette?", now=NOW)


def concern_url(concern: Concern) -> str:
    return reverse("workspace:concern", args=[concern.pk])


def test_it_lies_in_the_inbox_with_its_date(doctor: Client, secretary: Client, concern: Concern) -> None:
    page = doctor.get(reverse("workspace:inbox")).content.decode()
    assert concern_url(concern) in page
    assert "Svar innen mandag 7. desember" in page
    assert "Hvorfor åpnet" not in page
    assert concern_url(concern) not in secretary.get(reverse("workspace:inbox")).content.decode()


def test_after_its_date_it_is_marked(manager: Client, concern: Concern) -> None:
    Concern.objects.filter(pk=concern.pk).update(answer_by=NOW.date() - timedelta(days=1))
    page = manager.get(reverse("workspace:inbox")).content.decode()
    assert 'data-color="danger">Fristen var' in page


def test_the_doctor_reads_and_answers_once(doctor: Client, concern: Concern) -> None:
    page = doctor.get(concern_url(concern)).content.decode()
    assert "Hvorfor åpnet Mona dette?" in page
    assert "Mona Haug (helsesekretær)" in page
    assert Event.objects.get(action="concern.read", patient_id=concern.patient_id).legal_ground == "management"
    assert doctor.post(concern_url(concern), {"text": ""}).status_code == 422
    assert doctor.post(concern_url(concern), {"text": "Hun ringte deg."}).status_code == 302
    doctor.post(concern_url(concern), {"text": "Noe annet."})
    concern.refresh_from_db()
    assert (concern.answer, concern.answered_at) == ("Hun ringte deg.", NOW)
    assert Event.objects.filter(action="concern.answered").count() == 1
    assert concern_url(concern) not in doctor.get(reverse("workspace:inbox")).content.decode()


def test_nobody_answers_about_herself(office: Office, patient: Person) -> None:
    actor = office.staff(Role.DOCTOR)
    audit.looked(actor, "patient.appointments", None, at=NOW, patient_id=patient.pk)
    event = Event.objects.get(action="patient.appointments")
    concern = audit.raise_concern(actor=citizen(patient), event_id=event.pk, text="Hvorfor?", now=NOW)
    browser = logged_in(actor)
    assert "En annen lege eller lederen svarer" in browser.get(concern_url(concern)).content.decode()
    assert browser.post(concern_url(concern), {"text": "Fordi."}).status_code == 403
    assert Concern.objects.get().answer is None


def test_another_office_does_not_find_it(concern: Concern) -> None:
    browser = logged_in(factories.office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR))
    assert browser.get(concern_url(concern)).status_code == 404
    assert browser.post(concern_url(concern), {"text": "Fordi."}).status_code == 404
