"""A video appointment tomorrow at eight, and moments around it. States are reached through services."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from legedialog.access.actor import Actor, Role
from legedialog.appointments.models import Appointment, Channel
from legedialog.appointments.services import book, hold
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.core.times import at_local
from legedialog.patients.models import Person
from legedialog.video import conduct, guests, services
from legedialog.video.models import Guest, Room, Seat
from legedialog.video.policy import Visitor
from legedialog.video.rules import GuestKind

EIGHT = at_local(TOMORROW, time(8))
OPENS = EIGHT - timedelta(minutes=15)
BEFORE = EIGHT - timedelta(minutes=5)  # the waiting room is open
DURING = EIGHT + timedelta(minutes=5)  # and the room of the next time opens
AFTER = EIGHT + timedelta(minutes=18)
CLOSED = EIGHT + timedelta(minutes=80)  # the planned end and an hour


@dataclass
class Video:
    """One visit with its people. `seat` and `doctor_seat` are made when they come."""

    office: Office
    patient: Person
    appointment: Appointment
    doctor: Actor
    secretary: Actor

    @property
    def citizen(self) -> Actor:
        return citizen(self.patient)

    def patient_comes(self, now: datetime = BEFORE) -> Seat:
        return services.enter(actor=self.citizen, appointment_id=self.appointment.pk, now=now)

    def doctor_comes(self, now: datetime = BEFORE) -> Seat:
        return services.enter(actor=self.doctor, appointment_id=self.appointment.pk, now=now)

    def admits(self, seat: Seat, now: datetime = DURING, *, agrees: bool = False) -> Seat:
        return conduct.admit(
            actor=self.doctor, appointment_id=self.appointment.pk, seat_id=seat.pk, patient_agrees=agrees, now=now
        )

    def running(self) -> tuple[Seat, Seat]:
        """Patient and doctor, both in."""
        seat = self.patient_comes()
        return self.admits(seat), self.doctor_comes(DURING)

    def ends(self, now: datetime = AFTER) -> Room:
        return conduct.end(actor=self.doctor, appointment_id=self.appointment.pk, now=now)

    def invites(
        self, actor: Actor | None = None, name: str = "Tolk Testtolk", now: datetime = NOW
    ) -> tuple[Guest, str]:
        return guests.invite(
            actor=actor or self.doctor,
            appointment_id=self.appointment.pk,
            kind=GuestKind.INTERPRETER,
            name="Tolk Testtolk",
            now=now,
        )

    def guest_comes(self, now: datetime = BEFORE, actor: Actor | None = None) -> tuple[Seat, Visitor]:
        _, token = self.invites(actor)
        cookie = guests.use(token=token, now=now)
        return services.enter_as_guest(cookie=cookie, now=now), Visitor(cookie=cookie)

    @property
    def room(self) -> Room:
        return Room.objects.select_related("appointment").get(appointment=self.appointment)


def video(at: Office | None = None, patient: str = "Kari Testdal", clock: time = time(8)) -> Video:
    at = at or office()
    who = at.patient(patient)
    held = hold(
        actor=citizen(who),
        patient_id=who.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.VIDEO,
        starts_at=at_local(TOMORROW, clock),
        now=NOW,
    )
    booked = book(actor=citizen(who), hold_id=held.pk, reason="Hoste", now=NOW)
    return Video(at, who, booked, at.staff(Role.DOCTOR), at.staff(Role.SECRETARY))
