from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []
    run_before = [
        ("practices", "0001_initial"),
        ("patients", "0001_initial"),
        ("appointments", "0001_initial"),
    ]
    operations = [BtreeGistExtension()]
