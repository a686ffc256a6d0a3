"""Photos and documents both ways: what the citizen sent is seen at the office, and what the office sends by her."""

from io import BytesIO
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.attachments import services as attachments
from legedialog.attachments.models import Attachment
from legedialog.attachments.tests import files
from legedialog.audit.models import Event
from legedialog.dialogues import services
from legedialog.dialogues.models import Dialogue, Kind, Message, Status
from legedialog.dialogues.tests.factories import citizen, draft, mark, sent
from legedialog.journal.models import Entry
from legedialog.patients.models import Person

FILE = "attachment-file"  # the plain input's name


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def address(view: str, key: UUID) -> str:
    return reverse(f"workspace:{view}", args=[key])


@pytest.fixture
def kari(office: Office) -> Person:
    return office.patient()


@pytest.fixture
def question(kari: Person, office: Office) -> Dialogue:
    """With a photo and a document, sent and not opened."""
    her = citizen(kari)
    begun = draft(kari)
    ids = [
        attachments.receive(
            actor=her, practice_id=office.practice.pk, patient_id=kari.pk, name=name, file=BytesIO(data), now=NOW
        ).pk
        for name, data in (("arm.jpg", files.jpeg()), ("brev.pdf", files.pdf()))
    ]
    services.save_draft(actor=her, patient_id=kari.pk, kind=begun.kind, attachment_ids=ids, now=NOW)
    return services.send(actor=her, draft_id=begun.pk, now=NOW)


def test_the_office_sees_her_picture_in_place_and_downloads_her_document(question: Dialogue, doctor: Client) -> None:
    photo, letter = Attachment.objects.order_by("received_at", "pk")
    page = doctor.get(address("dialogue", question.pk)).content.decode()
    assert f'<img src="{address("dialogue-attachment", photo.pk)}"' in page
    assert "brev.pdf" in page
    assert not Event.objects.filter(action="attachment.read").exists()
    for file, way in ((photo, "inline"), (letter, "attachment")):
        answer = doctor.get(address("dialogue-attachment", file.pk))
        assert isinstance(answer, StreamingHttpResponse)
        assert answer["Content-Disposition"].startswith(way)
        assert len(b"".join(answer)) == file.size
    assert Event.objects.filter(action="attachment.read", patient_id=question.patient_id).count() == 2


def test_a_file_of_what_is_unread_opens_it(question: Dialogue, doctor: Client) -> None:
    """Else she could take back what somebody has seen."""
    assert doctor.get(address("dialogue-attachment", Attachment.objects.all()[0].pk)).status_code == 200
    question.refresh_from_db()
    assert question.status == Status.OPENED


@pytest.mark.parametrize(("who", "status"), [("secretary", 404), ("manager", 403), ("stranger", 404)])
def test_those_who_may_not_read_the_words_get_no_files(
    who: str, status: int, office: Office, question: Dialogue, stranger: Client
) -> None:
    clients = {"secretary": Role.SECRETARY, "manager": Role.MANAGER}
    client = logged_in(office.staff(clients[who])) if who in clients else stranger
    assert client.get(address("dialogue-attachment", Attachment.objects.all()[0].pk)).status_code == status
    assert not Event.objects.filter(action="attachment.read").exists()


def test_an_answer_takes_files_with_it_and_she_sees_them(
    office: Office, kari: Person, question: Dialogue, doctor: Client
) -> None:
    form = {
        "do": "answer",
        "key": str(uuid4()),
        "mark": mark(question),
        "text": "Se vedlagt.",
        "problem": "S87",
        "language": "nb",
    }
    given = form | {FILE: [upload("råd.pdf", files.pdf()), upload("skisse.png", files.png())]}
    assert doctor.post(address("dialogue-answer", question.pk), given).status_code == 302
    answer = Message.objects.get(by_employee__isnull=False)
    sent_files = Attachment.objects.filter(object_id=answer.pk).order_by("received_at", "pk")
    assert [each.name for each in sent_files] == ["råd.pdf", "skisse.png"]
    assert Entry.objects.filter(kind="attachment", object_id__in=[each.pk for each in sent_files]).count() == 2
    hers = logged_in(citizen(kari))
    page = hers.get(reverse("dialogues:show", args=[question.pk])).content.decode()
    for each in sent_files:
        url = reverse("dialogues:attachment", args=[each.pk])
        assert url in page
        assert hers.get(url).status_code == 200


def test_what_was_uploaded_stays_when_something_else_is_missing(question: Dialogue, doctor: Client) -> None:
    form = {"do": "answer", "key": str(uuid4()), "text": "", "problem": "S87", "language": "nb"}
    form["mark"] = mark(question)
    again = doctor.post(address("dialogue-answer", question.pk), form | {FILE: upload("råd.pdf", files.pdf())})
    assert again.status_code == 422
    waiting = Attachment.objects.get(object_id=None)
    assert f'name="attachment" value="{waiting.pk}"' in again.content.decode()
    form |= {"text": "Se vedlagt.", "attachment": str(waiting.pk)}
    assert doctor.post(address("dialogue-answer", question.pk), form).status_code == 302
    waiting.refresh_from_db()
    assert waiting.object_id == Message.objects.get(by_employee__isnull=False).pk


def test_a_file_that_is_refused_stops_the_answer_and_says_why(question: Dialogue, doctor: Client) -> None:
    form = {
        "do": "answer",
        "key": str(uuid4()),
        "mark": mark(question),
        "text": "Se vedlagt.",
        "problem": "S87",
        "language": "nb",
    }
    again = doctor.post(address("dialogue-answer", question.pk), form | {FILE: upload("brev.docx", files.small_zip())})
    assert again.status_code == 422
    page = again.content.decode()
    assert "Vi tar ikke imot Word, Excel, ZIP" in page
    assert "Se vedlagt." in page
    assert not Message.objects.filter(by_employee__isnull=False).exists()


def test_a_colleagues_waiting_file_is_not_sent(
    office: Office, kari: Person, question: Dialogue, doctor: Client
) -> None:
    other = attachments.receive(
        actor=office.staff(Role.SECRETARY), practice_id=office.practice.pk, patient_id=kari.pk, name="x.pdf",
        file=BytesIO(files.pdf()), now=NOW,
    )  # fmt: skip
    form = {
        "do": "answer",
        "key": str(uuid4()),
        "mark": mark(question),
        "text": "Hei",
        "problem": "S87",
        "language": "nb",
    }
    doctor.post(address("dialogue-answer", question.pk), form | {"attachment": str(other.pk)})
    other.refresh_from_db()
    assert other.object_id is None


def test_a_dialogue_that_the_doctor_begins_takes_files_with_it(office: Office, kari: Person, doctor: Client) -> None:
    form = {"key": str(uuid4()), "kind": Kind.ECONSULTATION, "subject": "Prøvesvar", "text": "Se vedlagt."}
    url = address("dialogue-start", kari.pk)
    doctor.post(reverse("workspace:purpose", args=[kari.pk]), {"purpose": "follow-up", "note": ""})
    assert "Velg en problemkode." in doctor.post(url, form).content.decode()
    form |= {"problem_code": "A97"}
    assert doctor.post(url, form | {FILE: upload("svar.pdf", files.pdf())}).status_code == 302
    message = Message.objects.get()
    assert [each.name for each in Attachment.objects.filter(object_id=message.pk)] == ["svar.pdf"]


def test_an_old_closed_ones_file_asks_for_a_purpose_first(office: Office, kari: Person, question: Dialogue) -> None:
    doctor = office.staff(Role.DOCTOR)
    services.answer(
        actor=doctor, dialogue_id=question.pk, key=uuid4(), text="Hei", problem_code="S87", closes=True, now=NOW
    )
    Dialogue.objects.update(last_message_at="2020-01-01T10:00Z")
    answer = logged_in(doctor).get(address("dialogue-attachment", Attachment.objects.all()[0].pk))
    assert answer.status_code == 302
    assert "formal" in answer["Location"]


def test_a_contacts_file_is_receptions_to_see(office: Office, kari: Person, secretary: Client) -> None:
    asked = sent(kari, kind=Kind.CONTACT)
    photo = attachments.receive(
        actor=citizen(kari), practice_id=office.practice.pk, patient_id=kari.pk, name="a.jpg",
        file=BytesIO(files.jpeg()), now=NOW,
    )  # fmt: skip
    attachments.attach(
        actor=citizen(kari), ids=[photo.pk], object_id=asked.messages.get().pk, practice_id=office.practice.pk,
        patient_id=kari.pk, now=NOW,
    )  # fmt: skip
    assert secretary.get(address("dialogue-attachment", photo.pk)).status_code == 200
