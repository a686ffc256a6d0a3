"""What the office says of how far behind it is: who may, who reads it, and when it ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from legedialog.access.actor import Role
from legedialog.appointments import arrival
from legedialog.appointments.models import Appointment, Channel, Delay
from legedialog.appointments.services import tell_delay, tidy_delays
from legedialog.appointments.tests.browsing import Clock, text
from legedialog.appointments.tests.factories import NOW, TODAY, TOMORROW, Office, citizen, office
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


def minutes(gp: Office, clock: Clock | None = None) -> list[int]:
    return [each.minutes for each in arrival.delays([gp.practice.pk], clock.now if clock else NOW)]


def test_it_is_said_said_anew_and_taken_back(gp: Office) -> None:
    mona = gp.staff()
    for given in (20, 60, 0):
        tell_delay(actor=mona, calendar_id=gp.calendar.pk, minutes=given, now=NOW)
        assert minutes(gp) == [given]
    assert not Delay.objects.exists()


def test_what_a_colleague_has_said_meanwhile_is_not_overwritten_unseen(gp: Office) -> None:
    tell_delay(actor=gp.staff(), calendar_id=gp.calendar.pk, minutes=30, was="0", now=NOW)
    with pytest.raises(Refused, match="changed-since-seen"):
        tell_delay(actor=gp.staff(), calendar_id=gp.calendar.pk, minutes=0, was="0", now=NOW)
    assert minutes(gp) == [30]


def test_only_those_who_work_with_patients_at_the_office_say_it(gp: Office, kari: Person) -> None:
    with pytest.raises(Denied):
        tell_delay(actor=gp.staff(Role.MANAGER), calendar_id=gp.calendar.pk, minutes=20, now=NOW)
    for stranger in (office().staff(), citizen(kari)):
        with pytest.raises(NotFound):
            tell_delay(actor=stranger, calendar_id=gp.calendar.pk, minutes=20, now=NOW)


def test_the_database_takes_one_of_the_choices_and_one_a_day(gp: Office) -> None:
    with pytest.raises(IntegrityError, match="a_delay_is_one_of_the_choices"), transaction.atomic():
        Delay.objects.create(calendar=gp.calendar, day=TODAY, minutes=25, told_at=NOW)
    Delay.objects.create(calendar=gp.calendar, day=TODAY, minutes=20, told_at=NOW)
    with pytest.raises(IntegrityError, match="a_calendar_has_one_delay_a_day"), transaction.atomic():
        Delay.objects.create(calendar=gp.calendar, day=TODAY, minutes=30, told_at=NOW)


def test_it_ends_with_the_day_and_is_removed_then(gp: Office) -> None:
    tell_delay(actor=gp.staff(), calendar_id=gp.calendar.pk, minutes=45, now=NOW)
    tidy_delays(NOW)
    assert Delay.objects.exists()
    tomorrow = NOW + timedelta(days=1)
    assert [each.minutes for each in arrival.delays([gp.practice.pk], tomorrow)] == [0]
    tidy_delays(tomorrow)
    assert not Delay.objects.exists()


def test_who_has_a_time_that_day_reads_it_on_hjem_and_on_its_page_also_after_she_came(
    gp: Office, kari: Person, browser: Client, clock: Clock
) -> None:
    booked = gp.booked(kari)
    page = f"/timeavtaler/{booked.pk}/"
    tell_delay(actor=gp.staff(), calendar_id=gp.calendar.pk, minutes=20, now=clock.now)  # the day before: of that day
    assert "forsinket" not in text(browser.get(page))
    clock.now = booked.starts_at - timedelta(minutes=20)
    assert clock.now.date() == TOMORROW
    tell_delay(actor=gp.staff(), calendar_id=gp.calendar.pk, minutes=20, now=clock.now)
    said = "Ingrid Aas er ca. 20 minutter forsinket. Det ble meldt kl. 07.40."
    for address in (page, "/hjem/"):
        assert f"{said} Kom likevel til avtalt tid." in text(browser.get(address))
    answer = text(browser.post(f"{page}kommet/", follow=True))
    assert said in answer
    assert "Kom likevel" not in answer


def test_who_is_called_is_told_to_be_ready_and_not_to_come(
    gp: Office, kari: Person, browser: Client, clock: Clock
) -> None:
    booked = gp.booked(kari)
    Appointment.objects.update(channel=Channel.PHONE)
    clock.now = booked.starts_at - timedelta(minutes=20)
    tell_delay(actor=gp.staff(), calendar_id=gp.calendar.pk, minutes=10, now=clock.now)
    shown = text(browser.get(f"/timeavtaler/{booked.pk}/"))
    assert "Vær likevel klar til avtalt tid" in shown
    assert "Jeg er kommet" not in shown
