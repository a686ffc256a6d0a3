"""Innkalling: who is asked to book, when she is told, and what becomes of it."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor, Role
from legedialog.appointments import notices, policy, recalls, services
from legedialog.appointments.models import Recall, VisitType
from legedialog.appointments.tests.factories import NOW, TODAY, TOMORROW, Office, citizen, office
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Skip, Words
from legedialog.patients.models import Membership, Person

pytestmark = pytest.mark.django_db
LAST = TODAY + timedelta(weeks=6)


def ask(
    gp: Office,
    *patients: Person,
    by: Actor | None = None,
    first: date = TODAY,
    last: date = LAST,
    now: datetime = NOW,
) -> list[Recall]:
    return services.ask_to_book(
        actor=by or gp.staff(),
        practice_id=gp.practice.pk,
        round_id=new_id(),
        patient_ids=[each.pk for each in patients],
        visit_type_id=gp.visit_type.pk,
        calendar_id=None,
        first_date=first,
        last_date=last,
        now=now,
    )


def asked_now(who: Person, now: datetime = NOW) -> list[recalls.Asks]:
    found = [recalls.one(citizen(who), who.pk, each.pk, now) for each in Recall.objects.filter(patient=who)]
    return [each for each in found if each]


def due(event: str) -> list[datetime]:
    return list(Notification.objects.filter(event=event).order_by("due_at").values_list("due_at", flat=True))


def said(recall: Recall, now: datetime) -> Words | Skip:
    recall.refresh_from_db()
    told = Notification.objects.filter(event="recall.asked", object_id=recall.pk).get()
    return notices.recalled(recall, told, now)


def test_each_is_told_at_once_and_reminded_after_two_weeks_and_before_the_last_day(gp: Office, kari: Person) -> None:
    ola = gp.patient("Ola Testmo")
    asked = ask(gp, kari, ola)
    assert {row.patient_id for row in asked} == {kari.pk, ola.pk}
    assert due("recall.asked") == [NOW, NOW]
    assert due("recall.reminder")[::2] == [
        at_local(TODAY + timedelta(days=14), time(9)),
        at_local(LAST - timedelta(days=7), time(9)),
    ]
    words = said(asked[0], NOW)
    assert isinstance(words, Words)
    assert words.text == "Legekontoret ber deg bestille time. Logg inn på Legedialog for å bestille."
    assert set(Event.objects.filter(action="recall.asked").values_list("patient_id", flat=True)) == {kari.pk, ola.pk}
    entry = Entry.objects.get(patient=kari)
    assert entry.title == "Bedt om å bestille time mellom mandag 23. november og mandag 4. januar 2027: Vanlig time"


def test_who_is_to_come_in_half_a_year_is_asked_when_such_times_can_be_booked(gp: Office, kari: Person) -> None:
    first = TODAY + timedelta(days=180)
    ask(gp, kari, first=first, last=first + timedelta(days=30))
    opens = first - timedelta(days=gp.visit_type.horizon_days)
    assert due("recall.asked") == [at_local(opens, time(9))]
    assert asked_now(kari, at_local(opens - timedelta(days=1), time(12))) == []
    assert len(asked_now(kari, at_local(opens, time(12)))) == 1


def test_booking_such_a_time_in_those_days_is_the_answer(gp: Office, kari: Person) -> None:
    (recall,) = ask(gp, kari, first=TOMORROW)
    time_of_hers = gp.booked(kari)
    recall.refresh_from_db()
    assert (recall.status, recall.appointment) == ("booked", time_of_hers)
    assert asked_now(kari) == []
    assert isinstance(said(recall, NOW), Skip)


@pytest.mark.parametrize("other", ["another kind", "another day", "another patient"])
def test_another_time_is_no_answer(other: str, gp: Office, kari: Person) -> None:
    first = TOMORROW + timedelta(days=1) if other == "another day" else TODAY
    (recall,) = ask(gp, kari, first=first)
    if other == "another kind":
        kind = VisitType.objects.create(practice=gp.practice, name="Lang time", channels=["attendance"])
        gp.block_by_weekday[TOMORROW.weekday()].visit_types.add(kind)
        gp.visit_type = kind
    gp.booked(gp.patient("Ola Testmo") if other == "another patient" else kari)
    recall.refresh_from_db()
    assert recall.status == "asked"


def test_a_cancelled_time_asks_her_again_while_there_are_days_left(gp: Office, kari: Person) -> None:
    (recall,) = ask(gp, kari, last=TOMORROW)
    hers = gp.booked(kari)
    services.cancel(actor=citizen(kari), appointment_id=hers.pk, now=NOW)
    recall.refresh_from_db()
    assert (recall.status, recall.appointment) == ("asked", None)
    services.cancel(actor=gp.staff(), appointment_id=gp.booked(kari).pk, now=NOW + timedelta(days=2))
    recall.refresh_from_db()
    assert recall.status == "over"


def test_she_says_no_and_may_book_all_the_same(gp: Office, kari: Person) -> None:
    (recall,) = ask(gp, kari)
    for _twice in range(2):
        services.decline_recall(actor=citizen(kari), recall_id=recall.pk, now=NOW)
    assert isinstance(said(recall, NOW), Skip)
    assert Event.objects.filter(action="recall.declined").count() == 1
    titles = [entry.title for entry in Entry.objects.filter(patient=kari).order_by("sequence")]
    assert titles[1:] == ["Takket nei til å bestille time: Vanlig time"]
    gp.booked(kari)
    recall.refresh_from_db()
    assert recall.status == "booked"


def test_who_has_such_a_time_or_is_asked_already_is_not_asked(gp: Office, kari: Person) -> None:
    ola, siv = gp.patient("Ola Testmo"), gp.patient("Siv Testli")
    gp.booked(kari)
    ask(gp, ola)
    asked = ask(gp, kari, ola, siv)
    assert [row.patient_id for row in asked] == [siv.pk]
    with pytest.raises(Refused) as refused:
        ask(gp, kari, ola, siv)
    assert refused.value.code == "nobody-to-ask"


def test_the_same_round_twice_asks_once(gp: Office, kari: Person) -> None:
    given: dict[str, Any] = {
        "actor": gp.staff(),
        "practice_id": gp.practice.pk,
        "round_id": new_id(),
        "patient_ids": [kari.pk],
        "visit_type_id": gp.visit_type.pk,
        "calendar_id": gp.calendar.pk,
        "first_date": TODAY,
        "last_date": LAST,
        "now": NOW,
    }
    assert services.ask_to_book(**given) == services.ask_to_book(**given)
    assert Recall.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "last"),
    [(TODAY - timedelta(days=9), TODAY - timedelta(days=1)), (LAST, TODAY), (TODAY, TODAY + timedelta(days=800))],
)
def test_days_in_the_wrong_order_or_out_of_reach_are_refused(first: date, last: date, gp: Office, kari: Person) -> None:
    with pytest.raises(Refused) as refused:
        ask(gp, kari, first=first, last=last)
    assert refused.value.code == "recall-days"


def test_the_office_stops_one_and_all_the_others(gp: Office, kari: Person) -> None:
    staff, ola, siv = gp.staff(), gp.patient("Ola Testmo"), gp.patient("Siv Testli")
    rows = {row.patient_id: row for row in ask(gp, kari, ola, siv)}
    gp.booked(siv)
    services.stop_recall(actor=staff, recall_id=rows[kari.pk].pk, now=NOW)
    with pytest.raises(Refused):
        services.stop_recall(actor=staff, recall_id=rows[kari.pk].pk, now=NOW)
    assert services.stop_round(actor=staff, recall_id=rows[kari.pk].pk, now=NOW) == 1
    found = dict(Recall.objects.values_list("patient", "status"))
    assert found == {kari.pk: "stopped", ola.pk: "stopped", siv.pk: "booked"}


def test_it_is_over_when_the_days_are_or_she_has_left_the_list_or_is_dead(gp: Office, kari: Person) -> None:
    ola, siv = gp.patient("Ola Testmo"), gp.patient("Siv Testli")
    ask(gp, kari, last=TOMORROW)
    ask(gp, ola, siv)
    Membership.objects.filter(person=ola).update(ends_date=TOMORROW)
    services.close_for_death(patient_id=siv.pk, now=NOW)
    services.end_recalls(at_local(TOMORROW, time(12)))
    assert dict(Recall.objects.values_list("patient", "status")) == {kari.pk: "asked", ola.pk: "over", siv.pk: "over"}
    services.end_recalls(at_local(TOMORROW + timedelta(days=1), time(1)))
    assert Recall.objects.get(patient=kari).status == "over"


def test_the_offices_list_tells_who_has_booked_and_who_has_not(gp: Office, kari: Person) -> None:
    staff, ola, siv = gp.staff(), gp.patient("Ola Testmo"), gp.patient("Siv Testli")
    rows = {row.patient_id: row for row in ask(gp, kari, ola, siv)}
    services.decline_recall(actor=citizen(ola), recall_id=rows[ola.pk].pk, now=NOW)
    hers = gp.booked(siv)
    one, called = recalls.round_of(staff, rows[kari.pk].pk, NOW)
    assert (one.total, one.asked, one.declined, one.booked) == (3, 1, 1, 1)
    assert [(row.patient_name, row.status, row.visit_at) for row in called] == [
        ("Kari Testdal", "asked", None),
        ("Ola Testmo", "declined", None),
        ("Siv Testli", "booked", hers.starts_at),
    ]
    assert recalls.rounds(staff, gp.practice.pk) == [one]
    assert Event.objects.filter(action="recalls.read").count() == 3


def test_strangers_find_nothing_and_only_those_who_book_may_ask(gp: Office, kari: Person) -> None:
    (recall,) = ask(gp, kari)
    other, stranger = office("Dalen legekontor", "Odd Lund"), gp.patient("Ola Testmo")
    for who in (citizen(stranger), other.staff()):
        with pytest.raises(NotFound):
            policy.find_recall(who, recall.pk)
    with pytest.raises(NotFound):
        ask(gp, stranger, by=other.staff())
    with pytest.raises(Denied):
        ask(gp, stranger, by=gp.staff(Role.MANAGER))
    with pytest.raises(Refused):
        ask(gp, other.patient("Per Testnes"))


def test_the_database_asks_once_for_each_kind_and_keeps_days_in_order(gp: Office, kari: Person) -> None:
    (recall,) = ask(gp, kari)
    with pytest.raises(IntegrityError, match="a_recall_has_days_in_order"), transaction.atomic():
        Recall.objects.filter(pk=recall.pk).update(last_date=TODAY - timedelta(days=1))
    with pytest.raises(IntegrityError, match="a_booked_recall_has_an_appointment"), transaction.atomic():
        Recall.objects.filter(pk=recall.pk).update(status="booked")
    recall.pk, recall._state.adding = new_id(), True
    with pytest.raises(IntegrityError, match="a_patient_is_asked_once_for_each_kind_of_visit"), transaction.atomic():
        recall.save(force_insert=True)
