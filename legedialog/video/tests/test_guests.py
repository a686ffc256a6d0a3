"""Interpreters and relatives: invited, let in, and sent away."""

from datetime import time

import pytest

from legedialog.appointments import services as appointments
from legedialog.appointments.tests.factories import citizen, person
from legedialog.core.errors import NotFound
from legedialog.video import guests, services
from legedialog.video.models import Guest
from legedialog.video.rules import SeatState
from legedialog.video.tests.factories import BEFORE, CLOSED, DURING, OPENS, video
from legedialog.video.tests.saying import MOMENT, actions, refused

pytestmark = pytest.mark.django_db


def test_a_guest_is_let_in_when_the_patient_has_said_yes() -> None:
    visit = video()
    guest, _ = visit.guest_comes()
    visit.running()
    assert refused(lambda: visit.admits(guest)) == "guest-not-agreed"
    assert guest.guest
    guests.agree(
        actor=visit.citizen, appointment_id=visit.appointment.pk, guest_id=guest.guest.pk, agrees=True, now=DURING
    )
    assert visit.admits(guest).state == SeatState.ADMITTED
    row = Guest.objects.get()
    assert (row.agreed_by_person_id, row.agreed_told_by_id, row.agreed_at) == (visit.patient.pk, None, DURING)


def test_a_yes_said_aloud_is_answered_for_by_the_doctor() -> None:
    visit = video()
    guest, _ = visit.guest_comes()
    visit.running()
    visit.admits(guest, agrees=True)
    assert Guest.objects.get().agreed_told_by_id == visit.doctor.employee_id
    assert "video.guest-agreed" in actions(visit)


def test_whom_the_patient_invites_she_has_said_yes_to() -> None:
    visit = video()
    guest, _ = visit.guest_comes(actor=visit.citizen)
    visit.running()
    assert visit.admits(guest).state == SeatState.ADMITTED


def test_her_no_sends_the_guest_away() -> None:
    visit = video()
    guest, _ = visit.guest_comes()
    visit.running()
    assert guest.guest
    guests.agree(
        actor=visit.citizen, appointment_id=visit.appointment.pk, guest_id=guest.guest.pk, agrees=False, now=DURING
    )
    guest.refresh_from_db()
    assert guest.state == SeatState.REMOVED
    assert refused(lambda: visit.admits(guest)) == "guest-not-agreed"


def test_only_the_patient_says_yes() -> None:
    visit = video()
    guest, _ = visit.guest_comes()
    assert guest.guest
    for actor in (visit.doctor, citizen(person("Per Testvik"))):
        with pytest.raises(NotFound):
            guests.agree(
                actor=actor, appointment_id=visit.appointment.pk, guest_id=guest.guest.pk, agrees=True, now=DURING
            )


def test_a_link_works_once() -> None:
    visit = video()
    _, token = visit.invites()
    guests.use(token=token, now=BEFORE)
    with pytest.raises(NotFound):
        guests.use(token=token, now=BEFORE)


def test_a_link_is_not_spent_before_the_waiting_room_opens() -> None:
    visit = video()
    _, token = visit.invites()
    assert refused(lambda: guests.use(token=token, now=OPENS - MOMENT)) == "too-early"
    guests.use(token=token, now=OPENS)


@pytest.mark.parametrize("why", ["unknown", "expired", "used", "renewed", "ended", "cancelled"])
def test_a_link_that_does_not_work_tells_nothing_of_why(why: str) -> None:
    visit = video()
    guest, token = visit.invites()
    now = BEFORE
    if why == "unknown":
        token = "a" * 43
    elif why == "expired":
        now = CLOSED
    elif why == "used":
        guests.use(token=token, now=BEFORE)
    elif why == "renewed":
        guests.renew(actor=visit.doctor, appointment_id=visit.appointment.pk, guest_id=guest.pk, now=BEFORE)
    elif why == "ended":
        visit.running()
        visit.ends()
    else:
        appointments.cancel(actor=visit.secretary, appointment_id=visit.appointment.pk, now=BEFORE)
    assert refused(lambda: guests.invited(token, now)) == "not-found"


def test_a_renewed_link_shuts_out_the_browser_that_used_the_old_one() -> None:
    visit = video()
    seat, visitor = visit.guest_comes()
    assert seat.guest
    _, token = guests.renew(actor=visit.doctor, appointment_id=visit.appointment.pk, guest_id=seat.guest.pk, now=BEFORE)
    with pytest.raises(NotFound):
        services.enter_as_guest(cookie=visitor.cookie, now=BEFORE)
    again = services.enter_as_guest(cookie=guests.use(token=token, now=BEFORE), now=BEFORE)
    assert (again.pk, again.state) == (seat.pk, SeatState.WAITING)


def test_a_guest_of_another_room_has_no_seat_here() -> None:
    visit = video()
    patient, doctor = visit.running()
    other = video(visit.office, "Per Testvik", clock=time(8, 20))
    _, stranger = other.guest_comes(DURING)
    for seat in (patient, doctor):
        with pytest.raises(NotFound):
            services.here(visitor=stranger, seat_id=seat.pk, tab=seat.tab, now=DURING)


def test_too_many_unused_links_are_refused() -> None:
    visit = video()
    for _ in range(guests.MOST_LINKS):
        visit.invites()
    assert refused(visit.invites) == "room-full"
