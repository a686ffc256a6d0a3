from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0008_kept_for_nobody"),
    ]

    operations = [
        migrations.AddField(
            model_name="login",
            name="proof",
            field=models.BinaryField(max_length=32, null=True),
        ),
    ]
