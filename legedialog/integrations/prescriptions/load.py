"""Load a prescription file: all of it or nothing, and as often as one likes.

Every line is checked and loaded in one transaction, prescriptions before what was collected on them, so that the lines
may stand in any order. A bad line anywhere undoes the transaction.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import contexts, events
from legedialog.core.crypto import blind_index, seal
from legedialog.integrations.prescriptions import fhir
from legedialog.integrations.prescriptions.schema import (
    AnyLine,
    BadLine,
    DispensingLine,
    Fault,
    PrescriptionLine,
    parse,
)
from legedialog.journal import services as journal
from legedialog.patients.models import Person
from legedialog.patients.representation import Restriction
from legedialog.practices import policy
from legedialog.practices.models import Clinician, Practice
from legedialog.prescriptions.models import Dispensing, Prescription, Source

BATCH = 1000
MOST_BAD_LINES = 1000  # then the file is given up: it is another kind of file
MOST_TOLD = 1000  # open pages that are told of a change in one transaction

Say = Callable[[int], None]  # lines done
Numbered = tuple[int, AnyLine]


@dataclass(slots=True)
class Report:
    lines: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    dispensings: int = 0
    bad: dict[int, Fault] = field(default_factory=dict)  # line (or entry) number → why
    gave_up: bool = False


class _Undo(Exception):
    """Leave the transaction without a trace."""


def load(
    lines: Iterable[bytes],
    *,
    source: str,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    phone: str = "",
    say: Say = lambda _: None,
) -> Report:
    """`lines` can be iterated several times. The source is made when it is new. Raises Denied.

    Nothing of the file is kept when the report has bad lines, nor with `dry_run`; that the source failed is.
    """
    policy.check_import(actor)
    report = Report()
    seal("", scope=None, context="prescriptions")  # a key is remembered once it is committed
    blind_index("", purpose="national-number")
    row, _new = Source.objects.get_or_create(name=source, defaults={"phone": phone})
    try:
        with transaction.atomic():
            _Load(row, report, now, say).run(lines)
            if report.bad or dry_run:
                raise _Undo
            audit.record(
                actor,
                "prescription-file.imported",
                row.pk,
                at=now,
                created=report.created,
                changed=report.changed,
                dispensings=report.dispensings,
            )
            Source.objects.filter(pk=row.pk).update(heard_at=now)
    except _Undo:
        if report.bad and not dry_run:
            Source.objects.filter(pk=row.pk).update(failed_at=now)
    report.bad = dict(sorted(report.bad.items()))
    return report


class _Load:
    def __init__(self, source: Source, report: Report, now: datetime, say: Say) -> None:
        self.source, self.report, self.now, self.say = source, report, now, say
        self.patients: set[UUID] = set()
        self.seen: dict[tuple[str, str], int] = {}
        self.lost: set[str] = set()  # prescriptions on bad lines, so that they are not missed too

    def run(self, lines: Iterable[bytes]) -> None:
        later: list[Numbered] = []
        batch: list[Numbered] = []
        try:
            for number, line in self._checked(lines):
                if isinstance(line, DispensingLine):
                    later.append((number, line))
                    continue
                batch.append((number, line))
                if len(batch) == BATCH:
                    self._prescriptions(batch)
            self._prescriptions(batch)
            for at in range(0, len(later), BATCH):
                self._dispensings(later[at : at + BATCH])
            if not self.report.lines:
                self._bad(1, Fault("empty", "there is nothing in the file"))
        except _GaveUp:
            self.report.gave_up = True
        if self.patients and len(self.patients) <= MOST_TOLD:
            events.publish(*sorted(f"person:{patient_id}" for patient_id in self.patients))

    def _checked(self, lines: Iterable[bytes]) -> Iterator[Numbered]:
        for number, made, identifier in _read(lines):
            self.report.lines += 1
            if self.report.lines % BATCH == 0:
                self.say(self.report.lines)
            try:
                line = made()
                if line is None:
                    continue
                self._once(number, line)
            except BadLine as bad:
                self.lost.add(identifier())
                self._bad(number, bad.fault)
            else:
                yield number, line

    def _once(self, number: int, line: AnyLine) -> None:
        key = (line.type, line.identifier)
        if first := self.seen.get(key):
            raise BadLine("twice", f"the same {line.type} stands at {first}; one line for each is expected")
        self.seen[key] = number

    def _prescriptions(self, batch: list[Numbered]) -> None:
        rows = [(number, line) for number, line in batch if isinstance(line, PrescriptionLine)]
        batch.clear()
        if not rows:
            return
        indexes = {line.patient: blind_index(line.patient, purpose="national-number") for _, line in rows}
        by_index = {
            bytes(index): pk
            for index, pk in Person.objects.filter(national_number_index__in=list(indexes.values())).values_list(
                "national_number_index", "pk"
            )
            if index
        }
        offices = dict(
            Practice.objects.filter(
                organisation_number__in={line.office for _, line in rows if line.office}
            ).values_list("organisation_number", "pk")
        )
        doctors = dict(
            Clinician.objects.filter(
                hpr_number__in={line.prescriber_hpr for _, line in rows if line.prescriber_hpr}
            ).values_list("hpr_number", "pk")
        )
        known = {
            row.identifier: row
            for row in Prescription.objects.select_for_update().filter(
                source=self.source, identifier__in=[line.identifier for _, line in rows]
            )
        }
        new, changed, hidden = [], [], []
        for number, line in rows:
            patient_id = by_index.get(indexes[line.patient])
            if patient_id is None:
                self.lost.add(line.identifier)
                self._bad(number, Fault("unknown-patient", "the patient is not known here"))
                continue
            if line.office and line.office not in offices:
                self.lost.add(line.identifier)
                self._bad(number, Fault("unknown-office", "the office is not known here"))
                continue
            row = known.get(line.identifier)
            values = _values(line, patient_id, offices.get(line.office or ""), doctors.get(line.prescriber_hpr or ""))
            values |= self._kept(line, row)
            if row and row.restriction != values["restriction"]:
                hidden.append(row)
            if row is None:
                new.append(Prescription(source=self.source, identifier=line.identifier, **values))
            elif row.patient_id != patient_id:
                self._bad(number, Fault("another-patient", "this identifier belongs to another patient's prescription"))
                continue
            elif _set(row, values):
                changed.append(row)
            else:
                self.report.unchanged += 1
                continue
            self.patients.add(patient_id)
        Prescription.objects.bulk_create(new)
        names = contexts.changeable(Prescription)
        Prescription.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=names)
        for row in hidden:  # what the record tells of it is hidden from the same
            journal.hide(row.pk, row.restriction)
        self.report.created += len(new)
        self.report.changed += len(changed)

    def _kept(self, line: PrescriptionLine, row: Prescription | None) -> dict[str, Any]:
        """When it was first told of as withdrawn; and what was hidden here stays hidden."""
        withdrawn_at = (row and row.withdrawn_at) or self.now
        hidden = row.restriction if row and line.restriction is Restriction.NORMAL else line.restriction.value
        return {"withdrawn_at": withdrawn_at if line.is_withdrawn else None, "restriction": hidden}

    def _dispensings(self, batch: list[Numbered]) -> None:
        rows = [(number, line) for number, line in batch if isinstance(line, DispensingLine)]
        known = {
            identifier: (pk, patient_id)
            for identifier, pk, patient_id in Prescription.objects.filter(
                source=self.source, identifier__in={line.prescription for _, line in rows}
            ).values_list("identifier", "pk", "patient_id")
        }
        new = []
        for number, line in rows:
            found = known.get(line.prescription)
            if found is None:
                if line.prescription not in self.lost:
                    text = "the prescription it belongs to is neither in the file nor loaded before"
                    self._bad(number, Fault("unknown-prescription", text))
                continue
            new.append(
                Dispensing(
                    prescription_id=found[0],
                    identifier=line.identifier,
                    dispensed_date=line.dispensed_date,
                    amount=line.amount,
                    pharmacy=line.pharmacy,
                )
            )
            self.patients.add(found[1])
        before = Dispensing.objects.filter(prescription__in=[row.prescription_id for row in new]).count()
        Dispensing.objects.bulk_create(new, ignore_conflicts=True)
        after = Dispensing.objects.filter(prescription__in=[row.prescription_id for row in new]).count()
        self.report.dispensings += after - before

    def _bad(self, number: int, fault: Fault) -> None:
        if len(self.report.bad) >= MOST_BAD_LINES:
            raise _GaveUp
        self.report.bad.setdefault(number, fault)


class _GaveUp(Exception):
    """Too many bad lines."""


Entry = tuple[int, Callable[[], AnyLine | None], Callable[[], str]]  # its number, what reads it, and its identifier


def _read(lines: Iterable[bytes]) -> Iterator[Entry]:
    """Each line, or entry of a Bundle. The first line tells which format it is."""
    found = [(number, raw) for number, raw in enumerate(_raw(lines), 1) if raw.strip()]
    if not found:
        return
    first = _json(found[0][1])
    if first is None and len(found) > 1 and found[0][1].lstrip().startswith(b"{"):
        first = _json(b"\n".join(raw for _, raw in found))  # a Bundle written over several lines
    kind = first.get("resourceType") if isinstance(first, dict) else None
    if kind == "Bundle":
        yield from _fhir([(number, *entry) for number, entry in enumerate(fhir.resources(first), 1)])
    elif kind:
        yield from _fhir([(number, "", _json(raw)) for number, raw in found])
    else:
        for number, raw in found:
            yield number, lambda raw=raw: parse(raw), lambda raw=raw: _named(_json(raw))  # type: ignore[misc]


def _fhir(rows: list[tuple[int, str, Any]]) -> Iterator[Entry]:
    shaped = [(number, url, row if isinstance(row, dict) else {}) for number, url, row in rows]
    bundle = fhir.Bundle([(url, row) for _, url, row in shaped])
    for number, _url, row in shaped:
        yield number, lambda row=row: bundle.line(row), lambda row=row: str(fhir.own(row) or "")  # type: ignore[misc]


def _named(row: Any) -> str:
    return str(row.get("identifier", "")) if isinstance(row, dict) and row.get("type") == "prescription" else ""


def _raw(lines: Iterable[bytes]) -> Iterator[bytes]:
    for number, raw in enumerate(lines, 1):
        yield (raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw).rstrip(b"\r\n")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _values(line: PrescriptionLine, patient_id: UUID, office: UUID | None, doctor: UUID | None) -> dict[str, Any]:
    return {
        "patient_id": patient_id,
        "practice_id": office,
        "prescriber_id": doctor,
        "prescriber_name": line.prescriber_name,
        "prescriber_hpr": line.prescriber_hpr or "",
        "kind": line.kind.value,
        "group": line.its_group,
        **{name: getattr(line, name) for name in PLAIN},
        "is_reimbursed": bool(line.reimbursement),
        "written_date": line.written_date,
        "valid_until_date": line.last_date,
    }


PLAIN = (
    *("name", "substance", "atc", "strength", "form", "form_code", "product_number", "pack", "use"),
    *("amount", "dispensings", "supply_days", "reimbursement"),
)


def _set(row: Prescription, values: dict[str, Any]) -> bool:
    """Whether any value was another."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
