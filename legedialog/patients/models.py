"""Persons, their contact data, and which GP list they are on. What tells who a person is, is sealed."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q

from legedialog.core.crypto import EncryptedTextField, blind_index
from legedialog.core.ids import new_id
from legedialog.patients import rules
from legedialog.patients.rules import Language as Language


class Grading(models.TextChoices):
    """Address protection. Source: domain.md 1.1 and 6.6."""

    OPEN = "open"
    CONFIDENTIAL = "confidential"  # code 7
    STRICTLY_CONFIDENTIAL = "strictly-confidential"  # code 6


class Person(models.Model):
    """A citizen. Found by the blind index of the national number, or by keyed beginnings of the name's words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    national_number = EncryptedTextField()
    national_number_index = models.BinaryField(max_length=32, unique=True)  # purpose "national-number"
    given_name = EncryptedTextField()
    family_name = EncryptedTextField()
    name_keys = ArrayField(models.BinaryField(max_length=8), default=list)  # see name_keys below
    birth_date = models.DateField()
    death_date = models.DateField(null=True)
    address = EncryptedTextField()
    address_grading = models.CharField(max_length=22, choices=Grading, default=Grading.OPEN)
    language = models.CharField(max_length=2, choices=Language, blank=True)  # her own choice; empty until she makes one
    phone = EncryptedTextField()
    email = EncryptedTextField()
    contact_confirmed_at = models.DateTimeField(null=True)  # used for notices for 18 months. Source: domain.md 2.2
    notices = models.JSONField(default=dict)  # rules.NoticeKind -> rules.Way, of those she has chosen
    is_reserved = models.BooleanField(default=False)  # against digital contact (KRR)

    class Meta:
        indexes = [GinIndex(name="person_name_keys", fields=["name_keys"])]

    def __str__(self) -> str:
        return f"person {self.pk}"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class Membership(models.Model):
    """A person's place on a GP list, from the first date to the day before the last. One list at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    contract = models.ForeignKey("practices.Contract", models.PROTECT, related_name="memberships")
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["contract", "ends_date"])]
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_it_begins",
                condition=Q(ends_date=None) | Q(ends_date__gt=F("starts_date")),
            ),
            ExclusionConstraint(
                name="a_person_is_on_one_list_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (Func(F("starts_date"), F("ends_date"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"


def name_keys(*names: str, whole: bool = False) -> list[bytes]:
    """Eight-byte keys of the beginnings of the names' words, sorted. With `whole` only each word's longest beginning:
    what a search must find in a person's keys.

    Keyed, so a stolen table tells no names; short, so that they are small.
    """
    texts = {word[: rules.LONGEST] for name in names for word in rules.words_of(name)}
    if not whole:
        texts = {text for name in names for text in rules.beginnings(name)}
    return sorted(blind_index(text, purpose="name-beginning")[:8] for text in texts)
