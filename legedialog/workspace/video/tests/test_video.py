"""Videotimer and the doctor's room, as pages: what each role sees and does, in each state of a visit."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Channel, Status
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.core.times import at_local
from legedialog.journal.models import Entry, Kind
from legedialog.video import conduct, services
from legedialog.video import rules as video_rules
from legedialog.video.models import Guest, Room
from legedialog.video.policy import Visitor
from legedialog.video.tests.factories import AFTER, DURING, Video, video

pytestmark = pytest.mark.django_db
LIST = reverse("workspace:video")
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five minutes into the visit."""
    monkeypatch.setattr(timezone, "now", lambda: DURING)


@pytest.fixture
def visit() -> Video:
    return video()


@pytest.fixture
def doctor(visit: Video) -> Client:
    return logged_in(visit.doctor)


@pytest.fixture
def secretary(visit: Video) -> Client:
    return logged_in(visit.secretary)


def url(visit: Video, name: str) -> str:
    return reverse(f"workspace:video-{name}", args=[visit.appointment.pk])


def read(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_list_says_who_waits_since_when_with_what_equipment_and_what_may_be_done(
    visit: Video, doctor: Client, secretary: Client
) -> None:
    faults = {video_rules.Test.CAMERA: (video_rules.Result.FAILED, video_rules.Fault.IN_USE.value)}
    services.save_test(actor=visit.citizen, results=faults, now=DURING)
    empty = read(doctor, LIST)
    assert "Si at legen er klar" in empty
    assert "Ikke møtt" in empty

    seat = visit.patient_comes(DURING)
    services.ask_to_be_called(
        visitor=Visitor(visit.citizen), seat_id=seat.pk, tab=seat.tab, number="41 23 45 67", now=DURING
    )
    waiting = read(doctor, LIST)
    for words in ("1 venter nå.", "<strong>0 min</strong>", "Testet: kamera virker ikke", "Vil bli ringt:"):
        assert words in waiting
    assert 'href="tel:41234567"' in waiting.replace("+47", "")
    assert "Slipp inn" in waiting
    assert "Ikke møtt" not in waiting  # she is there
    assert "Slipp inn" not in read(secretary, LIST)  # reception stays outside

    visit.admits(seat)
    assert "Pågår" in read(secretary, LIST)
    conduct.to_phone(actor=visit.doctor, appointment_id=visit.appointment.pk, now=DURING)
    assert "På telefon" in read(secretary, LIST)
    visit.ends()
    assert "Åpne igjen" in read(doctor, LIST)
    assert "Åpne igjen" not in read(secretary, LIST)


def test_the_list_and_the_door_take_as_many_queries_for_one_as_for_twenty() -> None:
    at = office()
    first = video(at)
    first.patient_comes(DURING)
    client = logged_in(first.secretary)

    def count() -> list[int]:
        found = []
        for path in (LIST, reverse("workspace:around")):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            found.append(len(queries))
        return found

    count()  # what is looked up once in a process
    few = count()
    for number in range(1, 20):
        patient = at.patient(f"Per Testvik{number}")
        booked = appointments.book_for_patient(
            actor=first.secretary,
            patient_id=patient.pk,
            calendar_id=at.calendar.pk,
            visit_type_id=at.visit_type.pk,
            channel=Channel.VIDEO,
            starts_at=DURING,
            reason="",
            overbook_reason="Mange på én gang",
            now=NOW,
        )
        services.enter(actor=citizen(patient), appointment_id=booked.pk, now=DURING)
    assert read(client, LIST).count('id="visit-') == 20
    assert count() == few


def test_the_door_tells_of_those_who_wait_and_of_nobody_elses(visit: Video, secretary: Client) -> None:
    visit.patient_comes(DURING)
    door = reverse("workspace:around")
    assert "Kari Testdal venter på video siden kl. 08.05" in read(secretary, door)
    elsewhere = logged_in(office("Dalen legekontor", "Odd Lund").staff(Role.SECRETARY))
    assert "Kari" not in read(elsewhere, door)
    assert "Kari" not in read(elsewhere, LIST)


ACTS = ("admit", "remove", "identity", "phone", "picture", "end", "reopen", "invite", "postpone", "no-show", "remind")


@pytest.mark.parametrize("act", ACTS)
def test_another_offices_visit_is_not_found(act: str, visit: Video) -> None:
    visit.patient_comes(DURING)
    stranger = logged_in(office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR))
    form = {"kind": "interpreter", "name": "Tolk", "minutes": "10", "message": "", "seat": str(uuid4()), "how": "known"}
    assert stranger.post(url(visit, act), form).status_code == 404
    assert stranger.get(url(visit, "room")).status_code == 404
    assert Room.objects.get().state == "open"


@pytest.mark.parametrize("act", ["admit", "remove", "identity", "phone", "picture", "end", "reopen", "invite"])
def test_reception_does_not_conduct_the_visit(act: str, visit: Video, secretary: Client) -> None:
    visit.patient_comes(DURING)
    assert secretary.post(url(visit, act), {"how": "known"}).status_code == 403
    assert secretary.get(url(visit, "room")).status_code == 403


def test_a_visit_from_calling_in_to_the_record(visit: Video, doctor: Client) -> None:
    seat = visit.patient_comes(DURING)
    page = doctor.post(url(visit, "room"), follow=True).content.decode()
    assert "venter siden kl. 08.05" in page
    assert "12.03.1984" in page  # name and birth date in the heading
    assert 'data-act="invite"' in page

    called = doctor.post(url(visit, "admit"), {"seat": seat.pk}, headers=HTMX)
    assert "er inne" in called.content.decode()
    confirmed = doctor.post(url(visit, "identity"), {"seat": seat.pk, "how": "known"}, headers=HTMX)
    assert 'value="known" aria-pressed="true"' in confirmed.content.decode()
    assert "På telefon" in doctor.post(url(visit, "phone"), headers=HTMX).content.decode()
    assert "Pågår" in doctor.post(url(visit, "picture"), headers=HTMX).content.decode()
    ended = doctor.post(url(visit, "end"), headers=HTMX)
    assert ended.headers["HX-Redirect"] == LIST
    assert "kjent av legen" in Entry.objects.get(kind=Kind.VIDEO).text

    closed = read(doctor, url(visit, "room"))
    assert "Videotimen er avsluttet. Åpne den igjen" in closed
    assert doctor.post(url(visit, "reopen")).url == url(visit, "room")  # type: ignore[attr-defined]
    assert Room.objects.get().state == "open"


def test_called_in_from_the_list_she_goes_to_the_room(visit: Video, doctor: Client) -> None:
    seat = visit.patient_comes(DURING)
    answer = doctor.post(url(visit, "admit"), {"seat": seat.pk, "from": "list"})
    assert answer.url == url(visit, "room")  # type: ignore[attr-defined]


def test_what_cannot_be_done_now_is_told_and_changes_nothing(visit: Video, doctor: Client, secretary: Client) -> None:
    seat = visit.patient_comes(DURING)
    late = "Dette kan ikke gjøres nå. Noen kan ha gjort det før deg."
    for act, form in (
        ("admit", {"seat": "no id"}),
        ("identity", {"seat": str(seat.pk), "how": "by her voice"}),
        ("picture", {}),
        ("end", {}),
    ):
        answer = doctor.post(url(visit, act), form, follow=True)
        assert late in answer.content.decode(), act
    assert doctor.post(url(visit, "admit"), {"seat": str(uuid4())}).status_code == 404
    visit.admits(seat)
    assert late in secretary.post(url(visit, "no-show"), follow=True).content.decode()
    assert late in secretary.post(url(visit, "remind"), follow=True).content.decode()
    assert Room.objects.get().state == "running"


def test_a_delay_is_told_by_reception_with_a_message(visit: Video, secretary: Client) -> None:
    page = url(visit, "postpone")
    assert "Timen og reglene for gebyr blir som før." in read(secretary, page)
    wrong = secretary.post(page, {"minutes": "7", "message": "Vi er straks klare"})
    assert (wrong.status_code, "Vi er straks klare" in wrong.content.decode()) == (422, True)
    assert secretary.post(page, {"minutes": "15", "message": "Vi er straks klare"}).url == LIST  # type: ignore[attr-defined]
    assert "Pasienten har fått vite at det begynner kl. 08.20." in read(secretary, LIST)
    visit.running()
    refused = secretary.post(page, {"minutes": "15", "message": ""})
    assert (refused.status_code, "Noen kan ha gjort det før deg" in refused.content.decode()) == (422, True)


def test_reminded_and_not_there(visit: Video, secretary: Client) -> None:
    told = secretary.post(url(visit, "remind"), follow=True).content.decode()
    assert "Pasienten får en beskjed om at legen er klar." in told
    assert "Registrert som ikke møtt." in secretary.post(url(visit, "no-show"), follow=True).content.decode()
    visit.appointment.refresh_from_db()
    assert visit.appointment.status == Status.NO_SHOW


def test_a_guest_is_invited_let_in_by_name_and_the_link_is_shown_once(visit: Video, doctor: Client) -> None:
    wrong = doctor.post(url(visit, "invite"), {"name": "Tomas Tolk"}, headers=HTMX)
    older = doctor.post(url(visit, "invite"), {"name": "Tomas Tolk", "note": "Taler dari."}, headers=HTMX)
    assert (older.status_code, "Taler dari." in older.content.decode()) == (422, True)
    assert (wrong.status_code, "Tomas Tolk" in wrong.content.decode()) == (422, True)
    form = {"name": "Tomas Tolk", "kind": "interpreter"}
    panel = doctor.post(url(visit, "invite"), form, headers=HTMX).content.decode()
    assert "/videogjest/" in panel
    assert "/videogjest/" not in doctor.post(url(visit, "room"), follow=True).content.decode()
    whole = doctor.post(url(visit, "invite"), {"name": "Pia Pårørende", "kind": "relative"})  # without script
    assert "Lenken til Pia Pårørende, som vises bare nå:" in whole.content.decode()
    guest = Guest.objects.get(kind="interpreter")
    renewed = doctor.post(reverse("workspace:video-renew", args=[visit.appointment.pk, guest.pk]), headers=HTMX)
    assert "/videogjest/" in renewed.content.decode()
    assert 'id="visit-invite"' in renewed.content.decode()  # beside the panel, which is drawn anew at any moment

    seat, _ = visit.guest_comes(DURING)
    visit.running()
    refused = doctor.post(url(visit, "admit"), {"seat": seat.pk}, follow=True).content.decode()
    assert "Spør pasienten først" in refused
    admitted = doctor.post(url(visit, "admit"), {"seat": seat.pk, "agrees": "yes"}, headers=HTMX)
    assert "er inne" in admitted.content.decode()
    out = doctor.post(url(visit, "remove"), {"seat": seat.pk}, headers=HTMX).content.decode()
    assert "er tatt ut" in out


def test_the_room_is_open_to_the_doctor_all_that_day_and_not_before(
    visit: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: DURING - timedelta(days=1))
    assert "Videorommet åpner den dagen timen er." in read(logged_in(visit.doctor), url(visit, "room"))
    monkeypatch.setattr(timezone, "now", lambda: at_local(TOMORROW, time(7)))
    assert 'id="room"' in logged_in(visit.doctor).post(url(visit, "room"), follow=True).content.decode()


def test_her_record_and_medicines_are_folded_beside_the_picture(visit: Video, doctor: Client) -> None:
    page = doctor.post(url(visit, "room"), follow=True).content.decode()
    for fold, name in (("record-beside", "journal"), ("medicines-beside", "medicine-list")):
        assert f'id="{fold}"' in page
        beside = reverse(f"workspace:{name}", args=[visit.appointment.patient_id])
        assert f'hx-get="{beside}"' in page
        assert doctor.get(beside, headers={**HTMX, "HX-Target": fold}).status_code == 200  # no purpose is asked
    panel = doctor.get(url(visit, "room"), headers=HTMX).content.decode()
    assert "record-beside" not in panel  # what is drawn anew does not fold it again


def test_the_calendar_leads_to_the_room(visit: Video, doctor: Client, secretary: Client) -> None:
    page = reverse("workspace:visit", args=[visit.appointment.pk])
    assert url(visit, "room") in read(doctor, page)
    assert f"{LIST}#visit-{visit.appointment.pk}" in read(secretary, page)
    visit.running()
    visit.ends(AFTER)
    assert url(visit, "room") not in read(doctor, page)


def test_an_appointment_at_the_office_has_no_room(visit: Video, doctor: Client) -> None:
    at: Office = visit.office
    other = at.booked(at.patient("Per Testvik"), clock=time(9))
    assert doctor.get(reverse("workspace:video-room", args=[other.pk])).status_code == 404
    assert "Åpne videorommet" not in read(doctor, reverse("workspace:visit", args=[other.pk]))
