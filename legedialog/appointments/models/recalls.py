"""Whom an office asks to book a time. See docs/adr/0245-innkalling.md."""

from django.db import models
from django.db.models import F, Q

from legedialog.appointments.models.visits import Appointment, Calendar, VisitType
from legedialog.core.ids import new_id


class RecallStatus(models.TextChoices):
    ASKED = "asked"
    BOOKED = "booked"  # she, or the office for her
    DECLINED = "declined"  # she does not want it
    STOPPED = "stopped"  # the office does not ask any more
    OVER = "over"  # the last day has passed, or she is on no list here any more


class Recall(models.Model):
    """One patient is asked to book a kind of visit between two days (innkalling). Those asked at once share a round."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="recalls")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="recalls")
    round = models.UUIDField()  # from the form, so that sending twice asks once
    visit_type = models.ForeignKey(VisitType, models.PROTECT, related_name="+")
    calendar = models.ForeignKey(Calendar, models.PROTECT, null=True, related_name="+")  # None: whom she likes
    first_date = models.DateField()
    last_date = models.DateField()  # included
    tells_date = models.DateField()  # the day she is told, and sees it
    asked_by = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=RecallStatus, default=RecallStatus.ASKED)
    asked_at = models.DateTimeField()
    status_at = models.DateTimeField()
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, related_name="recalls")

    class Meta:
        indexes = [
            models.Index(fields=["patient", "asked_at"]),
            models.Index(fields=["practice", "asked_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="a_patient_is_asked_once_for_each_kind_of_visit",
                fields=["patient", "visit_type"],
                condition=Q(status="asked"),
            ),
            models.CheckConstraint(
                name="a_recall_has_days_in_order",
                condition=Q(first_date__lte=F("last_date"), tells_date__lte=F("last_date")),
            ),
            models.CheckConstraint(
                name="a_booked_recall_has_an_appointment",
                condition=Q(status="booked", appointment__isnull=False) | ~Q(status="booked") & Q(appointment=None),
            ),
        ]

    def __str__(self) -> str:
        return f"recall {self.pk}"
