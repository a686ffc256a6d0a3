"""Two browsers at once, through HTTP: real threads, real connections, committed rows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Actor, Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests import factories
from legedialog.audit.models import Event
from legedialog.dialogues.models import Dialogue, Kind, Message, Status
from legedialog.dialogues.tests.factories import citizen, mark, sent

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def post(client: Client, url: str, data: dict[str, str]) -> Callable[[], HttpResponse]:
    return lambda: client.post(url, data)  # type: ignore[return-value]


def at_once(*tasks: Callable[[], HttpResponse]) -> list[HttpResponse]:
    """Each in a thread of its own, started together; the answers in the order of the tasks."""
    barrier = Barrier(len(tasks))

    def work(task: Callable[[], HttpResponse]) -> HttpResponse:
        barrier.wait()
        try:
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(work, tasks))


def answering(dialogue: Dialogue) -> str:
    return reverse("workspace:dialogue-answer", args=[dialogue.pk])


def test_of_two_who_press_answer_one_begins_and_the_other_is_told_who(now: datetime) -> None:
    at = factories.office()
    kari, staff = at.patient(), [at.staff(Role.SECRETARY), at.staff(Role.DOCTOR)]
    clients = [logged_in(each) for each in staff]
    for _round in range(ROUNDS):
        dialogue = sent(kari, kind=Kind.CONTACT)
        answers = at_once(*(post(client, answering(dialogue), {"do": "begin"}) for client in clients))
        assert sorted(each.status_code for each in answers) == [302, 409]
        dialogue.refresh_from_db()
        winner = next(who for who, answer in zip(staff, answers, strict=True) if answer.status_code == 302)
        assert dialogue.claimed_by_id == winner.employee_id
        loser = next(each for each in answers if each.status_code == 409)
        assert dialogue.claimed_by
        assert f"{dialogue.claimed_by.name} svarer nå" in loser.content.decode()


@pytest.mark.parametrize("do", ["answer", "close"])
def test_an_answer_while_she_withdraws_is_one_of_the_two_on_both_screens(do: str, now: datetime) -> None:
    at = factories.office()
    kari = at.patient()
    hers, his = logged_in(citizen(kari)), logged_in(at.staff(Role.DOCTOR))
    for _round in range(ROUNDS):
        dialogue = sent(kari)
        form = {"do": do, "key": str(uuid4()), "text": "Bruk krem.", "problem": "S87", "language": "nb"}
        form["mark"] = mark(dialogue)
        answered, withdrawn = at_once(
            post(his, answering(dialogue), form), post(hers, reverse("dialogues:withdraw", args=[dialogue.pk]), {})
        )
        dialogue.refresh_from_db()
        written = Message.objects.filter(dialogue=dialogue).order_by("number")
        statuses = (answered.status_code, withdrawn.status_code)
        if dialogue.status == Status.WITHDRAWN:
            assert statuses == (409, 302)
            assert [each.text for each in written] == [""]
            assert "Bruk krem." in answered.content.decode()  # what was typed stays
        else:
            assert statuses == (302, 409)
            assert [each.text for each in written][1:] == ["Bruk krem."]
            assert "Kontoret har åpnet meldingen" in withdrawn.content.decode()
        steps = set(dialogue.steps.values_list("what", flat=True))
        assert ("withdrawn" in steps) != ("answered" in steps)


def test_the_same_answer_sent_twice_by_a_shaky_network_is_one(now: datetime) -> None:
    at = factories.office()
    actor: Actor = at.staff(Role.SECRETARY)
    clients = [logged_in(actor) for _again in range(3)]
    dialogue = sent(at.patient(), kind=Kind.CONTACT)
    form = {"do": "answer", "key": str(uuid4()), "text": "Den kommer.", "language": "nb"}
    form["mark"] = mark(dialogue)
    answers = at_once(*(post(client, answering(dialogue), form) for client in clients))
    assert [each.status_code for each in answers] == [302] * 3
    assert Message.objects.filter(dialogue=dialogue).count() == 2
    assert Event.objects.filter(action="dialogue.answered", object_id=dialogue.pk).count() == 1
