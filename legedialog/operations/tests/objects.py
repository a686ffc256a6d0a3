"""What stands in the addresses: for each parameter the rows it names, and whose they are.

A new address with a parameter of another name needs a line in OBJECTS; test_permissions.py says so. The rows are the
demo's, so a new context's objects are there when its part of the demo is.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q

from legedialog.core.ids import new_id


@dataclass(frozen=True, slots=True)
class Object:
    """`patient` and `practice` are lookups from the row to whose it is; several, separated by spaces, when more than
    one may hold it. A row is a visitor's own when she is one of them, and foreign otherwise.

    `clinician` is the lookup to the doctor where doctors may only their own. `states` narrows to rows of one kind.
    """

    model: str
    patient: str = ""
    practice: str = ""
    clinician: str = ""
    states: tuple[tuple[str, object], ...] = ()

    def own(self, patient_id: UUID | None, practice_id: UUID | None, clinician_id: UUID | None) -> UUID | None:
        mine = self._mine(patient_id, practice_id)
        if mine and self.clinician and clinician_id:
            mine &= Q((self.clinician, clinician_id))
        return self._first(self._rows().filter(mine)) if mine else None

    def foreign(self, patient_id: UUID | None, practice_id: UUID | None, clinician_id: UUID | None) -> UUID | None:
        mine = self._mine(patient_id, practice_id)
        ours = self._rows().filter(mine).values("pk")
        return self._first(self._rows().exclude(pk__in=ours)) if mine else None

    def _rows(self) -> Any:
        return apps.get_model(self.model)._default_manager.filter(*(Q(each) for each in self.states)).order_by("-pk")

    def _first(self, rows: Any) -> UUID | None:
        found: UUID | None = rows.values_list("pk", flat=True).first()
        return found

    def _mine(self, patient_id: UUID | None, practice_id: UUID | None) -> Q:
        mine = Q()
        for lookups, value in ((self.patient, patient_id), (self.practice, practice_id)):
            for lookup in lookups.split() if value else ():
                mine |= Q((lookup, value))
        return mine


@dataclass(frozen=True, slots=True)
class Word:
    """A parameter that is no id: always this."""

    value: str


# A visit on video with a room that opens.
VIDEO = Object(
    "appointments.Appointment",
    patient="patient",
    practice="practice",
    states=(("channel", "video"), ("status__in", ("booked", "arrived")), ("room__guests__isnull", False)),
)

# What everybody at an office sees, and what may still be done.
CONTACT = (("kind", "contact"), ("status", "delivered"))

# By the parameter's name, or by "route parameter" where the name means something else there.
OBJECTS: dict[str, Object | Word] = {
    "assignment_id": Object("patients.Assignment", patient="relative", practice="practice"),
    "absence_id": Object("practices.Absence", practice="practice", clinician="clinician"),
    "allowance_id": Object("prescriptions.Allowance", practice="practice", clinician="clinician"),
    "appointment_id": Object("appointments.Appointment", patient="patient", practice="practice"),
    "attachment_id": Object(
        "attachments.Attachment", patient="by_person", practice="by_employee__practice", states=(("object_id", None),)
    ),
    "dialogues:attachment attachment_id": Object(
        "attachments.Attachment",
        patient="patient",
        practice="practice",
        states=(("object_id__isnull", False), ("by_person__isnull", False)),  # of a message, not of a note
    ),
    "slug": Word("kontakt"),
    "block_id": Object("appointments.Block", practice="calendar__practice", clinician="calendar__clinician"),
    "calendar_id": Object("appointments.Calendar", practice="practice", clinician="clinician"),
    "claim_id": Object("appointments.Claim", practice="calendar__practice", states=(("kind", "block"),)),
    "clinician_id": Object("practices.Clinician", practice="employments__practice", clinician="pk"),
    "concern_id": Object("audit.Concern", patient="patient_id", practice="practice_id"),
    "code": Word("other"),
    "dialogue_id": Object("dialogues.Dialogue", patient="patient", practice="practice", states=CONTACT),
    "external_id": Object("appointments.ExternalAppointment", patient="patient"),
    "entry_id": Object("journal.Entry", practice="practice"),
    "workspace:dialogue-attachment attachment_id": Object(
        "attachments.Attachment",
        practice="practice",
        states=(("object_id__isnull", False), ("by_person__isnull", False)),  # the demo's last: with a contact
    ),
    "workspace:journal-attachment attachment_id": Object(
        "attachments.Attachment", practice="practice", states=(("object_id__isnull", False),)
    ),
    "event_id": Object("audit.Event", patient="patient_id"),
    "file": Word("pdf"),
    "form_id": Object("access.KeptForm", patient="login__person", practice="login__employee__practice"),
    "identifier": Word("urn-1"),
    "guest_id": Object("video.Guest", patient="room__appointment__patient", practice="practice"),
    "kind": Word("contact"),
    "login_id": Object("access.Login", patient="person"),
    "name": Word("idporten"),
    "notification_id": Object("outbox.Notification", practice="practice"),
    "patient_id": Object("patients.Person", practice="memberships__contract__practice"),
    "workspace:assigned patient_id": Object(
        "patients.Person",
        practice="memberships__contract__practice",
        clinician="memberships__contract__doctors__clinician",
    ),
    "power_id": Object("patients.PowerOfAttorney", patient="giver receiver"),
    "prescription_id": Object(
        "prescriptions.Prescription", patient="patient", practice="practice patient__memberships__contract__practice"
    ),
    "renewal_id": Object("prescriptions.Renewal", patient="patient", practice="practice"),
    "request_id": Object("appointments.TimeRequest", patient="patient", practice="practice"),
    "rest": Word("Patient"),
    "seat_id": Object("video.Seat", patient="person", practice="practice"),
    "service": Word("book"),
    "template_id": Object("dialogues.Template", practice="practice"),
    "token": Word("a" * 43),
    "visit_type_id": Object("appointments.VisitType", practice="practice"),
}


def of(route: str, parameter: str) -> Object | Word | None:
    if parameter == "appointment_id" and route.startswith(("video:", "workspace:video")):
        return VIDEO
    return OBJECTS.get(f"{route} {parameter}") or OBJECTS.get(parameter)


def unknown_id() -> UUID:
    return new_id()
