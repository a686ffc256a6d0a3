"""Prescriptions as typed rows with what the rules need to know of each: for queries, services and the office."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from legedialog.access.actor import Actor, Kind
from legedialog.core import broken
from legedialog.core.crypto import text_of
from legedialog.core.sql import Asked, Statement, ask, ask_for
from legedialog.patients.representation import Restriction
from legedialog.prescriptions import rules
from legedialog.prescriptions.rules import Entry, Facts, Group, State
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content


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
    withdrawal: str  # why the doctor took it back
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


@dataclass(frozen=True, slots=True)
class Office:
    """The office that would renew: what is written there is its own, and its list has been read."""

    practice_id: UUID | None = None
    clinicians: frozenset[UUID] = frozenset()
    entries: tuple[Entry, ...] = ()


LISTED = Statement(
    "what the office's list says",
    "SELECT atc, verdict, clinician_id AS clinician FROM prescriptions_allowance WHERE practice_id = %(practice_id)s",
    Entry,
)


def office(practice_id: UUID | None, clinicians: Collection[UUID] = ()) -> Office:
    """One query, none without an office."""
    return office_from(ask(LISTED, practice_id=practice_id) if practice_id else (), practice_id, clinicians)


def office_from(entries: Iterable[Entry], practice_id: UUID | None, clinicians: Collection[UUID]) -> Office:
    """As `office`, of what LISTED has told among other facts."""
    return Office(practice_id, frozenset(clinicians), tuple(entries))


@dataclass(frozen=True, slots=True)
class _Prescription:
    """A row of the table, sealed as it stands there, with what was collected of it, the latest first."""

    id: UUID
    patient_id: UUID
    practice_id: UUID | None
    renews_id: UUID | None
    kind: str
    group: bytes | None
    name: bytes | None
    substance: bytes | None
    atc: bytes | None
    strength: bytes | None
    form: bytes | None
    pack: bytes | None
    use: bytes | None
    reimbursement: bytes | None
    withdrawal: bytes | None
    amount: int
    dispensings: int
    supply_days: int | None
    prescriber_name: bytes | None
    source_name: str | None
    written_date: date
    valid_until_date: date
    withdrawn_at: datetime | None
    restriction: str
    collected_ids: list[UUID]
    days: list[date]
    amounts: list[int]
    pharmacies: list[bytes | None]
    order_id: UUID | None


MEDICINES = Statement(
    "medicines",
    """
    SELECT p.id, p.patient_id, p.practice_id, p.renews_id, p.kind, p.medicine_group AS "group", p.name, p.substance,
           p.atc, p.strength, p.form, p.pack, p.use, p.paid_by AS reimbursement, p.withdrawal, p.amount, p.dispensings,
           p.supply_days, p.prescribed_by AS prescriber_name,
           s.name AS source_name, p.written_date, p.valid_until_date, p.withdrawn_at, p.restriction,
           d.collected_ids, d.days, d.amounts, d.pharmacies,
           (SELECT i.renewal_id FROM prescriptions_item i
             WHERE i.prescription_id = p.id AND i.status = ANY(%(open)s) LIMIT 1) AS order_id
      FROM prescriptions_prescription p
      LEFT JOIN prescriptions_source s ON s.id = p.source_id
     CROSS JOIN LATERAL (
           SELECT COALESCE(array_agg(id ORDER BY dispensed_date DESC, id), '{}') AS collected_ids,
                  COALESCE(array_agg(dispensed_date ORDER BY dispensed_date DESC, id), '{}') AS days,
                  COALESCE(array_agg(amount ORDER BY dispensed_date DESC, id), '{}') AS amounts,
                  COALESCE(array_agg(pharmacy_name ORDER BY dispensed_date DESC, id), '{}') AS pharmacies
             FROM prescriptions_dispensing WHERE prescription_id = p.id) d
     WHERE p.patient_id = ANY(%(of)s)
       AND (%(is_system)s
            OR p.patient_id = ANY(%(patients)s) AND p.restriction <> ALL(%(hidden)s)
            OR p.practice_id = ANY(%(practices)s)
            OR EXISTS (SELECT FROM patients_membership m JOIN practices_contract c ON c.id = m.contract_id
                        WHERE m.person_id = p.patient_id AND c.practice_id = ANY(%(practices)s)
                          AND m.starts_date <= %(today)s AND (m.ends_date IS NULL OR m.ends_date > %(today)s)))
    """,
    _Prescription,
)


def load(actor: Actor, patient_ids: Collection[UUID], at: Office, today: date) -> list[Medicine]:
    """What she sees of one patient or several (policy.visible_to), the whole list of each: the rules compare them.

    By patient, then what runs out first. One query.
    """
    return medicines(ask_for(asks(actor, patient_ids, today)), at, today)


def asks(actor: Actor, patient_ids: Collection[UUID], today: date) -> Asked[_Prescription]:
    values = {"of": list(patient_ids), "today": today, "open": [each.value for each in rules.OPEN]}
    values |= {"is_system": actor.kind is Kind.SYSTEM, **visibility.values(actor, Content.PRESCRIPTION)}
    return Asked(MEDICINES, values)


def medicines(found: Iterable[_Prescription], at: Office, today: date) -> list[Medicine]:
    """As `load`, of what MEDICINES has told among other facts."""
    by_patient: dict[UUID, list[Medicine]] = defaultdict(list)
    for row in found:
        by_patient[row.patient_id].append(_medicine(row, at, today))
    compared = [each for own in by_patient.values() for each in _compare(own, today)]
    return sorted(compared, key=lambda each: (str(each.patient_id), each.runs_out, each.name, str(each.id)))


SEALED = (
    *("group", "name", "substance", "atc", "strength", "form", "pack", "use", "reimbursement", "withdrawal"),
    "prescriber_name",
)


def _medicine(row: _Prescription, at: Office, today: date) -> Medicine:
    text = {
        each: text_of("prescriptions.Prescription", each).read(getattr(row, each), id=row.id, patient_id=row.patient_id)
        for each in SEALED
    }
    # What an earlier version wrote and is not sealed yet, or nobody can read, is not renewed here meanwhile.
    not_known = Group.UNKNOWN.value if row.kind == rules.Kind.MEDICINE else ""
    group = broken.read(
        *(text["group"], lambda group: Group(group).value or not_known, lambda _: not_known),
        of="prescriptions_prescription.medicine_group",
        row=row.id,
    )
    pharmacy = text_of("prescriptions.Dispensing", "pharmacy")
    collected = tuple(
        Collected(day, amount, pharmacy.read(sealed, id=id, prescription_id=row.id))
        for id, day, amount, sealed in zip(row.collected_ids, row.days, row.amounts, row.pharmacies, strict=True)
    )
    facts = Facts(
        valid_until=row.valid_until_date,
        dispensings=row.dispensings,
        dispensed=len(collected),
        group=group,
        kind=row.kind,
        atc=text["atc"],
        last_dispensed=collected[0].day if collected else None,
        supply_days=row.supply_days,
        is_withdrawn=row.withdrawn_at is not None,
        is_ours=row.practice_id is not None and row.practice_id == at.practice_id,
        is_ordered=row.order_id is not None,
        verdict=rules.verdict(text["atc"], at.entries, at.clinicians),
    )
    return Medicine(
        id=row.id,
        patient_id=row.patient_id,
        practice_id=row.practice_id,
        renews_id=row.renews_id,
        kind=row.kind,
        group=group,
        name=text["name"],
        substance=text["substance"],
        atc=text["atc"],
        strength=text["strength"],
        form=text["form"],
        pack=text["pack"],
        use=text["use"],
        amount=row.amount,
        reimbursement=text["reimbursement"],
        prescriber_name=text["prescriber_name"],
        source_name=row.source_name or "",
        written_date=row.written_date,
        valid_until=row.valid_until_date,
        withdrawn_at=row.withdrawn_at,
        withdrawal=text["withdrawal"],
        restriction=row.restriction,
        collected=collected,
        order_id=row.order_id,
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
