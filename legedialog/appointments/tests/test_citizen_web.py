"""The citizen's other pages of appointments, through the whole stack as a browser without script sees them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from legedialog.access.actor import Role
from legedialog.appointments import services
from legedialog.appointments.models import (
    Appointment,
    Channel,
    ExternalAppointment,
    Source,
    Status,
    TimeRequest,
)
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.core.times import at_local
from legedialog.patients.models import Person

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response
from legedialog.appointments.tests.browsing import (
    BOOK,
    INDEX,
    REQUEST,
    REVIEW,
    Clock,
    browser_of,
    hidden,
    hold,
    last_step,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


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
    assert "Vil du flytte eller avbestille, ringer du Fjordbyen sykehus: 55 44 44 44" in seen
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


def test_a_near_time_has_the_same_deadline_before_and_after_it_is_booked(
    browser: Client, gp: Office, kari: Person
) -> None:
    """Tomorrow at eight: the office's deadline is over, but for half an hour nothing is late."""
    said = "Avbestill senest mandag 23. november kl. 10.30."
    hold(browser, gp)
    shown = browser.get(REVIEW)
    assert said in text(shown)
    assert "Fristen for å avbestille er ute" not in text(shown)
    response = browser.post(REVIEW, last_step(shown, "Vondt i kneet"), follow=True)
    assert said in text(response)
    assert said in text(browser.get(f"{INDEX}{Appointment.objects.get().pk}/"))


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
