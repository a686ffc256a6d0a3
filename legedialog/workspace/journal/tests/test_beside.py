"""The record and the medicines beside a message and the picture: folded, and read when they are opened."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import Office
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.dialogues.models import Dialogue
from legedialog.dialogues.tests.factories import sent
from legedialog.journal.models import ContactType
from legedialog.journal.services import write_note

READS = {"journal.read", "prescriptions.listed"}


@pytest.fixture
def question(office: Office, now: datetime) -> Dialogue:
    """Kari's to her doctor, whose note of her stands in the record."""
    kari = office.patient()
    write_note(
        actor=office.staff(Role.DOCTOR),
        patient_id=kari.pk,
        practice_id=office.practice.pk,
        key=new_id(),
        contact_type=ContactType.ATTENDANCE,
        text="Plan: kontroll om tre uker",
        problem_code="",
        now=now,
    )
    return sent(kari, now=now)


def opened(client: Client, name: str, target: str, dialogue: Dialogue) -> tuple[int, str]:
    url = reverse(f"workspace:{name}", args=[dialogue.patient_id])
    answer = client.get(url, headers={"HX-Request": "true", "HX-Target": target})
    return answer.status_code, answer.content.decode()


def test_a_message_shows_neither_and_nothing_is_logged_until_one_is_opened(question: Dialogue, doctor: Client) -> None:
    page = doctor.get(reverse("workspace:dialogue", args=[question.pk])).content.decode()
    assert 'id="record-beside"' in page
    assert "kontroll om tre uker" not in page
    assert not Event.objects.filter(action__in=READS).exists()

    status, part = opened(doctor, "journal", "record-beside", question)
    assert status == 200
    assert "kontroll om tre uker" in part
    assert "<html" not in part
    assert Event.objects.filter(action="journal.read", patient_id=question.patient_id).count() == 1

    status, part = opened(doctor, "medicine-list", "medicines-beside", question)
    assert status == 200
    assert "Ingen gyldige resepter." in part
    assert "<html" not in part
    assert Event.objects.filter(action="prescriptions.listed", patient_id=question.patient_id).count() == 1


def test_reception_sees_beside_it_what_it_sees_in_the_record(office: Office, question: Dialogue) -> None:
    mona = logged_in(office.staff(Role.SECRETARY))
    _status, part = opened(mona, "journal", "record-beside", question)
    whole = mona.get(reverse("workspace:journal", args=[question.patient_id])).content.decode()
    assert part.count('class="entry"') == whole.count('class="entry"')
    assert ("kontroll om tre uker" in part) == ("kontroll om tre uker" in whole)


@pytest.mark.parametrize(("name", "target"), [("journal", "record-beside"), ("medicine-list", "medicines-beside")])
def test_the_manager_and_another_office_open_neither(
    name: str, target: str, question: Dialogue, manager: Client, stranger: Client
) -> None:
    assert opened(manager, name, target, question)[0] == 403
    assert opened(stranger, name, target, question)[0] == 404
