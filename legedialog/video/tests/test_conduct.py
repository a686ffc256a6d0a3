"""What the doctor and the office do with a visit, from calling in to the record."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest

from legedialog.access.actor import Role
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Status
from legedialog.appointments.tests.factories import office
from legedialog.core.errors import Denied, LegedialogError, NotFound
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.video import conduct, queries, services
from legedialog.video.models import Seat, Signal
from legedialog.video.policy import Visitor
from legedialog.video.rules import Identity, RoomState, SeatState
from legedialog.video.tests.factories import AFTER, BEFORE, CLOSED, DURING, video
from legedialog.video.tests.saying import MOMENT, actions, refused, seats_of, send

pytestmark = pytest.mark.django_db


def test_calling_in_starts_the_visit_once() -> None:
    visit = video()
    seat = visit.patient_comes()
    visit.admits(seat)
    visit.admits(seat, DURING + MOMENT)  # another tab
    room = visit.room
    visit.appointment.refresh_from_db()
    assert (room.state, room.started_at, visit.appointment.status) == (RoomState.RUNNING, DURING, Status.ARRIVED)
    assert actions(visit).count("video.admitted") == 1


@pytest.mark.parametrize("act", ["admit", "remove", "identity", "phone", "end", "reopen"])
@pytest.mark.parametrize(
    ("who", "error"), [("reception", Denied), ("the patient", NotFound), ("a doctor elsewhere", NotFound)]
)
def test_what_only_a_doctor_of_the_office_does(act: str, who: str, error: type[LegedialogError]) -> None:
    visit = video()
    seat, _ = visit.running()
    actors = {
        "reception": visit.secretary,
        "the patient": visit.citizen,
        "a doctor elsewhere": office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR),
    }
    facts: dict[str, Any] = {"actor": actors[who], "appointment_id": visit.appointment.pk, "now": DURING}
    acts: dict[str, Callable[[], object]] = {
        "admit": lambda: conduct.admit(**facts, seat_id=seat.pk),
        "remove": lambda: conduct.remove(**facts, seat_id=seat.pk),
        "identity": lambda: conduct.confirm_identity(**facts, seat_id=seat.pk, how=Identity.KNOWN),
        "phone": lambda: conduct.to_phone(**facts),
        "end": lambda: conduct.end(**facts),
        "reopen": lambda: conduct.reopen(**facts),
    }
    with pytest.raises(error):
        acts[act]()


def test_a_seat_of_another_room_is_not_admitted() -> None:
    visit = video()
    visit.patient_comes()
    other = video(visit.office, "Per Testvik", clock=time(8, 20)).patient_comes(DURING + MOMENT)
    with pytest.raises(NotFound):
        visit.admits(other)


def test_who_was_sent_out_comes_in_only_by_the_doctor() -> None:
    visit = video()
    seat, _ = visit.running()
    conduct.remove(actor=visit.doctor, appointment_id=visit.appointment.pk, seat_id=seat.pk, now=DURING)
    assert visit.patient_comes(DURING).state == SeatState.REMOVED
    assert visit.admits(seat).state == SeatState.ADMITTED


def test_five_are_too_many() -> None:
    visit = video()
    visit.running()
    for _ in range(2):
        visit.admits(visit.guest_comes()[0], agrees=True)
    fifth, _ = visit.guest_comes()
    assert refused(lambda: visit.admits(fifth, agrees=True)) == "room-full"


def test_a_delay_is_told_and_changes_nothing_else() -> None:
    visit = video()
    seat = visit.patient_comes()
    conduct.postpone(
        actor=visit.secretary, appointment_id=visit.appointment.pk, minutes=15, message="Beklager", now=BEFORE
    )
    fresh = Seat.objects.select_related("room__appointment").get(pk=seat.pk)
    state = queries.state_of(fresh, BEFORE)
    assert state["message"] == "Beklager"
    assert state["delayed_until"] == (visit.appointment.starts_at + timedelta(minutes=15)).isoformat()
    before = (visit.appointment.starts_at, visit.appointment.status, visit.appointment.sequence)
    visit.appointment.refresh_from_db()
    assert (visit.appointment.starts_at, visit.appointment.status, visit.appointment.sequence) == before
    visit.admits(seat)
    assert visit.room.message == ""


def test_ready_is_told_once_by_a_notice() -> None:
    visit = video()
    for _ in range(2):
        conduct.remind(actor=visit.secretary, appointment_id=visit.appointment.pk, now=DURING)
    assert Notification.objects.filter(event="video.ready", recipient=visit.patient).count() == 1


def test_not_there_is_written_down_after_the_start_only() -> None:
    visit = video()
    facts: dict[str, Any] = {"actor": visit.secretary, "appointment_id": visit.appointment.pk}
    assert refused(lambda: conduct.no_show(**facts, now=BEFORE)) == "not-started"
    conduct.no_show(**facts, now=DURING)
    visit.appointment.refresh_from_db()
    assert (visit.appointment.status, visit.room.outcome) == (Status.NO_SHOW, "no-show")
    assert not Entry.objects.filter(kind="video").exists()


def test_one_who_is_in_did_not_miss_it() -> None:
    visit = video()
    visit.running()
    miss = lambda: conduct.no_show(actor=visit.doctor, appointment_id=visit.appointment.pk, now=DURING)  # noqa: E731
    assert refused(miss) == "cannot-move"


def test_the_visit_files_itself_and_completes_the_appointment() -> None:
    visit = video()
    seat, doctor = visit.running()
    conduct.confirm_identity(
        actor=visit.doctor, appointment_id=visit.appointment.pk, seat_id=seat.pk, how=Identity.PHOTO_ID, now=DURING
    )
    services.report(
        visitor=Visitor(visit.doctor), seat_id=doctor.pk, tab=doctor.tab, quality="poor", media={}, now=DURING
    )
    send(visit, seat, doctor)
    visit.ends()
    visit.appointment.refresh_from_db()
    entry = Entry.objects.get(kind="video")
    assert visit.appointment.status == Status.COMPLETED
    assert (entry.patient_id, entry.contact_type, entry.title) == (
        visit.patient.pk,
        "video",
        "Videotime kl. 08.05–08.18",
    )
    assert "Kari Testdal (pasienten, fra kl. 08.05)" in entry.text
    assert f"Ingrid Aas (lege, HPR {visit.office.doctor.hpr_number}" in entry.text
    assert "Identitet, Kari Testdal: viste legitimasjon." in entry.text
    assert "Forbindelsen var dårlig i perioder." in entry.text
    assert not Signal.objects.filter(kind="signal").exists()
    assert refused(visit.patient_comes) == "ended"


def test_a_visit_without_anybody_called_in_does_not_end_as_held() -> None:
    visit = video()
    visit.patient_comes()
    assert refused(visit.ends) == "cannot-move"


def test_by_telephone_it_is_the_same_appointment() -> None:
    visit = video()
    seat, _ = visit.running()
    number = services.ask_to_be_called(
        visitor=Visitor(visit.citizen), seat_id=seat.pk, tab=seat.tab, number="", now=DURING
    )
    assert number == "+4799999999"
    conduct.to_phone(actor=visit.doctor, appointment_id=visit.appointment.pk, now=DURING)
    room = visit.ends()
    visit.appointment.refresh_from_db()
    assert (visit.appointment.status, visit.appointment.channel, room.outcome) == (Status.COMPLETED, "video", "phone")
    entry = Entry.objects.get(kind="video")
    assert entry.contact_type == "phone"
    assert "ble fullført på telefon" in entry.text


def test_the_picture_may_come_back() -> None:
    visit = video()
    visit.running()
    conduct.to_phone(actor=visit.doctor, appointment_id=visit.appointment.pk, now=DURING)
    conduct.to_video(actor=visit.doctor, appointment_id=visit.appointment.pk, now=DURING)
    assert visit.ends().outcome == "held"


def test_a_number_that_is_none_is_refused() -> None:
    visit = video()
    seat = visit.patient_comes()
    ask = lambda: services.ask_to_be_called(  # noqa: E731
        visitor=Visitor(visit.citizen), seat_id=seat.pk, tab=seat.tab, number="12", now=BEFORE
    )
    assert refused(ask) == "no-phone"


def test_only_the_doctor_is_told_the_number() -> None:
    visit = video()
    seat, doctor = visit.running()
    services.ask_to_be_called(
        visitor=Visitor(visit.citizen), seat_id=seat.pk, tab=seat.tab, number="41 23 45 67", now=DURING
    )
    assert seats_of(doctor)["patient"]["call_number"] == "41234567"
    assert "call_number" not in seats_of(seat)["patient"]


def test_ended_by_mistake_it_opens_again_and_is_filed_again() -> None:
    visit = video()
    seat, _ = visit.running()
    visit.ends()
    conduct.reopen(actor=visit.doctor, appointment_id=visit.appointment.pk, now=AFTER)
    seat.refresh_from_db()
    visit.appointment.refresh_from_db()
    assert (seat.state, visit.appointment.status) == (SeatState.WAITING, Status.ARRIVED)
    visit.admits(seat, AFTER)
    visit.ends(AFTER + timedelta(minutes=5))
    assert Entry.objects.filter(kind="video").count() == 2


def test_opened_again_a_guest_who_was_in_waits_again_and_one_who_was_sent_out_stays_out() -> None:
    visit = video()
    visit.running()
    (stays, here), (goes, there) = visit.guest_comes(), visit.guest_comes()
    for seat in (stays, goes):
        visit.admits(seat, agrees=True)
    conduct.remove(actor=visit.doctor, appointment_id=visit.appointment.pk, seat_id=goes.pk, now=DURING)
    visit.ends()
    conduct.reopen(actor=visit.doctor, appointment_id=visit.appointment.pk, now=AFTER)
    assert services.enter_as_guest(cookie=here.cookie, now=AFTER).state == SeatState.WAITING  # for the doctor's yes
    assert services.enter_as_guest(cookie=there.cookie, now=AFTER).state == SeatState.REMOVED
    for cookie in (here.cookie, there.cookie):
        with pytest.raises(LegedialogError):
            services.enter_as_guest(cookie=cookie, now=CLOSED + MOMENT)


def test_what_nobody_ended_is_closed_and_filed_when_its_window_is_over() -> None:
    visit = video()
    visit.running()
    conduct.close_what_is_over(CLOSED - MOMENT)
    assert visit.room.state == RoomState.RUNNING
    conduct.close_what_is_over(CLOSED + MOMENT)
    assert (visit.room.state, visit.room.outcome) == (RoomState.ENDED, "left-open")
    assert "Ingen avsluttet timen" in Entry.objects.get(kind="video").text


def test_an_empty_room_is_closed_without_an_entry() -> None:
    visit = video()
    visit.patient_comes()
    appointments.cancel(actor=visit.secretary, appointment_id=visit.appointment.pk, now=BEFORE)
    conduct.close_what_is_over(BEFORE)
    assert visit.room.outcome == "cancelled"
    assert not Entry.objects.filter(kind="video").exists()
