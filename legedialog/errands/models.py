"""What one at an office asks of a colleague, or of all of a role, until a date. See docs/adr/0258-errands.md."""

from django.db import models
from django.db.models import Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.errands.rules import TEXT_LENGTH, Group, Source


class Errand(models.Model):
    """Its words are never changed; whose it is and its date are, and it is done and opened again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.UUIDField(unique=True)  # from the form, so that sending twice adds one
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")  # None: about nobody
    source = models.CharField(max_length=11, choices=Source, blank=True)
    source_id = models.UUIDField(null=True)  # a dialogue's or an appointment's
    text = EncryptedTextField(scope="practice_id", max_length=TEXT_LENGTH)
    due_date = models.DateField()
    to_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    to_group = models.CharField(max_length=9, choices=Group, blank=True)
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(name="errands_to_do", fields=["practice", "due_date"], condition=Q(done_at=None)),
            models.Index(name="errands_of_a_patient", fields=["patient"], condition=Q(patient__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_errand_is_a_colleagues_or_a_roles",
                condition=Q(to_employee__isnull=False, to_group="") | (Q(to_employee=None) & ~Q(to_group="")),
            ),
            models.CheckConstraint(
                name="a_done_errand_tells_by_whom",
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
            ),
            models.CheckConstraint(
                name="an_errand_from_somewhere_is_about_a_patient",
                condition=Q(source="", source_id=None, patient=None)
                | Q(source=Source.PATIENT, source_id=None, patient__isnull=False)
                | Q(source__in=[Source.DIALOGUE, Source.APPOINTMENT], source_id__isnull=False, patient__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"errand {self.pk}"
