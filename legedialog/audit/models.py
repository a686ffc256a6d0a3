from django.db import models

from legedialog.audit.rules import CONCERN_LENGTH, NOTE_LENGTH, STATED
from legedialog.audit.rules import Category as CategoryRule
from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id


class Kind(models.TextChoices):
    CHANGE = "change"
    READ = "read"


class Category(models.TextChoices):
    CARE = CategoryRule.CARE.value
    LOGIN = CategoryRule.LOGIN.value
    OFFICE = CategoryRule.OFFICE.value


class Event(models.Model):
    """What happened, or who looked. Append only: the web role may insert and read, never change or remove.

    Rows hold ids and codes, never content, and no foreign keys: the log outlives what it tells of. The table is cut
    into months by `at`, so PostgreSQL's primary key is (id, at). How it is sealed: docs/audit.md.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    # The writing transaction's number: what lies below the oldest one still running is complete and can be sealed.
    # A trigger gives it, whatever the writer says.
    position = models.BigIntegerField(db_default=models.Func(function="audit_position"), editable=False)
    category = models.CharField(max_length=8, choices=Category)
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
    purpose = models.CharField(max_length=16, blank=True)  # rules.Purpose
    legal_ground = models.CharField(max_length=16, blank=True)  # rules.Ground
    facts = models.JSONField(default=dict)  # codes and numbers only

    class Meta:
        indexes = [
            models.Index(name="audit_event_patient", fields=["patient_id", "at", "id"]),
            models.Index(name="audit_event_practice", fields=["practice_id", "at"]),
            models.Index(name="audit_event_position", fields=["position", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d}"


class SealedBatch(models.Model):
    """The rows of one month and category among those with a position in [from_position, until_position).

    Batches of the same positions make a round; rounds follow each other without a gap. Each root holds the one before.
    """

    number = models.BigIntegerField(primary_key=True)  # from 1, without a gap
    from_position = models.BigIntegerField()
    until_position = models.BigIntegerField()
    month = models.DateField()
    category = models.CharField(max_length=8, choices=Category)
    count = models.PositiveIntegerField()
    first_id = models.UUIDField()
    last_id = models.UUIDField()
    leaves = models.BinaryField()  # for each row id (16) and hash (32), so that one bad row can be named
    format = models.PositiveSmallIntegerField(db_default=1)  # what the root covers: sealing.root_of
    tree = models.BinaryField(max_length=32, null=True)  # its root, kept when the leaves go; format 1 has it from then
    previous = models.BinaryField(max_length=32)
    root = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)  # its rows are past their retention and removed

    def __str__(self) -> str:
        return f"batch {self.number}"


class StatedPurpose(models.Model):
    """Why somebody at the office opened a patient who had no open contact with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    login_id = models.UUIDField()
    employee_id = models.UUIDField()
    practice_id = models.UUIDField()
    patient_id = models.UUIDField()
    code = models.CharField(max_length=16, choices=[(each.value, each.value) for each in STATED])
    note = EncryptedTextField(scope="practice_id", max_length=NOTE_LENGTH, blank=True)
    stated_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["login_id", "patient_id", "ends_at"])]

    def __str__(self) -> str:
        return f"purpose {self.code}"


class Concern(models.Model):
    """A citizen asks the office about one row of her log; the office must answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event_id = models.UUIDField()
    event_at = models.DateTimeField()  # with the id, finds the row in its month
    patient_id = models.UUIDField()
    practice_id = models.UUIDField()
    about_employee_id = models.UUIDField(null=True)  # who must not be the one to answer
    text = EncryptedTextField(scope="practice_id", max_length=CONCERN_LENGTH)
    sent_at = models.DateTimeField()
    answer_by = models.DateField()
    answer = EncryptedTextField(scope="practice_id", max_length=CONCERN_LENGTH, null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_id = models.UUIDField(null=True)  # employee

    class Meta:
        indexes = [models.Index(fields=["practice_id", "answered_at", "answer_by"])]
        constraints = [
            models.UniqueConstraint(name="one_concern_for_each_row", fields=["event_id"]),
            models.CheckConstraint(
                name="an_answer_has_text_time_and_author",
                condition=models.Q(answer=None, answered_at=None, answered_by_id=None)
                | models.Q(answer__isnull=False, answered_at__isnull=False, answered_by_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"concern {self.pk}"
