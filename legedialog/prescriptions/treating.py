"""What the office does with an order: open it, prepare it, sign, refuse, ask for a visit. One or many in one step.

A step over many items is one transaction of a fixed number of statements: fifty are signed as quickly as one.
`marks` are of the page where it is confirmed (core/seen.py): what somebody has changed since is not acted on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.cautions import queries as cautions
from legedialog.core import seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType
from legedialog.journal.models import Kind as EntryKind
from legedialog.journal.services import Filing
from legedialog.outbox import services as outbox
from legedialog.outbox.services import Told
from legedialog.patients.rules import months_after
from legedialog.practices.models import Clinician
from legedialog.prescriptions import policy, rules
from legedialog.prescriptions.models import Allowance, Item, Prescription
from legedialog.prescriptions.registry import registry
from legedialog.prescriptions.rules import Status, Verdict
from legedialog.prescriptions.services import made_of, move, tell

Marks = Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """The new prescription as it will be written. `dispensings` in all, `months` from the day it is signed."""

    strength: str
    use: str
    amount: int
    dispensings: int
    months: int


@transaction.atomic
def open_(*, actor: Actor, renewal_id: UUID, now: datetime) -> None:
    """Somebody at the office has opened the order: what is new in it is received. Opening it again changes nothing."""
    items = _lock(actor, Q(renewal=renewal_id))
    fresh = [item for item in items if item.status == Status.SENT]
    if fresh:
        policy.check_prepare(actor, fresh[0].practice_id)
        move(actor, fresh, Status.RECEIVED, now)
        _record(actor, "renewal.received", fresh, now)


@transaction.atomic
def prepare(
    *,
    actor: Actor,
    item_ids: Collection[UUID],
    now: datetime,
    drafts: Mapping[UUID, Draft] | None = None,
    note: str | None = None,
    hand_over: bool = False,
    marks: Marks | None = None,
) -> list[Item]:
    """Staff have looked through them; with `hand_over` they go on to the doctor. Notes are between staff and doctor.

    Raises NotFound, Denied, Refused "renewal-decided" or "renewal-not-writable".
    """
    items = _find(actor, item_ids)
    policy.check_prepare(actor, items[0].practice_id)
    _check_seen(items, marks)
    if any(item.status not in rules.OPEN for item in items):
        raise Refused(rules.DECIDED_ALREADY)
    _save_drafts(items, drafts or {}, note)
    fresh = [item for item in items if item.status in (Status.SENT, Status.RECEIVED)]
    if fresh:
        move(actor, fresh, Status.PREPARED, now)
    if hand_over:
        move(actor, items, Status.WITH_DOCTOR, now)
    _record(actor, "renewal.handed-over" if hand_over else "renewal.prepared", items, now)
    return items


@transaction.atomic
def send_back(
    *, actor: Actor, item_ids: Collection[UUID], note: str, now: datetime, marks: Marks | None = None
) -> list[Item]:
    """The doctor wants something looked up first."""
    items = _find(actor, item_ids)
    policy.check_sign(actor, items, local_day(now))
    _check_seen(items, marks)
    _save_drafts(items, {}, note)
    move(actor, items, Status.PREPARED, now)
    _record(actor, "renewal.sent-back", items, now)
    return items


@transaction.atomic
def sign(
    *,
    actor: Actor,
    item_ids: Collection[UUID],
    now: datetime,
    drafts: Mapping[UUID, Draft] | None = None,
    answer: str = "",
    marks: Marks | None = None,
    cautions_seen: Collection[tuple[UUID, UUID]] = (),
) -> list[Item]:
    """Write the new prescriptions, each with an identity of its own. Those whose draft differs are "changed".

    Raises NotFound, Denied for anybody but a doctor who may sign them, Refused "renewal-decided" when one of them was
    decided or withdrawn meanwhile: then none is signed. Refused "renewal-caution" when a caution of the patient's meets
    one of them and is not among `cautions_seen`, pairs of an item and a caution.
    """
    today = local_day(now)
    items = _find(actor, item_ids)
    policy.check_sign(actor, items, today)
    _check_seen(items, marks)
    for item in items:
        rules.check_move(item.status, Status.RENEWED)
    _save_drafts(items, drafts or {}, None)
    doctor = Clinician.objects.get(employments__in=[actor.employee_id])
    old = Prescription.objects.in_bulk([item.prescription_id for item in items])
    met = _met(actor, items, old)
    if any((item_id, caution.id) not in cautions_seen for item_id, those in met.items() for caution in those):
        raise Refused(rules.CAUTION_UNSEEN)
    new = []
    for item in items:
        was = old[item.prescription_id]
        written = _write(item, was, doctor, today)
        new.append(written)
        item.result, item.decided_by_id, item.status_at = written, actor.employee_id, now
        item.status = Status.CHANGED if _differs(item, was) else Status.RENEWED
        item.answer = answer
    registry().write(new)
    _save(items, "status", "status_at", "decided_by", "result", *(["answer"] if answer else []))
    for status in (Status.RENEWED, Status.CHANGED):
        if part := [item for item in items if item.status == status]:
            tell(actor, part, status, now)
            _record(actor, f"renewal.{status.value}", part, now)
    _file(actor, items, old, now, met)
    _notify(items, now)
    return items


@transaction.atomic
def refuse(
    *,
    actor: Actor,
    item_ids: Collection[UUID],
    text: str,
    times: Sequence[datetime] = (),
    now: datetime,
    marks: Marks | None = None,
) -> list[Item]:
    """No, with the reason the patient reads, and free times to point at."""
    return _decide(actor, item_ids, Status.REFUSED, text, times, now, marks)


@transaction.atomic
def ask_for_appointment(
    *,
    actor: Actor,
    item_ids: Collection[UUID],
    text: str,
    times: Sequence[datetime] = (),
    now: datetime,
    marks: Marks | None = None,
) -> list[Item]:
    """The patient must come first. `times` are free ones to point at; she books like anybody else."""
    return _decide(actor, item_ids, Status.NEEDS_APPOINTMENT, text, times, now, marks)


@transaction.atomic
def allow(
    *,
    actor: Actor,
    practice_id: UUID,
    clinician_id: UUID | None,
    atc: str,
    label: str,
    verdict: Verdict,
    shown: Collection[UUID] | None = None,
    now: datetime,
) -> Allowance:
    """What the office says of a medicine, by the beginning of its ATC code. A line for the same is replaced.

    `shown`: the lines of the page; a line is never changed, so one for the same that is not among them is newer, and
    Refused "changed-since-seen". None is asked by somebody without a page.
    """
    policy.check_list(actor, practice_id, clinician_id)
    whose = Q(clinician=clinician_id) if clinician_id else Q(clinician=None)
    same = Allowance.objects.filter(whose, practice=practice_id, atc=atc)
    if shown is not None and same.exclude(pk__in=shown).exists():
        raise Refused(seen.CHANGED)
    writing.remove(same)
    row = Allowance(practice_id=practice_id, clinician_id=clinician_id, atc=atc, label=label, verdict=verdict)
    row.save(force_insert=True)
    audit.record(actor, "renewal-list.changed", row.pk, at=now, practice_id=practice_id, verdict=verdict.value)
    return row


@transaction.atomic
def remove_allowance(*, actor: Actor, allowance_id: UUID, now: datetime) -> None:
    row = policy.allowances_visible_to(actor).filter(pk=allowance_id).first()
    if row is None:
        raise NotFound
    policy.check_list(actor, row.practice_id, row.clinician_id)
    writing.remove(row)
    audit.record(actor, "renewal-list.changed", allowance_id, at=now, practice_id=row.practice_id)


def _decide(
    actor: Actor,
    item_ids: Collection[UUID],
    status: Status,
    text: str,
    times: Sequence[datetime],
    now: datetime,
    marks: Marks | None,
) -> list[Item]:
    items = _find(actor, item_ids)
    policy.check_sign(actor, items, local_day(now))
    _check_seen(items, marks)
    for item in items:
        rules.check_move(item.status, status)
        item.status, item.status_at, item.decided_by_id = status, now, actor.employee_id
        item.answer, item.times = text, list(times)
    _save(items, "status", "status_at", "decided_by", "answer", "times")
    tell(actor, items, status, now)
    _record(actor, f"renewal.{status.value}", items, now)
    _file(actor, items, Prescription.objects.in_bulk([item.prescription_id for item in items]), now)
    _notify(items, now)
    return items


def _find(actor: Actor, item_ids: Collection[UUID]) -> list[Item]:
    """Locked, in the order of their keys so that two who lock the same ones wait for each other."""
    wanted = set(item_ids)
    if not wanted:
        raise Refused(rules.NOTHING_CHOSEN)
    items = _lock(actor, Q(pk__in=wanted))
    if len(items) != len(wanted):
        raise NotFound
    return items


def _check_seen(items: Sequence[Item], marks: Marks | None) -> None:
    for item in items:
        seen.check(seen.of(marks, item.pk), *rules.seen_of(item))


def _lock(actor: Actor, wanted: Q) -> list[Item]:
    rows = policy.items_visible_to(actor).filter(wanted)
    return list(rows.select_related("renewal").select_for_update(of=("self",)).order_by("pk"))


def _save_drafts(items: Sequence[Item], drafts: Mapping[UUID, Draft], note: str | None) -> None:
    changed = []
    ordered = Prescription.objects.filter(orders__in=[item.pk for item in items if item.pk in drafts])
    before = {row.pk: row for row in ordered}
    for item in items:
        draft = drafts.get(item.pk)
        if draft:
            was = before[item.prescription_id]
            if not rules.may_write(was.group, draft.dispensings, is_reimbursed=was.is_reimbursed):
                raise Refused(rules.BAD_DRAFT)
            item.strength, item.use, item.amount = draft.strength, draft.use, draft.amount
            item.dispensings, item.months = draft.dispensings, draft.months
        if note is not None:
            item.staff_note = note
        if draft or note is not None:
            changed.append(item)
    if changed:
        _save(changed, "strength", "use", "amount", "dispensings", "months", "staff_note")


def _save(items: Sequence[Item], *names: str) -> None:
    """Whole rows in one statement, so that text is sealed on the way."""
    Item.objects.bulk_create(items, update_conflicts=True, unique_fields=["id"], update_fields=names)


def _write(item: Item, was: Prescription, doctor: Clinician, today: date) -> Prescription:
    """The new prescription: the old one's medicine with the draft's amounts, from today, in this doctor's name."""
    rules.check_group(was.kind, was.group, item.dispensings, is_reimbursed=was.is_reimbursed)
    return Prescription(
        id=new_id(),
        patient_id=was.patient_id,
        practice_id=item.practice_id,
        prescriber=doctor,
        prescriber_name=doctor.name,
        prescriber_hpr=doctor.hpr_number,
        renews=was,
        kind=was.kind,
        group=was.group,
        name=was.name,
        substance=was.substance,
        atc=was.atc,
        strength=item.strength,
        form=was.form,
        form_code=was.form_code,
        product_number=was.product_number if item.strength == was.strength else "",  # another strength, another product
        pack=was.pack,
        use=item.use,
        amount=item.amount,
        dispensings=item.dispensings,
        supply_days=_supply_days(item, was),
        is_reimbursed=was.is_reimbursed,
        reimbursement=was.reimbursement,
        written_date=today,
        valid_until_date=months_after(today, item.months),
        restriction=was.restriction,
    )


def _supply_days(item: Item, was: Prescription) -> int | None:
    """As before for the same use; twice the packages last twice as long. Nobody knows when the use is another."""
    if was.supply_days is None or item.use != was.use or item.strength != was.strength:
        return None
    return was.supply_days * item.amount // was.amount


def _differs(item: Item, was: Prescription) -> bool:
    return (item.strength, item.use, item.amount, item.dispensings) != (
        *(was.strength, was.use),
        *(min(was.amount, rules.MOST_PACKS), was.dispensings),
    )


TITLES = {
    Status.RENEWED: "Resept fornyet",
    Status.CHANGED: "Resept fornyet med endring",
    Status.REFUSED: "Fornyelse av resept avslått",
    Status.NEEDS_APPOINTMENT: "Fornyelse av resept: bedt om time",
}


def _met(actor: Actor, items: Sequence[Item], old: Mapping[UUID, Prescription]) -> dict[UUID, tuple[cautions.Row, ...]]:
    """By item, the cautions that speak against it. One query."""
    held = cautions.running(actor, {item.patient_id for item in items})
    return {item.pk: cautions.met(held.get(item.patient_id, ()), old[item.prescription_id]) for item in items}


def _file(
    actor: Actor,
    items: Sequence[Item],
    old: Mapping[UUID, Prescription],
    now: datetime,
    met: Mapping[UUID, Collection[cautions.Row]] | None = None,
) -> None:
    """In the record, in bokmål: the medicine as it was, what was decided, and which cautions the doctor had seen."""
    filings = []
    for item in items:
        was = old[item.prescription_id]
        lines = [f"{was.name} {was.strength}".strip()]
        if item.status == Status.CHANGED:
            lines.append(f"Nå: {item.strength}. {item.use}. {item.amount} × {item.dispensings}, {item.months} md.")
        seen_by_doctor = (met or {}).get(item.pk, ())
        lines += [f"Legen har sett CAVE: {each.substance}." for each in seen_by_doctor if not each.is_hidden]
        if item.answer:
            lines += ["", item.answer]
        title, text = TITLES[Status(item.status)], "\n".join(lines)
        filings.append(Filing(EntryKind.DECISION, item.pk, item.patient_id, made_of(was), title, text))
    journal.file_many(actor, filings, practice_id=items[0].practice_id, contact_type=ContactType.RENEWAL, at=now)


def _notify(items: Sequence[Item], now: datetime) -> None:
    """One notice for each order that got an answer in this step, however many items it has."""
    left = Item.objects.filter(renewal__in={item.renewal_id for item in items})
    answered: dict[UUID, int] = {}
    for renewal_id in left.exclude(status__in=rules.OPEN).values_list("renewal", flat=True):
        answered[renewal_id] = answered.get(renewal_id, 0) + 1
    first = {item.renewal_id: item for item in reversed(items)}
    outbox.put_many(
        "renewal.answered",
        [
            Told(renewal_id, item.patient_id, item.practice_id, answered[renewal_id])
            for renewal_id, item in sorted(first.items())
        ],
        now=now,
    )


def _record(actor: Actor, action: str, items: Sequence[Item], now: datetime) -> None:
    objects = [(item.pk, item.patient_id) for item in items]
    audit.record_many(actor, action, objects, at=now, practice_id=items[0].practice_id)
