"""The citizen's and the guest's pages, and the posts of the room's page, in each state of a visit."""

import json
import re
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Channel, ExternalAppointment, Source, Status
from legedialog.appointments.tests.factories import NOW, citizen, person
from legedialog.core.ids import new_id
from legedialog.video import conduct, guests, services
from legedialog.video import rules as video_rules
from legedialog.video.models import DeviceTest, Feedback, Guest, Seat
from legedialog.video.tests.factories import AFTER, BEFORE, CLOSED, DURING, Video, video

pytestmark = pytest.mark.django_db
TEST = reverse("video:test")


class Clock:
    now: datetime = DURING


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def visit() -> Video:
    return video()


def at(visit: Video, name: str = "room") -> str:
    return reverse(f"video:{name}", args=[visit.appointment.pk])


def read(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def kari(visit: Video) -> Client:
    return logged_in(visit.citizen)


# ---- before, in and after


def test_before_it_opens_the_page_says_when_and_what_is_needed_and_asks_again(visit: Video, clock: Clock) -> None:
    clock.now = BEFORE - timedelta(minutes=20)
    page = read(kari(visit), at(visit))
    for words in (
        "Da kommer knappen for å gå inn hit av seg selv.",
        "Legitimasjon med bilde",
        "Du har ikke testet kamera og lyd ennå.",
    ):
        assert words in page
    assert "load delay:601s" in page  # a second after the waiting room opens
    assert not Seat.objects.exists()


def test_the_waiting_room_says_the_place_and_the_delay_and_who_she_meets(visit: Video) -> None:
    browser = kari(visit)
    page = browser.post(at(visit), follow=True).content.decode()
    for words in ("Du er den neste.", "HPR-nummer", "Fjordbyen legesenter", "Ring meg", "Slå det på, eller ring"):
        assert words in page
    conduct.postpone(
        actor=visit.secretary,
        appointment_id=visit.appointment.pk,
        minutes=15,
        message="Vi henter en kollega.",
        now=DURING,
    )
    page = read(browser, at(visit))
    assert "Legen er forsinket og regner med å begynne kl. 08.20. Vi henter en kollega." in " ".join(page.split())


def test_who_waits_behind_another_is_told_so_by_the_page_itself(visit: Video) -> None:
    visit.patient_comes(DURING)
    second = video(visit.office, "Per Testvik", clock=time(8, 20))
    assert "Du er nummer 2" in kari(second).post(at(second), follow=True).content.decode()


def test_a_page_that_is_opened_by_itself_seats_nobody(visit: Video) -> None:
    """A browser opens pages again when it starts, and fetches ahead: the doctor would call in one who is not there."""
    room = reverse("workspace:video-room", args=[visit.appointment.pk])
    for browser, page, button in (
        (kari(visit), at(visit), "Gå inn i venterommet"),
        (logged_in(visit.doctor), room, "Åpne videorommet"),
    ):
        before = Seat.objects.count()
        assert button in read(browser, page)
        assert Seat.objects.count() == before
        assert 'id="room"' in browser.post(page, follow=True).content.decode()
        seat = Seat.objects.latest("entered_at", "pk")
        read(browser, page)  # loaded again, or in another tab: nothing of hers is changed before its script has come
        assert Seat.objects.values().get(pk=seat.pk) == Seat.objects.values().latest("entered_at", "pk")
        arrived = post(browser, seat, {"type": "arrive"}).json()
        assert (arrived["tab"], post(browser, seat, {"type": "here"}).json()["code"]) == (seat.tab + 1, "replaced")
        post(browser, seat, {"type": "leave"}, tab=arrived["tab"])
        assert button in read(browser, page)  # who has left comes back by a press
        assert post(browser, seat, {"type": "arrive"}).json()["code"] == "not-admitted"


def test_a_guest_who_left_comes_back_by_a_press(visit: Video) -> None:
    _, token = visit.invites()
    browser, page = Client(), reverse("video:guest")
    browser.post(reverse("video:guest-link", args=[token]))
    seat = Seat.objects.get()
    post(browser, seat, {"type": "leave"})
    assert "Du er ikke i venterommet." in read(browser, page)
    seat.refresh_from_db()
    assert seat.state == "left"
    assert "Du er i venterommet" in browser.post(page, follow=True).content.decode()


def test_a_stranger_finds_no_room_and_no_other_page_of_it(visit: Video) -> None:
    visit.patient_comes()
    stranger = logged_in(citizen(person("Per Testvik")))
    for name in ("room", "invite"):
        assert stranger.get(at(visit, name)).status_code == 404, name
    for name in ("call-me", "leave", "invite", "feedback"):
        assert stranger.post(at(visit, name), {"picture_and_sound": "3", "was_enough": "yes"}).status_code == 404, name
    answer = reverse("video:agree", args=[visit.appointment.pk, uuid4()])
    assert stranger.post(answer, {"answer": "yes"}).status_code == 404


def test_an_appointment_at_the_office_has_no_room(visit: Video) -> None:
    other = visit.office.booked(visit.patient, clock=BEFORE.time().replace(hour=9, minute=0))
    assert kari(visit).get(reverse("video:room", args=[other.pk])).status_code == 404


def test_afterwards_two_questions_are_answered_once(visit: Video, clock: Clock) -> None:
    visit.running()
    visit.ends()
    clock.now = AFTER
    browser = kari(visit)
    assert "Hvordan var bilde og lyd?" in read(browser, at(visit))
    assert "Vanlig egenandel. Prisen er ikke kjent" in read(browser, at(visit))
    half = browser.post(at(visit, "feedback"), {"picture_and_sound": "2"})
    assert (half.status_code, "Velg ett av svarene." in half.content.decode()) == (422, True)
    for _ in range(2):
        assert browser.post(at(visit, "feedback"), {"picture_and_sound": "2", "was_enough": "no"}).status_code == 302
    assert [(each.picture_and_sound, each.was_enough) for each in Feedback.objects.all()] == [(2, False)]
    assert "Hvordan var bilde og lyd?" not in read(browser, at(visit))


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("too late", "Timen er over, og videorommet er stengt."),
        ("cancelled", "Timen er avlyst eller avsluttet"),
        ("ended", "Legen har avsluttet videotimen."),
    ],
)
def test_what_is_closed_says_why_and_whom_to_call(why: str, words: str, visit: Video, clock: Clock) -> None:
    if why == "too late":
        clock.now = CLOSED
    elif why == "cancelled":
        appointments.cancel(actor=visit.secretary, appointment_id=visit.appointment.pk, note="", now=BEFORE)
    else:
        visit.running()
        visit.ends()
    page = read(kari(visit), at(visit))
    assert words in page
    assert "Spørsmål om timen? Ring Fjordbyen legesenter" in page
    assert 'id="room"' not in page


def test_call_me_and_leaving_also_without_script_keep_the_appointment(visit: Video) -> None:
    browser = kari(visit)
    too_soon = browser.post(at(visit, "call-me"), follow=True).content.decode()
    assert "Dette kan ikke gjøres nå." in too_soon  # nobody has come
    browser.post(at(visit))
    wrong = browser.post(at(visit, "call-me"), {"number": "tre"}, follow=True).content.decode()
    assert "Skriv nummeret du kan nås på." in wrong
    told = browser.post(at(visit, "call-me"), {"number": ""}, follow=True).content.decode()
    assert "Du beholder plassen din." in told
    assert Seat.objects.get().call_number == "+4799999999"
    left = browser.post(at(visit, "leave"), follow=True).content.decode()
    assert "Timen er fortsatt din" in left
    visit.appointment.refresh_from_db()
    assert visit.appointment.status == Status.BOOKED


def test_she_invites_and_answers_for_a_guest(visit: Video) -> None:
    browser = kari(visit)
    wrong = browser.post(at(visit, "invite"), {"kind": "interpreter", "name": ""})
    assert (wrong.status_code, "Skriv navnet på den som skal være med." in wrong.content.decode()) == (422, True)
    link = browser.post(at(visit, "invite"), {"kind": "interpreter", "name": "Tove Testtolk"}).content.decode()
    assert "/videogjest/" in link
    assert Guest.objects.get().agreed_at is not None  # her own wish is a yes

    seat, _ = visit.guest_comes(DURING)
    visit.running()
    answer = reverse("video:agree", args=[visit.appointment.pk, seat.guest_id])
    script = {"Accept": "application/json"}
    assert browser.post(answer, {"answer": "yes"}, headers=script).status_code == 204
    assert Guest.objects.get(seat=seat).agreed_by_person_id == visit.patient.pk
    assert browser.post(answer, {"answer": "no"}).status_code == 302
    seat.refresh_from_db()
    assert seat.state == "removed"
    visit.ends()
    refused = browser.post(at(visit, "invite"), {"kind": "interpreter", "name": "Tove Testtolk"})
    assert (refused.status_code, "Tove Testtolk" in refused.content.decode()) == (422, True)


# ---- the device test


def test_the_test_is_kept_as_it_went_and_shown_with_what_to_do(visit: Video) -> None:
    browser = kari(visit)
    sent = {"camera": "failed", "camera_fault": "in-use", "relay": "ok", "relay_fault": "no-relay", "speaker": "loud"}
    assert browser.post(TEST, json.dumps(sent), content_type="application/json").status_code == 204
    test = DeviceTest.objects.get(person=visit.patient)
    assert (test.camera, test.camera_fault, test.speaker, test.network) == ("failed", "in-use", "skipped", "skipped")
    assert (test.relay, test.relay_fault) == ("ok", "no-relay")  # our own fault: the visit can be held
    page = read(browser, TEST)
    assert "Testet: kamera virker ikke" in page
    assert "Lukk andre programmer" in page
    fine = dict.fromkeys(["camera", "microphone", "speaker", "network"], "ok")
    assert browser.post(TEST, fine | {"relay": "ok", "relay_fault": "no-relay"}, follow=True).status_code == 200
    assert "Testet, alt virker" in read(browser, TEST)


def test_what_is_no_result_is_no_fault_of_the_page(visit: Video) -> None:
    browser = kari(visit)
    for body in (
        "{",
        "[]",
        '{"camera": {"a": 1}, "camera_fault": ["x"]}',
        '{"camera": "failed", "camera_fault": "<b>"}',
    ):
        assert browser.post(TEST, body, content_type="application/json").status_code == 204
    assert DeviceTest.objects.get().camera_fault == "other"


def test_every_fault_says_what_to_do_in_every_language(visit: Video) -> None:
    browser = kari(visit)
    said = []
    for language in ("nb", "nn", "en"):
        page = browser.get(TEST, headers={"Accept-Language": language}).content.decode()
        said.append(
            json.loads(page.split('id="test-config" type="application/json">')[1].split("</script>")[0])["faults"]
        )
    for fault in video_rules.Fault.values:
        texts = {each[fault] for each in said}
        assert len(texts) == 3, fault
        assert min(map(len, texts)) > 20, fault


# ---- the guest


def test_a_link_says_who_invites_opens_once_and_leads_to_the_waiting_room(visit: Video, clock: Clock) -> None:
    guest, token = visit.invites()
    link = reverse("video:guest-link", args=[token])
    browser = Client()
    clock.now = NOW
    assert "Du er invitert til en videotime hos Ingrid Aas" in read(browser, link)
    early = browser.post(link)
    assert (early.status_code, "Venterommet er ikke åpent ennå." in early.content.decode()) == (409, True)
    clock.now = DURING
    assert browser.post(link).url == reverse("video:guest")  # type: ignore[attr-defined]
    page = browser.get(reverse("video:guest")).content.decode()
    assert "Du er i venterommet" in page
    assert 'data-role="guest"' in page
    assert visit.patient.family_name not in page  # a guest who waits learns whom she visits from the doctor
    assert 'data-act="call-me"' not in page
    used, unknown = Client().get(link), Client().get(reverse("video:guest-link", args=["x" * 43]))
    assert used.status_code == unknown.status_code == 404
    assert "Be den som inviterte deg, om en ny." in used.content.decode()
    assert "Be den som inviterte deg, om en ny." in unknown.content.decode()
    guests.renew(actor=visit.doctor, appointment_id=visit.appointment.pk, guest_id=guest.pk, now=DURING)
    assert browser.get(reverse("video:guest")).status_code == 404
    assert Client().get(reverse("video:guest")).status_code == 404


def test_a_guest_is_told_when_it_is_over(visit: Video) -> None:
    _, token = visit.invites()
    browser = Client()
    browser.post(reverse("video:guest-link", args=[token]))
    visit.running()
    visit.ends()
    assert "Legen har avsluttet videotimen." in read(browser, reverse("video:guest"))


# ---- what the room's page posts


def post(browser: Client, seat: Seat, body: Any, tab: int = 0) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    path = f"{reverse('video:send', args=[seat.pk])}?tab={tab or seat.tab}"
    return browser.post(path, text, content_type="application/json")


def test_a_signal_is_answered_with_its_refusal(visit: Video) -> None:
    seat, doctor = visit.running()
    browser = logged_in(visit.citizen)
    signal = {"type": "signal", "to": str(doctor.pk), "data": {"hello": True}}
    assert post(browser, seat, signal).status_code == 204
    for body, status, code in (
        ("{", 422, "bad-message"),
        ("[]", 422, "bad-message"),
        ({"type": "dance"}, 422, "bad-message"),
        ({"type": "signal", "to": str(doctor.pk), "data": "text"}, 422, "bad-message"),
        ({"type": "state", "media": []}, 422, "bad-message"),
        (signal | {"to": str(uuid4())}, 409, "not-admitted"),
        (signal | {"to": "no id"}, 409, "not-admitted"),
        (signal | {"data": {"sdp": "x" * video_rules.SIGNAL_BYTES}}, 413, "too-large"),
        ({"type": "call-me", "number": "tre"}, 409, "no-phone"),
    ):
        answer = post(browser, seat, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    assert post(browser, seat, {"type": "call-me"}).json() == {"number": "+4799999999"}
    newer = visit.patient_comes(DURING)
    assert (newer.pk, post(browser, seat, signal).json()["code"]) == (seat.pk, "replaced")
    assert post(Client(), seat, signal).status_code == 401
    assert post(logged_in(citizen(person("Per Testvik"))), seat, signal).status_code == 404
    assert post(logged_in(visit.doctor), seat, signal).status_code == 404  # the patient's seat is hers


def test_too_many_signals_are_told_to_wait(visit: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_rules, "MOST_SIGNALS", 2)
    seat, doctor = visit.running()
    browser = logged_in(visit.citizen)
    answers = [post(browser, seat, {"type": "signal", "to": str(doctor.pk), "data": {}}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [204, 204, 429]
    assert answers[-1].headers["Retry-After"] == "10"


@pytest.fixture
def relay(settings: Any) -> Any:
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:turn.example:3478"], "secret"
    return settings


def test_addresses_of_the_relay_are_for_one_who_has_been_called_in(visit: Video, relay: Any) -> None:
    seat = visit.patient_comes()
    ice = reverse("video:ice", args=[seat.pk])
    waits = logged_in(visit.citizen).get(ice)
    assert (waits.status_code, waits.json()["code"]) == (409, "not-admitted")
    visit.admits(seat)
    given = logged_in(visit.citizen).get(ice)
    (relay,) = [each for each in given.json()["iceServers"] if "credential" in each]
    until, _, whose = relay["username"].partition(":")
    assert whose == str(seat.pk)  # never a name: it stands in the relay's log
    assert int(until) == int((DURING + video_rules.CREDENTIALS_LAST).timestamp())
    assert logged_in(citizen(person("Per Testvik"))).get(ice).status_code == 404
    assert Client().get(ice).status_code == 401


def _relayed(page: Any) -> bool:
    """Whether a page holds a password of the relay."""
    return "credential" in page.content.decode()


def test_a_page_that_waits_holds_no_password_of_the_relay(visit: Video, relay: Any) -> None:
    browser = logged_in(visit.citizen)
    room = at(visit)
    assert not _relayed(browser.post(room, follow=True))
    visit.admits(Seat.objects.get())
    assert _relayed(browser.get(room))


@pytest.mark.parametrize("sent_away", ["refused by the patient", "sent out by the doctor"])
def test_a_guest_who_is_sent_away_is_told_nothing_and_given_nothing(sent_away: str, visit: Video, relay: Any) -> None:
    visit.running()
    seat, visitor = visit.guest_comes(DURING)
    visit.admits(seat, agrees=True)
    guest = Client()
    guest.cookies[cookies.name("guest")] = visitor.cookie
    ice = reverse("video:ice", args=[seat.pk])
    assert guest.get(ice).status_code == 200
    if sent_away == "refused by the patient":
        assert seat.guest_id
        guests.agree(
            actor=visit.citizen, appointment_id=visit.appointment.pk, guest_id=seat.guest_id, agrees=False, now=DURING
        )
    else:
        conduct.remove(actor=visit.doctor, appointment_id=visit.appointment.pk, seat_id=seat.pk, now=DURING)
    assert guest.get(ice).status_code == 409
    page = guest.get(reverse("video:guest"))
    assert not _relayed(page)
    assert "Kari Testdal" not in page.content.decode()
    seat.refresh_from_db()
    for body in ({"type": "state", "media": {"screen": True}}, {"type": "leave"}):
        assert post(guest, seat, body).json()["code"] == "not-admitted", body


def test_a_guest_who_was_refused_before_she_opened_the_room_stays_outside(visit: Video, relay: Any) -> None:
    visit.running()
    invited, token = visit.invites()
    guest = Client()
    guest.cookies[cookies.name("guest")] = guests.use(token=token, now=DURING)
    guests.agree(
        actor=visit.citizen, appointment_id=visit.appointment.pk, guest_id=invited.pk, agrees=False, now=DURING
    )
    guest.get(reverse("video:guest"))
    seat = Seat.objects.get(guest=invited)
    assert seat.state == video_rules.SeatState.REMOVED
    assert guest.get(reverse("video:ice", args=[seat.pk])).status_code == 409


def test_a_password_of_the_relay_ends_soon_after_its_owner_is_sent_out(visit: Video, relay: Any, clock: Clock) -> None:
    visit.running()
    seat, visitor = visit.guest_comes(DURING)
    visit.admits(seat, agrees=True)
    guest, ice = Client(), reverse("video:ice", args=[seat.pk])
    guest.cookies[cookies.name("guest")] = visitor.cookie
    given = guest.get(ice).json()
    conduct.remove(actor=visit.doctor, appointment_id=visit.appointment.pk, seat_id=seat.pk, now=DURING)
    clock.now = DURING + timedelta(minutes=16)
    (username,) = [each["username"] for each in given["iceServers"] if "username" in each]
    assert given["seconds"] == 15 * 60
    assert int(username.partition(":")[0]) < clock.now.timestamp()
    assert guest.get(ice).status_code == 409


def test_the_relay_carries_nobody_who_fetches_passwords_without_end(visit: Video, relay: Any) -> None:
    relay.RELAY_PASSWORDS_PER_HOUR = 2
    seat, _ = visit.running()
    browser = logged_in(visit.citizen)
    ice = reverse("video:ice", args=[seat.pk])
    answers = [browser.get(ice) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"]
    assert not _relayed(browser.get(TEST))  # one count for all of hers
    assert browser.get(at(visit)).status_code == 200  # the visit goes on; most networks need no relay
    room = reverse("workspace:video-room", args=[visit.appointment.pk])
    assert _relayed(logged_in(visit.doctor).post(room, follow=True))


def test_a_password_for_a_test_of_the_camera_lasts_minutes(visit: Video, relay: Any) -> None:
    until = re.search(r'"username": "(\d+):test-', read(logged_in(visit.citizen), TEST))
    assert until
    assert int(until[1]) == int((DURING + video_rules.TEST_LASTS).timestamp())


# ---- the hospital's


def test_a_hospitals_video_appointment_says_what_to_know_and_opens_its_own_page(visit: Video) -> None:
    source = Source.objects.create(name="Fjord sykehus", organisation_number="999999999")
    row = ExternalAppointment.objects.create(
        source=source,
        identifier=new_id(),
        patient=visit.patient,
        status=Status.BOOKED,
        starts_at=DURING + timedelta(hours=2),
        channel=Channel.VIDEO,
        title="Kontroll",
        place="",
        instruction="",
        join_url="https://video.sykehus.example/rom/1",
        received_at=DURING,
    )
    page = reverse("video:elsewhere", args=[row.pk])
    shown = read(kari(visit), page)
    for words in ("Før du går videre", "https://video.sykehus.example/rom/1", "noreferrer", "Dette trenger du"):
        assert words in shown
    assert logged_in(citizen(person("Per Testvik"))).get(page).status_code == 404


def test_services_of_the_room_are_not_for_one_who_has_shut_them(visit: Video) -> None:
    seat = services.enter(actor=visit.citizen, appointment_id=visit.appointment.pk, now=DURING)
    assert post(logged_in(visit.secretary), seat, {"type": "here"}).status_code == 404
