from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor, Role, system
from legedialog.attachments import services as attachments
from legedialog.attachments.models import Attachment
from legedialog.attachments.tests import files
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.dialogues import intake, queries, rules, services
from legedialog.dialogues.models import Dialogue, Draft, Intake, Message, Status, Step
from legedialog.dialogues.models import Kind as K
from legedialog.dialogues.queries import Offer
from legedialog.dialogues.tests.factories import (
    CALM,
    NOW,
    TEXT,
    TODAY,
    Office,
    answered,
    citizen,
    draft,
    office,
    secretary,
    sent,
)
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.patients.models import Membership
from legedialog.patients.representation import Area, Ground, Restriction
from legedialog.practices.models import Absence, Clinician, ContractDoctor, Employee, Practice
from legedialog.practices.models import Offer as Offered

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def doctor(at: Office) -> Actor:
    return at.staff(Role.DOCTOR)


def colleague(at: Office, name: str = "Jonas Vik", role: Role = Role.DOCTOR) -> Actor:
    """Another doctor, without the list."""
    made = Clinician.objects.create(name=name, hpr_number=str(6_000_000 + Clinician.objects.count()))
    return at.staff(role, made)


def employee(actor: Actor) -> Employee:
    assert actor.employee_id
    return Employee.objects.get(pk=actor.employee_id)


def clinician(actor: Actor) -> Clinician:
    assert actor.clinician_id
    return Clinician.objects.get(pk=actor.clinician_id)


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


# ---- acting for others


def test_a_parent_writes_for_a_child_into_the_childs_matters_and_it_says_so() -> None:
    at = office()
    kari, ola = at.patient(), at.patient("Ola Testdal")
    actor = replace(
        citizen(kari), acting_for_id=ola.pk, patients=frozenset({ola.pk}), areas=frozenset(Area), ground="FO"
    )
    written = draft(kari, actor=actor, patient=ola)
    dialogue = services.send(actor=actor, draft_id=written.pk, now=NOW)
    services.open_(actor=doctor(at), dialogue_id=dialogue.pk, now=LATER)
    message = Message.objects.get()
    entry = Entry.objects.get()
    assert (dialogue.patient_id, message.by_person_id, message.ground) == (ola.pk, kari.pk, "FO")
    assert (entry.patient_id, entry.by_person_id, entry.ground) == (ola.pk, kari.pk, "FO")
    with pytest.raises(NotFound):
        queries.conversation(citizen(kari), dialogue.pk)  # as herself it is not hers


def test_who_may_not_write_for_another_is_denied() -> None:
    at = office()
    kari, ola = at.patient(), at.patient("Ola Testdal")
    areas = frozenset(Area) - {Area.MESSAGES}
    actor = replace(citizen(kari), acting_for_id=ola.pk, patients=frozenset({ola.pk}), areas=areas, ground="FO")
    with pytest.raises(Denied):
        services.save_draft(actor=actor, patient_id=ola.pk, kind=K.CONTACT, text="Hei", now=NOW)


def test_a_youth_alone_sees_what_the_office_wrote_but_not_what_a_parent_did() -> None:
    at = office()
    kari, emil = at.patient(), at.patient("Emil Testhaug")
    areas = frozenset({Area.GP, Area.APPOINTMENTS, Area.INBOX, Area.PRESCRIPTIONS})
    parent = replace(
        citizen(kari), acting_for_id=emil.pk, patients=frozenset({emil.pk}), areas=frozenset(Area), ground="FO"
    )
    services.send(actor=parent, draft_id=draft(kari, actor=parent, patient=emil).pk, now=NOW)
    started = services.start(
        actor=doctor(at), patient_id=emil.pk, kind=K.CONTACT, key=uuid4(), subject="Time", text="Hei", now=NOW
    )
    youth = replace(citizen(emil), areas=areas, ground=Ground.YOUTH.value)
    assert [row.id for row in queries.mine(youth, emil.pk)] == [started.pk]
    services.restrict(actor=youth, dialogue_id=started.pk, restriction=Restriction.FROM_PARENTS, now=NOW)
    assert started.pk not in {row.id for row in queries.mine(parent, emil.pk)}
    for actor, restriction in ((youth, Restriction.FROM_YOUTH), (at.staff(), Restriction.NORMAL)):
        with pytest.raises(Denied):
            services.restrict(actor=actor, dialogue_id=started.pk, restriction=restriction, now=NOW)
    with pytest.raises(NotFound):  # from whom it is hidden, she cannot show it again
        services.restrict(actor=parent, dialogue_id=started.pk, restriction=Restriction.NORMAL, now=NOW)
    for _twice in range(2):
        services.restrict(actor=doctor(at), dialogue_id=started.pk, restriction=Restriction.FROM_YOUTH, now=NOW)
    assert queries.mine(youth, emil.pk) == []
    assert Event.objects.filter(action="dialogue.hidden", object_id=started.pk).count() == 2


# ---- reading


def test_the_first_reader_at_the_office_opens_it_and_files_it_and_every_read_is_logged() -> None:
    at = office()
    dialogue = sent(at.patient())
    for _number in range(2):
        services.open_(actor=doctor(at), dialogue_id=dialogue.pk, now=LATER)
    dialogue.refresh_from_db()
    entry = Entry.objects.get()
    assert (dialogue.status, dialogue.opened_at, entry.contact_type) == (Status.OPENED, LATER, "econsultation")
    assert TEXT in entry.text
    assert "Hvor lenge har det vart? Noen uker" in entry.text
    assert Event.objects.filter(action="dialogue.read", object_id=dialogue.pk).count() == 2
    assert Event.objects.filter(action="dialogue.opened").count() == 1


@pytest.mark.parametrize(
    ("who", "econsultation", "contact"),
    [
        ("the patient's doctor", "reads", "reads"),
        ("another doctor", "not found", "reads"),
        ("the one it is given to", "reads", "reads"),
        ("the secretary", "not found", "reads"),
        ("the manager", "denied", "denied"),
        ("a substitute who does not stand in", "not found", "reads"),
        ("another office", "not found", "not found"),
        ("another patient", "not found", "not found"),
    ],
)
def test_who_reads_what(who: str, econsultation: str, contact: str) -> None:
    at = office()
    kari = at.patient()
    actors = {
        "the patient's doctor": doctor(at),
        "another doctor": colleague(at),
        "the one it is given to": colleague(at, "Leif Strand"),
        "the secretary": secretary(at),
        "the manager": at.staff(Role.MANAGER),
        "a substitute who does not stand in": colleague(at, "Vikar Test", Role.SUBSTITUTE),
        "another office": office("Dalen").staff(Role.SECRETARY),
        "another patient": citizen(at.patient("Per Testvik")),
    }
    found = {}
    for kind in (K.ECONSULTATION, K.CONTACT):
        dialogue = sent(kari, kind=kind)
        Dialogue.objects.filter(pk=dialogue.pk).update(assigned_to=actors["the one it is given to"].employee_id)
        try:
            queries.conversation(actors[who], dialogue.pk)
            found[kind] = "reads"
        except NotFound:
            found[kind] = "not found"
        except Denied:
            found[kind] = "denied"
    assert found == {K.ECONSULTATION: econsultation, K.CONTACT: contact}


def test_reception_reads_econsultations_only_where_the_office_says_so() -> None:
    at = office()
    Practice.objects.filter(pk=at.practice.pk).update(secretary_reads=True)
    dialogue = sent(at.patient())
    mona = secretary(at)
    assert queries.conversation(mona, dialogue.pk).row.id == dialogue.pk
    with pytest.raises(Denied):
        services.answer(actor=mona, dialogue_id=dialogue.pk, key=uuid4(), text="Hei", now=NOW)


def test_what_the_office_wrote_is_unread_until_she_reads_it() -> None:
    at = office()
    kari = at.patient()
    dialogue = answered(at, kari)
    assert [row.id for row in queries.news(citizen(kari), kari.pk)] == [dialogue.pk]
    services.read(actor=citizen(kari), dialogue_id=dialogue.pk, now=LATER)
    assert queries.news(citizen(kari), kari.pk) == []
    assert Message.objects.get(number=2).read_at == LATER


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


# ---- answering


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
    assert [file.pk for file in queries.conversation(citizen(kari), dialogue.pk).messages[0].files] == [photo.pk]
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
    found = queries.conversation(citizen(kari), dialogue.pk)
    assert (found.row.status, found.messages[1].offered) == (Status.NEEDS_APPOINTMENT, [offer])
    assert Entry.objects.filter(kind="decision").exists()
    assert [row.id for row in queries.news(citizen(kari), kari.pk)] == [dialogue.pk]


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


# ---- sorting


def test_a_claim_keeps_others_from_answering_until_it_ends() -> None:
    at = office()
    dialogue, mona, guro = sent(at.patient(), kind=K.CONTACT), secretary(at), secretary(at)
    services.claim(actor=mona, dialogue_id=dialogue.pk, now=NOW)
    with refused("claimed"):
        services.claim(actor=guro, dialogue_id=dialogue.pk, now=NOW)
    with refused("claimed"):
        services.answer(actor=guro, dialogue_id=dialogue.pk, key=uuid4(), text="Hei", now=NOW)
    services.release(actor=guro, dialogue_id=dialogue.pk, now=NOW)  # not hers: nothing happens
    with refused("claimed"):
        services.close(actor=guro, dialogue_id=dialogue.pk, now=NOW)
    services.answer(
        actor=guro, dialogue_id=dialogue.pk, key=uuid4(), text="Hei", now=NOW + rules.CLAIM_LASTS + timedelta(seconds=1)
    )


def test_a_claim_is_given_up() -> None:
    at = office()
    dialogue, mona = sent(at.patient(), kind=K.CONTACT), secretary(at)
    services.claim(actor=mona, dialogue_id=dialogue.pk, now=NOW)
    services.release(actor=mona, dialogue_id=dialogue.pk, now=NOW)
    services.claim(actor=secretary(at), dialogue_id=dialogue.pk, now=NOW)


def test_forwarding_asks_a_colleague_and_stays_with_the_doctor() -> None:
    at = office()
    kari = at.patient()
    dialogue, ingrid, jonas = sent(kari), doctor(at), colleague(at)
    services.forward(
        actor=ingrid, dialogue_id=dialogue.pk, employee_id=employee(jonas).pk, text="Hva mener du?", now=LATER
    )
    dialogue.refresh_from_db()
    assert (dialogue.assigned_to_id, dialogue.clinician_id) == (jonas.employee_id, at.doctor.pk)
    assert [row.text for row in queries.comments(jonas, dialogue)] == ["Hva mener du?"]
    with pytest.raises(NotFound):
        queries.comments(citizen(kari), dialogue)
    assert "Hva mener du?" not in str(queries.conversation(citizen(kari), dialogue.pk))


def test_an_econsultation_is_given_to_doctors_only() -> None:
    at = office()
    dialogue, siri, mona = sent(at.patient()), at.staff(Role.MANAGER), secretary(at)
    with refused("nobody-to-assign"):
        services.assign(actor=siri, dialogue_id=dialogue.pk, employee_id=mona.employee_id, now=NOW)
    services.assign(actor=siri, dialogue_id=dialogue.pk, employee_id=colleague(at).employee_id, now=NOW)


def test_reception_moves_a_clinical_question_to_the_doctor_and_she_is_told_and_may_withdraw() -> None:
    at = office()
    kari = at.patient()
    dialogue, mona = sent(kari, kind=K.CONTACT), secretary(at)
    services.open_(actor=mona, dialogue_id=dialogue.pk, now=NOW)
    moved = services.move(actor=mona, dialogue_id=dialogue.pk, kind=K.ECONSULTATION, now=LATER)
    assert (moved.kind, moved.answerer_id, moved.status) == (K.ECONSULTATION, at.doctor.pk, Status.DELIVERED)
    assert Notification.objects.get().event == "dialogue.moved"
    services.withdraw(actor=citizen(kari), dialogue_id=dialogue.pk, now=LATER)
    assert Message.objects.get().text == TEXT  # reception has read it, so it is in the record


def test_nothing_moves_to_a_doctor_who_takes_no_econsultations() -> None:
    at = office()
    dialogue, mona = sent(at.patient(), kind=K.CONTACT), secretary(at)
    services.open_(actor=mona, dialogue_id=dialogue.pk, now=NOW)
    Offered.objects.filter(service="econsultation").delete()
    with refused("service-closed"):
        services.move(actor=mona, dialogue_id=dialogue.pk, kind=K.ECONSULTATION, now=LATER)


def test_what_nears_its_date_is_shown_to_the_manager_and_substitutes_once() -> None:
    at = office()
    dialogue = sent(at.patient())
    leif = colleague(at, "Leif Strand", Role.SUBSTITUTE)
    assert services.escalate(NOW) == 0
    with pytest.raises(NotFound):
        queries.conversation(leif, dialogue.pk)
    friday = NOW + timedelta(days=4)
    assert (services.escalate(friday), services.escalate(friday)) == (1, 0)
    assert queries.conversation(leif, dialogue.pk).row.id == dialogue.pk


# ---- absence


def away(at: Office, first: date, last: date, stand_in: Clinician | None = None) -> Absence:
    return Absence.objects.create(
        practice=at.practice, clinician=at.doctor, first_date=first, last_date=last, substitute=stand_in
    )


def test_the_substitute_answers_while_the_doctor_is_away_and_she_when_she_is_back() -> None:
    at = office()
    dialogue = sent(at.patient())
    leif = colleague(at, "Leif Strand", Role.SUBSTITUTE)
    away(at, TODAY, TODAY + timedelta(days=1), clinician(leif))
    assert services.follow_absences(now=LATER) == 1
    assert services.follow_absences(now=LATER) == 0
    dialogue.refresh_from_db()
    assert (dialogue.answerer_id, dialogue.due_date) == (leif.clinician_id, date(2026, 11, 30))
    assert queries.conversation(leif, dialogue.pk).row.doctor == "Leif Strand"
    assert Notification.objects.get().event == "dialogue.rerouted"
    assert services.follow_absences(now=LATER + timedelta(days=2)) == 1
    dialogue.refresh_from_db()
    assert dialogue.answerer_id == at.doctor.pk


def test_without_a_substitute_the_date_moves_and_comes_back() -> None:
    at = office()
    dialogue = sent(at.patient())
    absence = away(at, date(2026, 11, 25), date(2026, 12, 1))
    services.follow_absences(now=LATER)
    dialogue.refresh_from_db()
    assert (dialogue.answerer_id, dialogue.due_date) == (at.doctor.pk, date(2026, 12, 7))
    assert [step.what for step in queries.conversation(doctor(at), dialogue.pk).steps][-1] == "date-moved"
    absence.delete()
    services.follow_absences(now=LATER)
    dialogue.refresh_from_db()
    assert dialogue.due_date == date(2026, 11, 30)


def test_what_is_sent_during_an_absence_goes_to_the_substitute_at_once_and_she_is_told_before() -> None:
    at = office()
    leif = colleague(at, "Leif Strand", Role.SUBSTITUTE)
    away(at, TODAY, TODAY + timedelta(days=3), clinician(leif))
    kari = at.patient()
    door = queries.door(kari.pk, K.ECONSULTATION, NOW)
    assert door is not None
    assert (door.is_open, door.answerer_name, door.stands_in) == (True, "Leif Strand", True)
    assert sent(kari).answerer_id == leif.clinician_id


def test_without_a_substitute_the_door_is_closed_and_says_until_when_and_what_is_open() -> None:
    at = office()
    away(at, TODAY, TODAY + timedelta(days=3))
    door = queries.door(at.patient().pk, K.ECONSULTATION, NOW)
    assert door is not None
    assert (door.is_open, door.closed_until) == (False, TODAY + timedelta(days=4))
    assert {"contact", "book"} <= set(door.open_services)
    assert "econsultation" not in door.open_services


def test_a_doctor_who_takes_over_the_list_sees_what_was_written_to_the_one_before() -> None:
    at = office()
    dialogue = sent(at.patient())
    ada = colleague(at, "Ada Ny")
    with pytest.raises(NotFound):
        queries.conversation(ada, dialogue.pk)
    ContractDoctor.objects.create(contract=at.contract, clinician=clinician(ada), starts_date=TODAY)
    assert queries.conversation(ada, dialogue.pk).row.id == dialogue.pk


# ---- drafts


def test_a_draft_is_one_of_each_kind_and_is_gone_after_thirty_days() -> None:
    at = office()
    kari = at.patient()
    first, again = draft(kari), draft(kari, text="Noe annet")
    assert (first.pk, Draft.objects.count()) == (again.pk, 1)
    services.tidy(NOW + timedelta(days=29))
    assert queries.draft(citizen(kari), kari.pk, K.ECONSULTATION, NOW + timedelta(days=29)) is not None
    assert queries.draft(citizen(kari), kari.pk, K.ECONSULTATION, NOW + timedelta(days=30)) is None
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


# ---- the citizen's list


def test_she_finds_her_own_by_words_that_are_sealed() -> None:
    at = office()
    kari = at.patient()
    rash, bill = sent(kari), sent(kari, kind=K.CONTACT, text="Jeg trenger en attest til skolen.")
    found = [row.id for row in queries.mine(citizen(kari), kari.pk, words="ATTEST skolen")]
    assert found == [bill.pk]
    assert [row.id for row in queries.mine(citizen(kari), kari.pk, words="utslett")] == [rash.pk]
    assert queries.mine(citizen(kari), kari.pk, words="bank") == []
    per = at.patient("Per Testvik")
    assert queries.mine(citizen(per), kari.pk) == []


@pytest.mark.parametrize("count", [1, 20])
def test_a_list_takes_one_query(count: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    at = office()
    kari = at.patient()
    for number in range(count):
        services.start(
            actor=doctor(at),
            patient_id=kari.pk,
            kind=K.CONTACT,
            key=uuid4(),
            subject=f"Nr. {number}",
            text="Hei",
            now=NOW,
        )
    with django_assert_num_queries(1):
        assert len(queries.mine(citizen(kari), kari.pk)) == count


# ---- setting up


def test_the_office_makes_its_own_topics_from_the_defaults() -> None:
    from legedialog.dialogues import topics

    at = office()
    siri = at.staff(Role.MANAGER)
    services.save_topic(
        actor=siri, practice_id=at.practice.pk, kind=K.CONTACT, code="parking", names={"nb": "Parkering"}, now=NOW
    )
    services.save_topic(
        actor=siri,
        practice_id=at.practice.pk,
        kind=K.CONTACT,
        code="bill",
        names={"nb": "Regning"},
        is_active=False,
        now=NOW,
    )
    codes = [row.code for row in topics.of_office(at.practice.pk, K.CONTACT)]
    assert "parking" in codes
    assert "bill" not in codes
    assert "certificate" in codes


def test_changed_questions_are_a_new_version_and_old_answers_keep_theirs() -> None:
    at = office()
    kari = at.patient()
    dialogue = sent(kari)
    question = intake.Question("1", "text", {"nb": "Hva skjedde?"})
    siri = at.staff(Role.MANAGER)
    given: dict[str, Any] = {"actor": siri, "practice_id": at.practice.pk, "topic_code": "follow-up", "now": NOW}
    assert services.save_questions(questions=[question], **given).version == 1
    assert services.save_questions(questions=[question], **given).version == 1
    assert services.save_questions(questions=[], **given).version == 2
    answers = queries.conversation(citizen(kari), dialogue.pk).messages[0].answers
    assert ("Hvor lenge har det vart?", "Noen uker") in answers


def test_only_the_manager_and_doctors_set_up() -> None:
    at = office()
    with pytest.raises(Denied):
        services.save_topic(
            actor=secretary(at), practice_id=at.practice.pk, kind=K.CONTACT, code="x", names={"nb": "X"}, now=NOW
        )
    with pytest.raises(NotFound):
        services.save_topic(
            actor=office("Dalen").staff(Role.MANAGER),
            practice_id=at.practice.pk,
            kind=K.CONTACT,
            code="x",
            names={"nb": "X"},
            now=NOW,
        )


def test_a_membership_that_ended_leaves_no_door() -> None:
    at = office()
    kari = at.patient()
    Membership.objects.update(ends_date=TODAY)
    assert queries.door(kari.pk, K.ECONSULTATION, NOW) is None
