from django.db import models
from django.db.models import F, Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id


class Export(models.Model):
    """A citizen's own data in two files, made by a job when she asks, hers for a day, then removed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0)  # of own_data.STEPS; how far the job has come
    failed_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()  # removed from then on, ready or not
    pdf = EncryptedTextField()  # base64
    fhir = EncryptedTextField()  # JSON

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_export_for_each_person", fields=["person"]),
            models.CheckConstraint(name="an_export_ends_after_it_is_asked_for", condition=Q(ends_at__gt=F("asked_at"))),
            models.CheckConstraint(name="an_export_is_ready_or_failed", condition=Q(ready_at=None) | Q(failed_at=None)),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"
