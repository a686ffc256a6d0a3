"""What prescriptions says in a citizen's own data: prescriptions with what was collected, and what she ordered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.access.actor import Actor
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, full, urn
from legedialog.core.times import local_day
from legedialog.prescriptions import policy
from legedialog.prescriptions.models import Item, Prescription
from legedialog.prescriptions.rules import OPEN
from legedialog.prescriptions.texts import PICKUPS, STATUSES
from legedialog.ui import dates


def _prescriptions(actor: Actor, person_id: UUID, now: datetime) -> list[Prescription]:
    rows = policy.visible_to(actor, local_day(now)).filter(patient=person_id)
    return list(rows.prefetch_related("collected").order_by("written_date", "pk"))


def _prescription_line(row: Any) -> Sequence[object]:
    what = ", ".join(filter(None, (row.substance, row.atc, row.form, row.pack)))
    packs = _("Pakninger: %(amount)s. Uttak: %(times)s.") % {"amount": row.amount, "times": row.dispensings}
    return [
        row.written_date,
        _lines(f"{row.name} {row.strength}".strip(), what, packs, row.prescriber_name),
        row.valid_until_date,
        "\n".join(filter(None, [row.use, _paid(row), *(_collected(each) for each in row.collected.all()), _back(row)])),
    ]


def _back(row: Any) -> str:
    return _("Trukket tilbake av legen: %(why)s") % {"why": row.withdrawal} if row.withdrawal else ""


def _paid(row: Any) -> str:
    """How it is paid, and its group."""
    paid = _("Blå resept, § %(section)s") % {"section": row.reimbursement} if row.reimbursement else _("Hvit resept")
    return ", ".join(filter(None, (paid, _("gruppe %(group)s") % {"group": row.group} if row.group else "")))


def _collected(row: Any) -> str:
    day = dates.short_date(row.dispensed_date) if row.dispensed_date else ""
    where = ", ".join(filter(None, (day, row.pharmacy)))
    return _("Hentet %(where)s. Pakninger: %(amount)s.") % {"where": where, "amount": row.amount}


def _prescription(row: Any, me: Resource) -> list[Resource]:
    """It, and each time something was handed out."""
    coding = [full({"system": "http://www.whocc.no/atc", "code": row.atc, "display": row.substance})] if row.atc else []
    written = {
        "resourceType": "MedicationRequest",
        "id": str(row.pk),
        "status": "stopped" if row.withdrawn_at else "active",
        "statusReason": {"text": row.withdrawal} if row.withdrawal else None,
        "intent": "order",
        "medicationCodeableConcept": full(
            {"coding": coding, "text": " ".join(filter(None, (row.name, row.strength, row.form, row.pack)))}
        ),
        "category": [{"text": text} for text in (row.kind, row.group, row.reimbursement) if text],
        "subject": me,
        "authoredOn": row.written_date.isoformat(),
        "requester": {"display": row.prescriber_name},
        "priorPrescription": {"reference": urn(row.renews_id)} if row.renews_id else None,
        "dosageInstruction": [{"text": row.use}] if row.use else [],
        "dispenseRequest": {
            "validityPeriod": {"start": row.written_date.isoformat(), "end": row.valid_until_date.isoformat()},
            "numberOfRepeatsAllowed": row.dispensings - 1,
            "quantity": {"value": row.amount, "unit": "package"},
            **({"expectedSupplyDuration": {"value": row.supply_days, "unit": "d"}} if row.supply_days else {}),
        },
    }
    return [written, *(_dispensing(row, each, me) for each in row.collected.all())]


def _dispensing(prescription: Any, row: Any, me: Resource) -> Resource:
    return {
        "resourceType": "MedicationDispense",
        "id": str(row.pk),
        "status": "completed",
        "medicationCodeableConcept": {"text": f"{prescription.name} {prescription.strength}".strip()},
        "subject": me,
        "authorizingPrescription": [{"reference": urn(prescription.pk)}],
        "quantity": {"value": row.amount, "unit": "package"},
        "whenHandedOver": row.dispensed_date.isoformat(),
        "performer": [{"actor": {"display": row.pharmacy}}] if row.pharmacy else [],
    }


def _items(actor: Actor, person_id: UUID, now: datetime) -> list[Item]:
    rows = policy.items_visible_to(actor).filter(patient=person_id)
    return list(
        rows.select_related("renewal__practice", "prescription", "clinician").order_by("renewal__sent_at", "pk")
    )


def _item_line(row: Any) -> Sequence[object]:
    """What she ordered, as it was decided, and where she wants to collect it."""
    renewed = _("Pakninger: %(amount)s. Uttak: %(times)s. Varer i måneder: %(months)s.") % {
        "amount": row.amount,
        "times": row.dispensings,
        "months": row.months,
    }
    pickup = " ".join(filter(None, (str(PICKUPS.get(row.renewal.pickup, "")), row.renewal.pickup_place)))
    times = ", ".join(dates.short_datetime(each) for each in row.times)
    what = f"{row.prescription.name} {row.strength}".strip()
    return [
        row.renewal.sent_at,
        f"{row.clinician.name}, {row.renewal.practice.name}",
        STATUSES[row.status][0],
        _lines(what, row.use, renewed, pickup, times, row.renewal.note, row.answer),
    ]


def _item(row: Any, me: Resource) -> Resource:
    return {
        "resourceType": "Communication",
        "id": str(row.pk),
        "status": "in-progress" if row.status in OPEN else "completed",
        "topic": {"text": "reseptfornyelse"},
        "about": [{"reference": urn(row.prescription_id)}],
        "subject": me,
        "sender": me,
        "recipient": [{"display": f"{row.clinician.name}, {row.renewal.practice.name}"}],
        "sent": row.renewal.sent_at.isoformat(),
        "payload": [{"contentString": text} for text in (_decided(row), row.renewal.note, row.answer) if text],
    }


def _decided(row: Any) -> str:
    """What was ordered, as it was decided, where she wants to collect it, and times that the doctor pointed at."""
    packs = f"{row.amount} x {row.dispensings}, {row.months} mo"
    times = [each.isoformat() for each in row.times]
    return ", ".join(filter(None, (row.strength, row.use, packs, row.renewal.pickup, row.renewal.pickup_place, *times)))


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))


PRESCRIPTIONS = Own(
    title=gettext_lazy("Resepter"),
    head=(
        *(gettext_lazy("Skrevet"), gettext_lazy("Hva og av hvem")),
        *(gettext_lazy("Gyldig til"), gettext_lazy("Bruk og uttak")),
    ),
    rows=_prescriptions,
    line=_prescription_line,
    resources=_prescription,
    order=40,
)
ORDERS = Own(
    title=gettext_lazy("Bestillinger av resepter"),
    head=(
        *(gettext_lazy("Sendt"), gettext_lazy("Til")),
        *(gettext_lazy("Status"), gettext_lazy("Resept, melding og svar")),
    ),
    rows=_items,
    line=_item_line,
    resources=lambda row, me: [_item(row, me)],
    order=41,
)
