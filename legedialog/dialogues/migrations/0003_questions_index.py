from django.db import migrations, models


class Migration(migrations.Migration):
    """Not concurrently: that waits for the node that waits for us (operations/migrate.py: _one_at_a_time)."""

    dependencies = [
        ("dialogues", "0002_draft_files"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(by_person__isnull=False),
                fields=["practice", "at"],
                name="questions_of_an_office",
            ),
        ),
    ]
