"""Whoever is shown something of a patient leaves a line in her log: every address with a row of hers is opened."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from legedialog.audit.models import Event
from legedialog.core import contexts
from legedialog.core.contexts import RowOf
from legedialog.operations import permissions
from legedialog.operations.tests import objects
from legedialog.operations.tests.world import Browser, World, address_of


@pytest.mark.parametrize("visitor", ["doctor", "secretary", "parent", "attorney"])
def test_no_page_with_a_patients_row_is_shown_without_a_trace(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    told = contexts.every(lambda about: about.silent)
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        silent = [f"{name}: {path}" for name, path in _without_trace(world, browser, visitor) if name not in told]
    assert not silent, "\n".join(["Log that it was read, or say why not in `silent` of its about.py:", *silent])


def _without_trace(world: World, browser: Browser, visitor: str) -> Iterator[tuple[str, str]]:
    for route in permissions.routes():
        rows = [objects.of(route.name, name) for name in route.parameters]
        is_hers = any(isinstance(each, RowOf) and each.is_hers for each in rows)
        path = address_of(route, world.who[visitor], "own") if is_hers else None
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
