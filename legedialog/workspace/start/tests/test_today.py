"""I dag: what waits for each role, by the same rows as its list, and the visits of the day, hers first."""

import re
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from legedialog.access.actor import Actor, Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services
from legedialog.appointments.models import Appointment, Channel
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office
from legedialog.appointments.tests.test_requests import wish
from legedialog.audit.models import Event
from legedialog.core.sql import Heap, ask_for
from legedialog.core.times import at_local, local_day
from legedialog.dialogues import office as dialogues
from legedialog.dialogues.models import Kind
from legedialog.dialogues.office import Tab
from legedialog.dialogues.tests import factories as messages
from legedialog.practices.models import Absence, Clinician, OpeningHours
from legedialog.prescriptions import office as renewals
from legedialog.prescriptions.office import Box
from legedialog.prescriptions.rules import Status
from legedialog.prescriptions.tests.factories import item_in

HOME = reverse("workspace:home")
TODAY = local_day(NOW)


@pytest.fixture
def at(office: Office) -> Office:
    """An office that lacks nothing."""
    for weekday in range(5):
        OpeningHours.objects.create(practice=office.practice, weekday=weekday, opens="08:00", closes="15:00")
    office.staff(Role.DOCTOR)
    return office


def shown(client: Client) -> str:
    page = client.get(HOME).content.decode().partition('id="today"')[2]
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("</main>")[0]).split())


@pytest.fixture
def waits(at: Office) -> None:
    """A question to the doctor that is late, a contact for reception, a wish, and an order at each desk."""
    kari, per = at.patient(), at.patient("Per Testvik")
    messages.sent(kari, now=NOW - timedelta(days=20))
    messages.sent(per, kind=Kind.CONTACT)
    wish(at, per)
    item_in(Status.SENT, at, kari)
    item_in(Status.WITH_DOCTOR, at, per)


@pytest.mark.parametrize(
    ("role", "lines"),
    [
        (Role.DOCTOR, ["1 Meldinger 1 over fristen", "1 Timeønsker", "1 Fornyelser Frist"]),
        (Role.SUBSTITUTE, ["1 Meldinger 1 over fristen", "1 Timeønsker", "1 Fornyelser Frist"]),
        (Role.SECRETARY, ["1 Meldinger Frist", "1 Timeønsker", "1 Fornyelser Frist"]),
        (Role.MANAGER, ["2 Meldinger 1 over fristen"]),
    ],
)
@pytest.mark.usefixtures("waits")
def test_each_role_sees_how_much_waits_for_her_and_its_nearest_date(role: Role, lines: list[str], at: Office) -> None:
    found = shown(logged_in(at.staff(role)))
    for line in lines:
        assert line in found
    if role is Role.MANAGER:
        assert "Timeønsker" not in found
        assert "Fornyelser" not in found


@pytest.mark.usefixtures("waits")
def test_a_stranger_sees_nothing_of_it(stranger: Client, at: Office) -> None:
    page = stranger.get(HOME).content.decode()
    for words in ("Meldinger", "Timeønsker", "Fornyelser", "Testdal", "Testvik"):
        assert words not in page.partition("<main")[2]


@pytest.mark.parametrize("role", Role)
@pytest.mark.usefixtures("waits")
def test_the_numbers_are_those_of_the_lists(role: Role, at: Office) -> None:
    reader = at.staff(role)
    for tab in (Tab.MINE, Tab.OFFICE):
        heap: Heap = ask_for(dialogues.for_her(reader, NOW, tab))[0]
        assert heap.number == len(dialogues.inbox(reader, tab, NOW).rows)
    assert ask_for(renewals.for_her(reader, NOW))[0].number == renewals.counts(reader, NOW)[Box.MINE]


def test_who_stands_in_for_another_doctor_has_her_renewals_too(at: Office) -> None:
    leif = Clinician.objects.create(name="Leif Strand", hpr_number="9000009")
    substitute = at.staff(Role.SUBSTITUTE, leif)
    item_in(Status.WITH_DOCTOR, at, at.patient())
    assert ask_for(renewals.for_her(substitute, NOW))[0].number == 0
    Absence.objects.create(
        practice=at.practice, clinician=at.doctor, substitute=leif, first_date=TODAY, last_date=TODAY
    )
    assert ask_for(renewals.for_her(substitute, NOW))[0].number == 1


def test_the_menu_has_the_same_numbers_by_one_statement(at: Office, waits: None) -> None:
    client = logged_in(at.staff(Role.SECRETARY))
    around = reverse("workspace:around")
    client.get(around)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(around).content.decode()
    assert re.findall(r'id="count-(\w+)"[^>]*>(\d*)', page) == [
        *(("home", ""), ("inbox", "1"), ("calendar", "1"), ("prescription", "1"), ("video", "")),
    ]
    assert len([each for each in asked if "json_agg" in each["sql"]]) == 1


def booked_today(at: Office, name: str, actor: Actor, clock: time) -> None:
    services.book_for_patient(
        actor=actor,
        patient_id=at.patient(name).pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(TODAY, clock),
        reason="Hoste",
        overbook_reason="Rygget inn",
        now=NOW,
    )


def test_the_doctors_own_day_comes_first_and_what_is_over_is_folded(at: Office) -> None:
    mona = at.staff(Role.SECRETARY)
    for name, clock in (("Kari Testdal", time(9)), ("Per Testvik", time(11)), ("Sara Testberg", time(12))):
        booked_today(at, name, mona, clock)
    found = shown(logged_in(at.staff(Role.DOCTOR)))
    assert "Mine 2 timer igjen, neste kl. 11.00 11.00 Per Testvik" in found
    assert "1 time er over 09.00 Kari Testdal" in found
    hers = shown(logged_in(mona))
    assert "Neste 11.00 Per Testvik Ingrid Aas, " in hers
    assert not Event.objects.filter(action__startswith="appointment.reason").exists()


def test_one_press_says_that_she_has_come_and_the_day_says_so(at: Office) -> None:
    mona = at.staff(Role.SECRETARY)
    booked_today(at, "Kari Testdal", mona, time(11))
    client, came = logged_in(mona), Appointment.objects.get()
    assert "Ankommet : Kari Testdal" in shown(client)
    url = reverse("workspace:move", args=[came.pk])
    sent = {"from": "booked", "to": "arrived", "at": "day"}
    answer = client.post(url, sent, headers={"HX-Request": "true"})
    assert answer["Location"] == HOME  # htmx follows it, and takes the day alone
    day = client.get(HOME, headers={"HX-Request": "true"}).content.decode()
    assert day.strip().startswith('<div class="today"')
    assert "Pasienten er registrert som ankommet." in day
    assert "Ankommet : Kari Testdal" not in shown(client)
    client.post(url, sent, follow=True)  # a colleague was quicker
    came.refresh_from_db()
    assert came.status == "arrived"


def test_the_manager_and_another_office_say_of_nobody_that_she_has_come(at: Office, stranger: Client) -> None:
    booked_today(at, "Kari Testdal", at.staff(Role.SECRETARY), time(11))
    came, manager = Appointment.objects.get(), logged_in(at.staff(Role.MANAGER))
    assert "Ankommet" not in shown(manager)
    for client in (manager, stranger):
        client.post(reverse("workspace:move", args=[came.pk]), {"from": "booked", "to": "arrived", "at": "day"})
        came.refresh_from_db()
        assert came.status == "booked"


def test_tomorrows_visits_are_not_of_the_day(at: Office) -> None:
    at.booked(at.patient(), day=TOMORROW)
    assert "Ingen timer i dag." in shown(logged_in(at.staff(Role.DOCTOR)))


def test_it_takes_as_many_statements_for_twenty_visits_as_for_one(at: Office) -> None:
    mona = at.staff(Role.SECRETARY)
    client = logged_in(mona)
    booked_today(at, "Kari Testdal", mona, time(11))
    client.get(HOME)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(HOME)
        return len(asked)

    few = statements()
    for number in range(19):
        booked_today(at, f"Testperson {factories.NOW.day}{number}", mona, time(11))
    assert statements() == few
