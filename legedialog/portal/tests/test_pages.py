"""The citizen's own pages through the whole stack, as a browser without script sees them."""

import re
from datetime import date, time, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from legedialog.access.actor import Kind
from legedialog.access.tests import pages
from legedialog.access.tests.logins import begin, with_token
from legedialog.appointments import services as appointments
from legedialog.appointments.models import TimeRequest, VisitType
from legedialog.appointments.requested import requests_of
from legedialog.appointments.tests.factories import LONG_AGO, NOW, TODAY, TOMORROW, Office, citizen, office, person
from legedialog.appointments.web.waiting import answers
from legedialog.consent import services as consents
from legedialog.consent.models import Level
from legedialog.core.times import at_local
from legedialog.outbox.models import Notification
from legedialog.patients.models import Membership, Person, PowerOfAttorney
from legedialog.portal.home.words import greeting
from legedialog.practices.models import Absence, Clinician, ContractDoctor, Offer, Service

pytestmark = pytest.mark.django_db

PLACES = ["/hjem/", "/min-fastlege/", "/meldinger/", "/legemidler/", "/profil/", "/hjelp/"]
MOST_QUERIES = 12  # a page. Source: docs/house.md#limits


def browser_of(who: Person, language: str = "nb") -> Client:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    token, _ = begin(Kind.CITIZEN, who.pk, sid="s", user_agent=agent, now=NOW)
    return with_token(token, Client(headers={"accept-language": language}))


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


@pytest.mark.parametrize("url", PLACES)
@pytest.mark.parametrize(("language", "home"), [("nb", "Hjem"), ("nn", "Heim"), ("en", "Home")])
def test_every_place_opens_in_three_languages(url: str, language: str, home: str, kari: Person) -> None:
    page = get(browser_of(kari, language), url)
    assert f'<html lang="{language}"' in page
    assert f"<span>{home}</span>" in page


def get(browser: Client, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200
    return text(response)


def wish(who: Person, gp: Office) -> TimeRequest:
    return appointments.send_request(
        actor=citizen(who),
        patient_id=who.pk,
        clinician_id=gp.doctor.pk,
        key=uuid4(),
        wishes="Helst tidlig",
        coarse_times=[],
        channels=["attendance"],
        now=NOW,
    )


def absence(of: Office, substitute: Clinician | None = None, note: str = "") -> None:
    Absence.objects.create(
        practice=of.practice,
        clinician=of.doctor,
        substitute=substitute,
        first_date=TODAY,
        last_date=TODAY + timedelta(days=9),
        note=note,
    )


# ---- before login


def test_the_front_page_tells_what_this_is_and_nothing_about_offices(gp: Office) -> None:
    page = get(Client(), "/")
    assert "<h1>Legedialog</h1>" in page
    assert "Logg inn</button>" in page
    assert "Fjordbyen" not in page
    assert "Ingrid Aas" not in page


def test_those_who_are_logged_in_go_to_where_they_belong(browser: Client, gp: Office) -> None:
    assert browser.get("/").headers["Location"] == "/hjem/"


@pytest.mark.parametrize("url", [*PLACES[:-1], "/samtykke/", "/profil/kontakt/", "/profil/samtykke/"])
def test_strangers_are_sent_to_log_in_and_come_back(url: str, gp: Office) -> None:
    response = Client().get(url)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/logg-inn/?next=")


def test_help_is_there_before_login_without_a_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        page = get(Client(), "/hjelp/")
    assert "Hjelpetelefonen" in page
    assert "800 00 000" in page
    assert "Stenger kl. 15.30." in page
    assert 'href="tel:113"' in page
    assert 'href="tel:116117"' in page
    assert 'aria-label="Hovedmeny"' not in page


def test_without_a_help_line_none_is_shown(settings: Any) -> None:
    settings.HELPLINE_PHONE = ""
    page = get(Client(), "/hjelp/")
    assert "Hjelpetelefonen" not in page
    assert "Ring legekontoret ditt." in page


# ---- the places


def test_the_navigation_says_the_agreed_words_in_order(browser: Client) -> None:
    page = get(browser, "/min-fastlege/")
    bar = page[page.index('aria-label="Hovedmeny"') : page.index("</nav>")]
    found = re.findall(r'<a href="([^"]+)"( aria-current="page")?.*?<span>([^<]+)</span>', bar)
    assert [(url, word) for url, _, word in found] == [
        ("/hjem/", "Hjem"),
        ("/min-fastlege/", "Min fastlege"),
        ("/timeavtaler/", "Timeavtaler"),
        ("/meldinger/", "Meldinger"),
        ("/legemidler/", "Legemidler"),
        ("/profil/", "Profil"),
        ("/hjelp/", "Hjelp"),
    ]
    assert [word for _, current, word in found if current] == ["Min fastlege"]


@pytest.mark.parametrize(
    ("hour", "words"), [(5, "God morgen, Kari"), (9, "Hei, Kari"), (17, "God kveld, Kari"), (2, "Hei, Kari")]
)
def test_she_is_greeted_by_the_time_of_day(hour: int, words: str) -> None:
    assert greeting(NOW.replace(hour=hour), "Kari") == words  # UTC: an hour later in Oslo


def test_home_shows_what_comes_next_and_the_doctors_doors(browser: Client, kari: Person, gp: Office) -> None:
    gp.booked(kari)
    gp.booked(kari, clock=time(9, 0))
    page = get(browser, "/hjem/")
    assert "Hei, Kari" in page
    assert "Time på legekontoret i morgen" in page
    assert "tirsdag 24. november kl. 08.00" in page
    assert "Du har 1 time til" in page
    assert 'href="/timeavtaler/bestill/"' in page
    assert 'href="/timeavtaler/be-om-time/"' in page
    assert "Venter på deg" not in page
    assert "113" in page


def test_home_shows_what_waits_for_her(browser: Client, kari: Person, gp: Office) -> None:
    Person.objects.filter(pk=kari.pk).update(contact_confirmed_at=None)
    sent = wish(kari, gp)
    assert "Kontoret har gitt deg time" not in get(browser, "/hjem/")
    appointments.assign_request(
        actor=gp.staff(),
        request_id=sent.pk,
        calendar_id=gp.calendar.pk,
        visit_type_id=gp.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW, time(8, 0)),
        now=NOW,
    )
    page = get(browser, "/hjem/")
    assert "Venter på deg" in page
    assert "Kontoret har gitt deg time" in page
    assert f'href="/timeavtaler/onsker/{sent.pk}/"' in page
    assert "Bekreft kontaktopplysningene dine" in page


def test_a_refused_wish_is_news_for_two_weeks(browser: Client, kari: Person, gp: Office) -> None:
    sent = wish(kari, gp)
    appointments.refuse_request(actor=gp.staff(), request_id=sent.pk, text="Ring oss.", now=NOW)
    assert "Svar på ønsket om time" in get(browser, "/hjem/")
    assert [row.title for row in answers(None, NOW + timedelta(days=14), requests_of(citizen(kari), kari.pk), [])]
    assert not answers(None, NOW + timedelta(days=14, minutes=1), requests_of(citizen(kari), kari.pk), [])


def test_min_fastlege_tells_who_where_and_when(browser: Client, gp: Office) -> None:
    page = get(browser, "/min-fastlege/")
    for words in ("Ingrid Aas", "Spesialist i allmennmedisin", "Fjordbyen legesenter", "Storgata 1", "5003 Fjordbyen"):
        assert words in page
    assert 'href="tel:+4755555555"' in page
    assert "Åpent nå" in page
    assert "Stenger kl. 15.30." in page
    assert "08.00–15.30" in page
    assert 'href="/timeavtaler/bestill/"' in page


def test_an_absent_doctor_and_her_stand_in_are_told_of(browser: Client, gp: Office) -> None:
    absence(gp, Clinician.objects.create(name="Leif Strand", hpr_number="123"), "Ring hvis det haster.")
    page = get(browser, "/min-fastlege/")
    assert "Ingrid Aas er borte til og med onsdag 2. desember" in page
    assert "Vikar er Leif Strand. Ring hvis det haster." in page


def test_a_service_the_absent_doctor_cannot_answer_says_why_it_is_closed(browser: Client, gp: Office) -> None:
    absence(gp)
    page = get(browser, "/min-fastlege/")
    assert "Det er ingen vikar." in page
    assert "Ingrid Aas er borte, og ingen vikar svarer. Åpner igjen torsdag 3. desember." in page


def test_a_closed_service_says_why_and_until_when(browser: Client, gp: Office) -> None:
    Offer.objects.filter(service=Service.BOOK).update(
        is_open=False, closed_until_date=TODAY + timedelta(days=7), closed_reason="Legen har kurs."
    )
    page = get(browser, "/min-fastlege/")
    assert "Timebestilling:</span> Legen har kurs. Åpner igjen mandag 30. november." in page
    assert 'href="/timeavtaler/bestill/"' not in page
    assert 'href="/timeavtaler/be-om-time/"' in page


def test_a_doctor_without_digital_services_is_said_plainly_and_the_telephone_is_there(
    browser: Client, gp: Office
) -> None:
    gp.practice.supported_services = []
    gp.practice.save()
    page = get(browser, "/min-fastlege/")
    assert "Legen tilbyr ikke tjenester på nett." in page
    assert 'href="tel:+4755555555"' in page
    assert "/timeavtaler/be" not in page
    assert "Ingrid Aas tilbyr ikke tjenester på nett." in get(browser, "/hjem/")


def test_all_doctors_of_a_common_list_are_shown(browser: Client, gp: Office) -> None:
    gp.contract.is_common_list = True
    gp.contract.save()
    vik = Clinician.objects.create(name="Jonas Vik", hpr_number="124")
    ContractDoctor.objects.create(contract=gp.contract, clinician=vik, starts_date=LONG_AGO)
    page = get(browser, "/min-fastlege/")
    assert "Disse legene deler listen du står på." in page
    assert "Ingrid Aas" in page
    assert "Jonas Vik" in page


def test_a_list_without_a_doctor_still_has_its_office(browser: Client, gp: Office) -> None:
    ContractDoctor.objects.all().delete()
    page = get(browser, "/min-fastlege/")
    assert "Listen har ingen fast lege nå" in page
    assert "Fjordbyen legesenter" in page


def test_without_a_gp_she_is_told_what_to_do() -> None:
    browser = browser_of(person("Nils Testås"))
    page = get(browser, "/min-fastlege/")
    assert "Du har ingen fastlege nå." in page
    assert "rett til en fastlege" in page
    assert 'href="tel:116117"' in page
    for url in ("/hjem/", "/meldinger/", "/legemidler/"):
        assert "Du har ingen fastlege nå." in get(browser, url)


def test_earlier_lists_are_shown(browser: Client, kari: Person, gp: Office) -> None:
    before = office("Dalen legekontor", "Odd Lund")
    Membership.objects.create(person=kari, contract=before.contract, starts_date=date(2010, 1, 1), ends_date=LONG_AGO)
    assert "Dalen legekontor: 01.01.2010–01.01.2020" in get(browser, "/min-fastlege/")


def test_messages_hold_answers_and_notices_of_hers_alone(browser: Client, kari: Person, gp: Office) -> None:
    notice(kari, gp, "Timen din er bestilt.")
    notice(gp.patient("Per Testvik"), gp, "Pers time.")
    page = get(browser, "/meldinger/")
    assert "Timen din er bestilt." in page
    assert "Pers time." not in page
    assert 'href="tel:+4755555555"' in page


def test_messages_and_medicines_say_how_to_reach_the_office(browser: Client) -> None:
    assert "Ingen meldinger ennå" in get(browser, "/meldinger/")
    assert "Ring Fjordbyen legesenter:" in get(browser, "/meldinger/")
    Offer.objects.filter(service="renew").delete()
    page = get(browser, "/legemidler/")
    assert "Resepter fornyes på telefon" in page
    assert 'href="tel:+4755555555"' in page


# ---- profile


def test_the_profile_tells_who_she_is_and_masks_her_number(browser: Client, kari: Person) -> None:
    page = get(browser, "/profil/")
    assert "Kari Testdal" in page
    assert f"{kari.national_number[:6]} *****" in page
    assert kari.national_number not in page
    assert "999 99 999" in get(browser, "/profil/kontakt-og-beskjeder/")
    assert "Firefox, Linux" in get(browser, "/profil/innlogging/")


def test_each_door_of_the_profile_says_how_it_stands(browser: Client, kari: Person, gp: Office) -> None:
    page = " ".join(get(browser, "/profil/").split())
    for words in (
        "999 99 999, bekreftet 23.11.2026",
        "Nå gjelder: Full tilgang.",
        "Ingen kan handle for deg",
        "Ingenting å betale",
        "Logget inn i 1 nettleser<",
    ):
        assert words in page, words
    tor = gp.patient("Tor Testli")
    PowerOfAttorney.objects.create(giver=kari, receiver=tor, areas=[1], starts_date=NOW.date(), given_at=NOW)
    Person.objects.filter(pk=kari.pk).update(contact_confirmed_at=None)
    browser_of(kari)
    page = " ".join(get(browser, "/profil/").split())
    for words in (
        "Må bekreftes før vi kan sende deg beskjeder",
        "1 kan handle for deg",
        "Logget inn i 2 nettlesere",
    ):
        assert words in page, words
    assert "1 kan handle for deg" not in get(browser_of(gp.patient("Per Testvik")), "/profil/")
    browser.post("/profil/samtykke/", {"to": "none"})
    page = get(browser, "/profil/")
    assert "Mobilnummer og e-post mangler" in page
    assert "Betaling" not in page.partition("</main>")[0].partition('id="content"')[2]


def test_she_changes_her_contact_data(browser: Client, kari: Person) -> None:
    profile, form = (
        pages.shown(browser, *each)
        for each in (("/profil/kontakt-og-beskjeder/", "/profil/kontakt/bekreft/"), ("/profil/kontakt/",))
    )
    response = browser.post("/profil/kontakt/", form | {"phone": "412 34 567", "email": "kari@eksempel.no"})
    assert response.headers["Location"] == "/profil/kontakt-og-beskjeder/"
    kari.refresh_from_db()
    assert (kari.phone, kari.email) == ("+4741234567", "kari@eksempel.no")
    assert kari.contact_confirmed_at == NOW
    Person.objects.filter(pk=kari.pk).update(contact_confirmed_at=None)
    late = browser.post("/profil/kontakt/", form | {"phone": "98765432"})  # in a tab that stood open
    assert late.status_code == 409
    assert "Lagret nå: mobilnummer +4741234567, e-post kari@eksempel.no." in text(late)
    assert 'value="98765432"' in text(late)
    assert "Noe er endret etter at du åpnet siden." in text(
        browser.post("/profil/kontakt/bekreft/", profile, follow=True)
    )
    kari.refresh_from_db()
    assert kari.phone == "+4741234567"
    assert not Person.objects.filter(pk=kari.pk).exclude(contact_confirmed_at=None).exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phone": "1234"}, "Skriv et norsk nummer med 8 sifre"),
        ({"email": "kari"}, "Skriv e-postadressen på formen"),
    ],
)
def test_wrong_contact_data_is_said_at_the_field_and_kept(
    data: dict[str, str], words: str, browser: Client, kari: Person
) -> None:
    response = browser.post("/profil/kontakt/", data)
    assert response.status_code == 422
    assert words in text(response)
    assert all(f'value="{value}"' in text(response) for value in data.values())
    kari.refresh_from_db()
    assert kari.phone == "+4799999999"


def test_she_confirms_contact_data_that_is_old(browser: Client, kari: Person) -> None:
    Person.objects.filter(pk=kari.pk).update(contact_confirmed_at=NOW - timedelta(days=600))
    assert "Vi sender deg ingen beskjeder før du har bekreftet" in get(browser, "/profil/kontakt-og-beskjeder/")
    browser.post(
        "/profil/kontakt/bekreft/", pages.shown(browser, "/profil/kontakt-og-beskjeder/", "/profil/kontakt/bekreft/")
    )
    assert "Vi sender deg ingen beskjeder" not in get(browser, "/profil/kontakt-og-beskjeder/")
    assert "Bekreft kontaktopplysningene dine" not in get(browser, "/hjem/")


def test_her_language_follows_her(browser: Client, kari: Person) -> None:
    browser.post("/profil/sprak/", {"language": "nn"})
    kari.refresh_from_db()
    assert kari.language == "nn"
    assert 'lang="nn"' in get(browser, "/profil/")
    browser.post("/profil/sprak/", {"language": "xx"})
    kari.refresh_from_db()
    assert kari.language == "nn"


def test_logging_out_everywhere_ends_every_login(browser: Client, kari: Person) -> None:
    other = browser_of(kari)
    response = browser.post("/profil/logg-ut-overalt/")
    assert response.headers["Location"] == "/"
    for each in (browser, other):
        assert each.get("/hjem/").status_code == 302


def test_what_changes_something_is_not_done_by_a_link(browser: Client) -> None:
    for url in ("/profil/kontakt/bekreft/", "/profil/sprak/", "/profil/logg-ut-overalt/"):
        assert browser.get(url).status_code == 405


# ---- how much work a page is


@pytest.mark.parametrize("url", [*PLACES, "/profil/samtykke/", "/profil/kontakt/", "/samtykke/"])
def test_a_page_takes_few_queries_however_much_there_is(url: str, kari: Person, gp: Office) -> None:
    browser = browser_of(kari)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            get(browser, url)
        return len(queries)

    notice(kari, gp)
    gp.booked(kari)
    few = count()
    for number in range(20):
        notice(kari, gp)
        consents.give(
            actor=citizen(kari),
            person_id=kari.pk,
            level=Level.BASIS if number % 2 == 0 else Level.FULL,
            now=NOW + timedelta(seconds=number),
        )
        browser_of(kari)
    book_many(kari, gp)
    most = MOST_QUERIES + (url == "/hjem/")  # one for each context that has something to tell her
    assert count() == few <= most


def notice(who: Person, gp: Office, words: str = "Timen din er bestilt.") -> None:
    Notification.objects.create(
        event="appointment.booked",
        object_id=uuid4(),
        recipient=who,
        practice=gp.practice,
        created_at=NOW,
        due_at=NOW,
        status="sent",
        status_at=NOW,
        channel="sms",
        text=words,
    )


def book_many(who: Person, gp: Office) -> None:
    VisitType.objects.update(max_coming=99)
    for number in range(1, 10):
        gp.booked(who, clock=time(8 + number // 3, number % 3 * 20))
