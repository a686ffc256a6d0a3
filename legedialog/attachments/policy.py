"""Whose uploads are whose until they are attached. After that, the context that attached them decides who may see."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.attachments.models import Attachment
from legedialog.core.errors import Denied, NotFound
from legedialog.core.finding import found
from legedialog.patients.representation import Area

SENDS = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})


def check_receive(actor: Actor, practice_id: UUID, patient_id: UUID) -> None:
    """Whoever may write for the patient, and those at the office who work with patients."""
    if actor.is_citizen and patient_id in actor.patients:
        if not actor.opens(Area.MESSAGES):
            raise Denied(_("Du kan ikke sende filer for denne personen. Ring legekontoret."))
        return
    if actor.is_staff and practice_id in actor.practices:
        if actor.role not in SENDS:
            raise Denied(_("Bare de som arbeider med pasienter, kan sende filer til dem."))
        return
    raise NotFound


def own(actor: Actor) -> QuerySet[Attachment]:
    """What she has uploaded herself, for those whose affairs she handles now."""
    if actor.is_citizen and actor.person_id:
        return Attachment.objects.filter(by_person=actor.person_id, patient__in=actor.patients)
    if actor.is_staff and actor.employee_id:
        return Attachment.objects.filter(by_employee=actor.employee_id, practice__in=actor.practices)
    return Attachment.objects.none()


def waiting(actor: Actor) -> QuerySet[Attachment]:
    """Hers that are attached to nothing yet. Nobody else sees them."""
    return own(actor).filter(object_id=None)


def find_waiting(actor: Actor, attachment_id: UUID) -> Attachment:
    return found(waiting(actor), attachment_id)


def attachable(actor: Actor, practice_id: UUID, patient_id: UUID, object_id: UUID) -> QuerySet[Attachment]:
    """Her own for this patient and office that wait, or that a first try has attached to the same object."""
    return own(actor).filter(Q(object_id=None) | Q(object_id=object_id), practice=practice_id, patient=patient_id)
