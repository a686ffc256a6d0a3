"""Consent as a citizen meets it: given, narrowed, withdrawn, and too young for it."""

from datetime import date

import pytest
from django.test import Client

from legedialog.appointments.tests.factories import Office
from legedialog.consent import queries as consent
from legedialog.consent.models import Level
from legedialog.patients.models import Person
from legedialog.portal.tests.test_pages import browser_of, get, text

pytestmark = pytest.mark.django_db


def test_basis_sees_the_office_is_told_and_gives_full_access(gp: Office) -> None:
    per = gp.patient("Per Testvik", level=None)
    browser = browser_of(per)
    assert "Du mangler full tilgang" in get(browser, "/hjem/")
    page = get(browser, "/min-fastlege/")
    assert "Ingrid Aas" in page
    assert 'href="/timeavtaler/bestill/"' not in page
    assert "Du mangler full tilgang" in get(browser, "/timeavtaler/bestill/")

    page = get(browser, "/samtykke/?next=/timeavtaler/bestill/")
    assert "Gi full tilgang</button>" in page
    assert "Bestille og avbestille time" in page
    response = browser.post("/samtykke/", {"next": "/timeavtaler/bestill/"})
    assert response.headers["Location"] == "/timeavtaler/bestill/"
    assert consent.level(per.pk) is Level.FULL
    assert "Du mangler" not in get(browser, "/hjem/")
    assert "Du har allerede gitt full tilgang." in get(browser, "/samtykke/")


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_giving_access_leads_only_to_pages_of_ours(to: str, gp: Office) -> None:
    browser = browser_of(gp.patient("Per Testvik", level=None))
    assert browser.post("/samtykke/", {"next": to}).headers["Location"] == "/hjem/"


def test_withdrawing_tells_what_it_means_first(browser: Client, kari: Person, gp: Office) -> None:
    gp.booked(kari)
    page = get(browser, "/profil/samtykke/")
    assert "Du har 1 time som fortsatt gjelder" in page
    assert "tirsdag 24. november kl. 08.00" in page
    assert consent.level(kari.pk) is Level.FULL
    response = browser.post("/profil/samtykke/", {"to": "basis"})
    assert response.headers["Location"] == "/profil/innsyn/"
    assert consent.level(kari.pk) is Level.BASIS
    page = get(browser, "/profil/innsyn/")
    assert "Nå gjelder: <strong>Basis</strong>" in page
    assert "Full tilgang: fra mandag 23. november kl. 10.00 til mandag 23. november kl. 10.00" in page


def test_withdrawing_without_a_choice_changes_nothing(browser: Client, kari: Person) -> None:
    response = browser.post("/profil/samtykke/", {})
    assert response.status_code == 422
    assert "Velg ett av alternativene." in text(response)
    assert consent.level(kari.pk) is Level.FULL


def test_who_has_turned_everything_off_sees_no_doctor_until_she_says_so(browser: Client, kari: Person) -> None:
    browser.post("/profil/samtykke/", {"to": "none"})
    for url in ("/hjem/", "/min-fastlege/", "/meldinger/", "/legemidler/", "/timeavtaler/"):
        page = get(browser, url)
        assert "Du har slått av tjenestene" in page
        assert "Ingrid Aas" not in page
    browser.post("/samtykke/", {"level": "basis", "next": "/min-fastlege/"})
    assert consent.level(kari.pk) is Level.BASIS
    assert "Ingrid Aas" in get(browser, "/min-fastlege/")


def test_a_form_that_was_open_when_consent_ended_does_nothing(browser: Client, kari: Person, gp: Office) -> None:
    browser.post("/profil/samtykke/", {"to": "basis"})
    response = browser.post("/timeavtaler/be-om-time/", {"wishes": "Helst tidlig"}, headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert response.headers["HX-Retarget"] == "#content"
    assert "Du mangler full tilgang" in text(response)


@pytest.mark.parametrize(
    "url", ["/hjem/", "/min-fastlege/", "/timeavtaler/", "/meldinger/", "/legemidler/", "/samtykke/"]
)
def test_under_16_meets_a_kind_page_with_the_offices_telephone(url: str, gp: Office) -> None:
    nora = gp.patient("Nora Testdal")
    Person.objects.filter(pk=nora.pk).update(birth_date=date(2010, 11, 24))
    page = get(browser_of(nora), url)
    assert "Disse tjenestene er for deg som har fylt 16 år" in page
    assert 'href="tel:+4755555555"' in page
    assert "/timeavtaler/bestill/" not in page


def test_the_services_open_on_the_16th_birthday(gp: Office) -> None:
    sara = gp.patient("Sara Testberg")
    Person.objects.filter(pk=sara.pk).update(birth_date=date(2010, 11, 23))
    assert 'href="/timeavtaler/bestill/"' in get(browser_of(sara), "/hjem/")
