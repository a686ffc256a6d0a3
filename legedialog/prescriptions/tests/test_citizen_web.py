"""The citizen's pages: what they show, what they refuse with which status, and what a stranger meets."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access.actor import Role
from legedialog.access.models import Ended, Login
from legedialog.access.tests import pages
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import Office, citizen, office
from legedialog.cautions import services as cautions
from legedialog.cautions.tests.factories import caution
from legedialog.consent.models import Consent, Level
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.patients.models import Person
from legedialog.practices.models import Offer
from legedialog.prescriptions import services, treating
from legedialog.prescriptions.models import Item, Look, Prescription, Renewal, Source
from legedialog.prescriptions.rules import Pickup
from legedialog.prescriptions.tests.factories import TODAY, collected
from legedialog.prescriptions.tests.factories import prescription as made

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def gp() -> Office:
    return office()


@pytest.fixture
def kari(gp: Office) -> Person:
    return gp.patient()


def browser_of(who: Person) -> Client:
    return logged_in(citizen(who))


def prescription(who: Person, at: Office | None, *, days_left: int = 10, **values: Any) -> Any:
    """Around today, whenever the test runs."""
    shift = (local_day(NOW) - TODAY).days
    return made(who, at, days_left=days_left + shift, **values)


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def form(*rows: Any, **fields: str) -> dict[str, Any]:
    return {"prescriptions": [str(row.pk) for row in rows], "pickup": "AP", "key": str(new_id()), **fields}


def test_she_reads_what_she_does_not_tolerate_what_it_means_and_who_wrote_it(gp: Office, kari: Person) -> None:
    doctor, browser = gp.staff(Role.DOCTOR, name="Ingrid Aas"), browser_of(kari)
    assert "Legekontoret har ikke skrevet noen." in text(browser.get("/legemidler/"))
    caution(doctor, kari.pk, NOW, "Penicillin")
    ended = caution(doctor, kari.pk, NOW, "Plaster")
    cautions.end(actor=doctor, caution_id=ended.pk, reason="Lappetest uten reaksjon.", now=NOW)
    for address in ("/legemidler/", "/legemidler/liste/"):
        page = text(browser.get(address))
        for wanted in (
            *("Penicillin", "Elveblest og tung pust.", "Reaksjonen kan være farlig for deg.", "Skrevet av Ingrid Aas"),
            *("Advarsler som er avsluttet", "Lappetest uten reaksjon."),
            "Be om retting eller sletting",
        ):
            assert wanted in page
    assert "Penicillin" not in text(browser_of(gp.patient("Ola Testdal")).get("/legemidler/"))


def test_an_order_that_a_login_ended_on_comes_back_to_its_form_with_all_that_was_chosen(
    kari: Person, gp: Office
) -> None:
    """Medicine, place and words stand where she chose them, and nothing is ordered before she presses there."""
    first, second = prescription(kari, gp), prescription(kari, gp, name="Zyrtec", substance="cetirizin", atc="R06AE07")
    browser = pages.browser()
    staying(browser, kari)
    tab = Tab(browser).open("/legemidler/forny/")
    Login.objects.update(ended_at=timezone.now(), ended_why=Ended.TIME)
    typed: dict[str, Any] = {"prescriptions": [str(second.pk)], "pickup": "AP", "note": "Jeg reiser på mandag."}
    tab.press("/legemidler/forny/", **typed)
    staying(browser, kari)
    tab.open("/logg-inn/tekst/").press("/logg-inn/tekst/")
    assert not Renewal.objects.exists()
    drawn = tab.form("/legemidler/forny/").fields
    assert {name: drawn.get(name) for name in typed} == {
        "prescriptions": [str(second.pk)],
        "pickup": ["AP"],
        "note": ["Jeg reiser på mandag."],
    }
    tab.press("/legemidler/forny/")
    assert Item.objects.get().prescription_id == second.pk != first.pk


def staying(browser: Client, who: Person) -> None:
    for name, morsel in browser_of(who).cookies.items():
        browser.cookies[name] = morsel.value


def test_the_list_says_what_is_left_and_leads_to_renewal(kari: Person, gp: Office) -> None:
    prescription(kari, gp)
    page = browser_of(kari).get("/legemidler/")
    words = text(page)
    assert "Metoprolol Sandoz 50 mg" in words
    assert "Resepten går ut om 10 dager" in words
    assert "1 av 4 uttak igjen" in words
    assert 'href="/legemidler/forny/"' in page.content.decode()


def test_an_empty_list_says_what_would_be_here(kari: Person) -> None:
    words = text(browser_of(kari).get("/legemidler/"))
    assert "Ingen gyldige resepter" in words
    assert "Legekontoret: alltid oppdatert." in words


def test_a_source_that_is_silent_is_named(kari: Person) -> None:
    Source.objects.create(name="Reseptformidleren", phone="23327000", failed_at=NOW)
    words = text(browser_of(kari).get("/legemidler/"))
    assert "Reseptformidleren svarer ikke nå. Resepter derfra kan mangle" in words


def test_basis_sees_the_list_and_is_told_what_renewal_needs(kari: Person, gp: Office) -> None:
    prescription(kari, gp)
    Consent.objects.filter(person=kari).update(level=Level.BASIS)
    page = browser_of(kari).get("/legemidler/")
    assert "Metoprolol" in text(page)
    assert "Gi full tilgang for å be legen om å fornye dem" in text(page)
    assert "/legemidler/forny/" not in page.content.decode()
    assert "consent/needed.html" in [each.name for each in browser_of(kari).get("/legemidler/forny/").templates]


def test_no_renewal_is_offered_where_the_doctor_does_not(kari: Person, gp: Office) -> None:
    prescription(kari, gp)
    Offer.objects.filter(service="renew").update(is_open=False, closed_reason="Ferie")
    browser = browser_of(kari)
    words = text(browser.get("/legemidler/"))
    assert "Resepter fornyes på telefon Ferie" in words
    assert "Forny resept" not in words
    answer = browser.post("/legemidler/forny/", form(*Prescription.objects.filter(patient=kari)))
    assert answer.status_code == 409
    assert not Renewal.objects.exists()


def test_she_orders_two_with_a_note_and_reads_the_story(kari: Person, gp: Office) -> None:
    one, other = prescription(kari, gp), prescription(kari, gp, name="Lipitor", atc="C10AA05", strength="20 mg")
    browser = browser_of(kari)
    sent = browser.post("/legemidler/forny/", form(one, other, note="Reiser snart"))
    renewal = Renewal.objects.get()
    assert sent.headers["Location"] == f"/legemidler/bestillinger/{renewal.pk}/"
    words = text(browser.get(sent.headers["Location"]))
    for expected in ("Metoprolol", "Lipitor", "Reiser snart", "Svar innen", "Kontoret gjør klar, og legen avgjør"):
        assert expected in words
    assert "Du har allerede bestilt denne" in text(browser.get("/legemidler/forny/"))


def test_a_second_click_leads_to_the_same_order(kari: Person, gp: Office) -> None:
    sent = form(prescription(kari, gp))
    browser = browser_of(kari)
    first, second = browser.post("/legemidler/forny/", sent), browser.post("/legemidler/forny/", sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Renewal.objects.count() == 1


def test_bad_input_is_told_at_the_field_and_kept(kari: Person, gp: Office) -> None:
    prescription(kari, gp)
    answer = browser_of(kari).post("/legemidler/forny/", form(note="x" * 1001))
    assert answer.status_code == 422
    assert "Velg minst én resept du vil fornye." in text(answer)
    assert "x" * 1001 in answer.content.decode()


@pytest.mark.parametrize(
    ("values", "why", "link"),
    [
        ({"group": "A", "dispensings": 1, "dispensed": 1}, "gruppe A", "Bestill time"),
        ({"group": "B", "dispensings": 1, "dispensed": 1}, "gruppe B", "Bestill time"),
        ({"atc": "J01CE02"}, "Antibiotika fornyes ikke", "Bestill time"),
        ({"days_left": 90}, "Du kan fornye den fra", ""),
        ({"dispensed": 0}, "Den ligger klar på apoteket", ""),
    ],
)
def test_each_refusal_tells_why_and_leads_on(
    values: dict[str, Any], why: str, link: str, kari: Person, gp: Office
) -> None:
    row = prescription(kari, gp, **values)
    browser = browser_of(kari)
    for url in ("/legemidler/forny/", f"/legemidler/{row.pk}/"):
        words = text(browser.get(url))
        assert "Kan ikke fornyes her nå" in words
        assert why in words
        assert link in words
    answer = browser.post("/legemidler/forny/", form(row))
    assert answer.status_code == 422
    assert "En av reseptene kan ikke fornyes nå" in text(answer)


def test_no_time_is_promised_where_none_can_be_booked(kari: Person, gp: Office) -> None:
    row = prescription(kari, gp, atc="J01CE02")
    Offer.objects.filter(service="book").delete()
    page = browser_of(kari).get(f"/legemidler/{row.pk}/")
    assert "Bestill time" not in text(page)
    assert "Du kan også ringe legekontoret" in text(page)


def test_the_answers_are_told_with_what_to_do_next(kari: Person, gp: Office) -> None:
    doctor = gp.staff(Role.DOCTOR)
    rows = [prescription(kari, gp, name=f"Nummer {at}", atc=f"C10AA{at:02}") for at in range(3)]
    renewal = services.send(
        actor=citizen(kari),
        patient_id=kari.pk,
        prescription_ids=[row.pk for row in rows],
        key=new_id(),
        note="",
        now=NOW,
    )
    signed, refused, asked = (Item.objects.get(prescription=row) for row in rows)
    treating.sign(actor=doctor, item_ids=[signed.pk], now=NOW)
    treating.refuse(actor=doctor, item_ids=[refused.pk], text="Trenger blodprøver", now=NOW)
    later = NOW + timedelta(days=3)
    treating.ask_for_appointment(actor=doctor, item_ids=[asked.pk], text="Kom til kontroll", times=[later], now=NOW)
    browser = browser_of(kari)
    words = text(browser.get(f"/legemidler/bestillinger/{renewal.pk}/"))
    for expected in (
        "Fornyet",
        "Du kan hente på alle apotek",
        "Trenger blodprøver",
        "Kom til kontroll",
        "Bestill time",
    ):
        assert expected in words
    day = f"/timeavtaler/bestill/?doctor={asked.clinician_id}&amp;day={local_day(later)}#times"
    assert f'href="{day}"' in browser.get(f"/legemidler/bestillinger/{renewal.pk}/").content.decode()
    assert "Trekk bestillingen tilbake" not in words
    assert "Svar om resept" in text(browser.get("/hjem/"))


def test_who_asked_for_paper_is_told_to_fetch_it_at_the_office(kari: Person, gp: Office) -> None:
    row = prescription(kari, gp)
    renewal = services.send(
        actor=citizen(kari),
        patient_id=kari.pk,
        prescription_ids=[row.pk],
        key=new_id(),
        note="",
        pickup=Pickup.OFFICE,
        now=NOW,
    )
    treating.sign(actor=gp.staff(Role.DOCTOR), item_ids=[Item.objects.get().pk], now=NOW)
    words = text(browser_of(kari).get(f"/legemidler/bestillinger/{renewal.pk}/"))
    assert "Du ba om resepten på papir. Hent den på" in words
    assert "på alle apotek" not in words


def test_the_list_on_paper_has_what_a_hospital_asks_for(kari: Person, gp: Office) -> None:
    prescription(kari, gp, substance="Metoprolol")
    prescription(kari, gp, name="Ibux", atc="M01AE01", days_left=-200)
    words = text(browser_of(kari).get("/legemidler/liste/"))
    for expected in ("Kari Testdal", "født", "Metoprolol Sandoz 50 mg", "Metoprolol C07AB02", "1 av 4 uttak igjen"):
        assert expected in words
    assert "Ibux" not in words


def test_she_takes_it_back(kari: Person, gp: Office) -> None:
    renewal = services.send(
        actor=citizen(kari),
        patient_id=kari.pk,
        prescription_ids=[prescription(kari, gp).pk],
        key=new_id(),
        note="",
        now=NOW,
    )
    browser = browser_of(kari)
    url = f"/legemidler/bestillinger/{renewal.pk}/trekk/"
    for _ in range(2):  # the second is told that it is over
        assert browser.post(url).status_code == 302
    assert Item.objects.get().status == "withdrawn"


def test_what_she_has_and_the_prescription_are_two_dates_with_two_words(kari: Person, gp: Office) -> None:
    row = prescription(kari, gp, days_left=200, dispensings=1, dispensed=0, supply_days=110)
    collected(row, local_day(NOW) - timedelta(days=100))
    words = text(browser_of(kari).get(f"/legemidler/{row.pk}/"))
    assert "Nok i 10 dager, til" in words
    assert "Resepten varer til og med" in words


def test_what_runs_out_soon_waits_on_hjem_until_it_is_ordered(kari: Person, gp: Office) -> None:
    row = prescription(kari, gp, days_left=9)
    browser = browser_of(kari)
    assert "Metoprolol Sandoz 50 mg Resepten går ut om 9 dager" in text(browser.get("/hjem/"))
    browser.get(f"/legemidler/{row.pk}/")
    assert Look.objects.get().prescription_id == row.pk
    browser.post("/legemidler/forny/", form(row))
    assert "Ikke bestilt" not in text(browser.get("/hjem/"))
    assert not Look.objects.exists()


def test_a_stranger_finds_nothing(kari: Person, gp: Office) -> None:
    row = prescription(kari, gp)
    renewal = services.send(
        actor=citizen(kari), patient_id=kari.pk, prescription_ids=[row.pk], key=new_id(), note="", now=NOW
    )
    per = browser_of(gp.patient("Per Testvik"))
    for url in (f"/legemidler/{row.pk}/", f"/legemidler/bestillinger/{renewal.pk}/"):
        assert per.get(url).status_code == 404
        assert Client().get(url).status_code == 302
    assert per.post(f"/legemidler/bestillinger/{renewal.pk}/trekk/").status_code == 404
    assert per.post("/legemidler/forny/", form(row)).status_code == 422


@pytest.mark.parametrize("url", ["/legemidler/", "/legemidler/forny/"])
def test_a_page_takes_few_queries_however_much_there_is(url: str, kari: Person, gp: Office) -> None:
    browser = browser_of(kari)
    prescription(kari, gp)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(url).status_code == 200
        return sum("core_datakey" not in each["sql"] for each in asked)

    few = count()
    for at in range(20):
        row = prescription(kari, gp, name=f"Nummer {at}", atc=f"C10AA{at:02}")
        collected(row, local_day(NOW))
        if at < 5:
            services.send(
                actor=citizen(kari), patient_id=kari.pk, prescription_ids=[row.pk], key=new_id(), note="", now=NOW
            )
    assert count() == few <= 12


def test_the_pages_answer_in_english_too(kari: Person, gp: Office) -> None:
    prescription(kari, gp)
    browser = browser_of(kari)
    browser.cookies[cookies.name("language")] = "en"
    Person.objects.filter(pk=kari.pk).update(language="en")
    words = text(browser.get("/legemidler/", headers={"Accept-Language": "en"}))
    assert "The prescription ends in 10 days" in words
