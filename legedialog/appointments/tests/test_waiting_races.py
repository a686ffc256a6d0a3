"""An offer under races: real threads, real connections, committed rows."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from legedialog.appointments import services
from legedialog.appointments.models import Appointment, Channel, Claim, TimeOffer, Wait
from legedialog.appointments.tests.factories import NOW, citizen
from legedialog.appointments.tests.test_race import in_parallel
from legedialog.appointments.tests.waiting import (
    EIGHT,
    LATER,
    TWENTY_PAST,
    Booked,
    another_waits,
    frees,
    full_office,
    the_offer,
    waits,
)

pytestmark = pytest.mark.django_db(transaction=True)


def offered() -> Booked:
    full = full_office()
    waits(full.kari, full.hers)
    frees(full.taken[0])
    services.offer_freed(NOW)
    return full


def takes(full: Booked, now: datetime = LATER) -> None:
    services.accept_offer(actor=citizen(full.kari), offer_id=the_only().pk, now=now)


def the_only() -> TimeOffer:
    return TimeOffer.objects.get()


def at_eight() -> list[str]:
    """What takes the offered time now."""
    return list(Claim.objects.filter(is_active=True, period__contains=EIGHT).values_list("kind", flat=True))


def test_many_workers_make_one_offer_of_one_time() -> None:
    full = full_office()
    waits(full.kari, full.hers)
    another_waits(full.at, time(11))
    frees(full.taken[0])
    in_parallel([lambda: services.offer_freed(NOW)] * 6, threads=6)
    assert (TimeOffer.objects.count(), the_offer().wait.patient_id, at_eight()) == (1, full.kari.pk, ["offer"])


def test_two_times_and_many_workers_give_each_who_waits_one() -> None:
    full = full_office()
    waits(full.kari, full.hers)
    another_waits(full.at, time(11))
    frees(full.taken[0])
    frees(full.taken[1])
    in_parallel([lambda: services.offer_freed(NOW)] * 6, threads=6)
    assert TimeOffer.objects.values("wait").distinct().count() == TimeOffer.objects.count() == 2


def test_pressed_in_many_windows_it_is_taken_once() -> None:
    full = offered()
    assert in_parallel([lambda: takes(full)] * 6, threads=6) == ["ok"] * 6
    full.hers.refresh_from_db()
    assert (full.hers.starts_at, full.hers.changes, at_eight()) == (EIGHT, 1, ["booking"])


def test_taken_and_refused_at_once_it_is_one_of_them() -> None:
    full = offered()
    kari, offer = citizen(full.kari), the_offer()
    outcomes = in_parallel(
        [lambda: takes(full), lambda: services.refuse_offer(actor=kari, offer_id=offer.pk, now=LATER)], threads=2
    )
    full.hers.refresh_from_db()
    was_taken = full.hers.starts_at == EIGHT
    assert Counter(outcomes) == {"ok": 1, "offer-over": 1}
    assert (the_only().status, at_eight()) == (("accepted", ["booking"]) if was_taken else ("refused", []))


def test_taken_in_the_last_moment_while_another_books_it_one_of_them_has_it() -> None:
    """The one's clock says that the offer has run out, the other's that it has not quite."""
    full = offered()
    per, by = full.at.patient("Per Testvik"), the_offer().answer_by

    def books() -> None:
        held = services.hold(
            actor=citizen(per),
            patient_id=per.pk,
            calendar_id=full.at.calendar.pk,
            visit_type_id=full.at.visit_type.pk,
            channel=Channel.ATTENDANCE,
            starts_at=EIGHT,
            now=by,
        )
        services.book(actor=citizen(per), hold_id=held.pk, reason="", now=by)

    outcomes = in_parallel([lambda: takes(full, by - timedelta(seconds=1)), books], threads=2)
    assert Counter(outcomes) == {"ok": 1, "time-taken": 1}
    assert Appointment.objects.filter(status="booked", starts_at=EIGHT).count() == 1
    assert at_eight() == ["booking"]


def test_taken_while_it_lapses_it_is_one_of_them() -> None:
    full = offered()
    by = the_offer().answer_by
    taken, _ = in_parallel(
        [lambda: takes(full, by - timedelta(seconds=1)), lambda: services.offer_freed(by)], threads=2
    )
    full.hers.refresh_from_db()
    assert (taken, the_only().status, full.hers.starts_at == EIGHT) in [
        ("ok", "accepted", True),
        ("offer-over", "lapsed", False),
    ]


def test_taken_while_the_office_gives_her_another_by_hand_she_has_one_time() -> None:
    full = offered()
    frees(full.taken[1])
    mona = full.at.staff()

    def gives() -> None:
        services.move(
            actor=mona,
            appointment_id=full.hers.pk,
            calendar_id=full.at.calendar.pk,
            visit_type_id=full.at.visit_type.pk,
            channel=Channel.ATTENDANCE,
            starts_at=TWENTY_PAST,
            reason=None,
            now=LATER,
        )

    outcomes = in_parallel([lambda: takes(full), gives], threads=2)
    full.hers.refresh_from_db()
    assert outcomes[1] == "ok"  # the office moves it from wherever it is, when it has not looked at it
    assert outcomes[0] in ("ok", "offer-over")
    assert full.hers.starts_at == TWENTY_PAST
    assert (Wait.objects.get().status, at_eight()) == ("moved" if outcomes[0] == "ok" else "given", [])
