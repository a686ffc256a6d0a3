"""Writing, sending and taking back."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from legedialog.access.actor import system
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core.errors import NotFound
from legedialog.dialogues import drafts, rules, services
from legedialog.dialogues.models import Dialogue, Draft, Intake, Message, Status, Step
from legedialog.dialogues.models import Kind as K
from legedialog.dialogues.tests.factories import (
    CALM,
    NOW,
    TEXT,
    citizen,
    draft,
    office,
    sent,
)
from legedialog.dialogues.tests.people import LATER, doctor, refused
from legedialog.journal.models import Entry
from legedialog.practices.models import Offer as Offered

pytestmark = pytest.mark.django_db


# ---- sending


def test_a_citizen_sends_and_it_leaves_its_traces() -> None:
    at = office()
    kari = at.patient()
    dialogue = sent(kari)
    dialogue.refresh_from_db()
    assert (dialogue.status, dialogue.kind, dialogue.answerer_id) == (Status.DELIVERED, K.ECONSULTATION, at.doctor.pk)
    assert dialogue.due_date == date(2026, 11, 30)
    message = Message.objects.get(dialogue=dialogue)
    assert (message.text, message.by_person_id, message.read_at) == (TEXT, kari.pk, None)
    assert not Draft.objects.exists()
    assert list(Step.objects.values_list("what", flat=True).order_by("pk")) == ["sent", "delivered"]
    assert Event.objects.filter(object_id=dialogue.pk, action="dialogue.sent", patient_id=kari.pk).exists()
    assert not Entry.objects.exists()  # nobody has read it


def test_a_contact_goes_to_reception_and_needs_no_questions() -> None:
    at = office()
    dialogue = sent(at.patient(), kind=K.CONTACT)
    assert (dialogue.kind, dialogue.answerer_id, dialogue.subject) == (
        K.CONTACT,
        None,
        "Bestille attest eller erklæring",
    )


def test_the_same_draft_sent_again_gives_the_same_dialogue() -> None:
    at = office()
    kari = at.patient()
    written = draft(kari)
    first = services.send(actor=citizen(kari), draft_id=written.pk, now=NOW)
    again = services.send(actor=citizen(kari), draft_id=written.pk, now=LATER)
    assert (first.pk, Dialogue.objects.count(), Message.objects.count()) == (again.pk, 1, 1)


def test_another_persons_draft_is_not_found() -> None:
    at = office()
    written = draft(at.patient())
    with pytest.raises(NotFound):
        services.send(actor=citizen(at.patient("Per Testvik")), draft_id=written.pk, now=NOW)


def test_the_words_are_sealed_in_the_database() -> None:
    from django.db import connection

    at = office()
    sent(at.patient())
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, answers FROM dialogues_message")
        text, answers = cursor.fetchone()
        cursor.execute("SELECT subject, topic_code FROM dialogues_dialogue")
        subject, topic = cursor.fetchone()
    assert not any(b"utslett" in bytes(each) or b"snakket" in bytes(each) for each in (text, answers, subject, topic))


@pytest.mark.parametrize(
    ("answers", "text", "topic", "code"),
    [
        ({"urgent": "life", "since": "days"}, TEXT, "follow-up", "red-flag"),
        ({"urgent": "none"}, TEXT, "follow-up", "incomplete"),
        (CALM, "  ", "follow-up", "incomplete"),
        (CALM, "x" * (rules.TEXT_LENGTH + 1), "follow-up", "incomplete"),
        (CALM, TEXT, "nonsense", "incomplete"),
        (CALM, TEXT, "renew", "incomplete"),  # leads to another service
    ],
)
def test_what_is_urgent_or_incomplete_is_not_sent_and_the_draft_stays(
    answers: dict[str, str], text: str, topic: str, code: str
) -> None:
    at = office()
    kari = at.patient()
    written = draft(kari, answers=answers, text=text, topic=topic)
    with refused(code):
        services.send(actor=citizen(kari), draft_id=written.pk, now=NOW)
    written.refresh_from_db()
    assert written.text == text
    assert not Dialogue.objects.exists()


def test_without_full_consent_nothing_is_begun_or_sent() -> None:
    at = office()
    kari = at.patient()
    written = draft(kari)
    Consent.objects.update(level=Level.BASIS)
    with refused("needs-full-access"):
        services.save_draft(actor=citizen(kari), patient_id=kari.pk, kind=K.CONTACT, text="Hei", now=NOW)
    with refused("needs-full-access"):
        services.send(actor=citizen(kari), draft_id=written.pk, now=NOW)


def test_a_service_that_closed_meanwhile_keeps_the_draft() -> None:
    at = office()
    kari = at.patient()
    written = draft(kari)
    Offered.objects.filter(service="econsultation").update(is_open=False)
    with refused("service-closed"):
        services.send(actor=citizen(kari), draft_id=written.pk, now=NOW)
    assert Draft.objects.filter(pk=written.pk).exists()


def test_a_full_queue_closes_the_doctors_door_but_not_the_offices() -> None:
    at = office()
    Intake.objects.create(practice=at.practice, max_open=1)
    sent(at.patient())
    per = at.patient("Per Testvik")
    with refused("queue-full"):
        sent(per)
    assert sent(per, kind=K.CONTACT).kind == K.CONTACT


def test_a_patient_has_at_most_ten_that_wait() -> None:
    at = office()
    kari = at.patient()
    for _number in range(rules.MAX_OPEN):
        sent(kari, kind=K.CONTACT)
    with refused("too-many-open"):
        sent(kari, kind=K.CONTACT)


def test_where_another_record_system_takes_it_in_it_is_delivered_when_that_tells() -> None:
    at = office()
    Intake.objects.create(practice=at.practice, is_external=True)
    dialogue = sent(at.patient())
    assert dialogue.status == Status.SENT
    told = services.deliver(actor=system(practice_id=at.practice.pk), dialogue_id=dialogue.pk, now=LATER)
    assert (told.status, told.delivered_at) == (Status.DELIVERED, LATER)


# ---- taking back


def test_what_nobody_has_read_is_withdrawn_and_its_words_are_gone() -> None:
    at = office()
    kari = at.patient()
    dialogue = sent(kari)
    services.withdraw(actor=citizen(kari), dialogue_id=dialogue.pk, now=LATER)
    services.withdraw(actor=citizen(kari), dialogue_id=dialogue.pk, now=LATER)  # a double click
    dialogue.refresh_from_db()
    message = Message.objects.get()
    assert (dialogue.status, message.text, message.answers) == (Status.WITHDRAWN, "", "")
    with refused("cannot-move"):
        services.answer(
            actor=doctor(at), dialogue_id=dialogue.pk, key=uuid4(), text="Hei", problem_code="S87", now=LATER
        )


def test_what_was_opened_is_not_withdrawn() -> None:
    at = office()
    kari = at.patient()
    dialogue = sent(kari)
    services.open_(actor=doctor(at), dialogue_id=dialogue.pk, now=NOW)
    with refused("already-opened"):
        services.withdraw(actor=citizen(kari), dialogue_id=dialogue.pk, now=LATER)


# ---- drafts


def test_a_draft_is_one_of_each_kind_and_is_gone_after_thirty_days() -> None:
    at = office()
    kari = at.patient()
    first, again = draft(kari), draft(kari, text="Noe annet")
    assert (first.pk, Draft.objects.count()) == (again.pk, 1)
    services.tidy(NOW + timedelta(days=29))
    assert drafts.of_kind(citizen(kari), kari.pk, K.ECONSULTATION, NOW + timedelta(days=29)) is not None
    assert drafts.of_kind(citizen(kari), kari.pk, K.ECONSULTATION, NOW + timedelta(days=30)) is None
    services.tidy(NOW + timedelta(days=30))
    assert not Draft.objects.exists()


def test_another_topic_asks_other_questions() -> None:
    at = office()
    kari = at.patient()
    draft(kari)
    changed = services.save_draft(
        actor=citizen(kari), patient_id=kari.pk, kind=K.ECONSULTATION, topic_code="rash", now=NOW
    )
    assert (changed.answers, changed.text) == ("", TEXT)


def test_a_draft_is_thrown_away_by_its_owner_only() -> None:
    at = office()
    kari = at.patient()
    written = draft(kari)
    with pytest.raises(NotFound):
        services.discard_draft(actor=citizen(at.patient("Per Testvik")), draft_id=written.pk, now=NOW)
    services.discard_draft(actor=citizen(kari), draft_id=written.pk, now=NOW)
    assert not Draft.objects.exists()
