"""One press says how far behind a calendar is."""

from django.test import Client
from django.urls import reverse

from legedialog.appointments.models import Delay
from legedialog.appointments.tests.factories import Office

DELAYS, CALENDAR = reverse("workspace:delays"), reverse("workspace:calendar")


def read(client: Client, url: str) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_reception_says_it_by_one_press_and_the_calendar_of_the_day_shows_it(office: Office, secretary: Client) -> None:
    assert "Forsinkelser i dag: ingen meldt" in read(secretary, CALENDAR)
    given = {"calendar": office.calendar.pk, "minutes": "20", "was": "0"}
    assert secretary.post(DELAYS, given)["Location"] == CALENDAR
    assert "Ingrid Aas ca. 20 min (meldt 10.00)" in read(secretary, CALENDAR)
    assert "Ingrid Aas ca. 20 min (meldt 10.00)" in read(secretary, DELAYS)
    assert "Forsinkelser i dag" not in read(secretary, f"{CALENDAR}?dag=2026-11-24")


def test_the_manager_reads_it_and_has_no_button(office: Office, manager: Client) -> None:
    assert 'name="minutes"' not in read(manager, DELAYS)
    assert manager.post(DELAYS, {"calendar": office.calendar.pk, "minutes": "20", "was": "0"}).status_code == 403


def test_a_stranger_and_what_is_no_choice_are_not_found(office: Office, secretary: Client, stranger: Client) -> None:
    assert stranger.post(DELAYS, {"calendar": office.calendar.pk, "minutes": "20", "was": "0"}).status_code == 404
    for minutes in ("25", "-10", "x", ""):
        given = {"calendar": office.calendar.pk, "minutes": minutes, "was": "0"}
        assert secretary.post(DELAYS, given).status_code == 404
    assert not Delay.objects.exists()
