"""Who says and sees that an interpreter is needed: the patient, whoever may book for her, and those at her office who
work with patients."""

from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from legedialog.access.actor import Actor, Role
from legedialog.appointments import policy as appointments
from legedialog.appointments.models import Appointment
from legedialog.core.errors import Denied
from legedialog.core.finding import found
from legedialog.interpreters.models import Need, Order
from legedialog.patients import policy as patients
from legedialog.patients.representation import Area

ROLES = frozenset({Role.DOCTOR, Role.SUBSTITUTE, Role.SECRETARY})


def cares(actor: Actor) -> bool:
    return actor.is_staff and actor.role in ROLES


def speaks_for(actor: Actor, patient_id: UUID) -> bool:
    """Who may book for her: she herself from 16, and who acts for her in that."""
    return actor.is_citizen and patient_id in actor.patients and actor.opens(Area.BOOKING)


def _seen_by(actor: Actor) -> list[UUID]:
    """The patients of a citizen: she sees her own whatever her age."""
    return [each for each in actor.patients if not actor.acts_for_another or speaks_for(actor, each)]


def visible_to(actor: Actor, today: date) -> QuerySet[Need]:
    """At the office of those on its lists today, as their telephone numbers are."""
    if actor.is_citizen:
        return Need.objects.filter(patient__in=_seen_by(actor))
    if cares(actor):
        return Need.objects.filter(Exists(patients.visible_to(actor, today).filter(pk=OuterRef("patient"))))
    return Need.objects.none()


def check_say(actor: Actor, patient_id: UUID, today: date) -> None:
    """Raises NotFound for a patient who is not hers, or Denied."""
    patients.find(actor, patient_id, today)
    if not (speaks_for(actor, patient_id) or cares(actor)):
        raise Denied


def orders_visible_to(actor: Actor) -> QuerySet[Order]:
    """The office's own, and the patient's in her own data."""
    if actor.is_citizen:
        return Order.objects.filter(patient__in=_seen_by(actor))
    return Order.objects.filter(practice__in=actor.practices) if cares(actor) else Order.objects.none()


def find_order(actor: Actor, order_id: UUID, *, lock: bool = False) -> Order:
    """For the office. Raises NotFound."""
    rows = orders_visible_to(actor) if actor.is_staff else Order.objects.none()
    return found(rows, order_id, lock=lock)


def find_appointment(actor: Actor, appointment_id: UUID) -> Appointment:
    """The office's, for those who work with patients. Raises NotFound, or Denied."""
    if not actor.is_staff:
        raise Denied
    appointment = appointments.find(actor, appointment_id)
    if not cares(actor):
        raise Denied
    return appointment
