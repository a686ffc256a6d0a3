from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from legedialog.access.actor import ANONYMOUS, Actor, Role
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Status
from legedialog.appointments.tests.factories import NOW, citizen, office, person
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, LegedialogError, NotFound, TooMany
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.video import conduct, guests, queries, rules, services
from legedialog.video.models import Feedback, Guest, Room, Seat, Signal
from legedialog.video.policy import Visitor
from legedialog.video.rules import Identity, RoomState, SeatState
from legedialog.video.tests.factories import AFTER, BEFORE, CLOSED, DURING, OPENS, Video, video

pytestmark = pytest.mark.django_db
MOMENT = timedelta(seconds=1)


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(LegedialogError) as error:
        work()
    return error.value.code


def actions(visit: Video) -> list[str]:
    rows = Event.objects.filter(patient_id=visit.patient.pk, action__startswith="video.").order_by("at", "id")
    return list(rows.values_list("action", flat=True))


def send(visit: Video, sender: Seat, to: Seat, actor: Actor | None = None, now: datetime = DURING) -> None:
    services.signal(
        visitor=Visitor(actor or visit.citizen),
        seat_id=sender.pk,
        tab=sender.tab,
        to=to.pk,
        data={"candidate": "a"},
        now=now,
    )


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


# ---- what the browsers say


def test_a_signal_reaches_the_one_it_is_for_and_nobody_else() -> None:
    visit = video()
    patient, doctor = visit.running()
    since = queries.newest(visit.room.pk)
    send(visit, patient, doctor)
    doctor = Seat.objects.get(pk=doctor.pk)
    (told,) = queries.told(doctor, since)
    assert (told.kind, told.sender_id) == ("signal", patient.pk)
    assert '"candidate": "a"' in told.data
    assert queries.told(Seat.objects.get(pk=patient.pk), since) == []


def test_a_signal_is_sealed_in_the_database() -> None:
    visit = video()
    patient, doctor = visit.running()
    send(visit, patient, doctor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM video_signal WHERE kind = 'signal'")
        ((written,),) = cursor.fetchall()
    assert b"candidate" not in bytes(written)


def test_who_waits_sends_nothing() -> None:
    visit = video()
    patient, doctor = visit.patient_comes(), visit.doctor_comes()
    assert refused(lambda: send(visit, patient, doctor)) == "not-admitted"
    assert refused(lambda: send(visit, doctor, patient, visit.doctor)) == "not-admitted"


def test_a_signal_does_not_leave_its_room() -> None:
    visit = video()
    other = video(visit.office, "Per Testvik", clock=time(8, 20))
    patient, _ = visit.running()
    foreign = other.admits(other.patient_comes(DURING + MOMENT), DURING + MOMENT)
    assert refused(lambda: send(visit, patient, foreign)) == "not-admitted"
    with pytest.raises(NotFound):
        send(visit, foreign, patient)  # from a seat that is not hers


def test_too_many_signals_wait() -> None:
    visit = video()
    patient, doctor = visit.running()
    room = visit.room
    Signal.objects.bulk_create(
        Signal(
            practice_id=room.practice_id, room=room, kind="signal", to=doctor, sender=patient, data="", sent_at=DURING
        )
        for _ in range(rules.MOST_SIGNALS)
    )
    with pytest.raises(TooMany):
        send(visit, patient, doctor)
    send(visit, patient, doctor, now=DURING + rules.BURST + MOMENT)


def test_the_worst_quality_and_what_is_sent_are_kept() -> None:
    visit = video()
    seat, _ = visit.running()
    for quality in ("good", "lost", "poor", "nonsense"):
        services.report(
            visitor=Visitor(visit.citizen),
            seat_id=seat.pk,
            tab=seat.tab,
            quality=quality,
            media={"video": False},
            now=DURING,
        )
    seat.refresh_from_db()
    assert (seat.quality, seat.worst_quality, seat.has_video, seat.has_audio) == ("poor", "lost", False, None)


# ---- what each page knows


def seats_of(seat: Seat) -> dict[str, dict[str, object]]:
    fresh = Seat.objects.select_related("room__appointment").get(pk=seat.pk)
    return {each["role"]: each for each in queries.state_of(fresh, DURING)["seats"]}


def test_who_waits_knows_of_the_doctor_only_and_the_doctor_of_everybody() -> None:
    visit = video()
    guest, _ = visit.guest_comes()
    patient, doctor = visit.patient_comes(), visit.doctor_comes()
    assert seats_of(guest).keys() == {"guest", "doctor"}
    assert seats_of(patient).keys() == {"patient", "doctor"}
    assert seats_of(doctor).keys() == {"guest", "patient", "doctor"}
    assert seats_of(doctor)["patient"]["birth_date"] == visit.patient.birth_date.isoformat()
    assert "birth_date" not in seats_of(patient)["doctor"]
    assert visit.office.doctor.hpr_number in str(seats_of(patient)["doctor"]["title"])


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


# ---- the doctor


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


# ---- guests


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
