"""Registrer ny pasient: from a search to her page, put right, told on paper, and parted from the register's."""

from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role, system
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office
from legedialog.audit.models import Event
from legedialog.core.identifiers import synthetic_number
from legedialog.core.times import at_local
from legedialog.journeys import walk_ins as journey
from legedialog.patients import services
from legedialog.patients.models import Person, WalkIn

NEW = reverse("workspace:walk-in-new")
BORN = date(2001, 5, 4)
NUMBER = synthetic_number(BORN, 11)
TYPED = {
    "given_name": "Hans",
    "family_name": "Testmann",
    "birth_date": "2001-05-04",
    "number": NUMBER,
    "proof": "passport",
    "phone": "900 00 001",
    "language": "en",
}


def registered(by: Client, **changes: str) -> Person:
    response = by.post(NEW, TYPED | changes)
    assert response.status_code == 302, response.content.decode()
    return Person.objects.get(pk=WalkIn.objects.latest("registered_at", "pk").person_id)


def visit_of(office: Office, who: Person) -> Appointment:
    return appointments.book_for_patient(
        actor=office.staff(Role.SECRETARY, name="Per Booker"),
        patient_id=who.pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW, time(9)),
        reason="Hoste",
        now=NOW,
    )


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("hans olav testmann", ('value="hans olav"', 'value="testmann"')),
        (NUMBER, (f'value="{NUMBER}"',)),
        ("900 00 001", ('value="+4790000001"',)),
        ("040501 hans", ('value="2001-05-04"', 'value="hans"')),
    ],
)
def test_what_was_searched_for_comes_along(words: str, kept: tuple[str, ...], secretary: Client) -> None:
    page = secretary.post(reverse("workspace:patients"), {"words": words}).content.decode()
    assert f'action="{NEW}"' in page
    form = secretary.post(NEW, {"words": words}).content.decode()
    assert all(each in form for each in kept)
    assert "Dette må rettes" not in form


def test_she_has_a_page_that_says_what_she_is(secretary: Client, office: Office) -> None:
    hans = registered(secretary)
    page = secretary.get(reverse("workspace:patient", args=[hans.pk])).content.decode()
    assert "Registrert bare hos dere" in page
    assert "Pass" in page
    assert NUMBER not in page
    assert "Skriv melding" not in page
    assert "Fastlege" not in page
    assert "Be pasienten bestille time" not in page
    assert NUMBER in secretary.post(reverse("workspace:patient-number", args=[hans.pk])).content.decode()


@pytest.mark.parametrize(
    "name", ["journal", "journal-note", "journal-paper", "journal-document", "cautions", "medicine-list"]
)
def test_her_other_pages_are_there(name: str, secretary: Client, stranger: Client) -> None:
    url = reverse(f"workspace:{name}", args=[registered(secretary).pk])
    assert secretary.get(url).status_code == 200
    assert stranger.get(url).status_code == 404


def test_a_visit_of_hers_is_no_video(secretary: Client, office: Office) -> None:
    hans = registered(secretary)
    visit = visit_of(office, hans)
    url = reverse("workspace:change", args=[visit.pk])
    form = secretary.get(url).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"channel": "video"}
    page = secretary.post(url, typed | {"mark": secretary.get(url).context.get("mark", "")}).content.decode()
    assert "kan ikke logge inn til video" in page


def test_she_gets_a_time_from_the_page_she_was_registered_from(secretary: Client, office: Office) -> None:
    response = secretary.post(f"{NEW}?time=1&start=2026-11-24T09:00", TYPED)
    assert response["Location"].startswith(f"{reverse('workspace:book')}?start=")
    assert "Hans Testmann" in secretary.get(response["Location"]).content.decode()


def test_bad_input_keeps_what_was_typed(secretary: Client) -> None:
    for wrong, said in (
        ({"number": "12345678901"}, "ikke riktig"),
        ({"proof": ""}, "Velg hvordan identiteten"),
        ({"phone": "12"}, "Skriv et norsk nummer"),
        ({"birth_date": "2126-01-01"}, "fram"),
    ):
        response = secretary.post(NEW, TYPED | wrong)
        assert response.status_code in (409, 422, 200), wrong
        page = response.content.decode()
        assert said in page, wrong
        assert 'value="Testmann"' in page
    assert not WalkIn.objects.exists()


def test_a_number_the_office_has_offers_whom_it_has(secretary: Client, office: Office) -> None:
    kari = office.patient()
    response = secretary.post(NEW, TYPED | {"number": kari.national_number})
    assert response.status_code == 409
    assert reverse("workspace:patient", args=[kari.pk]) in response.content.decode()


def test_who_looks_like_another_is_registered_when_it_is_said(secretary: Client) -> None:
    hans = registered(secretary)
    response = secretary.post(NEW, TYPED | {"number": ""})
    assert response.status_code == 409
    assert reverse("workspace:patient", args=[hans.pk]) in response.content.decode()
    assert "Nei, registrer en ny pasient" in response.content.decode()
    assert registered(secretary, number="", is_another="1").pk != hans.pk


def test_a_stranger_is_offered_nothing_and_finds_nothing(secretary: Client, stranger: Client, office: Office) -> None:
    hans = registered(secretary)
    visit = visit_of(office, hans)
    for name in ("patient", "walk-in-change", "walk-in-part"):
        assert stranger.get(reverse(f"workspace:{name}", args=[hans.pk])).status_code == 404
        assert stranger.post(reverse(f"workspace:{name}", args=[hans.pk]), TYPED).status_code in (404, 405)
    assert stranger.get(reverse("workspace:slip", args=[visit.pk])).status_code == 404
    assert registered(stranger).pk != hans.pk, "and the same number is hers to register too"


def test_what_is_registered_is_put_right(secretary: Client) -> None:
    hans = registered(secretary, proof="none")
    url = reverse("workspace:walk-in-change", args=[hans.pk])
    assert "Det er ikke kontrollert" in secretary.get(reverse("workspace:patient", args=[hans.pk])).content.decode()
    page = secretary.get(url)
    mark = page.context["mark"]
    assert secretary.post(url, TYPED | {"mark": mark, "family_name": "Prøve"}).status_code == 302
    assert Person.objects.get(pk=hans.pk).name == "Hans Prøve"
    late = secretary.post(url, TYPED | {"mark": mark, "family_name": "Enda"})
    assert late.status_code == 409
    assert "Noe er endret" in late.content.decode()


def test_the_note_of_the_time_is_in_her_language_and_says_nothing_of_why(secretary: Client, office: Office) -> None:
    hans = registered(secretary)
    visit = visit_of(office, hans)
    page = secretary.get(reverse("workspace:slip", args=[visit.pk])).content.decode()
    assert "Your appointment" in page
    assert office.practice.name in page
    for secret in ("Hoste", office.visit_type.name, "Ordinary visit", NUMBER):
        assert secret not in page
    assert Event.objects.filter(action="appointment.slip", patient_id=hans.pk).exists()


def test_once_she_is_the_registers_the_office_sees_it_and_can_part_them(secretary: Client, office: Office) -> None:
    services.save_person(
        actor=system(),
        national_number=NUMBER,
        given_name="Hans",
        family_name="Testmann",
        birth_date=BORN,
        now=NOW,
    )
    hans = registered(secretary)
    visit = visit_of(office, hans)
    assert journey.take(journey.due(NOW, 10), {}, NOW) == 1
    joined = WalkIn.objects.get().person_id
    page = secretary.get(reverse("workspace:patient", args=[joined])).content.decode()
    assert "Står ikke på listene deres" in page
    assert "Ta bort koblingen" in page
    url = reverse("workspace:walk-in-part", args=[joined])
    assert secretary.post(url, {}).status_code in (200, 422)
    assert secretary.post(url, {"is_sure": "on"})["Location"] == reverse("workspace:patient", args=[hans.pk])
    assert Appointment.objects.get(pk=visit.pk).patient_id == hans.pk
    assert secretary.get(url).status_code == 404


def test_the_manager_registers_nobody(office: Office) -> None:
    assert logged_in(office.staff(Role.MANAGER)).get(NEW).status_code == 403
