import io
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pikepdf
import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from legedialog.access.actor import ANONYMOUS, Actor, Role
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.attachments import malware, queries, rules, services
from legedialog.attachments.models import Attachment, Chunk
from legedialog.attachments.tests import files
from legedialog.attachments.web import field
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.tests import owner
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


def received(actor: Actor, office: Office, patient: Person, now: datetime, data: bytes | None = None) -> Attachment:
    return services.receive(
        actor=actor,
        practice_id=office.practice.pk,
        patient_id=patient.pk,
        name="utslett.heic",
        file=io.BytesIO(data or files.jpeg()),
        now=now,
    )


def test_a_photo_is_taken_in_sealed_and_read_again(office: Office, now: datetime) -> None:
    kari = office.patient()
    made = received(citizen(kari), office, kari, now, files.jpeg(exif=files.located()))
    assert (made.name, made.media_type, made.by_person_id, made.by_employee_id) == (
        *("utslett.jpg", "image/jpeg"),
        *(kari.pk, None),
    )
    again = queries.find(made.pk)
    data = b"".join(queries.open_chunks(again))
    assert len(data) == again.size
    assert data.startswith(b"\xff\xd8\xff")
    with connection.cursor() as cursor:
        cursor.execute("SELECT a.name || c.data FROM attachments_attachment a JOIN attachments_chunk c ON true")
        stored = bytes(cursor.fetchone()[0])
    assert b"utslett" not in stored
    assert b"\xff\xd8\xff" not in stored
    event = Event.objects.get(action="attachment.received")
    assert (event.object_id, event.patient_id, event.facts["type"]) == (made.pk, kari.pk, "image/jpeg")


def test_a_file_of_several_parts_comes_back_whole(office: Office, now: datetime) -> None:
    kari = office.patient()
    made = received(citizen(kari), office, kari, now, files.large_photo())
    numbers = list(Chunk.objects.filter(attachment=made).order_by("number").values_list("number", flat=True))
    parts = list(queries.open_chunks(made))
    assert numbers == list(range(len(parts)))
    assert len(parts) > 10
    assert max(map(len, parts)) <= rules.CHUNK
    assert sum(map(len, parts)) == made.size


def test_parts_cannot_change_places(office: Office, now: datetime) -> None:
    kari = office.patient()
    made = received(citizen(kari), office, kari, now)
    other = received(citizen(kari), office, kari, now)
    owner.run(
        "UPDATE attachments_chunk SET data = (SELECT data FROM attachments_chunk WHERE attachment_id = %s)"
        " WHERE attachment_id = %s",
        [other.pk, made.pk],
    )
    with pytest.raises(InvalidTag):
        list(queries.open_chunks(made))


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("the patient", None), ("secretary", None), ("doctor", None), ("manager", Denied),
        ("another patient", NotFound), ("staff elsewhere", NotFound), ("nobody", NotFound),
    ],
)  # fmt: skip
def test_who_may_upload(who: str, refusal: type[Exception] | None, office: Office, now: datetime) -> None:
    kari = office.patient()
    actors = {
        "the patient": citizen(kari),
        "secretary": office.staff(Role.SECRETARY),
        "doctor": office.staff(Role.DOCTOR),
        "manager": office.staff(Role.MANAGER),
        "another patient": citizen(office.patient("Per Testvik")),
        "staff elsewhere": factories.office("Dalen legekontor").staff(Role.DOCTOR),
        "nobody": ANONYMOUS,
    }
    if refusal is None:
        assert received(actors[who], office, kari, now).patient_id == kari.pk
    else:
        with pytest.raises(refusal):
            received(actors[who], office, kari, now)
        assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("made", "refusal"),
    [
        (lambda: b"\xff\xd8\xff" + bytes(rules.MOST), rules.TOO_LARGE),
        (lambda: b"<svg onload='alert(1)'/>", rules.FILE_TYPE),
        (files.zip_bomb, rules.OFFICE_FILE),
        (lambda: files.pdf(user_password="hemmelig"), rules.LOCKED),
        (files.pixel_bomb, rules.TOO_HEAVY),
    ],
)
def test_what_is_refused_leaves_nothing(
    made: Callable[[], bytes], refusal: object, office: Office, now: datetime
) -> None:
    kari = office.patient()
    with pytest.raises(Refused) as refused:
        received(citizen(kari), office, kari, now, made())
    assert refused.value.refusal is refusal
    assert not Attachment.objects.exists()
    assert not Chunk.objects.exists()


def test_an_empty_file_is_refused(office: Office, now: datetime) -> None:
    kari = office.patient()
    with pytest.raises(Refused) as refused:
        services.receive(
            actor=citizen(kari),
            practice_id=office.practice.pk,
            patient_id=kari.pk,
            name="a.png",
            file=io.BytesIO(),
            now=now,
        )
    assert refused.value.refusal is rules.EMPTY


def test_a_document_that_unpacks_to_gigabytes_ends_the_program_alone(office: Office, now: datetime) -> None:
    kari = office.patient()
    with pytest.raises(Refused) as refused:
        received(citizen(kari), office, kari, now, files.pdf_bomb())
    assert refused.value.refusal in (rules.TOO_HEAVY, rules.UNREADABLE)


def test_one_person_does_not_fill_the_database(office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "WAITING", 1)
    kari = office.patient()
    received(citizen(kari), office, kari, now)
    with pytest.raises(Refused) as refused:
        received(citizen(kari), office, kari, now)
    assert refused.value.refusal is rules.TOO_MANY_WAITING


def attach(actor: Actor, office: Office, patient: Person, ids: list[UUID], to: UUID, now: datetime) -> list[Attachment]:
    return services.attach(
        actor=actor, ids=ids, object_id=to, practice_id=office.practice.pk, patient_id=patient.pk, now=now
    )


def test_files_are_attached_once_and_in_order(office: Office, now: datetime) -> None:
    kari, message = office.patient(), new_id()
    first, second = (received(citizen(kari), office, kari, now) for _ in range(2))
    for _ in range(2):
        attach(citizen(kari), office, kari, [second.pk, first.pk], message, now)
    assert [row.pk for row in queries.of([message, new_id()])[message]] == [first.pk, second.pk]
    assert queries.waiting(citizen(kari), [first.pk, second.pk]) == []
    assert Event.objects.filter(action="attachment.sent").count() == 2
    with pytest.raises(NotFound):
        attach(citizen(kari), office, kari, [first.pk], new_id(), now)
    with pytest.raises(NotFound):
        services.remove(actor=citizen(kari), attachment_id=first.pk, now=now)


def test_others_files_cannot_be_attached_seen_or_removed(office: Office, now: datetime) -> None:
    kari, per = office.patient(), office.patient("Per Testvik")
    theirs = received(citizen(per), office, per, now)
    for who, whose in ((citizen(kari), kari), (citizen(kari), per), (office.staff(), per)):
        with pytest.raises(NotFound):
            attach(who, office, whose, [theirs.pk], new_id(), now)
        assert queries.waiting(who, [theirs.pk]) == []
        with pytest.raises(NotFound):
            services.remove(actor=who, attachment_id=theirs.pk, now=now)


def test_eleven_files_are_too_many(office: Office, now: datetime) -> None:
    kari = office.patient()
    with pytest.raises(Refused) as refused:
        attach(citizen(kari), office, kari, [new_id() for _ in range(11)], new_id(), now)
    assert refused.value.refusal is rules.TOO_MANY


def test_a_file_can_be_taken_back_until_it_is_sent(office: Office, now: datetime) -> None:
    kari = office.patient()
    made = received(citizen(kari), office, kari, now)
    services.remove(actor=citizen(kari), attachment_id=made.pk, now=now)
    assert not Attachment.objects.exists()
    assert not Chunk.objects.exists()
    assert Event.objects.filter(action="attachment.removed", object_id=made.pk).exists()


def test_what_is_never_sent_goes_after_thirty_days(office: Office, now: datetime) -> None:
    kari = office.patient()
    sent, left = (received(citizen(kari), office, kari, now) for _ in range(2))
    attach(citizen(kari), office, kari, [sent.pk], new_id(), now)
    services.tidy(now + timedelta(days=29, hours=23))
    assert Attachment.objects.count() == 2
    services.tidy(now + timedelta(days=30, minutes=1))
    assert list(Attachment.objects.values_list("pk", flat=True)) == [sent.pk]
    assert not Chunk.objects.filter(attachment=left.pk).exists()


def test_malware_is_stopped_and_told_in_the_log(office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(malware, "scanner", lambda: lambda file, **given: "Eicar")
    kari = office.patient()
    with pytest.raises(Refused) as refused:
        received(citizen(kari), office, kari, now)
    assert refused.value.refusal is rules.INFECTED
    assert Event.objects.filter(action="attachment.stopped", patient_id=kari.pk).exists()
    assert not Attachment.objects.exists()


def test_nothing_comes_in_while_the_scanner_is_away(
    office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(file: object) -> None:
        raise malware.ScannerAway

    monkeypatch.setattr(malware, "scanner", lambda: away)
    kari = office.patient()
    with pytest.raises(Refused) as refused:
        received(citizen(kari), office, kari, now)
    assert refused.value.refusal is rules.NOT_CHECKED
    assert not Attachment.objects.exists()


def test_reading_is_logged_but_for_ones_own(office: Office, now: datetime) -> None:
    kari = office.patient()
    made = received(citizen(kari), office, kari, now)
    services.looked(citizen(kari), made, now)
    assert not Event.objects.filter(action="attachment.read").exists()
    services.looked(office.staff(), made, now)
    assert Event.objects.get(action="attachment.read").object_id == made.pk


def test_what_was_left_out_of_a_document_is_told_to_both_sides(office: Office, now: datetime) -> None:
    with pikepdf.open(io.BytesIO(files.pdf())) as document:
        document.attachments["Prøvesvar.xlsx"] = b"PK"
        out = io.BytesIO()
        document.save(out)
    kari = office.patient()
    made = received(citizen(kari), office, kari, now, out.getvalue())
    told = "Ikke med: andre filer som lå inne i dokumentet. Last opp hver for seg: Prøvesvar.xlsx."
    assert field.row(citizen(kari), made).left_out == told
    assert field.row(office.staff(), queries.find(made.pk), "/x").left_out == told
    assert field.row(citizen(kari), received(citizen(kari), office, kari, now)).left_out == ""
