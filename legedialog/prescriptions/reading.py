"""Prescriptions as typed rows with what the rules need to know of each: for queries, services and the office."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from legedialog.core import crypto, reading
from legedialog.patients.representation import Restriction
from legedialog.prescriptions import rules
from legedialog.prescriptions.models import Allowance, Dispensing, Item, Prescription
from legedialog.prescriptions.rules import Entry, Facts, State


@dataclass(frozen=True, slots=True)
class Collected:
    day: date
    amount: int
    pharmacy: str


@dataclass(frozen=True, slots=True)
class Medicine:
    """One prescription. `facts` holds what the rules were asked; `runs_out` is the last day she is covered by."""

    id: UUID
    patient_id: UUID
    practice_id: UUID | None
    renews_id: UUID | None
    kind: str
    group: str
    name: str
    substance: str
    atc: str
    strength: str
    form: str
    pack: str
    use: str
    amount: int
    reimbursement: str
    prescriber_name: str
    source_name: str
    written_date: date
    valid_until: date
    withdrawn_at: datetime | None
    restriction: str
    collected: tuple[Collected, ...]  # the latest first
    order_id: UUID | None  # the renewal that waits for the same medicine
    facts: Facts
    state: State
    runs_out: date
    is_current: bool
    stop: rules.Stop | None  # why it cannot be renewed, as far as the prescription itself goes

    @property
    def title(self) -> str:
        """`Metoprolol Sandoz 50 mg`."""
        return f"{self.name} {self.strength}".strip()

    @property
    def left(self) -> int:
        return self.facts.left

    @property
    def is_hidden_from_parents(self) -> bool:
        return self.restriction == Restriction.FROM_PARENTS


PHARMACY = Dispensing._meta.get_field("pharmacy")


@dataclass(frozen=True, slots=True)
class Office:
    """The office that would renew: what is written there is its own, and its list has been read."""

    practice_id: UUID | None = None
    clinicians: frozenset[UUID] = frozenset()
    entries: tuple[Entry, ...] = ()


def office(practice_id: UUID | None, clinicians: Collection[UUID] = ()) -> Office:
    """One query, none without an office."""
    if practice_id is None:
        return Office()
    entries = tuple(
        Entry(atc, verdict, clinician)
        for atc, verdict, clinician in Allowance.objects.filter(practice=practice_id).values_list(
            "atc", "verdict", "clinician"
        )
    )
    return Office(practice_id, frozenset(clinicians), entries)


def load(rows: QuerySet[Prescription], at: Office, today: date) -> list[Medicine]:
    """Those of one patient or several, each patient's whole list: the rules compare them. One query.

    By patient, then what runs out first.
    """
    dispensings = Dispensing.objects.filter(prescription=OuterRef("pk")).order_by("-dispensed_date", "pk")
    waits = Item.objects.filter(prescription=OuterRef("pk"), status__in=rules.OPEN)
    found = rows.select_related("source").annotate(
        dispensed=ArraySubquery(
            dispensings.values(json=JSONObject(day="dispensed_date", amount="amount", pharmacy="pharmacy"))
        ),
        order=Subquery(waits.values("renewal")[:1]),
    )
    by_patient: dict[UUID, list[Medicine]] = defaultdict(list)
    for row in found:
        by_patient[row.patient_id].append(_medicine(row, at, today))
    medicines = [each for own in by_patient.values() for each in _compare(own, today)]
    return sorted(medicines, key=lambda each: (str(each.patient_id), each.runs_out, each.name, str(each.id)))


def _pharmacy(sealed: str | None) -> str:
    """As PostgreSQL writes bytes in JSON."""
    return crypto.unseal(bytes.fromhex(sealed[2:]), context=PHARMACY.context) if sealed else ""


def _medicine(row: Prescription, at: Office, today: date) -> Medicine:
    annotated = row.__dict__  # what load added
    order_id: UUID | None = annotated["order"]
    collected = tuple(
        Collected(day, each["amount"], _pharmacy(each["pharmacy"]))
        for each in annotated["dispensed"]
        if (day := reading.day(each["day"]))
    )
    facts = Facts(
        valid_until=row.valid_until_date,
        dispensings=row.dispensings,
        dispensed=len(collected),
        group=row.group,
        kind=row.kind,
        atc=row.atc,
        last_dispensed=collected[0].day if collected else None,
        supply_days=row.supply_days,
        is_withdrawn=row.withdrawn_at is not None,
        is_ours=row.practice_id is not None and row.practice_id == at.practice_id,
        is_ordered=order_id is not None,
        verdict=rules.verdict(row.atc, at.entries, at.clinicians),
    )
    return Medicine(
        id=row.pk,
        patient_id=row.patient_id,
        practice_id=row.practice_id,
        renews_id=row.renews_id,
        kind=row.kind,
        group=row.group,
        name=row.name,
        substance=row.substance,
        atc=row.atc,
        strength=row.strength,
        form=row.form,
        pack=row.pack,
        use=row.use,
        amount=row.amount,
        reimbursement=row.reimbursement,
        prescriber_name=row.prescriber_name,
        source_name=row.source.name if row.source else "",
        written_date=row.written_date,
        valid_until=row.valid_until_date,
        withdrawn_at=row.withdrawn_at,
        restriction=row.restriction,
        collected=collected,
        order_id=order_id,
        facts=facts,
        state=rules.state(facts, today),
        runs_out=rules.runs_out(facts),
        is_current=False,  # known when they have been compared
        stop=None,
    )


def _compare(own: list[Medicine], today: date) -> list[Medicine]:
    """What one prescription says of another of the same patient: ordered, renewed or collected before."""
    orders = {_key(each): each.order_id for each in own if each.order_id}
    renewed = {each.renews_id for each in own if each.renews_id and rules.is_active(each.facts, today)}
    by_id = {each.id: each for each in own}
    alike: dict[tuple[str, ...], list[Medicine]] = defaultdict(list)
    for each in own:
        alike[_key(each)].append(each)
    compared = []
    for each in own:
        same = [other for other in alike[_key(each)] if other.id != each.id]
        order_id = orders.get(_key(each))
        newer = any(other.written_date > each.written_date and rules.is_active(other.facts, today) for other in same)
        before = by_id.get(each.renews_id) if each.renews_id else None
        facts = replace(
            each.facts,
            is_ordered=order_id is not None,
            is_renewed=newer or each.id in renewed,
            was_collected_before=any(other.facts.dispensed for other in same)
            or bool(before and before.facts.dispensed),
        )
        compared.append(
            replace(
                each,
                facts=facts,
                order_id=order_id,
                is_current=rules.is_current(facts, today),
                stop=rules.stop(facts, today),
            )
        )
    return compared


def _key(each: Medicine) -> tuple[str, ...]:
    """The same medicine in the same strength; several strengths of one substance may be used at once."""
    what = each.atc if len(each.atc) == 7 else f"{each.name} {each.form}".casefold()
    return what, each.strength.replace(" ", "").casefold()


def judged(each: Medicine, verdict: str) -> Facts:
    """Its facts with what the office's list says for one doctor."""
    return replace(each.facts, verdict=verdict)


def active_codes(medicines: Iterable[Medicine], but: UUID, today: date) -> list[str]:
    """ATC codes of her other prescriptions that are in use."""
    return [each.atc for each in medicines if each.id != but and each.atc and each.is_current]
