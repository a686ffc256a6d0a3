from django.db import models
from django.db.models import Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.pending.rules import Reason


class PendingAct(models.Model):
    """What somebody at an office has done and nobody has been told of yet. Removed when it is done or taken back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    login_id = models.UUIDField(null=True)  # hers, for the log
    patient = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=40)  # of an Act: "dialogue.answer"
    object_id = models.UUIDField()  # what it is done to
    given = EncryptedTextField(scope="practice_id")
    kept_id = models.UUIDField(null=True)  # what is kept for it meanwhile
    done_at = models.DateTimeField()  # when she did it
    due_at = models.DateTimeField()  # when it takes effect
    failed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=10, choices=Reason, blank=True)

    class Meta:
        indexes = [models.Index(name="acts_that_wait", fields=["due_at"], condition=Q(failed_at=None))]
        constraints = [
            models.UniqueConstraint(
                name="one_act_waits_for_each_thing", fields=["object_id"], condition=Q(failed_at=None)
            ),
            models.CheckConstraint(name="an_act_waits_before_it_is_done", condition=Q(due_at__gt=models.F("done_at"))),
            models.CheckConstraint(
                name="an_act_that_failed_tells_why",
                condition=Q(failed_at=None) ^ ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
