import re
from datetime import datetime, time, timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services
from legedialog.appointments.models import Appointment, Status
from legedialog.appointments.tests.factories import NOW, TODAY, TOMORROW, Office, citizen
from legedialog.audit.models import Event
from legedialog.core.times import at_local
from legedialog.dialogues.tests.factories import sent
from legedialog.fees import story as money
from legedialog.fees.models import Charge
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person, name_keys

BOOK = reverse("workspace:book")


def visit_url(appointment: Appointment) -> str:
    return reverse("workspace:visit", args=[appointment.pk])


def read(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def booking(office: Office, **changes: object) -> dict[str, object]:
    return {
        "calendar": office.calendar.pk,
        "day": TOMORROW,
        "clock": "08:20",
        "visit_type": office.visit_type.pk,
        "channel": "attendance",
        "reason": "Kontroll av blodtrykk",
        "overbook_reason": "",
        **changes,
    }


@pytest.fixture
def kari(office: Office) -> Person:
    patient = office.patient()
    patient.name_keys = name_keys(patient.given_name, patient.family_name)
    patient.save(update_fields=["name_keys"])
    sent(patient, kind="contact")  # else a booking asks for the purpose first
    return patient


def test_a_booking_of_the_offices_own_asks_for_the_purpose_before_it_opens_a_record(
    office: Office, secretary: Client
) -> None:
    lise = office.patient("Lise Testnes")
    address = f"{BOOK}?pasient={lise.pk}"
    for answer in (secretary.get(address), secretary.post(address, booking(office))):
        assert answer.status_code == 302
        assert "/formal/" in answer["Location"]
    assert not Appointment.objects.filter(patient=lise).exists()
    back = secretary.post(answer["Location"], {"purpose": "called", "note": ""})["Location"]
    assert back == address
    assert secretary.post(back, booking(office)).status_code == 302
    assert Appointment.objects.filter(patient=lise).exists()


def test_the_reason_is_shown_to_those_who_care_for_the_patient_and_reading_it_is_logged(
    office: Office, secretary: Client, kari: Person
) -> None:
    appointment = office.booked(kari, reason="Utslett på armen")
    assert "Utslett på armen" in read(secretary, visit_url(appointment))
    event = Event.objects.get(action="appointment.reason")
    assert (event.kind, event.patient_id, event.object_id) == ("read", kari.pk, appointment.pk)


def test_the_manager_sees_the_visit_without_its_reason_and_without_actions(
    office: Office, manager: Client, kari: Person
) -> None:
    page = read(manager, visit_url(office.booked(kari, reason="Utslett på armen")))
    assert "Kari Testdal" in page
    assert "Utslett" not in page
    assert "Avbestill" not in page
    assert not Event.objects.filter(action="appointment.reason").exists()


def test_a_patient_is_found_by_name_and_booked_into_the_time_that_was_pressed(
    office: Office, secretary: Client, kari: Person
) -> None:
    office.booked(kari, day=TOMORROW + timedelta(days=7))
    address = f"{BOOK}?kalender={office.calendar.pk}&start=2026-11-24T08:20"
    hits = secretary.post(address, {"words": "kari test"}).context["hits"]
    assert [row.name for row, _url in hits] == ["Kari Testdal"]
    url = hits[0][1]
    page = secretary.get(url)
    html = re.sub(r"\s+", " ", page.content.decode())
    assert "Valgt i kalenderen: tirsdag 24. november kl. 08.20 hos Ingrid Aas" in html
    assert "999 99 999" in html
    assert "tirsdag 1. desember kl. 08.00, Ingrid Aas, Vanlig time" in html  # what she has already
    assert sent_by(secretary, url, picked(html)) == 302
    appointment = Appointment.objects.get(starts_at=at_local(TOMORROW, time(8, 20)))
    assert (appointment.patient_id, appointment.visit_type) == (kari.pk, office.visit_type)
    assert appointment.booked_by_employee_id
    assert Notification.objects.filter(event="appointment.booked", recipient=kari).count() == 2


def picked(html: str) -> str:
    """What the first of the times sends: the cell that was pressed, else the first free."""
    found = re.search(r'name="pick" value="([^"]+)"', html)
    assert found
    return found[1]


def sent_by(client: Client, url: str, pick: str, **changes: object) -> int:
    """The page's form as it stands, with a time that is pressed. The status."""
    form = client.get(url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | changes
    return client.post(url, sent | {"pick": pick}).status_code


def test_who_rings_gets_the_first_free_time_by_two_presses(office: Office, secretary: Client, kari: Person) -> None:
    [(_row, url)] = secretary.post(BOOK, {"words": "kari testdal"}).context["hits"]
    page = secretary.get(url)
    first, later = page.context["first"], page.context["days"]
    assert first.starts_at < later[0][1][0].starts_at
    assert "Første ledige: " in page.content.decode()
    assert sent_by(secretary, url, picked(page.content.decode()), reason="Kontroll") == 302
    booked = Appointment.objects.get()
    assert (booked.starts_at, booked.calendar, booked.reason) == (first.starts_at, office.calendar, "Kontroll")


def test_free_times_follow_the_kind_the_way_the_doctor_and_the_day_and_keep_what_is_typed(
    office: Office, secretary: Client, kari: Person
) -> None:
    url = f"{BOOK}?pasient={kari.pk}"
    day = TOMORROW + timedelta(days=6)
    look = booking(office, calendar="", day=day, clock="", reason="Kne", look="1")
    page = secretary.post(url, look)
    assert page.status_code == 200
    assert page.context["first"].starts_at == at_local(day, time(8))
    assert page.context["form"]["reason"].value() == "Kne"
    assert not Appointment.objects.exists()
    none = secretary.post(url, look | {"channel": "smoke"})
    assert "Ingen ledige timer de neste fire ukene" in none.content.decode()


def test_the_number_stands_in_no_address(office: Office, secretary: Client, kari: Person) -> None:
    page = secretary.post(BOOK, {"words": kari.national_number})
    assert [row.name for row, _url in page.context["hits"]] == ["Kari Testdal"]
    assert kari.national_number not in page.context["hits"][0][1]
    assert secretary.get(f"{BOOK}?words={quote('Kari Testdal')}").context["hits"] == []


def test_a_taken_time_asks_for_another_one_or_a_reason(office: Office, secretary: Client, kari: Person) -> None:
    office.booked(office.patient("Arne Testmo"), clock=time(8, 20))
    url = f"{BOOK}?pasient={kari.pk}"
    refused = secretary.post(url, booking(office))
    assert refused.status_code == 409
    assert "Tiden er opptatt" in refused.content.decode()
    assert "Kontroll av blodtrykk" in refused.content.decode()  # what was typed stays
    assert secretary.post(url, booking(office, overbook_reason="Øyeblikkelig hjelp")).status_code == 302
    booked = Appointment.objects.get(patient=kari)
    assert booked.claim.is_overbooked
    page = read(secretary, f"{reverse('workspace:calendar')}?dag={TOMORROW}")
    assert "dobbeltbooket" in page
    assert "Øyeblikkelig hjelp" in read(secretary, visit_url(booked))
    as_manager = read(logged_in(office.staff(Role.MANAGER)), visit_url(booked))
    assert "Booket med grunn" in as_manager
    assert "Øyeblikkelig hjelp" not in as_manager


@pytest.mark.parametrize(
    ("day", "clock", "reason"),
    [
        ("2020-01-01", "23:07", "Denne tiden har vært"),
        ("2026-12-25", "08:00", "helligdag"),
        ("2026-11-24", "13:00", "Ukeplanen har ingen slik time"),
        ("2026-11-24", "08:07", "Ukeplanen har ingen slik time"),
    ],
)
def test_a_time_that_is_not_free_is_refused_with_the_true_reason_and_the_next_free_ones(
    day: str, clock: str, reason: str, office: Office, secretary: Client, kari: Person
) -> None:
    url = f"{BOOK}?pasient={kari.pk}"
    refused = secretary.post(url, booking(office, day=day, clock=clock))
    page = refused.content.decode()
    assert refused.status_code == 409
    assert reason in page
    assert "Tiden er opptatt" not in page
    first = refused.context["first"]
    again = secretary.post(url, booking(office, day=day, clock=clock, pick=picked(page)))
    assert again.status_code == 302
    assert Appointment.objects.get().starts_at == first.starts_at


def test_nothing_is_booked_on_a_day_that_has_been_whatever_the_reason(
    office: Office, secretary: Client, kari: Person
) -> None:
    past = booking(office, day="2026-11-22", overbook_reason="Etterregistrert")
    assert "Denne tiden har vært" in secretary.post(f"{BOOK}?pasient={kari.pk}", past).content.decode()
    today = booking(office, day=TODAY, clock="09:00", overbook_reason="Kom uten time")
    assert secretary.post(f"{BOOK}?pasient={kari.pk}", today).status_code == 302


def test_the_office_moves_a_time_in_two_clicks(office: Office, secretary: Client, kari: Person) -> None:
    appointment = office.booked(kari, day=TOMORROW + timedelta(days=7), reason="Kontroll")
    change = reverse("workspace:change", args=[appointment.pk])
    assert change in read(secretary, visit_url(appointment))
    page = secretary.get(change)
    first = page.context["first"]
    moved = sent_by(secretary, change, picked(page.content.decode()), mark=page.context["mark"])
    assert moved == 302
    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.reason) == (first.starts_at, "Kontroll")


def test_the_office_changes_what_a_time_is_and_a_colleague_s_change_is_not_written_over(
    office: Office, secretary: Client, kari: Person
) -> None:
    appointment = office.booked(kari, day=TOMORROW + timedelta(days=7), reason="Kontroll")
    change = reverse("workspace:change", args=[appointment.pk])
    page = secretary.get(change)
    form = page.context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {"mark": page.context["mark"]}
    assert secretary.post(change, sent | {"channel": "video", "minutes": 30}).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.channel, appointment.minutes) == ("video", 30)
    late = secretary.post(change, sent | {"channel": "phone"})
    assert late.status_code == 409
    assert "Noe er endret etter at du åpnet siden" in late.content.decode()
    taken = secretary.post(change, sent | {"clock": "13:00", "mark": late.context["mark"]})
    assert taken.status_code == 409
    assert "Ukeplanen har ingen slik time" in taken.content.decode()


def test_only_those_who_book_at_the_office_move(
    office: Office, manager: Client, stranger: Client, kari: Person
) -> None:
    change = reverse("workspace:change", args=[office.booked(kari).pk])
    assert manager.get(change).status_code == 403
    assert stranger.get(change).status_code == 404


def test_an_empty_booking_says_what_is_missing(office: Office, secretary: Client, kari: Person) -> None:
    page = secretary.post(f"{BOOK}?pasient={kari.pk}", {})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"calendar", "day", "clock", "visit_type", "channel"}


def test_a_patient_of_another_office_cannot_be_booked(office: Office, stranger: Client, kari: Person) -> None:
    assert stranger.get(f"{BOOK}?pasient={kari.pk}").status_code == 404
    assert stranger.post(f"{BOOK}?pasient={kari.pk}", booking(office)).status_code == 404


@pytest.fixture
def today_visit(office: Office, kari: Person, monkeypatch: pytest.MonkeyPatch) -> Appointment:
    """One at 11:40 today; it is now 11:45."""
    appointment = services.book_for_patient(
        actor=office.staff(),
        patient_id=kari.pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TODAY, time(11, 40)),
        reason="",
        now=NOW,
    )
    later: datetime = at_local(TODAY, time(11, 45))
    monkeypatch.setattr(timezone, "now", lambda: later)
    return appointment


@pytest.mark.parametrize(
    "moves",
    [
        ["arrived", "completed", "arrived", "booked"],
        ["completed", "arrived", "completed"],
        ["no-show", "booked", "arrived"],
    ],
)
def test_a_visit_is_moved_along_and_back(moves: list[str], office: Office, today_visit: Appointment) -> None:
    client = logged_in(office.staff(Role.SECRETARY))
    before = "booked"
    for to in moves:
        assert f'name="to" value="{to}"' in read(client, visit_url(today_visit))
        client.post(reverse("workspace:move", args=[today_visit.pk]), {"from": before, "to": to})
        today_visit.refresh_from_db()
        assert today_visit.status == to
        before = to


def test_what_does_not_follow_is_refused_in_words(office: Office, today_visit: Appointment) -> None:
    client = logged_in(office.staff(Role.SECRETARY))
    url = reverse("workspace:move", args=[today_visit.pk])
    client.post(url, {"from": "booked", "to": "completed"})
    for data in ({"from": "booked", "to": "no-show"}, {"from": "completed", "to": "cancelled"}, {}):
        page = client.post(url, data, follow=True).content.decode()
        assert "Timen kan ikke endres slik nå" in page
    today_visit.refresh_from_db()
    assert today_visit.status == Status.COMPLETED


def test_a_colleague_has_moved_it_since_the_page_was_shown(office: Office, today_visit: Appointment) -> None:
    client = logged_in(office.staff(Role.SECRETARY))
    url = reverse("workspace:move", args=[today_visit.pk])
    client.post(url, {"from": "booked", "to": "arrived"})
    page = client.post(url, {"from": "booked", "to": "completed"}, follow=True).content.decode()
    assert "Noe er endret etter at du åpnet siden." in page
    today_visit.refresh_from_db()
    assert today_visit.status == Status.ARRIVED


def test_nobody_arrives_the_day_before(office: Office, secretary: Client, kari: Person) -> None:
    appointment = office.booked(kari)
    assert 'value="arrived"' not in read(secretary, visit_url(appointment))
    secretary.post(reverse("workspace:move", args=[appointment.pk]), {"from": "booked", "to": "arrived"})
    appointment.refresh_from_db()
    assert appointment.status == Status.BOOKED


def test_beside_the_calendar_the_panel_alone_is_drawn_and_the_calendar_told(
    office: Office, today_visit: Appointment
) -> None:
    client = logged_in(office.staff(Role.SECRETARY))
    url = reverse("workspace:move", args=[today_visit.pk])
    answer = client.post(url, {"from": "booked", "to": "arrived"}, headers={"HX-Request": "true"})
    assert answer["HX-Trigger"] == "calendar-changed"
    assert answer.content.decode().strip().startswith("<article")
    assert "Angre ankommet" in answer.content.decode()


def test_cancelling_frees_the_time_and_tells_the_patient(office: Office, secretary: Client, kari: Person) -> None:
    appointment = office.booked(kari)
    url = reverse("workspace:cancel", args=[appointment.pk])
    assert "Tiden blir ledig igjen" in read(secretary, url)
    assert secretary.post(url, {"note": "Legen er syk."}).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.status, appointment.cancel_note) == (Status.CANCELLED, "Legen er syk.")
    assert not appointment.claim.is_active
    assert Notification.objects.filter(event="appointment.cancelled", recipient=kari).exists()
    assert "Legen er syk." in read(secretary, visit_url(appointment))
    again = secretary.post(url, {"note": ""})
    assert again.status_code == 422
    assert "Timen kan ikke endres slik nå" in again.content.decode()


@pytest.mark.parametrize("view", ["move", "cancel"])
def test_another_office_and_the_manager_change_nothing(
    view: str, office: Office, stranger: Client, manager: Client, kari: Person
) -> None:
    appointment = office.booked(kari)
    url = reverse(f"workspace:{view}", args=[appointment.pk])
    assert stranger.post(url, {"note": "", "from": "booked", "to": "arrived"}, follow=True).status_code == 404
    assert manager.post(url, {"note": ""}).status_code == 403
    appointment.refresh_from_db()
    assert appointment.status == Status.BOOKED


def test_a_patients_page_gathers_contact_list_and_visits_and_is_logged(
    office: Office, secretary: Client, kari: Person
) -> None:
    office.booked(kari)
    page = read(secretary, reverse("workspace:patient", args=[kari.pk]))
    for words in ("Kari Testdal", "999 99 999", "Ingrid Aas", "tirsdag 24. november kl. 08.00", "Booket"):
        assert words in page
    assert kari.national_number not in page
    assert Event.objects.filter(action="patient.appointments", patient_id=kari.pk, kind="read").count() == 1


def test_a_search_without_hits_says_what_to_try(office: Office, secretary: Client) -> None:
    page = secretary.post(reverse("workspace:patients"), {"words": "Ukjent Navn"}).content.decode()
    assert "Ingen treff" in page
    assert secretary.post(reverse("workspace:patients"), {"words": ""}).status_code == 422


def test_todays_video_visits_and_no_others(office: Office, secretary: Client, kari: Person) -> None:
    url = reverse("workspace:video")
    assert "Ingen videotimer i dag" in read(secretary, url)
    for channel, clock, name in (("video", "11:00", "Arne Testmo"), ("phone", "11:20", "Per Testvik")):
        who = office.patient(name)
        secretary.post(reverse("workspace:purpose", args=[who.pk]), {"purpose": "called", "note": ""})
        data = booking(office, day=TODAY, clock=clock, channel=channel)
        assert secretary.post(f"{BOOK}?pasient={who.pk}", data).status_code == 302
    rows = secretary.get(url).context["rows"]
    assert [row.visit.patient_name for row in rows] == ["Arne Testmo"]


@pytest.mark.parametrize(("fee", "charged"), [("yes", True), ("no", False), ("", False)])
def test_the_office_is_told_that_it_cancels_too_late_and_says_whether_the_patient_pays(
    fee: str, charged: bool, office: Office, kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    money.load(managers=[office.staff(Role.MANAGER)], today=TODAY, now=NOW)
    appointment = office.booked(kari)
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=1))
    secretary = logged_in(office.staff(Role.SECRETARY))
    url = reverse("workspace:cancel", args=[appointment.pk])
    html = read(secretary, url)
    assert "Fristen er ute. Skal pasienten betale gebyr?" in html
    assert "gebyr på inntil 315\u00a0kr" in html
    secretary.post(url, {"note": "", "fee": fee})
    appointment.refresh_from_db()
    assert (appointment.status, appointment.is_late) == (Status.CANCELLED, charged)
    found = Charge.objects.filter(object_id=appointment.pk)
    assert [(each.kind, each.status) for each in found] == ([("missed", "proposed")] if charged else [])
    mine = logged_in(citizen(kari))
    said = "Kontoret har avbestilt for deg etter fristen" in read(
        mine, reverse("appointments:show", args=[appointment.pk])
    )
    assert said is charged


def test_what_is_cancelled_in_time_asks_nothing_about_a_fee(office: Office, secretary: Client, kari: Person) -> None:
    money.load(managers=[office.staff(Role.MANAGER)], today=TODAY, now=NOW)
    appointment = office.booked(kari, day=TODAY + timedelta(days=7))
    url = reverse("workspace:cancel", args=[appointment.pk])
    assert "Fristen er ute" not in read(secretary, url)
    secretary.post(url, {"note": "", "fee": "yes"})
    assert not Charge.objects.exists()
