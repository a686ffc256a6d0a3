"""Out of the wrong record, on the office's pages."""

import io
import re

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office
from legedialog.attachments.services import receive
from legedialog.attachments.tests.files import jpeg
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.dialogues.services import answer
from legedialog.dialogues.tests.factories import sent
from legedialog.journal.models import Entry, Misfiling
from legedialog.patients.models import Person
from legedialog.workspace.journal.tests.test_journal import kari, noted, of

pytestmark = pytest.mark.django_db
__all__ = ["kari"]
TEXT = "Ringte om prøvesvar."


@pytest.fixture
def per(office: Office) -> Person:
    made = office.patient("Per Testvik")
    sent(made, kind="contact")
    return made


@pytest.fixture
def entry(office: Office, kari: Person) -> Entry:
    return noted(office, kari, TEXT)


def moved(browser: Client, entry: Entry, per: Person) -> str:
    """Seen over first: the name of whom it comes to stands on the page before anything moves."""
    tab = Tab(browser).open(of("journal-misfile", entry))
    typed = {"number": per.national_number, "reason": "Feil pasient.", "tells": "on"}
    tab.press(of("journal-misfile", entry), **typed)
    assert f"til journalen til <strong>{per.name}</strong>, født" in tab.html
    assert not Misfiling.objects.exists()
    answer = tab.send(of("journal-misfile", entry), **typed)
    assert answer.status_code == 302
    again = tab.send(of("journal-misfile", entry), **typed)  # a double press
    assert (again.status_code, again["Location"]) == (302, answer["Location"])
    assert Misfiling.objects.count() == 1
    return str(answer["Location"])


def test_nothing_moves_to_another_than_stood_on_the_page(
    doctor: Client, office: Office, entry: Entry, per: Person
) -> None:
    lise = office.patient("Lise Testnes")
    tab = Tab(doctor).open(of("journal-misfile", entry))
    typed = {"reason": "Feil pasient.", "number": per.national_number}
    tab.press(of("journal-misfile", entry), **typed)
    tab.press(of("journal-misfile", entry), **typed | {"number": lise.national_number})
    assert "til journalen til <strong>Lise Testnes</strong>" in tab.html
    assert not Misfiling.objects.exists()
    assert Event.objects.filter(action="patient.found", patient_id=lise.pk).exists()


def test_the_doctor_moves_it_and_undoes_it(doctor: Client, entry: Entry, kari: Person, per: Person) -> None:
    assert of("journal-misfile", entry) in doctor.get(of("journal-entry", entry)).content.decode()
    page = moved(doctor, entry, per)
    assert doctor.get(of("journal-entry", entry)).status_code == 404
    assert TEXT not in doctor.get(reverse("workspace:journal", args=[kari.pk])).content.decode()
    assert TEXT in doctor.get(reverse("workspace:journal", args=[per.pk])).content.decode()
    assert page in doctor.get(reverse("workspace:journal", args=[kari.pk])).content.decode()
    shown = doctor.get(page).content.decode()
    assert "Feil pasient." in shown
    assert "Leste en innføring i journalen" in shown  # the doctor's own look before
    assert TEXT not in shown
    assert "Flyttet hit fra en annen pasients journal" in doctor.get(reverse("workspace:journal", args=[per.pk])).text
    assert doctor.post(page).status_code == 302
    assert re.search(r"Angret</dt><dd>[^<]+ kl. [^<]+, [^<]+</dd>", doctor.get(page).text)
    assert TEXT in doctor.get(of("journal-entry", entry)).content.decode()
    assert TEXT not in doctor.get(reverse("workspace:journal", args=[per.pk])).content.decode()


def test_what_is_missing_is_said_and_nothing_is_moved(doctor: Client, entry: Entry) -> None:
    answer = doctor.post(of("journal-misfile", entry), {"number": "1", "reason": "x"})
    assert answer.status_code == 422
    assert "Vi finner ingen pasient" in answer.content.decode()
    assert doctor.post(of("journal-misfile", entry), {"number": ""}).status_code == 422
    assert doctor.post(of("journal-misfile", entry), {"number": "", "reason": "x"}).status_code == 200  # no mark
    assert not Misfiling.objects.exists()


def test_all_that_is_wrong_is_said_at_once_and_her_own_number_is_no_others(
    doctor: Client, entry: Entry, kari: Person
) -> None:
    for number, said in (("12345678901", "Vi finner ingen pasient"), (kari.national_number, "Dette er den samme")):
        page = doctor.post(of("journal-misfile", entry), {"number": number, "reason": ""}).text
        assert said in page
        assert "Skriv hvorfor det står i feil journal." in page
        assert "Flytt til" not in page
        assert "Se over før noe flyttes" not in page


def test_what_goes_along_stands_on_the_page_and_how_much_was_taken_out(
    doctor: Client, office: Office, kari: Person
) -> None:
    writer = office.staff(Role.DOCTOR)
    waits = receive(
        actor=writer,
        name="svar.jpg",
        file=io.BytesIO(jpeg()),
        practice_id=office.practice.pk,
        patient_id=kari.pk,
        now=factories.NOW,
    )
    dialogue = sent(kari, kind="contact")
    answer(
        actor=writer,
        dialogue_id=dialogue.pk,
        key=new_id(),
        text="Se vedlegget.",
        closes=False,
        problem_code="",
        attachment_ids=[waits.pk],
        now=factories.NOW,
    )
    entry = Entry.objects.get(kind="message", by_employee__isnull=False)
    tab = Tab(doctor).open(of("journal-misfile", entry))
    assert "svar.jpg" in tab.html
    done = tab.send(of("journal-misfile", entry), reason="Feil pasient.")  # nobody's
    assert "2 innføringer er tatt ut av journalen." in doctor.get(done["Location"]).text


def test_an_appointment_is_not_moved_and_its_page_says_why(doctor: Client, office: Office, kari: Person) -> None:
    entry = noted(office, kari, TEXT)
    Entry.objects.filter(pk=entry.pk).update(kind="booking")
    answer = doctor.get(of("journal-misfile", entry))
    assert answer["Location"] == of("journal-entry", entry)
    assert "Bare notater, advarsler, meldinger og vedlegg kan flyttes." in doctor.get(answer["Location"]).text


def test_reception_is_told_that_a_doctor_does_it(secretary: Client, entry: Entry) -> None:
    assert of("journal-misfile", entry) not in secretary.get(of("journal-entry", entry)).content.decode()
    assert secretary.get(of("journal-misfile", entry)).status_code == 403


def test_reception_is_not_asked_why_before_she_is_told(secretary: Client, office: Office) -> None:
    """The patient has no open contact, so the other pages of the record ask for a purpose first."""
    entry = noted(office, office.patient("Lise Testnes"), TEXT)
    assert secretary.get(of("journal-entry", entry)).status_code == 302
    for told in (secretary.get(of("journal-misfile", entry)), secretary.post(of("journal-misfile", entry))):
        assert told.status_code == 403


def test_strangers_find_nothing(doctor: Client, secretary: Client, entry: Entry, per: Person) -> None:
    page = moved(doctor, entry, per)
    elsewhere = logged_in(factories.office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR))
    for browser, status in ((elsewhere, 404), (secretary, 403)):
        assert browser.get(page).status_code == status
        assert browser.post(page).status_code == status
    assert Misfiling.objects.get().undone_at is None
