"""Jeg er kommet: when, by whom, with which code, and what the office sees."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.test import Client

from legedialog.access.actor import Role
from legedialog.appointments import arrival, office, services
from legedialog.appointments.models import Appointment, ArrivalCode, Channel, Status
from legedialog.appointments.services.arrivals import check_in, draw_code, remove_code, take_back_check_in
from legedialog.appointments.tests.browsing import Clock, browser_of, text
from legedialog.appointments.tests.factories import TOMORROW, Office, citizen, person
from legedialog.appointments.tests.reading import office_days
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.times import at_local
from legedialog.patients.models import Person

EIGHT = at_local(TOMORROW, time(8))
HALF_AN_HOUR = timedelta(minutes=30)
pytestmark = pytest.mark.django_db


def refused(code: str) -> AbstractContextManager[object]:
    return pytest.raises(Refused, match=code)


def page_of(appointment: Appointment) -> str:
    return f"/timeavtaler/{appointment.pk}/"


def test_she_says_that_she_is_here_and_the_office_sees_when(gp: Office, kari: Person) -> None:
    booked, mona = gp.booked(kari), gp.staff()
    at = EIGHT - timedelta(minutes=5)
    check_in(actor=citizen(kari), appointment_id=booked.pk, now=at)
    seen = office.visit(mona, booked.pk, at)
    assert (seen.status, seen.arrived_at, seen.arrived_online) == (Status.ARRIVED, at, True)
    (row,) = office_days(mona, gp.practice.pk, TOMORROW, TOMORROW, at).claims
    assert (row.status, row.arrived_at) == ("arrived", at)
    event = Event.objects.get(action="appointment.arrived")
    assert (event.patient_id, event.person_id) == (kari.pk, kari.pk)


def test_what_reception_has_pressed_is_the_same_state_and_is_receptions_to_take_back(gp: Office, kari: Person) -> None:
    booked = gp.booked(kari)
    services.arrive(actor=gp.staff(), appointment_id=booked.pk, now=EIGHT)
    check_in(actor=citizen(kari), appointment_id=booked.pk, now=EIGHT + timedelta(minutes=1))  # said twice
    booked.refresh_from_db()
    assert (booked.arrived_at, booked.arrived_online) == (EIGHT, False)
    with refused("cannot-change"):
        take_back_check_in(actor=citizen(kari), appointment_id=booked.pk, now=EIGHT)


def test_she_takes_back_what_she_said_and_may_say_it_again(gp: Office, kari: Person) -> None:
    booked, hers = gp.booked(kari), citizen(kari)
    check_in(actor=hers, appointment_id=booked.pk, now=EIGHT)
    taken_back = take_back_check_in(actor=hers, appointment_id=booked.pk, now=EIGHT)
    assert (taken_back.status, taken_back.arrived_at, taken_back.arrived_online) == (Status.BOOKED, None, False)
    again = check_in(actor=hers, appointment_id=booked.pk, now=EIGHT + timedelta(minutes=2))
    assert again.arrived_at == EIGHT + timedelta(minutes=2)


def test_it_opens_half_an_hour_before_and_closes_when_the_visit_is_over(gp: Office, kari: Person) -> None:
    booked, hers = gp.booked(kari), citizen(kari)
    with refused("not-yet-here"):
        check_in(actor=hers, appointment_id=booked.pk, now=EIGHT - HALF_AN_HOUR - timedelta(seconds=1))
    with refused("arrival-is-over"):
        check_in(actor=hers, appointment_id=booked.pk, now=booked.ends_at)
    assert check_in(actor=hers, appointment_id=booked.pk, now=EIGHT - HALF_AN_HOUR).status == Status.ARRIVED


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.VIDEO])
def test_who_is_not_to_come_cannot_have_come(gp: Office, kari: Person, channel: str) -> None:
    booked = gp.booked(kari)
    Appointment.objects.update(channel=channel)
    with refused("cannot-change"):
        check_in(actor=citizen(kari), appointment_id=booked.pk, now=EIGHT)


def test_a_stranger_finds_nothing_and_who_may_only_look_is_denied(gp: Office, kari: Person) -> None:
    booked = gp.booked(kari)
    for stranger in (citizen(person("Per Testvik")), gp.staff()):
        for act in (check_in, take_back_check_in):
            with pytest.raises(NotFound):
                act(actor=stranger, appointment_id=booked.pk, now=EIGHT)
    looks = replace(citizen(kari), areas=frozenset({"appointments"}))
    with pytest.raises(Denied):
        check_in(actor=looks, appointment_id=booked.pk, now=EIGHT)


def test_where_a_code_hangs_it_is_asked_for_until_the_manager_asks_for_none(gp: Office, kari: Person) -> None:
    booked, hers, manager = gp.booked(kari), citizen(kari), gp.staff(Role.MANAGER)
    first = draw_code(actor=manager, practice_id=gp.practice.pk, now=EIGHT).code
    second = draw_code(actor=manager, practice_id=gp.practice.pk, now=EIGHT).code
    assert first != second
    for wrong in ("", first):
        with refused("not-the-code"):
            check_in(actor=hers, appointment_id=booked.pk, code=wrong, now=EIGHT)
    assert check_in(actor=hers, appointment_id=booked.pk, code=f" {second} ", now=EIGHT).status == Status.ARRIVED
    take_back_check_in(actor=hers, appointment_id=booked.pk, now=EIGHT)
    remove_code(actor=manager, practice_id=gp.practice.pk, now=EIGHT)
    assert check_in(actor=hers, appointment_id=booked.pk, now=EIGHT).status == Status.ARRIVED


def test_only_the_manager_of_the_office_draws_and_removes_the_code(gp: Office) -> None:
    for act in (draw_code, remove_code):
        with pytest.raises(Denied):
            act(actor=gp.staff(Role.DOCTOR), practice_id=gp.practice.pk, now=EIGHT)
        with pytest.raises(NotFound):
            act(actor=citizen(person()), practice_id=gp.practice.pk, now=EIGHT)


def test_a_code_that_was_changed_meanwhile_is_not_changed_unseen(gp: Office) -> None:
    manager = gp.staff(Role.MANAGER)
    draw_code(actor=manager, practice_id=gp.practice.pk, now=EIGHT)
    with refused("changed-since-seen"):
        remove_code(actor=manager, practice_id=gp.practice.pk, mark="of-no-code", now=EIGHT)
    assert arrival.wall_code(manager)


def test_her_page_says_from_when_then_has_the_button_and_then_says_that_it_is_known(
    gp: Office, kari: Person, browser: Client, clock: Clock
) -> None:
    booked = gp.booked(kari)
    assert "Fra kl." not in text(browser.get(page_of(booked)))  # the day before
    clock.now = EIGHT - timedelta(hours=1)
    assert "Fra kl. 07.30 kan du si fra her" in text(browser.get(page_of(booked)))
    clock.now = EIGHT - timedelta(minutes=10)
    assert "Er du kommet? Si fra" in text(browser.get("/hjem/"))
    assert "Jeg er kommet" in text(browser.get(page_of(booked)))
    answer = browser.post(f"{page_of(booked)}kommet/", follow=True)
    assert "Meldt som kommet kl. 07.50" in text(answer)
    assert "Registrert som kommet kl. 07.50" in text(browser.get("/hjem/"))
    answer = browser.post(f"{page_of(booked)}ikke-kommet/", follow=True)
    assert "ser at du ikke er kommet likevel" in text(answer)


def test_the_code_is_typed_on_her_page_and_tried_a_few_times_only(
    gp: Office, kari: Person, browser: Client, clock: Clock, settings: object
) -> None:
    booked = gp.booked(kari)
    code = draw_code(actor=gp.staff(Role.MANAGER), practice_id=gp.practice.pk, now=clock.now).code
    wrong = f"{(int(code) + 1) % 10000:04}"
    settings.ARRIVAL_CODE_TRIES = 2  # type: ignore[attr-defined]
    clock.now = EIGHT
    send = f"{page_of(booked)}kommet/"
    assert browser.post(send, {"code": ""}).status_code == 422
    answer = browser.post(send, {"code": wrong})
    assert answer.status_code == 422
    assert "Koden er ikke den som henger" in text(answer)
    assert browser.post(send, {"code": wrong}).status_code == 422
    answer = browser.post(send, {"code": code})
    assert answer.status_code == 429
    assert "Si fra i resepsjonen" in text(answer)
    booked.refresh_from_db()
    assert booked.status == Status.BOOKED
    clock.goes(minutes=11)
    assert "Meldt som kommet kl." in text(browser.post(send, {"code": code}, follow=True))


def test_a_strangers_browser_finds_no_page_to_come_to(gp: Office, kari: Person, clock: Clock) -> None:
    booked = gp.booked(kari)
    clock.now = EIGHT
    stranger = browser_of(gp.patient("Per Testvik"))
    for word in ("kommet", "ikke-kommet"):
        assert stranger.post(f"{page_of(booked)}{word}/").status_code == 404


def test_only_one_code_hangs_on_a_wall(gp: Office) -> None:
    manager = gp.staff(Role.MANAGER)
    for _ in range(2):
        draw_code(actor=manager, practice_id=gp.practice.pk, now=EIGHT)
    assert ArrivalCode.objects.count() == 1
