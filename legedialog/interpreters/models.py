"""Which language a patient needs an interpreter for, and that one is ordered for an appointment.

The language is sealed: a signed one tells of health. See docs/adr/0221-interpreters.md.
"""

from django.db import models
from django.db.models import Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id


class Need(models.Model):
    """One for each patient who has one: what she, somebody who acts for her, or her office said last."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.OneToOneField("patients.Person", models.PROTECT, related_name="+")
    language = EncryptedTextField()  # a code of rules.LANGUAGES
    said_at = models.DateTimeField()
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_need_for_an_interpreter_is_said_by_one",
                condition=Q(by_person=None, by_employee__isnull=False) | Q(by_person__isnull=False, by_employee=None),
            ),
        ]

    def __str__(self) -> str:
        return f"interpreter need {self.pk}"


class Order(models.Model):
    """An office has noted that an interpreter is ordered for an appointment; taken back by an undo, and never removed.

    `starts_at` is the appointment's time when it was noted: the interpreter knows of no other.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    appointment = models.ForeignKey("appointments.Appointment", models.PROTECT, related_name="+")
    language = EncryptedTextField(scope="practice_id")
    starts_at = models.DateTimeField()
    ordered_at = models.DateTimeField()
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="an_appointment_has_one_interpreter_ordered", fields=["appointment"], condition=Q(undone_at=None)
            ),
            models.CheckConstraint(
                name="an_undone_interpreter_order_tells_by_whom",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"interpreter order {self.pk}"
