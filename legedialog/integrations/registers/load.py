"""Load a register file: all of it or nothing, and as often as one likes.

First every line is checked by itself; then the good ones are loaded in one transaction, in steps (offices before lists
before places on them), so that the lines may stand in any order. A bad line anywhere undoes the transaction. What is
in memory is one batch of lines and a byte for each line, however long the file is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from legedialog.access.actor import Actor
from legedialog.appointments.models import Source
from legedialog.audit import services as audit
from legedialog.core import events, writing
from legedialog.core.crypto import create_key, seal
from legedialog.core.models import KeyPurpose
from legedialog.core.times import local_day
from legedialog.integrations.registers import schema
from legedialog.integrations.registers.checking import (
    BATCH,
    NEVER,
    Checked,
    Report,
    Say,
    check,
    numbered,
)
from legedialog.integrations.registers.rows import Numbered, Rows, Undo, person_index
from legedialog.integrations.registers.schema import Line
from legedialog.journeys import deaths, staffing
from legedialog.patients.models import (
    Guardianship,
    Membership,
    Person,
    Responsibility,
    address_key,
    name_keys,
)
from legedialog.practices import policy
from legedialog.practices.models import (
    Absence,
    Clinician,
    Contract,
    ContractDoctor,
    Employee,
    Offer,
    OpeningException,
    OpeningHours,
    Practice,
)

LOCK = 0x72656769  # "regi": one import at a time


def load(
    lines: Iterable[bytes], *, actor: Actor, now: datetime, dry_run: bool = False, say: Say = lambda *_: None
) -> Report:
    """Load `lines`, which must be such that they can be iterated several times: a File or a list.

    Nothing is kept when the report has bad lines, nor with `dry_run`. Raises Denied.
    """
    policy.check_import(actor)
    checked = check(lines, say)
    # Made before the transaction: a key is only remembered when it is committed, and read anew for each row until then.
    seal("", scope=None, context="registers")
    person_index("")
    try:
        if not checked.report.gave_up:
            with transaction.atomic():
                _Load(lines, checked, actor, now, say).run()
                if checked.report.bad or dry_run:
                    raise Undo
    except Undo:
        pass
    else:
        if "person" in checked.report.counts:
            deaths.follow(now)
    checked.report.bad = dict(sorted(checked.report.bad.items()))
    return checked.report


class _Load(Rows):
    """The second part, inside the transaction."""

    def __init__(self, lines: Iterable[bytes], checked: Checked, actor: Actor, now: datetime, say: Say) -> None:
        super().__init__(checked, now)
        self.lines, self.actor, self.say = lines, actor, say
        self.done = 0
        self.loaders: dict[type[Line], Callable[[Any], None]] = {
            schema.OfficeLine: self.offices,
            schema.OpeningHoursLine: self.opening_hours,
            schema.OpeningExceptionLine: self.opening_exceptions,
            schema.ClinicianLine: self.clinicians,
            schema.EmployeeLine: self.employees,
            schema.ContractLine: self.contracts,
            schema.ContractDoctorLine: self.contract_doctors,
            schema.OfferLine: self.offers,
            schema.AbsenceLine: self.absences,
            schema.SourceLine: self.sources,
            schema.PersonLine: self.persons,
            schema.MembershipLine: self.memberships,
            schema.ResponsibilityLine: self.responsibilities,
            schema.GuardianshipLine: self.guardianships,
        }

    def run(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for step in sorted(set(self.checked.steps) - {NEVER}):
            self._step(step)
        staffing.open_calendars()
        if self.report.changes:
            counts = {
                f"{kind}_{name}".replace("-", "_"): getattr(count, name)
                for kind, count in sorted(self.report.counts.items())
                for name in ("created", "changed", "ended")
                if getattr(count, name)
            }
            audit.record(self.actor, "registers.imported", None, at=self.now, **counts)
        if self.touched:
            events.publish(*(f"calendar:{practice_id}" for practice_id in sorted(self.touched)))

    def _step(self, step: int) -> None:
        batches: dict[type[Line], list[Numbered[Line]]] = defaultdict(list)
        for number, raw in numbered(self.lines):
            if step != self.checked.steps[number]:
                continue
            line = schema.parse(raw)
            batch = batches[type(line)]
            batch.append((number, line))
            if len(batch) == BATCH:
                self._flush(type(line), batch)
        for kind, batch in batches.items():
            self._flush(kind, batch)

    def _flush(self, kind: type[Line], batch: list[Numbered[Any]]) -> None:
        if batch:
            self.loaders[kind](batch)
            self.done += len(batch)
            self.say("Loading", self.done, self.report.lines)
            batch.clear()

    def offices(self, batch: list[Numbered[schema.OfficeLine]]) -> None:
        kept = self._without_taken_her_ids(Practice, "organisation_number", batch)
        new = self._save(
            Practice,
            [(line, {"organisation_number": line.organisation_number}, _office_values(line)) for line in kept],
            Practice.objects.filter(organisation_number__in=[line.organisation_number for line in kept]),
        )
        for practice in new:
            create_key(KeyPurpose.SEAL, practice.pk)

    def clinicians(self, batch: list[Numbered[schema.ClinicianLine]]) -> None:
        kept = self._without_taken_her_ids(Clinician, "hpr_number", batch)
        self._save(
            Clinician,
            [(line, {"hpr_number": line.hpr_number}, line.given("name", "her_id", "is_specialist")) for line in kept],
            Clinician.objects.filter(hpr_number__in=[line.hpr_number for line in kept]),
        )

    def sources(self, batch: list[Numbered[schema.SourceLine]]) -> None:
        self._save(
            Source,
            [
                (
                    line,
                    {"organisation_number": line.organisation_number},
                    line.given("name", "kind", "phone", "silent_after_minutes"),
                )
                for _, line in batch
            ],
            Source.objects.filter(organisation_number__in=[line.organisation_number for _, line in batch]),
        )

    def opening_hours(self, batch: list[Numbered[schema.OpeningHoursLine]]) -> None:
        offices = self._offices(batch)
        known: dict[UUID, set[tuple[int, Any, Any]]] = defaultdict(set)
        for row in OpeningHours.objects.filter(practice__in=offices.values()):
            known[row.practice_id].add((row.weekday, row.opens, row.closes))
        counts = self.report.counts["opening-hours"]
        new = []
        for number, line in batch:
            office = self._known(number, offices, "office", line.office)
            if office is None:
                continue
            week = {(day, part.opens, part.closes) for day, parts in line.hours.items() for part in parts}
            if week == known[office]:
                counts.unchanged += 1
                continue
            if known[office]:
                counts.changed += 1
                writing.remove(OpeningHours.objects.filter(practice=office))
            else:
                counts.created += 1
            new += [OpeningHours(practice_id=office, weekday=day, opens=at, closes=to) for day, at, to in sorted(week)]
        OpeningHours.objects.bulk_create(new)

    def opening_exceptions(self, batch: list[Numbered[schema.OpeningExceptionLine]]) -> None:
        offices = self._offices(batch)
        self._save(
            OpeningException,
            [
                (
                    line,
                    {"practice_id": office, "date": line.date},
                    {"opens": line.opens, "closes": line.closes, "note": line.note},
                )
                for number, line in batch
                if (office := self._known(number, offices, "office", line.office))
            ],
            OpeningException.objects.filter(practice__in=offices.values(), date__in={line.date for _, line in batch}),
        )

    def contracts(self, batch: list[Numbered[schema.ContractLine]]) -> None:
        offices = self._offices(batch)
        self.checked.lost |= {("contract", line.number) for _, line in batch if line.office not in offices}
        self._save(
            Contract,
            [
                (
                    line,
                    {"number": line.number},
                    {"practice_id": office, **line.given("max_patients", "is_common_list")},
                )
                for number, line in batch
                if (office := self._known(number, offices, "office", line.office))
            ],
            Contract.objects.filter(number__in=[line.number for _, line in batch]),
        )

    def offers(self, batch: list[Numbered[schema.OfferLine]]) -> None:
        offices, doctors = self._offices(batch), self._doctors(line.hpr_number for _, line in batch)
        self._save(
            Offer,
            [
                (
                    line,
                    {"practice_id": office, "clinician_id": doctor, "service": line.service.value},
                    {
                        "is_open": line.is_open,
                        "closed_until_date": line.closed_until_date,
                        "closed_reason": line.closed_reason,
                    },
                )
                for number, line in batch
                for office, doctor in self._known_all(
                    number, ("office", line.office, offices), ("clinician", line.hpr_number, doctors)
                )
            ],
            Offer.objects.filter(practice__in=offices.values(), clinician__in=doctors.values()),
        )

    def absences(self, batch: list[Numbered[schema.AbsenceLine]]) -> None:
        offices = self._offices(batch)
        doctors = self._doctors(number for _, line in batch for number in (line.hpr_number, line.substitute) if number)
        # Per doctor and office, what she would have: first date → last date and the line, 0 for what is there already.
        plans: dict[tuple[UUID, UUID], dict[date, tuple[date, int]]] = defaultdict(dict)
        known = Absence.objects.filter(practice__in=offices.values(), clinician__in=doctors.values())
        for row in known:
            plans[row.practice_id, row.clinician_id][row.first_date] = (row.last_date, 0)
        rows = []
        for number, line in batch:
            office = self._known(number, offices, "office", line.office)
            doctor = self._known(number, doctors, "clinician", line.hpr_number)
            substitute = self._known(number, doctors, "clinician", line.substitute) if line.substitute else None
            if not office or not doctor or (line.substitute and not substitute):
                continue
            plans[office, doctor][line.first_date] = (line.last_date, number)
            key = {"practice_id": office, "clinician_id": doctor, "first_date": line.first_date}
            rows.append((line, key, {"last_date": line.last_date, "substitute_id": substitute, "note": line.note}))
        crowded = set()
        for owner, plan in plans.items():
            for (_, (last, earlier)), (first, (_, later)) in pairwise(sorted(plan.items())):
                if last >= first:
                    crowded.add(owner)
                    self._bad(later or earlier, "overlaps another absence of the same clinician at the same office")
        rows = [row for row in rows if (row[1]["practice_id"], row[1]["clinician_id"]) not in crowded]
        self._save(Absence, rows, known)

    def persons(self, batch: list[Numbered[schema.PersonLine]]) -> None:
        indexes = {line.national_number: person_index(line.national_number) for _, line in batch}
        former = self._former(indexes)
        batch = [(number, line) for number, line in batch if line.national_number not in former]
        for out_of_use in former:
            del indexes[out_of_use]
        self.report.counts["person"].unchanged += len(former)
        known = Person.objects.filter(national_number_index__in=list(indexes.values()))
        for number, line in batch:
            confirmed = local_day(line.confirmed_at or self.now)
            if line.death_date and line.death_date > confirmed:
                self._bad(number, "death_date is later than the day it was confirmed")
                line.death_date = None
        chosen = {
            bytes(index)
            for index, language in known.values_list("national_number_index", "language")
            if index and language
        }
        self._save(
            Person,
            [
                (
                    line,
                    {"national_number_index": indexes[line.national_number]},
                    {
                        "national_number": line.national_number,
                        "given_name": line.given_name,
                        "family_name": line.family_name,
                        "name_keys": name_keys(line.given_name, line.family_name),
                        "birth_date": line.birth_date,
                        **line.given(*PERSON),
                        **_address_key(line),
                        **({} if indexes[line.national_number] in chosen else line.given("language")),
                    },
                )
                for _, line in batch
            ],
            known,
        )

    def employees(self, batch: list[Numbered[schema.EmployeeLine]]) -> None:
        offices = self._offices(batch)
        doctors = self._doctors(line.hpr_number for _, line in batch if line.hpr_number)
        rows = []
        for number, line in batch:
            office = self._known(number, offices, "office", line.office)
            doctor = self._known(number, doctors, "clinician", line.hpr_number) if line.hpr_number else None
            if office and (doctor or not line.hpr_number):
                owner = (office, person_index(line.national_number), line.role.value)
                rows.append((line, owner, {"name": line.name, "clinician_id": doctor}))
        names = ("practice_id", "national_number_index", "role")
        self._save_periods(Employee, names, rows, Employee.objects.filter(practice__in=offices.values()))

    def contract_doctors(self, batch: list[Numbered[schema.ContractDoctorLine]]) -> None:
        contracts = self._contracts(line.contract for _, line in batch)
        doctors = self._doctors(line.hpr_number for _, line in batch)
        self._save_periods(
            ContractDoctor,
            ("contract_id", "clinician_id"),
            [
                (line, (contract, doctor), {})
                for number, line in batch
                for contract, doctor in self._known_all(
                    number, ("contract", line.contract, contracts), ("clinician", line.hpr_number, doctors)
                )
            ],
            ContractDoctor.objects.filter(contract__in=contracts.values()),
        )

    def memberships(self, batch: list[Numbered[schema.MembershipLine]]) -> None:
        contracts = self._contracts(line.contract for _, line in batch)
        persons = self._persons(line.person for _, line in batch)
        self._save_periods(
            Membership,
            ("person_id",),
            [
                (line, (person,), {"contract_id": contract})
                for number, line in batch
                for person, contract in self._known_all(
                    number, ("person", line.person, persons), ("contract", line.contract, contracts)
                )
            ],
            Membership.objects.filter(person__in=persons.values()),
        )

    def responsibilities(self, batch: list[Numbered[schema.ResponsibilityLine]]) -> None:
        pairs = [(number, line, line.parent, line.child) for number, line in batch]
        self._save_pairs(Responsibility, "parent_id", "child_id", pairs)

    def guardianships(self, batch: list[Numbered[schema.GuardianshipLine]]) -> None:
        pairs = [(number, line, line.guardian, line.person) for number, line in batch]
        self._save_pairs(Guardianship, "guardian_id", "person_id", pairs)


OFFICE = (
    *("name", "her_id", "street", "postal_code", "city", "phone", "email", "website", "directions"),
    *("supported_services", "supports_representation"),
)
PERSON = ("death_date", "address", "address_grading", "phone", "email", "contact_confirmed_at", "is_reserved")


def _office_values(line: schema.OfficeLine) -> dict[str, Any]:
    values = line.given(*OFFICE)
    if "supported_services" in values:
        values["supported_services"] = [service.value for service in line.supported_services]
    return values


def _address_key(line: schema.PersonLine) -> dict[str, bytes | None]:
    """Anew when the line tells of the address; none for a protected one."""
    if not line.model_fields_set & {"address", "address_grading"}:
        return {}
    return {"address_key": address_key(line.address, line.address_grading)}
