from django.db import models
from django.db.models import Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.outbox.rules import Channel, Status


class Notification(models.Model):
    """One thing that one person is to be told about one event. What to say, and whether, is decided when it is sent.

    It is to a patient, or to an employee: docs/adr/0282-told-when-away.md.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.CharField(max_length=60)  # "appointment.booked"
    object_id = models.UUIDField()
    sequence = models.PositiveIntegerField(default=0)  # tells apart two changes of the same object
    recipient = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    status_at = models.DateTimeField()
    channel = models.CharField(max_length=5, choices=Channel, blank=True)  # chosen when it is decided
    refused = models.CharField(
        max_length=20, blank=True, default="", db_default=""
    )  # channels by which it cannot be sent, with spaces between
    reason = models.CharField(max_length=60, blank=True)  # code of why it was skipped or died
    # A worker's while it handles it. When that time is over the worker is gone: see delivery.py.
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)  # when it was given to its channel, until what came of it is known
    delivered_at = models.DateTimeField(null=True)  # the gateway says that it reached the telephone
    text = EncryptedTextField()  # what was sent; shown to the office and, in the demo, on a page

    class Meta:
        indexes = [
            models.Index(
                name="notification_due",
                fields=["channel", "due_at", "id"],
                condition=Q(status="waiting", claimed_until=None),
            ),
            models.Index(
                name="notification_claimed", fields=["claimed_until"], condition=Q(claimed_until__isnull=False)
            ),
            models.Index(fields=["practice", "status", "created_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_notification_for_each_event_and_recipient",
                fields=["event", "object_id", "sequence", "recipient"],
            ),
            models.UniqueConstraint(
                name="one_notification_for_each_event_and_employee",
                fields=["employee", "event", "object_id", "sequence"],
                condition=Q(employee__isnull=False),
            ),
            models.CheckConstraint(
                name="a_notification_is_to_a_person_or_to_an_employee",
                condition=Q(recipient__isnull=False, employee=None)
                | Q(recipient=None, employee__isnull=False, practice=None),
            ),
            models.CheckConstraint(
                name="only_a_waiting_notification_is_claimed", condition=Q(claimed_until=None) | Q(status="waiting")
            ),
            models.CheckConstraint(
                name="only_a_sent_notification_is_delivered", condition=Q(delivered_at=None) | Q(status="sent")
            ),
            models.CheckConstraint(
                name="a_notification_that_is_given_to_a_channel_names_it",
                condition=Q(begun_at=None) | ~Q(channel=""),
            ),
        ]

    def __str__(self) -> str:
        return f"notification {self.event}"


class Gate(models.Model):
    """A row means that nothing goes out: this is a restored copy, or somebody has closed it. At most one."""

    id = models.BooleanField(primary_key=True, default=True, editable=False)
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_gate", condition=Q(id=True))]

    def __str__(self) -> str:
        return "closed gate"
