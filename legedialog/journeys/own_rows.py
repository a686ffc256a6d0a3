"""Everything the service keeps about one citizen, read once for both files."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.access.models import Login
from legedialog.appointments.models import Appointment, ExternalAppointment, TimeRequest
from legedialog.attachments import queries as attachments
from legedialog.attachments.queries import Attachment
from legedialog.audit.models import Event
from legedialog.consent.models import Consent
from legedialog.core.times import local_day
from legedialog.dialogues.models import Draft, Message
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Status
from legedialog.patients import queries as patients
from legedialog.patients.models import Person
from legedialog.patients.queries import ListPlace
from legedialog.practices.models import Employee, Practice
from legedialog.prescriptions.models import Item, Prescription
from legedialog.video.models import DeviceTest, Seat


@dataclass(frozen=True, slots=True)
class Rows:
    """Oldest first. `names` knows the offices and employees that the log names by id."""

    person: Person
    lists: list[ListPlace]
    consents: list[Consent]
    appointments: list[Appointment]
    elsewhere: list[ExternalAppointment]
    requests: list[TimeRequest]
    prescriptions: list[Prescription]
    renewals: list[Item]
    dialogues: list[Message]
    drafts: list[Draft]
    journal: list[Entry]
    files: list[Attachment]  # of the messages and the entries, as received
    video: list[Seat]
    device_tests: list[DeviceTest]
    notices: list[Notification]
    logins: list[Login]
    log: list[Event]
    names: dict[UUID, str]


def gather(actor: Actor, person: Person, now: datetime) -> Rows:
    """Twenty queries at most, whatever there is. The actor is she herself."""
    dialogues, journal = messages(person), entries(person)
    log = list(Event.objects.filter(patient_id=person.pk).order_by("at", "pk"))
    offices = Practice.objects.filter(pk__in={row.practice_id for row in log if row.practice_id})
    staff = Employee.objects.filter(pk__in={row.employee_id for row in log if row.employee_id})
    return Rows(
        person=person,
        lists=list(reversed(patients.memberships(actor, person.pk, local_day(now)))),
        consents=list(Consent.objects.filter(person=person).order_by("starts_at", "pk")),
        appointments=list(
            Appointment.objects.filter(patient=person)
            .select_related("practice", "calendar__clinician", "visit_type")
            .order_by("starts_at", "pk")
        ),
        elsewhere=list(
            ExternalAppointment.objects.filter(patient=person).select_related("source").order_by("starts_at", "pk")
        ),
        requests=list(
            TimeRequest.objects.filter(patient=person).select_related("practice", "clinician").order_by("sent_at", "pk")
        ),
        prescriptions=list(
            Prescription.objects.filter(patient=person).prefetch_related("collected").order_by("written_date", "pk")
        ),
        renewals=list(
            Item.objects.filter(patient=person)
            .select_related("renewal__practice", "prescription", "clinician")
            .order_by("renewal__sent_at", "pk")
        ),
        dialogues=dialogues,
        drafts=list(Draft.objects.filter(owner=person, patient=person).order_by("saved_at", "pk")),
        journal=journal,
        files=files_of(dialogues, journal),
        video=list(
            Seat.objects.filter(person=person)
            .select_related("room__appointment__calendar__clinician", "room__practice")
            .order_by("entered_at", "pk")
        ),
        device_tests=list(DeviceTest.objects.filter(person=person)),
        notices=list(Notification.objects.filter(recipient=person, status=Status.SENT).order_by("status_at", "pk")),
        logins=list(Login.objects.filter(person=person).order_by("created_at", "pk")),
        log=log,
        names=dict(offices.values_list("pk", "name")) | dict(staff.values_list("pk", "name")),
    )


def messages(person: Person) -> list[Message]:
    rows = Message.objects.filter(dialogue__patient=person)
    return list(rows.select_related("dialogue__practice", "by_person", "by_employee").order_by("at", "pk"))


def entries(person: Person) -> list[Entry]:
    rows = Entry.objects.filter(patient=person)
    return list(rows.select_related("practice", "by_person", "by_employee").order_by("at", "pk"))


def files_of(dialogues: list[Message], journal: list[Entry]) -> list[Attachment]:
    """What either side sent with them. Files that are not sent yet are drafts, and go by themselves. One query."""
    found = attachments.of({row.pk for row in dialogues} | {row.object_id for row in journal})
    return sorted((each for files in found.values() for each in files), key=lambda each: (each.received_at, each.pk))
