"""Prescriptions, what was collected on them, and orders to renew them.

What tells which medicine it is, is sealed; what a queue is sorted and counted by is not.
See docs/adr/0020-prescriptions.md.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.patients.representation import Restriction
from legedialog.prescriptions.rules import (
    DECIDED,
    MOST_PACKS,
    OPEN,
    SIGNED,
    VALID_MONTHS,
    Kind,
    Pickup,
    Status,
    Verdict,
)


class Source(models.Model):
    """Another system that tells us of prescriptions, by files or messages."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, unique=True)
    phone = models.CharField(max_length=20, blank=True)  # whom to call when something is missing
    heard_at = models.DateTimeField(null=True)  # the last time it was loaded whole
    failed_at = models.DateTimeField(null=True)  # the last time it was not
    silent_after_minutes = models.PositiveIntegerField(default=1440)

    def __str__(self) -> str:
        return self.name


class Prescription(models.Model):
    """One prescription with an identity of its own; a renewal is a new one. Holds what an M1 message says: see m1.py.

    `practice` is the office that wrote it, None when it was written elsewhere. It is never changed but to be withdrawn
    or hidden.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="prescriptions")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, null=True, related_name="+")
    prescriber = models.ForeignKey("practices.Clinician", models.PROTECT, null=True, related_name="+")
    prescriber_name = EncryptedTextField(scope="practice_id", db_column="prescribed_by")
    prescriber_hpr = EncryptedTextField(scope="practice_id", db_column="prescribed_by_hpr")
    source = models.ForeignKey(Source, models.PROTECT, null=True, related_name="prescriptions")  # None: written here
    identifier = models.CharField(max_length=100, blank=True)  # the source's own
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="renewals")
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.MEDICINE)
    # One of Group, "" for what is no medicine: rules.check_group. A says that it may be addictive.
    group = EncryptedTextField(scope="practice_id", db_column="medicine_group")
    name = EncryptedTextField(scope="practice_id")  # the brand
    substance = EncryptedTextField(scope="practice_id")
    atc = EncryptedTextField(scope="practice_id")
    strength = EncryptedTextField(scope="practice_id")
    form = EncryptedTextField(scope="practice_id")  # "tablett"
    form_code = EncryptedTextField(scope="practice_id")  # system 7448
    product_number = EncryptedTextField(scope="practice_id")  # varenummer, six digits
    pack = EncryptedTextField(scope="practice_id")  # "98 stk"
    use = EncryptedTextField(scope="practice_id")  # how to take it, in plain words
    amount = models.PositiveSmallIntegerField(default=1)  # packages at each dispensing
    dispensings = models.PositiveSmallIntegerField(default=1)  # in all: the first and the reits
    supply_days = models.PositiveSmallIntegerField(null=True)  # how long one dispensing lasts
    is_reimbursed = models.BooleanField(default=False, db_default=False)  # a blue one
    reimbursement = EncryptedTextField(scope="practice_id", db_column="paid_by")  # the section, which names an illness
    written_date = models.DateField()
    valid_until_date = models.DateField()  # the last day
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal = EncryptedTextField(scope="practice_id", null=True)  # why, as the patient reads it
    restriction = models.CharField(max_length=11, choices=Restriction, default=Restriction.NORMAL)

    class Meta:
        indexes = [models.Index(name="prescriptions_of_a_patient", fields=["patient", "-valid_until_date"])]
        constraints = [
            models.CheckConstraint(
                name="a_prescription_ends_after_it_is_written", condition=Q(valid_until_date__gte=F("written_date"))
            ),
            models.CheckConstraint(
                name="a_prescription_is_dispensed_at_least_once", condition=Q(dispensings__range=(1, 99))
            ),
            models.CheckConstraint(name="a_prescription_has_packages", condition=Q(amount__range=(1, 999))),
            models.CheckConstraint(name="a_prescription_is_another_s_renewal", condition=~Q(renews=F("id"))),
            models.UniqueConstraint(
                name="a_source_s_prescription_is_kept_once",
                fields=["source", "identifier"],
                condition=Q(source__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"prescription {self.pk}"


class Dispensing(models.Model):
    """Something was collected at a pharmacy. How many are left is counted, never stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="collected")
    identifier = models.CharField(max_length=100)  # the source's own
    dispensed_date = models.DateField()
    amount = models.PositiveSmallIntegerField(default=1)
    pharmacy = EncryptedTextField(db_column="pharmacy_name")

    class Meta:
        constraints = [models.UniqueConstraint(name="a_dispensing_is_kept_once", fields=["prescription", "identifier"])]

    def __str__(self) -> str:
        return f"dispensing {self.pk}"


class Renewal(models.Model):
    """An order to renew one or several prescriptions, as it was sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="renewals")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="renewals")
    sent_by = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    key = models.UUIDField(unique=True)  # from the form, so that sending twice makes one order
    note = EncryptedTextField(scope="practice_id")
    pickup = models.CharField(max_length=6, choices=Pickup, default=Pickup.PHARMACY)
    pickup_place = EncryptedTextField(scope="practice_id")  # which pharmacy, in her words
    sent_at = models.DateTimeField()
    due_date = models.DateField()  # the answer she is told to expect
    warn_date = models.DateField()  # both sides are warned from this day
    lapse_date = models.DateField()  # the first day on which what nobody has treated lapses

    class Meta:
        indexes = [models.Index(fields=["patient", "-sent_at"])]

    def __str__(self) -> str:
        return f"renewal {self.pk}"


class Item(models.Model):
    """One prescription in an order, decided by itself. Holds the new prescription's draft until it is signed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    renewal = models.ForeignKey(Renewal, models.PROTECT, related_name="items")
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="orders")
    clinician = models.ForeignKey("practices.Clinician", models.PROTECT, related_name="+")  # whose decision it is
    status = models.CharField(max_length=17, choices=Status, default=Status.SENT)
    status_at = models.DateTimeField()
    strength = EncryptedTextField(scope="practice_id")
    use = EncryptedTextField(scope="practice_id")
    amount = models.PositiveSmallIntegerField()
    dispensings = models.PositiveSmallIntegerField()
    months = models.PositiveSmallIntegerField(default=VALID_MONTHS)  # how long the new one is valid
    staff_note = EncryptedTextField(scope="practice_id")  # between staff and doctor
    answer = EncryptedTextField(scope="practice_id")  # to the patient
    times = ArrayField(models.DateTimeField(), default=list)  # free ones that a doctor who asks for a visit points at
    decided_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    result = models.OneToOneField(Prescription, models.PROTECT, null=True, related_name="ordered_by")

    class Meta:
        indexes = [
            models.Index(fields=["renewal"]),
            models.Index(fields=["patient", "-status_at"]),
            models.Index(name="renewals_to_treat", fields=["practice", "status"], condition=Q(status__in=sorted(OPEN))),
        ]
        constraints = [
            models.UniqueConstraint(
                name="a_prescription_is_ordered_once_at_a_time",
                fields=["prescription"],
                condition=Q(status__in=sorted(OPEN)),
            ),
            models.CheckConstraint(
                name="a_signed_item_has_a_new_prescription",
                condition=Q(status__in=sorted(SIGNED)) ^ Q(result=None),
            ),
            models.CheckConstraint(
                name="a_decided_item_tells_by_whom", condition=Q(status__in=sorted(DECIDED)) ^ Q(decided_by=None)
            ),
            models.CheckConstraint(name="an_item_has_packages", condition=Q(amount__range=(1, MOST_PACKS))),
            models.CheckConstraint(
                name="an_item_is_valid_for_some_months", condition=Q(months__range=(1, VALID_MONTHS))
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"


class Step(models.Model):
    """The story of an item: each move with its time. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="story")
    status = models.CharField(max_length=17, choices=Status)
    at = models.DateTimeField()
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["item", "at"])]

    def __str__(self) -> str:
        return f"step {self.status}"


class Allowance(models.Model):
    """What the office says of a medicine before anybody orders it: for all doctors, or for one of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    clinician = models.ForeignKey("practices.Clinician", models.PROTECT, null=True, related_name="+")
    atc = models.CharField(max_length=7)  # the code or its beginning
    label = models.CharField(max_length=200)  # in words, for the office
    verdict = models.CharField(max_length=12, choices=Verdict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_line_for_each_medicine_and_doctor",
                fields=["practice", "clinician", "atc"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="an_allowance_names_the_beginning_of_a_code",
                condition=Q(atc__regex=r"^[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?$"),
            ),
        ]

    def __str__(self) -> str:
        return f"allowance {self.pk}"


class Look(models.Model):
    """She opened a prescription that runs out soon. Removed when she orders, or when she has been reminded."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    prescription = models.OneToOneField(Prescription, models.CASCADE, related_name="look")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"look {self.pk}"
