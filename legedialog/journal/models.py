"""The patient's record at the office (journal): what happened, in the order it happened. Never edited.

Everything that is done in another context files itself here in the same transaction; a correction is a new entry.
"""

from django.db import models
from django.db.models import F, Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.patients.representation import Restriction
from legedialog.visibility.rules import Content


class Kind(models.TextChoices):
    MESSAGE = "message"  # written to or by the office
    ATTACHMENT = "attachment"
    DECISION = "decision"  # on a renewal, a request or a dialogue
    BOOKING = "booking"  # booked, moved, cancelled, attended
    VIDEO = "video"
    NOTE = "note"  # written by staff in the record itself
    CORRECTION = "correction"


class ContactType(models.TextChoices):
    """How the patient and the office met."""

    ATTENDANCE = "attendance"
    PHONE = "phone"
    VIDEO = "video"
    ECONSULTATION = "econsultation"
    OFFICE_CONTACT = "office-contact"
    RENEWAL = "renewal"
    ADMINISTRATION = "administration"


class Entry(models.Model):
    """One thing that happened. `object_id` and `sequence` tell which, so that filing it twice makes one entry."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="journal")
    kind = models.CharField(max_length=10, choices=Kind)
    contact_type = models.CharField(max_length=14, choices=ContactType)
    problem_code = EncryptedTextField(scope="practice_id", db_column="problem")  # ICPC-2, system 7170
    at = models.DateTimeField()
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=5, blank=True)  # by which right `by_person` acted for the patient; 7611
    title = EncryptedTextField(scope="practice_id")
    text = EncryptedTextField(scope="practice_id")
    object_id = models.UUIDField()
    sequence = models.PositiveIntegerField(default=0)
    reason = EncryptedTextField(scope="practice_id", null=True)  # why it was corrected
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    # Who sees it. These follow what it tells of, and are all that the web role may change: see services.follow.
    content = models.CharField(max_length=13, choices=Content)
    thing_id = models.UUIDField()  # the dialogue, appointment or prescription that it tells of; a note's own
    restriction = models.CharField(max_length=11, choices=Restriction, default=Restriction.NORMAL)
    told_reception = models.BooleanField(default=False, db_default=False)  # as of the dialogue

    class Meta:
        indexes = [
            models.Index(name="journal_of_a_patient", fields=["patient", "practice", "-at", "-id"]),
            models.Index(name="journal_of_a_thing", fields=["thing_id"]),
        ]
        constraints = [
            models.UniqueConstraint(name="a_thing_is_filed_once", fields=["kind", "object_id", "sequence"]),
            models.CheckConstraint(name="an_entry_corrects_another", condition=Q(corrects=None) | ~Q(corrects=F("id"))),
            models.CheckConstraint(
                name="only_a_correction_corrects", condition=Q(kind="correction") ^ Q(corrects=None)
            ),
            models.CheckConstraint(name="a_correction_tells_why", condition=Q(corrects=None) ^ Q(reason__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"
