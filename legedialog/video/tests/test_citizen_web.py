import pytest
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Kind
from legedialog.access.tests.logins import begin, with_token
from legedialog.video.tests.factories import DURING, video

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
