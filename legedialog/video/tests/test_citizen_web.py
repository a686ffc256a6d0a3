import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access import services as access
from legedialog.access.actor import Assurance, Kind
from legedialog.video.tests.factories import DURING, video

pytestmark = pytest.mark.django_db


def test_the_page_that_waited_is_loaded_anew_when_the_door_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Swapped in by htmx it would have no script, and nobody would get into the room."""
    visit = video()
    monkeypatch.setattr(timezone, "now", lambda: DURING)
    token, _ = access.start_login(
        kind=Kind.CITIZEN,
        holder_id=visit.patient.pk,
        assurance=Assurance.HIGH,
        issuer="https://login.example",
        sid="",
        sub="someone",
        user_agent="",
        replaces="",
        now=DURING,
    )
    browser = Client()
    browser.cookies[cookies.name("session")] = token
    page = reverse("video:room", args=[visit.appointment.pk])

    assert 'id="room"' not in browser.get(page).content.decode()
    browser.post(page)
    whole = browser.get(page)
    part = browser.get(page, headers={"HX-Request": "true"})

    assert 'id="room"' in whole.content.decode()
    assert "build/room.js" in whole.content.decode()
    assert part.headers["HX-Redirect"] == page
