"""Withdrawing: what is told first, what goes, and what the law keeps."""

import io
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db.models import Q

from legedialog.access.models import KeptForm, Login
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Channel, Claim, TimeRequest
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen
from legedialog.attachments import services as attachments
from legedialog.attachments.models import Attachment
from legedialog.attachments.tests import files
from legedialog.audit.models import Event
from legedialog.consent.models import Consent
from legedialog.consent.queries import level
from legedialog.consent.rules import Level
from legedialog.core import contexts
from legedialog.core.contexts import CHOICE, CONTACT
from legedialog.core.errors import NotFound
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.dialogues.tests.factories import draft
from legedialog.interpreters import services as interpreters
from legedialog.journeys import own_data, withdrawal
from legedialog.journeys.models import Export
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status
from legedialog.patients.models import Person
from legedialog.prescriptions.models import Item, Look
from legedialog.prescriptions.tests.factories import looked, ordered, prescription
from legedialog.video.services import save_test

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return factories.office(max_coming=3)


@pytest.fixture
def kari(office: Office) -> Person:
    """With a bit of everything: an appointment, a wish, a hold, notices, typed text, and an export."""
    kari = office.patient()
    office.booked(kari)
    office.booked(kari, day=date(2026, 11, 30))  # so far ahead that a reminder waits
    wish(office, kari)
    Notification.objects.filter(event="appointment.booked", recipient=kari).update(status=Status.SENT)
    appointments.hold(
        actor=citizen(kari),
        patient_id=kari.pk,
        calendar_id=office.calendar.pk,
        visit_type_id=office.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(TOMORROW, office.block_by_weekday[1].starts) + timedelta(hours=1),
        now=NOW,
    )
    login = Login.objects.create(
        token_hash=new_id().bytes * 2,
        kind="citizen",
        assurance="high",
        person=kari,
        issuer="i",
        provider_sub="s",
        created_at=NOW,
        seen_at=NOW,
    )
    KeptForm.objects.create(
        browser_hash=b"b" * 32, login=login, acting_for_id=login.person_id, path="/", fields="[]", created_at=NOW
    )
    own_data.ask(actor=citizen(kari), now=NOW)
    return kari


def wish(office: Office, who: Person) -> TimeRequest:
    return appointments.send_request(
        actor=citizen(who),
        patient_id=who.pk,
        clinician_id=office.doctor.pk,
        key=new_id(),
        wishes="Hoste",
        coarse_times=[],
        channels=[Channel.ATTENDANCE],
        now=NOW,
    )


def test_what_goes_on_without_her_is_told_first(kari: Person) -> None:
    after = withdrawal.consequences(citizen(kari), kari.pk, NOW)
    assert (len(after.coming), len(after.open_requests)) == (2, 1)
    assert after.notices == 1


def test_an_order_goes_on_without_her_and_a_look_is_forgotten(kari: Person, office: Office) -> None:
    row = prescription(kari, office)
    looked(kari, row)
    assert Look.objects.exists()
    ordered(kari, prescription(kari, office, atc="C10AA01"))
    assert len(withdrawal.consequences(citizen(kari), kari.pk, NOW).open_renewals) == 1
    withdrawal.withdraw(actor=citizen(kari), person_id=kari.pk, to=Level.BASIS, now=NOW)
    assert not Look.objects.exists()
    assert Item.objects.get().status == "sent"


def test_a_stranger_is_told_nothing_and_changes_nothing(kari: Person, office: Office) -> None:
    per = citizen(office.patient("Per Testvik"))
    with pytest.raises(NotFound):
        withdrawal.consequences(per, kari.pk, NOW)
    with pytest.raises(NotFound):
        withdrawal.withdraw(actor=per, person_id=kari.pk, to=Level.NONE, now=NOW)
    assert level(kari.pk) == Level.FULL
    kari.refresh_from_db()
    assert kari.phone


def test_back_to_basis_removes_nothing_but_the_time_she_was_looking_at(kari: Person) -> None:
    withdrawal.withdraw(actor=citizen(kari), person_id=kari.pk, to=Level.BASIS, now=NOW)
    kari.refresh_from_db()
    assert kari.phone == "+4799999999"
    assert KeptForm.objects.exists()
    assert Export.objects.exists()
    assert Notification.objects.filter(recipient=kari, status=Status.SENT).exists()
    assert not Claim.objects.filter(kind="hold").exists()


def test_nothing_left_removes_what_is_kept_for_her_and_leaves_the_record_and_the_proof(kari: Person) -> None:
    traces = Event.objects.count()
    withdrawal.withdraw(actor=citizen(kari), person_id=kari.pk, to=Level.NONE, now=NOW)
    kari.refresh_from_db()
    assert (kari.phone, kari.email, kari.language, kari.contact_confirmed_at, kari.notices) == ("", "", "", None, {})
    assert not KeptForm.objects.exists()
    assert not Export.objects.exists()
    assert not Notification.objects.filter(recipient=kari, status=Status.SENT).exists()
    assert Appointment.objects.filter(patient=kari, status="booked").exists()
    assert TimeRequest.objects.get(patient=kari).wishes == "Hoste"
    assert Consent.objects.filter(person=kari, level=Level.NONE, ends_at=None).exists()
    assert Event.objects.count() > traces


def test_what_the_office_must_tell_her_in_another_way_stays_with_the_office(kari: Person, office: Office) -> None:
    Notification.objects.filter(recipient=kari).update(status=Status.DEAD)
    withdrawal.withdraw(actor=citizen(kari), person_id=kari.pk, to=Level.NONE, now=NOW)
    assert Notification.objects.filter(recipient=kari, status=Status.DEAD).exists()


def test_what_is_kept_for_her_sake_alone_goes_or_says_why_it_stays(kari: Person, office: Office) -> None:
    """Whole tables that are neither record, register, log nor the office's; and what she has told of herself."""
    draft(kari)
    attachments.receive(
        actor=citizen(kari), practice_id=office.practice.pk, patient_id=kari.pk, name="arm.jpg",
        file=io.BytesIO(files.jpeg()), now=NOW,
    )  # fmt: skip
    save_test(actor=citizen(kari), results={}, now=NOW)
    interpreters.say(actor=citizen(kari), patient_id=kari.pk, language="so", now=NOW)
    looked(kari, prescription(kari, office))
    appointments.make_feed(actor=citizen(kari), now=NOW)
    kari.language, kari.email, kari.notices, kari.is_reserved = "en", "kari@example.no", {"booked": "sms"}, True
    kari.save(update_fields=["language", "email", "notices", "is_reserved"])
    before = {label: list(_hers(label, kari)) for label in contexts.tables()}
    withdrawal.withdraw(actor=citizen(kari), person_id=kari.pk, to=Level.NONE, now=NOW)
    assert not Attachment.objects.filter(patient=kari).exists()
    faults = []
    for label, table in contexts.tables().items():
        place = contexts.place(label.partition(".")[0])
        if table.kept in KEPT_FOR_OTHERS or "*" in table.stays or not _is_of_persons(label):
            continue
        if not before[label] or set(before[label]) & set(_hers(label, kari)):
            faults.append(f"{label}: remove it in `forget`, or say why it stays in `stays`, of {place}.")
    kari.refresh_from_db()
    person = contexts.tables()["patients.Person"]
    for name in " ".join(person.fields[each] for each in (CONTACT, CHOICE)).split():
        if getattr(kari, name) and name not in person.stays:
            faults.append(f"patients.Person.{name}: empty it in `forget`, or say why in `stays`, of the context.")
    assert not faults, "\n".join(["", *faults])


# What others must keep, whatever she turns off.
KEPT_FOR_OTHERS = (*(contexts.RECORD, contexts.REGISTER, contexts.LOG), *(contexts.OFFICE, contexts.PLAN))


def _owners(label: str) -> list[str]:
    """Lookups from a row of the table to the person it belongs to."""
    model, rows = apps.get_model(label), contexts.tables()[label].rows
    found = [name for name in rows.of if "." not in name and model._meta.get_field(name).related_model is Person]
    if rows.follows and not found:
        parent = model._meta.get_field(rows.follows).related_model
        assert isinstance(parent, type)
        found = [f"{rows.follows}__{name}" for name in _owners(parent._meta.label)]  # type: ignore[attr-defined]
    return found


def _is_of_persons(label: str) -> bool:
    rows = contexts.tables()[label].rows
    return bool(not rows.is_public and not rows.why_open and label != "patients.Person" and _owners(label))


def _hers(label: str, person: Person) -> list[object]:
    if not _is_of_persons(label):
        return []
    mine = Q()
    for name in _owners(label):
        mine |= Q((name, person.pk))
    return list(apps.get_model(label)._default_manager.filter(mine).values_list("pk", flat=True))
