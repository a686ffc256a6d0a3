"""A citizen's own data: made by a job, hers alone, for a day; and what stands in it."""

import base64
import io
import json
import zipfile
from datetime import time, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app

from legedialog.access.actor import ANONYMOUS, Actor, Role
from legedialog.access.services import lock
from legedialog.appointments.models import Appointment
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.attachments import queries as attachment_queries
from legedialog.attachments import rules
from legedialog.attachments import services as attachments
from legedialog.attachments.tests import files
from legedialog.attachments.tests.files import pdf as pdf_file
from legedialog.audit import texts as audit_texts
from legedialog.audit.models import Event
from legedialog.core import contexts
from legedialog.core.errors import Denied, NotFound
from legedialog.core.ids import new_id
from legedialog.core.tests import owner
from legedialog.core.times import local_day
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.tests.factories import draft
from legedialog.fees.tests.factories import charged
from legedialog.journal.models import ContactType, Entry
from legedialog.journal.services import correct, write_note
from legedialog.journeys import own_data, own_fhir, own_pdf
from legedialog.journeys.models import Export
from legedialog.journeys.own_log import Line
from legedialog.journeys.own_rows import Rows, gather, reader
from legedialog.journeys.tests.test_withdrawal import wish
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status
from legedialog.patients.models import Person, YouthAccess
from legedialog.patients.own import BIRTH_NUMBER
from legedialog.patients.representation import Restriction
from legedialog.prescriptions import services as renewals
from legedialog.prescriptions.models import Prescription, Renewal
from legedialog.prescriptions.tests.factories import item_in, prescription
from legedialog.video import rules as video_rules
from legedialog.video.conduct import confirm_identity
from legedialog.video.services import save_test
from legedialog.video.tests.factories import DURING, video

pytestmark = pytest.mark.django_db
HIDDEN = Restriction.FROM_YOUTH
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def office() -> Office:
    return factories.office()


@pytest.fixture
def kari(office: Office) -> Person:
    kari = office.patient()
    office.booked(kari, reason="#Hoste *i* $natt$")
    wish(office, kari)
    notice = Notification.objects.get(event="appointment.booked", recipient=kari)
    notice.status, notice.channel, notice.text = Status.SENT, "sms", "Du har fått time."
    notice.save()
    item = item_in("renewed", office, kari)
    Renewal.objects.filter(pk=item.renewal_id).update(pickup="AP")
    return kari


def asked(who: Person) -> UUID:
    own_data.ask(actor=citizen(who), now=NOW)
    return Export.objects.get(person=who).pk


def ready(who: Person) -> UUID:
    pk = asked(who)
    own_data.make(pk, LATER)
    return pk


def test_she_asks_and_the_job_makes_both_files(kari: Person) -> None:
    pk = asked(kari)
    (job,) = app.job_manager.list_jobs(task=own_data.MAKE)
    assert str(pk) in str(job.task_kwargs)
    waiting = own_data.state(citizen(kari), NOW)
    assert waiting
    assert (waiting.is_waiting, waiting.done) == (True, 0)
    own_data.make(pk, LATER)
    state = own_data.state(citizen(kari), LATER)
    assert state
    assert (state.is_ready, state.done, state.ends_at) == (True, own_data.STEPS, NOW + own_data.LASTS)
    assert own_data.fetch(actor=citizen(kari), file="pdf", now=LATER).startswith(b"%PDF-")
    assert json.loads(own_data.fetch(actor=citizen(kari), file="fhir", now=LATER))["resourceType"] == "Bundle"
    actions = Event.objects.filter(patient_id=kari.pk, action__startswith="own_data.").values_list("action", flat=True)
    assert sorted(actions) == ["own_data.asked", "own_data.fetched", "own_data.fetched"]


def test_asking_while_it_is_made_goes_on_with_the_same_and_asking_after_makes_a_new_one(kari: Person) -> None:
    first = asked(kari)
    assert asked(kari) == first
    own_data.make(first, LATER)
    assert asked(kari) != first


def test_what_takes_too_long_may_be_begun_again_and_the_lost_job_then_does_nothing(kari: Person) -> None:
    first = asked(kari)
    state = own_data.state(citizen(kari), NOW + own_data.SLOW)
    assert state
    assert not state.is_slow
    late = NOW + own_data.SLOW + timedelta(seconds=1)
    state = own_data.state(citizen(kari), late)
    assert state
    assert (state.is_waiting, state.is_slow) == (True, True)
    own_data.ask(actor=citizen(kari), now=late)
    second = Export.objects.get(person=kari).pk
    assert second != first
    own_data.make(first, late)  # its worker was killed, and the job came back
    assert Export.objects.get(person=kari).ready_at is None
    own_data.make(second, late)
    state = own_data.state(citizen(kari), late)
    assert state
    assert (state.is_ready, state.is_slow) == (True, False)


def test_the_files_are_sealed_in_the_database(kari: Person) -> None:
    ready(kari)
    with connection.cursor() as cursor:
        cursor.execute("SELECT fhir, pdf FROM journeys_export")
        fhir, pdf = map(bytes, cursor.fetchone())
    assert b"Testdal" not in fhir
    assert b"JVBER" not in pdf  # "%PDF" in base64


def test_nobody_else_gets_them(kari: Person, office: Office) -> None:
    ready(kari)
    per = office.patient("Per Testvik")
    # somebody who acts for Kari is still not Kari
    son = Actor(kind=citizen(per).kind, person_id=per.pk, acting_for_id=kari.pk, patients=frozenset({per.pk, kari.pk}))
    for stranger in (citizen(per), son, office.staff(), ANONYMOUS):
        assert own_data.state(stranger, LATER) is None
        with pytest.raises(NotFound):
            own_data.fetch(actor=stranger, file="pdf", now=LATER)
    with pytest.raises(Denied):
        own_data.ask(actor=office.staff(), now=NOW)
    with pytest.raises(NotFound):
        own_data.fetch(actor=citizen(kari), file="exe", now=LATER)


def test_they_are_hers_for_a_day(kari: Person) -> None:
    ready(kari)
    end = NOW + own_data.LASTS
    assert own_data.fetch(actor=citizen(kari), file="pdf", now=end - timedelta(seconds=1))
    with pytest.raises(NotFound):
        own_data.fetch(actor=citizen(kari), file="pdf", now=end)
    assert own_data.state(citizen(kari), end) is None
    own_data.tidy(end - timedelta(seconds=1))
    assert Export.objects.exists()
    own_data.tidy(end)
    assert not Export.objects.exists()


def test_not_ready_is_not_found(kari: Person) -> None:
    asked(kari)
    with pytest.raises(NotFound):
        own_data.fetch(actor=citizen(kari), file="pdf", now=LATER)


def test_a_fault_is_told_and_she_can_ask_again(kari: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError

    first = asked(kari)
    monkeypatch.setattr(own_pdf, "make", broken)
    with pytest.raises(RuntimeError):
        own_data.make(first, LATER)
    state = own_data.state(citizen(kari), LATER)
    assert state
    assert (state.has_failed, state.is_waiting) == (True, False)
    assert asked(kari) != first


def test_nothing_is_made_for_whoever_asked_before_she_locked_her_access(kari: Person) -> None:
    pk = asked(kari)
    lock(person_id=kari.pk, now=NOW)
    with pytest.raises(Denied):
        own_data.make(pk, LATER)
    assert Export.objects.get().ready_at is None


def test_a_job_for_what_is_removed_or_finished_does_nothing(kari: Person) -> None:
    own_data.make(new_id(), LATER)
    pk = ready(kari)
    with CaptureQueriesContext(connection) as queries:
        own_data.make(pk, LATER)
    assert len(queries) == 1


def test_gathering_takes_as_many_queries_however_much_there_is(kari: Person, office: Office) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            gather(citizen(kari), kari, NOW)
        return len(queries)

    few = count()
    for number in range(20):
        Notification.objects.create(
            event="appointment.booked",
            object_id=new_id(),
            sequence=number,
            recipient=kari,
            created_at=NOW,
            due_at=NOW,
            status=Status.SENT,
            status_at=NOW,
            text="x",
        )
    assert count() == few <= 3 * len(contexts.own())


# ---- what stands in them


def held(rows: Rows, kind: type) -> list[Any]:
    return [row for part in rows.parts for row in part.rows if isinstance(row, kind)]


def bundle(kari: Person) -> dict[str, Any]:
    return own_fhir.bundle(gather(citizen(kari), kari, NOW), NOW)


def of(kari: Person, kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle(kari)["entry"] if entry["resource"]["resourceType"] == kind]


# What R4 requires of each, beyond what the field's name tells.
REQUIRED = {
    "Patient": {"identifier", "name", "birthDate"},
    "Appointment": {"status", "participant", "start", "end"},
    "Consent": {"status", "scope", "category", "patient", "policyRule"},
    "MedicationRequest": {"status", "intent", "medicationCodeableConcept", "subject"},
    "MedicationDispense": {"status", "medicationCodeableConcept"},
    "Communication": {"status"},
    "DocumentReference": {"status", "content", "subject"},
    "Basic": {"code"},  # a price that she was shown
    "Invoice": {"status"},
    "ChargeItem": {"status", "code", "subject"},
    "PaymentNotice": {"status", "created", "payment", "recipient", "amount"},
    "AuditEvent": {"type", "recorded", "agent", "source"},
}


def test_every_resource_has_what_r4_requires_and_no_empty_value(kari: Person, office: Office) -> None:
    charged(office, kari)
    entries = bundle(kari)["entry"]
    assert {entry["resource"]["resourceType"] for entry in entries} == set(REQUIRED)
    assert len({entry["fullUrl"] for entry in entries}) == len(entries)
    for entry in entries:
        resource = entry["resource"]
        assert entry["fullUrl"] == f"urn:uuid:{resource['id']}"
        assert resource.keys() >= REQUIRED[resource["resourceType"]]
        assert all(value not in (None, "", [], {}) for value in walk(resource))
    known = {entry["fullUrl"] for entry in entries}
    assert {value["reference"] for value in walk(entries) if isinstance(value, dict) and "reference" in value} <= known


def walk(value: Any) -> Any:
    yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(each)


def test_the_record_is_whole_also_what_staff_have_written(kari: Person, office: Office) -> None:
    doctor = office.staff(Role.DOCTOR)
    note = write_note(
        actor=doctor,
        patient_id=kari.pk,
        practice_id=office.practice.pk,
        key=new_id(),
        contact_type=ContactType.PHONE,
        text="#Ringte *om* $svar$",
        problem_code="S07",
        now=NOW,
    )
    fixed = correct(actor=doctor, entry_id=note.pk, seen=0, reason="Skrivefeil", text="Ringte", now=NOW)
    found = {each["id"]: each for each in of(kari, "DocumentReference")}
    content = found[str(note.pk)]["content"][0]["attachment"]["data"]
    assert base64.b64decode(content).decode() == "#Ringte *om* $svar$"
    assert found[str(note.pk)]["context"]["event"][0]["coding"][0]["code"] == "S07"
    assert found[str(fixed.pk)]["relatesTo"][0]["target"]["reference"] == f"urn:uuid:{note.pk}"
    rows = gather(citizen(kari), kari, NOW)
    (table,) = [each for each in own_pdf.document(rows, NOW)["tables"] if each["title"] == "Journal hos legekontoret"]
    assert any("#Ringte *om* $svar$" in row for row in table["rows"])
    assert any("Rettet fordi: Skrivefeil" in cell for row in table["rows"] for cell in row)


def test_the_values_are_hers(kari: Person) -> None:
    (patient,) = of(kari, "Patient")
    assert patient["identifier"] == [{"system": BIRTH_NUMBER, "value": kari.national_number}]
    assert (patient["birthDate"], patient["telecom"]) == ("1984-03-12", [{"system": "phone", "value": "+4799999999"}])
    (visit,) = of(kari, "Appointment")
    assert (visit["status"], visit["description"]) == ("booked", "#Hoste *i* $natt$")
    (consent,) = of(kari, "Consent")
    assert (consent["status"], consent["provision"]["type"]) == ("active", "permit")
    wished, renewal, told = of(kari, "Communication")
    old, new = of(kari, "MedicationRequest")
    assert new["priorPrescription"]["reference"] == f"urn:uuid:{old['id']}"
    assert old["medicationCodeableConcept"]["coding"][0]["code"] == "C07AB02"
    assert len(of(kari, "MedicationDispense")) == 3
    assert renewal["about"] == [{"reference": f"urn:uuid:{old['id']}"}]
    assert (wished["status"], wished["payload"]) == (
        "in-progress",
        [{"contentString": "Hoste"}, {"contentString": "attendance"}],
    )
    assert (told["sent"], told["payload"]) == (NOW.isoformat(), [{"contentString": "Du har fått time."}])
    assert "appointment.booked" in {each["type"]["display"] for each in of(kari, "AuditEvent")}


def test_nothing_of_another_person_is_there(kari: Person, office: Office) -> None:
    per = office.patient("Per Testvik")
    office.booked(per, clock=office.block_by_weekday[1].starts.replace(hour=9), reason="Kne")
    text = json.dumps(bundle(kari), ensure_ascii=False) + json.dumps(
        own_pdf.document(gather(citizen(kari), kari, NOW), NOW), ensure_ascii=False
    )
    for words in ("Testvik", "Kne", str(per.pk), per.national_number):
        assert words not in text


def test_her_video_visits_and_her_device_test_are_there() -> None:
    visit = video()
    save_test(actor=visit.citizen, results={video_rules.Test.CAMERA: (video_rules.Result.FAILED, "in-use")}, now=NOW)
    seat, _ = visit.running()
    confirm_identity(
        actor=visit.doctor,
        appointment_id=visit.appointment.pk,
        seat_id=seat.pk,
        how=video_rules.Identity.PHOTO_ID,
        now=DURING,
    )
    visit.ends()
    (encounter,), (test,) = of(visit.patient, "Encounter"), of(visit.patient, "Observation")
    assert (encounter["status"], encounter["class"]["code"], encounter["id"]) == ("finished", "VR", str(seat.pk))
    assert encounter["appointment"] == [{"reference": f"urn:uuid:{visit.appointment.pk}"}]
    assert {"text": "identity: photo-id"} in encounter["reasonCode"]
    assert test["component"][0] == {"code": {"text": "camera"}, "valueString": "failed in-use"}
    tables = {
        table["title"]: table["rows"]
        for table in own_pdf.document(gather(visit.citizen, visit.patient, NOW), NOW)["tables"]
    }
    assert "Viste legitimasjon" in tables["Videotimer du har vært i"][0][2]
    assert "Kamera: Virker ikke. Et annet program" in tables["Test av kamera og lyd"][0][1]


def test_the_log_in_the_pdf_speaks_as_the_log_does(kari: Person) -> None:
    rows = gather(citizen(kari), kari, NOW)
    table = own_pdf.document(rows, NOW)["tables"][-1]["rows"]
    events = [line.event for line in held(rows, Line)]
    assert len(table) == len(events) > 0
    for event, row in zip(events, table, strict=True):
        assert event.action not in row
        assert row[2] == str(audit_texts.words()[event.action])


def test_words_that_look_like_markup_are_words_in_the_pdf(kari: Person) -> None:
    """A typst error, or a missing sign, would fail here."""
    rows = gather(citizen(kari), kari, NOW)
    assert any("#Hoste *i* $natt$" in row for table in own_pdf.document(rows, NOW)["tables"] for row in table["rows"])
    assert own_pdf.make(rows, NOW).startswith(b"%PDF-")


def test_photos_and_documents_come_in_a_zip_that_the_other_files_name(office: Office, kari: Person) -> None:
    data, doctor = files.large_photo(), office.staff(Role.DOCTOR)
    photo, report = (
        attachments.receive(
            actor=who, practice_id=office.practice.pk, patient_id=kari.pk, name=name, file=io.BytesIO(each), now=NOW
        )
        for who, name, each in (
            (citizen(kari), "arm.jpg", data),
            (doctor, "røntgen.pdf", pdf_file()),
        )
    )
    begun = draft(kari)
    dialogues.save_draft(actor=citizen(kari), patient_id=kari.pk, kind=begun.kind, attachment_ids=[photo.pk], now=NOW)
    dialogue = dialogues.send(actor=citizen(kari), draft_id=begun.pk, now=NOW)
    write_note(
        actor=doctor, patient_id=kari.pk, practice_id=office.practice.pk, key=new_id(),
        contact_type=ContactType.PHONE, text="Ringte.", attachment_ids=[report.pk], now=NOW,
    )  # fmt: skip
    attachments.receive(  # never sent: a draft's
        actor=citizen(kari), practice_id=office.practice.pk, patient_id=kari.pk, name="kladd.jpg",
        file=io.BytesIO(files.jpeg()), now=NOW,
    )  # fmt: skip
    ready(kari)
    parts = list(own_data.fetch_attachments(actor=citizen(kari), now=LATER))
    assert max(len(part) for part in parts) < 2 * rules.CHUNK
    archive = zipfile.ZipFile(io.BytesIO(b"".join(parts)))
    assert archive.testzip() is None
    assert archive.namelist() == ["001 arm.jpg", "002 røntgen.pdf"]
    assert archive.read("001 arm.jpg") == b"".join(attachment_queries.open_chunks(photo))
    bundle = json.loads(own_data.fetch(actor=citizen(kari), file="fhir", now=LATER))
    told = json.dumps(bundle, ensure_ascii=False)
    assert quote("001 arm.jpg") in told
    assert quote("002 røntgen.pdf") in told
    (message,) = (
        each["resource"] for each in bundle["entry"] if each["resource"]["id"] == str(dialogue.messages.get().pk)
    )
    assert message["payload"][1]["contentAttachment"]["size"] == photo.size
    drawn = json.dumps(own_pdf.document(gather(citizen(kari), kari, NOW), NOW), ensure_ascii=False)
    assert "Vedlegg: 001 arm.jpg" in drawn
    assert "Vedlegg: 002 røntgen.pdf" in drawn
    assert "kladd.jpg" not in drawn + told


def test_without_files_the_zip_is_empty_and_only_hers(office: Office, kari: Person) -> None:
    ready(kari)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(own_data.fetch_attachments(actor=citizen(kari), now=LATER))))
    assert archive.namelist() == []
    with pytest.raises(NotFound):
        own_data.fetch_attachments(actor=citizen(office.patient("Per Testvik")), now=LATER)


@pytest.mark.parametrize("has_access", [True, False])
def test_under_16_she_gets_what_she_may_see_alone(has_access: bool) -> None:
    """What a doctor hides from a youth (9603), a hospital's and a parent's letters are not in her file. See ADR 13."""
    at = factories.office()
    emil, ida = at.patient("Emil Testhaug"), at.patient("Ida Testhaug")
    Person.objects.filter(pk=emil.pk).update(birth_date=local_day(NOW) - timedelta(days=14 * 365 + 100))
    emil.refresh_from_db()
    if has_access:
        YouthAccess.objects.create(person=emil, given_by=ida, given_at=NOW)
    shown, hidden = prescription(emil, at, name="Aerius"), prescription(emil, at, name="Zyrtec", restriction=HIDDEN)
    visit = at.booked(emil)
    Appointment.objects.filter(pk=at.booked(emil, clock=time(9)).pk).update(restriction=HIDDEN)
    Entry.objects.create(
        practice=at.practice,
        patient=emil,
        kind="note",
        contact_type="phone",
        at=NOW,
        by_employee_id=at.staff(Role.DOCTOR).employee_id,
        title="Skjult",
        text="Skjult",
        object_id=new_id(),
        content="note",
        thing_id=new_id(),
        restriction=HIDDEN,
    )
    rows = gather(reader(emil, NOW), emil, NOW)
    assert [row.pk for row in held(rows, Prescription)] == ([shown.pk] if has_access else [])
    assert [row.pk for row in held(rows, Appointment)] == ([visit.pk] if has_access else [])
    assert hidden.pk not in {row.pk for row in held(rows, Prescription)}
    assert "Skjult" not in {row.title for row in held(rows, Entry)}
    assert bool(held(rows, Entry)) is has_access
    grown = Person(pk=emil.pk, birth_date=local_day(NOW) - timedelta(days=16 * 365 + 100))
    assert {"Skjult"} <= {row.title for row in held(gather(reader(grown, NOW), emil, NOW), Entry)}


def test_a_file_made_before_something_was_hidden_from_a_youth_is_hers_no_more() -> None:
    at = factories.office()
    emil = at.patient("Emil Testhaug")
    Person.objects.filter(pk=emil.pk).update(birth_date=local_day(NOW) - timedelta(days=14 * 365 + 100))
    YouthAccess.objects.create(person=emil, given_by=at.patient("Ida Testhaug"), given_at=NOW)
    aerius = prescription(emil, at, name="Aerius")
    ready(emil)
    assert own_data.fetch(actor=citizen(emil), file="fhir", now=LATER)
    renewals.restrict(
        actor=at.staff(Role.DOCTOR), prescription_id=aerius.pk, restriction=Restriction.FROM_YOUTH, now=LATER
    )
    for file in ("pdf", "fhir"):
        with pytest.raises(NotFound):
            own_data.fetch(actor=citizen(emil), file=file, now=LATER)
    with pytest.raises(NotFound):
        own_data.fetch_attachments(actor=citizen(emil), now=LATER)


def test_what_cannot_be_shown_is_said_in_both_files_and_the_rest_stands(office: Office, kari: Person) -> None:
    said, lost = (
        dialogues.send(actor=citizen(kari), draft_id=draft(kari, text=text).pk, now=NOW).messages.get()
        for text in ("Hvor lenge?", "Skal bort.")
    )
    owner.damage("dialogues_message", "text", lost.pk)
    owner.damage("prescriptions_prescription", "name", None)
    ready(kari)
    told = own_data.fetch(actor=citizen(kari), file="fhir", now=LATER).decode()
    written = {
        each["resource"]["id"]: each["resource"]["payload"][0]["contentString"]
        for each in json.loads(told)["entry"]
        if each["resource"]["resourceType"] == "Communication" and each["resource"].get("payload")
    }
    assert written[str(said.pk)] == "Hvor lenge?"
    assert written[str(lost.pk)].startswith("[Kan ikke vises. Kode ")
    assert own_data.fetch(actor=citizen(kari), file="pdf", now=LATER).startswith(b"%PDF-")


def test_a_file_that_is_gone_does_not_take_the_others_with_it(office: Office, kari: Person) -> None:
    photos = [
        attachments.receive(
            actor=citizen(kari), practice_id=office.practice.pk, patient_id=kari.pk, name=name,
            file=io.BytesIO(files.jpeg()), now=NOW,
        )
        for name in ("arm.jpg", "ben.jpg")
    ]  # fmt: skip
    begun = draft(kari)
    ids = [each.pk for each in photos]
    dialogues.save_draft(actor=citizen(kari), patient_id=kari.pk, kind=begun.kind, attachment_ids=ids, now=NOW)
    dialogues.send(actor=citizen(kari), draft_id=begun.pk, now=NOW)
    owner.run("DELETE FROM attachments_chunk WHERE attachment_id = %s", [photos[0].pk])
    ready(kari)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(own_data.fetch_attachments(actor=citizen(kari), now=LATER))))
    assert archive.testzip() is None
    assert archive.read("002 ben.jpg") == b"".join(attachment_queries.open_chunks(photos[1]))
    assert "001 arm.jpg" in archive.read("Kan ikke vises.txt").decode()
