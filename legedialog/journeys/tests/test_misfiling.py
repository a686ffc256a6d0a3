"""Something stood in the wrong person's record."""

import io
import json
import re
from base64 import b64decode
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.attachments import queries as files
from legedialog.attachments import services as attachments
from legedialog.attachments.tests.files import jpeg
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.sql import ask_for
from legedialog.dialogues import conversations
from legedialog.dialogues import queries as dialogues
from legedialog.dialogues.models import Draft
from legedialog.dialogues.services import answer, save_draft, send
from legedialog.dialogues.tests.factories import answered, draft, sent
from legedialog.journal import pdf, policy, queries, rules, services
from legedialog.journal.models import ContactType, Entry, Kind, Misfiling
from legedialog.journeys import misfiling, own_rows
from legedialog.journeys import own_data as copies
from legedialog.journeys.models import Export
from legedialog.journeys.own_fhir import bundle
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person
from legedialog.practices.models import Employee
from legedialog.ui.dates import long_datetime

pytestmark = pytest.mark.django_db
NOW = factories.NOW
LATER = NOW + timedelta(hours=1)
TEXT = "Ringte om prøvesvar fra tirsdag."


@pytest.fixture
def office() -> Office:
    return factories.office()


@pytest.fixture
def kari(office: Office) -> Person:
    return office.patient()


@pytest.fixture
def per(office: Office) -> Person:
    return office.patient("Per Testvik")


@pytest.fixture
def doctor(office: Office) -> Actor:
    return office.staff(Role.DOCTOR)


def noted(actor: Actor, office: Office, patient: Person, text: str = TEXT) -> Entry:
    waits = attachments.receive(
        actor=actor,
        practice_id=office.practice.pk,
        patient_id=patient.pk,
        name="svar.jpg",
        file=io.BytesIO(jpeg()),
        now=NOW,
    )
    return services.write_note(
        actor=actor,
        patient_id=patient.pk,
        practice_id=office.practice.pk,
        key=new_id(),
        contact_type=ContactType.PHONE,
        text=text,
        problem_code="S07",
        attachment_ids=[waits.pk],
        now=NOW,
    )


def move(actor: Actor, entry: Entry, to: Person | None, *, whole: bool = False, now: datetime = LATER) -> Misfiling:
    return misfiling.misfile(
        actor=actor,
        entry_id=entry.pk,
        number=to.national_number if to else "",
        whole=whole,
        reason="Skrevet hos feil pasient.",
        tells=True,
        tells_other=to is not None,
        now=now,
    )


def in_record(actor: Actor, patient: Person, words: str = "prøvesvar") -> tuple[list[str], list[str], list[str]]:
    """The texts on the pages of the record, in its search, and on paper."""
    shown = queries.page(actor, patient.pk, LATER).items
    found = queries.search(actor, patient.pk, words, LATER).items
    printed, _ = queries.printed(actor, patient.pk, queries.Filters(), LATER, form="pdf")
    return [each.text for each in shown], [each.text for each in found], [each.text for each in printed]


def own_data(person: Person) -> tuple[list[str], str, int]:
    """What she gets of the record, her FHIR file, and how many files."""
    rows = own_rows.gather(own_rows.reader(person, LATER), person, LATER)
    fhir = json.dumps(bundle(rows, LATER), ensure_ascii=False)
    texts = [row.text for part in rows.parts for row in part.rows if isinstance(row, Entry)]
    return texts, opened(fhir.encode()), len(rows.files)


def opened(fhir: bytes) -> str:
    """With the texts that stand packed in it."""
    packed = re.findall(r'"data": "([^"]*)"', fhir.decode())
    return " ".join([fhir.decode(), *(b64decode(each).decode(errors="replace") for each in packed)])


def test_it_is_out_of_sight_at_once_everywhere_and_stands_in_the_right_record(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    entry = noted(doctor, office, kari)
    services.correct(actor=doctor, entry_id=entry.pk, seen=0, reason="Feil", text="Rettet prøvesvar.", now=NOW)
    (file,) = files.of([entry.object_id])[entry.object_id]
    move(doctor, entry, per)

    assert in_record(doctor, kari) == ([], [], [])
    assert own_data(kari)[0] == []
    assert "prøvesvar" not in own_data(kari)[1]
    assert own_data(kari)[2] == 0
    for look in (
        lambda: queries.one(doctor, policy.find(doctor, entry.pk), LATER),
        lambda: queries.file_of_record(doctor, file.pk),
        lambda: services.correct(actor=doctor, entry_id=entry.pk, seen=1, reason="x", text="x", now=LATER),
    ):
        with pytest.raises(NotFound):
            look()

    shown, found, printed = in_record(doctor, per)
    assert sorted(shown) == sorted(found) == sorted(printed) == sorted([TEXT, "Rettet prøvesvar."])
    assert sorted(own_data(per)[0]) == sorted(shown)
    copy = Entry.objects.get(patient=per, kind=Kind.NOTE)
    assert (copy.at, copy.by_employee_id, copy.problem_code) == (NOW, doctor.employee_id, "S07")
    (again,) = files.of([copy.object_id])[copy.object_id]
    assert b"".join(files.open_chunks(again)) == b"".join(files.open_chunks(file))
    assert again.patient_id == per.pk


def test_nothing_of_the_record_is_changed_or_removed(office: Office, kari: Person, per: Person, doctor: Actor) -> None:
    entry = noted(doctor, office, kari)
    before = Entry.objects.filter(pk=entry.pk).values().get()
    move(doctor, entry, per)
    assert Entry.objects.filter(pk=entry.pk).values().get() == before


def test_it_may_be_nobodys(office: Office, kari: Person, doctor: Actor) -> None:
    move(doctor, noted(doctor, office, kari), None)
    assert in_record(doctor, kari) == ([], [], [])
    assert Entry.objects.count() == 1
    assert list(Notification.objects.values_list("event", "recipient")) == [("journal.moved", kari.pk)]


def test_a_message_leaves_its_dialogue_for_both_sides(office: Office, kari: Person, per: Person, doctor: Actor) -> None:
    dialogue = answered(office, kari)
    answer = Entry.objects.get(kind=Kind.MESSAGE, by_employee__isnull=False)
    for reader in (citizen(kari), doctor):
        assert len(conversations.conversation(reader, dialogue.pk).messages) == 2
    move(doctor, answer, per)
    for reader in (citizen(kari), doctor):
        texts = [each.text for each in conversations.conversation(reader, dialogue.pk).messages]
        assert texts == ["Jeg har fått et utslett på armen som klør."]
    assert dialogues.rows_from(ask_for(dialogues.news(citizen(kari), kari.pk))) == []
    assert "fuktighetskrem" not in own_data(kari)[1]
    assert "fuktighetskrem" in own_data(per)[1]


def test_the_right_record_says_everywhere_that_it_came_from_another_when_and_by_whom(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    answered(office, kari, kind="contact")
    entry = Entry.objects.get(kind=Kind.MESSAGE, by_person=kari)
    services.correct(actor=doctor, entry_id=entry.pk, seen=0, reason="Feil", text="Rettet.", now=NOW)
    assert entry.title.startswith("Henvendelse til kontoret fra pasienten: ")
    move(doctor, entry, per)

    correction, message = queries.page(doctor, per.pk, LATER).items
    assert message.title.startswith("Henvendelse til kontoret fra en annen pasient: ")
    assert correction.title.startswith("Rettelse: Henvendelse til kontoret fra en annen pasient: ")
    assert (message.author, message.is_by_patient) == ("En annen pasient", False)
    (name,) = Employee.objects.filter(pk__in=[doctor.employee_id]).values_list("name", flat=True)
    words = f"Flyttet hit fra en annen pasients journal {long_datetime(LATER)} av {name}"
    printed, _ = queries.printed(doctor, per.pk, queries.Filters(), LATER, form="pdf")
    for item in (message, correction, *printed, queries.one(doctor, policy.find(doctor, message.id), LATER)):
        assert item.moved == words
    paper = pdf.document(printed, name="Per Testvik", born=per.birth_date, is_cut=False, now=LATER)
    assert {each["moved"] for each in paper["entries"]} == {words}
    rows = own_rows.gather(own_rows.reader(per, LATER), per, LATER)
    shown = [str(part.own.line(row)) for part in rows.parts for row in part.rows if isinstance(row, Entry)]
    assert [words in line for line in shown] == [True, True]
    assert own_data(per)[1].count(words) == 2
    assert kari.family_name not in " ".join(shown) + own_data(per)[1]


def test_what_the_right_patient_wrote_herself_stays_hers(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    """She wrote for her child about herself."""
    answered(office, kari, kind="contact")
    Entry.objects.filter(by_person=kari).update(by_person=per)
    move(doctor, Entry.objects.get(kind=Kind.MESSAGE, by_person=per), per)
    (item,) = queries.page(doctor, per.pk, LATER).items
    assert item.title.startswith("Henvendelse til kontoret fra pasienten: ")
    assert (item.author, item.is_by_patient) == (per.name, True)
    assert item.moved


def test_what_was_moved_to_one_does_not_go_along_to_another(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    """One message was Per's; the rest of the dialogue is Lise's."""
    lise = office.patient("Lise Testnes")
    dialogue = answered(office, kari)
    question, reply = Entry.objects.filter(kind=Kind.MESSAGE, patient=kari).order_by("at", "pk")
    move(doctor, reply, per)
    made = move(doctor, question, lise, whole=True)
    assert len(queries.page(doctor, lise.pk, LATER).items) == 1
    misfiling.undo(actor=doctor, misfiling_id=made.pk, now=LATER)
    with pytest.raises(NotFound):
        policy.find(doctor, reply.pk)
    assert len(conversations.conversation(doctor, dialogue.pk).messages) == 1


def test_a_file_alone_leaves_its_message(office: Office, kari: Person, per: Person, doctor: Actor) -> None:
    dialogue = sent(kari)
    (waits,) = [
        attachments.receive(
            actor=doctor,
            practice_id=office.practice.pk,
            patient_id=kari.pk,
            name="svar.jpg",
            file=io.BytesIO(jpeg()),
            now=NOW,
        )
    ]
    answer(
        actor=doctor,
        dialogue_id=dialogue.pk,
        key=new_id(),
        text="Se vedlegget.",
        closes=False,
        problem_code="S87",
        attachment_ids=[waits.pk],
        now=NOW,
    )
    entry = Entry.objects.get(kind=Kind.ATTACHMENT)
    assert conversations.check_attachment(citizen(kari), files.find(waits.pk))
    move(doctor, entry, per)
    for reader in (citizen(kari), doctor):
        written = conversations.conversation(reader, dialogue.pk).messages
        assert [(each.text[:14], len(each.files)) for each in written][1] == ("Se vedlegget.", 0)
        with pytest.raises(NotFound):
            conversations.check_attachment(reader, files.find(waits.pk))
    with pytest.raises(NotFound):
        queries.file_of_record(doctor, waits.pk)
    assert own_data(kari)[2] == 0
    assert own_data(per)[2] == 1
    lise = office.patient("Lise Testnes")
    move(doctor, Entry.objects.get(kind=Kind.MESSAGE, by_employee__isnull=False, patient=kari), lise)
    assert own_data(lise)[2] == 0  # what was Per's does not go along to her
    assert own_data(per)[2] == 1


def test_a_whole_dialogue_is_found_by_nobody_and_its_words_in_the_right_record_name_nobody(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    dialogue = answered(office, kari)
    entry = Entry.objects.get(kind=Kind.MESSAGE, by_person=kari)
    move(doctor, entry, per, whole=True)
    for reader in (citizen(kari), doctor):
        with pytest.raises(NotFound):
            conversations.conversation(reader, dialogue.pk)
    assert dialogues.rows_from(ask_for(dialogues.news(citizen(kari), kari.pk))) == []
    texts, fhir, _ = own_data(kari)
    assert "utslett på armen" not in fhir + "".join(texts)
    moved = Entry.objects.filter(patient=per)
    assert len(moved) == 2
    assert {each.by_person_id for each in moved} == {None}
    assert kari.family_name not in own_data(per)[1]


def test_a_whole_dialogue_moves_with_its_decisions_corrections_and_the_files_of_both_sides(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    waits = [
        attachments.receive(
            actor=actor,
            practice_id=office.practice.pk,
            patient_id=kari.pk,
            name=name,
            file=io.BytesIO(jpeg()),
            now=NOW,
        )
        for actor, name in ((citizen(kari), "arm.jpg"), (doctor, "råd.jpg"))
    ]
    save_draft(
        actor=citizen(kari),
        patient_id=kari.pk,
        kind=draft(kari).kind,
        attachment_ids=[waits[0].pk],
        now=NOW,
    )
    dialogue = send(actor=citizen(kari), draft_id=Draft.objects.get(owner=kari).pk, now=NOW)
    answer(
        actor=doctor,
        dialogue_id=dialogue.pk,
        key=new_id(),
        text="Kom til kontroll.",
        closes=False,
        needs_appointment=True,  # which is a decision about the same message
        problem_code="S87",
        attachment_ids=[waits[1].pk],
        now=NOW,
    )
    entry = Entry.objects.get(kind=Kind.MESSAGE, by_person=kari)
    services.correct(actor=doctor, entry_id=entry.pk, seen=0, reason="Feil", text="Rettet.", now=NOW)
    stood = Entry.objects.filter(patient=kari).exclude(kind=Kind.ATTACHMENT).count()

    move(doctor, entry, per, whole=True)

    assert queries.page(doctor, kari.pk, LATER).items == []
    assert own_data(kari)[2] == 0
    assert Entry.objects.filter(patient=per).count() == stood == 4
    assert own_data(per)[2] == 2


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("doctor", None), ("substitute", None), ("secretary", Denied), ("manager", NotFound), ("elsewhere", NotFound),
     ("the patient", NotFound)],
)  # fmt: skip
def test_who_may(who: str, refusal: type[Exception] | None, office: Office, kari: Person, per: Person) -> None:
    entry = noted(office.staff(Role.DOCTOR), office, kari)
    actors = {
        "doctor": office.staff(Role.DOCTOR),
        "substitute": office.staff(Role.SUBSTITUTE),
        "secretary": office.staff(Role.SECRETARY),
        "manager": office.staff(Role.MANAGER),
        "elsewhere": factories.office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR),
        "the patient": citizen(kari),
    }
    if refusal is None:
        made = move(actors[who], entry, per)
        misfiling.undo(actor=actors[who], misfiling_id=made.pk, now=LATER)
        return
    with pytest.raises(refusal):
        move(actors[who], entry, per)
    made = move(office.staff(Role.DOCTOR), entry, per)
    with pytest.raises(NotFound):
        misfiling.undo(actor=actors[who], misfiling_id=made.pk, now=LATER)


def test_what_cannot_be_moved(office: Office, kari: Person, doctor: Actor) -> None:
    office.booked(kari)
    booking = Entry.objects.get(kind=Kind.BOOKING)
    stranger = factories.office("Dalen legekontor", "Odd Lund").patient("Ola Testmo")
    entry = noted(doctor, office, kari)
    for what, to, refusal in (
        (booking, None, rules.ONLY_WRITTEN),
        (entry, stranger, rules.UNKNOWN_PATIENT),
        (entry, kari, rules.SAME_PATIENT),
    ):
        with pytest.raises(Refused) as refused:
            move(doctor, what, to)
        assert refused.value.refusal is refusal
    assert not Misfiling.objects.exists()


def test_it_is_undone_within_two_weeks_and_then_all_is_as_it_was(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    entry = noted(doctor, office, kari)
    before = in_record(doctor, kari)
    assert "prøvesvar" in own_data(kari)[1]
    made = move(doctor, entry, per)
    with pytest.raises(Refused) as late:
        misfiling.undo(actor=doctor, misfiling_id=made.pk, now=LATER + rules.UNDO_WITHIN + timedelta(seconds=1))
    assert late.value.refusal is rules.TOO_LATE
    misfiling.undo(actor=doctor, misfiling_id=made.pk, now=LATER + rules.UNDO_WITHIN)
    assert in_record(doctor, kari) == before
    assert in_record(doctor, per) == ([], [], [])
    assert "prøvesvar" not in own_data(per)[1]
    undone = Notification.objects.filter(event="journal.moved", sequence=misfiling.UNDONE)
    assert set(undone.values_list("recipient", flat=True)) == {kari.pk, per.pk}  # as they were told of the move
    with pytest.raises(Refused) as twice:
        misfiling.undo(actor=doctor, misfiling_id=made.pk, now=LATER)
    assert twice.value.refusal is rules.ALREADY_UNDONE


def test_both_are_told_without_content_and_both_logs_say_so_without_the_other(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    made = move(doctor, noted(doctor, office, kari), per)
    told = set(Notification.objects.values_list("event", "recipient", "object_id"))
    assert told == {("journal.moved", kari.pk, made.pk), ("journal.moved", per.pk, made.pk)}
    logged = {action: Event.objects.get(action=action) for action in ("journal.taken-out", "journal.put-in")}
    assert logged["journal.taken-out"].patient_id == kari.pk
    assert logged["journal.put-in"].patient_id == per.pk
    for person, other in ((kari, per), (per, kari)):
        _, fhir, _ = own_data(person)
        assert str(other.pk) not in fhir
        assert other.family_name not in fhir


def test_who_was_not_told_of_a_move_is_not_told_that_it_was_undone(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    entry = noted(doctor, office, kari)
    made = misfiling.misfile(
        actor=doctor,
        entry_id=entry.pk,
        number=per.national_number,
        whole=False,
        reason="Feil.",
        tells=False,
        tells_other=True,
        now=LATER,
    )
    misfiling.undo(actor=doctor, misfiling_id=made.pk, now=LATER)
    assert list(Notification.objects.values_list("recipient", "sequence").order_by("sequence")) == [
        (per.pk, 0),
        (per.pk, misfiling.UNDONE),
    ]


def test_who_has_seen_it_is_listed_from_the_log(office: Office, kari: Person, per: Person, doctor: Actor) -> None:
    entry = noted(doctor, office, kari)
    mona, siri = office.staff(Role.SECRETARY), office.staff(Role.SECRETARY)
    for seconds in (60, 65):  # one look
        queries.one(mona, policy.find(mona, entry.pk), NOW + timedelta(seconds=seconds))
    queries.page(mona, per.pk, NOW + timedelta(minutes=2))  # another's record
    made = move(doctor, entry, per)
    queries.page(siri, kari.pk, LATER + timedelta(minutes=1))  # it is gone by then
    seen = misfiling.who_saw(doctor, made, LATER)
    assert [(each.since, each.what) for each in seen] == [
        (NOW + timedelta(minutes=1), [("Leste en innføring i journalen", 2)])
    ]
    assert Event.objects.filter(action="journal.moved-read", patient_id=kari.pk).exists()


def test_who_has_seen_one_message_are_also_those_who_opened_the_dialogue_and_she_who_fetched_a_copy(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    dialogue = answered(office, kari)
    entry = Entry.objects.get(kind=Kind.MESSAGE, by_person=kari)
    at = NOW + timedelta(minutes=1)
    tor = replace(citizen(office.patient("Tor Testnes")), acting_for_id=kari.pk, patients=frozenset({kari.pk}))
    audit.looked_on_behalf(tor, "messages.listed", None, at=at, patient_id=kari.pk)
    audit.looked_on_behalf(tor, "dialogue.read", dialogue.pk, at=at, patient_id=kari.pk)
    audit.looked(doctor, "dialogue.read", dialogue.pk, at=at, patient_id=kari.pk, practice_id=office.practice.pk)
    copies.ask(actor=citizen(kari), now=at)
    copies.make(Export.objects.get().pk, at)
    copies.fetch(actor=citizen(kari), file="fhir", now=at)
    seen = misfiling.who_saw(doctor, move(doctor, entry, per), LATER)
    assert {each.latest.who: {words for words, _ in each.what} for each in seen} == {
        "Tor Testnes": {"Leste meldingene", "Leste en dialog"},
        "Mona Haug": {"Leste en dialog"},  # the doctor
        kari.name: {"Lastet ned en kopi av opplysningene dine"},
    }


def test_a_copy_that_was_made_before_it_was_moved_is_not_handed_out(
    office: Office, kari: Person, per: Person, doctor: Actor
) -> None:
    entry = noted(doctor, office, kari)
    copies.ask(actor=citizen(kari), now=LATER)
    copies.make(Export.objects.get().pk, LATER)
    assert TEXT in opened(copies.fetch(actor=citizen(kari), file="fhir", now=LATER))
    move(doctor, entry, per, now=LATER + timedelta(minutes=1))
    after = LATER + timedelta(minutes=2)
    state = copies.state(citizen(kari), after)
    assert state
    assert (state.is_void, state.is_ready, state.is_waiting) == (True, False, False)
    for file in copies.FILES:
        with pytest.raises(NotFound):
            copies.fetch(actor=citizen(kari), file=file, now=after)
    copies.ask(actor=citizen(kari), now=after)
    copies.make(Export.objects.get().pk, after)
    assert TEXT not in opened(copies.fetch(actor=citizen(kari), file="fhir", now=after))
