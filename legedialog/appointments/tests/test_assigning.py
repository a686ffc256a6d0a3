"""A wish that is answered with one time, or refused. Times to choose among: test_requests.py."""

from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

import pytest

from legedialog.appointments import policy, queries, requested, services
from legedialog.appointments.models import (
    Appointment,
    Channel,
    RequestStatus,
    Status,
    TimeRequest,
)
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.core.errors import NotFound, Refused
from legedialog.core.sql import ask_for
from legedialog.core.times import at_local
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db

EIGHT = at_local(TOMORROW, time(8))


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def request(at: Office, who: Person, *, key: UUID | None = None) -> TimeRequest:
    return services.send_request(
        actor=citizen(who),
        patient_id=who.pk,
        clinician_id=at.doctor.pk,
        key=key or uuid4(),
        wishes="Helst tidlig",
        coarse_times=["friday-pm", "monday-am", "sunday-am"],
        channels=["phone"],
        now=NOW,
    )


def assign(at: Office, request_id: UUID, starts_at: datetime = EIGHT) -> TimeRequest:
    return services.assign_request(
        actor=at.staff(),
        request_id=request_id,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.PHONE,
        starts_at=starts_at,
        now=NOW,
    )


def test_a_request_is_sent_once_and_keeps_only_times_that_exist() -> None:
    at = office()
    kari, key = at.patient(), uuid4()
    sent, again = request(at, kari, key=key), request(at, kari, key=key)
    assert sent.pk == again.pk
    sent.refresh_from_db()
    assert sent.coarse_times == ["monday-am", "friday-pm"]
    with refused("request-open"):
        request(at, kari)


def test_the_office_assigns_a_time_and_the_patient_may_decline_it_without_being_late() -> None:
    at = office()
    hassan = at.patient("Hassan Testrud")
    assigned = assign(at, request(at, hassan).pk)
    assert assigned.status == RequestStatus.ASSIGNED
    assert [row.starts_at for row in queries.coming(citizen(hassan), hassan.pk, NOW).rows] == [EIGHT]
    declined = services.decline_assigned(
        actor=citizen(hassan), request_id=assigned.pk, now=EIGHT - timedelta(minutes=30)
    )
    assert declined.status == RequestStatus.DECLINED
    appointment = Appointment.objects.get(request=declined)
    assert (appointment.status, appointment.is_late) == (Status.CANCELLED, False)


def test_cancelling_an_assigned_time_declines_it_and_is_not_late() -> None:
    at = office()
    hassan = at.patient("Hassan Testrud")
    assigned = assign(at, request(at, hassan).pk)
    assert assigned.appointment_id
    cancelled = services.cancel(
        actor=citizen(hassan), appointment_id=assigned.appointment_id, now=EIGHT - timedelta(minutes=30)
    )
    assigned.refresh_from_db()
    assert (cancelled.status, cancelled.is_late, assigned.status) == ("cancelled", False, "declined")


def test_assigning_passes_the_same_constraint_as_any_booking() -> None:
    at = office()
    at.booked(at.patient())
    sent = request(at, at.patient("Hassan Testrud"))
    with refused("time-taken"):
        assign(at, sent.pk)
    sent.refresh_from_db()
    assert sent.status == RequestStatus.SENT


def test_a_refused_request_has_a_text_and_is_answered_once() -> None:
    at = office()
    hassan, mona = at.patient("Hassan Testrud"), at.staff()
    sent = request(at, hassan)
    services.refuse_request(actor=mona, request_id=sent.pk, text="Ring oss, så finner vi en time.", now=NOW)
    with refused("cannot-change"):
        assign(at, sent.pk)
    with refused("cannot-change"):
        services.withdraw_request(actor=citizen(hassan), request_id=sent.pk, now=NOW)
    assert policy.find_request(citizen(hassan), sent.pk).answer == "Ring oss, så finner vi en time."


def test_a_stranger_does_nothing_with_a_request() -> None:
    at, elsewhere = office(), office("Dalen legekontor", "Odd Lund")
    sent = request(at, at.patient())
    per = at.patient("Per Testvik")
    with pytest.raises(NotFound):
        services.withdraw_request(actor=citizen(per), request_id=sent.pk, now=NOW)
    with pytest.raises(NotFound):
        services.refuse_request(actor=elsewhere.staff(), request_id=sent.pk, text="Nei", now=NOW)
    with pytest.raises(NotFound):
        services.withdraw_request(actor=at.staff(), request_id=sent.pk, now=NOW)
    assert ask_for(requested.at_office(elsewhere.staff(), at.practice.pk, NOW)) == []
