"""The keys that a name is found by, made again: by now also Åse by `aase` and O'Brien by `obrien`."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from legedialog.patients.models import name_keys

AT_ONCE = 1000


def index(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    persons = apps.get_model("patients", "Person").objects.using(editor.connection.alias).order_by("pk")
    last = None
    while rows := list((persons.filter(pk__gt=last) if last else persons)[:AT_ONCE]):
        for row in rows:
            row.name_keys = name_keys(row.given_name, row.family_name)
        persons.bulk_update(rows, ["name_keys"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_facts_carry_their_age"), ("core", "0002_wrapped_by")]

    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
