"""What stood in a citizen's page was closed, moved, cancelled or done from another window before she sent: nothing is
done with what she typed, she reads what happened, and she has her text. The office's: workspace/tests/test_stale.py."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.stale import TYPED, Stale, then_nothing_is_done_and_she_has_her_text
from legedialog.appointments import services as appointments
from legedialog.appointments.picker import time_value
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.intake import Question
from legedialog.dialogues.models import Draft, Kind
from legedialog.dialogues.tests.factories import answered, draft, mark
from legedialog.journal.models import Entry
from legedialog.journeys import misfiling
from legedialog.patients import services as persons
from legedialog.patients.models import Person
from legedialog.practices.models import Offer
from legedialog.prescriptions import services as prescriptions
from legedialog.prescriptions.tests.factories import prescription
from legedialog.video.tests.factories import video


def closes(at: Office, *services: str) -> Callable[[], object]:
    return lambda: Offer.objects.filter(practice=at.practice, service__in=services).delete()


def reply_to_a_dialogue_that_was_closed(at: Office, kari: Person) -> Stale:
    thread = answered(at, kari, kind=Kind.CONTACT)
    page = reverse("dialogues:show", args=[thread.pk])
    close = lambda: dialogues.close(  # noqa: E731
        actor=at.staff(Role.DOCTOR, name="Jonas Vik"), dialogue_id=thread.pk, mark=mark(thread), now=NOW
    )
    return Stale(page, reverse("dialogues:reply", args=[thread.pk]), {"text": TYPED}, close, "")


def reply_to_a_dialogue_that_was_moved(at: Office, kari: Person) -> Stale:
    thread = answered(at, kari)
    page = reverse("dialogues:show", args=[thread.pk])
    gone = lambda: misfiling.misfile(  # noqa: E731
        actor=at.staff(Role.DOCTOR, name="Jonas Vik"),
        entry_id=Entry.objects.filter(patient=kari)[0].pk,
        number="",
        whole=True,
        reason="Feil pasient.",
        tells=False,
        tells_other=False,
        now=NOW,
    )
    return Stale(page, reverse("dialogues:reply", args=[thread.pk]), {"text": TYPED}, gone, "er flyttet, slettet")


def letter_to_an_office_that_has_stopped_taking_them(at: Office, kari: Person) -> Stale:
    draft(kari, text="")
    page = reverse("dialogues:write", args=["e-konsultasjon"])
    return Stale(page, page, {"text": TYPED}, closes(at, "econsultation"), "")


def letter_that_was_sent_from_another_window(at: Office, kari: Person) -> Stale:
    begun = draft(kari)
    page = reverse("dialogues:write", args=["e-konsultasjon"])
    send = lambda: dialogues.send(actor=citizen(kari), draft_id=begun.pk, now=NOW)  # noqa: E731
    return Stale(page, page, {"text": TYPED}, send, "Kladden er sendt eller slettet i et annet vindu.")


def answers_to_questions_about_a_letter_that_was_deleted(at: Office, kari: Person) -> Stale:
    draft(kari, text="")
    dialogues.save_questions(
        actor=at.staff(Role.MANAGER),
        practice_id=at.practice.pk,
        topic_code="follow-up",
        questions=[Question("1", "text", {"nb": "Hva skjedde?"})],
        now=NOW,
    )
    page = reverse("dialogues:questions", args=["e-konsultasjon"])
    gone = lambda: Draft.objects.all().delete()  # noqa: E731
    return Stale(page, page, {"q-1-text": TYPED}, gone, "Kladden er sendt eller slettet i et annet vindu.")


def wish_for_a_time_at_an_office_that_has_stopped_taking_them(at: Office, kari: Person) -> Stale:
    page = reverse("appointments:request")
    return Stale(page, page, {"wishes": TYPED}, closes(at, "request"), "")


def wish_after_she_has_turned_the_services_off(at: Office, kari: Person) -> Stale:
    page = reverse("appointments:request")
    off = lambda: Consent.objects.filter(person=kari).update(level=Level.NONE)  # noqa: E731
    return Stale(page, page, {"wishes": TYPED}, off, "")


def no_to_times_of_a_wish_that_was_taken_back(at: Office, kari: Person) -> Stale:
    wish = appointments.send_request(
        actor=citizen(kari),
        patient_id=kari.pk,
        clinician_id=at.doctor.pk,
        key=new_id(),
        wishes="Helst tidlig",
        coarse_times=[],
        channels=["attendance"],
        now=NOW,
    )
    time_ = appointments.Proposed(at.calendar.pk, at.visit_type.pk, "attendance", at_local(TOMORROW, time(9)))
    appointments.propose_times(actor=at.staff(), request_id=wish.pk, times=[time_], now=NOW)
    page = reverse("appointments:request-show", args=[wish.pk])
    form = reverse("appointments:request-none-suits", args=[wish.pk])
    take = lambda: appointments.withdraw_request(actor=citizen(kari), request_id=wish.pk, now=NOW)  # noqa: E731
    return Stale(page, form, {"text": TYPED}, take, "")


def reason_for_a_time_at_an_office_that_takes_no_bookings_any_more(at: Office, kari: Person) -> Stale:
    held = appointments.hold(
        actor=citizen(kari),
        patient_id=kari.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW, time(8)),
        now=NOW,
    )

    def ends() -> None:
        appointments.release(actor=citizen(kari), hold_id=held.pk)
        Offer.objects.filter(practice=at.practice).delete()

    page = reverse("appointments:review")
    return Stale(page, page, {"reason": TYPED}, ends, "")


def reason_for_moving_what_was_cancelled(at: Office, kari: Person) -> Stale:
    visit = at.booked(kari)
    value = time_value(at.calendar.pk, at_local(TOMORROW + timedelta(days=1), time(9)))
    page = f"{reverse('appointments:move', args=[visit.pk])}?time={value}"
    cancel = lambda: appointments.cancel(  # noqa: E731
        actor=at.staff(), appointment_id=visit.pk, note="", now=NOW
    )
    return Stale(page, page.partition("?")[0], {"reason": TYPED}, cancel, "Denne timen kan ikke endres lenger.")


def reason_for_moving_at_an_office_that_takes_no_bookings_any_more(at: Office, kari: Person) -> Stale:
    stale = reason_for_moving_what_was_cancelled(at, kari)
    stale.meanwhile, stale.says = closes(at, "book"), "Denne timen kan ikke bestilles her."
    return stale


def word_about_cancelling_what_is_cancelled(at: Office, kari: Person) -> Stale:
    visit = at.booked(kari)
    page = reverse("appointments:cancel", args=[visit.pk])
    cancel = lambda: appointments.cancel(  # noqa: E731
        actor=at.staff(), appointment_id=visit.pk, note="", now=NOW
    )
    return Stale(page, page, {"note": TYPED}, cancel, "Timen er allerede avbestilt")


def word_about_a_prescription_that_was_ordered_in_another_window(at: Office, kari: Person) -> Stale:
    row = prescription(kari, at, days_left=10)
    page = reverse("prescriptions:renew")
    order = lambda: prescriptions.send(  # noqa: E731
        actor=citizen(kari), patient_id=kari.pk, prescription_ids=[row.pk], key=new_id(), note="", now=NOW
    )
    return Stale(page, page, {"prescriptions": str(row.pk), "note": TYPED}, order, "")


def question_that_was_asked_in_another_window(at: Office, kari: Person) -> Stale:
    audit.looked(at.staff(), "patient.appointments", None, at=NOW, patient_id=kari.pk)
    event = Event.objects.get(action="patient.appointments")
    page = reverse("portal:log_react", args=[event.pk])
    ask = lambda: audit.raise_concern(actor=citizen(kari), event_id=event.pk, text="Hvorfor?", now=NOW)  # noqa: E731
    return Stale(page, page, {"text": TYPED}, ask, "")


def telephone_that_was_changed_in_another_window(at: Office, kari: Person) -> Stale:
    page = reverse("portal:contact")
    change = lambda: persons.update_contact(  # noqa: E731
        actor=citizen(kari), person_id=kari.pk, phone="41111111", email="", mark=None, now=NOW
    )
    return Stale(page, page, {"phone": "42222222", "email": TYPED}, change, "")


def power_of_attorney_after_she_has_turned_the_services_off(at: Office, kari: Person) -> Stale:
    page = reverse("portal:give_power")
    off = lambda: Consent.objects.filter(person=kari).update(level=Level.NONE)  # noqa: E731
    return Stale(page, page, {"name": TYPED, "number": "1"}, off, "")


def guest_of_a_visit_that_was_cancelled(at: Office, kari: Person) -> Stale:
    visit = video(at, "Anne Testmo").appointment
    page = reverse("video:invite", args=[visit.pk])
    cancel = lambda: appointments.cancel(  # noqa: E731
        actor=at.staff(), appointment_id=visit.pk, note="", now=NOW
    )
    return Stale(page, page, {"kind": "interpreter", "name": TYPED}, cancel, "", visit.patient)


CASES = [
    reply_to_a_dialogue_that_was_closed,
    reply_to_a_dialogue_that_was_moved,
    letter_to_an_office_that_has_stopped_taking_them,
    letter_that_was_sent_from_another_window,
    answers_to_questions_about_a_letter_that_was_deleted,
    wish_for_a_time_at_an_office_that_has_stopped_taking_them,
    wish_after_she_has_turned_the_services_off,
    no_to_times_of_a_wish_that_was_taken_back,
    reason_for_a_time_at_an_office_that_takes_no_bookings_any_more,
    reason_for_moving_what_was_cancelled,
    reason_for_moving_at_an_office_that_takes_no_bookings_any_more,
    word_about_cancelling_what_is_cancelled,
    word_about_a_prescription_that_was_ordered_in_another_window,
    question_that_was_asked_in_another_window,
    telephone_that_was_changed_in_another_window,
    power_of_attorney_after_she_has_turned_the_services_off,
    guest_of_a_visit_that_was_cancelled,
]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return NOW


@pytest.fixture
def office(db: None, now: datetime) -> Office:
    return factories.office()


@pytest.mark.parametrize("htmx", [False, True], ids=["form", "htmx"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__.replace("_", " "))
def test_what_came_too_late_says_what_happened_and_gives_the_text_back(
    case: Callable[[Office, Person], Stale], htmx: bool, office: Office
) -> None:
    kari = office.patient()
    stale = case(office, kari)
    then_nothing_is_done_and_she_has_her_text(stale, citizen(stale.by or kari), htmx=htmx)
