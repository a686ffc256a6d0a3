"""Appointments that others keep: hospitals and municipalities."""

from django.db import models
from django.db.models import Q

from legedialog.appointments.models.visits import Channel, Status
from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.core.reading import MOMENTS


class SourceKind(models.TextChoices):
    """Parents of children from 12 see the municipality's appointments still, the hospitals' no longer.

    Source: docs/facts.md#children.
    """

    HOSPITAL = "hospital"  # specialist care
    MUNICIPALITY = "municipality"


class Source(models.Model):
    """Another system that tells us of appointments: a hospital or a municipality."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    organisation_number = models.CharField(max_length=9, unique=True)
    kind = models.CharField(max_length=12, choices=SourceKind, default=SourceKind.HOSPITAL)
    phone = models.CharField(max_length=20, blank=True)  # whom to call when appointments are missing
    heard_at = models.DateTimeField(null=True)  # last time it answered or sent
    failed_at = models.DateTimeField(null=True)  # last time it did not, or what it sent was refused
    silent_after_minutes = models.PositiveIntegerField(default=1440)

    def __str__(self) -> str:
        return self.name


class ExternalAppointment(models.Model):
    """An appointment kept by a source, as it last told us.

    Source: docs/facts.md#fhir (Helsenorge appointment profile).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="appointments")
    identifier = models.UUIDField()  # the source's own
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="external_appointments")
    status = models.CharField(max_length=10, choices=Status)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=10, choices=Channel)
    title = EncryptedTextField()
    place = EncryptedTextField()
    instruction = EncryptedTextField()
    join_url = EncryptedTextField()
    received_at = models.DateTimeField()
    sent_at = models.DateTimeField(
        null=True
    )  # the source's own time of change, so that an older message changes nothing
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["patient", "starts_at"])]
        constraints = [
            models.UniqueConstraint(name="an_external_appointment_is_kept_once", fields=["source", "identifier"]),
            models.CheckConstraint(
                name="an_external_appointment_is_within_reach",
                condition=Q(starts_at__range=MOMENTS) & (Q(ends_at=None) | Q(ends_at__range=MOMENTS)),
            ),
        ]

    def __str__(self) -> str:
        return f"external appointment {self.pk}"
