from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.utils import timezone

from legedialog.access.models import KeptForm, Lock, Login
from legedialog.appointments.models import Appointment
from legedialog.appointments.tests.factories import Office, office
from legedialog.attachments.models import Attachment, Chunk
from legedialog.audit.models import Concern, SealedBatch, StatedPurpose
from legedialog.core.ids import new_id
from legedialog.journal.models import Entry
from legedialog.journeys.models import Export, Handover, HandoverItem, RegisterChange
from legedialog.operations.tests import databases
from legedialog.operations.tests.world import World, made
from legedialog.patients.models import Guardianship, Person
from legedialog.practices.models import Employee, OpeningException


@pytest.fixture
def empty_database(django_db_setup: None) -> Iterator[str]:
    """The address of a new, empty database on the tests' server."""
    with databases.empty() as address:
        yield address


@pytest.fixture
def populated(begins_filled: None, db: None) -> None:
    """Every table has a row: the demo's, and what its people have not done."""
    person, employee = Person.objects.first(), Employee.objects.first()
    assert person
    assert employee
    now, ids = timezone.now(), {"patient_id": person.pk, "practice_id": employee.practice_id}
    login = Login.objects.create(
        token_hash=b"x",
        kind="citizen",
        assurance="high",
        person=person,
        issuer="x",
        provider_sub="x",
        created_at=now,
        seen_at=now,
    )
    KeptForm.objects.create(
        browser_hash=b"x", login=login, acting_for_id=login.person_id, path="/", fields="[]", created_at=now
    )
    Lock.objects.create(person=person, locked_at=now)
    StatedPurpose.objects.create(
        login_id=login.pk, employee_id=employee.pk, code="other", note="x", stated_at=now, ends_at=now, **ids
    )
    Concern.objects.create(event_id=new_id(), event_at=now, text="x", sent_at=now, answer_by=now.date(), **ids)
    SealedBatch.objects.create(
        number=1,
        from_position=0,
        until_position=1,
        month=now.date(),
        category="care",
        count=1,
        first_id=new_id(),
        last_id=new_id(),
        leaves=b"x",
        previous=b"x",
        root=b"x",
        sealed_at=now,
    )
    RegisterChange.objects.create(practice_id=employee.practice_id, person=person, kind="death", at=now)
    hers = Appointment.objects.select_related("calendar").order_by("pk")[0]
    given = Handover.objects.create(
        practice_id=hers.practice_id,
        clinician_id=hers.calendar.clinician_id,
        by_employee=employee,
        text="x",
        started_at=now,
        total=1,
    )
    HandoverItem.objects.create(
        handover=given,
        practice_id=hers.practice_id,
        appointment=hers,
        place=0,
        way="cancel",
        mark="x",
    )
    Export.objects.create(person=person, asked_at=now, ends_at=now + timedelta(days=1), pdf="x", fhir="x")
    Entry.objects.create(
        kind="note",
        contact_type="phone",
        at=now,
        by_employee=employee,
        title="x",
        text="x",
        object_id=new_id(),
        content="note",
        thing_id=new_id(),
        **ids,
    )
    file = Attachment.objects.create(
        by_employee=employee, name="x", media_type="image/png", size=1, is_scanned=True, received_at=now, **ids
    )
    Chunk.objects.create(attachment=file, practice_id=employee.practice_id, number=0, data=b"x")
    OpeningException.objects.create(practice_id=employee.practice_id, date=now.date())
    Guardianship.objects.create(guardian=person, person=Person.objects.exclude(pk=person.pk)[0], starts_date=now.date())


@pytest.fixture
def here(db: None) -> Office:
    return office()


@pytest.fixture
def there(db: None) -> Office:
    return office("Bakkebyen legesenter", "Odd Lund")


@pytest.fixture
def hers(here: Office) -> Appointment:
    return here.booked(here.patient("Kari Testdal"))


@pytest.fixture
def others(there: Office) -> Appointment:
    return there.booked(there.patient("Per Testvik"))


@pytest.fixture(scope="module")
def world(filled: Callable[[], AbstractContextManager[None]]) -> Iterator[World]:
    with filled(), made() as world:
        yield world
