"""What is charged, as the citizen and the office read it: lines, payments, what is owed, and what is to be sent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import seen
from legedialog.core.sql import Asked, Statement
from legedialog.core.times import local_day
from legedialog.fees import ceiling, charge_rules, policy, rules, told
from legedialog.fees.models import (
    Charge,
    CreditNote,
    Invoice,
    Line,
    Payment,
    Transfer,
)


@dataclass(frozen=True, slots=True)
class LineRow:
    id: UUID
    code: str
    what: str
    ore: int
    reason: str
    corrects: UUID | None
    by_ceiling: bool
    credit_note_id: UUID | None
    left: int  # of it, when counter-entries have taken theirs
    in_evening: bool
    is_counted: bool
    top: int | None  # what she was shown that it would cost at most

    @property
    def is_counter(self) -> bool:
        return self.corrects is not None

    @property
    def tariff(self) -> str:
        return rules.in_tariff(self.code, in_evening=self.in_evening)


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge with its sums. `owed` is below nothing when she has paid more than it came to."""

    id: UUID
    patient_id: UUID
    patient_name: str
    practice_id: UUID
    object_id: UUID  # what it is asked for
    practice_name: str
    practice_address: str
    organisation_number: str
    clinician_id: UUID
    clinician_name: str
    clinician_hpr: str
    is_specialist: bool
    service: str
    kind: str
    happened_at: datetime
    status: str
    status_at: datetime
    exemption: str
    reason: str
    total: int
    paid: int
    lines: Sequence[LineRow]
    payments: Sequence[Payment]
    invoice: Invoice | None
    transfers: Sequence[Transfer]  # through the payment provider, the latest last
    credit_notes: Sequence[CreditNote]
    disputed_at: datetime | None
    notified_at: datetime | None  # when she is told that there is something to pay
    by_ceiling: int  # what the year's ceiling took, and is neither asked for again nor left free
    mark: str

    @property
    def owed(self) -> int:
        return self.total - self.paid

    @property
    def came_online(self) -> bool:
        return any((each.direction, each.stand) == ("in", "done") for each in self.transfers)

    @property
    def pays_online(self) -> bool:
        """She has the page where she pays open, or its answer has not come."""
        return any((each.direction, each.stand) == ("in", "begun") for each in self.transfers)

    @property
    def late_date(self) -> date | None:
        """Until when she has to pay after a reminder."""
        reminded_at = self.invoice.reminded_at if self.invoice else None
        return charge_rules.due_date(local_day(reminded_at), told.LATE_DAYS) if reminded_at else None

    @property
    def pay_by(self) -> date | None:
        return self.late_date or (self.invoice.due_date if self.invoice else None)

    @property
    def is_over(self) -> bool:
        """She has paid too much."""
        return self.owed < 0

    @property
    def has_receipt(self) -> bool:
        """Somebody has paid, and nothing is left. What came to nothing is no receipt."""
        return self.status == "approved" and self.owed <= 0 < self.paid


def rows_of(charges: QuerySet[Charge]) -> list[ChargeRow]:
    """Three statements, however many they are. A list asks neither how far a transfer has come nor for credit notes."""
    found = charges.select_related("patient", "practice", "clinician__responsible", "invoice")
    return [_charge_row(row, (), ()) for row in found.prefetch_related("lines", "payments")]


def row_of(charge_id: UUID) -> ChargeRow:
    """One, and what goes through the payment provider. Who may see it is asked before."""
    found = Charge.objects.select_related("patient", "practice", "clinician__responsible", "invoice")
    row = found.prefetch_related("lines", "payments", "transfers", "credit_notes").get(pk=charge_id)
    transfers = sorted(row.transfers.all(), key=lambda each: each.begun_at)
    return _charge_row(row, transfers, sorted(row.credit_notes.all(), key=lambda each: each.number))


def _charge_row(row: Charge, transfers: Sequence[Transfer], credit_notes: Sequence[CreditNote]) -> ChargeRow:
    lines = sorted(row.lines.all(), key=lambda line: line.number)
    taken: dict[UUID | None, int] = defaultdict(int)
    for line in lines:
        taken[line.corrects_id] += line.ore
    at = row.practice
    return ChargeRow(
        id=row.pk,
        patient_id=row.patient_id,
        patient_name=row.patient.name,
        practice_id=row.practice_id,
        object_id=row.object_id,
        practice_name=at.name,
        practice_address=", ".join(filter(None, (at.street, f"{at.postal_code} {at.city}".strip()))),
        organisation_number=at.organisation_number,
        clinician_id=row.clinician_id,
        clinician_name=row.clinician.name,
        clinician_hpr=row.clinician.answers.hpr_number or "",
        is_specialist=row.clinician.is_specialist,
        service=row.service,
        kind=row.kind,
        happened_at=row.happened_at,
        status=row.status,
        status_at=row.status_at,
        exemption=row.exemption,
        reason=row.reason or "",
        total=sum(line.ore for line in lines),
        paid=sum(each.ore for each in row.payments.all()),
        lines=[
            LineRow(
                line.pk,
                line.code,
                line.what,
                line.ore,
                line.reason or "",
                line.corrects_id,
                line.by_ceiling,
                line.credit_note_id,
                line.ore + taken[line.pk] if line.corrects_id is None else 0,
                line.in_evening,
                line.is_counted,
                line.top,
            )
            for line in lines
        ],
        payments=sorted(row.payments.all(), key=lambda each: each.at),
        invoice=getattr(row, "invoice", None),
        transfers=transfers,
        credit_notes=credit_notes,
        disputed_at=row.disputed_at,
        notified_at=row.notified_at,
        by_ceiling=0 if row.exemption or row.is_left_free else sum(off for _line, off in ceiling.taken(lines)),
        mark=seen.mark(*seen_of(row, [line.pk for line in lines])),
    )


def seen_of(row: Charge, lines: Iterable[UUID]) -> tuple[object, ...]:
    """What of a charge somebody saw, with the ids of its lines in their order."""
    return row.status, row.exemption, row.disputed_at is not None, row.is_left_free, [str(each) for each in lines]


MOST_SHOWN = 200  # payments on a citizen's page


def payments(actor: Actor, person_id: UUID, now: datetime) -> list[ChargeRow]:
    """Hers, the newest first. Whoever acts for her leaves a line in her log."""
    audit.looked_on_behalf(actor, "payments.listed", None, at=now, patient_id=person_id)
    rows = policy.charges_visible_to(actor).filter(patient=person_id).order_by("-happened_at", "-pk")
    return rows_of(rows[:MOST_SHOWN])


def payment(actor: Actor, charge_id: UUID, now: datetime) -> ChargeRow:
    """One of them. Raises NotFound."""
    found = policy.find_charge(actor, charge_id)
    audit.looked_on_behalf(actor, "charge.read", charge_id, at=now, patient_id=found.patient_id)
    return row_of(charge_id)


def credited(actor: Actor, credit_note_id: UUID) -> UUID:
    """The charge of a credit note. Raises NotFound."""
    return policy.find_credit_note(actor, credit_note_id).charge_id


@dataclass(frozen=True, slots=True)
class Unpaid:
    number: int


# What policy.charges_visible_to says, for her whose they are or who acts for her.
UNPAID = Statement(
    "what she has to pay",
    """SELECT count(*) AS number FROM fees_charge c
       WHERE c.patient_id = %(person_id)s AND c.patient_id = ANY(%(patients)s) AND c.status = 'approved'
         AND c.content = ANY(%(contents)s) AND c.restriction <> ALL(%(hidden)s)
         AND (c.content <> ALL(%(alone)s) OR c.by_person_id IS NULL OR c.by_person_id = %(reader)s)
         AND (SELECT coalesce(sum(ore), 0) FROM fees_line WHERE charge_id = c.id)
             > (SELECT coalesce(sum(ore), 0) FROM fees_payment WHERE charge_id = c.id)""",
    Unpaid,
)


def unpaid(actor: Actor, person_id: UUID) -> Asked[Unpaid]:
    """How many she has to pay, for Hjem."""
    return Asked(UNPAID, {"person_id": person_id, **policy.her_charges(actor)})


def owing(rows: QuerySet[Charge]) -> QuerySet[Charge]:
    """Those approved that more is to be paid of."""
    cost = Subquery(_sum(Line.objects), output_field=IntegerField())
    paid = Subquery(_sum(Payment.objects), output_field=IntegerField())
    return rows.filter(GreaterThan(Coalesce(cost, 0), Coalesce(paid, 0)), status="approved")


def paid_over(rows: QuerySet[Charge]) -> QuerySet[Charge]:
    """Those that more was paid of than they came to, approved or waived."""
    cost = Subquery(_sum(Line.objects), output_field=IntegerField())
    paid = Subquery(_sum(Payment.objects), output_field=IntegerField())
    return rows.filter(GreaterThan(Coalesce(paid, 0), Coalesce(cost, 0)))


def to_invoice(practice_id: UUID, now: datetime) -> QuerySet[Charge]:
    """Those that nobody disputes, and that she has had some days to pay after she was told of them."""
    asked = Q(notified_at=None) | Q(notified_at__lte=now - told.PAYS_FIRST)
    return owing(Charge.objects.filter(asked, practice=practice_id, invoice=None, disputed_at=None))


def to_remind(practice_id: UUID, today: date) -> QuerySet[Invoice]:
    owed = owing(Charge.objects.filter(practice=practice_id, disputed_at=None)).values("pk")
    late = today - told.REMIND_AFTER
    return Invoice.objects.filter(charge__in=owed, due_date__lte=late, reminded_at=None).order_by("number")


def _sum(rows: Any) -> Any:
    of_charge = rows.filter(charge=OuterRef("pk")).order_by().values("charge")
    return of_charge.annotate(sum=Sum("ore")).values("sum")
