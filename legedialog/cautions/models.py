"""What must be thought of before a patient is given something (CAVE): a row of its own for each, sealed.

It is never changed: what was wrong is ended, with why, and the right one is added beside it. See
docs/adr/0205-cautions.md.
"""

from django.db import models
from django.db.models import Q

from legedialog.cautions.rules import REACTION_LENGTH, REASON_LENGTH, SUBSTANCE_LENGTH, Certainty, Severity, Source
from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.patients.representation import Restriction


class Caution(models.Model):
    """An allergy, or another reaction, to a substance."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.UUIDField(unique=True)  # from the form, so that sending twice adds one
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="cautions")
    substance = EncryptedTextField(scope="practice_id", max_length=SUBSTANCE_LENGTH)  # as people call it
    atc = EncryptedTextField(scope="practice_id")  # the code or its beginning; empty for what is no medicine
    reaction = EncryptedTextField(scope="practice_id", max_length=REACTION_LENGTH)
    severity = models.CharField(max_length=8, choices=Severity)
    certainty = models.CharField(max_length=8, choices=Certainty)
    source = models.CharField(max_length=8, choices=Source)
    added_at = models.DateTimeField()
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    reason = EncryptedTextField(scope="practice_id", null=True, max_length=REASON_LENGTH)  # why it was ended
    restriction = models.CharField(max_length=11, choices=Restriction, default=Restriction.NORMAL)

    class Meta:
        indexes = [models.Index(name="cautions_of_a_patient", fields=["patient", "practice"])]
        constraints = [
            models.CheckConstraint(
                name="an_ended_caution_tells_by_whom_and_why",
                condition=Q(ended_at=None, ended_by=None, reason=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, reason__isnull=False),
            ),
            models.CheckConstraint(
                name="a_caution_ends_after_it_was_added",
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("added_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"caution {self.pk}"
