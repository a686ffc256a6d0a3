"""What is told of a dialogue, and what an absence does to those that wait."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from legedialog.access.actor import Role
from legedialog.dialogues import services
from legedialog.dialogues.models import Dialogue, Kind
from legedialog.dialogues.tests.factories import NOW, TODAY, answered, citizen, office, secretary, sent
from legedialog.journeys import absences, telling
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice, Reason, Skip
from legedialog.practices.models import Clinician

pytestmark = pytest.mark.django_db
SECRETS = ("utslett", "hud", "krem", "Ingrid", "Kari")


def told() -> list[Notice | Skip]:
    return [telling.decide(row, NOW) for row in Notification.objects.order_by("sequence")]


def test_an_answer_is_told_without_content_and_the_office_must_tell_it_otherwise() -> None:
    at = office()
    answered(at, at.patient())
    [notice] = told()
    assert isinstance(notice, Notice)
    assert notice.text == "Du har fått svar fra legekontoret. Logg inn på Legedialog for å lese det."
    assert notice.office_tells
    assert not any(word in notice.text for word in SECRETS)


def test_an_answer_she_has_read_already_is_not_told() -> None:
    at = office()
    kari = at.patient()
    dialogue = answered(at, kari)
    services.read(actor=citizen(kari), dialogue_id=dialogue.pk, now=NOW)
    assert told() == [Skip(Reason.OVER)]


def test_two_answers_before_the_notice_goes_are_told_once() -> None:
    at = office()
    dialogue = answered(at, at.patient())
    services.answer(
        actor=at.staff(Role.DOCTOR),
        dialogue_id=dialogue.pk,
        key=uuid4(),
        text="Og en ting til.",
        problem_code="S87",
        now=NOW,
    )
    first, second = told()
    assert first == Skip(Reason.CHANGED)
    assert isinstance(second, Notice)


def test_a_message_that_the_office_begins_is_told() -> None:
    at = office()
    services.start(
        actor=secretary(at),
        patient_id=at.patient().pk,
        kind=Kind.CONTACT,
        key=uuid4(),
        subject="Timen din",
        text="Husk fastende prøver.",
        now=NOW,
    )
    [notice] = told()
    assert isinstance(notice, Notice)
    assert notice.text == "Du har fått en melding fra legekontoret. Logg inn på Legedialog for å lese den."


def test_a_move_to_the_doctor_is_told_while_it_waits_only() -> None:
    at = office()
    mona = secretary(at)
    dialogue = sent(at.patient(), kind=Kind.CONTACT)
    services.open_(actor=mona, dialogue_id=dialogue.pk, now=NOW)
    services.move(actor=mona, dialogue_id=dialogue.pk, kind=Kind.ECONSULTATION, now=NOW)
    [notice] = told()
    assert isinstance(notice, Notice)
    assert notice.text == "Noe er endret om meldingen din til legekontoret. Logg inn på Legedialog for å se hva."
    Dialogue.objects.update(status="answered", answered_at=NOW)
    assert told() == [Skip(Reason.OVER)]


def test_an_absence_moves_what_waits_at_once_and_its_end_moves_it_back() -> None:
    at = office()
    leif = at.staff(Role.SUBSTITUTE, Clinician.objects.create(name="Leif Strand", hpr_number="6999999"))
    dialogue, siri = sent(at.patient()), at.staff(Role.MANAGER)
    absence, moved = absences.report(
        actor=siri,
        practice_id=at.practice.pk,
        clinician_id=at.doctor.pk,
        first_date=TODAY,
        last_date=TODAY + timedelta(days=1),
        substitute_id=leif.clinician_id,
        note="",
        now=NOW,
    )
    dialogue.refresh_from_db()
    assert (moved, dialogue.answerer_id) == (1, leif.clinician_id)
    assert absences.end(actor=siri, absence_id=absence.pk, now=NOW) == 1
    dialogue.refresh_from_db()
    assert (dialogue.answerer_id, dialogue.due_date) == (at.doctor.pk, date(2026, 11, 30))
    first, second = told()
    assert first == Skip(Reason.CHANGED)
    assert isinstance(second, Notice)
