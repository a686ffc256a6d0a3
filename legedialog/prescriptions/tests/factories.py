"""Prescriptions row by row, and renewals that reach a state through services. Offices: appointments' factories."""

from datetime import date, datetime, timedelta
from uuid import UUID

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests.factories import NOW, TODAY, Office, citizen, office
from legedialog.core.ids import new_id
from legedialog.patients.models import Person
from legedialog.prescriptions import queries, services, treating
from legedialog.prescriptions.models import Dispensing, Item, Prescription, Renewal
from legedialog.prescriptions.rules import Kind, Status

__all__ = ["NOW", "TODAY", "citizen", "collected", "item_in", "office", "ordered", "prescription"]


def prescription(
    patient: Person,
    at: Office | None,
    *,
    name: str = "Metoprolol Sandoz",
    atc: str = "C07AB02",
    strength: str = "50 mg",
    days_left: int = 10,
    dispensings: int = 4,
    dispensed: int = 3,
    **values: object,
) -> Prescription:
    """Of the office's doctor, or another's without an office. Collected `dispensed` times, 90 days apart."""
    last = TODAY + timedelta(days=days_left)
    row = Prescription.objects.create(
        **{
            "patient": patient,
            "practice": at.practice if at else None,
            "prescriber": at.doctor if at else None,
            "prescriber_name": at.doctor.name if at else "Sykehuslege Test",
            "name": name,
            "substance": "Metoprolol",
            "atc": atc,
            "strength": strength,
            "form": "depottablett",
            "form_code": "",
            "product_number": "",
            "pack": "98 stk",
            "use": "1 tablett om morgenen mot høyt blodtrykk",
            "group": "C",
            "kind": Kind.MEDICINE,
            "dispensings": dispensings,
            "written_date": last - timedelta(days=365),
            "valid_until_date": last,
            **values,
        }
    )
    for number in range(dispensed):
        collected(row, TODAY - timedelta(days=20 + 90 * number))
    return row


def collected(row: Prescription, day: date, identifier: str = "") -> Dispensing:
    return Dispensing.objects.create(
        prescription=row, identifier=identifier or str(new_id()), dispensed_date=day, pharmacy="Apotek Test"
    )


def ordered(
    patient: Person,
    *rows: Prescription,
    actor: Actor | None = None,
    now: datetime = NOW,
    note: str = "",
    key: UUID | None = None,
) -> Renewal:
    return services.send(
        actor=actor or citizen(patient),
        patient_id=patient.pk,
        prescription_ids=[row.pk for row in rows],
        key=key or new_id(),
        note=note,
        now=now,
    )


def item_in(status: str, at: Office, patient: Person) -> Item:
    """An item that has come that far, through the use cases."""
    renewal = ordered(patient, prescription(patient, at))
    item = Item.objects.get(renewal=renewal)
    doctor, ids = at.staff(Role.DOCTOR), [item.pk]
    if status == Status.RECEIVED:
        treating.open_(actor=doctor, renewal_id=renewal.pk, now=NOW)
    elif status == Status.PREPARED:
        treating.prepare(actor=doctor, item_ids=ids, now=NOW)
    elif status == Status.WITH_DOCTOR:
        treating.prepare(actor=doctor, item_ids=ids, hand_over=True, now=NOW)
    elif status == Status.RENEWED:
        treating.sign(actor=doctor, item_ids=ids, now=NOW)
    elif status == Status.CHANGED:
        draft = treating.Draft("100 mg", item.use, 1, 4, 12)
        treating.sign(actor=doctor, item_ids=ids, drafts={item.pk: draft}, now=NOW)
    elif status == Status.REFUSED:
        treating.refuse(actor=doctor, item_ids=ids, text="Nei", now=NOW)
    elif status == Status.NEEDS_APPOINTMENT:
        treating.ask_for_appointment(actor=doctor, item_ids=ids, text="Kom", now=NOW)
    elif status == Status.WITHDRAWN:
        services.withdraw(actor=citizen(patient), renewal_id=renewal.pk, now=NOW)
    elif status == Status.LAPSED:
        from legedialog.prescriptions import duties

        duties.lapse(NOW + timedelta(days=20))
    item.refresh_from_db()
    assert item.status == status
    return item


def looked(kari: Person, row: Prescription, now: datetime = NOW) -> None:
    """She has opened the page of one of hers."""
    gp = queries.doors(kari.pk, TODAY).gp
    services.look(actor=citizen(kari), medicine=queries.one(citizen(kari), kari.pk, row.pk, gp, now), now=now)
