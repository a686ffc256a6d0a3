"""An office's own patient becomes the register's person, by the register's answer alone; and not, after all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from legedialog.access.actor import Actor, Role, system
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core.errors import NotFound, Refused
from legedialog.core.identifiers import synthetic_number
from legedialog.core.sql import ask_for
from legedialog.core.times import at_local, local_day
from legedialog.journeys import changes, merging, telling, walk_ins
from legedialog.journeys.models import Change, RegisterChange
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice, Reason, Skip
from legedialog.patients import policy, queries, services
from legedialog.patients import walk_ins as at_office
from legedialog.patients.models import Merge, Person, WalkIn
from legedialog.patients.own import WALK_INS
from legedialog.patients.registers import Registered
from legedialog.patients.rules import Proof
from legedialog.patients.walk_ins import Told

BORN = date(2001, 5, 4)
NUMBER = synthetic_number(BORN, 7)
LATER = NOW + timedelta(hours=1)
HANS = Told("Hans", "Testmann", BORN, NUMBER, Proof.PASSPORT, "+4790000001", "en")
ANSWER = Registered(
    number=NUMBER,
    former=frozenset(),
    given_name="HANS OLAV",
    family_name="TESTMANN",
    birth_date=BORN,
    death_date=None,
    address="Gata 1",
    grading="open",
    parents={},
    children={},
    guardians={},
)


@pytest.fixture
def office(db: None) -> Office:
    return factories.office(max_coming=3)


@pytest.fixture
def mona(office: Office) -> Actor:
    return office.staff(Role.SECRETARY)


def registered(mona: Actor, told: Told = HANS) -> Person:
    assert mona.practice_id
    made = at_office.register(actor=mona, practice_id=mona.practice_id, told=told, is_another=True, now=NOW)
    return Person.objects.get(pk=made)


def asked(told: Mapping[str, Registered] = {NUMBER: ANSWER}, at: object = LATER) -> int:
    return walk_ins.take(walk_ins.due(LATER, 10), told, LATER)


def kept_id() -> UUID:
    found = queries.id_of(NUMBER)
    assert found
    return found


def visit_of(office: Office, mona: Actor, who: Person, clock: time = time(9)) -> Appointment:
    return appointments.book_for_patient(
        actor=mona,
        patient_id=who.pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel="attendance",
        starts_at=at_local(factories.TOMORROW, clock),
        reason="Hoste",
        now=NOW,
    )


def with_consent(person_id: UUID) -> None:
    Consent.objects.create(person_id=person_id, level=Level.FULL, given_by_id=person_id, starts_at=NOW)


def test_her_rows_become_the_registers_persons_and_the_office_still_has_her(office: Office, mona: Actor) -> None:
    hans = registered(mona)
    visit = visit_of(office, mona, hans, time(9))
    assert asked() == 1
    joined = Person.objects.get(pk=kept_id())
    assert Appointment.objects.get(pk=visit.pk).patient_id == joined.pk
    assert not Person.objects.filter(pk=hans.pk).exists()
    assert policy.find(mona, joined.pk, local_day(NOW)) == joined
    row = at_office.of(mona, joined.pk)
    assert row
    assert row.joined_at == LATER
    assert Event.objects.filter(action="walk-in.joined", patient_id=joined.pk, practice_id=office.practice.pk).exists()
    (word,) = RegisterChange.objects.all()
    assert (word.practice_id, word.person_id, word.kind) == (office.practice.pk, joined.pk, Change.JOINED)
    assert asked() == 0


def test_the_office_reads_in_its_inbox_that_she_was_joined_and_no_other_does(office: Office, mona: Actor) -> None:
    other = factories.office("Dalen legekontor", "Odd Lund")
    other.patient("Hans Testmann")
    hans = registered(mona)
    asked()
    (told,) = ask_for(changes.unseen(mona, office.practice.pk))
    assert (told.kind, told.patient_id) == ("joined", kept_id())
    theirs = other.staff(Role.SECRETARY)
    assert not ask_for(changes.unseen(theirs, other.practice.pk))
    with pytest.raises(NotFound):
        changes.one(theirs, told.id, LATER)
    page = logged_in(mona).get(reverse("workspace:register-change", args=[told.id])).content.decode()
    assert "Pasienten dere registrerte, står i Folkeregisteret" in page
    changes.see(actor=mona, change_id=told.id, now=LATER)
    assert not ask_for(changes.unseen(mona, office.practice.pk))
    assert walk_ins.part(actor=mona, person_id=kept_id(), now=LATER) == hans.pk


def test_a_word_that_nobody_has_seen_goes_when_they_are_parted(mona: Actor) -> None:
    registered(mona)
    asked()
    walk_ins.part(actor=mona, person_id=kept_id(), now=LATER)
    assert not RegisterChange.objects.exists()


def test_she_is_told_and_sees_it_among_her_own(office: Office, mona: Actor) -> None:
    hans = registered(mona)
    visit_of(office, mona, hans, time(9))
    asked()
    joined = Person.objects.get(pk=kept_id())
    with_consent(joined.pk)
    told = Notification.objects.get(event="walk-in.joined", recipient=joined)
    assert isinstance(telling.decide(told, LATER), Notice)
    (row,) = WALK_INS.rows(citizen(joined), joined.pk, LATER)
    assert WALK_INS.line(row) == [office.practice.name, NOW, NUMBER, "Pass"]


def test_another_offices_does_not_see_more_of_her_than_before(office: Office, mona: Actor) -> None:
    other = factories.office("Dalen legekontor", "Odd Lund")
    kari = other.patient("Hans Testmann")
    Person.objects.filter(pk=kari.pk).update(birth_date=BORN)
    hans = registered(mona, replace(HANS, number=kari.national_number))
    visit = visit_of(office, mona, hans, time(9))
    assert asked({}) == 1, "the register told of her when she was loaded"
    assert Appointment.objects.get(pk=visit.pk).patient_id == kari.pk
    theirs = other.staff(Role.SECRETARY)
    assert at_office.of(theirs, kari.pk) is None
    assert not Appointment.objects.filter(pk=visit.pk, practice__in=theirs.practices).exists()
    with pytest.raises(NotFound):
        walk_ins.part(actor=theirs, person_id=kari.pk, now=LATER)


@pytest.mark.parametrize(
    "answer",
    [
        replace(ANSWER, birth_date=BORN + timedelta(days=1)),
        replace(ANSWER, given_name="KARI", family_name="TESTDAL"),
        replace(ANSWER, grading="confidential"),
        replace(ANSWER, death_date=BORN),
    ],
)
def test_an_answer_of_somebody_else_joins_nobody(mona: Actor, answer: Registered) -> None:
    hans = registered(mona)
    assert asked({NUMBER: answer}) == 0
    assert Person.objects.get(pk=hans.pk).local_to_id == mona.practice_id


def test_who_has_not_proven_who_she_is_is_not_joined(mona: Actor) -> None:
    registered(mona, replace(HANS, proof=Proof.NONE))
    assert asked() == 0


def test_name_and_birth_date_alone_never_join(office: Office, mona: Actor) -> None:
    services.save_person(
        actor=system(), national_number=NUMBER, given_name="Hans", family_name="Testmann", birth_date=BORN, now=NOW
    )
    registered(mona, replace(HANS, number=""))
    registered(mona, replace(HANS, number=synthetic_number(BORN, 9)))
    assert asked({}) == 0


def test_it_is_undone_with_what_the_office_has_done_since(office: Office, mona: Actor) -> None:
    hans = registered(mona)
    before = visit_of(office, mona, hans, time(9))
    asked()
    joined = Person.objects.get(pk=kept_id())
    since = visit_of(office, mona, joined, time(10))
    own_id = walk_ins.part(actor=mona, person_id=joined.pk, now=LATER)
    assert own_id == hans.pk
    for visit in (before, since):
        assert Appointment.objects.get(pk=visit.pk).patient_id == hans.pk
    assert Person.objects.get(pk=hans.pk).name == "Hans Testmann"
    with pytest.raises(NotFound):
        policy.find(mona, joined.pk, local_day(NOW))
    assert Event.objects.filter(action="walk-in.parted").count() == 2
    assert Notification.objects.filter(event="walk-in.parted", recipient=joined).exists()
    assert asked() == 0, "what somebody has taken back is not done again"


def test_it_is_not_undone_too_late(mona: Actor) -> None:
    registered(mona)
    asked()
    with pytest.raises(Refused, match="merge-too-old"):
        walk_ins.part(actor=mona, person_id=kept_id(), now=LATER + merging.UNDO_LASTS + timedelta(days=1))


def test_the_operators_undo_leaves_the_office_its_own(mona: Actor) -> None:
    hans = registered(mona)
    asked()
    merging.undo(merge_id=Merge.objects.get().pk, now=LATER)
    row = WalkIn.objects.get()
    assert (row.person_id, row.joined_at, row.differs_at) == (hans.pk, None, LATER)


@pytest.mark.parametrize("event", ["appointment.booked", "appointment.reminder"])
def test_before_that_she_is_told_by_sms_where_she_gave_a_telephone(office: Office, mona: Actor, event: str) -> None:
    hans = registered(mona)
    visit = visit_of(office, mona, hans, time(9))
    said = telling.decide(
        Notification(event=event, object_id=visit.pk, recipient=hans, practice=office.practice), LATER
    )
    assert isinstance(said, Notice)
    assert (said.contact.phone, said.contact.wants_email, said.language) == ("+4790000001", False, "en")
    assert "Log in" not in said.text
    assert office.practice.name not in said.text


def test_what_only_a_citizen_can_act_on_is_not_sent_to_her(office: Office, mona: Actor) -> None:
    hans = registered(mona)
    said = telling.decide(Notification(event="journal.moved", object_id=hans.pk, recipient=hans), LATER)
    assert isinstance(said, Skip)
    assert said.reason == Reason.NO_LOGIN
