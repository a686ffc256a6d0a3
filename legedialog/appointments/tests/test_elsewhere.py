"""What hospitals and municipalities tell of times at theirs."""

from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

import pytest

from legedialog.appointments import elsewhere, services
from legedialog.appointments.models import (
    Channel,
    Source,
    Status,
)
from legedialog.appointments.tests.factories import NOW, TOMORROW, citizen, office, person
from legedialog.core.sql import ask_for
from legedialog.core.times import at_local
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db

EIGHT = at_local(TOMORROW, time(8))


def receive(source: Source, who: Person, identifier: UUID, title: str, sent_at: datetime) -> str:
    return services.receive_external(
        source_id=source.pk,
        identifier=identifier,
        patient_id=who.pk,
        status=Status.BOOKED,
        starts_at=EIGHT,
        ends_at=None,
        channel=Channel.VIDEO,
        title=title,
        place="",
        instruction="",
        join_url="https://video.example.no/1",
        sent_at=sent_at,
        now=NOW,
    )[1]


def test_a_hospital_may_tell_twice_and_in_any_order() -> None:
    kari, identifier = person(), uuid4()
    hospital = Source.objects.create(name="Fjordbyen sykehus", organisation_number="910000001")
    assert receive(hospital, kari, identifier, "Samtale", NOW) == "created"
    assert receive(hospital, kari, identifier, "Samtale", NOW) == "unchanged"
    assert receive(hospital, kari, identifier, "Kontroll", NOW + timedelta(minutes=1)) == "changed"
    assert receive(hospital, kari, identifier, "Samtale", NOW) == "older"
    assert [row.title for row in elsewhere.rows(citizen(kari), kari.pk, NOW)] == ["Kontroll"]
    assert Notification.objects.filter(recipient=kari, event="external.changed").count() == 2


def test_a_source_that_went_silent_or_failed_is_said_not_to_answer() -> None:
    Source.objects.create(name="A", organisation_number="1", heard_at=NOW - timedelta(minutes=5))
    Source.objects.create(name="B", organisation_number="2", heard_at=NOW - timedelta(days=2))
    Source.objects.create(name="C", organisation_number="3", heard_at=NOW - timedelta(hours=1), failed_at=NOW)
    Source.objects.create(name="D", organisation_number="4")
    assert [
        (each.name, each.answers)
        for each in elsewhere.sources_from(ask_for(elsewhere.asks_sources(citizen(office().patient()))), NOW)
    ] == [
        ("A", True),
        ("B", False),
        ("C", False),
        ("D", False),
    ]
