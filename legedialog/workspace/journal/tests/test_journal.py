"""The record on the office's pages."""

import inspect
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from legedialog.access import services as logins
from legedialog.access.actor import Role
from legedialog.access.models import Ended, KeptForm, Login
from legedialog.access.tests import pages
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office
from legedialog.attachments import services as attachments
from legedialog.attachments.tests import files
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.tests.factories import sent
from legedialog.journal import queries
from legedialog.journal.models import ContactType, Entry, Kind
from legedialog.journal.services import write_note
from legedialog.patients.models import Membership, Person
from legedialog.practices.models import Employee

pytestmark = pytest.mark.django_db
NOW = factories.NOW


@pytest.fixture
def kari(office: Office) -> Person:
    """With an open contact: she has a coming visit."""
    made = office.patient()
    office.booked(made, reason="Utslett på armen")
    return made


def at(name: str, patient: Person, *more: object) -> str:
    return reverse(f"workspace:{name}", args=[patient.pk, *more])


def of(name: str, entry: Entry) -> str:
    return reverse(f"workspace:{name}", args=[entry.pk])


def noted(office: Office, patient: Person, text: str = "Ringte om prøvesvar.") -> Entry:
    return write_note(
        actor=office.staff(Role.DOCTOR),
        patient_id=patient.pk,
        practice_id=office.practice.pk,
        key=new_id(),
        contact_type=ContactType.PHONE,
        text=text,
        now=NOW,
    )


def test_the_timeline_shows_days_words_and_who(secretary: Client, office: Office, kari: Person) -> None:
    noted(office, kari)
    html = secretary.get(at("journal", kari)).content.decode()
    assert "mandag 23. november" in html
    assert "Ringte om prøvesvar." in html
    assert "Utslett på armen" in html
    assert Event.objects.filter(action="journal.read", patient_id=kari.pk).count() == 1


def test_it_is_filtered_by_kind_and_by_contact(secretary: Client, office: Office, kari: Person) -> None:
    noted(office, kari)
    html = secretary.get(at("journal", kari), {"slag": "booking"}).content.decode()
    assert "Utslett på armen" in html
    assert "prøvesvar" not in html
    html = secretary.get(at("journal", kari), {"kontakt": "phone"}).content.decode()
    assert "prøvesvar" in html
    assert "Utslett på armen" not in html


def test_a_filter_that_cannot_be_read_shows_all(secretary: Client, kari: Person) -> None:
    html = secretary.get(at("journal", kari), {"slag": "tull", "fra": "i går", "etter": "x_y"}).content.decode()
    assert "Utslett på armen" in html


def test_older_entries_come_on_the_next_page(
    secretary: Client, office: Office, kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(inspect.unwrap(queries.page).__kwdefaults__ or {}, "size", 1)
    noted(office, kari)
    html = secretary.get(at("journal", kari)).content.decode()
    older = re.search(r'href="([^"]*etter=[^"]*)"', html)
    assert older
    html = secretary.get(older[1].replace("&amp;", "&")).content.decode()
    assert ("Utslett på armen" in html) != ("Ringte om prøvesvar" in html)


def test_search_finds_words_that_stand_in_no_address(secretary: Client, office: Office, kari: Person) -> None:
    noted(office, kari)
    html = secretary.post(at("journal", kari), {"words": "ringte PRØVESVAR"}).content.decode()
    assert "1 treff" in html
    assert "Utslett på armen" not in html
    html = secretary.post(at("journal", kari), {"words": "finnes ikke"}).content.decode()
    assert "Ingen innføringer inneholder alle ordene." in html
    assert secretary.post(at("journal", kari), {"words": ""}).status_code == 422


def test_search_goes_on_with_older_ones(
    secretary: Client, office: Office, kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WINDOW", 1)
    monkeypatch.setattr(queries, "AT_ONCE", 1)
    for number in range(2):
        noted(office, kari, f"Hodepine {number}")
    html = secretary.post(at("journal", kari), {"words": "hodepine"}).content.decode()
    place = re.search(r'name="etter" value="([^"]+)"', html)
    assert place
    assert "Søk eldre" in html
    again = secretary.post(at("journal", kari), {"words": "hodepine", "etter": place[1]}).content.decode()
    assert ("Hodepine 1" in html, "Hodepine 0" in again) == (True, True)


def test_a_patient_without_an_open_contact_asks_for_a_purpose(secretary: Client, office: Office) -> None:
    per = office.patient("Per Testvik")
    entry = noted(office, per)
    for url in (at("journal", per), of("journal-entry", entry), at("journal-document", per)):
        answer = secretary.get(url)
        assert answer.status_code == 302
        assert "/formal/" in answer["Location"]


@pytest.mark.parametrize("name", ["journal", "journal-note", "journal-paper", "journal-document"])
def test_strangers_find_nothing(name: str, stranger: Client, manager: Client, kari: Person) -> None:
    assert stranger.get(at(name, kari)).status_code == 404
    assert manager.get(at(name, kari)).status_code == 403


def test_an_entry_of_another_office_is_not_found(stranger: Client, office: Office, kari: Person) -> None:
    entry = noted(office, kari)
    assert stranger.get(of("journal-entry", entry)).status_code == 404
    assert stranger.get(of("journal-correct", entry)).status_code == 404
    assert stranger.get(reverse("workspace:journal-attachment", args=[new_id()])).status_code == 404


def note_form(**changes: object) -> dict[str, object]:
    return {"contact_type": "phone", "problem": "s07", "text": "Ringte.", "key": str(new_id())} | changes


def test_a_note_is_written_with_a_file_in_the_form(secretary: Client, kari: Person) -> None:
    scan = SimpleUploadedFile("epikrise.pdf", files.pdf(), content_type="application/pdf")
    sent = note_form(**{"attachment-file": [scan]})
    assert secretary.post(at("journal-note", kari), sent).status_code == 302
    entry = Entry.objects.get(kind=Kind.NOTE)
    assert (entry.text, entry.problem_code) == ("Ringte.", "S07")
    html = secretary.get(of("journal-entry", entry)).content.decode()
    url = re.search(r'href="([^"]+/vedlegg/[^"]+)"', html)
    assert url
    assert "epikrise.pdf" in html
    shown = secretary.get(url[1])
    assert b"".join(shown).startswith(b"%PDF-")
    assert Event.objects.filter(action="attachment.read", patient_id=kari.pk).exists()


def test_a_note_typed_in_one_patients_page_is_never_anothers(office: Office, kari: Person) -> None:
    per = office.patient("Per Testvik")
    client = logged_in(office.staff(), pages.browser())
    form = Tab(client).open(at("journal-note", kari)).form(at("journal-note", kari))
    sent = {**form.fields, **note_form(text="Ringte om prøvesvaret.")}

    answer = client.post(at("journal-note", per), sent)

    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Ingenting er sendt: skjemaet hører til en annen side" in html
    assert "Ringte om prøvesvaret." in html, "what she typed is hers"
    assert not KeptForm.objects.exists(), "it is not sent there later either"
    assert not Entry.objects.filter(kind=Kind.NOTE).exists()
    assert client.post(at("journal-note", kari), sent).status_code == 302


def test_a_form_that_was_drawn_for_another_role_is_not_sent(office: Office, kari: Person) -> None:
    """The manager has given her another role meanwhile, one that writes in records too."""
    mona = office.staff()
    client = logged_in(mona, pages.browser())
    tab = Tab(client).open(at("journal-note", kari))
    Employee.objects.filter(name="Mona Haug").update(role=Role.DOCTOR, clinician=office.doctor)
    typed: dict[str, Any] = note_form(text="Ringte om prøvesvaret.")
    answer = tab.send(at("journal-note", kari), **typed)
    assert answer.status_code == 409
    assert "Ringte om prøvesvaret." in answer.content.decode()
    assert not Entry.objects.filter(kind=Kind.NOTE).exists()


def test_a_note_that_was_kept_says_whose_record_it_goes_to_and_goes_there(office: Office, kari: Person) -> None:
    office.patient("Per Testvik")
    mona = office.staff()
    client = logged_in(mona, pages.browser())
    tab = Tab(client).open(at("journal-note", kari))
    logins.end(Login.objects.get(ended_at=None).pk, Ended.TIME, NOW)
    typed: dict[str, Any] = note_form(text="Ringte om prøvesvaret.")
    tab.send(at("journal-note", kari), **typed)

    logged_in(mona, client)
    tab.open("/logg-inn/tekst/")
    assert "Hvem: Kari Testdal, født" in tab.html
    assert office.practice.name in tab.html
    assert "Åpne skjemaet for Kari Testdal" in tab.html
    tab.press("/logg-inn/tekst/")
    assert not Entry.objects.filter(kind=Kind.NOTE).exists()
    tab.press(at("journal-note", kari))
    assert Entry.objects.get(kind=Kind.NOTE).patient_id == kari.pk


def test_a_refused_file_keeps_what_was_typed(secretary: Client, kari: Person) -> None:
    sent = note_form(**{"attachment-file": [SimpleUploadedFile("a.docx", files.small_zip())]})
    answer = secretary.post(at("journal-note", kari), sent)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "a.docx" in html
    assert "Ringte." in html
    assert not Entry.objects.filter(kind=Kind.NOTE).exists()


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"text": ""}, "Skriv notatet."), ({"problem": "utslett"}, "en bokstav og to tall"), ({"contact_type": "x"}, "")],
)
def test_a_note_that_is_not_right(changes: dict[str, object], text: str, secretary: Client, kari: Person) -> None:
    answer = secretary.post(at("journal-note", kari), note_form(**changes))
    assert answer.status_code == 422
    assert text in answer.content.decode()


def test_a_correction_is_added_and_both_are_shown(doctor: Client, office: Office, kari: Person) -> None:
    entry = noted(office, kari)
    url = of("journal-correct", entry)
    sent = {"reason": "Feil pasient på telefonen", "text": "Ringte om time.", "problem": "", "seen": "0"}
    assert "Ringte om prøvesvar." in doctor.get(url).content.decode()
    assert doctor.post(url, sent).status_code == 302
    html = doctor.get(of("journal-entry", entry)).content.decode()
    assert "Ringte om prøvesvar." in html
    assert "Ringte om time." in html
    assert "Feil pasient på telefonen" in html
    assert "Rettet senere" in doctor.get(at("journal", kari)).content.decode()
    late = doctor.post(url, sent | {"text": "Noe annet"})
    assert late.status_code == 409
    assert "Noe annet" in late.content.decode()
    assert 'name="seen" value="1"' in late.content.decode()


def test_a_colleague_who_did_not_write_it_is_told_who_may(secretary: Client, office: Office, kari: Person) -> None:
    entry = noted(office, kari)
    answer = secretary.post(of("journal-correct", entry), {"reason": "a", "text": "b", "seen": "0"})
    assert answer.status_code == 403
    assert "Bare en lege" in answer.content.decode()


def test_paper_and_pdf_hold_the_whole_record(secretary: Client, office: Office, kari: Person) -> None:
    import pikepdf

    noted(office, kari)
    html = secretary.get(at("journal-paper", kari)).content.decode()
    assert "Ringte om prøvesvar." in html
    assert "Utslett på armen" in html
    made = secretary.get(at("journal-document", kari))
    assert made["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(made.content)) as document:
        assert len(document.pages) == 1
    assert set(Event.objects.filter(action="journal.printed").values_list("facts__form", flat=True)) == {"paper", "pdf"}


def test_the_patients_page_shows_the_latest(secretary: Client, office: Office, kari: Person) -> None:
    noted(office, kari)
    html = secretary.get(at("patient", kari)).content.decode()
    assert "Siste i journalen" in html
    assert "Ringte om prøvesvar." in html
    assert at("journal", kari) in html


@pytest.mark.parametrize("count", [1, 20])
def test_the_timeline_costs_the_same_whatever_it_holds(
    count: int, secretary: Client, office: Office, kari: Person, django_assert_max_num_queries: object
) -> None:
    for number in range(count):
        noted(office, kari, f"Notat {number}")
    secretary.get(at("journal", kari))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        secretary.get(at("journal", kari))


def test_one_who_has_left_is_found_by_her_number_and_her_record_opened_for_a_purpose(
    secretary: Client, stranger: Client, office: Office
) -> None:
    kari = office.patient()
    noted(office, kari)
    Membership.objects.filter(person=kari).update(ends_date=NOW.date() - timedelta(days=30))
    assert "Kari Testdal" not in secretary.post(reverse("workspace:patients"), {"words": "Kari Test"}).content.decode()
    number = {"words": kari.national_number}
    assert "ikke lenger på kontorets lister" in secretary.post(reverse("workspace:patients"), number).content.decode()
    assert "Kari Testdal" not in stranger.post(reverse("workspace:patients"), number).content.decode()

    asked = secretary.get(at("journal", kari))
    assert asked.status_code == 302
    assert secretary.post(asked["Location"], {"purpose": "administration"}).status_code == 302
    html = secretary.get(at("journal", kari)).content.decode()
    assert "Ringte om prøvesvar." in html
    assert "Pasienten står ikke lenger på kontorets lister." in html
    page = secretary.get(at("patient", kari)).content.decode()
    assert kari.phone not in page
    assert reverse("workspace:dialogue-start", args=[kari.pk]) not in page
    assert secretary.get(at("dialogue-start", kari)).status_code == 404
    assert stranger.get(at("journal", kari)).status_code == 404


def test_an_attachments_entry_opens_the_file_and_a_decision_does_not_repeat_it(
    secretary: Client, office: Office
) -> None:
    kari = office.patient()
    doctor = office.staff(Role.DOCTOR)
    file = attachments.receive(
        actor=doctor, practice_id=office.practice.pk, patient_id=kari.pk, name="råd.pdf",
        file=io.BytesIO(files.pdf()), now=NOW,
    )  # fmt: skip
    dialogues.answer(
        actor=doctor, dialogue_id=sent(kari, kind="contact").pk, key=new_id(), text="Kom innom.", problem_code="S87",
        needs_appointment=True, attachment_ids=[file.pk], now=NOW,
    )  # fmt: skip
    url = reverse("workspace:journal-attachment", args=[file.pk])
    shown = {}
    for kind in (Kind.MESSAGE, Kind.ATTACHMENT, Kind.DECISION):
        entry = Entry.objects.get(kind=kind, by_employee=doctor.employee_id)
        shown[kind] = url in secretary.get(of("journal-entry", entry)).content.decode()
    assert shown == {Kind.MESSAGE: True, Kind.ATTACHMENT: True, Kind.DECISION: False}
    assert secretary.get(url).status_code == 200
