"""Everything the service keeps about one citizen, read once for both files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor, Kind
from legedialog.access.models import Login
from legedialog.appointments import policy as times
from legedialog.appointments.models import Appointment, ExternalAppointment, TimeRequest
from legedialog.attachments.queries import Attachment
from legedialog.audit import policy as audit
from legedialog.audit.models import Event
from legedialog.consent import acting
from legedialog.consent.models import Consent
from legedialog.core import contexts
from legedialog.core.contexts import Own
from legedialog.core.times import local_day
from legedialog.dialogues import policy as writing
from legedialog.dialogues.models import Draft, Message
from legedialog.journal import policy as record
from legedialog.journal.models import Entry
from legedialog.journal.queries import files_of as filed
from legedialog.outbox.models import Notification
from legedialog.outbox.queries import WENT_OUT
from legedialog.patients import queries as patients
from legedialog.patients.models import Person
from legedialog.patients.queries import ListPlace
from legedialog.patients.representation import HEALTH_MAJORITY
from legedialog.patients.rules import age_on
from legedialog.practices.models import Employee, Practice
from legedialog.prescriptions import policy as medicines
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
    parts: list[tuple[Own, Sequence[Any]]]  # what the contexts say themselves: `own` in their about.py


def gather(actor: Actor, person: Person, now: datetime) -> Rows:
    """Twenty queries and one for each part at most, whatever there is. The actor is what `reader` says of her."""
    today = local_day(now)
    dialogues, journal = messages(actor, person), entries(actor, person)
    appointments = times.visible_to(actor)
    kinds = times.source_kinds(actor)
    known = replace(actor, former_ids=frozenset(person.former_ids))  # by the numbers she had before
    log = list(audit.own(known).order_by("at", "pk"))
    offices = Practice.objects.filter(pk__in={row.practice_id for row in log if row.practice_id})
    staff = Employee.objects.filter(pk__in={row.employee_id for row in log if row.employee_id})
    return Rows(
        person=person,
        lists=list(reversed(patients.memberships(actor, person.pk, today))),
        consents=list(Consent.objects.filter(person=person).order_by("starts_at", "pk")),
        appointments=visits(actor, person),
        elsewhere=list(
            ExternalAppointment.objects.filter(patient=person, source__kind__in=kinds)
            .select_related("source")
            .order_by("starts_at", "pk")
        ),
        requests=list(
            times.requests_visible_to(actor)
            .filter(patient=person)
            .select_related("practice", "clinician")
            .order_by("sent_at", "pk")
        ),
        prescriptions=list(
            medicines.visible_to(actor, today)
            .filter(patient=person)
            .prefetch_related("collected")
            .order_by("written_date", "pk")
        ),
        renewals=list(
            medicines.items_visible_to(actor)
            .filter(patient=person)
            .select_related("renewal__practice", "prescription", "clinician")
            .order_by("renewal__sent_at", "pk")
        ),
        dialogues=dialogues,
        drafts=list(Draft.objects.filter(owner=person, patient=person).order_by("saved_at", "pk")),
        journal=journal,
        files=files_of(dialogues, journal),
        video=list(
            Seat.objects.filter(person=person, room__appointment__in=appointments.values("pk"))
            .select_related("room__appointment__calendar__clinician", "room__practice")
            .order_by("entered_at", "pk")
        ),
        device_tests=list(DeviceTest.objects.filter(person=person)),
        notices=list(Notification.objects.filter(recipient=person, status__in=WENT_OUT).order_by("status_at", "pk")),
        logins=list(Login.objects.filter(person=person).order_by("created_at", "pk")),
        log=log,
        names=dict(offices.values_list("pk", "name")) | dict(staff.values_list("pk", "name")),
        parts=[(part, part.rows(actor, person.pk, now)) for part in contexts.own()],
    )


def visits(actor: Actor, person: Person) -> list[Appointment]:
    """With what each is about, where that is hers to read."""
    rows = times.visible_to(actor).filter(patient=person)
    found = list(rows.select_related("practice", "calendar__clinician", "visit_type").order_by("starts_at", "pk"))
    for row in found:
        if not times.reads_reason(actor, row):
            row.reason = row.cancel_note = ""
    return found


def reader(person: Person, now: datetime) -> Actor:
    """She herself. Under 16 she gets what she may see alone. Source: domain.md 1.1.

    Without youth access that is nothing of the office's; with it, not what is hidden from her (9603), not what a parent
    wrote, and not a hospital's.
    """
    herself = Actor(kind=Kind.CITIZEN, person_id=person.pk, acting_for_id=person.pk, patients=frozenset({person.pk}))
    if age_on(person.birth_date, local_day(now)) >= HEALTH_MAJORITY:
        return herself
    found = acting.standing(person.pk, person.pk, now)
    return acting.narrowed(herself, found) if found else replace(herself, areas=frozenset())


def messages(actor: Actor, person: Person) -> list[Message]:
    rows = writing.messages_visible_to(actor).filter(dialogue__patient=person)
    return list(rows.select_related("dialogue__practice", "by_person", "by_employee").order_by("at", "pk"))


def entries(actor: Actor, person: Person) -> list[Entry]:
    rows = record.own(actor).filter(patient=person)
    return list(rows.select_related("practice", "by_person", "by_employee").order_by("at", "pk"))


def files_of(dialogues: list[Message], journal: list[Entry]) -> list[Attachment]:
    """What either side sent with them. Files that are not sent yet are drafts, and go by themselves. One query."""
    found = filed({row.pk for row in dialogues} | {row.object_id for row in journal})
    return sorted((each for files in found.values() for each in files), key=lambda each: (each.received_at, each.pk))
