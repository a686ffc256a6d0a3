from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Kind, Role
from legedialog.access.tests.logins import begin, with_token
from legedialog.appointments.tests.factories import NOW, office
from legedialog.core.times import local_day
from legedialog.fees import story as fees
from legedialog.video.tests.factories import BEFORE, DURING, video

pytestmark = pytest.mark.django_db


def test_the_page_that_waited_is_loaded_anew_when_the_door_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Swapped in by htmx it would have no script, and nobody would get into the room."""
    visit = video()
    monkeypatch.setattr(timezone, "now", lambda: DURING)
    browser = with_token(begin(Kind.CITIZEN, visit.patient.pk, now=DURING)[0])
    page = reverse("video:room", args=[visit.appointment.pk])

    assert 'id="room"' not in browser.get(page).content.decode()
    browser.post(page)
    whole = browser.get(page)
    part = browser.get(page, headers={"HX-Request": "true"})

    assert 'id="room"' in whole.content.decode()
    assert "build/room.js" in whole.content.decode()
    assert part.headers["HX-Redirect"] == page


@pytest.mark.parametrize("at", [NOW, BEFORE], ids=["before it opens", "at the door"])
def test_what_it_costs_and_why_is_said_before_she_goes_in(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    where = office()
    fees.load(managers=[where.staff(Role.MANAGER)], today=local_day(NOW), now=NOW)
    visit = video(where)
    monkeypatch.setattr(timezone, "now", lambda: at)
    browser = with_token(begin(Kind.CITIZEN, visit.patient.pk, now=at)[0])
    html = browser.get(reverse("video:room", args=[visit.appointment.pk])).content.decode()
    assert "Egenandel: 235\u00a0kr." in html
    assert "Legen er spesialist i allmennmedisin. Da koster det mer." in html
    assert "kan et gebyr på 60\u00a0kr komme i tillegg." in html


@pytest.mark.parametrize("at", [NOW, BEFORE], ids=["before it opens", "at the door"])
def test_the_price_stands_beside_each_button_that_joins_and_in_the_waiting_room(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = office()
    fees.load(managers=[where.staff(Role.MANAGER)], today=local_day(NOW), now=NOW)
    visit = video(where)
    monkeypatch.setattr(timezone, "now", lambda: at)
    browser = with_token(begin(Kind.CITIZEN, visit.patient.pk, now=at)[0])
    for name in ("portal:home", "appointments:index"):
        html = browser.get(reverse(name)).content.decode()
        assert ("Bli med i videotime" in html) is ("Egenandel: 235\u00a0kr." in html) is (at == BEFORE)
    room = reverse("video:room", args=[visit.appointment.pk])
    browser.post(room)
    assert "Egenandel: 235\u00a0kr." in browser.get(room).content.decode()
