"""A national number changes: one person, one record, one login; and two again when it was wrong."""

import json
from datetime import date, time, timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction

from legedialog.access import queries as logins
from legedialog.access.actor import system
from legedialog.access.models import Ended, Lock, Login
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Channel, RequestStatus, TimeRequest
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, TODAY, Office, citizen
from legedialog.audit import policy as audit_policy
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core import contexts
from legedialog.core.contexts import A_PERSON
from legedialog.core.errors import NotFound, Refused
from legedialog.core.identifiers import parse_national_number, synthetic_number
from legedialog.core.ids import new_id
from legedialog.core.sql import ask_for
from legedialog.dialogues.models import Draft, Message
from legedialog.dialogues.rules import Kind as DialogueKind
from legedialog.dialogues.tests import factories as letters
from legedialog.integrations.idporten import people as idporten
from legedialog.integrations.registers import checking, load
from legedialog.journal.models import Entry
from legedialog.journeys import changes, merging, own_rows, registered
from legedialog.journeys.models import Change
from legedialog.journeys.tests.test_deaths import login
from legedialog.patients import merging as persons_merging
from legedialog.patients import powers, queries, searching, services
from legedialog.patients.models import (
    FormerNumber,
    Membership,
    Person,
    PowerOfAttorney,
    Responsibility,
)
from legedialog.patients.registers import Registered
from legedialog.prescriptions.models import Renewal
from legedialog.prescriptions.tests.factories import ordered, prescription
from legedialog.video.models import DeviceTest

LATER = NOW + timedelta(hours=1)


def persons_columns() -> set[str]:
    return {f"{each.model._meta.label}.{each.name}" for each in merging.columns()}


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.label in contexts.tables() and model._meta.managed]


def test_every_column_with_an_id_of_a_person_follows_her_or_says_why_not() -> None:
    """A new model with a column that no one has thought of fails here."""
    told, unsaid = contexts.every(lambda about: about.ids), set()
    columns = persons_columns()
    for model in ours():
        for field in model._meta.concrete_fields:
            label = f"{model._meta.label}.{field.name}"
            if field.is_relation:
                if field.related_model is Person:
                    assert f"{model._meta.label}.{field.column}" in columns
                continue
            base = field.base_field if isinstance(field, ArrayField) else field
            if isinstance(base, models.UUIDField) and not field.primary_key and label not in told:
                unsaid.add(label)
    assert not unsaid, "say in the context's about.py (`ids`) whether these are a person's"
    assert all(
        f"{name.rpartition('.')[0]}.{name.rpartition('.')[2]}" in columns
        for name, why in told.items()
        if why == A_PERSON
    )


def test_every_table_where_two_cannot_stand_side_by_side_says_what_settles_it() -> None:
    """Uniqueness, exclusion, and a key of one to one that name a person."""
    settled, forgotten = contexts.every(lambda about: about.merges), set()
    columns = persons_columns()
    for model in ours():
        label = model._meta.label
        named = {name.rpartition(".")[2] for name in columns if name.rpartition(".")[0] == label}
        keys: list[set[str]] = [set(names) for names, _condition in merging.uniques(model)]
        for constraint in model._meta.constraints:
            if isinstance(constraint, ExclusionConstraint):
                fields = [str(getattr(each, "name", each)) for each, _operator in constraint.expressions]
                keys.append({merging.column_of(model, name) for name in fields if "(" not in name})
        if any(names & named for names in keys) and label not in settled:
            forgotten.add(label)
    assert not forgotten, "say in the context's about.py (`merges`) what settles two rows of the same person"


@pytest.fixture
def office(db: None) -> Office:
    return factories.office(max_coming=3)


def rich(office: Office, name: str) -> Person:
    """A bit of everything."""
    who = office.patient(name)
    clock = time(8) if name == "Kari Gammel" else time(9)
    office.booked(who, clock=clock)
    appointments.send_request(
        actor=citizen(who),
        patient_id=who.pk,
        clinician_id=office.doctor.pk,
        key=new_id(),
        wishes="Hoste",
        coarse_times=[],
        channels=[Channel.ATTENDANCE],
        now=NOW,
    )
    letters.sent(who)
    letters.draft(who, kind=DialogueKind.CONTACT)
    ordered(who, prescription(who, office))
    DeviceTest.objects.create(person=who, tested_at=NOW)
    Lock.objects.create(person=who, locked_at=NOW, lifted_at=None) if name == "Kari Ny" else None
    return who


@pytest.fixture
def old(office: Office) -> Person:
    """Under her D-number."""
    return rich(office, "Kari Gammel")


@pytest.fixture
def new(office: Office) -> Person:
    """Under her national number."""
    made = rich(office, "Kari Ny")
    Lock.objects.all().delete()
    return made


def everything(exclude: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """All rows of all tables that name a person, with what is sealed in the clear: no seal comes twice."""
    models = {each.table: each.model for each in merging.columns()} | {"patients_person": Person}
    return {
        table: sorted(json.dumps(row, sort_keys=True) for row in merging.rows(model, "true", []).values())
        for table, model in models.items()
        if table not in exclude
    }


def names(person_id: UUID) -> set[str]:
    """The columns in which a row names her."""
    found = set()
    with connection.cursor() as cursor:
        for each in merging.columns():
            cursor.execute(f"SELECT EXISTS (SELECT FROM {each.table} WHERE {each.name} = %s)", [person_id])
            if cursor.fetchone()[0]:
                found.add(f"{each.table}.{each.name}")
    return found


def test_every_row_of_the_one_becomes_the_others_and_stays_readable(office: Office, old: Person, new: Person) -> None:
    Person.objects.filter(pk=old.pk).update(contact_confirmed_at=NOW + timedelta(days=1))
    entries, messages = Entry.objects.count(), Message.objects.count()
    log = list(Event.objects.order_by("pk").values())
    before = names(old.pk)
    assert {"journal_entry.patient_id", "dialogues_dialogue.patient_id", "consent_consent.person_id"} <= before

    merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)

    assert not names(old.pk)
    assert before <= names(new.pk)
    assert not Person.objects.filter(pk=old.pk).exists()
    assert Entry.objects.filter(patient=new).count() == entries
    assert Message.objects.count() == messages
    assert all(row.text for row in Message.objects.all())  # what was sealed opens
    assert all(row.title for row in Entry.objects.all())
    assert {row.patient_id for row in Appointment.objects.all()} == {new.pk}
    assert {row.patient_id for row in Renewal.objects.all()} == {new.pk}
    after = list(Event.objects.filter(pk__in=[row["id"] for row in log]).order_by("pk").values())
    assert after == log  # the log is not rewritten


def test_what_cannot_stand_side_by_side_is_settled(office: Office, old: Person, new: Person) -> None:
    Consent.objects.filter(person=old, ends_at=None).update(level=Level.BASIS)
    new.notices, new.is_reserved = {"booked": "sms"}, False
    new.save()
    old.notices, old.is_reserved = {"booked": "none", "reminder": "email"}, True
    old.save()
    merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    new.refresh_from_db()
    assert Consent.objects.get(person=new, ends_at=None).level == Level.BASIS  # the stricter
    assert Membership.objects.filter(person=new).count() == 1
    assert sorted(TimeRequest.objects.values_list("status", flat=True)) == [RequestStatus.SENT, RequestStatus.WITHDRAWN]
    assert Draft.objects.count() == 1
    assert DeviceTest.objects.count() == 1
    assert (new.notices, new.is_reserved) == ({"booked": "none", "reminder": "email"}, True)


def test_powers_of_the_same_two_become_the_narrower_one(office: Office, old: Person, new: Person) -> None:
    tor = office.patient("Tor Testli")
    for giver, areas in ((new, [1, 3]), (old, [1])):
        PowerOfAttorney.objects.create(giver=giver, receiver=tor, areas=areas, starts_date=TODAY, given_at=NOW)
    merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    assert [row.areas for row in PowerOfAttorney.objects.filter(giver=new, ended_at=None)] == [[1]]
    assert PowerOfAttorney.objects.filter(giver=new).count() == 2


def test_two_who_act_for_each_other_are_two(office: Office, old: Person, new: Person) -> None:
    Responsibility.objects.create(parent=new, child=old, starts_date=TODAY)
    before = everything()
    with pytest.raises(Refused, match="merge-related"):
        merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    assert everything() == before


def test_both_numbers_find_her_at_login_in_a_search_in_a_message_and_in_a_file(
    office: Office, old: Person, new: Person
) -> None:
    numbers = (old.national_number, new.national_number)
    merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    mona = office.staff()
    for number in numbers:
        assert queries.id_of(number) == new.pk  # FHIR intake and messages ask this
        assert idporten.citizen(parse_national_number(number, synthetic=True)).pk == new.pk
        (hit,) = searching.search(mona, office.practice.pk, number, now=LATER).rows
        assert hit.id == new.pk
        saved = services.save_person(
            actor=system(),
            national_number=number,
            given_name="Kari",
            family_name="Ny",
            birth_date=new.birth_date,
            now=LATER,
        )
        assert (saved.pk, saved.national_number) == (new.pk, numbers[1])
        line = {
            "type": "person",
            "national_number": number,
            "given_name": "Kari",
            "family_name": "Ny",
            "birth_date": new.birth_date.isoformat(),
        }
        assert not load.load(checking.encode([line]), actor=system(), now=LATER).bad
    assert Person.objects.count() == 1
    assert Person.objects.get().national_number == numbers[1]


def test_the_database_refuses_a_number_that_is_one_persons_and_was_anothers(
    office: Office, old: Person, new: Person
) -> None:
    number, index = old.national_number, bytes(old.national_number_index or b"")
    merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    other = office.patient("Ola Testvik")
    other.national_number, other.national_number_index = number, index
    with pytest.raises(IntegrityError, match="a_number_is_in_use_or_was"), transaction.atomic():
        other.save()
    with pytest.raises(IntegrityError, match="a_number_is_in_use_or_was"), transaction.atomic():
        FormerNumber.objects.create(
            person=new,
            national_number=new.national_number,
            national_number_index=new.national_number_index,
            was_of=new.pk,
            replaced_at=NOW,
        )


def test_her_log_has_the_lines_of_both_and_says_what_happened(office: Office, old: Person, new: Person) -> None:
    audit.looked(office.staff(), "dialogue.read", None, at=NOW, patient_id=old.pk, practice_id=office.practice.pk)
    audit.looked(office.staff(), "dialogue.read", None, at=NOW, patient_id=new.pk, practice_id=office.practice.pk)
    merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    token = login(new)
    session = logins.session(token, NOW + timedelta(minutes=1))
    assert session
    assert session.actor.former_ids == {old.pk}
    assert old.pk in session.actor.scope
    found = audit_policy.own(session.actor)
    assert found.filter(action="dialogue.read").count() == 2
    assert found.filter(action="person.merged").count() == 1
    stranger = citizen(office.patient("Ola Testvik"))
    assert not audit_policy.own(stranger).filter(action="dialogue.read").exists()
    assert queries.names({old.pk, new.pk}) == {old.pk: "Kari Ny", new.pk: "Kari Ny"}
    parts = own_rows.gather(session.actor, Person.objects.get(pk=new.pk), LATER).parts
    log = [line.event for line in parts[-1].rows]
    assert len([event for event in log if event.action == "dialogue.read"]) == 2  # in the copy of her own data too
    assert all(each.name for each in powers.done_for(session.actor))


def test_all_her_logins_end_and_the_office_is_told(office: Office, old: Person, new: Person) -> None:
    login(old)
    login(new)
    merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    assert set(Login.objects.values_list("ended_why", "person_id")) == {(Ended.NUMBER, new.pk)}
    (row,) = ask_for(changes.unseen(office.staff(), office.practice.pk))
    assert (row.kind, row.patient_id) == (Change.NUMBER, new.pk)


def test_it_is_taken_back_as_it_was(office: Office, old: Person, new: Person) -> None:
    Consent.objects.filter(person=old, ends_at=None).update(level=Level.BASIS)
    tor = office.patient("Tor Testli")
    for giver, areas in ((new, [1, 3]), (old, [1])):
        PowerOfAttorney.objects.create(giver=giver, receiver=tor, areas=areas, starts_date=TODAY, given_at=NOW)
    ours_ = ("audit_event", "journeys_registerchange", "patients_merge")
    before = everything(exclude=ours_)
    merge = merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    assert everything(exclude=ours_) != before

    assert merging.undo(merge_id=merge.pk, now=LATER + timedelta(days=29)) == 0

    assert everything(exclude=ours_) == before
    assert Person.objects.get(pk=old.pk).name == "Kari Gammel"  # what was sealed opens
    told = {(row.kind, row.patient_id) for row in ask_for(changes.unseen(office.staff(), office.practice.pk))}
    assert told == {(Change.APART, new.pk), (Change.APART, old.pk)}  # and nothing of a merge that is undone
    merge.refresh_from_db()
    assert merge.trace == ""
    assert set(Event.objects.filter(action="person.unmerged").values_list("patient_id", flat=True)) == {old.pk, new.pk}
    with pytest.raises(Refused, match="merge-undone-before"):  # the register says so every day
        merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER + timedelta(days=30))
    with pytest.raises(NotFound):
        merging.undo(merge_id=merge.pk, now=LATER)


def test_what_happened_since_stays_and_what_was_changed_since_is_counted(
    office: Office, old: Person, new: Person
) -> None:
    Consent.objects.filter(person=old, ends_at=None).update(level=Level.BASIS)
    merge = merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    Consent.objects.filter(person=new, ends_at=None).update(ends_at=LATER)
    since = Consent.objects.create(person=new, level=Level.FULL, starts_at=LATER, given_by=new)
    assert merging.undo(merge_id=merge.pk, now=LATER) == 1  # hers that had ended cannot run beside the new one
    assert Consent.objects.get(pk=since.pk).person_id == new.pk
    assert Appointment.objects.filter(patient=old).count() == 1


def test_after_its_time_it_is_not_taken_back(office: Office, old: Person, new: Person) -> None:
    merge = merging.merge(kept_id=new.pk, gone_id=old.pk, now=LATER)
    too_late = LATER + merging.UNDO_LASTS + timedelta(seconds=1)
    with pytest.raises(Refused, match="merge-too-old"):
        merging.undo(merge_id=merge.pk, now=too_late)
    persons_merging.tidy(too_late)
    merge.refresh_from_db()
    assert merge.trace == ""


def test_a_number_that_nobody_else_has_replaces_hers_and_the_old_one_finds_her(office: Office, old: Person) -> None:
    before, number = old.national_number, synthetic_number(date(1984, 3, 13), 150)
    login(old)
    answer = Registered(
        number=number,
        former=frozenset({before}),
        given_name="Kari",
        family_name="Gammel",
        birth_date=date(1984, 3, 13),
        death_date=None,
        address="",
        grading="open",
        parents={},
        children={},
        guardians={},
    )
    Person.objects.update(confirmed_at=NOW - timedelta(days=1))
    for minutes in (0, 1):  # the register says so every day
        at = LATER + timedelta(minutes=minutes)
        registered.take(actor=system(), person_id=old.pk, told=answer, asked_at=at, now=at)
    old.refresh_from_db()
    assert (old.national_number, old.birth_date) == (number, date(1984, 3, 13))
    assert queries.id_of(before) == queries.id_of(number) == old.pk
    assert FormerNumber.objects.get().person_id == old.pk
    assert set(Login.objects.values_list("ended_why", flat=True)) == {Ended.NUMBER}
    assert Event.objects.filter(action="person.number-changed", patient_id=old.pk).count() == 1


def test_the_registers_answer_merges_and_goes_on_with_the_one_who_stays(
    office: Office, old: Person, new: Person
) -> None:
    Person.objects.update(confirmed_at=NOW - timedelta(days=1))
    answer = Registered(
        number=new.national_number,
        former=frozenset({old.national_number}),
        given_name="Kari",
        family_name="Nyest",
        birth_date=new.birth_date,
        death_date=None,
        address="",
        grading="open",
        parents={},
        children={},
        guardians={},
    )
    registered.take(actor=system(), person_id=old.pk, told=answer, asked_at=LATER, now=LATER)
    new.refresh_from_db()
    assert (Person.objects.count(), new.family_name, new.confirmed_at) == (1, "Nyest", LATER)
