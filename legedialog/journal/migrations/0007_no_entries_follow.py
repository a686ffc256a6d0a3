"""Entries follow a person by the fence's own function (docs/adr/0052-one-person.md); this one has no caller."""

from importlib import import_module

from django.db import migrations

before = import_module("legedialog.journal.migrations.0004_entries_follow")


class Migration(migrations.Migration):
    dependencies = [("journal", "0006_misfiled")]

    operations = [migrations.RunSQL(before.BACK, before.SQL)]
