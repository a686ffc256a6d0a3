"""Calendars, what may be booked in them, and everything that takes time in them.

Free time is never stored: it is the weekly plan minus what is taken. All that takes time is a Claim, and one exclusion
constraint over (calendar, period) is the promise that nothing is booked twice.
See docs/adr/0006-one-table-of-claims.md.
"""

from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from legedialog.appointments import rules
from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.core.reading import MOMENTS
from legedialog.fees.rules import Exemption, Laboratory, Stated
from legedialog.patients.representation import Restriction


class Channel(models.TextChoices):
    ATTENDANCE = "attendance"
    PHONE = "phone"
    VIDEO = "video"


class VisitKind(models.TextChoices):
    """The national list of appointment kinds, code system 7617. Source: docs/facts.md#appointments."""

    ORDINARY = "ordinary"
    URGENT = "urgent"
    VIDEO = "video"
    TIME_WINDOW = "time-window"
    GROUP = "group"
    VACCINE = "vaccine"
    LAB = "lab"


class Calendar(models.Model):
    """The time at one office of a doctor, or of another column: nurse, laboratory, room (ADR 295)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="calendars")
    clinician = models.ForeignKey("practices.Clinician", models.PROTECT, related_name="calendars")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_calendar_for_each_doctor_and_office", fields=["practice", "clinician"])
        ]

    def __str__(self) -> str:
        return f"calendar {self.pk}"


def in_language(nb: str, nn: str, en: str) -> str:
    """The name in the reader's language; bokmål where the office has not written another."""
    return {"nn": nn, "en": en}.get(get_language() or "", "") or nb


class VisitType(models.Model):
    """A kind of visit at an office: how long, on which channels, who may book it, and how early and late."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="visit_types")
    name = models.CharField(max_length=80)  # bokmål
    name_nn = models.CharField(max_length=80, blank=True)
    name_en = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=12, choices=VisitKind, default=VisitKind.ORDINARY)
    minutes = models.PositiveSmallIntegerField(default=20)
    channels = ArrayField(models.CharField(max_length=10, choices=Channel), default=list)
    is_bookable_by_citizens = models.BooleanField(default=True)
    is_with_anybody = models.BooleanField(default=False, db_default=False)  # at the office, not only her own doctor
    needs_order = models.BooleanField(default=False, db_default=False)  # a citizen books what a doctor has asked her to
    horizon_days = models.PositiveSmallIntegerField(default=60)  # how far ahead citizens see times
    lead_minutes = models.PositiveIntegerField(default=120)  # how long before its start a time closes for citizens
    release_clock = models.TimeField(null=True)  # local: the last day of the horizon is out from then on, each day
    buffer_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)  # kept free after it, with it
    cutoff_hours = models.PositiveSmallIntegerField(default=24)  # cancelled later than this counts as late
    max_coming = models.PositiveSmallIntegerField(default=2)  # coming ones a citizen may have booked herself
    preparation = models.CharField(max_length=1000, blank=True)  # shown to the citizen
    # Why nobody pays a co-payment for such a visit; "" when they do.
    exemption = models.CharField(max_length=9, choices=Exemption.stated(), blank=True, default="", db_default="")
    # What of the office's own list such a visit costs: with a co-payment, or alone.
    own_price = models.ForeignKey("fees.OwnPrice", models.PROTECT, null=True, related_name="+")
    is_own_price_alone = models.BooleanField(default=False, db_default=False)
    # Whether samples are taken, which has a co-payment of its own.
    laboratory = models.CharField(max_length=5, choices=Laboratory, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="visit_types_of_an_office_have_different_names", fields=["practice", "name"]),
            models.CheckConstraint(name="visit_lasts_5_to_240_minutes", condition=Q(minutes__range=(5, 240))),
            models.CheckConstraint(name="visit_type_has_a_channel", condition=Q(channels__len__gt=0)),
            models.CheckConstraint(name="a_buffer_is_at_most_two_hours", condition=Q(buffer_minutes__lte=120)),
            models.CheckConstraint(
                name="an_own_price_that_is_alone_is_one",
                condition=Q(is_own_price_alone=False) | Q(own_price__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_nn, self.name_en)

    @property
    def stated(self) -> Stated:
        """What it costs by what the office has decided of such visits."""
        return Stated(self.exemption, self.own_price_id, self.is_own_price_alone, self.laboratory)


class Block(models.Model):
    """A part of the weekly plan, in local time: a weekday between two dates (one date when equal)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="blocks")
    weekday = models.PositiveSmallIntegerField()  # Monday is 0
    starts = models.TimeField()
    ends = models.TimeField()
    step_minutes = models.PositiveSmallIntegerField(default=20)  # a time may start at each step
    visit_types = models.ManyToManyField(VisitType, related_name="blocks")
    channels = ArrayField(models.CharField(max_length=10, choices=Channel), default=list)
    is_online = models.BooleanField(default=True)  # citizens may book here
    first_date = models.DateField()
    last_date = models.DateField(null=True)  # included

    class Meta:
        constraints = [
            models.CheckConstraint(name="block_ends_after_it_starts", condition=Q(ends__gt=F("starts"))),
            models.CheckConstraint(name="block_is_on_a_weekday", condition=Q(weekday__range=(0, 6))),
            models.CheckConstraint(name="block_steps_are_5_to_240_minutes", condition=Q(step_minutes__range=(5, 240))),
            models.CheckConstraint(name="block_has_a_channel", condition=Q(channels__len__gt=0)),
            models.CheckConstraint(
                name="block_has_dates_in_order",
                condition=Q(last_date=None) | Q(last_date__gte=F("first_date")),
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.weekday} {self.starts}-{self.ends}"


class ClaimKind(models.TextChoices):
    HOLD = "hold"
    BOOKING = "booking"
    BLOCK = "block"  # time the office keeps for something else
    OFFER = "offer"  # kept for one who waits for an earlier time, until she must have answered


class Claim(models.Model):
    """Time taken in a calendar. Active claims never overlap, unless staff overbook on purpose with a reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="claims")
    period = DateTimeRangeField()  # from and with, to and without, UTC
    kind = models.CharField(max_length=7, choices=ClaimKind)
    is_active = models.BooleanField(default=True)
    is_overbooked = models.BooleanField(default=False)
    holder = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")  # whose hold
    visit_type = models.ForeignKey(VisitType, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    expires_at = models.DateTimeField(null=True)  # holds only
    # Why it is blocked or overbooked, for the office.
    note = EncryptedTextField(scope="practice_id", beside="calendar", null=True)

    class Meta:
        indexes = [
            GistIndex(name="active_claims_by_time", fields=["calendar", "period"], condition=Q(is_active=True)),
            # Few, among all that was ever booked in it: each booking asks for them.
            models.Index(
                name="kept_times_of_a_calendar",
                fields=["calendar"],
                condition=Q(is_active=True, kind__in=[ClaimKind.HOLD, ClaimKind.OFFER]),
            ),
        ]
        constraints = [
            ExclusionConstraint(
                name="no_two_active_claims_on_the_same_time",
                expressions=[("calendar", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(is_active=True, is_overbooked=False),
            ),
            models.CheckConstraint(
                name="claim_has_a_start_and_an_end",
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
            ),
            models.CheckConstraint(
                name="a_hold_has_a_holder_and_an_end",
                condition=~Q(kind="hold") | Q(holder__isnull=False, expires_at__isnull=False, is_overbooked=False),
            ),
            models.CheckConstraint(
                name="an_offered_time_has_a_holder_and_an_end",
                condition=~Q(kind="offer") | Q(holder__isnull=False, expires_at__isnull=False, is_overbooked=False),
            ),
            models.UniqueConstraint(
                name="a_person_holds_one_time_at_once",
                fields=["holder"],
                condition=Q(kind="hold", is_active=True),
            ),
            models.UniqueConstraint(
                name="a_person_is_offered_one_time_at_once",
                fields=["holder"],
                condition=Q(kind="offer", is_active=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def practice_id(self) -> UUID:
        return self.calendar.practice_id


class Taken(models.Model):
    """The active claims as those see them who look for free time: when, never whose. A view."""

    id = models.UUIDField(primary_key=True)
    calendar = models.ForeignKey(Calendar, models.DO_NOTHING, related_name="+")
    period = DateTimeRangeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "appointments_taken"

    def __str__(self) -> str:
        return f"taken {self.pk}"


class Status(models.TextChoices):
    BOOKED = "booked"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"


class CancelledBy(models.TextChoices):
    """Code system 7621. Source: docs/facts.md#codes."""

    PATIENT = "AAI"
    REPRESENTATIVE = "APVAI"
    PRACTICE = "AAT"


class Appointment(models.Model):
    """A patient's visit: planned, held, or not. Its claim is the time it takes while it is going to happen."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="appointments")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="appointments")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="appointments")
    visit_type = models.ForeignKey(VisitType, models.PROTECT, related_name="+")
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="appointment")
    channel = models.CharField(max_length=10, choices=Channel)
    status = models.CharField(max_length=10, choices=Status, default=Status.BOOKED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = EncryptedTextField(scope="practice_id")
    booked_at = models.DateTimeField()
    booked_by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    booked_by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    status_at = models.DateTimeField()  # when the status last changed
    arrived_at = models.DateTimeField(null=True)  # when it was said that she is here; not taken along back to booked
    arrived_online = models.BooleanField(default=False, db_default=False)  # said on her side, not by the office
    cancelled_by = models.CharField(max_length=5, choices=CancelledBy, blank=True)
    cancel_note = EncryptedTextField(scope="practice_id")
    is_late = models.BooleanField(default=False)  # cancelled after the cut-off
    offers_new = models.BooleanField(default=False, db_default=False)  # cancelled, and its page shows times instead
    sequence = models.PositiveIntegerField(default=0)  # of the calendar file; grows with each change
    changes = models.PositiveIntegerField(default=0, db_default=0)  # those its patient is told of
    moved_from_at = models.DateTimeField(null=True)  # where it stood when its patient was last told
    restriction = models.CharField(max_length=11, choices=Restriction, default=Restriction.NORMAL)

    class Meta:
        indexes = [
            models.Index(fields=["patient", "starts_at"]),
            models.Index(fields=["calendar", "starts_at"]),
            models.Index(name="appointment_to_remind_of", fields=["starts_at"], condition=Q(status="booked")),
        ]
        constraints = [
            models.CheckConstraint(name="appointment_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="a_cancelled_appointment_tells_by_whom",
                condition=Q(status="cancelled") & ~Q(cancelled_by="") | ~Q(status="cancelled") & Q(cancelled_by=""),
            ),
            models.CheckConstraint(
                name="only_a_cancelled_appointment_offers_new_times",
                condition=Q(offers_new=False) | Q(status="cancelled"),
            ),
            models.CheckConstraint(
                name="a_moved_appointment_has_been_told_of",
                condition=Q(moved_from_at=None) | Q(moved_from_at__range=MOMENTS, changes__gt=0),
            ),
            models.CheckConstraint(
                name="who_said_that_she_came_came_at_a_time",
                condition=Q(arrived_online=False) | Q(arrived_at__range=MOMENTS),
            ),
            models.CheckConstraint(
                name="an_appointment_is_booked_by_someone",
                condition=Q(booked_by_person__isnull=False) | Q(booked_by_employee__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Delay(models.Model):
    """How far behind one calendar is on a day, as the office last said. None: nothing is said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="delays")
    day = models.DateField()  # local
    minutes = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_calendar_has_one_delay_a_day", fields=["calendar", "day"]),
            models.CheckConstraint(name="a_delay_is_one_of_the_choices", condition=Q(minutes__in=rules.DELAYS)),
        ]

    def __str__(self) -> str:
        return f"delay {self.pk}"


class DayNote(models.Model):
    """What the office has written of one calendar's day. `before`: what stood there, so that it can be taken back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="day_notes")
    day = models.DateField()  # local
    text = EncryptedTextField(scope="practice_id", beside="calendar")
    before = EncryptedTextField(scope="practice_id", beside="calendar")
    written_by = models.ForeignKey("practices.Employee", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="a_calendars_day_has_one_note", fields=["calendar", "day"])]

    def __str__(self) -> str:
        return f"day note {self.pk}"

    @property
    def practice_id(self) -> UUID:
        return self.calendar.practice_id


class ArrivalCode(models.Model):
    """The code that hangs on an office's wall: who types it stands there. Where there is none, none is asked for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.OneToOneField("practices.Practice", models.PROTECT, related_name="arrival_code")
    code = EncryptedTextField(scope="practice_id")
    drawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"arrival code {self.pk}"


class RequestStatus(models.TextChoices):
    SENT = "sent"
    PROPOSED = "proposed"  # the office has named times, and she chooses
    ACCEPTED = "accepted"  # she chose one of them
    ASSIGNED = "assigned"
    REFUSED = "refused"
    DECLINED = "declined"  # the patient said no to the assigned time
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # the patient is dead


OPEN_REQUESTS = (RequestStatus.SENT, RequestStatus.PROPOSED)


class TimeRequest(models.Model):
    """A wish for an appointment (timeønske), in words and coarse times; the office answers with a time, with several
    for her to choose among, or with a text."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="time_requests")
    clinician = models.ForeignKey("practices.Clinician", models.PROTECT, related_name="time_requests")
    patient = models.ForeignKey("patients.Person", models.PROTECT, related_name="time_requests")
    sent_by = models.ForeignKey("patients.Person", models.PROTECT, related_name="+")
    key = models.UUIDField(unique=True)  # from the form, so that sending twice makes one request
    wishes = EncryptedTextField(scope="practice_id")
    coarse_times = ArrayField(models.CharField(max_length=12), default=list)  # "monday-am" … "friday-pm"; empty is any
    channels = ArrayField(models.CharField(max_length=10, choices=Channel), default=list)
    status = models.CharField(max_length=10, choices=RequestStatus, default=RequestStatus.SENT)
    sent_at = models.DateTimeField()
    status_at = models.DateTimeField()
    answer = EncryptedTextField(scope="practice_id")
    rounds = models.PositiveSmallIntegerField(default=0, db_default=0)  # how often the office has named times
    reply = EncryptedTextField(scope="practice_id", null=True)  # hers, when none of the times suited
    appointment = models.OneToOneField(Appointment, models.PROTECT, null=True, related_name="request")

    class Meta:
        indexes = [
            models.Index(fields=["patient", "sent_at"]),
            models.Index(
                name="request_to_answer", fields=["practice", "sent_at"], condition=Q(status__in=["sent", "proposed"])
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_open_request_for_each_patient_and_doctor",
                fields=["patient", "clinician"],
                condition=Q(status__in=["sent", "proposed"]),
            ),
            models.CheckConstraint(
                name="an_assigned_request_has_an_appointment",
                condition=~Q(status__in=["assigned", "declined", "accepted"]) | Q(appointment__isnull=False),
            ),
            models.CheckConstraint(
                name="proposed_times_are_of_a_round", condition=~Q(status="proposed") | Q(rounds__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class ProposedTime(models.Model):
    """A time that the office named in a round. Nobody's: whether it is still free is decided when she takes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(TimeRequest, models.PROTECT, related_name="proposed")
    round = models.PositiveSmallIntegerField()
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="+")
    visit_type = models.ForeignKey(VisitType, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel)
    starts_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_time_is_proposed_once_in_a_round", fields=["request", "round", "calendar", "starts_at"]
            ),
        ]

    def __str__(self) -> str:
        return f"proposed time {self.pk}"
