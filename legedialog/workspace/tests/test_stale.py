"""What stood in a page was moved, closed or handled by somebody else before she sent: nothing is done with what she
typed, she reads what happened, and she has her text."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.stale import TYPED, Stale, then_nothing_is_done_and_she_has_her_text
from legedialog.appointments import services as appointments
from legedialog.appointments.models import TimeRequest
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.rules import CLAIM_LASTS
from legedialog.dialogues.tests.factories import mark, sent
from legedialog.fees import charging
from legedialog.fees import story as fees
from legedialog.fees.tests.test_charging import visited
from legedialog.journal.models import Asked, CorrectionRequest, Entry, Outcome
from legedialog.journeys import log, misfiling
from legedialog.patients.models import Person
from legedialog.prescriptions import services as prescriptions
from legedialog.prescriptions import treating, withdrawing
from legedialog.prescriptions.models import Item
from legedialog.prescriptions.tests.factories import prescription
from legedialog.video.tests.factories import video
from legedialog.workspace.journal.tests.test_journal import noted


def _misfiled(at: Office, entry: Entry, *, whole: bool = False) -> None:
    misfiling.misfile(
        actor=at.staff(Role.DOCTOR, name="Jonas Vik"),
        entry_id=entry.pk,
        number="",
        whole=whole,
        reason="Feil pasient.",
        tells=False,
        tells_other=False,
        now=NOW,
    )


MOVED = "Jonas Vik har tatt det ut derfra etter at du åpnet siden."


def reply_to_what_was_moved(at: Office, kari: Person) -> Stale:
    thread = sent(kari)
    page = reverse("workspace:dialogue", args=[thread.pk])
    answer = reverse("workspace:dialogue-answer", args=[thread.pk])
    gone = lambda: _misfiled(at, Entry.objects.get(patient=kari), whole=True)  # noqa: E731  filed when it was read
    return Stale(page, answer, {"text": TYPED}, gone, MOVED, first={"do": "begin"})


def reply_to_what_was_closed(at: Office, kari: Person) -> Stale:
    thread = sent(kari)
    actor = at.staff(Role.DOCTOR, name="Jonas Vik")

    def close() -> None:
        later = NOW + CLAIM_LASTS  # she was called away, and it is anybody's
        dialogues.answer(
            actor=actor,
            dialogue_id=thread.pk,
            key=new_id(),
            text="Ring oss.",
            closes=True,
            problem_code="S87",
            mark=mark(thread),
            now=later,
        )

    answer = reverse("workspace:dialogue-answer", args=[thread.pk])
    page = reverse("workspace:dialogue", args=[thread.pk])
    return Stale(page, answer, {"text": TYPED}, close, "", first={"do": "begin"})


def word_to_a_colleague_about_what_was_moved(at: Office, kari: Person) -> Stale:
    stale = reply_to_what_was_moved(at, kari)
    stale.form, stale.first = stale.form.replace("/svar/", "/kommentar/"), {}
    return stale


def correction_of_what_was_moved(at: Office, kari: Person) -> Stale:
    at.booked(kari)
    entry = noted(at, kari)
    page = reverse("workspace:journal-correct", args=[entry.pk])
    typed = {"text": "Noe annet sto her.", "reason": TYPED}
    return Stale(page, page, typed, lambda: _misfiled(at, entry), MOVED)


def misfiling_of_what_was_corrected(at: Office, kari: Person) -> Stale:
    at.booked(kari)
    entry = noted(at, kari)
    page = reverse("workspace:journal-misfile", args=[entry.pk])
    return Stale(page, page, {"reason": TYPED, "number": ""}, lambda: _misfiled(at, entry), "")


def answer_to_an_answered_wish_for_correction(at: Office, kari: Person) -> Stale:
    noted(at, kari)
    misfiling.ask(
        actor=citizen(kari),
        practice_id=at.practice.pk,
        key=new_id(),
        asked=Asked.CORRECT,
        text="Det er feil.",
        now=NOW,
    )
    asked = CorrectionRequest.objects.get()
    page = reverse("workspace:correction", args=[asked.pk])
    answer = lambda: misfiling.answer(  # noqa: E731
        actor=at.staff(Role.DOCTOR, name="Jonas Vik"),
        correction_id=asked.pk,
        outcome=Outcome.DONE,
        text="Rettet.",
        now=NOW,
    )
    return Stale(page, page, {"text": TYPED, "outcome": "done"}, answer, "")


def answer_to_an_answered_question(at: Office, kari: Person) -> Stale:
    audit.looked(at.staff(), "patient.appointments", None, at=NOW, patient_id=kari.pk)
    event = Event.objects.get(action="patient.appointments")
    asked = audit.raise_concern(actor=citizen(kari), event_id=event.pk, text="Hvorfor?", now=NOW)
    page = reverse("workspace:concern", args=[asked.pk])
    answer = lambda: log.answer(  # noqa: E731
        actor=at.staff(Role.DOCTOR, name="Jonas Vik"), concern_id=asked.pk, text="Fordi.", now=NOW
    )
    return Stale(page, page, {"text": TYPED}, answer, "")


def no_to_a_wish_that_was_taken_back(at: Office, kari: Person) -> Stale:
    wish: TimeRequest = appointments.send_request(
        actor=citizen(kari),
        patient_id=kari.pk,
        clinician_id=at.doctor.pk,
        key=new_id(),
        wishes="Helst tidlig",
        coarse_times=[],
        channels=["attendance"],
        now=NOW,
    )
    take = lambda: appointments.withdraw_request(actor=citizen(kari), request_id=wish.pk, now=NOW)  # noqa: E731
    refuse = reverse("workspace:refuse", args=[wish.pk])
    return Stale(reverse("workspace:request", args=[wish.pk]), refuse, {"text": TYPED}, take, "", Role.SECRETARY)


def cancelling_what_is_cancelled(at: Office, kari: Person) -> Stale:
    visit = at.booked(kari)
    page = reverse("workspace:cancel", args=[visit.pk])
    cancel = lambda: appointments.cancel(  # noqa: E731
        actor=citizen(kari), appointment_id=visit.pk, note="", now=NOW
    )
    return Stale(page, page, {"note": TYPED}, cancel, "", Role.SECRETARY)


def _ordered(at: Office, kari: Person) -> Item:
    row = prescription(kari, at, days_left=10)
    renewal = prescriptions.send(
        actor=citizen(kari), patient_id=kari.pk, prescription_ids=[row.pk], key=new_id(), note="", now=NOW
    )
    return Item.objects.get(renewal=renewal)


def no_to_a_renewal_that_was_taken_back(at: Office, kari: Person) -> Stale:
    item = _ordered(at, kari)
    page = reverse("workspace:prescription-order", args=[item.renewal_id])
    take = lambda: prescriptions.withdraw(actor=citizen(kari), renewal_id=item.renewal_id, now=NOW)  # noqa: E731
    typed = {"do": "refuse", "item": str(item.pk), f"{item.pk}-text": TYPED}
    return Stale(page, page, typed, take, "")


def note_to_the_doctor_on_a_renewal_that_is_signed(at: Office, kari: Person) -> Stale:
    item = _ordered(at, kari)
    page = reverse("workspace:prescription-order", args=[item.renewal_id])
    sign = lambda: treating.sign(  # noqa: E731
        actor=at.staff(Role.DOCTOR), item_ids=[item.pk], now=NOW
    )
    typed = {"do": "hand-over", "item": str(item.pk), f"{item.pk}-staff_note": TYPED}
    return Stale(page, page, typed, sign, "", Role.SECRETARY)


def no_prescription_that_is_withdrawn(at: Office, kari: Person) -> Stale:
    at.booked(kari)
    row = prescription(kari, at, days_left=200, dispensed=0)
    page = reverse("workspace:prescription-withdraw", args=[row.pk])
    withdraw = lambda: withdrawing.withdraw_prescription(  # noqa: E731
        actor=at.staff(Role.DOCTOR), prescription_id=row.pk, text="Feil.", now=NOW
    )
    return Stale(page, page, {"text": TYPED}, withdraw, "")


def giving_up_what_was_given_up(at: Office, kari: Person) -> Stale:
    fees.load(managers=[at.staff(Role.MANAGER)], today=local_day(NOW), now=NOW)
    charge = visited(at, kari)
    mona = at.staff(Role.SECRETARY)
    charging.approve(actor=mona, charge_id=charge.pk, now=timezone.now())
    waive = lambda: charging.waive(  # noqa: E731
        actor=mona, charge_id=charge.pk, reason="Feil.", mark=None, now=timezone.now()
    )
    form = reverse("workspace:charge-waive", args=[charge.pk])
    page = reverse("workspace:charge", args=[charge.pk])
    return Stale(page, form, {"waive-reason": TYPED}, waive, "", Role.SECRETARY)


def word_of_a_delay_for_a_cancelled_visit(at: Office, kari: Person) -> Stale:
    visit = video(at, "Anne Testmo").appointment
    page = reverse("workspace:video-postpone", args=[visit.pk])
    cancel = lambda: appointments.cancel(  # noqa: E731
        actor=at.staff(Role.SECRETARY), appointment_id=visit.pk, note="", now=NOW
    )
    return Stale(page, page, {"minutes": "15", "message": TYPED}, cancel, "", Role.SECRETARY)


CASES = [
    reply_to_what_was_moved,
    reply_to_what_was_closed,
    word_to_a_colleague_about_what_was_moved,
    correction_of_what_was_moved,
    misfiling_of_what_was_corrected,
    answer_to_an_answered_wish_for_correction,
    answer_to_an_answered_question,
    no_to_a_wish_that_was_taken_back,
    cancelling_what_is_cancelled,
    no_to_a_renewal_that_was_taken_back,
    note_to_the_doctor_on_a_renewal_that_is_signed,
    no_prescription_that_is_withdrawn,
    giving_up_what_was_given_up,
    word_of_a_delay_for_a_cancelled_visit,
]


def name(case: Callable[[Office, Person], Stale]) -> str:
    return case.__name__.replace("_", " ")


@pytest.mark.parametrize("htmx", [False, True], ids=["form", "htmx"])
@pytest.mark.parametrize("case", CASES, ids=name)
def test_what_came_too_late_says_what_happened_and_gives_the_text_back(
    case: Callable[[Office, Person], Stale], htmx: bool, office: Office
) -> None:
    stale = case(office, office.patient())
    then_nothing_is_done_and_she_has_her_text(stale, office.staff(stale.by or Role.DOCTOR), htmx=htmx)
