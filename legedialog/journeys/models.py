from django.db import models
from django.db.models import F, Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.journeys.handover_rules import Outcome, Way


class Export(models.Model):
    """A citizen's own data in two files, made by a job when she asks, hers for a day, then removed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0)  # of own_data.STEPS; how far the job has come
    failed_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()  # removed from then on, ready or not
    pdf = EncryptedTextField()  # base64
    fhir = EncryptedTextField()  # JSON

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_export_for_each_person", fields=["person"]),
            models.CheckConstraint(name="an_export_ends_after_it_is_asked_for", condition=Q(ends_at__gt=F("asked_at"))),
            models.CheckConstraint(name="an_export_is_ready_or_failed", condition=Q(ready_at=None) | Q(failed_at=None)),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"


class Change(models.TextChoices):
    """What a register has changed for a patient, and her office must see."""

    DEATH = "death"
    NO_DEATH = "no-death"  # the register has taken it back
    NUMBER = "number"  # two records have become one
    APART = "apart"  # which was a mistake: they are two again
    JOINED = "joined"  # one whom the office alone had registered is the register's person


class RegisterChange(models.Model):
    """A word to an office, until somebody there has said that they have seen it.

    `lines` are what it closed, or what may be opened again: codes and ids, never content.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    person = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Change)
    at = models.DateTimeField()
    lines = models.JSONField(default=list)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(name="register_changes_of_a_person", fields=["person", "-at"])]
        constraints = [
            models.UniqueConstraint(
                name="one_unseen_change_of_a_kind", fields=["practice", "person", "kind"], condition=Q(seen_at=None)
            ),
            models.CheckConstraint(
                name="a_seen_change_tells_by_whom",
                condition=Q(seen_at=None, seen_by=None) | Q(seen_at__gte=F("at"), seen_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"register change {self.kind}"


class Handover(models.Model):
    """What a doctor leaves is handed over, one thing at a time, by the worker. What stands here is how far it is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    clinician = models.ForeignKey("practices.Clinician", models.PROTECT, related_name="+")  # whose they were
    substitute = models.ForeignKey("practices.Clinician", models.PROTECT, null=True, related_name="+")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    login_id = models.UUIDField(null=True)  # hers, for the log
    text = EncryptedTextField(scope="practice_id")  # to those whose time is cancelled
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)  # looked at, however it went

    class Meta:
        indexes = [models.Index(name="handovers_of_a_doctor", fields=["practice", "clinician", "-started_at"])]
        constraints = [
            models.UniqueConstraint(
                name="one_handover_of_a_doctor_goes_on", fields=["practice", "clinician"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(name="no_more_is_handed_over_than_there_was", condition=Q(done__lte=F("total"))),
        ]

    def __str__(self) -> str:
        return f"handover {self.pk}"


class HandoverItem(models.Model):
    """One appointment or one dialogue. `mark` is of what was seen when its way was chosen (core/seen.py)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="items")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    appointment = models.ForeignKey("appointments.Appointment", models.PROTECT, null=True, related_name="+")
    dialogue = models.ForeignKey("dialogues.Dialogue", models.PROTECT, null=True, related_name="+")
    place = models.PositiveIntegerField()  # in the order of the list
    way = models.CharField(max_length=10, choices=Way)
    mark = models.CharField(max_length=16)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="each_item_has_its_place", fields=["handover", "place"]),
            models.CheckConstraint(
                name="an_appointment_or_a_dialogue_is_handed_over",
                condition=Q(appointment=None) ^ Q(dialogue=None),
            ),
            models.CheckConstraint(
                name="what_is_handed_over_tells_when", condition=Q(outcome="", done_at=None) | ~Q(outcome="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.pk}"
