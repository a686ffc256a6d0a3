"""The demo's people find what the design promises them. Populated once, through the import and the services."""

import hashlib
import inspect
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.access.models import Operator
from legedialog.appointments import elsewhere, queries
from legedialog.appointments.models import Appointment, Calendar, Status, TimeRequest
from legedialog.appointments.rules import can_join
from legedialog.consent.policy import level
from legedialog.core import contexts
from legedialog.core.contexts import Chapter, Stage
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.demo import engine as demo
from legedialog.demo.people import PEOPLE
from legedialog.journeys import handing_over, own_data
from legedialog.journeys.models import Export
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status as Told
from legedialog.patients import queries as patients
from legedialog.patients.models import Person
from legedialog.patients.rules import DECEASED
from legedialog.practices.models import Employee

pytestmark = pytest.mark.django_db


JOIN = ("channel", "status", "starts_at", "ends_at")


@pytest.mark.parametrize("fault", [Refused(DECEASED), Calendar.DoesNotExist(), Employee.MultipleObjectsReturned()])
def test_what_somebody_has_closed_in_the_demo_stops_no_start(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of its people has died, say, or works somewhere else now."""
    played: list[str] = []

    def closed(stage: Stage) -> None:
        played.append("closed")
        raise fault

    chapters = [Chapter(1, closed, at_each_start=True), Chapter(2, lambda stage: played.append("open"), True)]
    monkeypatch.setattr(contexts, "ordered", lambda part: chapters)
    demo._at_each_start(timezone.now())
    assert played == ["closed", "open"]


def test_the_demo_is_populated_once_as_the_design_says_and_all_that_runs_beside_it_may_run_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
    assert len(elsewhere.rows(demo._citizen(kari), kari, now)) == 2
    (video,) = queries.coming(demo._citizen(kari), kari, now).rows  # to join now; the others are her own to book
    assert (video.channel, can_join(**{name: getattr(video, name) for name in JOIN}, now=now)) == ("video", True)
    assert {row.status for row in queries.past(demo._citizen(kari), kari, now)} == {"completed", "cancelled"}
    assert Appointment.objects.filter(status=Status.BOOKED, starts_at__gt=now).count() > 50
    assert TimeRequest.objects.filter(status="sent").count() == 2
    assert Operator.objects.count() == 1
    assert not Notification.objects.filter(due_at__lte=now, status="waiting").exists()

    a_new_start_takes_nobodys_notices(now + timedelta(hours=3), monkeypatch)
    every_job_may_run_twice(kari, now + timedelta(days=1), monkeypatch)


def a_new_start_takes_nobodys_notices(later: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The visits on video are made anew, and nobody is told of those. What people have done, sent or not, stays."""
    kept = list(Notification.objects.order_by("pk").values_list("pk", flat=True)[:3])
    for notification_id, status in zip(kept, (Told.WAITING, Told.DEAD, Told.SENT), strict=True):
        Notification.objects.filter(pk=notification_id).update(status=status, due_at=later - timedelta(hours=1))
    monkeypatch.setattr(timezone, "now", lambda: later)
    before = Appointment.objects.count()
    demo.populate(lambda done, total: None)
    assert Appointment.objects.count() > before
    assert Notification.objects.filter(pk__in=kept).count() == 3
    assert not Notification.objects.filter(created_at=later, due_at__lte=later).exists()


def every_job_may_run_twice(kari: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes back when its worker was killed, at whatever point: the second run finds it done and changes nothing."""
    own_data.ask(actor=demo._citizen(kari), now=now)
    export_id = str(Export.objects.get().pk)
    monkeypatch.setattr(timezone, "now", lambda: now)
    for name, task in sorted(app.tasks.items()):
        if task.queue == "builtin":
            continue
        given = {own_data.MAKE: {"export_id": export_id}, handing_over.GO_ON: {"handover_id": export_id}}.get(name, {})
        run(task, **given)
        before = everything()
        run(task, **given)
        assert {table for table, content in everything().items() if content != before[table]} == set(), name


def run(task: Any, **given: Any) -> None:
    if inspect.iscoroutinefunction(task.func):
        async_to_sync(task.func)(SimpleNamespace(app=app), **given)
    else:
        task.func(**given)


def everything() -> dict[str, str]:
    """What each table holds, but for the queue's own."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("procrastinate_", "django_")):
                continue
            cursor.execute(f'SELECT row::text FROM "{table}" AS row ORDER BY 1')
            found[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return found
