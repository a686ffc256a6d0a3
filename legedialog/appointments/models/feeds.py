"""The address at which a calendar program reads somebody's coming times. See docs/adr/0267-a-feed-she-may-have.md."""

from django.db import models

from legedialog.core.ids import new_id


class CalendarFeed(models.Model):
    """One a person at most, her own times alone. The address is shown once; its hash is what is stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.OneToOneField("patients.Person", models.PROTECT, related_name="+")
    token_hash = models.BinaryField(max_length=32, unique=True)  # SHA-256
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)  # to the day, by whatever program has the address

    def __str__(self) -> str:
        return f"calendar feed {self.pk}"
