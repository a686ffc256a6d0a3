"""What a source said of a time that nobody can reckon with is taken out, and no longer taken in."""

from django.db import migrations, models
from django.db.models import Q

from legedialog.core.reading import MOMENTS

INSIDE = Q(starts_at__range=MOMENTS) & (Q(ends_at=None) | Q(ends_at__range=MOMENTS))


class Migration(migrations.Migration):
    dependencies = [("appointments", "0006_sealed_note")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: (
                apps.get_model("appointments", "ExternalAppointment")
                .objects.using(editor.connection.alias)
                .exclude(INSIDE)
                .delete()
            ),
            migrations.RunPython.noop,
        ),
        migrations.AddConstraint(
            "externalappointment",
            models.CheckConstraint(name="an_external_appointment_is_within_reach", condition=INSIDE),
        ),
    ]
