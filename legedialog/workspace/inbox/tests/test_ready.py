"""An answer that begins with a template, by one press."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.appointments.tests.factories import Office
from legedialog.dialogues.models import Dialogue, Kind, Message
from legedialog.dialogues.tests import factories


def url(view: str, dialogue: Dialogue, query: str = "") -> str:
    return reverse(f"workspace:{view}", args=[dialogue.pk]) + query


@pytest.fixture
def contact(office: Office) -> Dialogue:
    return factories.sent(office.patient("Per Testvik"), kind=Kind.CONTACT, text="Jeg trenger en attest.")


def test_an_answer_begins_with_a_ready_one_by_one_press_and_nothing_is_sent(
    contact: Dialogue, secretary: Client
) -> None:
    page = secretary.get(url("dialogue", contact)).content.decode()
    assert "Svar med mal:" in page
    begun = secretary.post(url("dialogue-answer", contact), {"do": "begin", "template": "0"}, follow=True)
    page = begun.content.decode()
    assert "Hei Per. Attesten er klar" in page
    assert "Svar med mal:" not in page
    assert Message.objects.filter(dialogue=contact).count() == 1
    other = secretary.get(url("dialogue", contact, "?mal=77")).content.decode()
    assert "Attesten er klar." not in other


def test_a_ready_answer_never_stands_in_place_of_what_she_had_written(contact: Dialogue, secretary: Client) -> None:
    answer = url("dialogue-answer", contact)
    secretary.post(answer, {"do": "begin"})
    sent = {"do": "answer", "key": str(uuid4()), "text": "Mine egne ord.", "language": "nb"}
    secretary.post(answer, sent | {"mark": factories.mark(contact)})
    secretary.post(reverse("workspace:undo"))
    page = secretary.get(url("dialogue", contact, "?mal=0")).content.decode()
    assert "Mine egne ord." in page
    assert "Hei Per." not in page


def test_another_office_begins_no_answer(contact: Dialogue, stranger: Client) -> None:
    answer = stranger.post(url("dialogue-answer", contact), {"do": "begin", "template": "0"})
    assert answer.status_code == 404
    contact.refresh_from_db()
    assert contact.claimed_by_id is None
