"""Tidligere time hvis det blir ledig, as the citizen meets it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from legedialog.access.actor import Role
from legedialog.appointments import notices, services, waitlist
from legedialog.appointments.models import Appointment, TimeOffer, Wait
from legedialog.appointments.tests.browsing import Clock, browser_of, text
from legedialog.appointments.tests.factories import NOW, citizen
from legedialog.appointments.tests.waiting import EIGHT, Booked, frees, full_office, the_offer, waits
from legedialog.core.errors import Denied, NotFound
from legedialog.fees.models import Promise
from legedialog.patients.representation import Area, Ground, Restriction

pytestmark = pytest.mark.django_db
LIMITS = {"coarse_times": ["tuesday-am"], "notice_minutes": "120"}


@pytest.fixture
def full(clock: Clock) -> Booked:
    return full_office()


@pytest.fixture
def browser(full: Booked) -> Client:
    return browser_of(full.kari)


def page(full: Booked) -> str:
    return f"/timeavtaler/{full.hers.pk}/"


def test_she_asks_on_the_appointments_page_and_sees_it_there_and_on_hjem(full: Booked, browser: Client) -> None:
    assert "Sett deg på venteliste" in text(browser.get(page(full)))
    asked = browser.get(page(full) + "tidligere/")
    assert "Når passer det?" in text(asked)
    assert "Hos hvem?" not in text(asked)  # there is one doctor
    answer = browser.post(page(full) + "tidligere/", LIMITS, follow=True)
    assert "Du står på venteliste siden mandag 23. november" in text(answer)
    wait = Wait.objects.get()
    assert (wait.coarse_times, wait.notice_minutes, wait.with_anybody) == (["tuesday-am"], 120, False)
    for address in ("/hjem/", "/timeavtaler/"):
        assert "Tidligere time hvis det blir ledig" in text(browser.get(address))
    changed = browser.get(page(full) + "tidligere/")
    assert re.search(r'<input[^>]*value="tuesday-am"[^>]* checked', changed.content.decode())
    assert "Du sluttet å vente" not in text(browser.post(f"/timeavtaler/venteliste/{wait.pk}/slutt/", follow=True))
    wait.refresh_from_db()
    assert wait.status == "left"
    assert "Tidligere time hvis det blir ledig" not in text(browser.get("/hjem/"))


def test_an_offer_stands_first_until_it_is_answered(full: Booked, browser: Client, clock: Clock) -> None:
    waits(full.kari, full.hers)
    frees(full.taken[0])
    services.offer_freed(NOW)
    for address in ("/hjem/", "/timeavtaler/"):
        shown = text(browser.get(address))
        assert "Du kan få en tidligere time" in shown
        assert "Tirsdag 24. november kl. 08.00. Svar innen" in shown
    offer = the_offer()
    assert "i stedet for mandag 30. november kl. 08.00" in text(browser.get(page(full)))
    for address in (page(full), page(full) + "tidligere/"):
        assert "Vanlig egenandel. Prisen er ikke kjent for 2026. Det blir ikke dyrere av å flytte." in text(
            browser.get(address)
        )
        assert "kan du få et gebyr. Beløpet er ikke kjent." in text(browser.get(address))
    clock.goes(minutes=5)
    taken = browser.post(f"/timeavtaler/tilbud/{offer.pk}/ta/", follow=True)
    assert "Timen er flyttet til tirsdag 24. november kl. 08.00." in text(taken)
    full.hers.refresh_from_db()
    assert full.hers.starts_at == EIGHT


def test_no_thanks_keeps_her_time_and_her_place(full: Booked, browser: Client) -> None:
    waits(full.kari, full.hers)
    frees(full.taken[0])
    services.offer_freed(NOW)
    answer = browser.post(f"/timeavtaler/tilbud/{the_offer().pk}/takk-nei/", follow=True)
    assert "Du har takket nei, og står fortsatt på venteliste." in text(answer)
    assert TimeOffer.objects.get().status == "refused"


def test_too_late_she_reads_why_on_the_same_page(full: Booked, clock: Clock) -> None:
    waits(full.kari, full.hers)
    frees(full.taken[0])
    services.offer_freed(NOW)
    offer = the_offer()
    clock.goes(hours=2)
    browser = browser_of(full.kari)
    for verb in ("ta", "takk-nei"):
        answer = browser.post(f"/timeavtaler/tilbud/{offer.pk}/{verb}/")
        assert answer.status_code == 409
        assert "Tilbudet gjelder ikke lenger. Du har fortsatt den timen du hadde." in text(answer)
    assert "Du kan få en tidligere time" not in text(browser.get(page(full)))


def test_what_is_free_already_is_shown_before_she_waits(full: Booked, browser: Client) -> None:
    frees(full.taken[0])
    shown = browser.get(page(full) + "tidligere/")
    assert "Tidligere timer som er ledige nå Disse kan du flytte til med en gang." in text(shown)
    assert f"move={full.hers.pk}" in shown.content.decode()


def test_where_there_is_none_the_page_says_so(full: Booked, browser: Client) -> None:
    manager = full.at.staff(Role.MANAGER, name="Siri Berge")
    practice_id = full.at.practice.pk
    services.save_waitlist(actor=manager, practice_id=practice_id, is_open=False, answer_minutes=60, now=NOW)
    assert "Sett deg på venteliste" not in text(browser.get(page(full)))
    assert "Legekontoret har ikke venteliste nå." in text(browser.get(page(full) + "tidligere/"))
    assert browser.post(page(full) + "tidligere/", LIMITS).status_code == 409


def test_when_the_deadline_to_move_is_out_she_is_told_to_call(full: Booked, clock: Clock) -> None:
    clock.goes(days=6, hours=20)
    browser = browser_of(full.kari)
    assert "Denne timen kan du ikke flytte selv" in text(browser.get(page(full) + "tidligere/"))
    assert browser.post(page(full) + "tidligere/", LIMITS).status_code == 409


def test_a_parent_waits_and_answers_for_her_child(full: Booked) -> None:
    """As she books: what is offered a child is offered in the name of who asked."""
    eva = full.at.patient("Eva Testmo")
    acting = replace(
        citizen(eva),
        acting_for_id=full.kari.pk,
        patients=frozenset({full.kari.pk}),
        ground=Ground.PARENT,
        areas=frozenset(Area),
    )
    services.ask_for_earlier(
        actor=acting,
        appointment_id=full.hers.pk,
        coarse_times=[],
        with_anybody=False,
        notice_minutes=120,
        now=NOW,
    )
    frees(full.taken[0])
    services.offer_freed(NOW)
    offer = the_offer()
    assert notices.OFFER.asked_by(offer) == eva.pk
    assert services.accept_offer(actor=acting, offer_id=offer.pk, now=NOW).starts_at == EIGHT
    seen_only = replace(acting, areas=frozenset({Area.APPOINTMENTS}))
    with pytest.raises(Denied):
        services.refuse_offer(actor=seen_only, offer_id=offer.pk, now=NOW)


def test_what_is_hidden_from_the_parents_is_not_waited_for_by_them(full: Booked) -> None:
    wait = waits(full.kari, full.hers)
    Appointment.objects.filter(pk=full.hers.pk).update(restriction=Restriction.FROM_PARENTS)
    eva = full.at.patient("Eva Testmo")
    parent = replace(
        citizen(eva),
        acting_for_id=full.kari.pk,
        patients=frozenset({full.kari.pk}),
        ground=Ground.PARENT,
        areas=frozenset(Area),
    )
    with pytest.raises(NotFound):
        services.stop_waiting(actor=parent, wait_id=wait.pk, now=NOW)
    assert waitlist.beside(parent, full.kari.pk, full.hers.pk, full.at.practice.pk, NOW).waiting is None
    assert waitlist.beside(citizen(full.kari), full.kari.pk, full.hers.pk, full.at.practice.pk, NOW).waits


@pytest.mark.parametrize(("missed", "warns"), [(None, True), (0, False)])
def test_an_offer_says_on_each_page_that_it_may_cost_only_where_the_office_takes_a_fee(
    missed: int | None, warns: bool, full: Booked, browser: Client, clock: Clock
) -> None:
    waits(full.kari, full.hers)
    frees(full.taken[0])
    services.offer_freed(NOW)
    Promise.objects.filter(object_id=full.hers.pk).update(missed=missed)
    Appointment.objects.filter(pk=full.hers.pk).update(booked_at=NOW - timedelta(days=1))
    clock.goes(minutes=5)
    for address in (page(full), page(full) + "tidligere/"):
        assert ("Avbestiller du, eller møter du ikke, kan du få et gebyr" in text(browser.get(address))) == warns
