"""Rates that a table tells, what each office has confirmed and decided, and its own prices. Money is in øre."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.fees.charge_rules import TAKES_OFF, Direction, Finding, Kind, Stand, Status, Way
from legedialog.fees.rules import LARGEST_AMOUNT, Laboratory, Service, Why
from legedialog.patients.representation import Restriction
from legedialog.visibility.rules import Content


class RateTable(models.Model):
    """A file of rates that was loaded. Never changed: what is wrong in it is another table, loaded later."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.SlugField(max_length=60, unique=True)  # stands in addresses
    digest = models.CharField(max_length=64)  # of the file, so that the same one again is known
    is_invented = models.BooleanField()  # for the demo: no source outside it
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Rate(models.Model):
    """A row of a table: see rules.Rate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    table = models.ForeignKey(RateTable, models.PROTECT, related_name="rates")
    code = models.CharField(max_length=10)
    day = models.PositiveIntegerField()
    evening = models.PositiveIntegerField(null=True)
    specialist_day = models.PositiveIntegerField(null=True)
    specialist_evening = models.PositiveIntegerField(null=True)
    from_date = models.DateField()
    to_date = models.DateField()
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_rate_ends_after_it_begins", condition=Q(to_date__gte=F("from_date"))),
            ExclusionConstraint(
                name="a_table_tells_one_rate_of_a_code_at_a_time",
                expressions=[
                    ("table", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (Func(F("from_date"), F("to_date"), Value("[]"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.from_date}"


class Confirmation(models.Model):
    """An office's manager has seen a table, and from then on its pages tell what it says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    table = models.ForeignKey(RateTable, models.PROTECT, related_name="confirmations")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="an_office_confirms_a_table_once", fields=["practice", "table"]),
        ]

    def __str__(self) -> str:
        return f"confirmation {self.pk}"


class Terms(models.Model):
    """What an office has decided about prices. An office without a row has the defaults of rules.Terms."""

    practice = models.OneToOneField("practices.Practice", models.PROTECT, primary_key=True, related_name="+")
    promises_day_rate = models.BooleanField(default=False)
    charges_missed = models.BooleanField(default=True)
    charges_invoice = models.BooleanField(default=True, db_default=True)
    account_number = models.CharField(max_length=11, blank=True, default="", db_default="")
    due_days = models.PositiveSmallIntegerField(default=14, db_default=14)
    kid_modulus = models.PositiveSmallIntegerField(default=10, db_default=10)
    charges_reminder = models.BooleanField(default=False, db_default=False)
    charges_dispatch = models.BooleanField(default=True, db_default=True)  # of what is sent by post
    invoices = models.PositiveIntegerField(default=0, db_default=0)  # how many it has sent, which numbers the next
    credit_notes = models.PositiveIntegerField(default=0, db_default=0)  # likewise, a series of its own

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_kid_is_by_modulus_10_or_11", condition=Q(kid_modulus__in=[10, 11])),
            models.CheckConstraint(name="an_invoice_is_due_in_days", condition=Q(due_days__range=(1, 90))),
        ]

    def __str__(self) -> str:
        return f"terms of {self.practice_id}"


class OwnPrice(models.Model):
    """What an office itself sets the price of: certificates, vaccines, special material. Never counted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    ore = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="an_office_has_one_price_for_each_name", fields=["practice", "name"]),
            models.CheckConstraint(name="an_own_price_is_within_reason", condition=Q(ore__lte=LARGEST_AMOUNT)),
        ]

    def __str__(self) -> str:
        return self.name


class Promise(models.Model):
    """What a citizen was shown before she booked or sent: what is charged is never above its top."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    object_id = models.UUIDField(unique=True)  # the appointment, dialogue or order
    content = models.CharField(max_length=13, choices=Content)
    restriction = models.CharField(max_length=11, choices=Restriction, default=Restriction.NORMAL)
    service = models.CharField(max_length=13, choices=Service)
    why = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Why])
    low = models.PositiveIntegerField(null=True)  # None: it was not known, and the page said so
    high = models.PositiveIntegerField(null=True)
    missed = models.PositiveIntegerField(null=True)  # for who does not come, or cancels too late; 0: nothing
    own_what = EncryptedTextField(scope="practice_id", null=True)  # of the office's own list, with it or alone
    own_ore = models.PositiveIntegerField(null=True)
    # Fees beside it: 0 when she was told that none is taken, None when it was not known, or not told of.
    invoice = models.PositiveIntegerField(null=True)
    dispatch = models.PositiveIntegerField(null=True)
    laboratory = models.CharField(max_length=5, choices=Laboratory, blank=True, default="", db_default="")
    laboratory_ore = models.PositiveIntegerField(null=True)  # the most for samples that are taken at the visit too
    told = EncryptedTextField(scope="practice_id", null=True)  # rules.kept_why: may name an illness
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="promises_to_a_patient", fields=["patient", "-at"])]
        constraints = [
            models.CheckConstraint(
                name="a_promise_goes_from_low_to_high",
                condition=Q(low=None, high=None) | Q(low__isnull=False, high__gte=F("low")),
            ),
            models.CheckConstraint(
                name="an_own_price_that_was_promised_has_a_name",
                condition=Q(own_what=None, own_ore=None) | Q(own_what__isnull=False, own_ore__isnull=False),
            ),
            models.CheckConstraint(
                name="samples_cost_on_top_of_something",
                condition=Q(laboratory="with") | Q(laboratory_ore=None),
            ),
        ]

    def __str__(self) -> str:
        return f"promise {self.pk}"


REASON_LENGTH = 300


class Charge(models.Model):
    """What an office asks a patient to pay for one visit, e-consultation or renewal. Made once for each; the money is
    its lines, which are never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    clinician = models.ForeignKey("practices.Clinician", models.PROTECT, related_name="+")
    object_id = models.UUIDField(unique=True)
    content = models.CharField(max_length=13, choices=Content)
    restriction = models.CharField(max_length=11, choices=Restriction, default=Restriction.NORMAL)
    service = models.CharField(max_length=13, choices=Service)
    kind = models.CharField(max_length=7, choices=Kind)
    happened_at = models.DateTimeField()  # the visit, or the answer
    exemption = EncryptedTextField(scope="practice_id")  # rules.Exemption: may name an illness
    status = models.CharField(max_length=9, choices=Status)
    status_at = models.DateTimeField()
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    reason = EncryptedTextField(scope="practice_id", null=True, max_length=REASON_LENGTH)  # why it was waived
    asked_at = models.DateTimeField(null=True)  # when the card register was last asked about its day
    told_at = models.DateTimeField(null=True)  # and when it last answered; see cards.py
    notified_at = models.DateTimeField(null=True)  # when the patient is told that there is something to pay
    disputed_at = models.DateTimeField(null=True)  # she says that it is wrong, and nobody reminds her meanwhile
    is_left_free = models.BooleanField(default=False, db_default=False)  # what the ceiling took is not asked for again

    class Meta:
        indexes = [
            models.Index(name="charges_of_a_patient", fields=["patient", "-happened_at"]),
            models.Index(name="charges_of_an_office", fields=["practice", "-happened_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_waived_charge_tells_why",
                condition=Q(status="waived", reason__isnull=False) | ~Q(status="waived") & Q(reason=None),
            ),
            models.CheckConstraint(
                name="an_approved_charge_tells_by_whom", condition=~Q(status="approved") | Q(by_employee__isnull=False)
            ),
            models.CheckConstraint(
                name="a_charge_that_waits_tells_by_whom", condition=~Q(status="checking") | Q(by_employee__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"charge {self.pk}"


class ExemptionCard(models.Model):
    """The card register has told of a patient's exemption card (frikort): it lasts the year out from its first day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    from_date = models.DateField()  # the earliest day that the register has told of
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_patient_has_one_card_a_year", fields=["patient", "year"]),
            models.CheckConstraint(name="a_card_begins_in_its_year", condition=Q(from_date__year=F("year"))),
        ]

    def __str__(self) -> str:
        return f"card {self.pk}"


class Line(models.Model):
    """An amount of a charge. Never changed: what is wrong is countered by another line, in whole or in part."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=10)  # of rules.CODES; "own" for the office's own price
    what = EncryptedTextField(scope="practice_id")
    ore = models.IntegerField()
    is_counted = models.BooleanField()  # towards the exemption card
    in_evening = models.BooleanField(default=False, db_default=False)  # by the evening's rate, so by its code too
    top = models.PositiveIntegerField(null=True)  # what was promised that this line would cost at most
    by_ceiling = models.BooleanField(default=False, db_default=False)  # taken off by the year's ceiling, or asked again
    credit_note = models.ForeignKey("CreditNote", models.PROTECT, null=True, related_name="lines")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    reason = EncryptedTextField(scope="practice_id", null=True, max_length=REASON_LENGTH)
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="lines_of_a_charge_are_numbered", fields=["charge", "number"]),
            models.CheckConstraint(
                name="only_a_counter_entry_is_negative",
                condition=Q(corrects=None, ore__gte=0) | Q(corrects__isnull=False, ore__lte=0),
            ),
            models.CheckConstraint(
                name="a_line_is_never_above_its_promise", condition=Q(top=None) | Q(ore__lte=F("top"))
            ),
            models.CheckConstraint(
                name="a_line_is_within_reason", condition=Q(ore__range=(-LARGEST_AMOUNT, LARGEST_AMOUNT))
            ),
            models.CheckConstraint(
                name="a_counter_entry_tells_why", condition=Q(corrects=None) ^ Q(reason__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk}"


class Payment(models.Model):
    """Money that came for a charge, or went back. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="payments")
    key = models.UUIDField(unique=True)  # of the form, the bank's transaction or the provider's payment: once
    way = models.CharField(max_length=6, choices=Way)
    ore = models.IntegerField()
    at = models.DateTimeField()
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="money_goes_back_only_as_what_takes_off",
                condition=Q(way__in=TAKES_OFF, ore__lt=0) | ~Q(way__in=TAKES_OFF) & Q(ore__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}"


class Transfer(models.Model):
    """Money that goes through the payment provider, to the office or back: a payment when it is done, with this id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="transfers")
    direction = models.CharField(max_length=4, choices=Direction)
    of = models.ForeignKey("self", models.PROTECT, null=True, related_name="backs")  # what goes back
    ore = models.PositiveIntegerField()
    stand = models.CharField(max_length=7, choices=Stand, default=Stand.BEGUN)
    provider_id = models.CharField(max_length=100, blank=True, default="")
    url = models.CharField(max_length=500, blank=True, default="")  # where it is paid
    begun_at = models.DateTimeField()
    stand_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)  # when the provider was last asked about it
    by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(name="transfers_that_wait", fields=["asked_at"], condition=Q(stand="begun")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_way_back_at_a_time", fields=["charge"], condition=Q(direction="back", stand="begun")
            ),
            models.CheckConstraint(
                name="what_goes_back_came_first",
                condition=Q(direction="back", of__isnull=False) | Q(direction="in", of=None),
            ),
            models.CheckConstraint(name="a_transfer_moves_something", condition=Q(ore__range=(1, LARGEST_AMOUNT))),
        ]

    def __str__(self) -> str:
        return f"transfer {self.pk}"


class Invoice(models.Model):
    """A charge that was sent to be paid by bank: once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="invoice")
    number = models.PositiveIntegerField()
    kid = models.CharField(max_length=25)
    account_number = models.CharField(max_length=11)
    ore = models.PositiveIntegerField()  # when it was sent
    sent_at = models.DateTimeField()
    due_date = models.DateField()
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="invoices_of_an_office_are_numbered", fields=["practice", "number"]),
            models.UniqueConstraint(name="a_kid_names_one_invoice", fields=["practice", "kid"]),
        ]

    def __str__(self) -> str:
        return f"invoice {self.number}"


class CreditNote(models.Model):
    """What was taken off a charge after its invoice was sent: the counter-entries that were made at once. Never
    changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="credit_notes")
    number = models.PositiveIntegerField()
    ore = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="credit_notes_of_an_office_are_numbered", fields=["practice", "number"]),
            models.CheckConstraint(name="a_credit_note_takes_something_off", condition=Q(ore__gt=0)),
        ]

    def __str__(self) -> str:
        return f"credit note {self.number}"


class Run(models.Model):
    """Invoices sent in one go. The worker goes on with it until it has ended, also after a restart."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    by_employee = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_run_of_an_office_at_a_time", fields=["practice"], condition=Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class Received(models.Model):
    """A payment that the bank told of. What fits its invoice is settled; the rest waits for somebody to look."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    key = models.UUIDField(unique=True)  # of the bank's transaction
    kid = models.CharField(max_length=25)
    ore = models.PositiveIntegerField()
    paid_date = models.DateField()
    read_at = models.DateTimeField()
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, related_name="+")
    finding = models.CharField(max_length=7, choices=Finding)
    seen_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True)
    why = EncryptedTextField(scope="practice_id", null=True, max_length=REASON_LENGTH)  # it was put aside

    class Meta:
        indexes = [
            models.Index(
                name="payments_to_look_at",
                fields=["practice", "read_at"],
                condition=Q(seen_at=None) & ~Q(finding="fits"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="money_without_an_invoice_is_of_no_charge",
                condition=~Q(finding__in=("unknown", "control"), seen_at=None) | Q(charge=None),
            ),
        ]

    def __str__(self) -> str:
        return f"received {self.pk}"
