"""What is asked of a colleague: for whom, from where, and until when."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Role
from legedialog.core.errors import Refusal

TEXT_LENGTH = 500
LONGEST = timedelta(days=730)  # until its date
KEPT = timedelta(days=365)  # one that is about nobody, after it was done


class Group(TextChoices):
    """Those who may be asked together."""

    SECRETARIES = "secretary"
    DOCTORS = "doctor"
    MANAGER = "manager"


GROUPS: dict[Role, Group] = {
    Role.SECRETARY: Group.SECRETARIES,
    Role.DOCTOR: Group.DOCTORS,
    Role.SUBSTITUTE: Group.DOCTORS,
    Role.MANAGER: Group.MANAGER,
}


class Source(TextChoices):
    """Where it was written from."""

    PATIENT = "patient"
    DIALOGUE = "dialogue"
    APPOINTMENT = "appointment"


class To(NamedTuple):
    """A colleague, or all of a role: one of the two."""

    employee_id: UUID | None = None
    group: str = ""


class About(NamedTuple):
    """`patient_id` None: about nobody. `source_id` is a dialogue's or an appointment's."""

    patient_id: UUID | None = None
    source: str = ""
    source_id: UUID | None = None


def date_refusal(due_date: date, today: date) -> Refusal | None:
    if due_date < today:
        return PAST
    if due_date > today + LONGEST:
        return FAR
    return None


PAST = Refusal(code="errand-past", to_patient=_("Datoen har vært. Velg en dag fra i dag av."))
FAR = Refusal(code="errand-far", to_patient=_("Datoen er mer enn to år fram. Velg en tidligere dag."))
NOT_HERE = Refusal(
    code="errand-nobody",
    to_patient=_("Den du valgte, arbeider ikke ved kontoret lenger. Velg en annen."),
)
NOT_FOR_MANAGER = Refusal(
    code="errand-not-for-manager",
    to_patient=_("Lederen arbeider ikke med pasienter. Gi oppgaver om pasienter til en lege eller en helsesekretær."),
)
DONE_ALREADY = Refusal(code="errand-done", to_patient=_("Oppgaven er alt gjort."))
NOT_DONE = Refusal(code="errand-not-done", to_patient=_("Oppgaven er åpen."))
