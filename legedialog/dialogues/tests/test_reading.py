"""Who reads and writes what, for herself and for others, and finds it again."""

from dataclasses import replace
from uuid import uuid4

import pytest

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import person
from legedialog.audit.models import Event
from legedialog.core import broken
from legedialog.core.errors import Denied, NotFound
from legedialog.core.sql import ask_for
from legedialog.core.tests import owner
from legedialog.dialogues import conversations, queries, services
from legedialog.dialogues.models import Dialogue, Message, Status
from legedialog.dialogues.models import Kind as K
from legedialog.dialogues.tests.factories import (
    NOW,
    TEXT,
    answered,
    citizen,
    draft,
    office,
    secretary,
    sent,
)
from legedialog.dialogues.tests.people import LATER, colleague, doctor
from legedialog.journal import queries as journal
from legedialog.journal.models import Entry
from legedialog.patients.representation import Area, Ground, Restriction
from legedialog.practices.models import Practice

pytestmark = pytest.mark.django_db


# ---- acting for others


def test_a_parent_writes_for_a_child_into_the_childs_matters_and_it_says_so() -> None:
    at = office()
    kari, ola = at.patient(), at.patient("Ola Testdal")
    actor = replace(
        citizen(kari), acting_for_id=ola.pk, patients=frozenset({ola.pk}), areas=frozenset(Area), ground="FO"
    )
    written = draft(kari, actor=actor, patient=ola)
    dialogue = services.send(actor=actor, draft_id=written.pk, now=NOW)
    services.open_(actor=doctor(at), dialogue_id=dialogue.pk, now=LATER)
    message = Message.objects.get()
    entry = Entry.objects.get()
    assert (dialogue.patient_id, message.by_person_id, message.ground) == (ola.pk, kari.pk, "FO")
    assert (entry.patient_id, entry.by_person_id, entry.ground) == (ola.pk, kari.pk, "FO")
    with pytest.raises(NotFound):
        conversations.conversation(citizen(kari), dialogue.pk)  # as herself it is not hers
    elsewhere = replace(actor, person_id=person("Tor Testdal").pk)
    second = services.send(actor=elsewhere, draft_id=draft(kari, actor=elsewhere, patient=ola).pk, now=LATER)
    services.open_(actor=doctor(at), dialogue_id=second.pk, now=LATER)
    # who is on no list of this office
    assert {each.author for each in journal.page(doctor(at), ola.pk, LATER).items} == {"Kari Testdal", "Tor Testdal"}
    other = replace(actor, person_id=at.patient("Tor Testdal").pk)
    assert conversations.conversation(other, dialogue.pk).messages[0].by == "Kari Testdal"


def test_who_may_not_write_for_another_is_denied() -> None:
    at = office()
    kari, ola = at.patient(), at.patient("Ola Testdal")
    areas = frozenset(Area) - {Area.MESSAGES}
    actor = replace(citizen(kari), acting_for_id=ola.pk, patients=frozenset({ola.pk}), areas=areas, ground="FO")
    with pytest.raises(Denied):
        services.save_draft(actor=actor, patient_id=ola.pk, kind=K.CONTACT, text="Hei", now=NOW)


def test_a_youth_alone_sees_what_the_office_wrote_but_not_what_a_parent_did() -> None:
    at = office()
    kari, emil = at.patient(), at.patient("Emil Testhaug")
    areas = frozenset({Area.GP, Area.APPOINTMENTS, Area.INBOX, Area.PRESCRIPTIONS})
    parent = replace(
        citizen(kari), acting_for_id=emil.pk, patients=frozenset({emil.pk}), areas=frozenset(Area), ground="FO"
    )
    services.send(actor=parent, draft_id=draft(kari, actor=parent, patient=emil).pk, now=NOW)
    started = services.start(
        actor=doctor(at), patient_id=emil.pk, kind=K.CONTACT, key=uuid4(), subject="Time", text="Hei", now=NOW
    )
    youth = replace(citizen(emil), areas=areas, ground=Ground.YOUTH.value)
    assert [row.id for row in queries.mine(youth, emil.pk)] == [started.pk]
    services.restrict(actor=youth, dialogue_id=started.pk, restriction=Restriction.FROM_PARENTS, now=NOW)
    assert started.pk not in {row.id for row in queries.mine(parent, emil.pk)}
    for actor, restriction in ((youth, Restriction.FROM_YOUTH), (at.staff(), Restriction.NORMAL)):
        with pytest.raises(Denied):
            services.restrict(actor=actor, dialogue_id=started.pk, restriction=restriction, now=NOW)
    with pytest.raises(NotFound):  # from whom it is hidden, she cannot show it again
        services.restrict(actor=parent, dialogue_id=started.pk, restriction=Restriction.NORMAL, now=NOW)
    for _twice in range(2):
        services.restrict(actor=doctor(at), dialogue_id=started.pk, restriction=Restriction.FROM_YOUTH, now=NOW)
    assert queries.mine(youth, emil.pk) == []
    assert Event.objects.filter(action="dialogue.hidden", object_id=started.pk).count() == 2


# ---- reading


def test_the_first_reader_at_the_office_opens_it_and_files_it_and_every_read_is_logged() -> None:
    at = office()
    dialogue = sent(at.patient())
    for _number in range(2):
        services.open_(actor=doctor(at), dialogue_id=dialogue.pk, now=LATER)
    dialogue.refresh_from_db()
    entry = Entry.objects.get()
    assert (dialogue.status, dialogue.opened_at, entry.contact_type) == (Status.OPENED, LATER, "econsultation")
    assert TEXT in entry.text
    assert "Hvor lenge har det vart? Noen uker" in entry.text
    assert Event.objects.filter(action="dialogue.read", object_id=dialogue.pk).count() == 2
    assert Event.objects.filter(action="dialogue.opened").count() == 1


@pytest.mark.parametrize(
    ("who", "econsultation", "contact"),
    [
        ("the patient's doctor", "reads", "reads"),
        ("another doctor", "not found", "reads"),
        ("the one it is given to", "reads", "reads"),
        ("the secretary", "not found", "reads"),
        ("the manager", "denied", "denied"),
        ("a substitute who does not stand in", "not found", "reads"),
        ("another office", "not found", "not found"),
        ("another patient", "not found", "not found"),
    ],
)
def test_who_reads_what(who: str, econsultation: str, contact: str) -> None:
    at = office()
    kari = at.patient()
    actors = {
        "the patient's doctor": doctor(at),
        "another doctor": colleague(at),
        "the one it is given to": colleague(at, "Leif Strand"),
        "the secretary": secretary(at),
        "the manager": at.staff(Role.MANAGER),
        "a substitute who does not stand in": colleague(at, "Vikar Test", Role.SUBSTITUTE),
        "another office": office("Dalen").staff(Role.SECRETARY),
        "another patient": citizen(at.patient("Per Testvik")),
    }
    found = {}
    for kind in (K.ECONSULTATION, K.CONTACT):
        dialogue = sent(kari, kind=kind)
        Dialogue.objects.filter(pk=dialogue.pk).update(assigned_to=actors["the one it is given to"].employee_id)
        try:
            conversations.conversation(actors[who], dialogue.pk)
            found[kind] = "reads"
        except NotFound:
            found[kind] = "not found"
        except Denied:
            found[kind] = "denied"
    assert found == {K.ECONSULTATION: econsultation, K.CONTACT: contact}


def test_reception_reads_econsultations_only_where_the_office_says_so() -> None:
    at = office()
    Practice.objects.filter(pk=at.practice.pk).update(secretary_reads=True)
    dialogue = sent(at.patient())
    mona = secretary(at)
    assert conversations.conversation(mona, dialogue.pk).row.id == dialogue.pk
    with pytest.raises(Denied):
        services.answer(actor=mona, dialogue_id=dialogue.pk, key=uuid4(), text="Hei", now=NOW)


def test_what_the_office_wrote_is_unread_until_she_reads_it() -> None:
    at = office()
    kari = at.patient()
    dialogue = answered(at, kari)
    assert [row.id for row in queries.rows_from(ask_for(queries.news(citizen(kari), kari.pk)))] == [dialogue.pk]
    services.read(actor=citizen(kari), dialogue_id=dialogue.pk, now=LATER)
    assert queries.rows_from(ask_for(queries.news(citizen(kari), kari.pk))) == []
    assert Message.objects.get(number=2).read_at == LATER


# ---- the citizen's list


def test_she_finds_her_own_by_words_that_are_sealed() -> None:
    at = office()
    kari = at.patient()
    rash, bill = sent(kari), sent(kari, kind=K.CONTACT, text="Jeg trenger en attest til skolen.")
    found = [row.id for row in queries.mine(citizen(kari), kari.pk, words="ATTEST skolen")]
    assert found == [bill.pk]
    assert [row.id for row in queries.mine(citizen(kari), kari.pk, words="utslett")] == [rash.pk]
    assert queries.mine(citizen(kari), kari.pk, words="bank") == []
    per = at.patient("Per Testvik")
    assert queries.mine(citizen(per), kari.pk) == []


@pytest.mark.parametrize("count", [1, 20])
def test_a_list_takes_one_query(count: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    at = office()
    kari = at.patient()
    for number in range(count):
        services.start(
            actor=doctor(at),
            patient_id=kari.pk,
            kind=K.CONTACT,
            key=uuid4(),
            subject=f"Nr. {number}",
            text="Hei",
            now=NOW,
        )
    with django_assert_num_queries(1):
        assert len(queries.mine(citizen(kari), kari.pk)) == count


# ---- what cannot be shown: docs/adr/0180


@pytest.mark.parametrize("column", ["text", "answers"])
def test_what_cannot_be_shown_is_not_read_or_filed_before_it_is_mended(column: str) -> None:
    at = office()
    kari, leser = at.patient(), doctor(at)
    dialogue = sent(kari)
    kept = bytes(owner.told(f"SELECT {column} FROM dialogues_message"))
    owner.damage("dialogues_message", column, dialogue.messages.get().pk)
    with broken.reading():
        services.open_(actor=leser, dialogue_id=dialogue.pk, now=LATER)
        shown = conversations.conversation(leser, dialogue.pk)
    assert "[Kan ikke vises. Kode " in f"{shown.messages[0].text} {shown.messages[0].answers}"
    assert Dialogue.objects.get().opened_at is None
    assert not Entry.objects.exists()
    owner.run(f"UPDATE dialogues_message SET {column} = %s", [kept])
    services.open_(actor=leser, dialogue_id=dialogue.pk, now=LATER)
    assert Dialogue.objects.get().opened_at == LATER
    assert TEXT in Entry.objects.get().text


def test_a_list_shows_the_rest_of_what_one_row_cannot() -> None:
    at = office()
    kari = at.patient()
    lost, whole = sent(kari), sent(kari)
    owner.damage("dialogues_dialogue", "subject", lost.pk)
    with broken.reading():
        rows = {row.id: row.subject for row in queries.mine(citizen(kari), kari.pk)}
    assert rows[lost.pk].startswith("[Kan ikke vises. Kode ")
    assert rows[whole.pk] == whole.subject
