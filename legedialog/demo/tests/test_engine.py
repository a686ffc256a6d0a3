"""The demo's people find what the design promises them. Populated once, through the import and the services."""

from datetime import date

import pytest
from django.utils import timezone

from legedialog.access.models import Operator
from legedialog.appointments import queries
from legedialog.appointments.models import Appointment, Status, TimeRequest
from legedialog.appointments.rules import can_join
from legedialog.consent.policy import level
from legedialog.core.times import local_day
from legedialog.demo import engine as demo
from legedialog.demo.people import PEOPLE
from legedialog.outbox.models import Notification
from legedialog.patients import queries as patients
from legedialog.patients.models import Membership, Person

pytestmark = pytest.mark.django_db


JOIN = ("channel", "status", "starts_at", "ends_at")


def test_the_demo_is_populated_once_and_as_the_design_says() -> None:
    demo.populate(lambda done, total: None)
    counts = (Person.objects.count(), Appointment.objects.count())
    demo.populate(lambda done, total: None)
    assert (Person.objects.count(), Appointment.objects.count()) == counts

    now = timezone.now()
    ids = {person.name: patients.id_of(person.number) for person in PEOPLE if person.kind == "citizen"}
    kari, per, arne = ids["Kari Testdal"], ids["Per Testvik"], ids["Arne Testmo"]
    assert kari
    assert per
    assert arne
    assert (level(kari), level(per)) == ("full", "basis")
    gp = patients.gp_of(arne, local_day(now))
    assert gp
    assert gp.name == "Odd Lund"
    assert len(queries.externals(demo._citizen(kari), kari, now)) == 2
    (video,) = queries.coming(demo._citizen(kari), kari, now)  # to join now; the others are her own to book
    assert (video.channel, can_join(**{name: getattr(video, name) for name in JOIN}, now=now)) == ("video", True)
    assert {row.status for row in queries.past(demo._citizen(kari), kari, now)} == {"completed", "cancelled"}
    assert Appointment.objects.filter(status=Status.BOOKED, starts_at__gt=now).count() > 50
    assert TimeRequest.objects.filter(status="sent").count() == 2
    assert Operator.objects.count() == 1
    assert not Notification.objects.filter(due_at__lte=now).exists()


def test_a_larger_population_lands_on_lists_of_a_thousand() -> None:
    demo.grow(1001, say=lambda done, total: None)
    demo.grow(10, say=lambda done, total: None)
    assert sorted(Membership.objects.values_list("contract__number", flat=True).distinct()) == [
        "CROWD-0",
        "CROWD-1",
        "CROWD-2",
    ]
    assert Person.objects.count() == 1011
    assert Person.objects.filter(birth_date__gt=date(2010, 1, 1)).count() == 0
