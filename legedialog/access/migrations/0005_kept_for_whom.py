import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_limits"),
        ("patients", "0004_assignment"),
        ("practices", "0001_initial"),
    ]

    operations = [
        # They live for half an hour, and for whom these were nobody knows.
        migrations.RunSQL("DELETE FROM access_keptform", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="keptform",
            name="acting_for",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.person"
            ),
        ),
        migrations.AddField(
            model_name="keptform",
            name="employee",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practices.employee"
            ),
        ),
        migrations.AddConstraint(
            model_name="keptform",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acting_for__isnull", False), ("employee", None)),
                    models.Q(("acting_for", None), ("employee__isnull", False)),
                    _connector="OR",
                ),
                name="a_kept_form_says_whom_it_is_for",
            ),
        ),
    ]
