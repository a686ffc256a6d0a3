"""Answers, with and without times, and the last word."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from legedialog.attachments import services as attachments
from legedialog.attachments.models import Attachment
from legedialog.attachments.tests import files
from legedialog.core.errors import Denied, NotFound
from legedialog.core.sql import ask_for
from legedialog.dialogues import conversations, queries, services
from legedialog.dialogues.conversations import Offer
from legedialog.dialogues.models import Dialogue, Message, Status
from legedialog.dialogues.models import Kind as K
from legedialog.dialogues.tests.factories import (
    NOW,
    answered,
    citizen,
    draft,
    office,
    secretary,
    sent,
)
from legedialog.dialogues.tests.people import LATER, doctor, refused
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification

pytestmark = pytest.mark.django_db


def test_an_open_answer_lets_her_write_again_and_the_date_is_counted_anew() -> None:
    at = office()
    kari = at.patient()
    dialogue = answered(at, kari)
    assert (dialogue.status, dialogue.is_reply_open) == (Status.ANSWERED, True)
    key = uuid4()
    for _click in range(2):
        services.reply(actor=citizen(kari), dialogue_id=dialogue.pk, key=key, text="Takk. Og ansiktet?", now=LATER)
    dialogue.refresh_from_db()
    assert (dialogue.status, dialogue.opened_at, Message.objects.count()) == (Status.DELIVERED, None, 3)
    assert Notification.objects.get().event == "dialogue.answered"
    with refused("already-opened"):
        services.withdraw(actor=citizen(kari), dialogue_id=dialogue.pk, now=LATER)


def test_answer_and_close_is_the_last_word() -> None:
    at = office()
    kari = at.patient()
    dialogue = answered(at, kari, closes=True)
    assert (dialogue.status, dialogue.closed_from) == (Status.CLOSED, Status.ANSWERED)
    with refused("reply-closed"):
        services.reply(actor=citizen(kari), dialogue_id=dialogue.pk, key=uuid4(), text="Men …", now=LATER)


def test_an_answer_is_filed_with_the_problem_code_and_sent_twice_is_one() -> None:
    at = office()
    dialogue, key, ingrid = sent(at.patient()), uuid4(), doctor(at)
    for _click in range(2):
        services.answer(actor=ingrid, dialogue_id=dialogue.pk, key=key, text="Eksem.", problem_code="S87", now=LATER)
    assert Message.objects.filter(by_employee=ingrid.employee_id).count() == 1
    (entry,) = [each for each in Entry.objects.all() if each.problem_code == "S87"]
    assert (entry.text, entry.by_employee_id) == ("Eksem.", ingrid.employee_id)
    assert Entry.objects.count() == 2


@pytest.mark.parametrize("code", ["", "utslett", "S7", "Q12"])
def test_an_econsultation_is_not_answered_without_a_problem_code(code: str) -> None:
    at = office()
    dialogue = sent(at.patient())
    with refused("no-problem-code"):
        services.answer(
            actor=doctor(at), dialogue_id=dialogue.pk, key=uuid4(), text="Hei", problem_code=code, now=LATER
        )
    dialogue.refresh_from_db()
    assert (dialogue.status, Entry.objects.exists()) == (Status.DELIVERED, False)


def test_a_contact_gives_no_health_care_and_is_filed_without_a_problem_code() -> None:
    at = office()
    dialogue = sent(at.patient(), kind=K.CONTACT)
    services.answer(
        actor=secretary(at), dialogue_id=dialogue.pk, key=uuid4(), text="Hei", problem_code="S87", now=LATER
    )
    assert not any(each.problem_code for each in Entry.objects.all())


def test_what_she_takes_back_goes_with_its_files() -> None:
    at = office()
    kari = at.patient()
    begun = draft(kari)
    photo = attachments.receive(
        actor=citizen(kari), practice_id=at.practice.pk, patient_id=kari.pk, name="arm.jpg",
        file=BytesIO(files.jpeg()), now=NOW,
    )  # fmt: skip
    services.save_draft(actor=citizen(kari), patient_id=kari.pk, kind=begun.kind, attachment_ids=[photo.pk], now=NOW)
    dialogue = services.send(actor=citizen(kari), draft_id=begun.pk, now=NOW)
    assert [file.pk for file in conversations.conversation(citizen(kari), dialogue.pk).messages[0].files] == [photo.pk]
    services.withdraw(actor=citizen(kari), dialogue_id=dialogue.pk, now=LATER)
    assert not Attachment.objects.exists()


def test_an_answer_with_times_asks_her_to_book() -> None:
    at = office()
    kari = at.patient()
    dialogue = sent(kari)
    offer = Offer(at.calendar.pk, at.doctor.pk, at.visit_type.pk, "attendance", NOW + timedelta(days=1))
    services.answer(
        actor=doctor(at),
        dialogue_id=dialogue.pk,
        key=uuid4(),
        text="Jeg må se på det.",
        offered=[offer],
        problem_code="S87",
        now=LATER,
    )
    found = conversations.conversation(citizen(kari), dialogue.pk)
    assert (found.row.status, found.messages[1].offered) == (Status.NEEDS_APPOINTMENT, [offer])
    assert Entry.objects.filter(kind="decision").exists()
    assert [row.id for row in queries.rows_from(ask_for(queries.news(citizen(kari), kari.pk)))] == [dialogue.pk]


def test_times_that_are_over_or_too_many_are_refused() -> None:
    at = office()
    dialogue, ingrid = sent(at.patient()), doctor(at)
    past = Offer(at.calendar.pk, at.doctor.pk, at.visit_type.pk, "attendance", NOW)
    coming = replace(past, starts_at=NOW + timedelta(days=1))
    for offered in ([past], [coming] * 6):
        with refused("bad-times"):
            services.answer(
                actor=ingrid,
                dialogue_id=dialogue.pk,
                key=uuid4(),
                text="Velg.",
                offered=offered,
                problem_code="S87",
                now=NOW,
            )


def test_an_econsultation_is_not_closed_unanswered_not_even_by_the_database() -> None:
    at = office()
    dialogue = sent(at.patient())
    with refused("unanswered"):
        services.close(actor=doctor(at), dialogue_id=dialogue.pk, now=LATER)
    with pytest.raises(IntegrityError, match="never_closed_unanswered"), transaction.atomic():
        Dialogue.objects.filter(pk=dialogue.pk).update(status="closed", closed_at=NOW, closed_from="opened")


def test_a_contact_may_be_closed_unanswered_and_the_closing_taken_back() -> None:
    at = office()
    dialogue, mona = sent(at.patient(), kind=K.CONTACT), secretary(at)
    services.close(actor=mona, dialogue_id=dialogue.pk, now=LATER)
    services.close(actor=mona, dialogue_id=dialogue.pk, now=LATER)
    reopened = services.reopen(actor=mona, dialogue_id=dialogue.pk, now=LATER + timedelta(minutes=9))
    assert (reopened.status, reopened.closed_at, reopened.is_reply_open) == (Status.OPENED, None, True)
    services.close(actor=mona, dialogue_id=dialogue.pk, now=LATER)
    with refused("too-late-to-undo"):
        services.reopen(actor=mona, dialogue_id=dialogue.pk, now=LATER + timedelta(minutes=11))


def test_the_doctor_writes_first_and_she_answers() -> None:
    at = office()
    kari, ingrid, key = at.patient(), doctor(at), uuid4()
    for _click in range(2):
        dialogue = services.start(
            actor=ingrid,
            patient_id=kari.pk,
            kind=K.ECONSULTATION,
            key=key,
            subject="Prøvesvar",
            text="Alt er fint.",
            problem_code="S87",
            now=NOW,
        )
    assert Dialogue.objects.count() == 1
    assert Entry.objects.get().problem_code == "S87"
    assert Notification.objects.get().event == "dialogue.started"
    services.reply(actor=citizen(kari), dialogue_id=dialogue.pk, key=uuid4(), text="Takk!", now=LATER)
    dialogue.refresh_from_db()
    assert dialogue.status == Status.DELIVERED


def test_the_office_writes_only_to_its_own_and_reception_not_about_health() -> None:
    at = office()
    stranger = office("Dalen").patient("Per Testvik")
    given: dict[str, Any] = {"key": uuid4(), "subject": "Hei", "text": "Hei", "now": NOW}
    with refused("no-problem-code"):
        services.start(actor=doctor(at), patient_id=at.patient().pk, kind=K.ECONSULTATION, **given)
    with pytest.raises(NotFound):
        services.start(actor=doctor(at), patient_id=stranger.pk, kind=K.CONTACT, **given)
    with pytest.raises(Denied):
        services.start(actor=secretary(at), patient_id=at.patient().pk, kind=K.ECONSULTATION, **given)
