"""A dump of a filled database tells nothing: no name, number, address, telephone or text of anybody's.

What is read is what pg_dump writes: COPY of every table. Every sealed field of every context is opened and looked for,
so a context that comes is covered when its part of the demo is there.
"""

import secrets
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connections
from django.db.models import BinaryField, CharField, JSONField, TextField
from django.utils import timezone
from psycopg import sql

from legedialog.access.models import KeptForm, Login
from legedialog.appointments.models import TimeRequest
from legedialog.attachments.models import Attachment
from legedialog.audit.models import Concern
from legedialog.core import contexts, crypto, rotation
from legedialog.core.contexts import Category
from legedialog.core.crypto import SealedField
from legedialog.core.ids import new_id
from legedialog.demo import engine as demo
from legedialog.demo.people import PEOPLE
from legedialog.dialogues.models import Draft
from legedialog.fees.models import Promise
from legedialog.journal.models import CorrectionRequest, Misfiling
from legedialog.journeys.models import Export, Handover
from legedialog.operations import data_register
from legedialog.patients.models import Assignment, Person
from legedialog.pending.models import PendingAct
from legedialog.practices.models import Clinician, Employee
from legedialog.prescriptions.models import Prescription

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

SHORTEST = 6  # characters: what is shorter stands in other words by chance
CODES = {"dialogues.Dialogue.topic_code"}  # one of a short list of common words, such as "access", found elsewhere too
SHORTEST_HEX = 10  # and so does a code such as C09CA01, in megabytes of ciphertext written in hexadecimal


A_GROUND = "one of the grounds of visibility, set by the code"
OF_THE_CODE = "a name that our code gives it"
# Texts that are open beside what is sealed, in rows of somebody's: why. See docs/adr/0096-what-stays-open.md.
OPEN = {
    "access.KeptForm.path": "an address of ours",
    "outbox.Notification.event": OF_THE_CODE,
    "outbox.Notification.refused": OF_THE_CODE,
    "outbox.Notification.reason": OF_THE_CODE,
    "pending.PendingAct.name": OF_THE_CODE,
    "journal.Entry.ground": A_GROUND,
    "appointments.TimeRequest.coarse_times": "weekday and part of the day",
    "appointments.Wait.coarse_times": "weekday and part of the day",
    "dialogues.Dialogue.ground": A_GROUND,
    "dialogues.Dialogue.closed_from": "one of its states",
    "dialogues.Message.ground": A_GROUND,
    "dialogues.Message.language": "two letters",
    "dialogues.Message.external_ref": "another system's id of the message",
    "dialogues.OfferedTime.channel": "one of the channels",
    "prescriptions.Prescription.identifier": "another system's id of it",
    "prescriptions.Dispensing.identifier": "another system's id of it",
    "fees.Line.code": "of the tariff: which way of meeting, a sample, material; the words and the reason are sealed",
    "fees.Invoice.kid": "the invoice's number, with a control sign",
    "fees.Invoice.account_number": "the office's own",
    "fees.Transfer.provider_id": "the payment provider's id of it",
    "fees.Transfer.url": "where it is paid: the provider's id of it",
    "fees.Received.kid": "an invoice's number as the bank told it, also a wrong one",
}


@pytest.fixture
def dump() -> Iterator[bytes]:
    crypto.forget_keys()
    demo.populate(lambda done, total: None)
    yield b"".join(_tables())
    crypto.forget_keys()


def _tables() -> Iterator[bytes]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace"
        )
        for (table,) in cursor.fetchall():
            with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                yield from map(bytes, copy)


def _secrets() -> dict[str, str]:
    """Each clear value, and which field it is from; not the names of doctors, which their offices show to everybody."""
    found: dict[str, str] = {}
    doctors = set(Clinician.objects.values_list("name", flat=True))
    for model in apps.get_models(include_auto_created=True):
        fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]
        for row in model._default_manager.all() if fields else ():
            for field in fields:
                value = getattr(row, field.attname)
                name = f"{model._meta.label}.{field.name}"
                if name in CODES or not isinstance(value, str) or value in doctors:
                    continue
                if len(value) >= (SHORTEST_HEX if _is_hex(value) else SHORTEST):
                    found[value] = name
    return found


def _is_hex(text: str) -> bool:
    return not set(text.lower()) - set("0123456789abcdef")


def _rows_that_the_demo_lacks() -> None:
    """Those that live for minutes or that nobody in the demo has asked for. A table that comes and is empty fails."""
    now = timezone.now()
    doctor = Employee.objects.filter(role="doctor").order_by("pk")[0]
    kari, per = Person.objects.order_by("pk")[:2]
    ids = {"practice_id": doctor.practice_id, "patient_id": kari.pk}
    login = Login.objects.create(
        kind="citizen",
        person=kari,
        token_hash=b"t" * 32,
        assurance="high",
        issuer="https://login.example",
        created_at=now,
        seen_at=now,
    )
    KeptForm.objects.create(login=login, acting_for=kari, browser_hash=b"b" * 32, path="/", fields="[]", created_at=now)
    Concern.objects.create(
        **{**ids, "event_id": new_id(), "event_at": now, "text": "x", "sent_at": now, "answer_by": now.date()},
        **{"answer": "x", "answered_at": now, "answered_by_id": doctor.pk},
    )
    CorrectionRequest.objects.create(
        **{**ids, "key": new_id(), "asked": "correct", "text": "x", "sent_at": now, "answer_by_date": now.date()},
        **{"outcome": "done", "answer": "x", "answered_at": now, "answered_by": doctor},
    )
    Misfiling.objects.create(**ids, reason="x", stood_from=now, at=now, by_employee=doctor)
    Assignment.objects.create(
        practice_id=doctor.practice_id, person=kari, relative=per, relation="x", confirmed_by=doctor, confirmed_at=now
    )
    Draft.objects.create(**ids, owner=kari, kind="contact", text="x", started_at=now, saved_at=now)
    attachment = Attachment.objects.order_by("pk")[0]
    attachment.left_out = "x"
    attachment.save(update_fields=["left_out"])
    PendingAct.objects.create(
        **{**ids, "employee": doctor, "name": "dialogue.answer", "object_id": new_id(), "given": "x"},
        **{"done_at": now, "due_at": now + timedelta(seconds=1)},
    )
    wish = TimeRequest.objects.order_by("pk")[0]
    wish.reply = "x"
    wish.save(update_fields=["reply"])
    withdrawn = Prescription.objects.exclude(practice=None).order_by("pk")[0]
    withdrawn.withdrawn_at, withdrawn.withdrawal = now, "x"
    withdrawn.save(update_fields=["withdrawn_at", "withdrawal"])
    promise = Promise.objects.order_by("pk")[0]
    promise.own_what, promise.own_ore = "x", 100
    promise.save(update_fields=["own_what", "own_ore"])
    Handover.objects.create(
        **{"practice_id": doctor.practice_id, "clinician_id": doctor.clinician_id, "by_employee": doctor},
        **{"text": "x", "started_at": now, "ended_at": now, "total": 0},
    )
    Export.objects.create(person=kari, asked_at=now, ends_at=now + timedelta(days=1))


def _planted() -> dict[str, str]:
    """A value of our own in every sealed field of category health, whatever contexts there are. By the value."""
    planted: dict[str, str] = {}
    missing = []
    for model in data_register.models():
        table = contexts.tables()[model._meta.label]
        for field in model._meta.concrete_fields:
            if table.category(field.name) != Category.HEALTH or not isinstance(field, SealedField):
                continue
            name = f"{model._meta.label}.{field.name}"
            row = model._default_manager.using("owner").filter(**{f"{field.name}__isnull": False}).first()
            if row is None:
                missing.append(name)
                continue
            secret = f"plantet i {name} {secrets.token_hex(8)}"
            value = secret if field.clear is str else secret.encode()
            setattr(row, field.attname, value)
            row.save(using="owner", update_fields=[field.name])
            again = model._default_manager.using("owner").get(pk=row.pk)
            assert getattr(again, field.attname) == value, name
            planted[secret] = name
    assert not missing, f"there is no row to plant a value in: {', '.join(missing)}"
    return planted


def _each_is_opened_in_its_own_row_alone() -> None:
    """The owner copies it to a row of hers, or makes the row hers: it is opened as neither."""
    read = sql.SQL("SELECT {key}, {row}, {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 2")
    put = sql.SQL("UPDATE {table} SET {column} = %s WHERE {key} = %s")
    copied = set()
    for each in rotation.columns():
        field = each.field
        names = {"key": each.key, "column": each.name, "table": each.table}
        named = {name: sql.Identifier(value) for name, value in names.items()}
        with connections["owner"].cursor() as cursor:
            cursor.execute(read.format(row=sql.SQL(field.row_sql(f'"{each.table}"')), **named))
            rows = [(key, bytes(row), bytes(value)) for key, row, value in cursor.fetchall()]
            for _key, row, value in rows:
                assert crypto.unseal_bytes(value, context=field.context, row=row) is not None
                for at in range(0, len(row), crypto.ID):  # its id, or one of those it belongs to, is another
                    other = row[:at] + new_id().bytes + row[at + crypto.ID :]
                    with pytest.raises(InvalidTag):
                        crypto.unseal_bytes(value, context=field.context, row=other)
            if len(rows) == 2 and rows[0][1] != rows[1][1]:
                cursor.execute(put.format(**named), [rows[0][2], rows[1][0]])
                copied.add(each.table)
                with pytest.raises(InvalidTag):
                    field.model._default_manager.values_list(field.name).get(pk=rows[1][0])
                cursor.execute(put.format(**named), [rows[1][2], rows[1][0]])
    assert {"calendar_id", "dialogue_id"} <= {
        link.attname for each in rotation.columns() for link in each.field.bound_to
    }
    assert {"patients_person", "journal_entry", "dialogues_message", "prescriptions_prescription"} <= copied


def test_no_field_of_care_is_readable_in_a_dump_or_opened_in_another_row(dump: bytes) -> None:
    """Each field that the data register calls health is sealed and found nowhere, or says there why it is open."""
    _nothing_of_the_demo_is_readable(dump)
    _rows_that_the_demo_lacks()
    planted = _planted()
    assert {"journal.Entry.problem_code", "prescriptions.Prescription.reimbursement"} <= set(planted.values())
    assert _readable(b"".join(_tables()), planted) == set()
    _each_is_opened_in_its_own_row_alone()


def test_a_text_beside_health_is_sealed_or_one_of_fixed_words() -> None:
    """Whatever category it has: in a row of somebody's that tells of care, what could imply more is looked at."""
    found = set()
    for model in data_register.models():
        table = contexts.tables()[model._meta.label]
        if table.rows.is_public or Category.HEALTH not in table.fields:
            continue
        for name, stored in data_register.fields(model).items():
            inner = stored.base_field if isinstance(stored, ArrayField) else stored
            keyed = isinstance(inner, BinaryField) and table.category(name) in (Category.LOGIN, Category.IDENTITY)
            is_text = isinstance(inner, CharField | TextField | JSONField | BinaryField) and not keyed
            if is_text and not isinstance(inner, SealedField) and not inner.choices:
                found.add(f"{model._meta.label}.{name}")
    assert found == set(OPEN)


def _nothing_of_the_demo_is_readable(dump: bytes) -> None:
    clear = _secrets()
    assert {"patients.Person.national_number", "patients.Person.family_name", "appointments.Appointment.reason"} <= set(
        clear.values()
    )
    citizens = [person for person in PEOPLE if person.kind == "citizen"]
    clear |= {person.number: "a number of the demo" for person in PEOPLE}
    clear |= {person.family_name: "a name of the demo" for person in citizens}
    readable = _readable(dump, clear)
    assert not readable, "\n".join(["", *sorted(readable)])
    for form, needle in _forms("Vondt i skulderen, åtte uker"):  # what is looked for would be found
        planted = dump[:1000] + needle.upper() + dump[1000:]
        assert any(form in each for each in _readable(planted, {"Vondt i skulderen, åtte uker": "planted"})), form


def _readable(dump: bytes, secrets: dict[str, str]) -> set[str]:
    lower = dump.lower()
    return {
        f"{where}: {secret[:60]!r} as {form}"
        for secret, where in secrets.items()
        for form, needle in _forms(secret)
        if needle.lower() in lower
    }


def _forms(secret: str) -> Iterator[tuple[str, bytes]]:
    data = secret.encode()
    yield "text", data
    yield "hexadecimal", data.hex().encode()
    yield "UTF-16", secret.encode("utf-16-le").hex().encode()
    yield "escapes", "".join(chr(each) if 32 <= each < 127 else f"\\{each:03o}" for each in data).encode()
    yield "JSON", "".join(each if ord(each) < 128 else f"\\u{ord(each):04x}" for each in secret).encode()
    if len(data) >= 9:
        yield "base64", b64encode(data[: len(data) // 3 * 3])
