"""The office's own topics and questions."""

from typing import Any

import pytest

from legedialog.access.actor import Role
from legedialog.core.errors import Denied, NotFound
from legedialog.dialogues import conversations, doors, intake, services
from legedialog.dialogues.models import Kind as K
from legedialog.dialogues.tests.factories import (
    NOW,
    TODAY,
    citizen,
    office,
    secretary,
    sent,
)
from legedialog.patients.models import Membership

pytestmark = pytest.mark.django_db


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
    answers = conversations.conversation(citizen(kari), dialogue.pk).messages[0].answers
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
    assert doors.door(kari.pk, K.ECONSULTATION, NOW) is None
