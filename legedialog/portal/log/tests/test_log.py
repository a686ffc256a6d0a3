"""The log as the citizen reads it, through the whole stack."""

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from legedialog.access.actor import Role, system
from legedialog.appointments import office as at_office
from legedialog.appointments.tests.factories import NOW, Office, citizen, office, person
from legedialog.audit import queries
from legedialog.audit import services as audit
from legedialog.audit.models import Concern, Event
from legedialog.audit.rules import Purpose
from legedialog.patients.models import Person
from legedialog.portal.tests.test_pages import browser_of, text

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


def reads(gp: Office, kari: Person, count: int = 1, role: Role = Role.SECRETARY) -> list[Event]:
    actor = gp.staff(role)
    for number in range(count):
        at = NOW - timedelta(minutes=number)
        audit.looked(actor, "patient.appointments", None, at=at, patient_id=kari.pk)
    return list(Event.objects.filter(patient_id=kari.pk, employee_id=actor.employee_id).order_by("-at"))


def log(browser: Client, query: str = "?vis=alt") -> str:
    """Line by line; "" is the overview."""
    response = browser.get(f"/profil/logg/{query}")
    assert response.status_code == 200
    return text(response)


def test_she_reads_who_did_what_when_and_why(browser: Client, kari: Person, gp: Office) -> None:
    visit = gp.booked(kari)
    at_office.visit(gp.staff(), visit.pk, NOW)
    page = log(browser)
    assert "Bestilte en time" in page
    assert "Leste hva en time gjelder" in page
    assert "Mona Haug, helsesekretær" in page
    assert "· Fjordbyen legesenter" in page
    assert "Gi helsehjelp. Nødvendig for helsehjelp (pasientjournalloven § 19)." in page
    assert "mandag 23. november" in page
    assert "Hoste" not in page


def test_profile_leads_there(browser: Client) -> None:
    page = text(browser.get("/profil/innsyn/"))
    assert 'href="/profil/logg/"' in page


def test_reading_the_log_is_one_row_for_each_visit(
    browser: Client, kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        log(browser)
    rows = Event.objects.filter(action="log.read")
    assert [(row.patient_id, row.person_id, row.kind) for row in rows.all()] == [(kari.pk, kari.pk, "read")]
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=29))
    log(browser)
    assert rows.count() == 1
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=31))
    log(browser)
    assert rows.count() == 2


def test_what_one_person_did_in_one_go_is_one_line_and_every_row_stands_in_it(
    browser: Client, kari: Person, gp: Office
) -> None:
    """Two colleagues at the same time, and one of them again an hour later: three visits."""
    mona, other = gp.staff(), gp.staff(Role.DOCTOR)
    for minutes in (1, 3, 5, 75):
        at = NOW - timedelta(minutes=minutes)
        audit.looked(mona, "dialogue.read", uuid4(), at=at, patient_id=kari.pk)
        audit.looked(mona, "attachment.read", uuid4(), at=at + timedelta(seconds=1), patient_id=kari.pk)
    audit.looked(other, "dialogue.read", uuid4(), at=NOW - timedelta(minutes=2), patient_id=kari.pk)
    page = log(browser, "?hvem=office")
    visits = re.findall(r'<li class="rows__item">', page)
    assert len(visits) == 3
    assert "Leste en dialog (3 ganger). Åpnet et vedlegg (3 ganger)" in page
    assert "6 linjer" in page
    assert page.count("Reager på dette") == 9  # each row may be asked about
    assert Event.objects.filter(patient_id=kari.pk, actor_kind="staff").count() == 9


def test_a_page_never_ends_in_the_middle_of_a_visit(browser: Client, kari: Person, gp: Office) -> None:
    mona = gp.staff()
    for number in range(queries.PAGE + 20):
        audit.looked(mona, "dialogue.read", uuid4(), at=NOW - timedelta(seconds=number), patient_id=kari.pk)
    audit.looked(gp.staff(), "dialogue.read", uuid4(), at=NOW - timedelta(hours=5), patient_id=kari.pk)
    page = log(browser, "?hvem=office")
    assert f"({queries.PAGE + 20} ganger)" in page
    assert len(re.findall(r'<li class="rows__item">', page)) == 1
    assert "Vis eldre" in page


def test_nothing_of_others_is_shown(browser: Client, gp: Office) -> None:
    reads(gp, gp.patient("Per Testvik"))
    assert "Mona Haug" not in log(browser)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?vis=alt", {"Åpnet siden din", "Bekreftet kontakt", "Oppdaterte opplysninger", "Leste denne loggen"}),
        ("?hvem=office", {"Åpnet siden din"}),
        ("?hvem=me", {"Bekreftet kontakt", "Leste denne loggen"}),
        ("?hvem=others", {"Oppdaterte opplysninger"}),
        ("?hva=read", {"Åpnet siden din", "Leste denne loggen"}),
        ("?hva=change", {"Bekreftet kontakt", "Oppdaterte opplysninger"}),
        ("?til=2026-11-22", {"Oppdaterte opplysninger"}),
        ("?fra=2026-11-23&hva=change", {"Bekreftet kontakt"}),
    ],
)
def test_filters(query: str, shown: set[str], browser: Client, kari: Person, gp: Office) -> None:
    reads(gp, kari)
    audit.record(citizen(kari), "contact.confirmed", kari.pk, at=NOW, patient_id=kari.pk)
    audit.record(system(), "person.saved", kari.pk, at=NOW - timedelta(days=1), patient_id=kari.pk)
    page = log(browser, query)
    words = {"Åpnet siden din", "Bekreftet kontakt", "Oppdaterte opplysninger", "Leste denne loggen"}
    assert {word for word in words if word in page} == shown


def test_a_day_that_is_no_day_is_said_at_the_field(browser: Client) -> None:
    assert browser.get("/profil/logg/?fra=i+fjor").status_code == 422


def test_pages_follow_each_other_without_gap_or_repetition(browser: Client, kari: Person, gp: Office) -> None:
    actor = gp.staff()
    for _ in range(120):  # at the same moment, so that the key decides
        audit.looked(actor, "request.wishes", uuid4(), at=NOW - timedelta(days=1), patient_id=kari.pk)
    for number in range(4 * queries.PAGE):  # longer than one page takes, so that it is cut all the same
        audit.looked(actor, "journal.read", None, at=NOW - timedelta(days=2, seconds=number), patient_id=kari.pk)
    query, seen = "vis=alt", []
    for _ in range(2):
        response = browser.get(f"/profil/logg/?{query}")
        seen += [row.id for each in response.context["occasions"] for row in each.rows]
        query = response.context["more"]
    assert query == ""
    assert len(seen) == len(set(seen)) == 321


@pytest.mark.parametrize("place", ["x", "2026-11-23_x", "2026-11-23T09:00:00_01980000-0000-4000-8000-000000000000"])
def test_a_place_that_is_none_begins_at_the_top(place: str, browser: Client, kari: Person, gp: Office) -> None:
    reads(gp, kari)
    assert "Mona Haug" in log(browser, f"?etter={place}")


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize(("query", "number"), [("", 7), ("?vis=alt", 6)])
def test_the_page_asks_the_same_number_of_questions_however_long(
    query: str, number: int, count: int, browser: Client, kari: Person, gp: Office
) -> None:
    reads(gp, kari, count)
    log(browser, query)
    with CaptureQueriesContext(connection) as queries:
        log(browser, query)
    asked = [query for query in queries.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) == number, [query["sql"][:100] for query in asked]


def test_the_overview_is_a_line_for_each_person_and_month_which_opens_on_hers_alone(
    browser: Client, kari: Person, gp: Office
) -> None:
    """Forty readings of two people in two months are three lines; with her own, who reads the log, four."""
    mona, ingrid = gp.staff(), gp.staff(Role.DOCTOR)
    for number in range(20):
        audit.looked(mona, "dialogue.read", uuid4(), at=NOW - timedelta(hours=20 * number), patient_id=kari.pk)
        audit.looked(mona, "attachment.read", uuid4(), at=NOW - timedelta(hours=1), patient_id=kari.pk)
    audit.looked(ingrid, "journal.read", None, at=NOW - timedelta(days=1), patient_id=kari.pk)
    page = log(browser, "")
    months = re.findall(r"<h2>(\w+ 2026)</h2>(.*?)</ul>", page, re.DOTALL)
    assert [(name, lines.count("<li>")) for name, lines in months] == [("November 2026", 3)]
    audit.looked(mona, "dialogue.read", uuid4(), at=NOW - timedelta(days=40), patient_id=kari.pk)
    page = log(browser, "")
    months = re.findall(r"<h2>(\w+ 2026)</h2>(.*?)</ul>", page, re.DOTALL)
    assert [(name, lines.count("<li>")) for name, lines in months] == [("November 2026", 3), ("Oktober 2026", 1)]
    assert "17 dager, sist mandag 23. november" in page
    assert "Åpnet et vedlegg. Leste en dialog" in page
    hers = f"?fra=2026-11-01&til=2026-11-30&av={mona.employee_id}"
    assert hers in page
    opened = log(browser, hers)
    assert "Viser bare «Mona Haug», fra søndag 1. november" in opened
    assert "Leste en dialog" in opened
    assert "Leste journalen" not in opened
    assert "Leste denne loggen" not in opened


def test_older_months_are_one_press_away_however_long_ago(browser: Client, kari: Person, gp: Office) -> None:
    audit.looked(gp.staff(), "dialogue.read", uuid4(), at=NOW - timedelta(days=400), patient_id=kari.pk)
    page = log(browser, "")
    assert "Mona Haug" not in page
    older = re.search(r'href="(\?maned=[^"]+)"', page)
    assert older
    page = log(browser, older[1])
    assert "Mona Haug" in page
    assert "Til de nyeste" in page
    assert "Vis eldre" not in page
    assert "Ingen har lest eller endret noe om deg i disse månedene" in log(browser, "?maned=1850-01-01")
    for nonsense in ("x", "9999-12-31", "2149-12-31"):
        assert "November 2026" in log(browser, f"?maned={nonsense}")


def test_what_she_has_asked_stands_first_until_and_after_it_is_answered(
    browser: Client, kari: Person, gp: Office
) -> None:
    event = reads(gp, kari)[0]
    browser.post(f"/profil/logg/{event.pk}/", {"text": "Hvem er dette?"})
    assert "Svar innen mandag 7. desember" in log(browser, "")
    audit.answer_concern(actor=gp.staff(Role.DOCTOR), concern_id=Concern.objects.get().pk, text="Mona.", now=NOW)
    assert "Kontoret har svart" in log(browser, "")
    assert "Kontoret har svart" not in log(browser_of(gp.patient("Per Testvik")), "")


def test_what_nobody_did_is_one_line_that_opens_too(browser: Client, kari: Person) -> None:
    audit.record(system(), "person.saved", kari.pk, at=NOW, patient_id=kari.pk)
    assert "av=auto" in log(browser, "")
    page = log(browser, "?av=auto")
    assert "Oppdaterte opplysninger" in page
    assert "Leste denne loggen" not in page
    assert "Leste denne loggen" in log(browser, "?av=somebody")  # what is no id asks for nobody in particular


def test_export_as_a_spreadsheet(browser: Client, kari: Person, gp: Office) -> None:
    reads(gp, kari, 3)
    response: Any = browser.get("/profil/logg/last-ned/?format=csv&hvem=office")
    assert response.streaming
    content = b"".join(response.streaming_content).decode()
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0][:3] == ["Tidspunkt", "Hvem", "Rolle"]
    assert len(rows) == 4
    assert rows[1][:4] == ["2026-11-23T10:00:00+01:00", "Mona Haug", "helsesekretær", "Fjordbyen legesenter"]
    assert "logg-2026-11-23.csv" in response["Content-Disposition"]
    assert Event.objects.filter(action="log.exported", patient_id=kari.pk).count() == 1


def test_export_as_json_takes_every_page(
    browser: Client, kari: Person, gp: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("legedialog.audit.queries.CHUNK", 4)
    reads(gp, kari, 9)
    response: Any = browser.get("/profil/logg/last-ned/?format=json")
    rows = json.loads(b"".join(response.streaming_content))
    assert len(rows) == 10
    assert rows[1]["purpose"] == "Gi helsehjelp"


def test_a_spreadsheet_runs_nothing_that_somebody_wrote(browser: Client, kari: Person, gp: Office) -> None:
    actor = gp.staff()
    actor = type(actor)(**{name: getattr(actor, name) for name in actor.__slots__} | {"login_id": uuid4()})
    audit.state_purpose(actor=actor, patient_id=kari.pk, code=Purpose.OTHER, note="=1+1", now=NOW)
    response: Any = browser.get("/profil/logg/last-ned/")
    assert ";'=1+1;" in b"".join(response.streaming_content).decode()


def test_she_asks_the_office_and_reads_the_answer(browser: Client, kari: Person, gp: Office) -> None:
    event = reads(gp, kari)[0]
    url = f"/profil/logg/{event.pk}/"
    assert url in log(browser)
    assert "Fjordbyen legesenter, som må svare innen ti virkedager" in text(browser.get(url))
    assert browser.post(url, {"text": ""}).status_code == 422
    assert browser.post(url, {"text": "Hvem er dette?"}).headers["Location"] == url
    concern = Concern.objects.get()
    assert (concern.event_id, concern.practice_id, str(concern.answer_by)) == (event.pk, gp.practice.pk, "2026-12-07")
    assert "Kommer innen mandag 7. desember" in text(browser.get(url))
    assert "Du har spurt. Svar innen mandag 7. desember" in log(browser)
    browser.post(url, {"text": "En gang til"})
    assert Concern.objects.count() == 1
    audit.answer_concern(actor=gp.staff(Role.DOCTOR), concern_id=concern.pk, text="Mona ringte deg.", now=NOW)
    assert "Mona ringte deg." in text(browser.get(url))
    assert "Les svaret fra kontoret" in log(browser)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, answer FROM audit_concern")
        assert all(b"Hvem" not in bytes(each) and b"Mona" not in bytes(each) for each in cursor.fetchone())


def test_what_no_office_did_cannot_be_asked_about(browser: Client, kari: Person) -> None:
    audit.record(system(), "person.saved", kari.pk, at=NOW, patient_id=kari.pk)
    url = f"/profil/logg/{Event.objects.get(action='person.saved').pk}/"
    assert "ingen der å spørre" in text(browser.get(url))
    browser.post(url, {"text": "Hvorfor?"})
    assert not Concern.objects.exists()


def test_a_stranger_does_not_find_a_row_of_hers(gp: Office, kari: Person) -> None:
    event = reads(gp, kari)[0]
    stranger = browser_of(person("Per Testvik"))
    for url in (f"/profil/logg/{event.pk}/", f"/profil/logg/{uuid4()}/"):
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"text": "Hvem?"}).status_code == 404
    assert not Concern.objects.exists()


@pytest.mark.parametrize(("language", "words"), [("nn", "Kven har sett og endra"), ("en", "Who has seen and changed")])
def test_in_her_language(language: str, words: str, kari: Person, gp: Office) -> None:
    reads(gp, kari)
    assert words in log(browser_of(kari, language))
