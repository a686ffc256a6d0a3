"""What the office's screens read: the queue, one order with its warnings, a patient's list, and the office's own list.

Medicines are clinical content, so each patient shown leaves a trace: in the queue once for each visit to it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.text import format_lazy

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.cautions import queries as cautions
from legedialog.core import seen
from legedialog.core.errors import NotFound
from legedialog.core.names import by_name
from legedialog.core.sql import Asked, Due, Heap, Statement, heap
from legedialog.core.times import local_day
from legedialog.patients.queries import Profile
from legedialog.patients.rules import age_on
from legedialog.prescriptions import policy, reading, rules
from legedialog.prescriptions.interactions import interactions
from legedialog.prescriptions.models import Allowance, Item, Step
from legedialog.prescriptions.queries import StoryStep
from legedialog.prescriptions.reading import Medicine
from legedialog.prescriptions.rules import Status, Warn
from legedialog.prescriptions.texts import WARNINGS
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content

SHOWN = 200  # rows of the queue
CLOSED_SHOWN = timedelta(days=14)

JOINED = ("renewal__patient", "clinician", "decided_by")
# Patients → the day of the latest visit that was held. Another context knows, so the caller brings it.
LastControls = Callable[[Collection[UUID]], Mapping[UUID, date]]


class Box(StrEnum):
    MINE = "mine"  # what waits for me: for staff to prepare, for a doctor to sign
    OFFICE = "kontoret"
    LATE = "droyer"  # both sides have been warned
    CLOSED = "lukket"


@dataclass(frozen=True, slots=True)
class Alert:
    code: Warn
    text: str | Promise
    color: str


@dataclass(frozen=True, slots=True)
class Row:
    """One item. `alerts` is empty for those that are decided."""

    id: UUID
    renewal_id: UUID
    patient_id: UUID
    patient_name: str
    age: int
    medicine: Medicine
    clinician_id: UUID
    clinician_name: str
    status: str
    status_at: datetime
    sent_at: datetime
    due_date: date
    lapse_date: date
    is_overdue: bool
    is_late: bool
    note: str
    pickup: str
    pickup_place: str
    strength: str
    use: str
    amount: int
    dispensings: int
    months: int
    staff_note: str
    answer: str
    times: tuple[datetime, ...]
    decided_by: str
    result: UUID | None
    alerts: tuple[Alert, ...]
    met: tuple[cautions.Row, ...]  # cautions that speak against it: each is ticked by itself before it is signed
    is_allowed: bool  # the office has said that no consultation is needed
    may_sign: bool
    story: tuple[StoryStep, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status in rules.OPEN

    @property
    def is_red(self) -> bool:
        """Something speaks against it: it is never signed among many without having been looked at by itself."""
        return any(alert.color == "danger" for alert in self.alerts)

    @property
    def is_looked_at(self) -> bool:
        """Something red but what `met` holds, so it needs a tick of its own among many."""
        return any(alert.color == "danger" and alert.code is not Warn.CAUTION for alert in self.alerts)

    @property
    def mark(self) -> str:
        return seen.mark(*rules.seen_of(self))

    @property
    def is_changed(self) -> bool:
        """The draft is another than the prescription was."""
        was = self.medicine
        before = (was.strength, was.use, min(was.amount, rules.MOST_PACKS), was.facts.dispensings)
        return (self.strength, self.use, self.amount, self.dispensings) != before

    @property
    def title(self) -> str:
        """As it will be written."""
        return f"{self.medicine.name} {self.strength}".strip()


@dataclass(frozen=True, slots=True)
class OfficeOrder:
    """An order with all its items, and what else she uses."""

    id: UUID
    patient_id: UUID
    patient_name: str
    birth_date: date
    age: int
    rows: tuple[Row, ...]
    medicines: tuple[Medicine, ...]
    others: tuple[Row, ...]  # of hers to do

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def is_open(self) -> bool:
        return any(row.is_open for row in self.rows)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every look at the office's orders asks once."""

    at: reading.Office
    signs: frozenset[UUID]  # the doctors whose orders are hers to sign today


def desk(actor: Actor, now: datetime) -> Desk:
    return Desk(reading.office(actor.practice_id), policy.signs_for(actor, local_day(now)))


def counts(actor: Actor, now: datetime, at: Desk | None = None) -> dict[Box, int]:
    """How many in each box that shows a number. Two queries, one with the desk."""
    today = local_day(now)
    mine = _mine(at.signs if at else policy.signs_for(actor, today))
    rows = policy.items_visible_to(actor).filter(status__in=rules.OPEN)
    found = rows.aggregate(
        mine=Count("pk", filter=mine), office=Count("pk"), late=Count("pk", filter=Q(renewal__warn_date__lte=today))
    )
    return {Box.MINE: found["mine"], Box.OFFICE: found["office"], Box.LATE: found["late"]}


FOR_HER = Statement(
    "renewals that wait for the one who looks",
    """
    SELECT r.due_date FROM prescriptions_item i JOIN prescriptions_renewal r ON r.id = i.renewal_id
     WHERE i.practice_id = ANY(%(practices)s) AND 'renewal' = ANY(%(whole)s) AND i.status = ANY(%(open)s)
       AND CASE WHEN cardinality(%(signs)s::uuid[]) = 0 THEN i.status <> 'with-doctor'
                ELSE i.status = 'with-doctor' AND i.clinician_id = ANY(%(signs)s::uuid[]) END
    """,
    Due,
)


def for_her(actor: Actor, now: datetime) -> Asked[Heap]:
    """How much there is in Box.MINE. Asks once for whom a doctor signs."""
    today = local_day(now)
    values = {"open": [each.value for each in rules.OPEN], "signs": list(policy.signs_for(actor, today))}
    return heap(Asked(FOR_HER, values | visibility.office_values(actor, [Content.RENEWAL])), today, "due_date")


def queue(actor: Actor, box: Box, now: datetime, last_controls: LastControls, at: Desk | None = None) -> list[Row]:
    """The most urgent first; closed ones the latest first. A fixed number of queries."""
    at = at or desk(actor, now)
    found = _rows(actor, _queued(actor, box, now, at), now, last_controls, at)
    _looked(actor, "renewals.listed", {row.patient_id for row in found}, now)
    return sorted(found, key=lambda row: not row.is_red)


def _queued(actor: Actor, box: Box, now: datetime, at: Desk) -> list[Item]:
    today = local_day(now)
    rows = policy.items_visible_to(actor)
    if box is Box.CLOSED:
        rows = rows.exclude(status__in=rules.OPEN).filter(status_at__gt=now - CLOSED_SHOWN).order_by("-status_at", "pk")
    else:
        rows = rows.filter(status__in=rules.OPEN).order_by("renewal__due_date", "renewal__sent_at", "pk")
        if box is Box.MINE:
            rows = rows.filter(_mine(at.signs))
        elif box is Box.LATE:
            rows = rows.filter(renewal__warn_date__lte=today)
    return list(rows.select_related(*JOINED)[:SHOWN])


def chosen(actor: Actor, item_ids: Collection[UUID], now: datetime, last_controls: LastControls) -> list[Row]:
    """Those that were ticked and are still open, for the summary before a step over many."""
    rows = policy.items_visible_to(actor).filter(pk__in=item_ids, status__in=rules.OPEN).order_by("pk")
    found = _rows(actor, rows.select_related(*JOINED), now, last_controls, desk(actor, now))
    _looked(actor, "renewals.listed", {row.patient_id for row in found}, now)
    return sorted(found, key=lambda row: not row.is_red)


def patient_of_order(actor: Actor, renewal_id: UUID) -> UUID:
    """Raises NotFound for another office's."""
    if not actor.is_staff:
        raise NotFound
    return policy.find_renewal(actor, renewal_id).patient_id


def order(
    actor: Actor, renewal_id: UUID, now: datetime, last_controls: LastControls, *, with_others: bool = False
) -> OfficeOrder:
    """With the words and the whole list of the patient: reading it is logged. `with_others`: and what else is hers to
    do, which is logged as the list. Raises NotFound."""
    rows = policy.items_visible_to(actor).filter(renewal=renewal_id).order_by("pk")
    own = list(rows.select_related(*JOINED)) if actor.is_staff else []
    if not own:
        raise NotFound
    at = desk(actor, now)
    beside = _queued(actor, Box.MINE, now, at) if with_others else []
    items = {item.pk: item for item in (*beside, *own)}.values()
    medicines = _medicines(actor, {item.patient_id for item in items}, at, now)
    made = _rows(actor, items, now, last_controls, at, medicines=medicines, story_of=own)
    by_id = {row.id: row for row in made}
    found = [by_id[item.pk] for item in own if item.pk in by_id]
    if not found:
        raise NotFound
    person, patient_id = own[0].renewal.patient, own[0].patient_id
    audit.looked(actor, "renewal.read", renewal_id, at=now, patient_id=patient_id, practice_id=actor.practice_id)
    others = [by_id[item.pk] for item in beside if item.pk in by_id]
    _looked(actor, "renewals.listed", {row.patient_id for row in others}, now)
    return OfficeOrder(
        id=renewal_id,
        patient_id=patient_id,
        patient_name=person.name,
        birth_date=person.birth_date,
        age=age_on(person.birth_date, local_day(now)),
        rows=tuple(found),
        medicines=tuple(each for each in medicines[patient_id] if each.is_current),
        others=tuple(sorted(others, key=lambda row: not row.is_red)),
    )


def medicine_list(actor: Actor, patient: Profile, now: datetime) -> list[Medicine]:
    """What a patient of the office, as patients.profile found her, uses now. Leaves a trace. Raises Denied."""
    for practice_id in actor.practices:
        policy.check_prepare(actor, practice_id)
    audit.looked(actor, "prescriptions.listed", None, at=now, patient_id=patient.id)
    found = reading.load(actor, [patient.id], reading.office(actor.practice_id), local_day(now))
    return [each for each in found if each.is_current]


def has_contact(actor: Actor, patient_id: UUID, now: datetime) -> bool:
    """Whether a renewal of hers waits at the office or was decided lately. One query."""
    recent = Q(status__in=rules.OPEN) | Q(status_at__gt=now - CLOSED_SHOWN)
    return policy.items_visible_to(actor).filter(recent, patient=patient_id, practice__in=actor.practices).exists()


def patient_of(actor: Actor, prescription_id: UUID, now: datetime) -> UUID:
    """Raises NotFound for one the office may not see."""
    return policy.find(actor, prescription_id, local_day(now)).patient_id


def allowances(actor: Actor) -> list[Allowance]:
    """The office's list, by code. One query."""
    return list(
        policy.allowances_visible_to(actor)
        .select_related("clinician")
        .order_by("atc", by_name("clinician__name"), "pk")
    )


def _mine(signs: Collection[UUID]) -> Q:
    if signs:
        return Q(status=Status.WITH_DOCTOR, clinician__in=signs)
    return ~Q(status=Status.WITH_DOCTOR)


def _medicines(actor: Actor, patient_ids: Collection[UUID], at: Desk, now: datetime) -> dict[UUID, list[Medicine]]:
    found: dict[UUID, list[Medicine]] = defaultdict(list)
    for each in reading.load(actor, patient_ids, at.at, local_day(now)) if patient_ids else []:
        found[each.patient_id].append(each)
    return found


def _rows(
    actor: Actor,
    items: Iterable[Item],
    now: datetime,
    last_controls: LastControls,
    at: Desk,
    *,
    medicines: Mapping[UUID, list[Medicine]] | None = None,
    story_of: Collection[Item] = (),
) -> list[Row]:
    """`medicines` by patient, where they are known."""
    today = local_day(now)
    found = list(items)
    patient_ids = {item.patient_id for item in found}
    by_patient = _medicines(actor, patient_ids, at, now) if medicines is None else medicines
    controls = last_controls(patient_ids) if found else {}
    warned = cautions.running(actor, patient_ids)
    signs_all = actor.role in policy.SIGNS and actor.role.value == "doctor"
    story: dict[UUID, list[StoryStep]] = defaultdict(list)
    for step in Step.objects.filter(item__in=story_of).order_by("at", "pk") if story_of else ():
        story[step.item_id].append(StoryStep(step.status, step.at))
    rows = []
    for item in found:
        own = by_patient.get(item.patient_id, [])
        medicine = next((each for each in own if each.id == item.prescription_id), None)
        if medicine is None:
            continue
        verdict = rules.verdict(medicine.atc, at.at.entries, {item.clinician_id})
        renewal = item.renewal
        is_open = item.status in rules.OPEN
        met = cautions.met(warned.get(item.patient_id, ()), medicine) if is_open else ()
        rows.append(
            Row(
                id=item.pk,
                renewal_id=renewal.pk,
                patient_id=item.patient_id,
                patient_name=renewal.patient.name,
                age=age_on(renewal.patient.birth_date, today),
                medicine=medicine,
                clinician_id=item.clinician_id,
                clinician_name=item.clinician.name,
                status=item.status,
                status_at=item.status_at,
                sent_at=renewal.sent_at,
                due_date=renewal.due_date,
                lapse_date=renewal.lapse_date,
                is_overdue=today > renewal.due_date,
                is_late=today >= renewal.warn_date,
                note=renewal.note,
                pickup=renewal.pickup,
                pickup_place=renewal.pickup_place,
                strength=item.strength,
                use=item.use,
                amount=item.amount,
                dispensings=item.dispensings,
                months=item.months,
                staff_note=item.staff_note,
                answer=item.answer,
                times=tuple(item.times),
                decided_by=item.decided_by.name if item.decided_by else "",
                result=item.result_id,
                alerts=_alerts(medicine, own, verdict, met, controls.get(item.patient_id), today) if is_open else (),
                met=met,
                is_allowed=verdict == rules.Verdict.ALLOWED,
                may_sign=is_open and (signs_all or item.clinician_id in at.signs),
                story=tuple(story[item.pk]),
            )
        )
    return rows


def _alerts(
    medicine: Medicine,
    own: list[Medicine],
    verdict: str,
    met: Collection[cautions.Row],
    last_control: date | None,
    today: date,
) -> tuple[Alert, ...]:
    others = reading.active_codes(own, medicine.id, today)
    found = [each for each in interactions().between([medicine.atc, *others]) if medicine.atc in (each.one, each.other)]
    facts = reading.judged(medicine, verdict)
    warned = rules.warnings(
        facts,
        last_control=last_control,
        others=others,
        has_interaction=bool(found),
        has_caution=bool(met),
        today=today,
    )
    alerts = []
    for warn in warned:
        word, color = WARNINGS[warn]
        if warn is Warn.INTERACTION:
            alerts += [Alert(warn, each.text, color) for each in found]
        elif warn is Warn.CAUTION:
            alerts += [Alert(warn, format_lazy(str(word), substance=each.substance), color) for each in met]
        else:
            alerts.append(
                Alert(warn, format_lazy(str(word), group=medicine.group) if warn is Warn.GROUP else word, color)
            )
    return tuple(sorted(alerts, key=lambda alert: alert.color != "danger"))


def _looked(actor: Actor, what: str, patient_ids: Collection[UUID], now: datetime) -> None:
    if actor.is_staff:
        audit.looked_many(actor, what, patient_ids, at=now, practice_id=actor.practice_id)
