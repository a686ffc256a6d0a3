"""Oppgaver on screen: written from a patient, a message and a visit, done, taken back, and given on."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Actor, Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.core.times import local_day
from legedialog.dialogues.models import Kind
from legedialog.dialogues.tests.factories import sent
from legedialog.errands import queries, services
from legedialog.errands.models import Errand
from legedialog.errands.rules import Group, To
from legedialog.errands.tests.factories import TEXT, errand
from legedialog.patients.models import Person

LIST, NEW = reverse("workspace:errands"), reverse("workspace:errand-new")
TOMORROW = local_day(NOW) + timedelta(days=1)


@pytest.fixture
def mona(office: Office) -> Actor:
    return office.staff()


@pytest.fixture
def kari(office: Office) -> Person:
    """With a contact at the office, so that no purpose is asked for."""
    kari = office.patient()
    sent(kari, kind=Kind.CONTACT)
    return kari


def fields(to: object) -> dict[str, Any]:
    return {"text": TEXT, "whom": str(to), "due_date": TOMORROW.strftime("%d.%m.%Y")}


def test_one_is_written_from_a_message_and_stands_in_the_list_on_the_patient_and_on_i_dag(
    office: Office, mona: Actor, kari: Person
) -> None:
    ingrid = office.staff(Role.DOCTOR)
    message = sent(office.patient("Per Testvik"))
    tab = Tab(logged_in(ingrid)).open(reverse("workspace:dialogue", args=[message.pk]))
    assert f'href="{NEW}?melding={message.pk}"' in tab.html
    tab.open(f"{NEW}?melding={message.pk}").press(f"{NEW}?melding={message.pk}", **fields(ingrid.employee_id))
    assert tab.path == reverse("workspace:dialogue", args=[message.pk])
    row = Errand.objects.get()
    assert (row.patient_id, row.source, row.source_id, row.text) == (message.patient_id, "dialogue", message.pk, TEXT)
    for page in (LIST, reverse("workspace:patient", args=[message.patient_id])):
        assert TEXT in tab.open(page).html


def test_from_a_visit_and_from_the_patient(office: Office, mona: Actor, kari: Person) -> None:
    visit, client = office.booked(kari), logged_in(mona)
    for query, source in ((f"?time={visit.pk}", "appointment"), (f"?pasient={kari.pk}", "patient")):
        assert client.get(NEW + query).status_code == 200
        page = Tab(client).open(NEW + query)
        page.press(NEW + query, **fields(Group.DOCTORS))
        row = Errand.objects.latest("given_at", "pk")
        assert (row.patient_id, row.source, row.to_group) == (kari.pk, source, "doctor")
    assert f"{NEW}?time={visit.pk}" in client.get(reverse("workspace:visit", args=[visit.pk])).content.decode()


def test_who_has_no_contact_with_her_says_why_first(office: Office, mona: Actor) -> None:
    per = office.patient("Per Testvik")
    response = logged_in(mona).get(f"{NEW}?pasient={per.pk}")
    assert response.url.startswith(reverse("workspace:purpose", args=[per.pk]))  # type: ignore[attr-defined]


def test_done_is_taken_back_by_z_and_later_from_the_list(mona: Actor, kari: Person) -> None:
    row, tab = errand(mona, kari, now=NOW), Tab(logged_in(mona)).open(LIST)
    assert "Kari Testdal" in tab.html
    tab.press(reverse("workspace:errand-done", args=[row.pk]), til=LIST)
    assert "Oppgaven er gjort." in tab.html
    tab.press(f"{reverse('workspace:undo')}?")
    assert "Angret. Oppgaven er åpen igjen." in tab.html
    tab.open(LIST).press(reverse("workspace:errand-done", args=[row.pk]), til="https://ond.example/")
    assert tab.path == LIST
    tab.open(f"{LIST}?vis=gjort").press(reverse("workspace:errand-reopen", args=[row.pk]))
    row.refresh_from_db()
    assert row.done_at is None


def test_what_a_colleague_has_changed_is_not_taken_back(office: Office, mona: Actor, kari: Person) -> None:
    row, tab = errand(mona, kari, now=NOW), Tab(logged_in(mona)).open(LIST)
    tab.press(reverse("workspace:errand-done", args=[row.pk]), til=LIST)
    other = office.staff(name="Siri Berge")
    services.reopen(actor=other, errand_id=row.pk, now=NOW)
    tab.press(f"{reverse('workspace:undo')}?")
    assert "Oppgaven er åpen." in tab.html


def test_it_is_given_to_another_and_another_date(office: Office, mona: Actor) -> None:
    row = errand(mona, now=NOW)
    address = reverse("workspace:errand", args=[row.pk])
    tab = Tab(logged_in(mona)).open(address)
    tab.press(address, whom="manager", due_date="24.12.2026")
    row.refresh_from_db()
    assert (row.to_group, row.to_employee_id, str(row.due_date)) == ("manager", None, "2026-12-24")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text": ""}, "Skriv hva som skal gjøres."),
        ({"due_date": "01.01.2020"}, "Datoen har vært."),
        ({"whom": "manager"}, "Velg"),
    ],
)
def test_bad_input_is_told_and_what_was_typed_stays(
    wrong: dict[str, Any], words: str, mona: Actor, kari: Person
) -> None:
    address = f"{NEW}?pasient={kari.pk}"
    tab = Tab(logged_in(mona)).open(address)
    tab.press(address, **(fields(mona.employee_id) | wrong))
    assert words in tab.html or "whom" in wrong
    assert TEXT in tab.html or "text" in wrong
    assert not Errand.objects.exists()


def test_a_stranger_finds_neither_the_patient_nor_the_errand(
    stranger: Client, mona: Actor, kari: Person, now: datetime
) -> None:
    row = errand(mona, kari, to=To(mona.employee_id), now=now)
    assert stranger.get(f"{NEW}?pasient={kari.pk}").status_code == 404
    assert stranger.get(reverse("workspace:errand", args=[row.pk])).status_code == 404
    for act in ("errand", "errand-done", "errand-reopen"):
        answer = stranger.post(reverse(f"workspace:{act}", args=[row.pk]), {"mark": queries.mark_of(row)})
        assert answer.status_code == 404
    assert TEXT not in stranger.get(f"{LIST}?vis=kontorets").content.decode()


def test_the_manager_writes_about_nothing_and_never_about_a_patient(manager: Client, kari: Person) -> None:
    assert manager.get(NEW).status_code == 200
    assert manager.get(f"{NEW}?pasient={kari.pk}").status_code == 404
