"""What an upgrade does to rows that stand."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connections

from legedialog.patients.models import Person, name_keys
from legedialog.patients.tests import factories

pytestmark = pytest.mark.django_db


def test_who_was_there_before_is_found_as_she_is_heard() -> None:
    person = factories.person("Åse-Marie O’Brien")
    Person.objects.filter(pk=person.pk).update(name_keys=[])
    with connections["default"].schema_editor() as editor:
        import_module("legedialog.patients.migrations.0006_names_as_heard").index(apps, editor)
    person.refresh_from_db()
    for typed in ("aase", "asemarie", "obrien"):
        assert set(name_keys(typed, whole=True)) <= {bytes(key) for key in person.name_keys}
