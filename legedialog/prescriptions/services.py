"""What the citizen does: send an order, take it back, hide a prescription. The office's part is in treating.py."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import override

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.consent import policy as consent
from legedialog.core import events, seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.fees import services as fees
from legedialog.fees.rules import Service as Charged
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType
from legedialog.journal.models import Kind as EntryKind
from legedialog.journal.services import Filing, Made
from legedialog.patients import queries as patients
from legedialog.patients.queries import Gp
from legedialog.patients.representation import Restriction
from legedialog.practices import policy as practices
from legedialog.practices.rules import Service
from legedialog.prescriptions import policy, reading, rules
from legedialog.prescriptions.models import Item, Look, Prescription, Renewal, Step
from legedialog.prescriptions.reading import Medicine
from legedialog.prescriptions.rules import Pickup, Status
from legedialog.visibility.rules import Content


class Stopped(Refused):
    """One of the chosen prescriptions cannot be ordered. `medicine` and `stop` say which, why and what to do."""

    def __init__(self, medicine: Medicine, stop: rules.Stop) -> None:
        super().__init__(stop.refusal)
        self.medicine = medicine
        self.stop = stop


@transaction.atomic
def send(
    *,
    actor: Actor,
    patient_id: UUID,
    prescription_ids: Collection[UUID],
    key: UUID,
    note: str,
    now: datetime,
    pickup: str = Pickup.PHARMACY,
    pickup_place: str = "",
    price: str | None = None,
) -> Renewal:
    """Order one or several. The same key twice makes one order.

    Raises NotFound for a stranger or a prescription that is not hers to see, Refused without full consent, when the
    doctor does not take renewals, nothing is chosen, or the price is not the one whose mark is `price`, and Stopped for
    the first that a rule stops.
    """
    policy.check_order(actor, patient_id)
    consent.check_full(patient_id)
    sent = Renewal.objects.filter(key=key, patient=patient_id).first()
    if sent:
        return sent
    today = local_day(now)
    gp = patients.gp_of(patient_id, today)
    clinician_id = _doctor(gp, now)
    assert gp  # noqa: S101  _doctor refuses without one
    _lock(prescription_ids)
    sent = Renewal.objects.filter(key=key, patient=patient_id).first()
    if sent:  # by the other click, which the lock waited for
        return sent
    chosen = _chosen(actor, patient_id, prescription_ids, gp, now)
    due, warn, lapse = rules.dates(today)
    renewal = Renewal(
        practice_id=gp.practice.id,
        patient_id=patient_id,
        sent_by_id=actor.person_id or patient_id,
        key=key,
        note=note,
        pickup=pickup,
        pickup_place=pickup_place,
        sent_at=now,
        due_date=due,
        warn_date=warn,
        lapse_date=lapse,
    )
    renewal.save(force_insert=True)
    items = Item.objects.bulk_create(_item(renewal, clinician_id, each, now) for each in chosen)
    tell(actor, items, Status.SENT, now)
    fees.promise(
        actor=actor,
        object_id=renewal.pk,
        patient_id=patient_id,
        practice_id=renewal.practice_id,
        service=Charged.RENEWAL,
        clinician_id=None,  # the doctor who renews may be another
        restriction=_of_order(renewal.pk),
        mark=price,
        now=now,
    )
    writing.remove(Look.objects.filter(prescription__in=[each.id for each in chosen]))
    audit.record(
        actor,
        "renewal.sent",
        renewal.pk,
        at=now,
        patient_id=patient_id,
        practice_id=renewal.practice_id,
        items=len(chosen),
    )
    _file_order(actor, renewal, chosen, now)
    return renewal


def sent_with(actor: Actor, key: UUID) -> UUID | None:
    """The order that a form with this key has made already, if she may see it."""
    return policy.renewals_visible_to(actor).filter(key=key).values_list("pk", flat=True).first()


@transaction.atomic
def withdraw(*, actor: Actor, renewal_id: UUID, now: datetime, item_ids: Collection[UUID] | None = None) -> int:
    """Take back what is not decided, all of it or some items; how many.

    Raises NotFound, Denied, or Refused "renewal-decided" when there is nothing left to take back.
    """
    row = policy.find_renewal(actor, renewal_id)
    policy.check_order(actor, row.patient_id)
    wanted = policy.items_visible_to(actor).filter(renewal=row)
    if item_ids is not None:
        wanted = wanted.filter(pk__in=item_ids)
    items = list(wanted.select_related("prescription").select_for_update(of=("self",)).order_by("pk"))
    open_items = [item for item in items if item.status in rules.OPEN]
    if not open_items:
        raise Refused(rules.DECIDED_ALREADY)
    move(actor, open_items, Status.WITHDRAWN, now)
    objects = [(item.pk, item.patient_id) for item in open_items]
    audit.record_many(actor, "renewal.withdrawn", objects, at=now, practice_id=row.practice_id)
    title = "Trakk tilbake bestilling av resept"
    filings = [
        Filing(EntryKind.DECISION, item.pk, item.patient_id, made_of(item.prescription), title) for item in open_items
    ]
    journal.file_many(actor, filings, practice_id=row.practice_id, contact_type=ContactType.RENEWAL, at=now)
    return len(open_items)


@transaction.atomic
def look(*, actor: Actor, medicine: Medicine, now: datetime) -> None:
    """She opened one that runs out soon and may be renewed: see duties.nudge. Kept once, with the latest time."""
    if medicine.patient_id not in actor.patients:
        return
    if medicine.stop is None and 0 <= (medicine.runs_out - local_day(now)).days <= rules.NUDGE_DAYS:
        Look.objects.bulk_create(
            [Look(prescription_id=medicine.id, patient_id=medicine.patient_id, at=now)],
            update_conflicts=True,
            unique_fields=["prescription"],
            update_fields=["at"],
        )


def forget_looks(*, actor: Actor, person_id: UUID) -> None:
    """She does not want to be reminded of what she only looked at."""
    writing.remove(Look.objects.filter(patient=person_id, patient__in=actor.patients))


def _of_order(renewal_id: UUID) -> str:
    """It is hidden when all in it is."""
    found = set(Item.objects.filter(renewal=renewal_id).values_list("prescription__restriction", flat=True))
    return found.pop() if len(found) == 1 else Restriction.NORMAL.value


@transaction.atomic
def restrict(
    *, actor: Actor, prescription_id: UUID, restriction: Restriction, was: str | None = None, now: datetime
) -> Prescription:
    """Hide one prescription from the parents or from the youth, or show it again; `was` is what the page showed.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    row = policy.find(actor, prescription_id, local_day(now), lock=True)
    policy.check_restrict(actor, row, restriction)
    if row.restriction != restriction:
        seen.same(was, row.restriction)
        row.restriction = restriction
        row.save(update_fields=["restriction"])
        journal.hide(row.pk, restriction.value)
        for renewal in Renewal.objects.filter(items__prescription=row).distinct():
            fees.hide(renewal.pk, _of_order(renewal.pk))
        audit.record(
            actor,
            "prescription.hidden",
            row.pk,
            at=now,
            patient_id=row.patient_id,
            practice_id=row.practice_id,
            restriction=restriction.value,
        )
        events.publish(f"person:{row.patient_id}")
    return row


def made_of(prescription: Prescription) -> Made:
    """Who sees what the record tells of its renewals: those who see the prescription."""
    return Made(Content.RENEWAL, prescription.pk, prescription.restriction)


def move(actor: Actor, items: Sequence[Item], status: Status, now: datetime) -> None:
    """Locked items to a new state, with their story and the live pages. Raises Refused for one that cannot go there."""
    for item in items:
        rules.check_move(item.status, status)
    for item in items:
        item.status, item.status_at = status, now
    Item.objects.filter(pk__in=[item.pk for item in items]).update(status=status, status_at=now)
    tell(actor, items, status, now)


def tell(actor: Actor, items: Sequence[Item], status: Status, now: datetime) -> None:
    """The story's next step, and the pages that are open."""
    Step.objects.bulk_create(
        Step(
            item=item,
            status=status,
            at=now,
            by_person_id=actor.person_id if actor.is_citizen else None,
            by_employee_id=actor.employee_id,
        )
        for item in items
    )
    topics = {f"requests:{item.practice_id}" for item in items} | {f"person:{item.patient_id}" for item in items}
    events.publish(*sorted(topics))


def _doctor(gp: Gp | None, now: datetime) -> UUID:
    """Whose decision it is: the first of the list's doctors who takes renewals. Raises Refused with her reason."""
    if gp is None or not gp.doctors:
        raise Refused(rules.NO_GP)
    refused: Refused | None = None
    for clinician_id in gp.clinician_ids:
        try:
            practices.check_offered(gp.practice.id, clinician_id, Service.RENEW, local_day(now))
        except Refused as error:
            refused = error
        else:
            return clinician_id
    assert refused  # noqa: S101  there was at least one doctor
    raise refused


def _lock(ids: Collection[UUID]) -> None:
    """In the order of their keys. What is ordered of the same medicine at the same moment waits here."""
    list(Prescription.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").only("pk"))


def _chosen(actor: Actor, patient_id: UUID, ids: Collection[UUID], gp: Gp, now: datetime) -> list[Medicine]:
    wanted = set(ids)
    if not wanted:
        raise Refused(rules.NOTHING_CHOSEN)
    if len(wanted) > rules.MOST_ITEMS:
        raise Refused(rules.TOO_MANY)
    today = local_day(now)
    found = reading.load(actor, [patient_id], reading.office(gp.practice.id, gp.clinician_ids), today)
    chosen = [each for each in found if each.id in wanted]
    if len(chosen) != len(wanted):
        raise NotFound
    for each in chosen:
        if each.stop:
            raise Stopped(each, each.stop)
    return chosen


def _item(renewal: Renewal, clinician_id: UUID, medicine: Medicine, now: datetime) -> Item:
    """The draft is the prescription as it was; A and B never come here but by the office's own leave."""
    return Item(
        renewal=renewal,
        practice_id=renewal.practice_id,
        patient_id=renewal.patient_id,
        prescription_id=medicine.id,
        clinician_id=clinician_id,
        status_at=now,
        strength=medicine.strength,
        use=medicine.use,
        amount=min(medicine.amount, rules.MOST_PACKS),
        dispensings=medicine.facts.dispensings,
    )


def _file_order(actor: Actor, renewal: Renewal, chosen: Sequence[Medicine], now: datetime) -> None:
    """One entry for what may be shown to all, and one for each that is hidden from somebody."""
    normal = [each for each in chosen if each.restriction == Restriction.NORMAL]
    hidden = [each for each in chosen if each.restriction != Restriction.NORMAL]
    groups = [(normal, Restriction.NORMAL.value), *(([each], each.restriction) for each in hidden)]
    with override("nb"):  # the language of the record
        for number, (part, restriction) in enumerate(groups):
            if not part:
                continue
            lines = [each.title for each in part]
            note = renewal.note if part is normal or not normal else ""
            journal.file(
                actor,
                EntryKind.MESSAGE,
                renewal.pk,
                patient_id=renewal.patient_id,
                practice_id=renewal.practice_id,
                contact_type=ContactType.RENEWAL,
                title="Ba om fornyelse av resept",
                text="\n".join([*lines, *(["", note] if note else [])]),
                made_of=Made(Content.RENEWAL, part[0].id if len(part) == 1 else renewal.pk, restriction),
                sequence=number,
                at=now,
            )
