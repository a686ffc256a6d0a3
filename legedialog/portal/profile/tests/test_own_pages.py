"""Consent in open pages, devices, akuttsperre and own data through the whole stack, as a browser without script."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from legedialog.access.models import Lock, Login
from legedialog.access.tests import pages
from legedialog.appointments.tests.factories import NOW, Office, citizen, office
from legedialog.consent import services as consents
from legedialog.consent.queries import level
from legedialog.consent.rules import Level
from legedialog.journeys import own_data
from legedialog.journeys.models import Export
from legedialog.patients.models import Person
from legedialog.portal.tests.test_pages import MOST_QUERIES, browser_of, get, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def gp() -> Office:
    return office()


@pytest.fixture
def kari(gp: Office) -> Person:
    return gp.patient()


@pytest.fixture
def browser(kari: Person) -> Client:
    return browser_of(kari)


# ---- an open page asks when something of hers changed


def asks(browser: Client, page: str) -> str:
    """The address that the page asks, as it stands in the page."""
    return text(browser.get(page)).partition('hx-get="/samtykke/na/')[2].partition('"')[0].replace("&amp;", "&")


def choose(who: Person, level: Level) -> None:
    consents.give(actor=citizen(who), person_id=who.pk, level=level, now=NOW)


def test_nothing_happens_while_the_level_is_the_same(browser: Client) -> None:
    response = browser.get("/samtykke/na/" + asks(browser, "/hjem/"))
    assert (response.status_code, response.headers.get("HX-Trigger")) == (204, None)


def test_a_page_she_lost_becomes_the_page_that_says_what_is_missing(browser: Client, kari: Person) -> None:
    address = "/samtykke/na/" + asks(browser, "/timeavtaler/")
    choose(kari, Level.BASIS)
    response = browser.get(address, headers={"HX-Request": "true"})
    assert "Du mangler full tilgang" in text(response)
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#content", "outerHTML")
    assert 'name="next" value="/timeavtaler/"' in text(response)
    choose(kari, Level.FULL)  # and it opens again by itself
    again = text(response).partition('hx-get="/samtykke/na/')[2].partition('"')[0].replace("&amp;", "&")
    assert browser.get("/samtykke/na/" + again)["HX-Trigger"] == "stale"


def test_a_page_she_still_has_is_asked_for_again(browser: Client, kari: Person) -> None:
    for page in ("/hjem/", "/min-fastlege/", "/profil/"):
        address = "/samtykke/na/" + asks(browser, page)
        choose(kari, Level.BASIS)
        assert browser.get(address)["HX-Trigger"] == "stale"
        choose(kari, Level.FULL)


def test_a_page_of_somebody_who_is_logged_out_is_asked_for_again_and_meets_its_guard(browser: Client) -> None:
    address = "/samtykke/na/" + asks(browser, "/hjem/")
    browser.post("/profil/logg-ut-overalt/")
    assert browser.get(address)["HX-Trigger"] == "stale"
    assert browser.get("/hjem/").status_code == 302


@pytest.mark.parametrize("query", ["", "drawn=x&needed=y&page=//evil.example", "needed=full&page=https://evil.example"])
def test_a_made_up_address_leads_nowhere_else(query: str, browser: Client, kari: Person) -> None:
    choose(kari, Level.BASIS)
    content = text(browser.get(f"/samtykke/na/?{query}")).partition('id="content"')[2].partition("</main>")[0]
    assert 'name="next" value="/hjem/"' in content
    assert "evil" not in content


def test_asking_takes_few_queries(browser: Client) -> None:
    address = "/samtykke/na/" + asks(browser, "/hjem/")
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    assert len(queries) <= 2


# ---- what she has chosen


def test_from_basis_the_only_step_down_is_nothing(browser: Client, kari: Person) -> None:
    choose(kari, Level.BASIS)
    page = get(browser, "/profil/samtykke/")
    assert 'value="none"' in page
    assert 'value="basis"' not in page
    assert browser.post("/profil/samtykke/", {"to": "basis"}).status_code == 422
    response = browser.post("/profil/samtykke/", {"to": "none"}, follow=True)
    assert "er slettet" in text(response)
    kari.refresh_from_db()
    assert (level(kari.pk), kari.phone) == (Level.NONE, "")
    assert "ingenting å trekke tilbake" in get(browser, "/profil/samtykke/")
    assert browser.post("/profil/samtykke/", {"to": "basis"}).status_code != 302


def test_open_requests_are_told_before_she_withdraws(browser: Client, kari: Person, gp: Office) -> None:
    from legedialog.journeys.tests.test_withdrawal import wish

    made = wish(gp, kari)
    page = get(browser, "/profil/samtykke/")
    assert "Du venter på svar på 1 ønske om time" in page
    assert f"/timeavtaler/onsker/{made.pk}/" in page or str(made.pk) in page


def test_what_each_level_opens_is_shown_where_she_chooses(browser: Client) -> None:
    assert "Hva hvert nivå åpner" in get(browser, "/profil/innsyn/")


def test_notices_are_chosen_kind_by_kind(browser: Client, kari: Person) -> None:
    ways = {"booked": "sms", "cancelled": "either", "reminder": "none", "request": "email", "elsewhere": "either"}
    ways |= {
        "message": "sms",
        "renewal": "either",
        "renewal-reminder": "none",
        "bill": "email",
        "earlier": "sms",
        "recall": "either",
    }
    seen = pages.shown(browser, "/profil/beskjeder/")
    assert browser.post("/profil/beskjeder/", seen | ways).headers["Location"] == "/profil/kontakt-og-beskjeder/"
    kari.refresh_from_db()
    assert kari.notices == ways
    late = browser.post("/profil/beskjeder/", seen | {"booked": "none"})  # in a tab that stood open
    assert late.status_code == 409
    assert "Lagret nå: Bare SMS." in text(late)
    assert browser.post("/profil/beskjeder/", ways | {"booked": "pigeon"}).status_code == 422
    kari.refresh_from_db()
    assert kari.notices == ways


# ---- devices and akuttsperre


def test_one_browser_is_logged_out_and_this_one_stays(browser: Client, kari: Person) -> None:
    other = browser_of(kari)
    mine, its = Login.objects.order_by("pk")
    assert f"/profil/logg-ut/{its.pk}/" in get(browser, "/profil/innlogging/")
    assert f"/profil/logg-ut/{mine.pk}/" not in get(browser, "/profil/innlogging/")
    browser.post(f"/profil/logg-ut/{its.pk}/")
    assert other.get("/hjem/").status_code == 302
    assert browser.get("/hjem/").status_code == 200
    its.refresh_from_db()
    assert its.ended_why == "device"


def test_a_strangers_browser_is_not_logged_out(browser: Client, gp: Office) -> None:
    per = browser_of(gp.patient("Per Testvik"))
    browser.post(f"/profil/logg-ut/{Login.objects.latest('pk').pk}/")
    assert per.get("/hjem/").status_code == 200


def test_locking_asks_once_and_then_ends_everything(browser: Client, kari: Person) -> None:
    other = browser_of(kari)
    page = get(browser, "/profil/akuttsperre/")
    assert "Bare legekontoret kan oppheve sperren." in page
    assert 'href="tel:+4755555555"' in page
    assert browser.post("/profil/akuttsperre/", {}).status_code == 422
    assert not Lock.objects.exists()
    response = browser.post("/profil/akuttsperre/", {"understood": "on"}, follow=True)
    assert "Tilgangen er sperret" in text(response)
    for each in (browser, other):
        assert each.get("/hjem/").status_code == 302


# ---- own data


def test_she_asks_looks_again_and_fetches_the_files(browser: Client, kari: Person) -> None:
    assert "Se om filene er klare" not in get(browser, "/profil/mine-opplysninger/")
    assert browser.post("/profil/mine-opplysninger/").headers["Location"] == "/profil/mine-opplysninger/"
    assert "Se om filene er klare" in get(browser, "/profil/mine-opplysninger/")
    own_data.make(Export.objects.get(person=kari).pk, NOW)
    page = get(browser, "/profil/mine-opplysninger/")
    assert "Se om filene er klare" not in page
    assert "Filene er klare" in page
    pdf = browser.get("/profil/mine-opplysninger/pdf/")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Disposition"] == 'attachment; filename="mine-opplysninger.pdf"'
    assert pdf["Cache-Control"] == "private, no-store"
    assert pdf["X-Content-Type-Options"] == "nosniff"


def test_a_strangers_files_are_not_found(browser: Client, kari: Person, gp: Office) -> None:
    own_data.ask(actor=citizen(kari), now=NOW)
    own_data.make(Export.objects.get().pk, NOW)
    per = browser_of(gp.patient("Per Testvik"))
    for file in ("pdf", "fhir", "vedlegg"):
        assert per.get(f"/profil/mine-opplysninger/{file}/")["Location"] == "/profil/mine-opplysninger/"
    assert per.get("/profil/mine-opplysninger/exe/").status_code == 404
    assert "Filene er klare" not in get(per, "/profil/mine-opplysninger/")
    assert Client().get("/profil/mine-opplysninger/pdf/").status_code == 302


@pytest.mark.parametrize("file", ["pdf", "fhir", "vedlegg"])
def test_a_link_to_files_that_are_gone_leads_to_a_page_that_says_so(file: str, browser: Client, kari: Person) -> None:
    own_data.ask(actor=citizen(kari), now=NOW - timedelta(hours=24))
    Export.objects.update(ready_at=NOW - timedelta(hours=23))
    page = browser.get(f"/profil/mine-opplysninger/{file}/", follow=True)
    assert page.redirect_chain == [("/profil/mine-opplysninger/", 302)]
    assert "Filen kan ikke hentes lenger. Lag filene på nytt her." in page.content.decode()
    assert " download" not in page.content.decode()  # the browser would keep that page as if it were the file


@pytest.mark.parametrize(
    "url", ["/profil/", "/profil/beskjeder/", "/profil/akuttsperre/", "/profil/mine-opplysninger/"]
)
def test_a_page_takes_few_queries(url: str, browser: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    assert len(queries) <= MOST_QUERIES


@pytest.mark.parametrize("elsewhere", ["%", "https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_way_back_that_is_not_ours_leads_home(elsewhere: str, browser: Client) -> None:
    assert browser.post("/samtykke/", {"next": elsewhere})["Location"] == "/hjem/"
