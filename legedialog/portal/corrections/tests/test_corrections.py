"""Retting og sletting, on both sides' pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.journal.models import ContactType, CorrectionRequest
from legedialog.journal.services import write_note
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db
URL = "/profil/retting/"


@pytest.fixture
def office() -> Office:
    return factories.office()


@pytest.fixture
def kari(office: Office) -> Person:
    made = office.patient()
    write_note(
        actor=office.staff(Role.DOCTOR),
        patient_id=made.pk,
        practice_id=office.practice.pk,
        key=new_id(),
        contact_type=ContactType.PHONE,
        text="Røyker.",
        now=factories.NOW,
    )
    return made


def ask(browser: Client, office: Office, **changes: str) -> int:
    form = {"practice": str(office.practice.pk), "asked": "correct", "text": "Jeg røyker ikke.", "key": str(new_id())}
    return browser.post(URL, {**form, **changes}).status_code


def test_she_asks_the_office_answers_and_she_reads_it(office: Office, kari: Person) -> None:
    mine, doctor = logged_in(citizen(kari)), logged_in(office.staff(Role.DOCTOR))
    assert URL in mine.get("/profil/innsyn/").content.decode()
    assert ask(mine, office) == 302
    assert "Jeg røyker ikke." in mine.get(URL).content.decode()
    asked = CorrectionRequest.objects.get()
    page = reverse("workspace:correction", args=[asked.pk])
    assert page in doctor.get("/kontor/innboks/").content.decode()
    assert "Jeg røyker ikke." in doctor.get(page).content.decode()
    assert doctor.post(page, {"text": "Rettet."}).status_code == 422
    assert doctor.post(page, {"outcome": "done", "text": "Vi har rettet det."}).status_code == 302
    assert page not in doctor.get("/kontor/innboks/").content.decode()
    assert "Vi har rettet det." in mine.get(URL).content.decode()


def test_what_is_late_is_said_to_be_late_in_words_on_both_sides_and_a_no_says_where_to_complain(
    office: Office, kari: Person
) -> None:
    mine, doctor = logged_in(citizen(kari)), logged_in(office.staff(Role.DOCTOR))
    ask(mine, office)
    ask(mine, office, asked="erase", text="Alt.")
    assert "skulle ha svart" not in mine.get(URL).text
    inbox = doctor.get("/kontor/innboks/").text
    assert ("Noe er feil og må rettes, " in inbox, "Noe må slettes, " in inbox) == (True, True)  # told apart
    CorrectionRequest.objects.filter(asked="correct").update(
        answer_by_date=local_day(factories.NOW) - timedelta(days=1)
    )
    page = reverse("workspace:correction", args=[CorrectionRequest.objects.get(asked="correct").pk])
    for told, words in ((mine.get(URL), "skulle ha svart"), (doctor.get("/kontor/innboks/"), "Fristen var")):
        assert words in " ".join(told.text.split())
    assert "Fristen var" in doctor.get(page).text
    assert "Statsforvalteren" not in mine.get(URL).text
    doctor.post(page, {"outcome": "refused", "text": "Nei."})
    assert "Statsforvalteren" in mine.get(URL).text
    assert "Statsforvalteren" in doctor.get(page).text


@pytest.mark.parametrize("missing", ["practice", "asked", "text"])
def test_what_is_missing_is_said(missing: str, office: Office, kari: Person) -> None:
    assert ask(logged_in(citizen(kari)), office, **{missing: ""}) == 422
    assert not CorrectionRequest.objects.exists()


def test_without_a_record_there_is_nobody_to_ask(office: Office) -> None:
    per = logged_in(citizen(office.patient("Per Testvik")))
    page = per.get(URL).content.decode()
    assert "Du har ingen journal" in page
    assert ask(per, office) == 422


def test_the_manager_answers_and_others_do_not_find_it(office: Office, kari: Person) -> None:
    ask(logged_in(citizen(kari)), office)
    page = reverse("workspace:correction", args=[CorrectionRequest.objects.get().pk])
    elsewhere = factories.office("Dalen legekontor", "Odd Lund")
    for actor, status in (
        (office.staff(Role.MANAGER), 200),
        (office.staff(Role.SECRETARY), 403),
        (elsewhere.staff(Role.DOCTOR), 404),
    ):
        assert logged_in(actor).get(page).status_code == status
