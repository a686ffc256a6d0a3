"""Told when away: her own choice, who is told and who is not, what it says, and that it reaches her telephone."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from legedialog.access.actor import Actor, Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.audit.models import Event
from legedialog.core import fence
from legedialog.core.errors import NotFound
from legedialog.core.ids import new_id
from legedialog.core.times import at_local, local_day
from legedialog.dialogues.models import Kind
from legedialog.dialogues.tests.factories import sent
from legedialog.integrations import sending
from legedialog.integrations.email.tests.test_client import Server, server
from legedialog.integrations.sms.tests.test_client import Gateway, gateway
from legedialog.journeys import telling
from legedialog.outbox import services as outbox
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Channel, Notice, Reason, Skip, Status
from legedialog.practices import employees, queries, rules
from legedialog.practices.models import Employee, Reach
from legedialog.practices.rules import Mode
from legedialog.workspace.reach import away

__all__ = ["gateway", "server"]  # fixtures
PAGE = reverse("workspace:own-notices")
PHONE = "+4799999999"
GSM = set("abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ0123456789 .,:")


def choose(actor: Actor, **changes: Any) -> None:
    given: dict[str, Any] = {
        "mode": Mode.NEAR,
        "channel": Channel.SMS,
        "address": PHONE,
        "language": "nb",
        "from_clock": time(8),
        "to_clock": time(16),
        "on_days_off": False,
        "now": NOW,
    }
    employees.choose_reach(actor=actor, **given | changes)


def fields(**changes: object) -> dict[str, Any]:
    given = {"mode": "near", "channel": "sms", "phone": "999 99 999", "email": "", "from_clock": "08", "to_clock": "16"}
    return {**given, **changes}


@pytest.fixture
def ingrid(office: Office) -> Actor:
    return office.staff(Role.DOCTOR, name="Ingrid Aas")


@pytest.fixture
def late(office: Office) -> None:
    """A message to Ingrid, whose date has passed."""
    sent(office.patient(), now=NOW - timedelta(days=10))


def told() -> list[Notification]:
    return list(Notification.objects.filter(event=away.EVENT))


def decided(now: datetime = NOW) -> Notice | Skip:
    return telling.decide(told()[0], now)


def deliver() -> None:
    delivery = sending.delivery()
    delivery.until_nothing_is_due()
    delivery.finish()


def test_she_chooses_on_a_page_of_her_own_and_may_stop(office: Office, ingrid: Actor) -> None:
    tab = Tab(logged_in(ingrid)).open(PAGE)
    tab.press(PAGE, **fields())
    assert "Valget er lagret." in tab.html
    row = queries.reach(ingrid)
    assert row
    assert (row.mode, row.address, row.from_clock, row.to_clock) == ("near", PHONE, time(8), time(16))
    assert Event.objects.filter(action="employee.chose-notices", employee_id=ingrid.employee_id).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM practices_reach")
        assert b"99999999" not in bytes(cursor.fetchone()[0])
    tab.open(PAGE).press(PAGE, **fields(mode=""))
    assert "Du får ingen beskjeder." in tab.html
    assert queries.reach(ingrid) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"phone": "12"}, "Skriv et norsk nummer med 8 sifre"),
        ({"phone": ""}, "Skriv nummeret du vil ha SMS på."),
        ({"channel": "email"}, "Skriv adressen du vil ha e-post på."),
        ({"email": "mona"}, "Skriv e-postadressen på formen"),
        ({"from_clock": "12", "to_clock": "09"}, "Velg et senere klokkeslett"),
        ({"from_clock": "03"}, "03"),
        ({"mode": "hver time"}, "hver time"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(changes: dict[str, Any], said: str, secretary: Client) -> None:
    tab = Tab(secretary).open(PAGE)
    assert tab.press(PAGE, **fields(**changes)).status_code == 422
    assert said in tab.html
    assert f'value="{fields(**changes)["phone"]}"' in tab.html or not fields(**changes)["phone"]
    assert not Reach.objects.exists()


def test_a_colleague_a_citizen_and_a_stranger_see_nothing_of_it(
    office: Office, ingrid: Actor, stranger: Client
) -> None:
    choose(ingrid)
    for client in (logged_in(office.staff()), stranger):
        assert "99999999" not in client.get(PAGE).content.decode()
    kari = citizen(office.patient())
    assert Client().get(PAGE).status_code == 302
    with pytest.raises(NotFound):
        choose(kari)
    with fence.works_for(*office.staff().scope):
        assert not Reach.objects.exists()
    with fence.works_for(*ingrid.scope):
        assert Reach.objects.count() == 1


def test_the_database_tells_nobody_at_night_and_knows_one_kind_of_recipient(office: Office, ingrid: Actor) -> None:
    with pytest.raises(IntegrityError, match="nobody_is_told_of_work_at_night"), transaction.atomic():
        choose(ingrid, to_clock=time(22))
    for to in ({"recipient_id": office.patient().pk, "employee_id": ingrid.employee_id}, {"practice": office.practice}):
        with pytest.raises(IntegrityError, match="to_a_person_or_to_an_employee"), transaction.atomic():
            Notification.objects.create(
                event="x", object_id=new_id(), created_at=NOW, due_at=NOW, status_at=NOW, text="", **to
            )


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.SECRETARY])
def test_who_is_away_while_something_nears_its_date_is_told_once_a_day(role: Role, office: Office) -> None:
    who = office.staff(role)
    choose(who)
    away.tell(NOW)
    assert told() == []
    sent(
        office.patient(), kind=Kind.ECONSULTATION if role is Role.DOCTOR else Kind.CONTACT, now=NOW - timedelta(days=10)
    )
    for minutes in (0, 10, 20):
        away.tell(NOW + timedelta(minutes=minutes))
    [row] = told()
    assert (row.employee_id, row.recipient_id, row.practice_id) == (who.employee_id, None, None)
    away.tell(NOW + timedelta(days=1))
    assert len(told()) == 2


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize(
    "why", ["she is logged in", "she has chosen nothing", "another hour", "a Sunday", "she has left", "another's work"]
)
def test_who_is_not_told(why: str, office: Office, ingrid: Actor) -> None:
    who, now = ingrid, NOW
    if why == "she is logged in":
        logged_in(ingrid)
    elif why == "another hour":
        now = at_local(local_day(NOW), time(16))
    elif why == "a Sunday":
        now = at_local(date(2026, 11, 29), time(10))
    elif why == "she has left":
        Employee.objects.filter(pk=ingrid.employee_id or new_id()).update(ends_date=local_day(NOW))
    elif why == "another's work":
        who = office.staff()
    if why != "she has chosen nothing":
        choose(who)
    away.tell(now)
    assert told() == []


def test_reception_is_told_when_none_of_them_is_there_and_a_doctor_for_herself(office: Office, ingrid: Actor) -> None:
    sent(office.patient(), kind=Kind.CONTACT, now=NOW - timedelta(days=10))
    mona, other = office.staff(), office.staff(name="Ola Lie")
    choose(mona)
    logged_in(ingrid)
    logged_in(other)
    away.tell(NOW)
    assert told() == []
    away.tell(NOW + timedelta(hours=2))  # their logins are over
    assert [row.employee_id for row in told()] == [mona.employee_id]


def test_a_digest_comes_in_the_first_of_her_hours_with_numbers_alone(office: Office, ingrid: Actor) -> None:
    choose(ingrid, mode=Mode.DIGEST, from_clock=time(10), on_days_off=True)
    sent(office.patient(), now=NOW)
    sent(office.patient("Per Testvik"), now=NOW - timedelta(days=10))
    away.tell(NOW + timedelta(hours=1))
    assert told() == []
    away.tell(NOW)
    notice = decided()
    assert isinstance(notice, Notice)
    assert notice.text == "Dette venter på deg i Legedialog: 2. Over fristen: 1. Logg inn for å se hva."


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda her: logged_in(her), Reason.CHANGED),
        (lambda her: choose(her, mode=""), Reason.TURNED_OFF),
        (lambda her: choose(her, from_clock=time(12)), Reason.OVER),
        (
            lambda her: Employee.objects.filter(pk=her.employee_id or new_id()).update(ends_date=local_day(NOW)),
            Reason.TURNED_OFF,
        ),
    ],
)
def test_what_is_not_so_any_more_is_not_sent(change: Callable[[Actor], object], reason: Reason, ingrid: Actor) -> None:
    choose(ingrid)
    away.tell(NOW)
    change(ingrid)
    assert decided() == Skip(reason)


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("mode", list(Mode))
def test_it_names_nobody_and_fits_in_one_sms(mode: Mode, language: str, ingrid: Actor) -> None:
    choose(ingrid, mode=mode, language=language, from_clock=time(10))
    away.tell(NOW)
    with translation.override("nb" if language == "en" else "en"):  # whoever works
        notice = decided()
    assert isinstance(notice, Notice)
    assert notice.language == language
    assert len(notice.text) <= 160
    assert set(notice.text) <= GSM
    for secret in ("Kari", "Testdal", "Ingrid", "Aas", "Fjordbyen", "utslett", "http", "melding"):
        assert secret.lower() not in notice.text.lower()


@pytest.mark.usefixtures("late")
def test_it_reaches_a_real_gateway_once(gateway: Gateway, ingrid: Actor) -> None:
    choose(ingrid)
    away.tell(NOW)
    deliver()
    deliver()
    [(_headers, body)] = gateway.requests
    assert body["to"] == PHONE
    assert body["text"].startswith("Noe som venter på deg i Legedialog, nærmer seg fristen.")
    assert told()[0].status == Status.SENT


@pytest.mark.usefixtures("late")
def test_and_a_real_mail_server_when_that_is_her_way(server: Server, ingrid: Actor) -> None:
    choose(ingrid, channel=Channel.EMAIL, address="ingrid@example.org")
    away.tell(NOW)
    deliver()
    [raw] = server.script.mails
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["To"] == "ingrid@example.org"
    assert "Aas" not in raw.decode()
    assert told()[0].channel == Channel.EMAIL


@pytest.mark.usefixtures("late")
def test_that_it_did_not_reach_her_is_told_on_her_page_and_to_nobody_else(
    office: Office, gateway: Gateway, ingrid: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.answers = [422]
    choose(ingrid)
    away.tell(NOW)
    deliver()
    [row] = told()
    assert row.status == Status.DEAD
    assert "Mobilnummeret virker ikke." in logged_in(ingrid).get(PAGE).content.decode()
    mona = office.staff()
    choose(mona)
    assert "nådde deg ikke" not in logged_in(mona).get(PAGE).content.decode()
    with pytest.raises(NotFound):
        outbox.retry(actor=mona, notification_id=row.pk, now=timezone.now())


def test_where_she_was_reached_goes_when_she_has_left(ingrid: Actor) -> None:
    choose(ingrid)
    employees.forget_leavers(NOW)
    assert Reach.objects.exists()
    Employee.objects.filter(pk=ingrid.employee_id or new_id()).update(ends_date=local_day(NOW))
    employees.forget_leavers(NOW)
    assert not Reach.objects.exists()


def test_a_digest_that_begins_late_ends_with_her_hours(ingrid: Actor) -> None:
    choose(ingrid, mode=Mode.DIGEST, from_clock=time(20), to_clock=time(21))
    row = queries.reach(ingrid)
    assert row
    assert rules.may_tell(row, at_local(local_day(NOW), time(20, 30)))
    assert not rules.may_tell(row, at_local(local_day(NOW), time(21)))
