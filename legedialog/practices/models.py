"""Offices, the people who work there, GP lists, opening hours, what each doctor offers, and absence.

All of it is public or about people at work, so nothing here is sealed but where an employee is reached.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from legedialog.access.actor import Role as ActorRole
from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.outbox.rules import Channel
from legedialog.practices.rules import DAY, Mode
from legedialog.practices.rules import Service as Service


class Role(models.TextChoices):
    DOCTOR = ActorRole.DOCTOR.value
    SUBSTITUTE = ActorRole.SUBSTITUTE.value
    SECRETARY = ActorRole.SECRETARY.value
    MANAGER = ActorRole.MANAGER.value


class Practice(models.Model):
    """A GP office (legekontor)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    organisation_number = models.CharField(max_length=9, unique=True)
    her_id = models.PositiveIntegerField(unique=True, null=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=4, blank=True)
    city = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    directions = models.CharField(max_length=500, blank=True)  # entrance, parking, bus
    supported_services = ArrayField(
        models.CharField(max_length=20, choices=Service), default=list
    )  # by its record system
    # Source: docs/facts.md#messages
    supports_representation = models.BooleanField(default=False)  # processes in version 1.2
    # E-consultations too, to sort them; the patient is told when she writes. See visibility/rules.py.
    secretary_reads = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """A weekday's hours, local time. A day may have several rows; none means closed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey(Practice, models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()  # Monday is 0
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="opening_hours_close_after_they_open", condition=Q(closes__gt=F("opens"))),
            models.CheckConstraint(name="opening_hours_are_on_a_weekday", condition=Q(weekday__range=(0, 6))),
        ]

    def __str__(self) -> str:
        return f"hours {self.weekday}"


class OpeningException(models.Model):
    """A date with other hours, or closed when both times are empty."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey(Practice, models.CASCADE, related_name="opening_exceptions")
    date = models.DateField()
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_opening_exception_a_day", fields=["practice", "date"]),
            models.CheckConstraint(
                name="opening_exception_has_both_times_or_none",
                condition=Q(opens=None, closes=None) | Q(opens__isnull=False, closes__gt=F("opens")),
            ),
        ]

    def __str__(self) -> str:
        return f"exception {self.date}"


class Column(models.TextChoices):
    """What receives patients at an office and is no doctor of its own."""

    NURSE = "nurse"
    LABORATORY = "laboratory"
    VACCINE = "vaccine"
    INTERN = "intern"  # LIS1, whoever it is this half-year
    ROOM = "room"


class Clinician(models.Model):
    """A doctor by HPR number, whichever office she works at; or a column of one office's own (ADR 295)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    hpr_number = models.CharField(max_length=9, unique=True, null=True)
    her_id = models.PositiveIntegerField(unique=True, null=True)
    is_specialist = models.BooleanField(default=False)  # in general practice
    column = models.CharField(max_length=10, choices=Column, blank=True, default="", db_default="")  # "" for a doctor
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, related_name="columns")  # of a column
    # Who answers for what is done in a column: her HPR number stands on its bills.
    responsible = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_doctor_has_an_hpr_number_and_a_column_an_office",
                condition=Q(column="", hpr_number__isnull=False, practice=None, responsible=None)
                | ~Q(column="") & Q(hpr_number=None, practice__isnull=False, responsible__isnull=False),
            ),
            models.UniqueConstraint(name="columns_of_an_office_have_different_names", fields=["practice", "name"]),
        ]

    def __str__(self) -> str:
        return f"clinician {self.pk}"

    @property
    def answers(self) -> "Clinician":
        """The doctor whose HPR number stands on what is done here."""
        return self.responsible or self


class Employee(models.Model):
    """A person's work at an office in one role. Found at login by her national number."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey(Practice, models.PROTECT, related_name="employees")
    clinician = models.ForeignKey(Clinician, models.PROTECT, null=True, related_name="employments")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=12, choices=Role)
    national_number_index = models.BinaryField(max_length=32)  # blind index, purpose "national-number"
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)  # the first day on which she is not there
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")  # to whom goes what she left

    class Meta:
        indexes = [models.Index(fields=["national_number_index"])]
        constraints = [
            models.CheckConstraint(
                name="employment_ends_after_it_begins", condition=Q(ends_date=None) | Q(ends_date__gte=F("starts_date"))
            ),
            models.CheckConstraint(
                name="only_who_leaves_has_a_successor", condition=Q(successor=None) | Q(ends_date__isnull=False)
            ),
            models.CheckConstraint(name="nobody_succeeds_herself", condition=Q(successor=None) | ~Q(successor=F("id"))),
            models.CheckConstraint(
                name="doctors_and_substitutes_are_clinicians",
                condition=~Q(role__in=["doctor", "substitute"]) | Q(clinician__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_running_employment_for_each_person_office_and_role",
                fields=["practice", "national_number_index", "role"],
                condition=Q(ends_date=None),
            ),
        ]

    def __str__(self) -> str:
        return f"employee {self.pk}"


class Reach(models.Model):
    """How an employee has chosen to be told, when she is away, that work of hers waits. None: she is not told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.OneToOneField(Employee, models.PROTECT, related_name="reach")
    mode = models.CharField(max_length=6, choices=Mode)
    channel = models.CharField(max_length=5, choices=Channel)
    address = EncryptedTextField()  # a telephone or an e-mail address, by the channel
    language = models.CharField(max_length=2)
    from_clock = models.TimeField()  # local
    to_clock = models.TimeField()
    on_days_off = models.BooleanField(default=False)  # on Saturdays, Sundays and public holidays too
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="nobody_is_told_of_work_at_night",
                condition=Q(from_clock__gte=DAY[0], to_clock__lte=DAY[1], from_clock__lt=F("to_clock")),
            ),
        ]

    def __str__(self) -> str:
        return f"reach {self.pk}"


class Contract(models.Model):
    """A GP list (fastlegeliste). Patients belong to the list, doctors serve it over time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey(Practice, models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=20, unique=True)  # the GP register's contract id
    max_patients = models.PositiveIntegerField(default=0)
    is_common_list = models.BooleanField(default=False)  # several doctors share it (fellesliste)

    def __str__(self) -> str:
        return f"contract {self.number}"


class ContractDoctor(models.Model):
    """Who serves a list, from the first date to the day before the last."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.CASCADE, related_name="doctors")
    clinician = models.ForeignKey(Clinician, models.PROTECT, related_name="contracts")
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_doctor_serves_a_list_once_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    ("clinician", RangeOperators.EQUAL),
                    (Func(F("starts_date"), F("ends_date"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"doctor of {self.contract_id}"


class Offer(models.Model):
    """One service of one doctor at one office: on, or off with a reason, for ever or for a period."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey(Practice, models.PROTECT, related_name="offers")
    clinician = models.ForeignKey(Clinician, models.PROTECT, related_name="offers")
    service = models.CharField(max_length=20, choices=Service)
    is_open = models.BooleanField(default=True)
    closed_until_date = models.DateField(null=True)  # the first open day again, when it is known
    closed_reason = models.CharField(max_length=200, blank=True)  # shown to citizens

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_offer_for_each_doctor_office_and_service",
                fields=["practice", "clinician", "service"],
            )
        ]

    def __str__(self) -> str:
        return f"offer {self.service}"


class Absence(models.Model):
    """A clinician is away from the first to the last date, both included, and closes her times."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey(Practice, models.PROTECT, related_name="absences")
    clinician = models.ForeignKey(Clinician, models.PROTECT, related_name="absences")
    substitute = models.ForeignKey(Clinician, models.PROTECT, null=True, related_name="stands_in")
    first_date = models.DateField()
    last_date = models.DateField()
    note = models.CharField(max_length=300, blank=True)  # shown to citizens

    class Meta:
        constraints = [
            models.CheckConstraint(name="absence_ends_after_it_begins", condition=Q(last_date__gte=F("first_date"))),
            models.CheckConstraint(
                name="nobody_stands_in_for_herself",
                condition=Q(substitute=None) | ~Q(substitute=F("clinician")),
            ),
            ExclusionConstraint(
                name="absences_of_a_clinician_do_not_overlap",
                expressions=[
                    ("practice", RangeOperators.EQUAL),
                    ("clinician", RangeOperators.EQUAL),
                    (
                        Func(F("first_date"), F("last_date"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"absence {self.first_date}"
