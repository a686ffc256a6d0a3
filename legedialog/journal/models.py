"""The patient's record at the office (journal): what happened, in the order it happened. Never edited.

Everything that is done in another context files itself here in the same transaction; a correction is a new entry.
"""

from django.db import models
from django.db.models import F, Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.journal.rules import ANSWER_LENGTH, REASON_LENGTH
from legedialog.patients.representation import Restriction
from legedialog.visibility.rules import Content


class Kind(models.TextChoices):
    MESSAGE = "message"  # written to or by the office
    ATTACHMENT = "attachment"
    DECISION = "decision"  # on a renewal, a request or a dialogue
    BOOKING = "booking"  # booked, moved, cancelled, attended
    VIDEO = "video"
    CAUTION = "caution"  # added or ended
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
    # It stood in another patient's record, and was filed here then: docs/adr/0175-moved-here.md.
    moved_at = models.DateTimeField(null=True)
    moved_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
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
            models.CheckConstraint(
                name="what_was_moved_here_tells_by_whom",
                condition=Q(moved_at=None, moved_by=None) | Q(moved_at__isnull=False, moved_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Misfiling(models.Model):
    """Something stood in the wrong person's record. It is out of sight there and, when it is somebody else's, filed
    again in hers. The entries themselves are neither changed nor removed. See docs/adr/0049-misfiled.md."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")  # in whose record it stood
    to_patient = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")  # None: nobody's
    reason = EncryptedTextField(scope="practice_id", max_length=REASON_LENGTH)
    stood_from = models.DateTimeField()  # when the first of it was filed
    at = models.DateTimeField()
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["patient"]), models.Index(fields=["to_patient"])]
        constraints = [
            models.CheckConstraint(
                name="an_undone_misfiling_tells_by_whom",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"misfiling {self.pk}"


class Moved(models.Model):
    """One thing of a misfiling: what was filed, a message, a dialogue, or an entry that was corrected.

    `object_id` is out of sight while `is_hidden`: the thing itself, and after an undo the copy. Every reader asks:
    policy.in_sight.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    misfiling = models.ForeignKey(Misfiling, models.PROTECT, related_name="things")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")  # in whose record this one stands
    object_id = models.UUIDField()
    is_copy = models.BooleanField(default=False)
    is_hidden = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_thing_is_moved_once_at_a_time", fields=["misfiling", "object_id"]),
        ]
        indexes = [
            models.Index(name="what_is_out_of_sight", fields=["object_id"], condition=Q(is_hidden=True)),
        ]

    def __str__(self) -> str:
        return f"moved {self.object_id}"


class Asked(models.TextChoices):
    """What a citizen asks of her record."""

    CORRECT = "correct"
    ERASE = "erase"
    NOT_MINE = "not-mine"


class Outcome(models.TextChoices):
    DONE = "done"
    PARTLY = "partly"
    REFUSED = "refused"


class CorrectionRequest(models.Model):
    """A citizen asks for correction or erasure of something in her record, or of the one she acts for; the office must
    answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.UUIDField(unique=True)  # from the form, so that sending twice asks once
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")  # null: she herself
    asked = models.CharField(max_length=8, choices=Asked)
    text = EncryptedTextField(scope="practice_id", max_length=ANSWER_LENGTH)
    sent_at = models.DateTimeField()
    answer_by_date = models.DateField()
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    answer = EncryptedTextField(scope="practice_id", max_length=ANSWER_LENGTH, null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["patient"]),
            models.Index(
                name="corrections_that_wait", fields=["practice", "answer_by_date"], condition=Q(answered_at=None)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_answered_correction_tells_all",
                condition=Q(answer=None, answered_at=None, answered_by=None, outcome="")
                | Q(answer__isnull=False, answered_at__isnull=False, answered_by__isnull=False) & ~Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return f"correction {self.pk}"
