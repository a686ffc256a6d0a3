"""Money that others' tests need."""

from datetime import timedelta
from typing import Any

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.core.errors import Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.fees import billing, charging, paying, proposing, story
from legedialog.fees.charge_rules import Way
from legedialog.fees.models import Charge, Confirmation, ExemptionCard, Line
from legedialog.fees.rules import Service
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status
from legedialog.patients.models import Person


def added(**given: Any) -> Line:
    """A line, with the yes to it that an approved charge needs."""
    try:
        return charging.add_line(**given)
    except Refused as refused:
        if refused.code != "line-not-approved":
            raise
        return charging.add_line(**given, approved=refused.facts["total"])


def owed(at: Office, who: Person) -> Charge:
    """A visit of yesterday that nobody has paid."""
    mona, thing = at.staff(Role.SECRETARY), new_id()
    if not Confirmation.objects.filter(practice=at.practice).exists():
        story.load(managers=[at.staff(Role.MANAGER)], today=local_day(NOW), now=NOW)
    proposing.complete(
        actor=mona, object_id=thing, patient_id=who.pk, practice_id=at.practice.pk, service=Service.ATTENDANCE,
        clinician_id=at.doctor.pk, at=NOW - timedelta(days=1), now=NOW,
    )  # fmt: skip
    return charging.approve(actor=mona, charge_id=Charge.objects.get(object_id=thing).pk, now=NOW)


def told() -> None:
    """Everybody has got the notice that there is something to pay."""
    Notification.objects.filter(event="charge.approved").update(status=Status.SENT)


def charged(at: Office, who: Person) -> Charge:
    """A visit of yesterday: approved, with a line that was countered, partly paid, and the rest sent as an invoice, of
    which something is taken off. She has had a card since today."""
    mona, charge = at.staff(Role.SECRETARY), owed(at, who)
    line = added(actor=mona, charge_id=charge.pk, code="10b", now=NOW)
    charging.correct(actor=mona, charge_id=charge.pk, line_id=line.pk, reason="Ble ikke brukt", now=NOW)
    paying.pay(actor=mona, charge_id=charge.pk, way=Way.CARD, ore=10_000, key=new_id(), now=NOW)
    more = added(actor=mona, charge_id=charge.pk, code="10a", now=NOW)
    billing.invoice(actor=mona, charge_id=charge.pk, now=NOW)
    charging.correct(actor=mona, charge_id=charge.pk, line_id=more.pk, reason="Ble ikke brukt", now=NOW)
    ExemptionCard.objects.create(patient=who, year=NOW.year, from_date=local_day(NOW), told_at=NOW)
    return charge
