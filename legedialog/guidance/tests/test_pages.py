"""The pages of help through the whole stack: before the login, for each who is logged in, and in three languages."""

import re
from datetime import time, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from legedialog.access.actor import Kind
from legedialog.access.tests.logins import begin, with_token
from legedialog.appointments import rules as appointments
from legedialog.appointments.tests.factories import NOW, TODAY, Office, office
from legedialog.consent.models import Consent, Level
from legedialog.core import contexts
from legedialog.dialogues import rules as dialogues
from legedialog.patients.models import Person
from legedialog.practices.models import Absence, Offer, OpeningHours, Practice, Service
from legedialog.practices.texts import SERVICES
from legedialog.ui.dates import long_date

pytestmark = pytest.mark.django_db
SLUGS = list(contexts.topics())
LOGIN = "/logg-inn/"
MOST_QUERIES = 12  # a page. Source: docs/house.md#limits


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Monday 23 November 2026 at 10.00."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def gp() -> Office:
    made = office()
    OpeningHours.objects.create(practice=made.practice, weekday=0, opens=time(8), closes=time(15, 30))
    return made


@pytest.fixture
def kari(gp: Office) -> Person:
    return gp.patient()


def browser(who: Person | None = None, language: str = "nb") -> Client:
    client = Client(headers={"accept-language": language})
    if who is None:
        return client
    token, _ = begin(Kind.CITIZEN, who.pk, sid="s", now=NOW)
    return with_token(token, client)


def text(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("logged_in", [False, True], ids=["nobody", "a citizen"])
def test_every_page_is_there_in_three_languages_and_every_link_leads_somewhere(
    language: str, logged_in: bool, kari: Person
) -> None:
    client = browser(kari if logged_in else None, language)
    links: set[str] = set()
    for url in ("/hjelp/", *(f"/hjelp/{slug}/" for slug in SLUGS)):
        page = text(client.get(url))
        assert f'<html lang="{language}"' in page
        assert page.count("<h1") == 1
        links |= set(re.findall(r'href="(/[^"#?]*)', page.partition("<main")[2]))
    assert {f"/hjelp/{slug}/" for slug in SLUGS} <= links
    for link in links - {LOGIN}:  # the provider is another machine
        assert client.get(link).status_code in (200, 302), link


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_asks_the_database_little(slug: str, kari: Person, django_assert_max_num_queries: Any) -> None:
    client = browser(kari)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(f"/hjelp/{slug}/").status_code == 200


def test_before_the_login_a_page_asks_for_nothing_and_names_no_office(
    gp: Office, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        pages = [text(browser().get(f"/hjelp/{slug}/")) for slug in SLUGS]
    assert not [page for page in pages if gp.practice.name in page or gp.doctor.name in page]


def test_a_page_says_who_wrote_it_and_when_it_was_changed() -> None:
    page = text(browser().get("/hjelp/bestille-time/"))
    assert "Hvem har skrevet siden" in page
    assert f'datetime="{contexts.topics()["bestille-time"].dated.day}"' in page
    assert "data-print" in page


def test_what_has_no_page_is_not_found() -> None:
    assert browser().get("/hjelp/romferge/").status_code == 404


def test_who_is_ill_finds_the_numbers_on_every_page() -> None:
    for url in ("/hjelp/", "/hjelp/betaling/"):
        page = text(browser().get(url))
        for number in ("113", "116117", "116123", "116111"):
            assert f'href="tel:{number}"' in page


# ---- for her own office


def test_she_reads_what_holds_at_her_own_office(kari: Person, gp: Office) -> None:
    Practice.objects.update(phone="55555555")
    page = text(browser(kari).get("/hjelp/e-konsultasjon/"))
    by = dialogues.due_date(TODAY)
    assert f"Hos {gp.practice.name}" in page
    assert f"Senest {long_date(by)}" in page
    assert "Ingrid Aas svarer." in page
    assert "55 55 55 55" in page
    assert "Stenger kl. 15.30." in page
    assert "Legen tilbyr dette nå." in page
    assert 'href="/meldinger/ny/e-konsultasjon/"' in page


def test_the_deadline_for_cancelling_is_the_offices_own(kari: Person, gp: Office) -> None:
    gp.visit_type.cutoff_hours = 36
    gp.visit_type.save()
    assert "36 timer før timen" in text(browser(kari).get("/hjelp/flytte-og-avbestille/"))


def test_the_numbers_are_those_of_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    page = text(browser().get("/hjelp/bestille-time/"))
    assert f"i {appointments.HOLD // timedelta(minutes=1)} minutter" in page
    assert f"innen {dialogues.ANSWER_DAYS} virkedager" in text(browser().get("/hjelp/e-konsultasjon/"))


def test_what_her_doctor_has_closed_is_told_with_the_reason_and_has_no_button(kari: Person, gp: Office) -> None:
    Offer.objects.filter(service=Service.ECONSULTATION).update(is_open=False, closed_reason="Legen er på kurs.")
    page = text(browser(kari).get("/hjelp/e-konsultasjon/"))
    assert "Legen er på kurs." in page
    assert "Legen tilbyr dette nå." not in page
    assert 'href="/meldinger/ny/e-konsultasjon/"' not in page


def test_an_absence_moves_the_date_as_it_does_where_she_writes(kari: Person, gp: Office) -> None:
    last = TODAY + timedelta(days=3)
    Absence.objects.create(practice=gp.practice, clinician=gp.doctor, first_date=TODAY, last_date=last, note="")
    page = text(browser(kari).get("/hjelp/kontakt-legekontoret/"))
    assert f"Senest {long_date(dialogues.due_date(TODAY))}" in page  # reception answers
    assert "er borte, og ingen vikar svarer." in text(browser(kari).get("/hjelp/e-konsultasjon/"))


def level(kari: Person, to: str) -> None:
    Consent.objects.filter(person=kari).update(level=to)


@pytest.mark.parametrize(
    ("to", "sees_office", "sees_rows"),
    [(Level.FULL, True, True), (Level.BASIS, True, False), (Level.NONE, False, False)],
)
def test_her_level_decides_what_she_sees(to: str, sees_office: bool, sees_rows: bool, kari: Person, gp: Office) -> None:
    level(kari, to)
    page = text(browser(kari).get("/hjelp/bestille-time/"))
    assert (f"Hos {gp.practice.name}" in page) is sees_office
    assert ("<dt>Pris</dt>" in page) is sees_rows
    assert ("Legen tilbyr dette når du har gitt full tilgang." in page) is (to == Level.BASIS)


# ---- the search


def search(words: str, **headers: str) -> str:
    return text(browser().post("/hjelp/sok/", {"words": words}, headers=headers))


def test_a_search_works_without_script_and_stands_in_no_address() -> None:
    page = search("fornye resept")
    assert "<html" in page
    assert "passer med «fornye resept»" in page
    assert 'action="/hjelp/sok/"' in page
    assert 'method="post"' in page


def test_a_search_draws_its_part_alone() -> None:
    assert "<html" not in search("resept", hx_request="true")


def test_a_search_that_finds_nothing_says_what_to_do() -> None:
    assert "Prøv et annet ord" in search("romferge")


def test_what_was_looked_for_is_kept_in_no_browser() -> None:
    assert browser().post("/hjelp/sok/", {"words": "angst"})["Cache-Control"] == "private, no-store"


# ---- the way to it


def test_the_page_where_a_question_arises_has_the_way_to_its_help(kari: Person) -> None:
    client = browser(kari)
    for url, slug in (
        ("/timeavtaler/bestill/", "bestille-time"),
        ("/meldinger/ny/e-konsultasjon/", "e-konsultasjon"),
        ("/legemidler/", "fornye-resept"),
        ("/profil/logg/", "loggen"),
        ("/profil/fullmakter/", "fullmakt"),
        ("/betaling/", "betaling"),
        ("/timeavtaler/test-utstyr/", "videotime"),
    ):
        page = text(client.get(url))
        assert re.search(rf'class="help-here.*?href="/hjelp/{slug}/".*?Hjelp til dette:', page), url


def test_every_page_has_the_way_to_the_statements() -> None:
    page = text(browser().get("/"))
    assert 'href="/hjelp/sikkerhet-og-personvern/"' in page
    assert 'href="/hjelp/tilgjengelighet/"' in page


def test_the_front_page_shows_every_service_and_how_to_begin() -> None:
    page = text(browser().get("/"))
    for service, words in SERVICES.items():
        assert str(words.action) in page, service
    assert "Slik begynner du" in page


def test_the_statement_of_privacy_is_made_of_what_is_kept_and_who_may_see() -> None:
    page = text(browser().get("/hjelp/sikkerhet-og-personvern/"))
    for part in contexts.own():
        assert f"<li>{part.title}</li>" in page
    assert re.search(r"Det du skriver i en e-konsultasjon</th>.*?Ser bare at den er der", page)
