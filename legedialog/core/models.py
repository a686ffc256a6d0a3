from django.db import models

from legedialog.core.ids import new_id


class KeyPurpose(models.TextChoices):
    SEAL = "seal"
    INDEX = "index"


class DataKey(models.Model):
    """A key that seals text, itself sealed by the master key. One is current for each office and one for the platform.

    See docs/adr/0005-encryption.md.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=8, choices=KeyPurpose)
    scope = models.UUIDField(null=True)  # the office, or null for the platform
    wrapped = models.BinaryField()
    wrapped_by = models.CharField(max_length=100, default="", db_default="", blank=True)  # the master's name
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_current_key_for_each_purpose_and_scope",
                fields=["purpose", "scope"],
                condition=models.Q(retired_at=None),
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"data key {self.pk}"
