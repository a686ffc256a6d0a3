"""Who answers: given, claimed, moved, and while somebody is away."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from legedialog.access.actor import Role
from legedialog.core.errors import NotFound
from legedialog.core.sql import ask_for
from legedialog.dialogues import conversations, doors, rules, services
from legedialog.dialogues.models import Kind as K
from legedialog.dialogues.models import Message, Status
from legedialog.dialogues.tests.factories import (
    NOW,
    TEXT,
    TODAY,
    Office,
    citizen,
    office,
    secretary,
    sent,
)
from legedialog.dialogues.tests.people import LATER, clinician, colleague, doctor, employee, refused
from legedialog.outbox.models import Notification
from legedialog.practices.models import Absence, Clinician, ContractDoctor
from legedialog.practices.models import Offer as Offered

pytestmark = pytest.mark.django_db


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
    assert [row.text for row in conversations.comments_from(ask_for(conversations.comments(jonas, dialogue)))] == [
        "Hva mener du?"
    ]
    with pytest.raises(NotFound):
        conversations.comments(citizen(kari), dialogue)
    assert "Hva mener du?" not in str(conversations.conversation(citizen(kari), dialogue.pk))


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
        conversations.conversation(leif, dialogue.pk)
    friday = NOW + timedelta(days=4)
    assert (services.escalate(friday), services.escalate(friday)) == (1, 0)
    assert conversations.conversation(leif, dialogue.pk).row.id == dialogue.pk


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
    assert conversations.conversation(leif, dialogue.pk).row.doctor == "Leif Strand"
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
    assert [step.what for step in conversations.conversation(doctor(at), dialogue.pk).steps][-1] == "date-moved"
    absence.delete()
    services.follow_absences(now=LATER)
    dialogue.refresh_from_db()
    assert dialogue.due_date == date(2026, 11, 30)


def test_what_is_sent_during_an_absence_goes_to_the_substitute_at_once_and_she_is_told_before() -> None:
    at = office()
    leif = colleague(at, "Leif Strand", Role.SUBSTITUTE)
    away(at, TODAY, TODAY + timedelta(days=3), clinician(leif))
    kari = at.patient()
    door = doors.door(kari.pk, K.ECONSULTATION, NOW)
    assert door is not None
    assert (door.is_open, door.answerer_name, door.stands_in) == (True, "Leif Strand", True)
    assert sent(kari).answerer_id == leif.clinician_id


def test_without_a_substitute_the_door_is_closed_and_says_until_when_and_what_is_open() -> None:
    at = office()
    away(at, TODAY, TODAY + timedelta(days=3))
    door = doors.door(at.patient().pk, K.ECONSULTATION, NOW)
    assert door is not None
    assert (door.is_open, door.closed_until) == (False, TODAY + timedelta(days=4))
    assert {"contact", "book"} <= set(door.open_services)
    assert "econsultation" not in door.open_services


def test_a_doctor_who_takes_over_the_list_sees_what_was_written_to_the_one_before() -> None:
    at = office()
    dialogue = sent(at.patient())
    ada = colleague(at, "Ada Ny")
    with pytest.raises(NotFound):
        conversations.conversation(ada, dialogue.pk)
    ContractDoctor.objects.create(contract=at.contract, clinician=clinician(ada), starts_date=TODAY)
    assert conversations.conversation(ada, dialogue.pk).row.id == dialogue.pk
