"""Tidligere time hvis det blir ledig: who is offered a freed time, and what becomes of it."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from legedialog.access.actor import Role
from legedialog.appointments import free, notices, services, waitlist
from legedialog.appointments.models import (
    Appointment,
    Block,
    Calendar,
    Channel,
    Claim,
    Status,
    TimeOffer,
    VisitType,
    Wait,
    Waitlist,
)
from legedialog.appointments.tests.factories import CHANNELS, LONG_AGO, NOW, TOMORROW, citizen, office
from legedialog.appointments.tests.waiting import (
    EIGHT,
    LATER,
    MONDAY,
    TWENTY_PAST,
    Booked,
    another_waits,
    frees,
    full_office,
    the_offer,
    waits,
)
from legedialog.audit.models import Event
from legedialog.consent.models import Consent
from legedialog.core import writing
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.times import CLINIC, at_local
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Skip, Words
from legedialog.patients.models import Membership
from legedialog.practices.models import Absence, Clinician, Offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def full() -> Booked:
    return full_office()


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=code)


def accept(offer: TimeOffer, now: datetime = LATER) -> Appointment:
    return services.accept_offer(actor=citizen(offer.wait.patient), offer_id=offer.pk, now=now)


def refuse(offer: TimeOffer, now: datetime = LATER) -> TimeOffer:
    return services.refuse_offer(actor=citizen(offer.wait.patient), offer_id=offer.pk, now=now)


def states(wait: Wait) -> tuple[str, list[str]]:
    wait.refresh_from_db()
    return wait.status, list(wait.offers.order_by("offered_at").values_list("status", flat=True))


def is_free(full: Booked, starts_at: datetime, now: datetime) -> bool:
    one = [full.at.doctor.pk]
    wanted = free.Wanted(full.at.practice.pk, one, full.at.visit_type, Channel.ATTENDANCE, now, for_citizen=False)
    return free.find(wanted, TOMORROW, TOMORROW).refusal(full.at.calendar.pk, starts_at) is None


def test_a_freed_time_is_kept_for_her_and_moved_to_when_she_takes_it(full: Booked) -> None:
    wait = waits(full.kari, full.hers)
    assert services.offer_freed(NOW) == 0
    frees(full.taken[0])

    assert services.offer_freed(NOW) == 1

    offer = the_offer()
    assert (offer.starts_at, offer.answer_by, is_free(full, EIGHT, NOW)) == (EIGHT, NOW + timedelta(hours=2), False)
    assert services.offer_freed(NOW) == 0  # one at a time, and only once
    moved = accept(offer)
    assert (moved.pk, moved.starts_at, moved.claim_id, moved.claim.kind) == (full.hers.pk, EIGHT, offer.pk, "booking")
    assert states(wait) == ("moved", ["accepted"])
    assert accept(offer).pk == moved.pk  # another window
    assert Claim.objects.filter(kind="offer").count() == 0
    told = Notification.objects.filter(recipient=full.kari, event__in=["appointment.offered", "appointment.moved"])
    assert set(told.values_list("event", flat=True)) >= {"appointment.offered"}
    actions = Event.objects.filter(patient_id=full.kari.pk).values_list("action", flat=True)
    assert {"wait.asked", "offer.made", "offer.accepted", "wait.moved", "appointment.moved"} <= set(actions)


def test_the_time_she_left_is_offered_on_in_the_next_look(full: Booked) -> None:
    waits(full.kari, full.hers)
    ola = another_waits(full.at, time(11))
    frees(full.taken[0])
    services.offer_freed(NOW)
    accept(the_offer())
    assert services.offer_freed(LATER) == 1
    assert (the_offer().wait_id, the_offer().starts_at) == (ola.pk, full.hers.starts_at)


def test_refused_it_is_the_next_ones_at_once_and_she_is_not_asked_of_it_again(full: Booked) -> None:
    wait = waits(full.kari, full.hers)
    ola = another_waits(full.at, time(11))
    frees(full.taken[0])
    services.offer_freed(NOW)
    first = the_offer()
    refuse(first)
    assert is_free(full, EIGHT, LATER)
    assert refuse(first).status == "refused"
    with refused("offer-over"):
        accept(first)
    assert services.offer_freed(LATER) == 1
    assert the_offer().wait_id == ola.pk
    refuse(the_offer())
    assert services.offer_freed(LATER) == 0
    assert (states(wait), states(ola)) == (("waiting", ["refused"]), ("waiting", ["refused"]))


def test_what_nobody_answers_goes_to_the_next_and_three_in_a_row_end_the_wait(full: Booked) -> None:
    wait, now = waits(full.kari, full.hers), NOW
    for number, appointment in enumerate(full.taken):
        frees(appointment, now=now)
        assert services.offer_freed(now) == 1
        offer = the_offer()
        over = offer.answer_by
        with refused("offer-over"):
            accept(offer, over)
        assert is_free(full, offer.starts_at, over)
        services.offer_freed(over)
        assert states(wait) == ("waiting" if number < 2 else "silent", ["lapsed"] * (number + 1))
        now = over
    full.hers.refresh_from_db()
    assert (full.hers.starts_at.astimezone(CLINIC).date(), full.hers.status) == (MONDAY, "booked")
    assert Notification.objects.filter(event="wait.silent", recipient=full.kari).count() == 1


def test_at_night_nothing_is_offered_and_nothing_lapses(full: Booked) -> None:
    wait = waits(full.kari, full.hers, notice_minutes=120)
    evening = at_local(NOW.date(), time(20, 30))
    frees(full.taken[2], now=evening)
    assert services.offer_freed(at_local(NOW.date(), time(21))) == 0
    assert services.offer_freed(evening) == 1
    assert the_offer().answer_by == at_local(NOW.date(), time(21))  # 8.40 is closed for booking at 7.40: she sleeps
    services.offer_freed(at_local(NOW.date(), time(23)))
    assert states(wait) == ("waiting", ["open"])
    services.offer_freed(at_local(TOMORROW, time(8)))
    assert states(wait) == ("waiting", ["lapsed"])


@pytest.mark.parametrize(
    ("limits", "offered"),
    [
        ({}, True),
        ({"coarse_times": ["tuesday-am"]}, True),
        ({"coarse_times": ["tuesday-pm", "friday-am"]}, False),
        ({"notice_minutes": 1440}, False),
    ],
    ids=["no limits", "that half day", "other half days", "too soon"],
)
def test_her_limits_decide_what_is_offered(full: Booked, limits: dict[str, Any], *, offered: bool) -> None:
    waits(full.kari, full.hers, **limits)
    frees(full.taken[0])
    assert services.offer_freed(NOW) == int(offered)


def test_what_was_free_when_she_asked_is_no_news_until_somebody_has_had_it(full: Booked) -> None:
    frees(full.taken[0])
    waits(full.kari, full.hers)
    assert services.offer_freed(NOW) == 0
    again = full.at.booked(full.at.patient("Per Testvik"))
    services.offer_freed(NOW)
    frees(again)
    assert services.offer_freed(NOW) == 1


@pytest.mark.parametrize("how", ["moved away", "absence taken back", "hold lapsed", "plan widened", "hold released"])
def test_it_is_the_same_how_a_time_becomes_free(full: Booked, how: str) -> None:
    at, per, now = full.at, full.at.patient("Per Testvik"), NOW
    absence = Absence(practice=at.practice, clinician=at.doctor, first_date=TOMORROW, last_date=TOMORROW)
    if how != "moved away":
        frees(full.taken[0])
    if how == "absence taken back":
        absence.save()
    elif how == "plan widened":
        at.calendar.blocks.filter(weekday=TOMORROW.weekday()).update(starts=time(8, 20))
    elif how.startswith("hold"):
        services.hold(
            actor=citizen(per),
            patient_id=per.pk,
            calendar_id=at.calendar.pk,
            visit_type_id=at.visit_type.pk,
            channel=Channel.ATTENDANCE,
            starts_at=EIGHT,
            now=NOW,
        )
    waits(full.kari, full.hers)
    assert services.offer_freed(NOW) == 0

    if how == "moved away":
        services.move(
            actor=citizen(full.taken[0].patient),
            appointment_id=full.taken[0].pk,
            calendar_id=at.calendar.pk,
            visit_type_id=at.visit_type.pk,
            channel=Channel.ATTENDANCE,
            starts_at=at_local(MONDAY, time(10)),
            reason=None,
            now=NOW,
        )
    elif how == "absence taken back":
        writing.remove(Absence.objects.all())
    elif how == "plan widened":
        at.calendar.blocks.filter(weekday=TOMORROW.weekday()).update(starts=time(8))
    elif how == "hold lapsed":
        now = NOW + timedelta(minutes=11)
    else:
        services.release(actor=citizen(per))

    assert services.offer_freed(now) == 1
    assert the_offer().starts_at == EIGHT


@pytest.mark.parametrize(
    "why", ["a clash", "too many of a kind", "consent withdrawn", "too late to move", "kind closed", "not booked"]
)
def test_nobody_is_offered_what_she_may_not_take(full: Booked, why: str) -> None:
    """The one function says it, as when she moves herself; the next in line gets it."""
    waits(full.kari, full.hers)
    ola = another_waits(full.at, time(11))
    now = NOW
    if why == "a clash":
        other = office("Dalen legekontor", "Odd Lund")
        other_time = other.booked(other.patient("Per Testvik"))
        Appointment.objects.filter(pk=other_time.pk).update(patient=full.kari)
    elif why == "too many of a kind":
        full.at.booked(full.kari, day=MONDAY, clock=time(10))
        VisitType.objects.filter(pk=full.at.visit_type.pk).update(max_coming=1)
    elif why == "consent withdrawn":
        Consent.objects.filter(person=full.kari).update(level="basis")
    elif why == "too late to move":
        Appointment.objects.filter(pk=full.hers.pk).update(starts_at=EIGHT + timedelta(hours=3))
        Appointment.objects.filter(pk=full.hers.pk).update(booked_at=NOW - timedelta(days=9))
    elif why == "kind closed":
        VisitType.objects.filter(pk=full.at.visit_type.pk).update(is_bookable_by_citizens=False)
    else:
        Appointment.objects.filter(pk=full.hers.pk).update(status=Status.ARRIVED)
    frees(full.taken[0])
    assert services.offer_freed(now) == (0 if why == "kind closed" else 1)
    assert set(TimeOffer.objects.values_list("wait", flat=True)) <= {ola.pk}


def test_any_doctor_at_the_office_only_for_who_asks_for_it(full: Booked) -> None:
    jonas = Clinician.objects.create(name="Jonas Vik", hpr_number="7654321")
    calendar = Calendar.objects.create(practice=full.at.practice, clinician=jonas)
    Offer.objects.create(practice=full.at.practice, clinician=jonas, service="book")
    waits(full.kari, full.hers)
    ola = another_waits(full.at, time(11), with_anybody=True)
    block = Block.objects.create(
        calendar=calendar,
        weekday=TOMORROW.weekday(),
        starts=time(8),
        ends=time(8, 20),
        channels=CHANNELS,
        first_date=LONG_AGO,
    )
    block.visit_types.add(full.at.visit_type)
    assert services.offer_freed(NOW) == 0  # no kind of theirs may be booked with him
    VisitType.objects.filter(pk=full.at.visit_type.pk).update(is_with_anybody=True)
    assert services.offer_freed(NOW) == 1
    assert (the_offer().wait_id, the_offer().calendar_id) == (ola.pk, calendar.pk)
    assert accept(the_offer()).calendar_id == calendar.pk


def test_many_free_times_are_chosen_among_and_not_waited_for(full: Booked) -> None:
    full.at.calendar.blocks.filter(weekday=MONDAY.weekday()).update(starts=time(6), step_minutes=5)
    late = full.at.booked(full.at.patient("Per Testvik"), day=MONDAY, clock=time(11, 40))
    with refused("many-free"):
        waits(late.patient, late)
    assert waits(late.patient, late, coarse_times=["tuesday-am"])


def test_she_changes_when_it_suits_and_stops(full: Booked) -> None:
    wait = waits(full.kari, full.hers)
    frees(full.taken[0])
    services.offer_freed(NOW)
    again = waits(full.kari, full.hers, coarse_times=["friday-am"], now=LATER)
    assert (again.pk, again.asked_at, again.coarse_times) == (wait.pk, NOW, ["friday-am"])
    assert states(wait) == ("waiting", ["withdrawn"])
    services.stop_waiting(actor=citizen(full.kari), wait_id=wait.pk, now=LATER)
    services.stop_waiting(actor=citizen(full.kari), wait_id=wait.pk, now=LATER)
    assert states(wait)[0] == "left"


def test_the_wait_follows_its_appointment(full: Booked) -> None:
    """Cancelled it is over. Moved later or to another doctor she waits on. Given an earlier time she has it."""
    wait, ola = waits(full.kari, full.hers), another_waits(full.at, time(11))
    frees(full.taken[0])
    services.offer_freed(NOW)
    mona = full.at.staff()
    given: dict[str, Any] = {
        "calendar_id": full.at.calendar.pk,
        "visit_type_id": full.at.visit_type.pk,
        "channel": Channel.ATTENDANCE,
        "reason": None,
        "now": LATER,
    }
    services.move(actor=mona, appointment_id=full.hers.pk, starts_at=at_local(MONDAY, time(9)), **given)
    assert states(wait) == ("waiting", ["withdrawn"])
    assert is_free(full, EIGHT, LATER)
    services.move(actor=mona, appointment_id=full.hers.pk, starts_at=EIGHT, **given)
    assert states(wait)[0] == "given"
    services.cancel(actor=citizen(ola.patient), appointment_id=ola.appointment_id, now=LATER)
    assert states(ola)[0] == "over"


def test_the_office_sees_who_waits_and_takes_one_off(full: Booked) -> None:
    wait = waits(full.kari, full.hers, coarse_times=["tuesday-am"])
    ola = another_waits(full.at, time(11), now=LATER)
    frees(full.taken[0])
    services.offer_freed(LATER)
    mona = full.at.staff()
    rows = waitlist.at_the_office(mona, full.at.practice.pk, LATER)
    assert [(row.id, row.offered_at, row.coarse_times) for row in rows] == [
        (wait.pk, EIGHT, ["tuesday-am"]),
        (ola.pk, None, []),
    ]
    services.take_off_waitlist(actor=mona, wait_id=wait.pk, now=LATER)
    assert states(wait) == ("removed", ["withdrawn"])
    with refused("not-waiting"):
        services.take_off_waitlist(actor=mona, wait_id=wait.pk, now=LATER)
    assert Notification.objects.filter(event="wait.removed", recipient=full.kari).count() == 1
    assert [row.id for row in waitlist.at_the_office(mona, full.at.practice.pk, LATER)] == [ola.pk]


def test_the_office_decides_whether_and_how_long(full: Booked) -> None:
    waits(full.kari, full.hers)
    frees(full.taken[0])
    manager, practice_id = full.at.staff(Role.MANAGER, name="Siri Berge"), full.at.practice.pk

    def save(*, is_open: bool, minutes: int) -> Waitlist:
        return services.save_waitlist(
            actor=manager, practice_id=practice_id, is_open=is_open, answer_minutes=minutes, now=NOW
        )

    save(is_open=False, minutes=60)
    assert services.offer_freed(NOW) == 0
    with refused("waitlist-closed"):
        waits(full.kari, full.hers)
    save(is_open=True, minutes=60)
    assert services.offer_freed(NOW) == 1
    assert the_offer().answer_by == NOW + timedelta(hours=1)
    with pytest.raises(Denied):
        services.save_waitlist(
            actor=full.at.staff(), practice_id=practice_id, is_open=False, answer_minutes=60, now=NOW
        )
    with pytest.raises(IntegrityError, match="an_offer_is_answered_within"), transaction.atomic():
        Waitlist.objects.update(answer_minutes=5)


def test_strangers_find_nothing(full: Booked) -> None:
    wait = waits(full.kari, full.hers)
    frees(full.taken[0])
    services.offer_freed(NOW)
    elsewhere = office("Dalen legekontor", "Odd Lund")
    offer = the_offer()
    for actor in (citizen(full.at.patient("Per Testvik")), full.at.staff(), elsewhere.staff()):
        with pytest.raises(NotFound):
            services.accept_offer(actor=actor, offer_id=offer.pk, now=LATER)
        with pytest.raises(NotFound):
            services.refuse_offer(actor=actor, offer_id=offer.pk, now=LATER)
        with pytest.raises(NotFound):
            services.stop_waiting(actor=actor, wait_id=wait.pk, now=LATER)
        with pytest.raises(NotFound):
            waits_as(actor, full.hers)
    with pytest.raises(NotFound):
        services.take_off_waitlist(actor=elsewhere.staff(), wait_id=wait.pk, now=LATER)
    with pytest.raises(Denied):
        services.take_off_waitlist(actor=full.at.staff(Role.MANAGER), wait_id=wait.pk, now=LATER)
    assert waitlist.at_the_office(elsewhere.staff(), full.at.practice.pk, LATER) == []


def waits_as(actor: Any, appointment: Appointment) -> None:
    services.ask_for_earlier(
        actor=actor,
        appointment_id=appointment.pk,
        coarse_times=[],
        with_anybody=False,
        notice_minutes=120,
        now=LATER,
    )


def test_death_and_another_list_end_it_and_a_year_later_it_is_gone(full: Booked) -> None:
    wait, ola = waits(full.kari, full.hers), another_waits(full.at, time(11))
    frees(full.taken[0])
    services.offer_freed(NOW)
    services.close_for_death(patient_id=full.kari.pk, now=LATER)
    assert states(wait) == ("over", ["withdrawn"])
    assert is_free(full, EIGHT, LATER)
    services.end_what_is_over(LATER)
    assert states(ola)[0] == "waiting"
    writing.remove(Membership.objects.filter(person=ola.patient))
    services.end_what_is_over(LATER)
    assert states(ola)[0] == "over"
    services.end_what_is_over(LATER + timedelta(days=364))
    assert Wait.objects.count() == 2
    services.end_what_is_over(LATER + timedelta(days=365))
    assert (Wait.objects.count(), TimeOffer.objects.count()) == (0, 0)


def test_she_is_told_by_when_and_not_when_it_is_over(full: Booked) -> None:
    waits(full.kari, full.hers)
    frees(full.taken[0])
    services.offer_freed(NOW)
    told = Notification.objects.get(event="appointment.offered")
    row = notices.OFFER.rows([told.object_id])[told.object_id]
    words = notices.offered(row, told, NOW)
    assert isinstance(words, Words)
    assert words.text == (
        "Du kan få en tidligere time: tirsdag 24. november kl. 08.00. Logg inn på Legedialog og svar innen mandag"
        " 23. november kl. 12.00."
    )
    assert isinstance(notices.offered(row, told, row.answer_by), Skip)
    refuse(row)
    row.refresh_from_db()
    assert isinstance(notices.offered(row, told, LATER), Skip)


def test_one_who_browses_keeps_what_she_is_offered(full: Booked) -> None:
    """A hold of hers is another thing: neither takes the other's place."""
    waits(full.kari, full.hers)
    frees(full.taken[0])
    frees(full.taken[1])
    services.offer_freed(NOW)
    kari = citizen(full.kari)
    held = services.hold(
        actor=kari,
        patient_id=full.kari.pk,
        calendar_id=full.at.calendar.pk,
        visit_type_id=full.at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=TWENTY_PAST,
        now=NOW,
    )
    services.release(actor=kari)
    assert not Claim.objects.filter(pk=held.pk).exists()
    assert accept(the_offer()).starts_at == EIGHT
