"""The register says that a patient is dead: what is open ends, and only the office is told. And it was a mistake."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from legedialog.access import queries as logins
from legedialog.access.actor import Actor, Kind, Role, system
from legedialog.access.models import Ended, KeptForm, Login
from legedialog.access.tests.logins import begin
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Channel, Claim, RequestStatus, Status, TimeRequest
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, TODAY, TOMORROW, Office, citizen
from legedialog.audit.models import Event
from legedialog.consent import acting
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.sql import ask_for
from legedialog.core.times import at_local
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.models import Dialogue, Draft
from legedialog.dialogues.models import Kind as DialogueKind
from legedialog.dialogues.tests import factories as letters
from legedialog.journal.models import Entry
from legedialog.journeys import changes, deaths, registered, telling
from legedialog.journeys.models import Change, RegisterChange
from legedialog.outbox import rules as outbox_rules
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Skip
from legedialog.patients.models import Person, PowerOfAttorney
from legedialog.patients.registers import Registered
from legedialog.prescriptions.models import Item, Look
from legedialog.prescriptions.rules import Status as ItemStatus
from legedialog.prescriptions.tests.factories import ordered, prescription

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def office() -> Office:
    return factories.office(max_coming=3)


@pytest.fixture
def kari(office: Office) -> Person:
    """With a bit of everything open."""
    kari = office.patient()
    Person.objects.update(confirmed_at=NOW - timedelta(days=1))
    office.booked(kari)
    appointments.send_request(
        actor=citizen(kari),
        patient_id=kari.pk,
        clinician_id=office.doctor.pk,
        key=new_id(),
        wishes="Hoste",
        coarse_times=[],
        channels=[Channel.ATTENDANCE],
        now=NOW,
    )
    hold(office, kari)
    letters.sent(kari)
    letters.draft(kari, kind=DialogueKind.CONTACT)
    ordered(kari, prescription(kari, office))
    Look.objects.create(prescription=prescription(kari, office), patient=kari, at=NOW)
    login(kari)
    return kari


def hold(office: Office, who: Person) -> Claim:
    return appointments.hold(
        actor=citizen(who),
        patient_id=who.pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(TOMORROW, time(9)),
        now=NOW,
    )


def login(who: Person) -> str:
    token, login_id = begin(Kind.CITIZEN, who.pk, now=NOW)
    KeptForm.objects.create(
        browser_hash=b"b" * 32, login_id=login_id, acting_for=who, path="/", fields="[]", created_at=NOW
    )
    return token


def say(who: Person, *, died: date | None, at: datetime) -> None:
    """The register answers."""
    who.refresh_from_db()
    told = Registered(
        number=who.national_number,
        former=frozenset(),
        given_name=who.given_name,
        family_name=who.family_name,
        birth_date=who.birth_date,
        death_date=died,
        address=who.address,
        grading=who.address_grading,
        parents={},
        children={},
        guardians={},
    )
    registered.take(actor=system(), person_id=who.pk, told=told, asked_at=at, now=at)


def test_everything_open_ends_and_the_time_is_free_at_once(office: Office, kari: Person) -> None:
    say(kari, died=YESTERDAY, at=LATER)

    appointment = Appointment.objects.get(patient=kari)
    assert appointment.status == Status.CANCELLED
    assert not Claim.objects.filter(is_active=True).exists()  # the hold too
    other = office.patient("Ola Testvik")
    assert office.booked(other).starts_at == appointment.starts_at
    assert TimeRequest.objects.get(patient=kari).status == RequestStatus.ENDED
    dialogue = Dialogue.objects.get(patient=kari)
    assert (dialogue.status, dialogue.closed_from, dialogue.is_ended_by_death) == ("closed", "delivered", True)
    assert Entry.objects.filter(object_id=dialogue.messages.get().pk).exists()  # what nobody had read is in the record
    assert not Draft.objects.exists()
    assert Item.objects.get(patient=kari).status == ItemStatus.LAPSED
    assert not Look.objects.exists()
    assert set(Login.objects.values_list("ended_why", flat=True)) == {Ended.DECEASED}
    assert not KeptForm.objects.exists()


def test_the_office_is_told_what_was_closed_until_somebody_has_seen_it(office: Office, kari: Person) -> None:
    say(kari, died=YESTERDAY, at=LATER)
    mona = office.staff()
    (row,) = ask_for(changes.unseen(mona, office.practice.pk))
    whole = changes.one(mona, row.id, LATER)
    assert (whole.kind, whole.patient_id, whole.death_date) == (Change.DEATH, kari.pk, YESTERDAY)
    assert row.patient_name == whole.patient_name
    assert [line.what for line in whole.lines] == ["appointment", "request", "dialogue", "renewal"]
    assert all(line.at for line in whole.lines), "two dialogues would look the same"
    assert Event.objects.filter(action="register-change.read", patient_id=kari.pk).count() == 1

    changes.see(actor=mona, change_id=row.id, now=LATER)
    assert not ask_for(changes.unseen(mona, office.practice.pk))
    assert Event.objects.filter(action="register-change.seen", patient_id=kari.pk).count() == 1
    with pytest.raises(Refused, match="change-seen"):
        changes.see(actor=office.staff(), change_id=row.id, now=LATER)


def test_a_stranger_office_the_manager_and_she_herself_do_not_find_the_word(office: Office, kari: Person) -> None:
    say(kari, died=YESTERDAY, at=LATER)
    change = RegisterChange.objects.get()
    for nobody in (factories.office("Dalen legekontor").staff(), citizen(kari), Actor()):
        assert not ask_for(changes.unseen(nobody, office.practice.pk))
        with pytest.raises(NotFound):
            changes.one(nobody, change.pk, LATER)
        with pytest.raises(NotFound):
            changes.see(actor=nobody, change_id=change.pk, now=LATER)
    with pytest.raises(Denied):
        changes.one(office.staff(Role.MANAGER), change.pk, LATER)


def test_nothing_is_sent_to_the_dead_and_nothing_new_waits(office: Office, kari: Person) -> None:
    waiting = Notification.objects.filter(recipient=kari, status=outbox_rules.Status.WAITING).count()
    assert waiting
    before = Notification.objects.count()
    say(kari, died=YESTERDAY, at=LATER)
    assert Notification.objects.count() == before  # no cancellation, no lapsed order, no closed dialogue
    assert set(Notification.objects.values_list("status", "reason")) == {("skipped", "deceased")}


def test_what_a_worker_decides_after_the_death_is_not_sent(office: Office, kari: Person) -> None:
    notice = Notification.objects.filter(recipient=kari).first()
    assert notice
    Person.objects.filter(pk=kari.pk).update(death_date=YESTERDAY)
    notice = Notification.objects.select_related("recipient").get(pk=notice.pk)
    assert telling.decide(notice, LATER) == Skip(outbox_rules.Reason.DECEASED)


def test_nobody_acts_for_the_dead_nor_she_for_others_and_no_reason_is_told(office: Office, kari: Person) -> None:
    tor = office.patient("Tor Testli")
    for giver, receiver in ((kari, tor), (tor, kari)):
        PowerOfAttorney.objects.create(giver=giver, receiver=receiver, areas=[1, 3], starts_date=TODAY, given_at=NOW)
    say(kari, died=YESTERDAY, at=LATER)
    for actor, person in ((kari, tor), (tor, kari)):
        found = acting.standing(actor.pk, person.pk, LATER)
        assert found
        assert not found.decision.areas
        assert found.decision.is_private
        assert not [reason for reason in found.decision.reasons if "død" in str(reason.text).lower()]


def test_a_login_of_the_dead_is_over_at_its_next_request_however_it_began(office: Office, kari: Person) -> None:
    say(kari, died=YESTERDAY, at=LATER)
    token = login(kari)  # her number was looked up a moment before the death was taken in
    session = logins.session(token, NOW + timedelta(minutes=1))
    assert session
    assert session.must_end == "deceased"
    assert not session.actor.is_authenticated


@pytest.mark.parametrize("times", [1, 3])
def test_taking_it_in_again_changes_nothing(office: Office, kari: Person, times: int) -> None:
    say(kari, died=YESTERDAY, at=LATER)

    def state() -> tuple[Any, ...]:
        return (
            list(RegisterChange.objects.values("lines", "at", "kind")),
            Event.objects.count(),
            Entry.objects.count(),
            Notification.objects.count(),
        )

    before = state()
    for number in range(times):
        deaths.close(person_id=kari.pk, now=LATER)
        say(kari, died=YESTERDAY, at=LATER + timedelta(minutes=number + 1))
        deaths.follow(LATER)
    assert state() == before


def test_a_death_that_came_another_way_is_found_by_the_job(office: Office, kari: Person) -> None:
    Person.objects.filter(pk=kari.pk).update(death_date=YESTERDAY, confirmed_at=NOW)
    assert deaths.follow(LATER) == 1
    assert Appointment.objects.get(patient=kari).status == Status.CANCELLED
    assert RegisterChange.objects.get().kind == Change.DEATH
    assert deaths.follow(LATER) == 0


def test_nothing_is_begun_for_the_dead(office: Office, kari: Person) -> None:
    say(kari, died=YESTERDAY, at=LATER)
    mona = office.staff(Role.DOCTOR)
    with pytest.raises(Refused, match="deceased"):
        hold(office, kari)
    with pytest.raises(Refused, match="deceased"):
        appointments.book_for_patient(
            actor=mona,
            patient_id=kari.pk,
            calendar_id=office.calendar.pk,
            visit_type_id=office.visit_type.pk,
            channel=Channel.ATTENDANCE,
            starts_at=at_local(TOMORROW, time(10)),
            reason="",
            now=LATER,
        )
    with pytest.raises(Refused, match="deceased"):
        dialogues.start(
            actor=mona,
            patient_id=kari.pk,
            kind=DialogueKind.CONTACT,
            key=new_id(),
            subject="Hei",
            text="Hei",
            now=LATER,
        )
    with pytest.raises(Refused, match="deceased"):
        letters.draft(kari)
    with pytest.raises(Refused, match="deceased"):
        ordered(kari, prescription(kari, office))


def test_the_register_corrects_itself_and_the_office_opens_what_it_can(office: Office, kari: Person) -> None:
    say(kari, died=YESTERDAY, at=LATER)
    say(kari, died=None, at=LATER + timedelta(days=1))
    now = LATER + timedelta(minutes=5)
    mona = office.staff(Role.DOCTOR)
    (row,) = ask_for(changes.unseen(mona, office.practice.pk))  # the word of the death, which nobody had seen, is gone
    assert row.kind == Change.NO_DEATH
    assert Appointment.objects.get(patient=kari).status == Status.CANCELLED  # nothing opens by itself
    lines = {line.what: line for line in changes.one(mona, row.id, now).lines}
    assert all(line.is_closed for line in lines.values())

    for line in lines.values():
        changes.reopen(actor=mona, change_id=row.id, line_id=line.id, now=now)
    assert Appointment.objects.get(patient=kari).status == Status.BOOKED
    assert Claim.objects.filter(is_active=True).count() == 1
    assert TimeRequest.objects.get(patient=kari).status == RequestStatus.SENT
    dialogue = Dialogue.objects.get(patient=kari)
    assert (dialogue.status, dialogue.is_ended_by_death) == ("delivered", False)
    assert Item.objects.get(patient=kari).status == ItemStatus.RECEIVED
    assert not any(line.is_closed for line in changes.one(mona, row.id, now).lines)
    for line in lines.values():
        with pytest.raises(Refused):
            changes.reopen(actor=mona, change_id=row.id, line_id=line.id, now=now)
    assert login(kari)


def test_a_time_that_somebody_has_taken_is_not_opened_again(office: Office, kari: Person) -> None:
    say(kari, died=YESTERDAY, at=LATER)
    office.booked(office.patient("Ola Testvik"))
    say(kari, died=None, at=LATER + timedelta(days=1))
    mona = office.staff()
    change = RegisterChange.objects.get(kind=Change.NO_DEATH)
    line = next(line for line in change.lines if line["what"] == "appointment")
    with pytest.raises(Refused, match="time-taken"):
        changes.reopen(actor=mona, change_id=change.pk, line_id=Appointment.objects.get(pk=line["id"]).pk, now=LATER)
    assert Appointment.objects.get(patient=kari).status == Status.CANCELLED


def test_only_what_her_death_closed_is_opened_by_the_word_of_it(office: Office, kari: Person) -> None:
    say(kari, died=YESTERDAY, at=LATER)
    mona = office.staff()
    death = RegisterChange.objects.get()
    line = death.lines[0]["id"]
    with pytest.raises(NotFound):  # she is dead
        changes.reopen(actor=mona, change_id=death.pk, line_id=Appointment.objects.get(pk=line).pk, now=LATER)
    say(kari, died=None, at=LATER + timedelta(days=1))
    word = RegisterChange.objects.get(kind=Change.NO_DEATH)
    others = office.booked(office.patient("Ola Testvik"), clock=time(10))
    with pytest.raises(NotFound):
        changes.reopen(actor=mona, change_id=word.pk, line_id=others.pk, now=LATER)


def test_dead_again_after_the_correction_is_told_again(office: Office, kari: Person) -> None:
    for number, died in enumerate((YESTERDAY, None, YESTERDAY)):
        say(kari, died=died, at=LATER + timedelta(days=number))
    assert [row.kind for row in ask_for(changes.unseen(office.staff(), office.practice.pk))] == [Change.DEATH]
