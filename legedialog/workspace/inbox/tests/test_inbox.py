from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from legedialog.appointments import services
from legedialog.appointments.models import Appointment, RequestStatus, TimeRequest
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status

INBOX = reverse("workspace:inbox")


@pytest.fixture
def wish(office: Office) -> TimeRequest:
    patient = office.patient()
    return services.send_request(
        actor=factories.citizen(patient),
        patient_id=patient.pk,
        clinician_id=office.doctor.pk,
        key=new_id(),
        wishes="Kul på ryggen som vokser",
        coarse_times=["monday-am"],
        channels=["attendance"],
        now=NOW - timedelta(days=2),
    )


def url(view: str, wish: TimeRequest) -> str:
    return reverse(f"workspace:{view}", args=[wish.pk])


def pressed(office: Office, clock: time) -> dict[str, str]:
    start = at_local(TOMORROW, clock).isoformat()
    return {"time": f"{office.calendar.pk}|{office.visit_type.pk}|attendance|{start}"}


def test_the_list_tells_who_asks_when_it_suits_and_how_old_it_is_but_not_why(
    wish: TimeRequest, secretary: Client
) -> None:
    page = secretary.get(reverse("workspace:requests")).content.decode()
    for words in ("Kari Testdal", "Ingrid Aas", "mandag formiddag", "2 dager gammelt"):
        assert words in page
    assert "Kul på ryggen" not in page


def test_reading_the_wish_is_logged(wish: TimeRequest, secretary: Client) -> None:
    assert "Kul på ryggen som vokser" in secretary.get(url("request", wish)).content.decode()
    event = Event.objects.get(action="request.wishes")
    assert (event.kind, event.patient_id) == ("read", wish.patient_id)


def test_a_wish_is_answered_with_a_free_time(office: Office, wish: TimeRequest, secretary: Client) -> None:
    page = secretary.get(f"{url('request', wish)}?day={TOMORROW}").content.decode()
    assert "Gi time tirsdag 24. november kl. 08.00" in page
    assert secretary.post(url("assign", wish), pressed(office, time(8))).status_code == 302
    wish.refresh_from_db()
    assert wish.status == RequestStatus.ASSIGNED
    assert wish.appointment
    assert wish.appointment.starts_at == at_local(TOMORROW, time(8))


def test_a_time_that_was_taken_meanwhile_is_refused_with_the_free_ones_shown(
    office: Office, wish: TimeRequest, secretary: Client
) -> None:
    office.booked(office.patient("Arne Testmo"))
    answer = secretary.post(url("assign", wish), pressed(office, time(8)))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Tiden er opptatt" in page
    assert "Gi time tirsdag 24. november kl. 08.20" in page
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("time_", ["", "x", "a|b|c|d", "|||", "1|2|attendance|2026-11-24T08:00"])
def test_a_time_that_was_never_offered_is_not_understood(time_: str, wish: TimeRequest, secretary: Client) -> None:
    answer = secretary.post(url("assign", wish), {"time": time_})
    assert answer.status_code == 422
    assert "Velg en av de ledige timene" in answer.content.decode()


def test_a_wish_is_answered_with_a_text(wish: TimeRequest, secretary: Client) -> None:
    assert secretary.post(url("refuse", wish), {"text": ""}).status_code == 422
    assert secretary.post(url("refuse", wish), {"text": "Bestill selv i kalenderen."}).status_code == 302
    wish.refresh_from_db()
    assert (wish.status, wish.answer) == (RequestStatus.REFUSED, "Bestill selv i kalenderen.")
    assert "Dette ønsket er besvart" in secretary.get(url("request", wish)).content.decode()
    assert secretary.post(url("refuse", wish), {"text": "En gang til"}).status_code == 409


def test_several_times_are_named_for_the_patient_to_choose(
    office: Office, wish: TimeRequest, secretary: Client
) -> None:
    times = [pressed(office, clock)["time"] for clock in (time(8), time(9))]
    assert secretary.post(url("propose", wish), {"time": []}).status_code == 422
    assert secretary.post(url("propose", wish), {"time": times}).status_code == 302
    wish.refresh_from_db()
    assert (wish.status, wish.proposed.count()) == (RequestStatus.PROPOSED, 2)
    assert "Venter på at pasienten velger" in secretary.get(reverse("workspace:requests")).content.decode()
    assert "Tider pasienten kan velge mellom" in secretary.get(url("request", wish)).content.decode()
    office.booked(office.patient("Arne Testmo"))
    taken = secretary.post(url("propose", wish), {"time": times})
    assert taken.status_code == 409
    assert "Tiden er opptatt" in taken.content.decode()


@pytest.mark.parametrize(
    ("view", "data"), [("request", None), ("assign", {}), ("propose", {}), ("refuse", {"text": "Nei"})]
)
def test_another_office_neither_reads_nor_answers(
    view: str, data: dict[str, str] | None, office: Office, wish: TimeRequest, stranger: Client, manager: Client
) -> None:
    if view in ("assign", "propose"):
        data = pressed(office, time(8))
    for client, status in ((stranger, 404), (manager, 403)):
        answer = client.get(url(view, wish)) if data is None else client.post(url(view, wish), data)
        assert answer.status_code == status
    wish.refresh_from_db()
    assert wish.status == RequestStatus.SENT


def test_the_calendar_and_the_inbox_count_what_waits(wish: TimeRequest, secretary: Client, manager: Client) -> None:
    assert "1 timeønske venter" in secretary.get(reverse("workspace:calendar")).content.decode()
    assert "Kari Testdal" in secretary.get(INBOX).content.decode()
    assert "Kari Testdal" not in manager.get(INBOX).content.decode()


@pytest.fixture
def undelivered(office: Office) -> Notification:
    patient = office.patient("Per Testvik")
    return Notification.objects.create(
        event="appointment.booked",
        object_id=new_id(),
        recipient=patient,
        practice=office.practice,
        created_at=NOW,
        due_at=NOW,
        status=Status.DEAD,
        reason="bad-number",
        status_at=NOW,
        text="",
    )


def test_a_notice_that_did_not_arrive_is_told_in_words_with_what_to_do(
    undelivered: Notification, secretary: Client
) -> None:
    page = secretary.get(INBOX).content.decode()
    for words in ("Per Testvik", "Beskjed om ny time", "Mobilnummeret virker ikke.", "Ring pasienten"):
        assert words in page


@pytest.mark.parametrize(("do", "status"), [("retry", Status.WAITING), ("dismiss", Status.SKIPPED)])
def test_it_is_sent_again_or_put_away(do: str, status: str, undelivered: Notification, secretary: Client) -> None:
    notice = reverse("workspace:notice", args=[undelivered.pk])
    assert secretary.post(notice, {"do": do}).status_code == 302
    undelivered.refresh_from_db()
    assert undelivered.status == status
    assert "En kollega har allerede" in secretary.post(notice, {"do": do}, follow=True).content.decode()


def test_another_office_neither_sees_nor_handles_our_notices(undelivered: Notification, stranger: Client) -> None:
    assert "Per Testvik" not in stranger.get(INBOX).content.decode()
    stranger.post(reverse("workspace:notice", args=[undelivered.pk]), {"do": "dismiss"})
    undelivered.refresh_from_db()
    assert undelivered.status == Status.DEAD


def test_an_empty_inbox_says_what_comes_here(secretary: Client) -> None:
    assert "Ingenting venter" in secretary.get(INBOX).content.decode()
