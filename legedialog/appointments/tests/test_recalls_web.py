"""Innkalling, as the citizen meets it."""

from datetime import timedelta

import pytest
from django.test import Client

from legedialog.appointments.models import Recall, VisitType
from legedialog.appointments.tests.browsing import BOOK, Clock, browser_of, buttons, confirm, text
from legedialog.appointments.tests.factories import TOMORROW, Office
from legedialog.appointments.tests.test_recalls import ask
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db
ASKS = "Legekontoret ber deg bestille time"


@pytest.fixture
def recall(clock: Clock, gp: Office, kari: Person) -> Recall:
    """From tomorrow to the day after, of a kind that is not the first in the picker."""
    kind = VisitType.objects.create(
        practice=gp.practice, name="Årskontroll", channels=["attendance"], position=9, preparation="Møt fastende."
    )
    for block in gp.block_by_weekday.values():
        block.visit_types.add(kind)
    gp.visit_type = kind
    return ask(gp, kari, first=TOMORROW, last=TOMORROW + timedelta(days=1))[0]


def page(recall: Recall) -> str:
    return f"/timeavtaler/innkalling/{recall.pk}/"


def test_it_stands_on_hjem_and_opens_booking_with_kind_and_days_filled_in(
    recall: Recall, gp: Office, browser: Client
) -> None:
    for address in ("/hjem/", "/timeavtaler/"):
        shown = text(browser.get(address))
        assert ASKS in shown
        assert "Årskontroll, senest onsdag 25. november" in shown
    opened = browser.get(page(recall))
    assert "Mellom tirsdag 24. november og onsdag 25. november" in text(opened)
    assert "Møt fastende." in text(opened)
    assert "Vanlig egenandel. Prisen er ikke kjent for 2026." in text(opened)
    query = f"type={gp.visit_type.pk}&channel=attendance&innkalling={recall.pk}"
    assert query.replace("&", "&amp;") in opened.content.decode()
    picker = browser.get(f"{BOOK}?innkalling={recall.pk}")
    assert "ber deg bestille denne timen mellom tirsdag 24. november og onsdag 25. november" in text(picker)
    days = {label.split(" kl.")[0] for label in buttons(picker)}
    assert {day.split(", ")[-1].lower() for day in days} == {"tirsdag 24. november", "onsdag 25. november"}
    month = browser.get(f"{BOOK}?{query}&view=month").context["month"]
    assert [day.day for week in month.weeks for day in week if day and day.count] == [
        TOMORROW,
        TOMORROW + timedelta(days=1),
    ]


def test_a_booked_time_answers_it_and_the_page_leads_there(recall: Recall, gp: Office, browser: Client) -> None:
    browser.post(f"{BOOK}?innkalling={recall.pk}", {"time": f"{gp.calendar.pk}@{TOMORROW}T07:00:00Z"})
    confirm(browser, browser.get("/timeavtaler/bestill/se-over/"))
    recall.refresh_from_db()
    assert recall.status == "booked"
    assert ASKS not in text(browser.get("/hjem/"))
    assert f"/timeavtaler/{recall.appointment_id}/" in browser.get(page(recall)).content.decode()


def test_she_says_no_and_it_is_gone_from_hjem(recall: Recall, browser: Client) -> None:
    answer = browser.post(page(recall) + "takk-nei/", follow=True)
    assert "Du har takket nei, og blir ikke minnet på det." in text(answer)
    assert "Ombestemmer du deg, kan du bestille likevel." in text(answer)
    assert ASKS not in text(browser.get("/hjem/"))


def test_what_is_over_is_told_and_cannot_be_declined(recall: Recall, browser: Client, clock: Clock) -> None:
    Recall.objects.update(status="stopped")
    assert "Innkallingen gjelder ikke lenger." in text(browser.get(page(recall)))
    assert browser.post(page(recall) + "takk-nei/").status_code == 409


def test_a_stranger_does_not_find_it(recall: Recall, gp: Office) -> None:
    stranger = browser_of(gp.patient("Ola Testmo"))
    assert stranger.get(page(recall)).status_code == 404
    assert stranger.post(page(recall) + "takk-nei/").status_code == 404
    assert "ber deg bestille denne timen" not in text(stranger.get(f"{BOOK}?innkalling={recall.pk}"))
