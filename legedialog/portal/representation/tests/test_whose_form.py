"""A form that stands open while something changes beside it: another login, another one to act for, no login at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from legedialog.access import services as logins
from legedialog.access.models import Ended, KeptForm, Login
from legedialog.access.tests import pages
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab, began
from legedialog.appointments.models import TimeRequest
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.patients import powers
from legedialog.patients.models import Person, PowerOfAttorney
from legedialog.portal.representation.tests.test_representation import Clock, born, child_of, listed
from legedialog.portal.representation.tests.test_representation import clock as clock
from legedialog.portal.representation.tests.test_representation import gp as gp
from legedialog.portal.representation.tests.test_representation import kari as kari
from legedialog.portal.representation.tests.test_representation import ola as ola
from legedialog.portal.tests.test_pages import text

pytestmark = pytest.mark.django_db
WISHES = "Vondt i øret siden mandag"


@pytest.fixture
def hassan(gp: Office) -> Person:
    return listed(gp, "Hassan Testvik", born(50))


@pytest.fixture
def browser(kari: Person) -> Client:
    return logged_in(citizen(kari), pages.browser())


def end_login() -> None:
    login = Login.objects.get(ended_at=None)
    logins.end(login.pk, Ended.TIME, timezone.now())


def switch(browser: Client, who: Person) -> None:
    """In another tab."""
    Tab(browser).open("/representasjon/velg/").press("/representasjon/velg/", person=str(who.pk))


def contact_of(who: Person) -> tuple[str, str]:
    who.refresh_from_db()
    return who.phone, who.email


def test_a_form_never_lands_with_the_next_who_logs_in(browser: Client, kari: Person, hassan: Person) -> None:
    tab = Tab(browser).open("/profil/kontakt/")
    before = contact_of(kari), contact_of(hassan)
    logged_in(citizen(hassan), browser)  # its CSRF token is as it was: the seal alone must do

    answer = tab.send("/profil/kontakt/", phone="41234567", email="kari@post.example", note="ring etter fire")

    assert answer.status_code == 409
    assert "Ingenting er sendt: Hassan Testvik er logget inn" in text(answer)
    assert "Siden du sendte fra, ble åpnet for Kari Testdal." in text(answer)
    assert "ring etter fire" not in text(answer), "what she typed is hers"
    assert (contact_of(kari), contact_of(hassan)) == before
    assert "ring etter fire" not in text(browser.get("/logg-inn/tekst/", follow=True))
    logged_in(citizen(kari), browser)
    assert "ring etter fire" in text(browser.get("/logg-inn/tekst/"))


def test_her_own_new_login_asks_her_to_send_again(browser: Client, kari: Person) -> None:
    tab = Tab(browser).open("/profil/kontakt/")
    browser.cookies["csrf"] = "b" * 32  # what the login does
    logged_in(citizen(kari), browser)

    answer = tab.send("/profil/kontakt/", phone="41234567", email="kari@post.example")
    assert answer.status_code == 409
    assert "du har logget inn på nytt" in text(answer)

    tab.open("/logg-inn/tekst/").press("/logg-inn/tekst/")
    assert contact_of(kari) != ("+4741234567", "kari@post.example"), "she has not seen it all yet"
    tab.press("/profil/kontakt/")
    assert contact_of(kari) == ("+4741234567", "kari@post.example")


def test_a_switch_in_another_tab_keeps_the_text_and_offers_to_go_on(browser: Client, kari: Person, ola: Person) -> None:
    switch(browser, ola)
    tab = Tab(browser).open("/timeavtaler/be-om-time/")
    Tab(browser).open("/hjem/").press("/representasjon/tilbake/")

    answer = tab.press("/timeavtaler/be-om-time/", wishes=WISHES)

    assert answer.status_code == 409
    shown = text(answer)
    assert "Ingenting er sendt: siden gjelder Ola Testdal" in shown
    assert "Nå bruker du tjenestene for deg selv." in shown
    assert "Hvem: Ola Testdal" in shown
    assert WISHES in shown
    assert not TimeRequest.objects.exists()

    tab.press("/representasjon/velg/")  # "Bytt til Ola Testdal og gå videre"
    assert "Åpne skjemaet for Ola Testdal" in tab.html
    tab.press("/logg-inn/tekst/")
    assert not TimeRequest.objects.exists()
    tab.press("/timeavtaler/be-om-time/")
    assert TimeRequest.objects.get().patient_id == ola.pk
    assert not KeptForm.objects.exists()


def test_what_was_for_herself_is_never_sent_for_her_child(browser: Client, kari: Person, ola: Person) -> None:
    tab = Tab(browser).open("/timeavtaler/be-om-time/")
    switch(browser, ola)

    answer = tab.press("/timeavtaler/be-om-time/", wishes=WISHES)

    assert "Ingenting er sendt: siden gjelder Kari Testdal" in text(answer)
    assert "Nå handler du for Ola Testdal." in text(answer)
    tab.press("/representasjon/tilbake/", nth=1)  # the banner's stands first
    tab.press("/logg-inn/tekst/")
    assert not TimeRequest.objects.exists()
    tab.press("/timeavtaler/be-om-time/")
    assert TimeRequest.objects.get().patient_id == kari.pk


def test_kept_text_knows_whom_it_was_for(browser: Client, kari: Person, ola: Person) -> None:
    switch(browser, ola)
    tab = Tab(browser).open("/timeavtaler/be-om-time/")
    end_login()
    tab.press("/timeavtaler/be-om-time/", wishes=WISHES)
    assert "Teksten din er tatt vare på" in tab.html

    logged_in(citizen(kari), browser)  # for herself, as every login begins
    tab.open("/logg-inn/tekst/")
    assert "Hvem: Ola Testdal, født" in tab.html
    assert "Åpne skjemaet for" not in tab.html
    form_id = KeptForm.objects.get().pk
    forced = Tab(browser).open("/profil/kontakt/").form("/profil/kontakt/").fields  # with a seal of her own
    assert browser.post(f"/logg-inn/tekst/{form_id}/", forced | {"wishes": WISHES})["Location"] == "/logg-inn/tekst/"
    assert not TimeRequest.objects.exists()

    tab.press("/representasjon/velg/")
    tab.press("/logg-inn/tekst/")
    assert not TimeRequest.objects.exists()
    tab.press("/timeavtaler/be-om-time/")
    assert TimeRequest.objects.get().patient_id == ola.pk


def test_the_page_of_kept_text_is_a_form_like_others(browser: Client, kari: Person, ola: Person) -> None:
    """It was drawn for the child; she goes back to herself in another tab, and then presses Send."""
    switch(browser, ola)
    tab = Tab(browser).open("/timeavtaler/be-om-time/")
    end_login()
    tab.press("/timeavtaler/be-om-time/", wishes=WISHES)
    logged_in(citizen(kari), browser)
    switch(browser, ola)
    tab.open("/logg-inn/tekst/")
    Tab(browser).open("/hjem/").press("/representasjon/tilbake/")

    assert tab.send("/logg-inn/tekst/")["Location"] == "/logg-inn/tekst/"
    assert not TimeRequest.objects.exists()
    assert KeptForm.objects.count() == 1


def test_when_she_may_no_longer_the_text_is_hers_to_copy(
    browser: Client, gp: Office, kari: Person, clock: Clock
) -> None:
    sara = child_of(kari, listed(gp, "Sara Testdal", born(16, days=-1)))
    switch(browser, sara)
    tab = Tab(browser).open("/timeavtaler/bestill/")
    clock.now += timedelta(days=1)
    began(browser, clock.now)

    answer = tab.send("/representasjon/tilbake/", text="noe jeg skrev")

    assert answer.status_code == 409
    assert "Barnet har fylt 16 år og bestemmer selv" in text(answer)
    assert "noe jeg skrev" in text(answer)
    assert "gå videre" not in text(answer)


def test_after_a_power_of_attorney_has_ended_a_second_press_and_the_kept_page_say_the_same(
    browser: Client, kari: Person, hassan: Person
) -> None:
    power = PowerOfAttorney.objects.create(
        giver=hassan, receiver=kari, areas=[1, 3], starts_date=NOW.date(), given_at=NOW
    )
    switch(browser, hassan)
    tab = Tab(browser).open("/timeavtaler/be-om-time/")
    powers.end(actor=citizen(hassan), power_id=power.pk, now=NOW)

    for _ in range(2):  # the page stays as it was, and she presses again
        answer = tab.send("/timeavtaler/be-om-time/", wishes=WISHES)
        assert answer.status_code == 409
        for words in ("siden gjelder Hassan Testvik", WISHES):
            assert words in text(answer)
        assert "gå videre" not in text(answer)
    assert KeptForm.objects.count() == 1

    tab.open("/logg-inn/tekst/")
    for words in ("Hvem: Hassan Testvik, født", WISHES, "Du kan kopiere teksten, men ikke sende den."):
        assert words in tab.html
    assert "Åpne skjemaet for" not in tab.html
    assert "Bytt til" not in tab.html
    form_id = KeptForm.objects.get().pk
    own = Tab(browser).open("/profil/kontakt/").form("/profil/kontakt/").fields
    assert browser.post(f"/logg-inn/tekst/{form_id}/", own | {"wishes": WISHES})["Location"] == "/logg-inn/tekst/"
    assert not TimeRequest.objects.exists()


def test_what_a_page_fetches_by_itself_does_not_hide_that_the_acting_is_over(
    browser: Client, gp: Office, kari: Person, clock: Clock
) -> None:
    sara = child_of(kari, listed(gp, "Sara Testdal", born(16, days=-1)))
    switch(browser, sara)
    tab = Tab(browser).open("/timeavtaler/bestill/")
    page = {"HX-Request": "true", "X-Page-Seal": tab.form("/representasjon/tilbake/").fields["seal"][0]}
    clock.now += timedelta(days=1)
    began(browser, clock.now)

    part = browser.get("/timeavtaler/", headers=page | {"X-Live": "1"})
    assert part.status_code == 409
    assert "Barnet har fylt 16 år og bestemmer selv" in text(part)
    assert "Du kan ikke lenger handle for den andre" in text(browser.get("/timeavtaler/"))
    assert "Du kan ikke lenger handle for den andre" not in text(browser.get("/timeavtaler/"))


def test_a_script_is_told_the_same_with_a_code(browser: Client, kari: Person, ola: Person) -> None:
    tab = Tab(browser).open("/profil/kontakt/")
    seal = tab.form("/profil/kontakt/").fields
    switch(browser, ola)
    headers = {"X-Seal": seal["seal"][0], "X-CSRFToken": seal["csrfmiddlewaretoken"][0]}

    answer = browser.post("/vedlegg/", {"patient": str(kari.pk)}, headers=headers)

    assert answer.status_code == 409
    assert answer.json()["code"] == "form-for-another"
    assert "siden gjelder Kari Testdal, men nå handler du for Ola Testdal" in answer.json()["problem"]


def test_what_htmx_sends_after_the_login_has_ended_is_kept(browser: Client, kari: Person) -> None:
    tab = Tab(browser).open("/profil/kontakt/")
    page = {"HX-Request": "true", "X-Page-Seal": tab.form("/profil/kontakt/").fields["seal"][0]}
    end_login()
    answer = tab.send("/profil/kontakt/", headers=page, phone="41234567", note="ring etter fire")
    assert answer["HX-Redirect"].startswith("/logg-inn/utlogget/")
    logged_in(citizen(kari), browser)
    assert "ring etter fire" in text(browser.get("/logg-inn/tekst/"))


def test_what_htmx_sends_from_a_page_that_does_not_say_whom_it_is_for_is_not_done(
    browser: Client, kari: Person
) -> None:
    before = contact_of(kari)[0]
    tab = Tab(browser).open("/profil/kontakt/")
    answer = tab.send("/profil/kontakt/", headers={"HX-Request": "true"}, phone="41234567", note="ring etter fire")
    assert answer.status_code == 409
    assert "ring etter fire" in text(answer)
    assert contact_of(kari)[0] == before


def test_a_form_without_a_seal_does_nothing(browser: Client, kari: Person) -> None:
    before = contact_of(kari)[0]
    tab = Tab(browser).open("/profil/kontakt/")
    fields: dict[str, Any] = dict(tab.form("/profil/kontakt/").fields)
    del fields["seal"]
    answer = browser.post("/profil/kontakt/", fields | {"phone": "41234567", "note": "to ord"})
    assert answer.status_code == 409
    assert "siden sier ikke hvem den gjelder" in text(answer)
    assert "to ord" in text(answer)
    assert contact_of(kari)[0] == before


def test_logging_out_works_from_every_page_that_stands_open(browser: Client, kari: Person, ola: Person) -> None:
    tab = Tab(browser).open("/hjem/")
    switch(browser, ola)
    assert tab.send("/logg-ut/").status_code == 200
    assert not Login.objects.filter(ended_at=None).exists()


def test_the_seal_costs_no_statement(browser: Client, kari: Person) -> None:
    tab = Tab(browser).open("/profil/kontakt/")
    fields = tab.form("/profil/kontakt/").fields | {"phone": "x"}
    browser.post("/profil/kontakt/", fields)  # keys are known from here on
    unchecked = Client()
    unchecked.cookies = browser.cookies
    counts = []
    for client in (unchecked, browser):
        with CaptureQueriesContext(connection) as asked:
            client.post("/profil/kontakt/", fields)
        counts.append(len(asked))
    assert counts[0] == counts[1]
