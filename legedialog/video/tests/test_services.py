"""Who comes and goes, what each page knows, and what is left afterwards."""

from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest

from legedialog.access.actor import ANONYMOUS, Role
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Status
from legedialog.appointments.tests.factories import NOW, citizen, office
from legedialog.core.errors import Denied, LegedialogError, NotFound
from legedialog.journal.models import Entry
from legedialog.video import queries, services
from legedialog.video.models import Feedback, Room, Seat, Signal
from legedialog.video.policy import Visitor
from legedialog.video.rules import RoomState, SeatState
from legedialog.video.tests.factories import AFTER, BEFORE, CLOSED, DURING, OPENS, video
from legedialog.video.tests.saying import MOMENT, actions, refused, seats_of, send

pytestmark = pytest.mark.django_db


# ---- who comes


def test_the_patient_waits_until_she_is_called_in_and_the_doctor_is_in_at_once() -> None:
    visit = video()
    seat, doctor = visit.patient_comes(), visit.doctor_comes()
    assert (seat.state, doctor.state) == (SeatState.WAITING, SeatState.ADMITTED)
    assert visit.room.state == RoomState.OPEN
    assert actions(visit) == ["video.entered", "video.entered"]


def test_coming_again_keeps_the_place_and_makes_the_newest_page_count() -> None:
    visit = video()
    first = visit.patient_comes(OPENS)
    again = visit.patient_comes(BEFORE)
    assert (again.pk, again.entered_at, again.tab) == (first.pk, OPENS, first.tab + 1)
    assert actions(visit) == ["video.entered"]
    late = lambda: services.here(visitor=Visitor(visit.citizen), seat_id=first.pk, tab=first.tab, now=BEFORE)  # noqa: E731
    assert refused(late) == "replaced"


@pytest.mark.parametrize(("now", "code"), [(OPENS - MOMENT, "too-early"), (CLOSED, "too-late")])
def test_outside_its_window_the_room_is_closed_to_the_patient(now: datetime, code: str) -> None:
    visit = video()
    assert refused(lambda: visit.patient_comes(now)) == code
    assert not Room.objects.exists()


def test_a_cancelled_appointment_has_no_room() -> None:
    visit = video()
    appointments.cancel(actor=visit.secretary, appointment_id=visit.appointment.pk, now=NOW)
    assert refused(visit.patient_comes) == "not-going-to-happen"


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("another patient", NotFound),
        ("a doctor elsewhere", NotFound),
        ("reception", Denied),
        ("the manager", Denied),
        ("nobody", NotFound),
    ],
)
def test_who_may_not_come_in(who: str, error: type[LegedialogError]) -> None:
    visit = video()
    actor = {
        "another patient": citizen(visit.office.patient("Per Testvik")),
        "a doctor elsewhere": office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR),
        "reception": visit.secretary,
        "the manager": visit.office.staff(Role.MANAGER),
        "nobody": ANONYMOUS,
    }[who]
    with pytest.raises(error):
        services.enter(actor=actor, appointment_id=visit.appointment.pk, now=BEFORE)
    assert not Seat.objects.exists()


def test_an_appointment_at_the_office_has_no_room() -> None:
    visit = video()
    at_the_office = visit.office.booked(visit.office.patient("Per Testvik"), clock=time(9))
    with pytest.raises(NotFound):
        services.enter(actor=visit.doctor, appointment_id=at_the_office.pk, now=BEFORE)


def test_leaving_and_coming_back_waits_again_with_the_same_place() -> None:
    visit = video()
    seat, _ = visit.running()
    services.leave(visitor=Visitor(visit.citizen), seat_id=seat.pk, tab=seat.tab, now=DURING)
    seat.refresh_from_db()
    assert seat.state == SeatState.LEFT
    visit.appointment.refresh_from_db()
    assert visit.appointment.status == Status.ARRIVED
    back = visit.patient_comes(DURING + MOMENT)
    assert (back.state, back.entered_at) == (SeatState.WAITING, seat.entered_at)


def test_a_closed_page_changes_no_state() -> None:
    visit = video()
    seat, _ = visit.running()
    services.gone(seat_id=seat.pk, tab=seat.tab, now=DURING)
    seat.refresh_from_db()
    assert (seat.state, seat.seen_at) == (SeatState.ADMITTED, None)
    services.here(visitor=Visitor(visit.citizen), seat_id=seat.pk, tab=seat.tab, now=DURING)
    seat.refresh_from_db()
    assert seat.seen_at == DURING


def test_an_older_page_that_closes_does_not_make_the_newer_one_absent() -> None:
    visit = video()
    old = visit.patient_comes()
    new = visit.patient_comes()
    services.gone(seat_id=old.pk, tab=old.tab, now=BEFORE)
    new.refresh_from_db()
    assert new.seen_at == BEFORE


# ---- what each page knows


def test_who_waits_knows_of_the_doctor_only_and_the_doctor_of_everybody() -> None:
    visit = video()
    guest, _ = visit.guest_comes()
    patient, doctor = visit.patient_comes(), visit.doctor_comes()
    assert seats_of(guest).keys() == {"guest", "doctor"}
    assert seats_of(patient).keys() == {"patient", "doctor"}
    assert seats_of(doctor).keys() == {"guest", "patient", "doctor"}
    assert seats_of(doctor)["patient"]["birth_date"] == visit.patient.birth_date.isoformat()
    assert "birth_date" not in seats_of(patient)["doctor"]
    assert str(visit.office.doctor.hpr_number) in str(seats_of(patient)["doctor"]["title"])


def test_the_patient_who_is_in_knows_of_a_guest_who_waits_as_she_is_asked() -> None:
    visit = video()
    guest, _ = visit.guest_comes()
    patient, _ = visit.running()
    assert seats_of(patient)["guest"]["agreed"] is False
    assert "patient" not in seats_of(guest)


def test_the_place_counts_those_who_wait_with_an_earlier_time() -> None:
    first = video()
    second = video(first.office, "Per Testvik", clock=time(8, 20))
    first.patient_comes(DURING)
    seat = second.patient_comes(DURING)
    fresh = Seat.objects.select_related("room__appointment").get(pk=seat.pk)
    assert queries.state_of(fresh, DURING)["place"] == 2
    first.admits(Seat.objects.get(room=first.room))
    assert queries.state_of(fresh, DURING)["place"] == 1


# ---- afterwards


def test_two_answers_are_kept_once_and_without_a_name() -> None:
    visit = video()
    visit.running()
    visit.ends()
    for _ in range(2):
        services.answer(
            actor=visit.citizen, appointment_id=visit.appointment.pk, picture_and_sound=3, was_enough=True, now=AFTER
        )
    answer = Feedback.objects.get()
    assert (answer.practice_id, answer.picture_and_sound, answer.was_enough) == (visit.office.practice.pk, 3, True)
    assert not {"person", "patient", "seat", "room"} & {field.name for field in Feedback._meta.fields}


def test_who_was_not_in_has_nothing_to_answer() -> None:
    visit = video()
    visit.patient_comes()
    with pytest.raises(NotFound):
        services.answer(
            actor=visit.citizen, appointment_id=visit.appointment.pk, picture_and_sound=3, was_enough=True, now=AFTER
        )


def test_what_is_over_is_forgotten() -> None:
    visit = video()
    patient, doctor = visit.running()
    send(visit, patient, doctor)
    services.tidy(DURING + timedelta(minutes=59))
    assert Signal.objects.filter(kind="signal").exists()
    services.tidy(DURING + timedelta(minutes=61))
    assert not Signal.objects.exists()
    visit.ends()
    services.tidy(AFTER + timedelta(days=91))
    assert not Room.objects.exists()
    assert not Seat.objects.exists()
    assert Entry.objects.filter(kind="video").exists()


def test_a_number_of_no_seat_is_not_found() -> None:
    visit = video()
    with pytest.raises(NotFound):
        services.here(visitor=Visitor(visit.citizen), seat_id=uuid4(), tab=1, now=BEFORE)
