import io
from datetime import datetime, time, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from legedialog.access.actor import ANONYMOUS, Actor, Role
from legedialog.access.actor import Kind as ActorKind
from legedialog.appointments import services as appointments
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.attachments import services as attachments
from legedialog.attachments.tests import files
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.journal import policy, queries, rules, services
from legedialog.journal.models import ContactType, Entry, Kind
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


def note(actor: Actor, office: Office, patient: Person, now: datetime, text: str = "Ringte om prøvesvar.") -> Entry:
    return services.write_note(
        actor=actor,
        patient_id=patient.pk,
        practice_id=office.practice.pk,
        key=new_id(),
        contact_type=ContactType.PHONE,
        text=text,
        problem_code="S07",
        now=now,
    )


def correct(actor: Actor, entry: Entry, now: datetime, text: str = "Ringte om time.", seen: int = 0) -> Entry:
    return services.correct(actor=actor, entry_id=entry.pk, seen=seen, reason="Feil", text=text, now=now)


@pytest.mark.parametrize("statement", ["UPDATE journal_entry SET at = now()", "DELETE FROM journal_entry"])
def test_the_database_lets_nobody_change_or_remove_an_entry(statement: str, office: Office, now: datetime) -> None:
    note(office.staff(), office, office.patient(), now)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_note_is_sealed_and_traced(office: Office, now: datetime) -> None:
    kari = office.patient()
    made = note(office.staff(), office, kari, now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT title || text FROM journal_entry")
        assert b"Ringte" not in bytes(cursor.fetchone()[0])
    assert made.title == "Notat: S07 utslett flere steder"
    event = Event.objects.get(action="journal.noted")
    assert (event.object_id, event.patient_id) == (made.pk, kari.pk)


def test_the_same_key_makes_one_note(office: Office, now: datetime) -> None:
    kari, mona, key = office.patient(), office.staff(), new_id()
    for minute in range(2):
        services.write_note(
            actor=mona,
            patient_id=kari.pk,
            practice_id=office.practice.pk,
            key=key,
            contact_type=ContactType.PHONE,
            text="En gang",
            now=now + timedelta(minutes=minute),
        )
    assert Entry.objects.count() == Event.objects.filter(action="journal.noted").count() == 1


def test_a_note_takes_its_files(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    file = attachments.receive(
        actor=mona,
        practice_id=office.practice.pk,
        patient_id=kari.pk,
        name="epikrise.pdf",
        file=io.BytesIO(files.pdf()),
        now=now,
    )
    made = services.write_note(
        actor=mona,
        patient_id=kari.pk,
        practice_id=office.practice.pk,
        key=new_id(),
        contact_type=ContactType.ADMINISTRATION,
        text="Skannet",
        attachment_ids=[file.pk],
        now=now,
    )
    assert [each.name for each in queries.one(mona, policy.find(mona, made.pk), now).files] == ["epikrise.pdf"]


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("doctor", None), ("substitute", None), ("secretary", None), ("manager", Denied),
        ("staff elsewhere", NotFound), ("the patient", NotFound), ("nobody", NotFound), ("operator", NotFound),
    ],
)  # fmt: skip
def test_who_reads_and_writes(who: str, refusal: type[Exception] | None, office: Office, now: datetime) -> None:
    kari = office.patient()
    actors = {
        "doctor": office.staff(Role.DOCTOR),
        "substitute": office.staff(Role.SUBSTITUTE),
        "secretary": office.staff(Role.SECRETARY),
        "manager": office.staff(Role.MANAGER),
        "staff elsewhere": factories.office("Dalen legekontor").staff(Role.DOCTOR),
        "the patient": citizen(kari),
        "nobody": ANONYMOUS,
        "operator": Actor(kind=ActorKind.OPERATOR, login_id=new_id()),
    }
    there = note(office.staff(), office, kari, now)
    actor = actors[who]
    if refusal is None:
        note(actor, office, kari, now)
        assert len(queries.page(actor, kari.pk, now).items) == 2
        return
    with pytest.raises(refusal):
        note(actor, office, kari, now)
    with pytest.raises(NotFound):
        queries.one(actor, policy.find(actor, there.pk), now)
    if not actor.is_authenticated:
        return  # in whose name nothing is written, so that no trace could be left: the database says no
    assert queries.page(actor, kari.pk, now).items == []
    assert queries.search(actor, kari.pk, "prøvesvar", now).items == []


def test_a_correction_is_a_new_entry_and_both_are_shown(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    wrong = note(mona, office, kari, now)
    right = correct(mona, wrong, now + timedelta(hours=1))
    first = queries.one(mona, policy.find(mona, wrong.pk), now)
    assert [each.text for each in first.corrections] == ["Ringte om time."]
    second = queries.one(mona, policy.find(mona, right.pk), now)
    assert second.corrects
    assert (second.corrects.text, second.reason) == ("Ringte om prøvesvar.", "Feil")
    assert Event.objects.get(action="journal.corrected").object_id == right.pk


def test_a_correction_of_a_correction_corrects_the_first(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    wrong = note(mona, office, kari, now)
    second = correct(mona, wrong, now)
    third = correct(mona, second, now, "Ringte om henvisning.", seen=1)
    assert third.corrects_id == wrong.pk
    assert [each.text for each in queries.one(mona, policy.find(mona, wrong.pk), now).corrections] == [
        "Ringte om time.",
        "Ringte om henvisning.",
    ]


def test_two_corrections_at_once(office: Office, now: datetime) -> None:
    """The one that was first stands; the other is told; a second press of the same button is nothing new."""
    wrong = note(office.staff(), office, office.patient(), now)
    ingrid, leif = office.staff(Role.DOCTOR), office.staff(Role.SUBSTITUTE)
    made = correct(ingrid, wrong, now)
    assert correct(ingrid, wrong, now).pk == made.pk
    with pytest.raises(Refused) as refused:
        correct(leif, wrong, now, "Noe annet")
    assert refused.value.refusal is rules.CORRECTED_MEANWHILE
    assert Entry.objects.filter(kind=Kind.CORRECTION).count() == 1


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("the author", None), ("doctor", None), ("another secretary", Denied), ("staff elsewhere", NotFound)],
)
def test_who_corrects(who: str, refusal: type[Exception] | None, office: Office, now: datetime) -> None:
    author = office.staff()
    actors = {
        "the author": author,
        "doctor": office.staff(Role.DOCTOR),
        "another secretary": office.staff(),
        "staff elsewhere": factories.office("Dalen legekontor").staff(Role.DOCTOR),
    }
    wrong = note(author, office, office.patient(), now)
    if refusal is None:
        assert correct(actors[who], wrong, now).corrects_id == wrong.pk
    else:
        with pytest.raises(refusal):
            correct(actors[who], wrong, now)
        assert Entry.objects.count() == 1


def test_an_appointment_files_itself_at_each_step(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    visit = office.booked(kari, reason="Hoste i to uker")
    later = visit.starts_at
    appointments.arrive(actor=mona, appointment_id=visit.pk, now=later)
    appointments.back_to_booked(actor=mona, appointment_id=visit.pk, now=later)
    appointments.no_show(actor=mona, appointment_id=visit.pk, now=later)
    entries = Entry.objects.filter(object_id=visit.pk).order_by("sequence")
    assert [entry.title.partition(":")[0] for entry in entries] == [
        "Time bestilt",
        "Kom til timen",
        "Time satt tilbake til bestilt",
        "Møtte ikke til timen",
    ]
    first = entries[0]
    assert first.title.startswith("Time bestilt: Vanlig time tirsdag 24. november")
    assert first.title.endswith("hos Ingrid Aas")
    assert (first.text, first.by_person_id, first.contact_type) == ("Hoste i to uker", kari.pk, "attendance")
    assert entries[1].by_employee_id == mona.employee_id


def test_a_cancelled_appointment_is_filed_with_its_note(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    visit = office.booked(kari)
    appointments.cancel(actor=mona, appointment_id=visit.pk, now=now, note="Legen er syk")
    entry = Entry.objects.get(object_id=visit.pk, sequence=1)
    assert entry.title.startswith("Time avbestilt: Vanlig time")
    assert entry.text == "Legen er syk"


def test_what_a_parent_books_is_in_the_childs_record(office: Office, now: datetime) -> None:
    kari, ola = office.patient(), office.patient("Ola Testdal")
    parent = Actor(
        kind=ActorKind.CITIZEN,
        person_id=kari.pk,
        acting_for_id=ola.pk,
        patients=frozenset({ola.pk}),
        ground="FO",
    )
    held = appointments.hold(
        actor=parent,
        patient_id=ola.pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel="attendance",
        starts_at=at_local(factories.TOMORROW, time(8)),
        now=now,
    )
    appointments.book(actor=parent, hold_id=held.pk, reason="Feber", now=now)
    item = queries.page(office.staff(), ola.pk, now).items[0]
    assert (item.author, item.ground, item.is_by_patient) == ("Kari Testdal", "FO", False)
    assert queries.page(office.staff(), kari.pk, now).items == []


def test_the_answer_to_a_request_is_filed_with_the_wish(office: Office, now: datetime) -> None:
    kari, mona = office.patient(), office.staff()
    wish = appointments.send_request(
        actor=citizen(kari),
        patient_id=kari.pk,
        clinician_id=office.doctor.pk,
        key=new_id(),
        wishes="Gjerne en mandag",
        coarse_times=[],
        channels=["phone"],
        now=now,
    )
    appointments.refuse_request(actor=mona, request_id=wish.pk, text="Ring oss", now=now)
    entry = Entry.objects.get(object_id=wish.pk)
    assert entry.kind == Kind.DECISION
    assert entry.text == "Gjerne en mandag\n\nSvar: Ring oss"


def test_nothing_is_filed_when_the_booking_fails(office: Office, now: datetime) -> None:
    kari = office.patient()
    office.booked(kari)
    with pytest.raises(Refused):
        office.booked(office.patient("Per Testvik"))
    assert Entry.objects.count() == 1


def test_manager_is_not_among_those_who_care() -> None:
    assert Role.MANAGER not in policy.CARES
