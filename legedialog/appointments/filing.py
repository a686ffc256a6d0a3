"""What of appointments and requests goes into the patient's record, in its words (bokmål). Called by the services."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation

from legedialog.access.actor import Actor
from legedialog.appointments.models import Appointment, Recall, RecallStatus, RequestStatus, Status, TimeRequest
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType, Kind
from legedialog.journal.services import Filing, Made
from legedialog.ui.dates import long_date, long_datetime
from legedialog.visibility.rules import Content

STATUSES = {
    Status.BOOKED: "Time satt tilbake til bestilt",
    Status.ARRIVED: "Kom til timen",
    Status.COMPLETED: "Time fullført",
    Status.NO_SHOW: "Møtte ikke til timen",
}
ANSWERS = {
    RequestStatus.PROPOSED: "Timeønske besvart med tider å velge mellom",
    RequestStatus.ACCEPTED: "Valgte en av tidene etter timeønsket",
    RequestStatus.ASSIGNED: "Timeønske besvart med en time",
    RequestStatus.REFUSED: "Timeønske besvart uten time",
    RequestStatus.DECLINED: "Takket nei til timen etter timeønsket",
    RequestStatus.WITHDRAWN: "Timeønske trukket tilbake",
    RequestStatus.ENDED: "Timeønske avsluttet: pasienten er registrert død",
    RequestStatus.SENT: "Timeønske åpnet igjen: dødsfallet var en feil",
}
RECALLS = {
    RecallStatus.DECLINED: "Takket nei til å bestille time",
    RecallStatus.STOPPED: "Bes ikke lenger om å bestille time",
    RecallStatus.OVER: "Bestilte ikke time etter innkallingen",
}
NONE_SUITED = "Ingen av tidene etter timeønsket passet"


def booked(actor: Actor, appointment: Appointment, now: datetime) -> None:
    _appointment(actor, appointment, "Time bestilt", appointment.reason, now, sequence=0)


def cancelled(actor: Actor, appointment: Appointment, now: datetime) -> None:
    words = "Time avbestilt for sent" if appointment.is_late else "Time avbestilt"
    _appointment(actor, appointment, words, appointment.cancel_note, now)


def moved(actor: Actor, appointment: Appointment, now: datetime) -> None:
    _appointment(actor, appointment, STATUSES[Status(appointment.status)], "", now)


def rescheduled(actor: Actor, appointment: Appointment, before: datetime, now: datetime) -> None:
    with translation.override("nb"):
        since = long_datetime(before)
    _appointment(actor, appointment, f"Time flyttet fra {since}", appointment.reason, now)


def changed(actor: Actor, appointment: Appointment, kind_before: str, now: datetime) -> None:
    was = f" (var {kind_before})" if kind_before != appointment.visit_type.name else ""
    _appointment(actor, appointment, f"Time endret{was}", appointment.reason, now)


def answered(actor: Actor, request: TimeRequest, now: datetime, *, title: str = "", said: str = "") -> None:
    """The wish with its answer, so that the record tells both. `said` is what else was, such as the times to choose."""
    time = request.appointment  # what it was answered with: hidden with it
    words = [request.wishes, f"Svar: {request.answer}" if request.answer else "", said]
    journal.file(
        actor,
        Kind.DECISION,
        request.pk,
        patient_id=request.patient_id,
        practice_id=request.practice_id,
        contact_type=ContactType.ADMINISTRATION,
        title=title or ANSWERS[RequestStatus(request.status)],
        text="\n\n".join(filter(None, words)),
        made_of=Made(Content.WISH, time.pk, time.restriction) if time else Made(Content.WISH, request.pk),
        sequence=journal.NEXT,
        at=now,
    )


def _appointment(
    actor: Actor, appointment: Appointment, words: str, text: str, now: datetime, *, sequence: int = journal.NEXT
) -> None:
    with translation.override("nb"):
        when = long_datetime(appointment.starts_at)
    journal.file(
        actor,
        Kind.BOOKING,
        appointment.pk,
        patient_id=appointment.patient_id,
        practice_id=appointment.practice_id,
        contact_type=ContactType(appointment.channel),
        title=f"{words}: {appointment.visit_type.name} {when} hos {appointment.calendar.clinician.name}",
        text=text,
        made_of=Made(Content.REASON, appointment.pk, appointment.restriction),
        sequence=sequence,
        at=now,
    )


def recalled(actor: Actor, asked: Sequence[Recall], now: datetime) -> None:
    with translation.override("nb"):
        filings = [
            _recall(row, f"Bedt om å bestille time mellom {long_date(row.first_date)} og {long_date(row.last_date)}")
            for row in asked
        ]
    if asked:
        contact_type = ContactType.ADMINISTRATION
        journal.file_many(actor, filings, practice_id=asked[0].practice_id, contact_type=contact_type, at=now)


def recall_ended(actor: Actor, recall: Recall, now: datetime) -> None:
    filings = [_recall(recall, RECALLS[RecallStatus(recall.status)], sequence=1)]
    contact_type = ContactType.ADMINISTRATION
    journal.file_many(actor, filings, practice_id=recall.practice_id, contact_type=contact_type, at=now)


def _recall(recall: Recall, words: str, *, sequence: int = 0) -> Filing:
    made_of = Made(Content.REASON, recall.pk)
    title = f"{words}: {recall.visit_type.name}"
    return Filing(Kind.BOOKING, recall.pk, recall.patient_id, made_of, title, sequence=sequence)
