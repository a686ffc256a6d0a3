"""The citizen's pages, through the whole stack as a browser without script sees them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access.actor import Assurance, Kind, Role
from legedialog.access.services import start_login
from legedialog.access.tests.pages import Tab
from legedialog.appointments import rules, services
from legedialog.appointments.models import (
    Appointment,
    Channel,
    Claim,
    ClaimKind,
    ExternalAppointment,
    Source,
    Status,
    TimeRequest,
    VisitType,
)
from legedialog.appointments.picker import time_value
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office, person
from legedialog.appointments.tests.test_anybody import planned
from legedialog.consent.models import Level
from legedialog.core.times import at_local
from legedialog.patients.models import Person
from legedialog.practices.models import Clinician, ContractDoctor, Offer, Service

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db
INDEX, BOOK, REVIEW, REQUEST = (
    "/timeavtaler/",
    "/timeavtaler/bestill/",
    "/timeavtaler/bestill/se-over/",
    "/timeavtaler/be-om-time/",
)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday 23 November 2026 at 10.00, until a test moves it."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


class Clock:
    now = NOW

    def goes(self, **time: int) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def gp() -> Office:
    return office()


@pytest.fixture
def kari(gp: Office) -> Person:
    return gp.patient()


@pytest.fixture
def browser(kari: Person) -> Client:
    return browser_of(kari)


def browser_of(who: Person) -> Client:
    token, _ = start_login(
        kind=Kind.CITIZEN,
        holder_id=who.pk,
        assurance=Assurance.HIGH,
        issuer="test",
        sid="",
        sub="",
        user_agent="",
        replaces="",
        now=timezone.now(),
    )
    client = Client()
    client.cookies[cookies.name("session")] = token
    return client


def text(response: Response) -> str:
    """What a reader meets, with single spaces."""
    body = re.sub(r"<(script|style|svg).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


def buttons(response: Response) -> dict[str, str]:
    """The picker's times: accessible name and value."""
    found = re.findall(
        r'<button class="time" name="time" value="([^"]+)"[^>]*>(.*?)</button>', response.content.decode(), re.DOTALL
    )
    return {" ".join(unescape(re.sub(r"<[^>]+>", "", inner)).split()): value for value, inner in found}


def hidden(response: Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, name
    return unescape(found[1])


def hold(browser: Client, gp: Office, day: date = TOMORROW, clock: time = time(8)) -> Response:
    return browser.post(BOOK, {"time": time_value(gp.calendar.pk, at_local(day, clock))})


def last_step(shown: Response, typed: str) -> dict[str, str]:
    return {"hold": hidden(shown, "hold"), "held_time": hidden(shown, "held_time"), "reason": typed}


def confirm(browser: Client, shown: Response, typed: str = "Vondt i kneet") -> Response:
    return browser.post(REVIEW, last_step(shown, typed))


# ---- Bestill time: what and when


def test_every_time_is_a_button_whose_name_holds_the_whole_date(browser: Client) -> None:
    shown = browser.get(BOOK)
    assert shown.status_code == 200
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" in buttons(shown)


def test_a_day_says_how_many_times_are_free_and_days_without_are_one_line(browser: Client) -> None:
    seen = text(browser.get(BOOK))
    assert "Tirsdag 24. november · 12 ledige" in seen
    assert "Lørdag 28. november – søndag 29. november: ingen ledige timer" in seen


def test_the_week_after_and_a_date_of_her_own_are_addresses(browser: Client) -> None:
    shown = browser.get(BOOK)
    later = re.search(r'href="([^"]+)#times"[^>]*>Uken etter', shown.content.decode())
    assert later
    week = browser.get(unescape(later[1]))
    assert "tirsdag 1. desember kl. 08.00, Ingrid Aas" in buttons(week)
    assert "Uken før" in text(week)
    jumped = browser.get(BOOK, {"day": "2026-12-09"})
    assert "onsdag 9. desember kl. 08.00, Ingrid Aas" in buttons(jumped)


@pytest.mark.parametrize("day", ["2019-01-01", "2199-01-01", "0001-01-01", "9999-12-31", "neste uke", ""])
def test_an_odd_date_shows_the_nearest_week_with_sense(browser: Client, day: str) -> None:
    assert browser.get(BOOK, {"day": day, "type": "x", "channel": "fax", "doctor": "-"}).status_code == 200


def test_an_empty_week_leads_to_the_next_day_with_a_free_time(browser: Client, gp: Office) -> None:
    secretary = gp.staff()
    for day in (date(2026, 12, 7) + timedelta(days=n) for n in range(5)):
        services.block_time(
            actor=secretary,
            calendar_id=gp.calendar.pk,
            starts_at=at_local(day, time(8)),
            ends_at=at_local(day, time(12)),
            note="Kurs",
            now=NOW,
        )
    shown = browser.get(BOOK, {"day": "2026-12-07"})
    assert "Neste dag med ledig time: mandag 14. desember" in text(shown)
    assert not buttons(shown)


def test_the_first_page_opens_at_the_first_free_time_whatever_the_week(browser: Client, gp: Office) -> None:
    gp.calendar.blocks.update(first_date=date(2026, 12, 10))
    assert "torsdag 10. desember kl. 08.00, Ingrid Aas" in buttons(browser.get(BOOK))


def test_when_nothing_is_free_she_is_told_how_far_was_looked(browser: Client, gp: Office) -> None:
    gp.calendar.blocks.update(first_date=date(2028, 1, 1))
    assert "Det er ingen ledige timer til og med fredag 22. januar 2027" in text(browser.get(BOOK))


def test_kind_channel_and_doctor_are_asked_only_when_there_is_a_choice(browser: Client, gp: Office) -> None:
    first = browser.get(BOOK).content.decode()
    assert 'type="hidden" name="type"' in first
    assert 'type="radio" name="channel"' in first
    assert "Hvilken lege?" not in first
    long_visit = VisitType.objects.create(practice=gp.practice, name="Lang time", minutes=40, channels=["phone"])
    second_doctor(gp, long_visit)
    second = browser.get(BOOK).content.decode()
    assert 'type="radio" name="type"' in second
    assert "Hvilken som helst" in second
    only_phone = browser.get(BOOK, {"type": str(long_visit.pk)})
    assert 'type="hidden" name="channel" value="phone"' in only_phone.content.decode()


def second_doctor(gp: Office, *visit_types: VisitType) -> Clinician:
    """Another doctor on the same list, with the same week."""
    other = office(doctor="Jonas Vik")
    ContractDoctor.objects.create(contract=gp.contract, clinician=other.doctor, starts_date=date(2020, 1, 1))
    Offer.objects.filter(clinician=other.doctor).update(practice=gp.practice)
    other.calendar.practice = gp.practice
    other.calendar.save()
    for block in other.calendar.blocks.all():
        block.visit_types.set([gp.visit_type, *visit_types])
    return other.doctor


def test_with_any_doctor_a_clock_time_is_shown_once_while_somebody_is_free(browser: Client, gp: Office) -> None:
    jonas = second_doctor(gp)
    at_eight = [name for name in buttons(browser.get(BOOK)) if name.startswith("tirsdag 24. november kl. 08.00")]
    assert len(at_eight) == 1
    names = buttons(browser.get(BOOK, {"doctor": str(jonas.pk)}))
    assert {name.rpartition(", ")[2] for name in names} == {"Jonas Vik"}
    one_taken = hold(browser_of(gp.patient("Per Testvik")), gp)
    assert one_taken.status_code == 302
    names = buttons(browser.get(BOOK))
    assert "tirsdag 24. november kl. 08.00, Jonas Vik" in names
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" not in names


def test_video_is_not_a_choice_when_the_doctor_has_closed_it(browser: Client, gp: Office) -> None:
    assert 'value="video"' in browser.get(BOOK).content.decode()
    Offer.objects.filter(clinician=gp.doctor, service=Service.VIDEO).update(is_open=False)
    assert 'value="video"' not in browser.get(BOOK).content.decode()
    assert browser.get(BOOK, {"channel": "video"}).status_code == 200


def test_htmx_gets_the_part_and_focus_goes_to_the_times_only_when_she_asked_for_them(browser: Client) -> None:
    changed = browser.get(BOOK, headers={"HX-Request": "true", "HX-Trigger": "choice"}).content.decode()
    asked = browser.get(BOOK, {"show": "1"}, headers={"HX-Request": "true", "HX-Trigger": "choice"}).content.decode()
    turned = browser.get(BOOK, {"day": "2026-12-01"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in changed + asked + turned
    assert ["data-focus" in part for part in (changed, asked, turned)] == [False, True, True]


# ---- Bestill time: hold and book


def test_from_the_first_page_to_the_receipt(browser: Client, gp: Office, kari: Person) -> None:
    value = buttons(browser.get(BOOK))["tirsdag 24. november kl. 10.20, Ingrid Aas"]
    held = browser.post(BOOK, {"time": value}, follow=True)
    assert held.redirect_chain[0][0].startswith(REVIEW)
    seen = text(held)
    assert "Vi holder timen av til deg til kl. 10.10" in seen
    assert "Tirsdag 24. november kl. 10.20–10.40" in seen
    assert "Avbestill senest mandag 23. november kl. 10.20" in seen
    assert "Fjordbyen legesenter, Storgata 1, 5003 Fjordbyen" in seen
    booked = confirm(browser, held)
    appointment = Appointment.objects.get(patient=kari)
    assert booked.status_code == 302
    assert booked["Location"] == f"/timeavtaler/{appointment.pk}/bestilt/"
    assert appointment.reason == "Vondt i kneet"
    receipt = browser.get(booked["Location"])
    assert "Timen er bestilt" in text(receipt)
    assert "Vondt i kneet" not in text(receipt)


def test_what_is_chosen_follows_through_the_addresses(browser: Client, gp: Office) -> None:
    value = time_value(gp.calendar.pk, at_local(TOMORROW, time(8)))
    held = browser.post(f"{BOOK}?channel=phone&day=2026-11-24", {"time": value})
    assert held["Location"] == f"{REVIEW}?channel=phone&day=2026-11-24"
    assert "Legen ringer deg" in text(browser.get(held["Location"]))


def reason(shown: Response) -> str:
    found = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", shown.content.decode(), re.DOTALL)
    assert found
    return unescape(found[1])


def test_choosing_another_time_keeps_what_is_typed_and_never_in_an_address(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    left = browser.post(f"{BOOK}?channel=phone", last_step(browser.get(REVIEW), "Vondt i kneet"))
    assert (left.status_code, left["Location"]) == (302, f"{BOOK}?channel=phone#times")
    shown = browser.get(BOOK, {"channel": "phone", "day": "2026-12-09"})
    assert "Det du har skrevet til legen, er tatt vare på" in text(shown)
    assert "kneet" not in shown.content.decode()
    hold(browser, gp, clock=time(9))
    assert reason(browser.get(REVIEW)) == "Vondt i kneet"
    confirm(browser, browser.get(REVIEW), "Vondt i kneet")
    hold(browser, gp, clock=time(10))
    assert reason(browser.get(REVIEW)) == ""


@pytest.mark.parametrize("typed", ["å" * 1000, "你好" * 500, "Linje én\nLinje to", "x"])
def test_long_and_foreign_texts_are_kept_too(browser: Client, gp: Office, typed: str) -> None:
    hold(browser, gp)
    browser.post(BOOK, last_step(browser.get(REVIEW), typed))
    assert reason(browser.get(REVIEW)) == typed


def test_nobody_else_at_the_same_machine_gets_what_was_typed(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    browser.post(BOOK, last_step(browser.get(REVIEW), "Vondt i kneet"))
    cookie = browser.cookies["reason"]
    assert "kneet" not in cookie.value
    assert cookie["httponly"]
    assert cookie["path"] == BOOK
    per = browser_of(gp.patient("Per Testvik"))
    hold(per, gp, clock=time(9))
    for value in (cookie.value, cookie.value[:-8] + "AAAAAAA=", "tull", "é"):
        per.cookies["reason"] = value
        assert reason(per.get(REVIEW)) == ""


def test_going_back_her_own_held_time_is_still_there_and_marked(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    shown = browser.get(BOOK)
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" in buttons(shown)
    assert "Vi holder tirsdag 24. november kl. 08.00 av til deg til kl. 10.10." in text(shown)
    assert shown.content.decode().count('aria-pressed="true"') == 1 + 2  # language and colours are pressed too
    assert hold(browser, gp).status_code == 302


def test_another_sees_a_held_time_as_taken(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" not in buttons(browser_of(gp.patient("Per Testvik")).get(BOOK))


def test_choosing_another_time_moves_the_hold(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    hold(browser, gp, clock=time(9))
    assert Claim.objects.get(kind=ClaimKind.HOLD).period.lower == at_local(TOMORROW, time(9))


def test_a_double_click_books_once(browser: Client, gp: Office, kari: Person) -> None:
    hold(browser, gp)
    shown = browser.get(REVIEW)
    first, second = confirm(browser, shown), confirm(browser, shown)
    assert first["Location"] == second["Location"]
    assert Appointment.objects.filter(patient=kari).count() == 1


def test_cancelling_the_hold_frees_the_time(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    left = Tab(browser).open(REVIEW).press(REVIEW, to=f"{BOOK}avbryt/")
    assert "Du bestilte ikke. Timen er ledig for andre igjen." in text(left)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("page", [REVIEW, BOOK])
def test_cancelling_in_one_tab_leaves_what_another_holds(page: str, browser: Client, gp: Office) -> None:
    hold(browser, gp)
    tab, form = Tab(browser).open(page), f"{BOOK}avbryt/" if page == BOOK else page
    hold(browser, gp, clock=time(9))
    tab.press(form, to=f"{BOOK}avbryt/")
    assert Claim.objects.get(kind=ClaimKind.HOLD).period.lower == at_local(TOMORROW, time(9))
    Tab(browser).open(page).press(form, to=f"{BOOK}avbryt/")
    assert not Claim.objects.exists()


def test_without_a_held_time_the_last_step_leads_back_to_the_times(browser: Client) -> None:
    left = browser.get(REVIEW, follow=True)
    assert left.redirect_chain[0][0].startswith(BOOK)
    assert "Ingen time er holdt av til deg nå." in text(left)


def test_a_time_that_another_took_answers_409_with_the_next_free_ones(browser: Client, gp: Office) -> None:
    gp.booked(gp.patient("Per Testvik"))
    lost = hold(browser, gp)
    assert lost.status_code == 409
    assert "Noen andre rakk å ta denne timen." in text(lost)
    assert "tirsdag 24. november kl. 08.20, Ingrid Aas" in buttons(lost)
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" not in buttons(lost)


def test_a_lost_race_far_ahead_shows_that_week(browser: Client, gp: Office) -> None:
    gp.booked(gp.patient("Per Testvik"), day=date(2026, 12, 9))
    lost = hold(browser, gp, day=date(2026, 12, 9))
    assert lost.status_code == 409
    assert "onsdag 9. desember kl. 08.20, Ingrid Aas" in buttons(lost)


def test_a_hold_that_ended_offers_the_same_time_again_and_keeps_the_reason(
    browser: Client, gp: Office, clock: Clock
) -> None:
    hold(browser, gp)
    shown = browser.get(REVIEW)
    clock.goes(minutes=11)
    ended = confirm(browser, shown)
    assert ended.status_code == 409
    assert "Timen er ikke holdt av til deg lenger." in text(ended)
    assert "Velg tirsdag 24. november kl. 08.00 på nytt" in text(ended)
    assert "Det du har skrevet til legen, er tatt vare på" in text(ended)
    hold(browser, gp)
    assert reason(browser.get(REVIEW)) == "Vondt i kneet"


def test_a_hold_that_another_tab_replaced_is_not_said_to_have_run_out(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    shown = browser.get(REVIEW)
    hold(browser, gp, clock=time(10))
    lost = confirm(browser, shown)
    assert lost.status_code == 409
    assert "Vi holder bare den siste du valgte, i ti minutter." in text(lost)
    assert not Appointment.objects.exists()


def test_a_hold_that_ended_and_was_taken_does_not_offer_that_time(browser: Client, gp: Office, clock: Clock) -> None:
    hold(browser, gp)
    shown = browser.get(REVIEW)
    clock.goes(minutes=11)
    gp.booked(gp.patient("Per Testvik"), now=clock.now)
    ended = confirm(browser, shown)
    assert ended.status_code == 409
    assert "på nytt" not in text(ended).replace("Velg på nytt.", "")
    assert "tirsdag 24. november kl. 08.20, Ingrid Aas" in buttons(ended)


def test_a_reason_that_is_too_long_is_kept_and_said_at_the_field(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    long = "å" * (rules.REASON_LENGTH + 1)
    refused = confirm(browser, browser.get(REVIEW), long)
    assert refused.status_code == 422
    assert "Kort den ned til 1000 tegn." in text(refused)
    assert long in refused.content.decode()
    assert not Appointment.objects.exists()


def test_enough_coming_ones_is_told_before_she_writes_anything(browser: Client, gp: Office, kari: Person) -> None:
    gp.booked(kari)
    gp.booked(kari, clock=time(9))
    refused = hold(browser, gp, clock=time(10))
    assert refused.status_code == 409
    assert "Du har allerede så mange timer" in text(refused)


def test_a_short_notice_says_that_the_deadline_is_over(browser: Client, gp: Office) -> None:
    gp.visit_type.lead_minutes = 0
    gp.visit_type.save()
    hold(browser, gp, day=date(2026, 11, 23), clock=time(11))
    assert "Fristen for å avbestille er ute." in text(browser.get(REVIEW))


NOBODYS = "01980000-0000-4000-8000-000000000000"  # the same in every process that collects the tests


@pytest.mark.parametrize("value", ["", "x", "x@y", f"{NOBODYS}@2026-11-24T08:00:00", f"{NOBODYS}@"])
def test_a_time_that_makes_no_sense_shows_the_times_again(browser: Client, value: str) -> None:
    shown = browser.post(BOOK, {"time": value})
    assert shown.status_code == 409
    assert buttons(shown)


def test_another_offices_calendar_is_not_found(browser: Client) -> None:
    assert hold(browser, office("Dalen legekontor", "Odd Lund")).status_code == 404


def test_anothers_hold_is_not_found(browser: Client, gp: Office) -> None:
    per = browser_of(gp.patient("Per Testvik"))
    hold(per, gp)
    shown = per.get(REVIEW)
    assert confirm(browser, shown).status_code == 404
    assert not Appointment.objects.exists()


# ---- who does not get this far


def test_a_stranger_is_sent_to_log_in_and_comes_back() -> None:
    answer = Client().get(BOOK)
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).query == "next=%2Ftimeavtaler%2Fbestill%2F"


@pytest.mark.parametrize("address", [INDEX, BOOK, REQUEST])
def test_basis_is_told_what_is_missing(gp: Office, address: str) -> None:
    shown = browser_of(gp.patient("Per Testvik", level=Level.BASIS)).get(address)
    assert "Gi full tilgang" in text(shown)
    assert not buttons(shown)


def test_a_doctor_without_digital_services_is_said_plainly_with_the_phone(browser: Client, gp: Office) -> None:
    gp.practice.supported_services = []
    gp.practice.save()
    for address in (BOOK, REQUEST):
        seen = text(browser.get(address))
        assert "Journalsystemet til legekontoret støtter ikke dette." in seen
        assert "Ring Fjordbyen legesenter for å få time. 55 55 55 55" in seen
    assert hold(browser, gp).status_code == 200
    assert not Claim.objects.exists()
    shown = browser.get(INDEX)
    assert "Ring Fjordbyen legesenter for å få time. 55 55 55 55" in text(shown)
    for address in (BOOK, REQUEST):
        assert f'href="{address}"' not in shown.content.decode()


def test_a_doctor_with_requests_only_leads_to_them_and_the_other_way_round(browser: Client, gp: Office) -> None:
    offers = Offer.objects.filter(clinician=gp.doctor)
    offers.filter(service=Service.BOOK).update(is_open=False, closed_until_date=date(2026, 12, 1))
    shown = browser.get(BOOK)
    assert "Det åpner igjen tirsdag 1. desember." in text(shown)
    assert f'href="{REQUEST}"' in shown.content.decode()
    offers.filter(service=Service.BOOK).update(is_open=True)
    offers.filter(service=Service.REQUEST).update(is_open=False)
    assert f'href="{BOOK}"' in browser.get(REQUEST).content.decode()


def test_without_a_gp_she_is_told_what_to_do() -> None:
    browser = browser_of(person())
    for address in (BOOK, REQUEST):
        assert "Du er ikke på listen til noen fastlege" in text(browser.get(address))


def test_an_office_without_online_times_says_so(browser: Client, gp: Office) -> None:
    gp.calendar.blocks.update(is_online=False)
    assert "Legen har ikke lagt ut timer." in text(browser.get(BOOK))


# ---- Timeavtaler


def hospital(patient: Person, at: datetime, *, heard: datetime | None = NOW, status: str = Status.BOOKED) -> Source:
    source, _ = Source.objects.get_or_create(
        organisation_number="999999999", defaults={"name": "Fjordbyen sykehus", "phone": "55444444"}
    )
    services.receive_external(
        source_id=source.pk,
        identifier=uuid4(),
        patient_id=patient.pk,
        status=status,
        starts_at=at,
        ends_at=at + timedelta(minutes=30),
        channel=Channel.VIDEO,
        title="Kontroll på poliklinikken",
        place="",
        instruction="Ha legemiddellisten klar.",
        join_url="https://video.example/rom/1",
        sent_at=None,
        now=NOW,
    )
    Source.objects.filter(pk=source.pk).update(heard_at=heard)
    return source


def test_the_doctor_and_the_hospital_stand_in_one_list_by_time(browser: Client, gp: Office, kari: Person) -> None:
    gp.booked(kari, day=date(2026, 11, 26))
    hospital(kari, at_local(date(2026, 11, 25), time(13)))
    gp.booked(kari, day=TOMORROW)
    seen = text(browser.get(INDEX))
    places = [seen.index(day) for day in ("Tirsdag 24.", "Onsdag 25.", "Torsdag 26.")]
    assert places == sorted(places)
    assert "Kontroll på poliklinikken · Fjordbyen sykehus" in seen
    assert "Du skal ikke møte opp." in seen
    assert "Ha legemiddellisten klar." in seen
    assert "Gå til videotimen hos Fjordbyen sykehus" in seen
    assert "Fjordbyen sykehus: sist oppdatert mandag 23. november kl. 10.00." in seen


def test_the_list_renews_itself_as_a_part(browser: Client, gp: Office, kari: Person) -> None:
    gp.booked(kari)
    whole = browser.get(INDEX).content.decode()
    assert 'data-live="/live/me/' in whole
    part = browser.get(INDEX, headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith("<div")
    assert 'id="appointments"' in part.content.decode()
    assert "Tirsdag 24. november kl. 08.00" in text(part)
    assert "HX-Request" in part["Vary"]


def test_a_source_that_is_silent_is_named_with_its_phone(browser: Client, kari: Person) -> None:
    hospital(kari, at_local(TOMORROW, time(13)), heard=NOW - timedelta(days=3))
    seen = text(browser.get(INDEX))
    assert "Fjordbyen sykehus svarer ikke nå. Timer derfra kan mangle" in seen
    assert "Ring 55 44 44 44 hvis" in seen


def test_a_join_link_is_only_shown_when_it_is_safe(browser: Client, kari: Person) -> None:
    source = hospital(kari, at_local(TOMORROW, time(13)))
    row = source.appointments.get()
    row.join_url = "javascript:alert(1)"
    row.save()
    shown = browser.get(INDEX)
    assert "Kontroll på poliklinikken" in text(shown)
    assert "javascript:" not in shown.content.decode()


def test_empty_lists_say_what_would_be_here(browser: Client) -> None:
    seen = text(browser.get(INDEX))
    assert "Ingen kommende timer" in seen
    assert "Timer som er over eller avlyst, vil stå her." in seen


def test_past_ones_come_a_page_at_a_time_and_none_is_lost(gp: Office, kari: Person, clock: Clock) -> None:
    many(gp, kari, 25)
    hospital(kari, at_local(date(2026, 11, 25), time(13)))
    clock.goes(days=60)
    browser = browser_of(kari)
    first = browser.get(INDEX)
    older = re.search(r'href="(\?before=[^"]+)"[^>]*>Vis eldre', first.content.decode())
    assert older
    second = browser.get(INDEX + unescape(older[1]))
    both = text(first) + text(second)
    assert "Vis eldre" not in text(second)
    assert both.count("Time på legekontoret, Ingrid Aas") == 25
    assert both.count("Kontroll på poliklinikken, Fjordbyen sykehus") == 1


def many(gp: Office, patient: Person, number: int) -> None:
    gp.visit_type.max_coming = 1000
    gp.visit_type.save()
    for at in range(number):
        gp.booked(
            patient, day=date(2026, 11, 24) + timedelta(days=at // 12 * 7), clock=time(8 + at % 12 // 3, at % 3 * 20)
        )


def test_anothers_appointment_is_not_found(browser: Client, gp: Office) -> None:
    theirs = gp.booked(gp.patient("Per Testvik"))
    for page in ("", "bestilt/", "avbestill/", "timeavtale.ics"):
        assert browser.get(f"{INDEX}{theirs.pk}/{page}").status_code == 404
    assert browser.post(f"{INDEX}{theirs.pk}/avbestill/").status_code == 404
    assert browser.get(f"{INDEX}{uuid4()}/").status_code == 404


def test_the_appointments_own_page_and_its_calendar_file(browser: Client, gp: Office, kari: Person) -> None:
    booked = gp.booked(kari)
    seen = text(browser.get(f"{INDEX}{booked.pk}/"))
    assert "Time på legekontoret tirsdag 24. november kl. 08.00" in seen
    assert "Bestilt" in seen
    file = browser.get(f"{INDEX}{booked.pk}/timeavtale.ics")
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    content = file.content.decode().replace("\r\n ", "")
    assert f"UID:{booked.pk}@localhost" in content
    assert "DTSTART:20261124T070000Z" in content
    assert "Hoste" not in content
    services.cancel(actor=citizen(kari), appointment_id=booked.pk, now=NOW)
    cancelled = browser.get(f"{INDEX}{booked.pk}/timeavtale.ics").content.decode()
    assert "STATUS:CANCELLED" in cancelled
    assert "SEQUENCE:1" in cancelled


# ---- Avbestill time


def test_cancelling_in_time_is_free_and_says_so(browser: Client, gp: Office, kari: Person) -> None:
    booked = gp.booked(kari, day=date(2026, 11, 27))
    address = f"{INDEX}{booked.pk}/avbestill/"
    assert "Det er gratis å avbestille fram til torsdag 26. november kl. 08.00." in text(browser.get(address))
    done = browser.post(address, {"note": "Er blitt frisk"}, follow=True)
    assert "Timen er avbestilt. Det koster deg ingenting." in text(done)
    assert "Avbestilt" in text(done)
    booked.refresh_from_db()
    assert (booked.status, booked.is_late, booked.cancel_note) == (Status.CANCELLED, False, "Er blitt frisk")


def test_cancelling_late_is_allowed_and_warns_first(browser: Client, gp: Office, kari: Person) -> None:
    booked = gp.booked(kari, now=NOW - timedelta(hours=1))
    address = f"{INDEX}{booked.pk}/avbestill/"
    assert "Fristen for å avbestille var mandag 23. november kl. 09.30." in text(browser.get(address))
    assert "Det var etter fristen, så du kan få et gebyr." in text(browser.post(address, follow=True))
    booked.refresh_from_db()
    assert booked.is_late


def test_what_has_begun_cannot_be_cancelled_here_and_the_phone_is_there(
    browser: Client, gp: Office, kari: Person, clock: Clock
) -> None:
    booked = gp.booked(kari)
    clock.now = booked.starts_at + timedelta(minutes=1)
    browser = browser_of(kari)
    address = f"{INDEX}{booked.pk}/avbestill/"
    assert "Timen kan ikke avbestilles her" in text(browser.get(address))
    refused = browser.post(address)
    assert refused.status_code == 409
    assert "55 55 55 55" in text(refused)
    booked.refresh_from_db()
    assert booked.status == Status.BOOKED


def test_cancelling_twice_is_no_accident(browser: Client, gp: Office, kari: Person) -> None:
    booked = gp.booked(kari)
    address = f"{INDEX}{booked.pk}/avbestill/"
    browser.post(address)
    again = browser.post(address)
    assert again.status_code == 409
    assert "Timen er allerede avbestilt" in text(again)


# ---- Be om time


def send(browser: Client, gp: Office, **fields: object) -> Response:
    shown = browser.get(REQUEST)
    data = {"key": hidden(shown, "key"), "doctor": str(gp.doctor.pk), "wishes": "Sjekk av kneet", **fields}
    return browser.post(REQUEST, data)


def test_a_wish_is_sent_and_shown_with_what_she_asked_for(browser: Client, gp: Office, kari: Person) -> None:
    sent = send(browser, gp, coarse_times=["monday-am", "friday-pm"], channels=["phone"])
    wish = TimeRequest.objects.get(patient=kari)
    assert sent["Location"] == f"{INDEX}onsker/{wish.pk}/"
    seen = text(browser.get(sent["Location"]))
    assert "Sendt, venter på svar" in seen
    assert "Sjekk av kneet" in seen
    assert "mandag formiddag, fredag ettermiddag" in seen
    assert "Ønske om time hos Ingrid Aas" in text(browser.get(INDEX))


def test_the_same_form_twice_is_one_wish(browser: Client, gp: Office) -> None:
    key = str(uuid4())
    first, second = send(browser, gp, key=key), send(browser, gp, key=key)
    assert first["Location"] == second["Location"]
    assert TimeRequest.objects.count() == 1


def test_a_second_wish_is_refused_and_what_was_typed_stays(browser: Client, gp: Office) -> None:
    send(browser, gp)
    refused = send(browser, gp, wishes="Noe helt annet")
    assert refused.status_code == 409
    assert "Du har allerede et timeønske som ikke er besvart." in text(refused)
    assert "Noe helt annet</textarea>" in refused.content.decode()


def test_a_wish_without_words_is_refused_at_the_field(browser: Client, gp: Office) -> None:
    refused = send(browser, gp, wishes=" ")
    assert refused.status_code == 422
    assert "Skriv kort hva du ønsker time til." in text(refused)
    assert not TimeRequest.objects.exists()


def test_a_wish_can_be_withdrawn_once(browser: Client, gp: Office) -> None:
    address = send(browser, gp)["Location"]
    assert "Ønsket er trukket tilbake." in text(browser.post(f"{address}trekk/", follow=True))
    assert browser.post(f"{address}trekk/").status_code == 409


def test_an_assigned_time_is_shown_and_may_be_declined(browser: Client, gp: Office) -> None:
    address = send(browser, gp)["Location"]
    wish = TimeRequest.objects.get()
    services.assign_request(
        actor=gp.staff(Role.SECRETARY),
        request_id=wish.pk,
        calendar_id=gp.calendar.pk,
        visit_type_id=gp.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(TOMORROW, time(9)),
        now=NOW,
    )
    seen = text(browser.get(address))
    assert "Du har fått time" in seen
    assert "Tirsdag 24. november kl. 09.00–09.20" in seen
    assert "Du har takket nei til timen." in text(browser.post(f"{address}takk-nei/", follow=True))
    assert Appointment.objects.get().status == Status.CANCELLED
    assert browser.post(f"{address}takk-nei/").status_code == 409


def test_a_refusal_shows_the_offices_words(browser: Client, gp: Office) -> None:
    address = send(browser, gp)["Location"]
    services.refuse_request(
        actor=gp.staff(), request_id=TimeRequest.objects.get().pk, text="Ta kontakt på telefon.", now=NOW
    )
    seen = text(browser.get(address))
    assert "Kunne ikke gi time" in seen
    assert "Ta kontakt på telefon." in seen
    assert "Kunne ikke gi time" in text(browser.get(INDEX))


def test_anothers_wish_is_not_found(browser: Client, gp: Office) -> None:
    theirs = send(browser_of(gp.patient("Per Testvik")), gp)["Location"]
    assert browser.get(theirs).status_code == 404
    assert browser.post(f"{theirs}trekk/").status_code == 404
    assert browser.post(f"{theirs}takk-nei/").status_code == 404


# ---- every page


def pages(gp: Office, kari: Person, browser: Client) -> list[str]:
    booked = gp.booked(kari)
    wish = send(browser, gp)["Location"]
    hold(browser, gp, clock=time(10))
    own = f"{INDEX}{booked.pk}/"
    return [INDEX, BOOK, REVIEW, REQUEST, wish, own, f"{own}bestilt/", f"{own}avbestill/"]


def test_no_page_asks_the_database_more_than_twelve_times(browser: Client, gp: Office, kari: Person) -> None:
    for address in pages(gp, kari, browser):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200, address
        assert len(queries) <= 12, (address, [query["sql"][:120] for query in queries])


def test_the_limit_of_own_times_is_told_before_she_chooses(browser: Client, gp: Office, kari: Person) -> None:
    assert "Nå er timene til og med" not in text(browser.get(BOOK))
    gp.visit_type.max_coming = 1
    gp.visit_type.release_clock = time(8)
    gp.visit_type.save()
    assert "Nye timer legges ut hver dag kl. 08.00. Nå er timene til og med" in text(browser.get(BOOK))
    gp.booked(kari)
    page = browser.get(BOOK)
    assert "Du har allerede så mange timer" in text(page)
    assert 'name="time"' not in page.content.decode()


def test_a_day_beyond_the_plan_shows_the_nearest_week_and_says_so(browser: Client, gp: Office) -> None:
    page = text(browser.get(f"{BOOK}?day=2027-12-01"))
    assert "til og med fredag 22. januar 2027. Her er den nærmeste uken." in page


def test_she_moves_a_time_by_the_same_picker_and_sees_from_and_to(browser: Client, gp: Office, kari: Person) -> None:
    row = gp.booked(kari, day=date(2026, 12, 1), reason="Hoste")
    shown = browser.get(f"/timeavtaler/{row.pk}/")
    link = f"{BOOK}?move={row.pk}"
    assert f'href="{link}"' in shown.content.decode()
    page = browser.get(link)
    assert "Nå har du time tirsdag 1. desember kl. 08.00. Du beholder den til du har valgt en ny." in text(page)
    value = time_value(gp.calendar.pk, at_local(date(2026, 12, 2), time(9)))
    review = browser.post(link, {"time": value}).headers["Location"]
    shown = browser.get(review)
    assert "Fratirsdag 1. desember kl. 08.00" in text(shown)
    assert "Tilonsdag 2. desember kl. 09.00" in text(shown)
    assert "Vi holder den nye tiden av til deg" in text(shown)
    assert shown.context["form"]["reason"].value() == "Hoste"
    gone = browser.post(review, {"reason": "Hoste og feber", "mark": shown.context["row"].mark})
    assert gone.headers["Location"] == f"/timeavtaler/{row.pk}/"
    row.refresh_from_db()
    assert (row.starts_at, row.reason) == (at_local(date(2026, 12, 2), time(9)), "Hoste og feber")
    calendar = browser.get(f"/timeavtaler/{row.pk}/timeavtale.ics").content.decode()
    assert f"UID:{row.pk}@" in calendar
    assert "SEQUENCE:1" in calendar
    assert "DTSTART:20261202T080000Z" in calendar


def test_a_time_that_was_taken_while_she_looked_keeps_the_old_one_and_shows_free_ones(
    browser: Client, gp: Office, kari: Person
) -> None:
    row = gp.booked(kari, day=date(2026, 12, 1))
    gp.booked(gp.patient("Per Testvik"), day=date(2026, 12, 2), clock=time(9))
    value = time_value(gp.calendar.pk, at_local(date(2026, 12, 2), time(9)))
    address = f"/timeavtaler/{row.pk}/flytt/?time={value}"
    taken = browser.post(address, {"reason": "", "mark": browser.get(address).context["row"].mark})
    assert taken.status_code == 409
    assert "Timen er ikke flyttet" in text(taken)
    assert 'name="time"' in taken.content.decode()
    row.refresh_from_db()
    assert row.starts_at == at_local(date(2026, 12, 1), time(8))


def test_what_cannot_be_moved_says_why_and_whom_to_call(browser: Client, gp: Office, kari: Person) -> None:
    row = gp.booked(kari, now=NOW - timedelta(minutes=31))
    page = browser.get(f"{BOOK}?move={row.pk}")
    assert page.status_code == 409
    assert "Fristen for å flytte timen var" in text(page)
    assert "55 55 55 55" in text(page)
    assert "Flytt time" not in text(browser.get(f"/timeavtaler/{row.pk}/"))
    stranger = browser_of(office().patient("Per Testvik"))
    assert stranger.get(f"{BOOK}?move={row.pk}").status_code == 404
    assert stranger.get(f"/timeavtaler/{row.pk}/flytt/").status_code == 404


def test_the_first_free_time_the_half_of_the_day_and_the_month_are_a_press_away(browser: Client, gp: Office) -> None:
    block = gp.block_by_weekday[1]
    block.ends = time(14)
    block.save()
    page = browser.get(BOOK)
    assert "Første ledige: " in text(page)
    afternoon = browser.get(f"{BOOK}?half=pm")
    assert set(re.findall(r"@2026-\d\d-\d\dT(\d\d)", afternoon.content.decode())) == {"11", "12"}  # UTC
    assert "half=pm" in afternoon.context["week"].later
    month = browser.get(f"{BOOK}?view=month&day=2026-12-01")
    assert "Desember 2026: 22 dager med ledige timer" in text(month)  # 23 weekdays, and Christmas Day is closed
    days = {day.day: day.count for week in month.context["month"].weeks for day in week if day}
    assert (days[date(2026, 12, 1)], days[date(2026, 12, 25)], days[date(2026, 12, 26)]) == (18, 0, 0)
    assert "view=month" in month.content.decode()


def test_with_anybody_the_button_names_nobody_and_who_it_is_stands_on_the_next_page(
    browser: Client, gp: Office, kari: Person
) -> None:
    planned(gp, Clinician.objects.create(name="Siv Moe", hpr_number="8999999"))
    gp.visit_type.is_with_anybody = True
    gp.visit_type.save()
    page = browser.get(BOOK)
    assert "Siv Moe" in text(page)
    value = time_value(None, at_local(date(2026, 11, 24), time(8)))
    assert value in page.content.decode()
    review = browser.post(BOOK, {"time": value})
    assert Claim.objects.get().holder_id == kari.pk
    assert Claim.objects.get().calendar.clinician.name in text(browser.get(review.headers["Location"]))


def test_a_hospital_time_goes_into_her_own_calendar_and_tells_no_clinic(
    browser: Client, gp: Office, kari: Person
) -> None:
    hospital(kari, at_local(date(2026, 11, 25), time(13)))
    row = ExternalAppointment.objects.get()
    address = f"/timeavtaler/andre/{row.pk}/timeavtale.ics"
    assert address in browser.get(INDEX).content.decode()
    content = browser.get(address).content.decode()
    assert f"UID:{row.pk}@" in content
    assert "DTSTART:20261125T120000Z" in content
    assert "DTEND:20261125T" in content
    assert "SEQUENCE:0" in content
    assert "poliklinikk" not in content.lower()
    assert browser_of(gp.patient("Per Testvik")).get(address).status_code == 404


def test_the_list_asks_as_often_for_twenty_as_for_one(gp: Office) -> None:
    counts = []
    for number, place in ((1, gp), (20, office())):
        who = place.patient()
        many(place, who, number)
        browser = browser_of(who)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(INDEX).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ["Timeavtaler", "Bestill time", "Se over og bestill", "Be om time"]),
        ("nn", ["Timeavtalar", "Bestill time", "Sjå over og bestill", "Be om time"]),
        ("en", ["Appointments", "Book an appointment", "Check and book", "Ask for an appointment"]),
    ],
)
def test_the_pages_speak_three_languages(
    browser: Client, gp: Office, kari: Person, language: str, words: list[str]
) -> None:
    shown = pages(gp, kari, browser)
    for address, heading in zip(shown[:4], words, strict=True):
        page = browser.get(address, headers={"Accept-Language": language})
        found = re.search(r"<h1[^>]*>(.*?)</h1>", page.content.decode(), re.DOTALL)
        assert found
        assert re.sub(r"<[^>]+>", "", found[1]).strip() == heading


def test_every_form_works_without_script(browser: Client, gp: Office, kari: Person) -> None:
    for address in pages(gp, kari, browser):
        for form in re.findall(r"<form\b.*?</form>", browser.get(address).content.decode(), re.DOTALL):
            assert re.search(r'^<form[^>]* method="(get|post)"[^>]* action="/|^<form[^>]* action="/', form, re.DOTALL)
            assert "<button" in form
            assert 'method="get"' in form or "csrfmiddlewaretoken" in form


def test_nothing_is_left_in_the_browser(browser: Client, gp: Office, kari: Person) -> None:
    for address in pages(gp, kari, browser):
        assert "no-store" in browser.get(address)["Cache-Control"], address


def named(gp: Office, *clocks: time) -> None:
    services.propose_times(
        actor=gp.staff(),
        request_id=TimeRequest.objects.get().pk,
        times=[
            services.Proposed(gp.calendar.pk, gp.visit_type.pk, Channel.ATTENDANCE, at_local(TOMORROW, clock))
            for clock in clocks
        ],
        now=NOW,
    )


def test_a_wish_says_by_when_it_is_answered_before_and_after_and_on_hjem(browser: Client, gp: Office) -> None:
    assert "Svar innenmandag 30. november" in text(browser.get(REQUEST))
    address = send(browser, gp)["Location"]
    assert "Du får svar senest mandag 30. november." in text(browser.get(address))
    home = text(browser.get("/hjem/"))
    assert "Du har bedt om time" in home
    assert "Svar innen mandag 30. november" in home


def test_she_chooses_one_of_the_times_or_says_that_none_suits(browser: Client, gp: Office) -> None:
    address = send(browser, gp)["Location"]
    named(gp, time(9), time(10))
    assert "Velg mellom tider til timen du ba om" in text(browser.get("/hjem/"))
    shown = browser.get(address)
    assert "Velg tirsdag 24. november kl. 09.00" in shown.content.decode()
    answer = browser.post(f"{address}passer-ikke/", {"text": "Bare fredager", "was": "1"}, follow=True)
    assert "Bare fredager" in text(answer)
    assert "Kontoret har fått beskjed, og finner andre tider til deg." in text(answer)

    named(gp, time(9), time(11))
    gp.booked(gp.patient("Per Testvik"), clock=time(9))
    shown = browser.get(address)
    assert "Ikke ledig lenger" in text(shown)
    chosen = {"time": hidden(shown, "time"), "price": hidden(shown, "price")}
    assert browser.post(f"{address}velg/", {**chosen, "price": "1"}).status_code == 409
    received = browser.post(f"{address}velg/", chosen, follow=True)
    assert "Tirsdag 24. november kl. 11.00" in text(received)
    assert "Du valgte en time" in text(browser.get(address))


def test_a_time_that_is_gone_answers_with_the_others(browser: Client, gp: Office) -> None:
    address = send(browser, gp)["Location"]
    named(gp, time(9), time(10))
    chosen = {"time": hidden(browser.get(address), "time")}
    gp.booked(gp.patient("Per Testvik"), clock=time(9))
    lost = browser.post(f"{address}velg/", chosen)
    assert lost.status_code == 409
    assert "Noen andre rakk å ta denne timen." in text(lost)
    assert "Velg tirsdag 24. november kl. 10.00" in lost.content.decode()
