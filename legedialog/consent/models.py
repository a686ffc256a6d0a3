from django.db import models
from django.db.models import F, Q

from legedialog.consent.rules import Level as Level
from legedialog.core.ids import new_id


class Consent(models.Model):
    """One level for one person from one moment to another. The row without an end is the one in force."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("patients.Person", models.PROTECT, related_name="consents")
    level = models.CharField(max_length=5, choices=Level)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    given_by = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_consent_in_force", fields=["person"], condition=Q(ends_at=None)),
            models.CheckConstraint(
                name="consent_ends_after_it_begins",
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.level}"
