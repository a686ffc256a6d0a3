"""Photos and documents that a citizen or the office sends. The bytes are sealed in chunks, so memory stays flat."""

from django.db import models
from django.db.models import Q

from legedialog.core.crypto import EncryptedBytesField, EncryptedTextField
from legedialog.core.ids import new_id


class MediaType(models.TextChoices):
    """What is kept. A photo from an iPhone (HEIC) is kept as JPEG."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"


class Attachment(models.Model):
    """One file, as it was written again by us. It waits for whoever uploaded it until another context attaches it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    name = EncryptedTextField(scope="practice_id")
    media_type = models.CharField(max_length=15, choices=MediaType)
    size = models.PositiveIntegerField()  # bytes of what is kept
    left_out = EncryptedTextField(null=True, scope="practice_id")  # JSON of cleaning/documents.py: LeftOut
    is_scanned = models.BooleanField()  # by the malware scanner; False where the operator has none
    received_at = models.DateTimeField()
    object_id = models.UUIDField(null=True)  # what it is attached to, such as a message; None while it waits
    attached_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(name="attachments_of_an_object", fields=["object_id"], condition=Q(object_id__isnull=False)),
            models.Index(name="attachments_that_wait", fields=["received_at"], condition=Q(object_id=None)),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_attachment_comes_from_one_sender",
                condition=Q(by_person=None, by_employee__isnull=False) | Q(by_person__isnull=False, by_employee=None),
            ),
            models.CheckConstraint(
                name="an_attached_file_tells_when",
                condition=Q(object_id=None, attached_at=None) | Q(object_id__isnull=False, attached_at__isnull=False),
            ),
            models.CheckConstraint(
                name="an_attachment_is_of_a_known_type", condition=Q(media_type__in=MediaType.values)
            ),
        ]

    def __str__(self) -> str:
        return f"attachment {self.pk}"


class Chunk(models.Model):
    """A part of a file. Sealed together with its file's id and its number, so that parts cannot change places."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="chunks")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")  # whose key seals it
    number = models.PositiveSmallIntegerField()
    data = EncryptedBytesField(scope="practice_id")

    class Meta:
        constraints = [models.UniqueConstraint(name="chunks_of_a_file_are_numbered", fields=["attachment", "number"])]

    def __str__(self) -> str:
        return f"chunk {self.number} of {self.attachment_id}"
