"""The room of a video appointment: who is in it, who was invited, and what the browsers tell each other to connect.

Picture and sound go between the browsers and never come here. See docs/adr/0021-video-peer-to-peer.md.
"""

from django.db import models
from django.db.models import F, Q

from legedialog.core.crypto import EncryptedTextField
from legedialog.core.ids import new_id
from legedialog.video.rules import (
    Fault,
    GuestKind,
    Identity,
    Outcome,
    Quality,
    Result,
    RoomState,
    SeatRole,
    SeatState,
)


class Room(models.Model):
    """Made when the first person comes, or a guest is invited."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    appointment = models.OneToOneField("appointments.Appointment", models.PROTECT, related_name="room")
    state = models.CharField(max_length=7, choices=RoomState, default=RoomState.OPEN)
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)  # when the patient was first called in
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    message = EncryptedTextField(scope="practice_id")  # to those who wait
    delayed_until = models.DateTimeField(null=True)
    endings = models.PositiveSmallIntegerField(default=0)  # how often it was ended: each is filed in the record

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_ended_room_tells_when_and_how",
                condition=Q(state="ended", ended_at__isnull=False) & ~Q(outcome="")
                | ~Q(state="ended") & Q(ended_at=None, outcome=""),
            ),
            models.CheckConstraint(
                name="a_room_ends_after_it_opened",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("opened_at")),
            ),
        ]
        indexes = [models.Index(name="rooms_not_ended", fields=["practice"], condition=~Q(state="ended"))]

    def __str__(self) -> str:
        return f"room {self.pk}"


class Guest(models.Model):
    """An interpreter or a relative with a link that works once. The browser that used it keeps a cookie."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, models.CASCADE, related_name="guests")
    kind = models.CharField(max_length=11, choices=GuestKind)
    name = EncryptedTextField(scope="practice_id")
    token_hash = models.BinaryField(max_length=32, unique=True)
    invited_by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    invited_by_employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # to open the link
    used_at = models.DateTimeField(null=True)
    cookie_hash = models.BinaryField(max_length=32, unique=True, null=True)
    agreed_at = models.DateTimeField(null=True)  # the patient said yes,
    agreed_by_person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")  # herself
    agreed_told_by = models.ForeignKey(
        "practices.Employee", models.PROTECT, null=True, related_name="+"
    )  # … or aloud, and the doctor wrote it down

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_guest_is_invited_by_one",
                condition=Q(invited_by_person=None) ^ Q(invited_by_employee=None),
            ),
            models.CheckConstraint(
                name="a_used_link_has_its_browser",
                condition=Q(used_at=None, cookie_hash=None) | Q(used_at__isnull=False, cookie_hash__isnull=False),
            ),
            models.CheckConstraint(
                name="a_yes_to_a_guest_has_someone_who_heard_it",
                condition=Q(agreed_at=None, agreed_by_person=None, agreed_told_by=None)
                | Q(agreed_at__isnull=False) & (Q(agreed_by_person=None) ^ Q(agreed_told_by=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"guest {self.pk}"


class Seat(models.Model):
    """One person in a room. Several tabs of hers share it, and the newest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, models.CASCADE, related_name="seats")
    role = models.CharField(max_length=14, choices=SeatRole)
    person = models.ForeignKey("patients.Person", models.PROTECT, null=True, related_name="+")
    employee = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    guest = models.OneToOneField(Guest, models.CASCADE, null=True, related_name="seat")
    state = models.CharField(max_length=8, choices=SeatState, default=SeatState.WAITING)
    entered_at = models.DateTimeField()
    admitted_at = models.DateTimeField(null=True)  # first
    seen_at = models.DateTimeField(null=True)  # her page's last sign of life; null from when it was closed
    tab = models.PositiveIntegerField(default=0)  # the newest
    identity = models.CharField(max_length=8, choices=Identity, blank=True)
    identity_by = models.ForeignKey("practices.Employee", models.PROTECT, null=True, related_name="+")
    identity_at = models.DateTimeField(null=True)
    call_asked_at = models.DateTimeField(null=True)
    call_number = EncryptedTextField(scope="practice_id")
    quality = models.CharField(max_length=4, choices=Quality, blank=True)
    worst_quality = models.CharField(max_length=4, choices=Quality, blank=True)
    has_audio = models.BooleanField(null=True)  # null until her page has said
    has_video = models.BooleanField(null=True)
    shares_screen = models.BooleanField(default=False)
    has_answered = models.BooleanField(default=False)  # the two questions afterwards

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_seat_belongs_to_one_of_its_role",
                condition=Q(role__in=["patient", "representative"], person__isnull=False, employee=None, guest=None)
                | Q(role="doctor", person=None, employee__isnull=False, guest=None)
                | Q(role="guest", person=None, employee=None, guest__isnull=False),
            ),
            models.UniqueConstraint(name="a_person_has_one_seat_in_a_room", fields=["room", "person"]),
            models.UniqueConstraint(name="an_employee_has_one_seat_in_a_room", fields=["room", "employee"]),
            models.CheckConstraint(
                name="identity_is_confirmed_by_someone",
                condition=Q(identity="", identity_by=None, identity_at=None)
                | ~Q(identity="") & Q(identity_by__isnull=False, identity_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"seat {self.pk}"


class SignalKind(models.TextChoices):
    STATE = "state"  # something changed: each page is told what it may know
    SIGNAL = "signal"  # from one browser to another, to connect
    CALLED = "called"
    LEFT = "left"


class Signal(models.Model):
    """What a page is told, in the order it was committed: writers hold the room's row. Gone after an hour."""

    id = models.BigAutoField(primary_key=True)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=SignalKind)
    to = models.ForeignKey(Seat, models.CASCADE, null=True, related_name="+")  # null is everybody in the room
    sender = models.ForeignKey(Seat, models.CASCADE, null=True, related_name="+")
    data = EncryptedTextField(scope="practice_id")  # JSON: holds network addresses
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="signals_of_a_room", fields=["room", "id"]),
            models.Index(name="signals_of_a_sender", fields=["sender", "sent_at"]),
            models.Index(name="signals_to_forget", fields=["sent_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_signal_goes_from_one_to_one",
                condition=~Q(kind="signal") | Q(to__isnull=False, sender__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"signal {self.pk}"


def _result() -> "models.CharField[str, str]":
    return models.CharField(max_length=7, choices=Result, default=Result.SKIPPED)


def _fault() -> "models.CharField[str, str]":
    return models.CharField(max_length=11, choices=Fault, blank=True)


class DeviceTest(models.Model):
    """A person's last test of camera, sound and network. The office sees it before her video appointment."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.OneToOneField("patients.Person", models.PROTECT, related_name="+")
    tested_at = models.DateTimeField()
    camera = _result()
    camera_fault = _fault()
    microphone = _result()
    microphone_fault = _fault()
    speaker = _result()
    speaker_fault = _fault()
    network = _result()
    network_fault = _fault()
    relay = _result()
    relay_fault = _fault()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="what_was_not_tested_has_no_fault",
                condition=Q(
                    *(
                        Q(**{f"{part}_fault": ""}) | ~Q(**{part: "skipped"})
                        for part in ("camera", "microphone", "speaker", "network", "relay")
                    )
                ),
            )
        ]

    def __str__(self) -> str:
        return f"device test {self.pk}"


class Feedback(models.Model):
    """Two taps after a visit, by nobody in particular: how picture and sound were, and whether video was enough."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="+")
    date = models.DateField()
    picture_and_sound = models.PositiveSmallIntegerField()  # 1 bad, 2 fair, 3 good
    was_enough = models.BooleanField()  # video was enough; no meeting at the office was needed

    class Meta:
        constraints = [
            models.CheckConstraint(name="picture_and_sound_are_1_to_3", condition=Q(picture_and_sound__range=(1, 3)))
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk}"
