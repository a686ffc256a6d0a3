"""What is said of each event, whether it is still true, and that nothing of a visit stands in it."""

import ast
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

import legedialog
from legedialog.access.actor import Role
from legedialog.appointments import services
from legedialog.appointments.models import (
    Appointment,
    Channel,
    ExternalAppointment,
    Recall,
    Source,
    Status,
    TimeOffer,
    TimeRequest,
    Wait,
)
from legedialog.appointments.tests import factories, test_requests
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office
from legedialog.appointments.tests.test_moving import move
from legedialog.audit.models import Concern
from legedialog.consent.models import Consent, Level
from legedialog.core import contexts
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import at_local, local_day
from legedialog.fees import billing, charging, paying
from legedialog.fees.models import Charge
from legedialog.fees.tests.factories import charged, owed
from legedialog.journal.models import CorrectionRequest
from legedialog.journeys import log, notices, telling
from legedialog.outbox import services as outbox_services
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice, Reason, Skip
from legedialog.patients import services as patients
from legedialog.patients.models import Person
from legedialog.patients.representation import Area
from legedialog.patients.rules import NoticeKind, Way

pytestmark = pytest.mark.django_db

# One SMS holds 160 of these signs. Source: 3GPP TS 23.038, the basic set (the letters and signs we write).
SMS_SIGNS = set("abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅéàòäöüñ0123456789 .,:;!?'\"()/+-=&%@\n")
SECRETS = ("Hoste", "Vanlig time", "Ordinary visit", "Ingrid", "Aas", "Fjordbyen", "Storgata", "Onkologisk", "http")
TO_EMPLOYEES = {"work.waits"}  # in workspace/reach/tests
Made = Appointment | TimeRequest | ExternalAppointment | Charge | Recall | Wait | TimeOffer


@pytest.fixture
def office() -> Office:
    return factories.office()


@pytest.fixture
def kari(office: Office) -> Person:
    return office.patient()


def notice(event: str, of: Made, **changes: object) -> Notification:
    found = Notification.objects.select_related("recipient").filter(event=event, object_id=of.pk, **changes)
    return found.get()


def said(event: str, of: Made, now: datetime = NOW) -> Notice:
    decision = telling.decide(notice(event, of), now)
    assert isinstance(decision, Notice)
    return decision


def skipped(event: str, of: Made, now: datetime = NOW) -> Skip:
    decision = telling.decide(notice(event, of), now)
    assert isinstance(decision, Skip)
    return decision


def told_of_a_walk_in(office: Office, kari: Person) -> Any:
    """What is said of a joined one is about her alone: test_walk_ins.py."""
    for event in ("walk-in.joined", "walk-in.parted"):
        outbox_services.put(event, kari.pk, recipient_id=kari.pk, practice_id=office.practice.pk, now=NOW)
    return kari


def concern_answered(office: Office, kari: Person) -> Any:
    asked = Concern.objects.create(
        event_id=new_id(),
        event_at=NOW,
        patient_id=kari.pk,
        practice_id=office.practice.pk,
        text="Hvorfor ble jeg åpnet?",
        sent_at=NOW,
        answer_by=NOW.date(),
    )
    log.answer(actor=office.staff(Role.DOCTOR), concern_id=asked.pk, text="Du ringte oss.", now=NOW)
    return asked


def test_the_answer_to_a_question_about_the_log_is_told_once(office: Office, kari: Person) -> None:
    asked = concern_answered(office, kari)
    told = Notification.objects.get()
    assert (told.event, told.object_id, told.recipient_id) == ("concern.answered", asked.pk, kari.pk)
    with pytest.raises(Refused):
        log.answer(actor=office.staff(Role.DOCTOR), concern_id=asked.pk, text="Igjen", now=NOW)
    stranger = factories.office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR)
    with pytest.raises(NotFound):
        log.answer(actor=stranger, concern_id=asked.pk, text="Hei", now=NOW)
    assert Notification.objects.count() == 1


def cancelled_by_office(office: Office, kari: Person) -> Appointment:
    booked = office.booked(kari)
    return services.cancel(actor=office.staff(), appointment_id=booked.pk, note="Legen er syk", now=NOW)


def cancelled_by_patient(office: Office, kari: Person) -> Appointment:
    booked = office.booked(kari)
    return services.cancel(actor=factories.citizen(kari), appointment_id=booked.pk, now=NOW)


def waiting(office: Office, kari: Person) -> Wait:
    """For an earlier time than one that is far ahead."""
    booked = office.booked(kari, day=date(2026, 12, 22))
    wait = Wait.objects.create(
        appointment=booked, patient=kari, practice=office.practice, asked_by=kari, asked_at=NOW, status_at=NOW
    )
    for event in ("wait.removed", "wait.silent"):
        outbox_services.put(event, wait.pk, recipient_id=kari.pk, practice_id=office.practice.pk, now=NOW)
    return wait


def offered(office: Office, kari: Person) -> TimeOffer:
    starts_at = at_local(date(2026, 12, 16), time(10))
    offer = TimeOffer.objects.create(
        wait=waiting(office, kari),
        calendar=office.calendar,
        starts_at=starts_at,
        offered_at=NOW,
        answer_by=starts_at - timedelta(hours=2),
        status_at=NOW,
    )
    outbox_services.put("appointment.offered", offer.pk, recipient_id=kari.pk, practice_id=office.practice.pk, now=NOW)
    return offer


def reminded(office: Office, kari: Person) -> Appointment:
    return office.booked(kari, day=date(2026, 11, 30))


def wish(office: Office, kari: Person) -> TimeRequest:
    return services.send_request(
        actor=factories.citizen(kari),
        patient_id=kari.pk,
        clinician_id=office.doctor.pk,
        key=new_id(),
        wishes="Hoste",
        coarse_times=[],
        channels=[Channel.ATTENDANCE],
        now=NOW,
    )


def refused(office: Office, kari: Person) -> TimeRequest:
    return services.refuse_request(
        actor=office.staff(), request_id=wish(office, kari).pk, text="Hoste går over", now=NOW
    )


def proposed(office: Office, kari: Person) -> TimeRequest:
    return test_requests.propose(office, wish(office, kari), test_requests.NINE)


def external(
    office: Office, kari: Person, status: str = Status.BOOKED, title: str = "Onkologisk"
) -> ExternalAppointment:
    source, _ = Source.objects.get_or_create(name="Fjordbyen sykehus", organisation_number="974557746")
    kept, _outcome = services.receive_external(
        source_id=source.pk,
        identifier=source.pk,
        patient_id=kari.pk,
        status=status,
        starts_at=NOW + timedelta(days=3),
        ends_at=None,
        channel=Channel.VIDEO,
        title=title,
        place="Fjordbyen sykehus",
        instruction="",
        join_url="https://video.example.no/1",
        sent_at=None,
        now=NOW,
    )
    return kept


def external_cancelled(office: Office, kari: Person) -> ExternalAppointment:
    return external(office, kari, Status.CANCELLED)


def doctor_ready(office: Office, kari: Person) -> Appointment:
    booked = office.booked(kari)
    outbox_services.put("video.ready", booked.pk, recipient_id=kari.pk, practice_id=booked.practice_id, now=NOW)
    return booked


def moved(office: Office, kari: Person) -> Appointment:
    booked = office.booked(kari)
    Notification.objects.update(status="sent", status_at=NOW)
    return move(office, office.staff(), booked, booked.starts_at + timedelta(hours=1))


def changed(office: Office, kari: Person) -> Appointment:
    booked = office.booked(kari)
    Notification.objects.update(status="sent", status_at=NOW)
    return move(office, office.staff(), booked, booked.starts_at, channel=Channel.PHONE)


def bill_late(office: Office, kari: Person) -> Charge:
    billed = charged(office, kari)
    billing.remind(actor=office.staff(), practice_id=office.practice.pk, now=NOW + timedelta(days=60))
    return billed


def paid_back(office: Office, kari: Person) -> Charge:
    billed = charged(office, kari)
    charging.waive(actor=office.staff(), charge_id=billed.pk, reason="Avtalt", now=NOW)
    paying.refund(actor=office.staff(), charge_id=billed.pk, ore=5_000, key=new_id(), now=NOW)
    return billed


def recalled(office: Office, kari: Person) -> Made:
    [row] = services.ask_to_book(
        actor=office.staff(),
        practice_id=office.practice.pk,
        round_id=new_id(),
        patient_ids=[kari.pk],
        visit_type_id=office.visit_type.pk,
        calendar_id=None,
        first_date=local_day(NOW),
        last_date=local_day(NOW) + timedelta(days=10),
        now=NOW,
    )
    return row


EVERY_TEXT: list[tuple[str, Callable[[Office, Person], Made], datetime]] = [
    ("appointment.booked", Office.booked, NOW),
    ("appointment.reminder", reminded, datetime(2026, 11, 28, 7, 0, tzinfo=UTC)),
    ("appointment.moved", moved, NOW),
    ("appointment.changed", changed, NOW),
    ("charge.approved", owed, NOW),
    ("charge.changed", charged, NOW),
    ("charge.invoiced", charged, NOW),
    ("charge.reminded", bill_late, NOW),
    ("charge.refunded", paid_back, NOW),
    ("appointment.cancelled", cancelled_by_office, NOW),
    ("appointment.cancelled", cancelled_by_patient, NOW),
    ("video.ready", doctor_ready, NOW),
    ("request.refused", refused, NOW),
    ("request.proposed", proposed, NOW),
    ("external.changed", external, NOW),
    ("appointment.offered", offered, NOW),
    ("wait.removed", waiting, NOW),
    ("wait.silent", waiting, NOW),
    ("recall.asked", recalled, NOW),
    ("recall.reminder", recalled, NOW),
    ("concern.answered", concern_answered, NOW),
    ("external.changed", external_cancelled, NOW),
    ("walk-in.joined", told_of_a_walk_in, NOW),
    ("walk-in.parted", told_of_a_walk_in, NOW),
]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize(("event", "make", "now"), EVERY_TEXT)
def test_no_text_tells_of_a_visit_and_each_fits_in_one_sms(
    office: Office, kari: Person, event: str, make: Callable[[Office, Person], Made], now: datetime, language: str
) -> None:
    made = make(office, kari)
    Person.objects.filter(pk=kari.pk).update(language=language)
    notice = said(event, made, now)
    for secret in SECRETS:
        assert secret.lower() not in notice.text.lower()
        assert secret.lower() not in notice.subject.lower()
    assert len(notice.text) <= 160
    assert set(notice.text) <= SMS_SIGNS
    assert "Legedialog" in notice.subject
    assert notice.language == language


def test_the_texts_cover_every_event() -> None:
    birthdays = {"access.narrows", "access.ends"}  # in test_representation.py
    dialogues = {event for event in contexts.notices() if event.startswith("dialogue.")}  # in test_dialogues.py
    renewals = {
        event for event in contexts.notices() if event.startswith(("renewal.", "prescription."))
    }  # in test_renewal_notices.py
    corrections = {"correction.answered", "journal.moved"}  # below
    elsewhere = birthdays | dialogues | renewals | corrections | TO_EMPLOYEES
    assert {event for event, *_ in EVERY_TEXT} | elsewhere == set(contexts.notices())


def test_every_sentence_of_a_notice_is_told_of_in_docs() -> None:
    """docs/notices.md is made of what contexts say; that each event says its own, conftest.py sees to."""
    told = {case for notice in contexts.notices().values() for case in notice.cases.values()}
    written = set()
    for file in Path(legedialog.__file__).parent.glob("*/notices.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                written.add(re.sub(r"%\(\w+\)s", "…", ast.literal_eval(node.args[0])))
    assert written - told == set()
    assert len(written) > 20


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("say", [notices.correction_answered, notices.journal_moved])
@pytest.mark.parametrize("is_for_another", [False, True])
def test_what_is_told_of_a_correction_asks_nothing_and_fits_in_one_sms(
    is_for_another: bool, say: Any, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("legedialog.journeys.notices.acting.allowed", lambda *_: True)
    patient, parent = new_id(), new_id()
    told = Notification(recipient_id=parent if is_for_another else patient)
    with translation.override(language):
        text = str(say(CorrectionRequest(patient_id=patient), told, NOW).text)
    assert len(text) <= 160
    assert set(text) <= SMS_SIGNS


def test_the_words_are_in_the_persons_language_whoever_works(office: Office, kari: Person) -> None:
    booked = office.booked(kari)
    with translation.override("en"):
        assert said("appointment.booked", booked).text == (
            "Du har fått time tirsdag 24. november kl. 08.00. Logg inn på Legedialog for å se hvor."
        )


@pytest.mark.parametrize("language", ["nn", "en"])
def test_each_language_has_its_own_words(office: Office, kari: Person, language: str) -> None:
    booked = office.booked(kari)
    bokmal = said("appointment.booked", booked).text
    Person.objects.filter(pk=kari.pk).update(language=language)
    assert said("appointment.booked", booked).text != bokmal


def test_the_time_is_the_clinics_on_both_sides_of_the_change_in_autumn(office: Office, kari: Person) -> None:
    before = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
    summer = office.booked(kari, day=date(2026, 10, 23), now=before)
    winter = office.booked(kari, day=date(2026, 10, 26), now=before)
    assert "fredag 23. oktober kl. 08.00" in said("appointment.booked", summer, before).text
    assert "mandag 26. oktober kl. 08.00" in said("appointment.booked", winter, before).text
    assert winter.starts_at.hour - summer.starts_at.hour == 1


def test_a_reminder_for_a_cancelled_appointment_is_not_sent(office: Office, kari: Person) -> None:
    booked = reminded(office, kari)
    services.cancel(actor=factories.citizen(kari), appointment_id=booked.pk, now=NOW)
    due = booked.starts_at - timedelta(hours=48)
    assert skipped("appointment.reminder", booked, due) == Skip(Reason.CANCELLED)
    assert skipped("appointment.booked", booked) == Skip(Reason.CANCELLED)


def test_a_reminder_that_comes_too_late_is_not_sent(office: Office, kari: Person) -> None:
    booked = reminded(office, kari)
    assert skipped("appointment.reminder", booked, booked.starts_at) == Skip(Reason.OVER)


def test_a_reminder_of_the_time_before_a_move_is_not_sent(office: Office, kari: Person) -> None:
    booked = reminded(office, kari)
    later = booked.starts_at + timedelta(days=7)
    Appointment.objects.filter(pk=booked.pk).update(starts_at=later, ends_at=later + timedelta(minutes=20))
    due = booked.starts_at - timedelta(hours=48)
    assert skipped("appointment.reminder", booked, due) == Skip(Reason.CHANGED)


def test_a_patient_who_has_arrived_is_told_nothing_more(office: Office, kari: Person) -> None:
    booked = office.booked(kari)
    Appointment.objects.filter(pk=booked.pk).update(status=Status.ARRIVED)
    assert skipped("appointment.booked", booked) == Skip(Reason.OVER)


def test_a_cancellation_after_the_time_is_not_told(office: Office, kari: Person) -> None:
    cancelled = cancelled_by_office(office, kari)
    assert skipped("appointment.cancelled", cancelled, cancelled.starts_at) == Skip(Reason.OVER)


def test_the_office_must_tell_what_only_it_knows(office: Office, kari: Person) -> None:
    assert said("appointment.cancelled", cancelled_by_office(office, kari)).office_tells
    assert said("request.refused", refused(office, kari)).office_tells


def test_the_office_need_not_tell_what_the_patient_did_herself(office: Office, kari: Person) -> None:
    assert not said("appointment.cancelled", cancelled_by_patient(office, kari)).office_tells
    assert not said("appointment.booked", office.booked(kari)).office_tells
    assert not said("external.changed", external(office, kari)).office_tells


def test_the_office_must_tell_of_a_time_it_gave_as_an_answer(office: Office, kari: Person) -> None:
    answered = services.assign_request(
        actor=office.staff(),
        request_id=wish(office, kari).pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(TOMORROW, time(8)),
        now=NOW,
    )
    assert answered.appointment is not None
    assert said("appointment.booked", answered.appointment).office_tells


def test_without_full_access_nothing_is_sent(office: Office, kari: Person) -> None:
    booked, other = office.booked(kari), office.booked(kari, clock=time(9))
    services.cancel(actor=office.staff(), appointment_id=other.pk, now=NOW)
    Consent.objects.filter(person=kari).update(level=Level.BASIS)
    assert skipped("appointment.booked", booked) == Skip(Reason.NO_CONSENT)
    assert skipped("appointment.cancelled", other) == Skip(Reason.NO_CONSENT, office_tells=True)


def test_nobody_writes_to_the_dead(office: Office, kari: Person) -> None:
    booked = office.booked(kari)
    Person.objects.filter(pk=kari.pk).update(death_date=NOW.date())
    assert skipped("appointment.booked", booked) == Skip(Reason.DECEASED)


def test_contact_data_is_the_persons_and_counts_18_months(office: Office, kari: Person) -> None:
    booked = office.booked(kari)
    Person.objects.filter(pk=kari.pk).update(contact_confirmed_at=datetime(2025, 5, 24, 9, 0, tzinfo=UTC))
    contact = said("appointment.booked", booked).contact
    assert (contact.phone, contact.wants_sms, contact.wants_email) == ("+4799999999", True, True)
    assert contact.is_fresh
    Person.objects.filter(pk=kari.pk).update(contact_confirmed_at=datetime(2025, 5, 23, 9, 0, tzinfo=UTC))
    assert not said("appointment.booked", booked).contact.is_fresh


@pytest.mark.parametrize(
    ("way", "sms", "email"),
    [("either", True, True), ("sms", True, False), ("email", False, True), ("none", False, False)],
)
def test_each_kind_of_notice_goes_the_way_she_has_chosen_when_it_is_sent(
    office: Office, kari: Person, way: str, sms: bool, email: bool
) -> None:
    booked = office.booked(kari)
    patients.choose_notices(
        actor=factories.citizen(kari), person_id=kari.pk, ways={NoticeKind.BOOKED: Way(way)}, now=NOW
    )
    contact = said("appointment.booked", booked).contact
    assert (contact.wants_sms, contact.wants_email) == (sms, email)
    services.cancel(actor=office.staff(), appointment_id=booked.pk, now=NOW)
    other = said("appointment.cancelled", booked).contact
    assert (other.wants_sms, other.wants_email) == (True, True)


def test_every_event_is_of_a_kind_that_a_person_can_choose_for() -> None:
    by_law = {"access.narrows", "access.ends"}  # there is nothing to choose about a birthday
    kinds = {event: told.kind for event, told in contexts.notices().items() if told.kind}
    assert kinds.keys() == contexts.notices().keys() - by_law - TO_EMPLOYEES
    assert set(kinds.values()) == set(NoticeKind)


def test_every_event_has_what_one_must_be_allowed_to_see() -> None:
    """What is about a child is told to whoever may see it: an event that does not say the area is told to nobody."""
    by_the_words = "access.narrows"  # to herself or a parent
    silent = [event for event in contexts.notices().keys() - TO_EMPLOYEES if not contexts.notices()[event].area]
    silent = [event for event in silent if event != by_the_words]
    assert not silent, f"say their `area` in `notices` of their context's about.py: {silent}"
    areas = {told.area for told in contexts.notices().values() if not callable(told.area)}
    assert areas - {""} <= set(Area)


def test_of_two_changes_at_another_place_only_the_latest_is_told(office: Office, kari: Person) -> None:
    external(office, kari)
    changed = external(office, kari, title="Ortopedisk")
    first, second = Notification.objects.filter(event="external.changed").order_by("sequence")
    assert telling.decide(first, NOW) == Skip(Reason.CHANGED)
    assert isinstance(telling.decide(second, NOW), Notice)
    assert changed.sequence == second.sequence


def test_an_event_without_words_is_an_error_for_us(kari: Person) -> None:
    unknown = Notification(event="unknown", object_id=kari.pk, recipient=kari)
    with pytest.raises(KeyError):
        telling.decide(unknown, NOW)
