"""Who has come, and when, on the office's pages; and the code on its wall."""

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.appointments.models import ArrivalCode
from legedialog.appointments.services import check_in
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.core.times import local_day
from legedialog.ui import dates

ARRIVAL, POSTER = reverse("workspace:settings-arrival"), reverse("workspace:settings-arrival-poster")


def read(client: Client, url: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(url).content.decode()).split())


def test_calendar_day_list_and_panel_show_when_she_came(office: Office, secretary: Client) -> None:
    now = timezone.now()
    booked = office.booked(office.patient())
    type(booked).objects.update(starts_at=now, ends_at=now + timedelta(minutes=20))
    type(booked.claim).objects.update(period=(now, now + timedelta(minutes=20)))
    check_in(actor=citizen(booked.patient), appointment_id=booked.pk, now=now)
    day, clock = local_day(now), dates.clock(now)
    assert f"Ankommet {clock}" in read(secretary, f"{reverse('workspace:calendar')}?dag={day}")
    assert f"kom {clock}" in read(secretary, f"{reverse('workspace:day-list')}?dag={day}")
    panel = read(secretary, reverse("workspace:visit", args=[booked.pk]))
    assert f"Kom kl. {clock}, meldt på nett" in panel


def test_the_manager_draws_the_code_prints_it_and_asks_for_none(
    office: Office, manager: Client, secretary: Client
) -> None:
    assert "Kontoret ber ikke om kode nå" in read(secretary, ARRIVAL)
    assert manager.get(POSTER).status_code == 404
    mark = _mark(manager)
    assert "gjelder fra nå" in _words(manager.post(ARRIVAL, {"act": "draw", "mark": mark}, follow=True))
    code = ArrivalCode.objects.get(practice=office.practice).code
    assert code in read(secretary, ARRIVAL)
    assert code in read(secretary, POSTER)
    manager.post(ARRIVAL, {"act": "remove", "mark": mark})  # the page from before it was drawn
    assert ArrivalCode.objects.exists()
    answer = manager.post(ARRIVAL, {"act": "remove", "mark": _mark(manager)}, follow=True)
    assert "gjelder ikke lenger" in _words(answer)
    assert not ArrivalCode.objects.exists()


def test_who_does_not_manage_the_office_draws_no_code(office: Office, secretary: Client) -> None:
    assert "Lag en kode" not in read(secretary, ARRIVAL)
    assert secretary.post(ARRIVAL, {"act": "draw"}).status_code == 403


def _mark(client: Client) -> str:
    found = re.search(r'name="mark" value="([^"]+)"', client.get(ARRIVAL).content.decode())
    assert found
    return found[1]


def _words(response: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())  # type: ignore[attr-defined]
