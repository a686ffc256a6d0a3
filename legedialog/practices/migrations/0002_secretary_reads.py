from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0001_initial")]

    operations = [
        migrations.AddField("practice", "secretary_reads", models.BooleanField(db_default=False, default=False)),
    ]
