from django.db import models

from legedialog.core.ids import new_id


class Kind(models.TextChoices):
    CHANGE = "change"
    READ = "read"


class Event(models.Model):
    """What happened, or who looked. Append only: the web role may insert and read, never change or remove.

    Rows hold ids and codes, never content, and no foreign keys: the log outlives what it tells of.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=6, choices=Kind)
    action = models.CharField(max_length=60)  # "appointment.booked"
    object_id = models.UUIDField(null=True)
    patient_id = models.UUIDField(null=True)  # whom it is about
    actor_kind = models.CharField(max_length=10)
    login_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)  # the citizen who did it
    employee_id = models.UUIDField(null=True)
    role = models.CharField(max_length=12, blank=True)
    practice_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)  # codes and numbers only

    class Meta:
        indexes = [models.Index(fields=["patient_id", "at"]), models.Index(fields=["practice_id", "at"])]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d}"
