"""What the clock does with renewals: warns both sides, lets what nobody treated lapse, and nudges her who only looked.

Run by jobs (tasks.py). Each may be run again at any time: nothing is told twice.
"""

from datetime import datetime, timedelta

from django.db import transaction

from legedialog.access.actor import system
from legedialog.audit import services as audit
from legedialog.core import broken, events, writing
from legedialog.core.times import local_day
from legedialog.fees import proposing
from legedialog.fees.rules import Service
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType
from legedialog.journal.models import Kind as EntryKind
from legedialog.outbox import services as outbox
from legedialog.patients import queries as patients
from legedialog.prescriptions import reading, rules
from legedialog.prescriptions.models import Item, Look, Prescription
from legedialog.prescriptions.rules import Status
from legedialog.prescriptions.services import made_of, move

THINKS = timedelta(hours=24)  # how long she has to order by herself before she is reminded
LOOK_KEPT = timedelta(days=rules.NUDGE_DAYS)  # so long after it a look says nothing more


def warn(now: datetime) -> int:
    """Tell her that the office is late, and the office by the live queue. How many orders."""
    today = local_day(now)
    late = Item.objects.filter(
        status__in=rules.OPEN, renewal__warn_date__lte=today, renewal__lapse_date__gt=today
    ).select_related("renewal")
    renewals = {item.renewal_id: item.renewal for item in late}
    for renewal in renewals.values():
        with transaction.atomic():
            outbox.put(
                "renewal.late", renewal.pk, recipient_id=renewal.patient_id, practice_id=renewal.practice_id, now=now
            )
            events.publish(f"requests:{renewal.practice_id}", f"person:{renewal.patient_id}")
    return len(renewals)


def lapse(now: datetime) -> int:
    """End what nobody has treated by its date, and tell her what to do. How many items."""
    today = local_day(now)
    over = Item.objects.filter(status__in=rules.OPEN, renewal__lapse_date__lte=today)
    count = 0
    for renewal_id in sorted(set(over.values_list("renewal", flat=True))):
        with transaction.atomic():
            items = list(
                over.filter(renewal=renewal_id)
                .select_related("renewal", "prescription")
                .select_for_update(of=("self",))
                .order_by("pk")
            )
            if not items:  # decided a moment ago
                continue
            _end(items, now)
            count += len(items)
    return count


def _end(items: list[Item], now: datetime) -> None:
    renewal = items[0].renewal
    actor = system(practice_id=renewal.practice_id)
    move(actor, items, Status.LAPSED, now)
    for item in items:
        audit.record(actor, "renewal.lapsed", item.pk, at=now, patient_id=item.patient_id, practice_id=item.practice_id)
        journal.file(
            actor,
            EntryKind.DECISION,
            item.pk,
            patient_id=item.patient_id,
            practice_id=item.practice_id,
            contact_type=ContactType.RENEWAL,
            title="Fornyelse av resept bortfalt uten svar",
            text=_known_of(item.prescription),
            made_of=made_of(item.prescription),
            at=now,
        )
    outbox.put("renewal.lapsed", renewal.pk, recipient_id=renewal.patient_id, practice_id=renewal.practice_id, now=now)


def _known_of(row: Prescription) -> str:
    """Its name and strength, without what cannot be read: that it lapsed is told, and kept, all the same."""
    return " ".join(each for each in (row.name, row.strength) if each and not isinstance(each, broken.NotShown))


def nudge(now: datetime) -> int:
    """She looked a day ago at one that runs out soon, and has not ordered. Once for each prescription. How many."""
    today = local_day(now)
    count = 0
    for look in Look.objects.select_related("prescription").filter(at__lte=now - THINKS).order_by("at"):
        with transaction.atomic():
            gp = patients.gp_of(look.patient_id, today)
            at = reading.office(gp.practice.id, gp.clinician_ids) if gp else reading.Office()
            medicine = next(
                each for each in reading.load(system(), [look.patient_id], at, today) if each.id == look.prescription_id
            )
            if gp and medicine.stop is None and 0 <= (medicine.runs_out - today).days <= rules.NUDGE_DAYS:
                outbox.put(
                    "renewal.nudge", medicine.id, recipient_id=look.patient_id, practice_id=gp.practice.id, now=now
                )
                count += 1
            writing.remove(look)
    return count


def tidy(now: datetime) -> None:
    """Remove looks that say nothing any more: run by a job every hour (operations/tasks.py)."""
    writing.remove(Look.objects.filter(at__lte=now - LOOK_KEPT))


CHARGED_WITHIN = timedelta(days=7)  # of the renewal; later the office adds it itself


def charge(now: datetime) -> int:
    """Propose what a renewal costs, once for each order; how many orders were looked at.

    Beside the doctor's signing, which is fast for many orders at once.
    """
    done = Item.objects.filter(status__in=(Status.RENEWED, Status.CHANGED), status_at__gte=now - CHARGED_WITHIN)
    rows = {row.renewal_id: row for row in done.select_related("renewal").order_by("-status_at", "-pk")}
    known = proposing.charged(rows.keys())
    for renewal_id, item in rows.items():
        if renewal_id not in known:
            proposing.complete(
                actor=system(practice_id=item.practice_id),
                object_id=renewal_id,
                patient_id=item.patient_id,
                practice_id=item.practice_id,
                service=Service.RENEWAL,
                clinician_id=item.clinician_id,
                at=item.status_at,
                now=now,
            )
    return len(rows)
