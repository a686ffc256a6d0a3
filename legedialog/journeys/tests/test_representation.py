"""Who is told of a child's appointments, decided at the moment of sending; and the warnings before 12 and 16."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.appointments import elsewhere, services
from legedialog.appointments.models import Appointment, Source
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import LONG_AGO, NOW, TODAY, TOMORROW, Office
from legedialog.consent import acting
from legedialog.core.times import at_local
from legedialog.dialogues import services as dialogues
from legedialog.journeys import birthdays, telling
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice, Reason, Skip
from legedialog.patients.models import Membership, Person, Responsibility, YouthAccess, address_key
from legedialog.patients.rules import age_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    made = factories.office()
    made.practice.supports_representation = True
    made.practice.save()
    return made


def living(office: Office, name: str, born: date, phone: str) -> Person:
    made = factories.person(name, born=born)
    made.address_key, made.phone = address_key("Solbakken 4"), phone
    made.save()
    Membership.objects.create(person=made, contract=office.contract, starts_date=LONG_AGO)
    return made


@pytest.fixture
def kari(office: Office) -> Person:
    return living(office, "Kari Testdal", date(1984, 5, 14), "+4741111111")


def child(office: Office, kari: Person, born: date) -> Person:
    made = living(office, "Ola Testdal", born, "+4742222222")
    Responsibility.objects.create(parent=kari, child=made, starts_date=born)
    return made


def booked_for(office: Office, kari: Person, patient: Person, day: date = TOMORROW) -> Appointment:
    found = acting.standing(kari.pk, patient.pk, NOW)
    assert found
    actor = acting.narrowed(factories.citizen(kari), found)
    held = services.hold(
        actor=actor,
        patient_id=patient.pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel="attendance",
        starts_at=at_local(day, datetime(2026, 1, 1, 8).time()),  # noqa: DTZ001
        now=NOW,
    )
    return services.book(actor=actor, hold_id=held.pk, reason="Feber", now=NOW)


def decided(event: str, of: Appointment, now: datetime = NOW) -> Notice | Skip:
    return telling.decide(Notification.objects.get(event=event, object_id=of.pk), now)


def test_the_parent_who_booked_is_told_without_the_childs_name(office: Office, kari: Person) -> None:
    ola = child(office, kari, date(2018, 3, 9))
    said = decided("appointment.booked", booked_for(office, kari, ola))
    assert isinstance(said, Notice)
    assert said.contact.phone == kari.phone
    assert said.text.startswith("Gjelder en du handler for: Du har fått time")
    assert "Ola" not in said.text
    assert len(said.text) <= 160


def test_a_reminder_that_comes_after_the_16th_birthday_goes_to_the_youth_herself(office: Office, kari: Person) -> None:
    sixteen = TODAY + timedelta(days=4)
    sara = child(office, kari, sixteen.replace(year=sixteen.year - 16))
    made = booked_for(office, kari, sara, day=date(2026, 11, 30))
    before = decided("appointment.reminder", made, at_local(sixteen - timedelta(days=1), datetime.max.time()))
    assert before == Skip(Reason.CHANGED), "too early for a reminder"

    said = decided("appointment.reminder", made, made.starts_at - timedelta(hours=48))

    assert isinstance(said, Notice)
    assert said.contact.phone == sara.phone
    assert "Gjelder en du handler for" not in said.text


def test_nobody_is_told_when_the_parent_may_no_longer(office: Office, kari: Person) -> None:
    ola = child(office, kari, date(2018, 3, 9))
    made = booked_for(office, kari, ola)
    Responsibility.objects.update(ends_date=TODAY)
    assert decided("appointment.booked", made) == Skip(Reason.NOT_ALLOWED)


def test_the_other_parent_is_told_when_the_first_may_no_longer(office: Office, kari: Person) -> None:
    ola = child(office, kari, date(2018, 3, 9))
    anders = living(office, "Anders Testdal", date(1981, 7, 23), "+4743333333")
    made = booked_for(office, kari, ola)
    Responsibility.objects.update(ends_date=TODAY)
    Responsibility.objects.create(parent=anders, child=ola, starts_date=LONG_AGO)
    said = decided("appointment.booked", made)
    assert isinstance(said, Notice)
    assert said.contact.phone == anders.phone


def test_a_youth_with_access_is_told_when_no_parent_may(office: Office, kari: Person) -> None:
    emil = child(office, kari, date(2012, 1, 30))
    YouthAccess.objects.create(person=emil, given_by=kari, given_at=NOW)
    made = booked_for(office, kari, emil)
    Responsibility.objects.update(ends_date=TODAY)
    said = decided("appointment.booked", made)
    assert isinstance(said, Notice)
    assert said.contact.phone == emil.phone


@pytest.mark.parametrize(
    ("kind", "age", "told"),
    [
        ("hospital", 8, "parent"),
        ("hospital", 13, "nobody"),
        ("municipality", 8, "parent"),
        ("municipality", 13, "parent"),
    ],
)
def test_from_12_parents_are_told_of_the_municipality_and_not_of_the_hospital(
    kind: str, age: int, told: str, office: Office, kari: Person
) -> None:
    ola = child(office, kari, born_so_that(age, -100))
    source = Source.objects.create(name="Et annet sted", organisation_number="974557746", kind=kind)
    kept, _outcome = services.receive_external(
        source_id=source.pk,
        identifier=source.pk,
        patient_id=ola.pk,
        status="booked",
        starts_at=NOW + timedelta(days=3),
        ends_at=None,
        channel="attendance",
        title="Helsestasjon",
        place="",
        instruction="",
        join_url="",
        sent_at=None,
        now=NOW,
    )
    said = telling.decide(Notification.objects.get(event="external.changed", object_id=kept.pk), NOW)
    found = acting.standing(kari.pk, ola.pk, NOW)
    assert found
    shown = elsewhere.rows(acting.narrowed(factories.citizen(kari), found), ola.pk, NOW)
    assert bool(shown) is (told == "parent")
    assert (said == Skip(Reason.NOT_ALLOWED)) is (told == "nobody")


def test_a_youth_with_access_is_told_of_what_the_office_writes_to_her(office: Office, kari: Person) -> None:
    emil = child(office, kari, born_so_that(14, -100))
    started = dialogues.start(
        actor=office.staff(Role.DOCTOR),
        patient_id=emil.pk,
        key=uuid4(),
        kind="contact",
        subject="Time",
        text="Hei, Emil.",
        now=NOW,
    )
    written = Notification.objects.get(event="dialogue.started", object_id=started.pk)
    assert isinstance(telling.decide(written, NOW), Skip)  # nor is a parent of one who is 12
    YouthAccess.objects.create(person=emil, given_by=kari, given_at=NOW)
    said = telling.decide(written, NOW)
    assert isinstance(said, Notice)
    assert said.contact.phone == emil.phone


# ---- birthdays


def born_so_that(age: int, in_days: int) -> date:
    day = TODAY + timedelta(days=in_days)
    return day.replace(year=day.year - age)


@pytest.mark.parametrize(
    ("age", "in_days", "event"),
    [
        (12, 31, None),
        (12, 30, "access.narrows"),
        (12, 1, "access.narrows"),
        (12, 0, None),
        (16, 31, None),
        (16, 30, "access.ends"),
        (16, 1, "access.ends"),
        (13, 10, None),
    ],
)
def test_parents_are_told_in_the_month_before(
    age: int, in_days: int, event: str | None, office: Office, kari: Person
) -> None:
    ola = child(office, kari, born_so_that(age, in_days))
    birthdays.warn(NOW)
    birthdays.warn(NOW + timedelta(hours=1))
    assert list(Notification.objects.values_list("event", "object_id", "recipient")) == (
        [(event, ola.pk, kari.pk)] if event else []
    )


def test_the_warning_says_nothing_of_whom_and_is_decided_when_it_is_sent(office: Office, kari: Person) -> None:
    ola = child(office, kari, born_so_that(12, 20))
    birthdays.warn(NOW)
    put = Notification.objects.get()
    said = telling.decide(put, NOW)
    assert isinstance(said, Notice)
    assert said.contact.phone == kari.phone
    assert "Ola" not in said.text
    assert len(said.text) <= 160
    assert telling.decide(put, NOW + timedelta(days=20)) == Skip(Reason.OVER)
    Person.objects.filter(pk=ola.pk).update(address_grading="confidential")
    assert telling.decide(put, NOW) == Skip(Reason.NOT_ALLOWED)


def test_a_youth_with_access_is_told_before_16(office: Office, kari: Person) -> None:
    emil = child(office, kari, born_so_that(16, 20))
    YouthAccess.objects.create(person=emil, given_by=kari, given_at=NOW)
    birthdays.warn(NOW)
    said = telling.decide(Notification.objects.get(recipient=emil), NOW)
    assert isinstance(said, Notice)
    assert said.contact.phone == emil.phone


def test_every_birth_date_is_found_on_its_day() -> None:
    for day in (date(2028, 2, 29), date(2027, 3, 1), date(2028, 3, 1), date(2026, 12, 31)):
        for age in (12, 16):
            found = birthdays._births(day, age)
            assert found
            for born in found:
                assert age_on(born, day) == age
                assert age_on(born, day - timedelta(days=1)) == age - 1
    assert date(2012, 2, 29) in birthdays._births(date(2028, 2, 29), 16)
    assert date(2011, 3, 1) in birthdays._births(date(2027, 3, 1), 16)
