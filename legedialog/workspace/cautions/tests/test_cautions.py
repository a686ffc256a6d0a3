"""CAVE at the office: added and ended on the patient's page, and on top wherever she is met."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import Office
from legedialog.audit.models import Event
from legedialog.cautions.models import Caution
from legedialog.cautions.tests.factories import caution
from legedialog.dialogues.tests.factories import answered
from legedialog.patients.models import Person

TYPED: dict[str, Any] = {
    "substance": "Penicillin",
    "atc": "j01ce",
    "reaction": "Elveblest.",
    "severity": "severe",
    "certainty": "likely",
    "source": "patient",
}


def page_of(who: Person) -> str:
    return reverse("workspace:cautions", args=[who.pk])


def patient(office: Office) -> Person:
    kari = office.patient()
    office.booked(kari)  # open contact, so that no purpose is asked for
    return kari


def test_a_doctor_adds_one_and_ends_it_with_why(office: Office, doctor: Client) -> None:
    kari = patient(office)
    tab = Tab(doctor).open(page_of(kari))
    assert "Ingen advarsler er skrevet ved dette kontoret." in tab.html
    assert tab.press(page_of(kari), substance="Penicillin").status_code == 422
    for wanted in ("Skriv hvilken reaksjon pasienten får.", "Velg hvor alvorlig det er.", "Velg hvor sikkert det er."):
        assert wanted in tab.html
    tab.press(page_of(kari), **TYPED)
    made = Caution.objects.get()
    assert (made.substance, made.atc, made.severity, made.restriction) == ("Penicillin", "J01CE", "severe", "N")
    end = reverse("workspace:caution", args=[made.pk])
    tab.open(end)
    assert tab.press(end).status_code == 422
    assert "Skriv hvorfor advarselen avsluttes." in tab.html
    tab.press(end, reason="Testet uten reaksjon.")
    assert Caution.objects.get().reason == "Testet uten reaksjon."
    assert "Testet uten reaksjon." in tab.open(page_of(kari)).html


def test_it_stands_on_top_wherever_she_is_met_and_each_look_is_logged(
    office: Office, doctor: Client, now: datetime
) -> None:
    kari = office.patient()
    visit = office.booked(kari)
    dialogue = answered(office, kari, kind="contact")
    caution(office.staff(Role.DOCTOR), kari.pk, now)
    for name, key in (
        *(("patient", kari.pk), ("journal", kari.pk), ("journal-note", kari.pk), ("cautions", kari.pk)),
        *(("visit", visit.pk), ("dialogue", dialogue.pk), ("medicine-list", kari.pk)),
    ):
        before = Event.objects.filter(patient_id=kari.pk, kind="read").count()
        page = doctor.get(reverse(f"workspace:{name}", args=[key])).content.decode()
        assert "Elveblest og tung pust." in page, name
        assert Event.objects.filter(patient_id=kari.pk, kind="read").count() > before or name == "journal-note"
        Event.objects.filter(patient_id=kari.pk, action="cautions.read").update(at=now - timedelta(days=1))


def test_the_manager_sees_the_visit_and_no_caution(office: Office, manager: Client, now: datetime) -> None:
    kari = office.patient()
    visit = office.booked(kari)
    caution(office.staff(Role.DOCTOR), kari.pk, now)
    page = manager.get(reverse("workspace:visit", args=[visit.pk]))
    assert page.status_code == 200
    assert "Elveblest" not in page.content.decode()
    assert manager.get(page_of(kari)).status_code == 403


def test_a_visit_long_past_does_not_open_them(office: Office, doctor: Client, now: datetime) -> None:
    kari = office.patient()
    visit = office.booked(kari, reason="")
    caution(office.staff(Role.DOCTOR), kari.pk, now)
    long_ago = now - timedelta(days=60)
    type(visit).objects.filter(pk=visit.pk).update(starts_at=long_ago, ends_at=long_ago + timedelta(minutes=20))
    page = doctor.get(reverse("workspace:visit", args=[visit.pk])).content.decode()
    assert "Elveblest" not in page


def test_another_office_finds_nothing(office: Office, stranger: Client, now: datetime) -> None:
    kari = patient(office)
    made = caution(office.staff(Role.DOCTOR), kari.pk, now)
    for address in (page_of(kari), reverse("workspace:caution", args=[made.pk])):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, TYPED | {"reason": "Feil."}).status_code == 404
    assert Caution.objects.get().ended_at is None


def test_without_a_contact_a_purpose_is_asked_for(office: Office, doctor: Client, now: datetime) -> None:
    kari = office.patient()
    made = caution(office.staff(Role.DOCTOR), kari.pk, now)
    for address in (page_of(kari), reverse("workspace:caution", args=[made.pk])):
        assert "/formal/" in doctor.get(address)["Location"]


def test_reception_ends_what_it_wrote_and_not_what_a_doctor_wrote(office: Office, now: datetime) -> None:
    kari, mona = patient(office), office.staff()
    ends = [
        reverse("workspace:caution", args=[caution(actor, kari.pk, now).pk])
        for actor in (office.staff(Role.DOCTOR), mona)
    ]
    tab = Tab(logged_in(mona)).open(page_of(kari))
    assert [f'href="{end}"' in tab.html for end in ends] == [False, True]
    tab.open(ends[0])
    assert tab.press(ends[0], reason="Feil.").status_code == 403
    assert "Bare en lege og den som skrev advarselen, kan avslutte den." in tab.html


def test_what_a_colleague_has_ended_is_not_ended_again(office: Office, doctor: Client, now: datetime) -> None:
    kari = patient(office)
    end = reverse("workspace:caution", args=[caution(office.staff(Role.DOCTOR), kari.pk, now).pk])
    mine, other = Tab(doctor).open(end), Tab(logged_in(office.staff(Role.DOCTOR))).open(end)
    other.press(end, reason="Testet.")
    assert mine.press(end, reason="Feil stoff.").status_code == 409
    assert "En kollega har allerede avsluttet advarselen." in mine.html


def test_the_doctor_hides_a_childs_from_the_parents(office: Office, doctor: Client, now: datetime) -> None:
    nora = patient(office)
    Person.objects.filter(pk=nora.pk).update(birth_date=now.date() - timedelta(days=14 * 365))
    made = caution(office.staff(Role.DOCTOR), nora.pk, now)
    hide = reverse("workspace:caution-restrict", args=[made.pk])
    tab = Tab(doctor).open(page_of(nora))
    tab.press(hide, restriction="NORN_FORANS")
    assert Caution.objects.get().restriction == "NORN_FORANS"
    assert logged_in(office.staff()).post(hide, {"restriction": "N"}).status_code == 403
