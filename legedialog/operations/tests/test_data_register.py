"""No field without category, purpose and retention, and what is said to go away does."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django import app

from legedialog.api.models import AccessToken, ApiClient, UsedAssertion
from legedialog.appointments.models import Claim, Source
from legedialog.appointments.services import hold
from legedialog.appointments.tests.factories import NOW, TOMORROW, citizen, office
from legedialog.core import contexts
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.journeys import own_data
from legedialog.journeys.models import Export
from legedialog.operations import data_register, docs, tasks
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import KEPT, Status


def test_every_stored_field_has_a_category_once_and_no_other_is_named() -> None:
    assert data_register.faults() == []


def test_every_table_says_what_it_is_for_and_how_long_it_is_kept() -> None:
    for label, table in contexts.tables().items():
        assert table.purpose.endswith("."), label
        assert table.kept.text, label
        assert table.about.keys() <= set(table.names), label


def test_the_page_is_made_from_it() -> None:
    assert docs.pages()["data-register.md"]().count("\n## ") == len(contexts.tables())


def test_what_is_said_to_be_removed_is_removed_by_the_hourly_job() -> None:
    assert {each.__module__.split(".")[1] for each in tasks.tidiers()} == {
        *(
            "access",
            "api",
            "appointments",
            "attachments",
            "dialogues",
            "errands",
            "journeys",
            "outbox",
            "patients",
            "pending",
            "practices",
            "prescriptions",
            "video",
        )
    }
    jobs = {periodic.task.name: periodic.cron for periodic in app.periodic_registry.periodic_tasks.values()}
    assert (jobs["retention"], jobs["retention.jobs"]) == ("7 * * * *", "37 * * * *")


@pytest.mark.django_db
def test_the_job_removes_what_is_over_and_nothing_else() -> None:
    clinic = office()
    kari = clinic.patient()
    held = hold(
        actor=citizen(kari),
        patient_id=kari.pk,
        calendar_id=clinic.calendar.pk,
        visit_type_id=clinic.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW, clinic.block_by_weekday[1].starts),
        now=NOW,
    )
    notices = {
        status: Notification.objects.create(
            event="appointment.booked",
            object_id=new_id(),
            recipient=kari,
            created_at=NOW,
            due_at=NOW,
            status=status,
            status_at=NOW,
            text="Du har fått time.",
        )
        for status in (Status.SENT, Status.WAITING)
    }
    source = Source.objects.create(name="Sykehuset", organisation_number="910000001")
    client = ApiClient.objects.create(name="A", source=source, jwks={}, scopes=["x"], created_at=NOW)
    own_data.ask(actor=citizen(kari), now=NOW)
    AccessToken.objects.create(client=client, token_hash=b"a" * 32, scopes=["x"], expires_at=NOW + timedelta(hours=1))
    UsedAssertion.objects.create(client=client, jti="a", expires_at=NOW + timedelta(hours=1))

    tasks.forget_what_is_over(NOW + timedelta(minutes=1))
    assert Claim.objects.filter(pk=held.pk).exists()
    assert Notification.objects.filter(pk__in=[each.pk for each in notices.values()]).count() == 2
    assert AccessToken.objects.count() == UsedAssertion.objects.count() == Export.objects.count() == 1

    tasks.forget_what_is_over(NOW + timedelta(hours=25))
    assert not Claim.objects.filter(pk=held.pk).exists()
    assert AccessToken.objects.count() == UsedAssertion.objects.count() == Export.objects.count() == 0

    tasks.forget_what_is_over(NOW + KEPT)
    assert list(Notification.objects.filter(recipient=kari)) == [notices[Status.WAITING]]


@pytest.mark.django_db
def test_a_fault_in_one_context_does_not_keep_the_others_data(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []

    def broken(now: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(tasks, "tidiers", lambda: (broken, called.append))
    tasks.forget_what_is_over(NOW)
    assert len(called) == 1


@pytest.mark.django_db(transaction=True)
def test_old_jobs_are_removed_by_a_worker() -> None:
    app.configure_task("retention.jobs").defer()
    with app.with_connector(app.connector.get_worker_connector()).open() as worker:  # type: ignore[attr-defined]
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert {job.status for job in app.job_manager.list_jobs(task="retention.jobs")} == {"succeeded"}
