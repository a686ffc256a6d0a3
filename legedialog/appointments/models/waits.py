"""Who waits for an earlier time, and what is offered. See docs/adr/0190-waitlist.md."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from legedialog.appointments.models.visits import Appointment, Calendar
from legedialog.appointments.wait_rules import ANSWER_MINUTES, NOTICE_MINUTES
from legedialog.core.ids import new_id


class Waitlist(models.Model):
    """Whether an office offers freed times to those who wait, and how long they get. Without a row: as the defaults."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.OneToOneField("practices.Practice", models.PROTECT, related_name="waitlist")
    is_open = models.BooleanField(default=True)
    answer_minutes = models.PositiveSmallIntegerField(default=ANSWER_MINUTES)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_offer_is_answered_within_30_minutes_to_24_hours", condition=Q(answer_minutes__range=(30, 1440))
            ),
        ]

    def __str__(self) -> str:
        return f"waitlist {self.pk}"


class WaitStatus(models.TextChoices):
    WAITING = "waiting"
    MOVED = "moved"  # she took an offer
    GIVEN = "given"  # the office moved her to an earlier time by hand
    LEFT = "left"  # she does not wait any more
    REMOVED = "removed"  # the office took her off
    SILENT = "silent"  # several offers in a row were not answered
    OVER = "over"  # the appointment has begun or is cancelled, or she is on no list here any more


class Wait(models.Model):
    """A wish for an earlier time than the one that is booked, of the same kind, and when it suits (venteliste)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="waits")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="waits")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="waits")
    asked_by = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    coarse_times = ArrayField(models.CharField(max_length=12), default=list)  # as of TimeRequest; empty is any
    with_anybody = models.BooleanField(default=False)  # whom she may book, not only the doctor that she has a time with
    notice_minutes = models.PositiveIntegerField(default=NOTICE_MINUTES)  # no offer starts sooner
    known = ArrayField(models.DateTimeField(), default=list)  # starts that were free when she asked, and still are
    status = models.CharField(max_length=7, choices=WaitStatus, default=WaitStatus.WAITING)
    asked_at = models.DateTimeField()
    status_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="who_waits_at_an_office", fields=["practice", "asked_at"], condition=Q(status="waiting")),
            models.Index(fields=["patient", "asked_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="an_appointment_waits_once", fields=["appointment"], condition=Q(status="waiting")
            ),
            models.CheckConstraint(
                name="an_offer_comes_within_two_weeks_notice", condition=Q(notice_minutes__range=(60, 20160))
            ),
        ]

    def __str__(self) -> str:
        return f"wait {self.pk}"


class OfferStatus(models.TextChoices):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LAPSED = "lapsed"  # she did not answer in time
    WITHDRAWN = "withdrawn"  # she has another time meanwhile, or waits no more


class TimeOffer(models.Model):
    """A freed time that is offered to one who waits. While it is open, the claim with the same id keeps the time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wait = models.ForeignKey(Wait, models.PROTECT, related_name="offers")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    offered_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    status = models.CharField(max_length=9, choices=OfferStatus, default=OfferStatus.OPEN)
    status_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_time_is_offered_once_to_each", fields=["wait", "calendar", "starts_at"]),
            models.UniqueConstraint(name="one_offer_at_once", fields=["wait"], condition=Q(status="open")),
            models.CheckConstraint(
                name="an_offer_is_answered_before_it_starts",
                condition=Q(answer_by__gt=F("offered_at"), answer_by__lte=F("starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}"
