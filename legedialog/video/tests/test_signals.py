"""What the browsers say to each other, and of the connection."""

from datetime import time

import pytest
from django.db import connection

from legedialog.core.errors import NotFound, TooMany
from legedialog.video import queries, rules, services
from legedialog.video.models import Seat, Signal
from legedialog.video.policy import Visitor
from legedialog.video.tests.factories import DURING, video
from legedialog.video.tests.saying import MOMENT, refused, send

pytestmark = pytest.mark.django_db


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
