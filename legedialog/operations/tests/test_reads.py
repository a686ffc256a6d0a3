"""Whoever is shown something of a patient leaves a line in her log: every address with a row of hers is opened."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from legedialog.audit.models import Event
from legedialog.operations import permissions
from legedialog.operations.tests.test_permissions import Browser, World, _path
from legedialog.operations.tests.test_permissions import world as world

# Parameters that name a patient, or something of hers.
HERS = {
    *("patient_id", "dialogue_id", "entry_id", "renewal_id", "appointment_id", "attachment_id", "prescription_id"),
    *("request_id", "external_id", "assignment_id", "guest_id", "seat_id"),
}
# What shows nothing of her care, each with its reason.
SILENT: dict[str, str] = {
    "workspace:dialogue-presence": "which colleague is answering, and nothing of the patient",
    "workspace:dialogue-start": "an empty form with the patient's name; what is sent is logged",
    "workspace:journal-note": "an empty form with the patient's name; what is written is logged",
    "workspace:lift-lock": "her name and when she locked her access",
    "workspace:purpose": "asks why, before anything is shown",
    "workspace:video-postpone": "an empty form with the time that the calendar shows",
}


@pytest.mark.parametrize("visitor", ["doctor", "secretary", "parent", "attorney"])
def test_no_page_with_a_patients_row_is_shown_without_a_trace(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        silent = [f"{name}: {path}" for name, path in _without_trace(world, browser, visitor) if name not in SILENT]
    assert not silent, "\n".join(["", *silent])


def _without_trace(world: World, browser: Browser, visitor: str) -> Iterator[tuple[str, str]]:
    for route in permissions.routes():
        path = _path(route, world.who[visitor], "own") if HERS & set(route.parameters) else None
        if path is None:
            continue
        with transaction.atomic():
            before = Event.objects.count()
            request = browser.request("GET", path)
            response = browser.handler.get_response(request)
            written = Event.objects.count() - before
            transaction.set_rollback(True)
        if response.status_code == 200 and not written:
            yield route.name, path
