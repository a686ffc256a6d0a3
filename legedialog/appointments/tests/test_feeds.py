"""The private address of her coming times, as her own calendar reads it."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import icalendar
import pytest
from django.test import Client

from legedialog.access.actor import Role
from legedialog.access.models import Lock
from legedialog.appointments import ics, services
from legedialog.appointments.models import CalendarFeed, Source
from legedialog.appointments.tests.browsing import INDEX, Clock, browser_of
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core.errors import Denied, NotFound
from legedialog.patients.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = f"{INDEX}kalender/"


def events(response: Any) -> list[Any]:
    assert response.status_code == 200, response.status_code
    return icalendar.Calendar.from_ical(response.content).walk("VEVENT")


def address(page: Any) -> str:
    found = re.search(r'class="written">https?://[^/]+(/[^<]+)<', page.content.decode())
    assert found
    return found[1]


def made(kari: Person) -> str:
    """The path of her new address."""
    return f"{PAGE}{services.make_feed(actor=citizen(kari), now=NOW)}.ics"


def test_her_calendar_reads_when_she_has_a_time_and_nothing_of_where_with_whom_or_why(
    gp: Office, kari: Person, clock: Clock
) -> None:
    row = gp.booked(kari, reason="Hoste")
    source = Source.objects.create(organisation_number="999999999", name="Fjordbyen sykehus", phone="55444444")
    at = NOW + timedelta(days=9)
    services.receive_external(
        source_id=source.pk, identifier=uuid4(), patient_id=kari.pk, status="booked", starts_at=at, ends_at=None,
        channel="attendance", title="Kontroll, gynekologisk", place="3. etasje", instruction="Møt fastende",
        join_url="", sent_at=NOW, now=NOW,
    )  # fmt: skip
    browser = browser_of(kari)
    path = address(browser.post(PAGE))
    answer = Client().get(path)
    own, hospital = events(answer)
    assert (own["DTSTART"].dt, own["DTEND"].dt, str(own["SUMMARY"])) == (row.starts_at, row.ends_at, "Timeavtale")
    assert (hospital["DTSTART"].dt, str(hospital["SUMMARY"])) == (at, "Timeavtale")
    words = answer.content.decode()
    assert not [w for w in (gp.practice.name, gp.doctor.name, kari.given_name, "Hoste", "gynek", "syke") if w in words]
    assert "LOCATION" not in words


def test_a_moved_time_is_moved_there_and_is_one_with_its_own_file(gp: Office, kari: Person) -> None:
    row = gp.booked(kari)
    path = made(kari)
    before = events(Client().get(path))[0]
    file = icalendar.Calendar.from_ical(browser_of(kari).get(f"{INDEX}{row.pk}/timeavtale.ics").content)
    assert before["UID"] == file.walk("VEVENT")[0]["UID"]
    services.cancel(actor=citizen(kari), appointment_id=row.pk, note="", now=NOW)
    assert events(Client().get(path)) == []


def test_the_address_is_shown_once_and_a_new_one_shuts_the_old(kari: Person) -> None:
    browser = browser_of(kari)
    first = address(browser.post(PAGE))
    assert 'class="written"' not in browser.get(PAGE).content.decode()
    assert first.rsplit("/", 1)[1].removesuffix(".ics").encode() not in bytes(CalendarFeed.objects.get().token_hash)
    second = address(browser.post(PAGE))
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_she_ends_it(kari: Person) -> None:
    path = made(kari)
    browser = browser_of(kari)
    browser.post(f"{PAGE}slutt/")
    assert browser.post(f"{PAGE}slutt/").status_code == 302  # twice is as once
    assert Client().get(path).status_code == 404
    kinds = Event.objects.filter(patient_id=kari.pk, action__startswith="calendar-feed").order_by("at", "pk")
    assert sorted(each.action for each in kinds) == ["calendar-feed.ended", "calendar-feed.made"]


def _dies(kari: Person) -> None:
    Person.objects.filter(pk=kari.pk).update(death_date=date(2026, 11, 22))


def _is_locked(kari: Person) -> None:
    Lock.objects.create(person=kari, locked_at=NOW)


def _narrows(kari: Person) -> None:
    Consent.objects.filter(person=kari).update(level=Level.BASIS)


@pytest.mark.parametrize("what", [_dies, _is_locked, _narrows])
def test_it_is_shut_with_her_services(gp: Office, kari: Person, what: Any) -> None:
    gp.booked(kari)
    path = made(kari)
    assert events(Client().get(path))
    what(kari)
    answer = Client().get(path)
    assert (answer.status_code, answer.content) == (404, b"")


def test_nobody_makes_one_for_another(gp: Office, kari: Person) -> None:
    ola = gp.patient("Ola Testdal")
    for_ola = citizen(kari)
    for_ola = type(for_ola)(
        kind=for_ola.kind, person_id=kari.pk, acting_for_id=ola.pk, patients=frozenset({ola.pk}), ground="FO"
    )
    for actor in (for_ola, gp.staff(Role.DOCTOR)):
        with pytest.raises(Denied):
            services.make_feed(actor=actor, now=NOW)
        with pytest.raises(Denied):
            services.end_feed(actor=actor, now=NOW)
    assert not CalendarFeed.objects.exists()


def test_a_strangers_times_stand_in_no_feed_but_her_own(gp: Office, kari: Person) -> None:
    gp.booked(gp.patient("Per Testvik"))
    assert events(Client().get(made(kari))) == []


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "å" * 43])
def test_what_is_no_address_is_not_found(kari: Person, token: str) -> None:
    made(kari)
    with pytest.raises(NotFound):
        services.whose_feed(token, NOW)


def test_what_nothing_reads_ends_and_what_is_read_stays(kari: Person) -> None:
    token = services.make_feed(actor=citizen(kari), now=NOW)
    services.whose_feed(token, NOW + timedelta(days=80))
    services.tidy_feeds(NOW + timedelta(days=169))
    assert CalendarFeed.objects.exists()
    services.tidy_feeds(NOW + timedelta(days=171))
    assert not CalendarFeed.objects.exists()


def test_an_empty_feed_is_a_calendar_too() -> None:
    calendar = icalendar.Calendar.from_ical(ics.feed([], host="lege.example", now=NOW))
    assert calendar["VERSION"] == "2.0"
