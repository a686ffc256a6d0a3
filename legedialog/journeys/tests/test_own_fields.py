"""Every personal field is in a citizen's own data, in the file to read and in the one for systems, or says why not.

Each value is changed in memory, one at a time: a file that does not change does not show it.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Model

from legedialog.access.actor import Role
from legedialog.access.models import Lock
from legedialog.appointments.models import ExternalAppointment, Recall, Source, TimeOffer, Wait
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.attachments import services as attachments
from legedialog.attachments.tests import files
from legedialog.audit.models import Concern
from legedialog.cautions import services as cautions
from legedialog.cautions.tests.factories import caution
from legedialog.core import contexts
from legedialog.core.contexts import CHOICE, CONTACT, HEALTH, IDENTITY, Own
from legedialog.core.ids import new_id
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.tests.factories import draft
from legedialog.fees.tests.factories import charged
from legedialog.interpreters import services as interpreters
from legedialog.journal.models import ContactType, CorrectionRequest
from legedialog.journal.services import correct, write_note
from legedialog.journeys import own_fhir, own_pdf
from legedialog.journeys.own_rows import Rows, gather
from legedialog.journeys.tests.test_own_data import kari as kari
from legedialog.journeys.tests.test_own_data import office as office
from legedialog.patients.models import Person, PowerOfAttorney, WalkIn
from legedialog.video import rules as video_rules
from legedialog.video.services import save_test
from legedialog.video.tests.factories import Video, video

pytestmark = pytest.mark.django_db

PERSONAL = (IDENTITY, CONTACT, CHOICE, HEALTH)
# What the rows of her own data hold that are no models.
READ_AS = {"ListPlace": "patients.Membership", "Attachment": "attachments.Attachment"}
PARTS = {  # the file to read, and the one for systems
    "line": lambda rows: json.dumps(own_pdf.document(rows, NOW), default=str),
    "resources": lambda rows: json.dumps(own_fhir.bundle(rows, NOW), default=str),
}


@pytest.fixture
def everything(office: Office, kari: Person) -> list[Rows]:
    """Of two persons, so that each kind of row is there."""
    doctor = office.staff(Role.DOCTOR)
    begun = draft(kari)
    photo = attachments.receive(
        actor=citizen(kari), practice_id=office.practice.pk, patient_id=kari.pk, name="arm.jpg",
        file=io.BytesIO(files.jpeg()), now=NOW,
    )  # fmt: skip
    dialogues.save_draft(actor=citizen(kari), patient_id=kari.pk, kind=begun.kind, attachment_ids=[photo.pk], now=NOW)
    dialogues.send(actor=citizen(kari), draft_id=begun.pk, now=NOW)
    draft(kari)
    note = write_note(
        actor=doctor, patient_id=kari.pk, practice_id=office.practice.pk, key=new_id(),
        contact_type=ContactType.PHONE, text="Ringte.", problem_code="S07", now=NOW,
    )  # fmt: skip
    correct(actor=doctor, entry_id=note.pk, seen=0, reason="Skrivefeil", text="Ringte", now=NOW)
    source = Source.objects.create(name="Sykehuset", organisation_number="910000001")
    ExternalAppointment.objects.create(
        source=source, identifier=new_id(), patient=kari, starts_at=NOW, ends_at=NOW, title="Kontroll",
        place="3. etasje", instruction="Møt fastende", status="booked", received_at=NOW, sent_at=NOW,
    )  # fmt: skip
    PowerOfAttorney.objects.create(
        giver=kari, receiver=office.patient("Per Testvik"), areas=[1], starts_date=NOW.date(), given_at=NOW
    )
    Lock.objects.create(person=kari, locked_at=NOW, lifted_at=NOW, lifted_by_id=doctor.employee_id)
    Concern.objects.create(
        event_id=new_id(), event_at=NOW, patient_id=kari.pk, practice_id=office.practice.pk, text="Hvorfor?",
        sent_at=NOW, answer_by=NOW.date(), answer="Derfor.", answered_at=NOW, answered_by_id=doctor.employee_id,
    )  # fmt: skip
    CorrectionRequest.objects.create(
        key=new_id(), practice=office.practice, patient=kari, asked="correct", text="Feil.", sent_at=NOW,
        answer_by_date=NOW.date(), outcome="done", answer="Rettet.", answered_at=NOW, answered_by_id=doctor.employee_id,
    )  # fmt: skip
    held = caution(doctor, kari.pk, NOW, "Penicillin", "J01CE")
    cautions.end(actor=doctor, caution_id=held.pk, reason="Testet.", now=NOW)
    interpreters.say(actor=citizen(kari), patient_id=kari.pk, language="so", now=NOW)
    waits = Wait.objects.create(
        appointment=office.booked(kari, day=date(2026, 12, 14)), patient=kari, practice=office.practice, asked_by=kari,
        asked_at=NOW, status_at=NOW, coarse_times=["monday-am"],
    )  # fmt: skip
    TimeOffer.objects.create(
        wait=waits, calendar=office.calendar, starts_at=NOW + timedelta(days=1), offered_at=NOW,
        answer_by=NOW + timedelta(hours=2), status_at=NOW,
    )  # fmt: skip
    assert doctor.employee_id
    Recall.objects.create(
        practice=office.practice, patient=kari, round=new_id(), visit_type=office.visit_type, first_date=NOW.date(),
        last_date=NOW.date(), tells_date=NOW.date(), asked_by_id=doctor.employee_id, asked_at=NOW, status_at=NOW,
    )  # fmt: skip
    WalkIn.objects.create(
        practice=office.practice, person=kari, number="200112345609", number_index=b"x" * 32, number_kind="duf-number",
        proof="passport", registered_by_id=doctor.employee_id, registered_at=NOW, joined_at=NOW, merge_id=new_id(),
    )  # fmt: skip
    interpreters.order(actor=doctor, appointment_id=waits.appointment_id, now=NOW)
    charged(office, kari)
    visit: Video = video()
    save_test(actor=visit.citizen, results={video_rules.Test.CAMERA: (video_rules.Result.FAILED, "in-use")}, now=NOW)
    visit.running()
    visit.ends()
    return [gather(citizen(kari), kari, NOW), gather(visit.citizen, visit.patient, NOW)]


def test_every_personal_field_is_in_her_own_data_or_says_why_not(everything: list[Rows]) -> None:
    there = [(rows, label, each) for rows in everything for label, each in _parts(rows)]
    faults = []
    for label, table in contexts.tables().items():
        place = contexts.place(label.partition(".")[0])
        for category in PERSONAL if not (table.rows.is_public or table.rows.why_open) else ():
            for name in table.fields.get(category, "").split():
                rows = {id(rows): rows for rows, of, each in there if of == label and hasattr(each, name)}.values()
                lacking = [
                    part for part, made in PARTS.items() if not any(_changes(r, label, name, made) for r in rows)
                ]
                if lacking and name not in table.not_hers:
                    faults.append(
                        f"{label}.{name}: show it in `own` ({' and '.join(lacking)}) of {place}, or say why not in"
                        " `not_hers` there."
                    )
                if not lacking and name in table.not_hers:
                    faults.append(f"{label}.{name} is shown: remove it from `not_hers` in {place}.")
    assert not faults, "\n".join(["", *faults])


def _parts(rows: Any) -> Iterator[tuple[str, Any]]:
    """What the rows hold, with what was read along with it."""
    seen: set[int] = set()
    waiting = [getattr(rows, each.name) for each in fields(rows)]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, Model):
            yield each._meta.label, each
            waiting += each._state.fields_cache.values()
            waiting += getattr(each, "_prefetched_objects_cache", {}).values()
        elif isinstance(each, Own):
            continue
        elif is_dataclass(each):
            if type(each).__name__ in READ_AS:
                yield READ_AS[type(each).__name__], each
            else:
                waiting += [getattr(each, of.name) for of in fields(each)]
        elif not isinstance(each, (str, dict)) and hasattr(each, "__iter__"):
            waiting += each


def _changes(rows: Rows, label: str, name: str, made: Any) -> bool:
    before = made(rows)
    mine = [each for of, each in _parts(rows) if of == label and hasattr(each, name)]
    kept = [getattr(each, name) for each in mine]
    for each in mine:
        object.__setattr__(each, name, _another(each, name))
    try:
        return bool(made(rows) != before)
    except (KeyError, ValueError, TypeError):  # a value that it does not know: it looked
        return True
    finally:
        for each, value in zip(mine, kept, strict=True):
            object.__setattr__(each, name, value)


def _another(row: Any, name: str) -> Any:
    value = getattr(row, name)
    choices = [key for key, _ in (row._meta.get_field(name).choices or ())] if isinstance(row, Model) else []  # type: ignore[union-attr]
    if choices:
        return next(key for key in choices if key not in (value, "", None))
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, date):
        return value + timedelta(days=400, minutes=37)
    if isinstance(value, dict):
        return {} if value else {"booked": "sms"}
    if isinstance(value, list):
        return [] if value else [NOW if name == "times" else "monday-am"]
    if value is None and not isinstance(row, Model):
        return NOW.date()
    if value is None:
        internal = row._meta.get_field(name).get_internal_type()
        return NOW if internal == "DateTimeField" else NOW.date() if internal == "DateField" else "Annet"
    return f"{value} Annet"
