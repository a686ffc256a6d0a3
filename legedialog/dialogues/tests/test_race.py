"""Two at once: real threads, real connections, committed rows."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from legedialog.access.actor import Role
from legedialog.core.errors import Refused
from legedialog.dialogues import services
from legedialog.dialogues.models import Dialogue, Draft, Kind, Message, Status
from legedialog.dialogues.tests.factories import NOW, citizen, draft, office, secretary, sent

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def at_once(*tasks) -> list[str]:  # type: ignore[no-untyped-def]
    """Each in a thread of its own, started together; "ok" or the code of the refusal, in order."""
    barrier = Barrier(len(tasks))

    def work(task) -> str:  # type: ignore[no-untyped-def]
        barrier.wait()
        try:
            task()
            return "ok"
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(work, tasks))


def test_of_two_who_claim_one_gets_it() -> None:
    at = office()
    kari, mona, guro = at.patient(), secretary(at), secretary(at)
    for _round in range(ROUNDS):
        dialogue = sent(kari, kind=Kind.CONTACT)
        outcomes = at_once(
            *(partial(services.claim, actor=who, dialogue_id=dialogue.pk, now=NOW) for who in (mona, guro))
        )
        assert sorted(outcomes) == ["claimed", "ok"]


def test_an_answer_while_she_withdraws_is_one_of_the_two_and_never_both() -> None:
    at = office()
    kari, ingrid = at.patient(), at.staff(Role.DOCTOR)
    for _round in range(ROUNDS):
        dialogue = sent(kari)
        outcomes = at_once(
            partial(
                services.answer,
                actor=ingrid,
                dialogue_id=dialogue.pk,
                key=uuid4(),
                text="Bruk krem.",
                closes=True,
                problem_code="S87",
                now=NOW,
            ),
            partial(services.withdraw, actor=citizen(kari), dialogue_id=dialogue.pk, now=NOW),
        )
        dialogue.refresh_from_db()
        if dialogue.status == Status.WITHDRAWN:
            assert outcomes == ["cannot-move", "ok"]
            assert Message.objects.filter(dialogue=dialogue).count() == 1
        else:
            assert (dialogue.status, outcomes) == (Status.CLOSED, ["ok", "already-opened"])
            assert Message.objects.filter(dialogue=dialogue).count() == 2


def test_sent_many_times_at_once_it_is_one() -> None:
    at = office()
    kari = at.patient()
    written = draft(kari)
    send = lambda: services.send(actor=citizen(kari), draft_id=written.pk, now=NOW)  # noqa: E731
    assert at_once(*[send] * 8) == ["ok"] * 8
    assert (Dialogue.objects.count(), Message.objects.count(), Draft.objects.count()) == (1, 1, 0)


def test_two_who_answer_at_once_write_one_after_the_other() -> None:
    at = office()
    kari, mona, guro = at.patient(), secretary(at), secretary(at)
    dialogue = sent(kari, kind=Kind.CONTACT)
    outcomes = at_once(
        *(
            lambda who=who: services.answer(
                actor=who, dialogue_id=dialogue.pk, key=uuid4(), text="Hei", closes=True, now=NOW
            )
            for who in (mona, guro)
        )
    )
    assert sorted(outcomes) == ["cannot-move", "ok"]
    assert Message.objects.filter(dialogue=dialogue).count() == 2


def test_the_same_answer_clicked_twice_is_one() -> None:
    at = office()
    mona, key = secretary(at), uuid4()
    dialogue = sent(at.patient(), kind=Kind.CONTACT)
    answer = lambda: services.answer(actor=mona, dialogue_id=dialogue.pk, key=key, text="Hei", now=NOW)  # noqa: E731
    assert at_once(answer, answer) == ["ok", "ok"]
    assert Message.objects.filter(dialogue=dialogue).count() == 2
