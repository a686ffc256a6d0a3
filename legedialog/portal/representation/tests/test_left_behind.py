"""What a browser keeps for the next page is for the one who was there, about whom it was: not for who comes next."""

import pytest
from django.test import Client

from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.browsing import BOOK, REVIEW, hold, last_step
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.patients.models import Person
from legedialog.portal.representation.tests.test_representation import born, child_of, listed
from legedialog.portal.representation.tests.test_representation import clock as clock
from legedialog.portal.representation.tests.test_representation import gp as gp
from legedialog.portal.representation.tests.test_representation import kari as kari
from legedialog.portal.representation.tests.test_representation import ola as ola
from legedialog.portal.representation.tests.test_whose_form import switch

pytestmark = pytest.mark.django_db
REASON = "Han er redd faren sin."
SAID = "Nå bruker du tjenestene for deg selv."


@pytest.fixture
def browser(kari: Person) -> Client:
    return logged_in(citizen(kari))


def shown(browser: Client, path: str) -> str:
    return browser.get(path).content.decode()


def test_a_reason_that_one_parent_typed_is_not_read_by_the_other(
    browser: Client, gp: Office, kari: Person, ola: Person
) -> None:
    nils = listed(gp, "Nils Testdal", born(45))
    child_of(nils, ola)
    switch(browser, ola)
    hold(browser, gp)
    browser.post(BOOK, last_step(browser.get(REVIEW), REASON))
    assert REASON in shown(browser, REVIEW)
    logged_in(citizen(nils), browser)
    switch(browser, ola)
    hold(browser, gp)
    assert "<textarea" in shown(browser, REVIEW)
    assert REASON not in shown(browser, REVIEW)


def test_what_was_said_of_one_is_not_said_to_the_next(browser: Client, gp: Office, kari: Person, ola: Person) -> None:
    switch(browser, ola)
    browser.post("/representasjon/tilbake/")  # and the page that would say it is never shown
    assert "messages" in browser.cookies
    per = logged_in(citizen(listed(gp, "Per Testvik", born(50))), browser)
    assert SAID not in shown(per, "/hjem/")
    logged_in(citizen(kari), browser)
    assert SAID not in shown(browser, "/hjem/"), "it was thrown away"


def test_what_was_said_is_said_to_her(browser: Client, ola: Person) -> None:
    switch(browser, ola)
    assert SAID in browser.post("/representasjon/tilbake/", follow=True).content.decode()


def test_what_was_said_of_her_is_not_said_on_a_page_about_her_child(browser: Client, ola: Person) -> None:
    switch(browser, ola)
    browser.post("/representasjon/tilbake/")
    switch(browser, ola)
    assert SAID not in shown(browser, "/hjem/")
