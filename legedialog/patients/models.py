"""Persons, their contact data, and which GP list they are on. What tells who a person is, is sealed.

What a register says carries the moment it last said so: see freshness.py.
"""

from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from legedialog.core.crypto import EncryptedTextField, blind_index
from legedialog.core.ids import new_id
from legedialog.core.names import words_of
from legedialog.patients import rules
from legedialog.patients.rules import Language as Language


class Grading(models.TextChoices):
    """Address protection. Source: docs/facts.md#children and #fhir."""

    OPEN = "open"
    CONFIDENTIAL = "confidential"  # code 7
    STRICTLY_CONFIDENTIAL = "strictly-confidential"  # code 6


class Person(models.Model):
    """A citizen. Found by the blind index of the national number, or by keyed beginnings of the name's words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The office that registered her, which alone sees her (WalkIn); None for whom a register has told of.
    local_to = models.ForeignKey("practices.Practice", models.PROTECT, null=True, related_name="+")
    national_number = EncryptedTextField()  # empty of a local one, so that nobody logs in as her
    national_number_index = models.BinaryField(max_length=32, unique=True, null=True)  # purpose "national-number"
    given_name = EncryptedTextField()
    family_name = EncryptedTextField()
    name_keys = ArrayField(models.BinaryField(max_length=8), default=list)  # see name_keys below
    birth_date = models.DateField()
    death_date = models.DateField(null=True)
    confirmed_at = models.DateTimeField(db_default=Now())  # when the population register last said all this
    asked_at = models.DateTimeField(null=True)  # when the registers were last asked, whatever they answered
    address = EncryptedTextField()
    address_key = models.BinaryField(max_length=32, null=True)  # of the registered one; see address_key below
    address_grading = models.CharField(max_length=22, choices=Grading, default=Grading.OPEN)
    language = models.CharField(max_length=2, choices=Language, blank=True)  # her own choice; empty until she makes one
    phone = EncryptedTextField()
    email = EncryptedTextField()
    # Source: docs/facts.md#acting-for-another
    contact_confirmed_at = models.DateTimeField(null=True)  # used for notices for 18 months
    notices = models.JSONField(default=dict)  # rules.NoticeKind -> rules.Way, of those she has chosen
    is_reserved = models.BooleanField(default=False)  # against digital contact (KRR)
    reservation_confirmed_at = models.DateTimeField(db_default=Now())
    former_ids = ArrayField(models.UUIDField(), default=list, db_default=[])  # of rows that have become this one

    class Meta:
        indexes = [
            GinIndex(name="person_name_keys", fields=["name_keys"]),
            GinIndex(name="person_by_a_former_id", fields=["former_ids"]),
            models.Index(name="persons_longest_not_asked_of", fields=["asked_at"]),
        ]
        constraints = [
            models.CheckConstraint(  # a day earlier in UTC is the same day here
                name="a_death_is_confirmed_no_earlier_than_it_came",
                condition=Q(death_date=None) | Q(confirmed_at__gte=F("death_date") - timedelta(days=1)),
            ),
            models.CheckConstraint(
                name="a_person_is_the_registers_or_one_offices",
                condition=Q(local_to=None, national_number_index__isnull=False)
                | Q(local_to__isnull=False, national_number_index=None),
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class WalkIn(models.Model):
    """Somebody whom an office has registered itself, because she is on no list of its: docs/adr/0254-walk-ins.md.

    Her person is a local one until the register's answer joins her to its own (`joined_at`, by the Merge `merge_id`).
    Then the office still has her here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="walk_ins")
    number = EncryptedTextField()  # as she gave it; may be empty
    number_index = models.BinaryField(max_length=32, null=True)  # purpose "national-number"
    number_kind = models.CharField(max_length=12, blank=True)  # core.identifiers.Kind
    proof = models.CharField(max_length=9, choices=rules.Proof)  # how it was proven who she is
    registered_by = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)  # when the register was last asked about the number
    differs_at = models.DateTimeField(null=True)  # when its answer was of somebody else, by name or birth date
    joined_at = models.DateTimeField(null=True)
    merge_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(name="walk_ins_to_be_joined", fields=["asked_at"], condition=Q(joined_at=None))]
        constraints = [
            models.UniqueConstraint(name="an_office_registers_a_person_once", fields=["practice", "person"]),
            models.UniqueConstraint(name="an_office_registers_a_number_once", fields=["practice", "number_index"]),
            models.CheckConstraint(
                name="a_number_that_was_given_is_of_a_kind",
                condition=Q(number_index=None, number_kind="") | (Q(number_index__isnull=False) & ~Q(number_kind="")),
            ),
            models.CheckConstraint(
                name="a_joined_walk_in_tells_by_which_merge",
                condition=Q(joined_at=None, merge_id=None)
                | Q(joined_at__gte=F("registered_at"), merge_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"walk-in {self.pk}"


class FormerNumber(models.Model):
    """A national number that was hers: a D-number, or one with another birth date. It still finds her.

    Nobody has it now: a trigger of the table and of Person's says so (a_number_is_in_use_or_was).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="former_numbers")
    national_number = EncryptedTextField()
    national_number_index = models.BinaryField(max_length=32, unique=True)  # purpose "national-number"
    was_of = models.UUIDField()  # the row that had it: hers, or one that has become hers
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"former number {self.pk}"


class Merge(models.Model):
    """Two rows became one. `trace` is what it takes to make them two again, until `undo_until`; emptied after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kept = models.ForeignKey(Person, models.PROTECT, related_name="+")
    gone_id = models.UUIDField()
    merged_at = models.DateTimeField()
    undo_until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    trace = EncryptedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_row_goes_once", fields=["gone_id"], condition=Q(undone_at=None)),
            models.CheckConstraint(name="nobody_is_merged_with_herself", condition=~Q(kept=F("gone_id"))),
            models.CheckConstraint(
                name="a_merge_is_undone_in_time",
                condition=Q(undone_at=None) | Q(undone_at__gte=F("merged_at"), undone_at__lte=F("undo_until")),
            ),
        ]

    def __str__(self) -> str:
        return f"merge {self.pk}"


class Membership(models.Model):
    """A person's place on a GP list, from the first date to the day before the last. One list at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    contract = models.ForeignKey("practices.Contract", models.PROTECT, related_name="memberships")
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)
    confirmed_at = models.DateTimeField(db_default=Now())  # by the GP register
    asked_at = models.DateTimeField(null=True)  # when it was last asked, whatever it answered

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


def _period_constraints(name: str, *who: str) -> list[models.BaseConstraint]:
    """From the first date to the day before the last, and one at a time for the same two persons."""
    days = Func(F("starts_date"), F("ends_date"), function="daterange")
    return [
        models.CheckConstraint(
            name=f"{name}_ends_after_it_begins", condition=Q(ends_date=None) | Q(ends_date__gt=F("starts_date"))
        ),
        ExclusionConstraint(
            name=f"one_{name}_at_a_time_for_the_same_two",
            expressions=[*((each, RangeOperators.EQUAL) for each in who), (days, RangeOperators.OVERLAPS)],
        ),
    ]


class Responsibility(models.Model):
    """Parental responsibility (foreldreansvar), from the population register. Code FO."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    parent = models.ForeignKey(Person, models.PROTECT, related_name="children")
    child = models.ForeignKey(Person, models.PROTECT, related_name="parents")
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)
    confirmed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(name="nobody_is_her_own_parent", condition=~Q(parent=F("child"))),
            *_period_constraints("responsibility", "parent", "child"),
        ]

    def __str__(self) -> str:
        return f"responsibility {self.pk}"


class Guardianship(models.Model):
    """A guardian (verge) for personal affairs, from the population register. Code VE."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    guardian = models.ForeignKey(Person, models.PROTECT, related_name="wards")
    person = models.ForeignKey(Person, models.PROTECT, related_name="guardians")
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)
    confirmed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(name="nobody_is_her_own_guardian", condition=~Q(guardian=F("person"))),
            *_period_constraints("guardianship", "guardian", "person"),
        ]

    def __str__(self) -> str:
        return f"guardianship {self.pk}"


class YouthAccess(models.Model):
    """A parent's leave for a youth of 13 to 15 to use her own pages alone. The row without an end is in force."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="youth_accesses")
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_youth_access_in_force", fields=["person"], condition=Q(ended_at=None)),
            models.CheckConstraint(
                name="an_ended_youth_access_tells_by_whom",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__gte=F("given_at"), ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"youth access {self.pk}"


class PowerOfAttorney(models.Model):
    """What one person lets another do for her (fullmakt), by area and in a period. Code FU.

    Never changed: another scope is another row. `ended_at` is when one of the two ended it before its last day.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    giver = models.ForeignKey(Person, models.PROTECT, related_name="powers_given")
    receiver = models.ForeignKey(Person, models.PROTECT, related_name="powers_received")
    areas = ArrayField(models.PositiveSmallIntegerField())  # 1 and 3; see representation.ATTORNEY_AREAS
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)  # the first day that no longer counts
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["receiver"])]
        constraints = [
            models.CheckConstraint(name="nobody_is_her_own_attorney", condition=~Q(giver=F("receiver"))),
            models.CheckConstraint(
                name="a_power_of_attorney_names_known_areas",
                condition=Q(areas__len__gt=0) & Q(areas__contained_by=[1, 2, 3]),
            ),
            models.CheckConstraint(
                name="a_power_of_attorney_ends_after_it_begins",
                condition=Q(ends_date=None) | Q(ends_date__gt=F("starts_date")),
            ),
            ExclusionConstraint(
                name="one_power_of_attorney_at_a_time_for_the_same_two",
                expressions=[
                    ("giver", RangeOperators.EQUAL),
                    ("receiver", RangeOperators.EQUAL),
                    (Func(F("starts_date"), F("ends_date"), function="daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="an_ended_power_of_attorney_tells_by_whom",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__gte=F("given_at"), ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"power of attorney {self.pk}"


class Assignment(models.Model):
    """A next of kin who acts for one who permanently lacks capacity, after her GP has confirmed it (code TD).

    Never changed, only ended: by the office, or by the next of kin herself. Source: docs/facts.md#acting-for-another.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="assigned_to")
    relative = models.ForeignKey(Person, models.PROTECT, related_name="assigned_for")
    relation = EncryptedTextField(scope="practice_id")  # "datter"
    assessment = EncryptedTextField(scope="practice_id")  # what the doctor has found, in her words
    confirmed_by = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    ended_by_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    end_reason = EncryptedTextField(scope="practice_id")

    class Meta:
        indexes = [models.Index(fields=["relative"])]
        constraints = [
            models.CheckConstraint(name="nobody_is_assigned_to_herself", condition=~Q(person=F("relative"))),
            models.UniqueConstraint(
                name="one_assignment_at_a_time_for_the_same_two",
                fields=["person", "relative"],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="an_ended_assignment_tells_by_whom",
                condition=Q(ended_at=None, ended_by_employee=None, ended_by_person=None)
                | Q(ended_at__gte=F("confirmed_at"), ended_by_employee__isnull=False, ended_by_person=None)
                | Q(ended_at__gte=F("confirmed_at"), ended_by_employee=None, ended_by_person__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"


def address_key(address: str, grading: str = Grading.OPEN) -> bytes | None:
    """Equal for two who are registered at the same address; tells nothing of where. None without a known one."""
    words = " ".join(address.casefold().replace(",", " ").split())
    return blind_index(words, purpose="address") if words and grading == Grading.OPEN else None


def name_keys(*names: str, whole: bool = False) -> list[bytes]:
    """Eight-byte keys of the beginnings of the names' words, sorted. With `whole` only each word's longest beginning:
    what a search must find in a person's keys.

    Keyed, so a stolen table tells no names; short, so that they are small.
    """
    texts = {word[: rules.LONGEST] for name in names for word in words_of(name)}
    if not whole:
        texts = {text for name in names for text in rules.beginnings(name)}
    return sorted(blind_index(text, purpose="name-beginning")[:8] for text in texts)
