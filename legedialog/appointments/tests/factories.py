"""A small office with its people, built row by row; states of appointments are reached through services."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from legedialog.access.actor import Actor, Assurance, Kind, Role
from legedialog.appointments.models import Appointment, Block, Calendar, Channel, VisitType
from legedialog.appointments.services import book, hold
from legedialog.consent.models import Consent, Level
from legedialog.core.crypto import blind_index
from legedialog.core.identifiers import synthetic_number
from legedialog.core.times import at_local
from legedialog.patients.models import Membership, Person
from legedialog.practices.models import Clinician, Contract, ContractDoctor, Employee, Offer, Practice, Service

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Oslo
TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)
LONG_AGO = date(2020, 1, 1)
ALL = [each.value for each in Service]
CHANNELS = [each.value for each in Channel]

_serial = count(1)


def person(name: str = "Kari Testdal", *, born: date = date(1984, 3, 12), level: Level | None = Level.FULL) -> Person:
    given, family = name.rsplit(" ", 1)
    serial = next(_serial)
    number = synthetic_number(born + timedelta(days=serial // 300), serial % 300)
    made = Person.objects.create(
        national_number=number,
        national_number_index=blind_index(number, purpose="national-number"),
        given_name=given,
        family_name=family,
        birth_date=born,
        address="",
        phone="+4799999999",
        email="",
        contact_confirmed_at=NOW,
    )
    if level:
        Consent.objects.create(person=made, level=level, starts_at=NOW, given_by=made)
    return made


def citizen(who: Person) -> Actor:
    return Actor(
        kind=Kind.CITIZEN,
        assurance=Assurance.HIGH,
        person_id=who.pk,
        acting_for_id=who.pk,
        patients=frozenset({who.pk}),
    )


@dataclass
class Office:
    """An office with one doctor who offers everything, every weekday 08:00-12:00 in steps of twenty minutes."""

    practice: Practice
    doctor: Clinician
    contract: Contract
    calendar: Calendar
    visit_type: VisitType
    block_by_weekday: dict[int, Block] = field(default_factory=dict)

    def patient(self, name: str = "Kari Testdal", *, level: Level | None = Level.FULL) -> Person:
        made = person(name, level=level)
        Membership.objects.create(person=made, contract=self.contract, starts_date=LONG_AGO)
        return made

    def staff(self, role: Role = Role.SECRETARY, clinician: Clinician | None = None, name: str = "Mona Haug") -> Actor:
        if role in (Role.DOCTOR, Role.SUBSTITUTE):
            clinician = clinician or self.doctor
        employee = Employee.objects.create(
            practice=self.practice,
            clinician=clinician,
            name=name,
            role=role,
            national_number_index=blind_index(str(next(_serial)), purpose="national-number"),
            starts_date=LONG_AGO,
        )
        return Actor(
            kind=Kind.STAFF,
            assurance=Assurance.HIGH,
            employee_id=employee.pk,
            clinician_id=clinician.pk if clinician else None,
            role=role,
            practice_id=self.practice.pk,
            practices=frozenset({self.practice.pk}),
        )

    def booked(
        self, who: Person, *, day: date = TOMORROW, clock: time = time(8, 0), now: datetime = NOW, reason: str = "Hoste"
    ) -> Appointment:
        held = hold(
            actor=citizen(who),
            patient_id=who.pk,
            calendar_id=self.calendar.pk,
            visit_type_id=self.visit_type.pk,
            channel=Channel.ATTENDANCE,
            starts_at=at_local(day, clock),
            now=now,
        )
        return book(actor=citizen(who), hold_id=held.pk, reason=reason, now=now)


def office(name: str = "Fjordbyen legesenter", doctor: str = "Ingrid Aas", *, max_coming: int = 2) -> Office:
    serial = next(_serial)
    practice = Practice.objects.create(
        name=name,
        organisation_number=f"{910000000 + serial}",
        phone="55555555",
        street="Storgata 1",
        postal_code="5003",
        city="Fjordbyen",
        supported_services=ALL,
    )
    clinician = Clinician.objects.create(name=doctor, hpr_number=f"{7000000 + serial}", is_specialist=True)
    contract = Contract.objects.create(practice=practice, number=f"C{serial}")
    ContractDoctor.objects.create(contract=contract, clinician=clinician, starts_date=LONG_AGO)
    Offer.objects.bulk_create(Offer(practice=practice, clinician=clinician, service=each) for each in ALL)
    calendar = Calendar.objects.create(practice=practice, clinician=clinician)
    visit_type = VisitType.objects.create(
        practice=practice, name="Vanlig time", name_en="Ordinary visit", channels=CHANNELS, max_coming=max_coming
    )
    fixed = {"starts": time(8), "ends": time(12), "step_minutes": 20, "channels": CHANNELS, "first_date": LONG_AGO}
    blocks = Block.objects.bulk_create(Block(calendar=calendar, weekday=weekday, **fixed) for weekday in range(5))
    visit_type.blocks.add(*blocks)
    return Office(practice, clinician, contract, calendar, visit_type, dict(enumerate(blocks)))
