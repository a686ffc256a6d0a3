"""Whether what is told of an appointment, a wish or an offer is still true, and the words. See journeys/telling.py."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from legedialog.appointments import rules
from legedialog.appointments.models import (
    Appointment,
    CancelledBy,
    ExternalAppointment,
    OfferStatus,
    Recall,
    RecallStatus,
    RequestStatus,
    Status,
    TimeOffer,
    TimeRequest,
    Wait,
)
from legedialog.core.contexts import Subject
from legedialog.core.times import local_day
from legedialog.outbox.rules import Reason, Skip, Told, Words
from legedialog.ui.dates import long_datetime
from legedialog.visibility.rules import OWN, Content

EARLY = timedelta(minutes=5)  # how much too early a reminder may be; more means that the appointment was moved


def _appointments(ids: Collection[UUID]) -> dict[UUID, Any]:
    rows = Appointment.objects.annotate(was_wished=Exists(TimeRequest.objects.filter(appointment=OuterRef("pk"))))
    named = (
        "status",
        "starts_at",
        "ends_at",
        "cancelled_by",
        "booked_by_person",
        "restriction",
        "changes",
        "moved_from_at",
        "offers_new",
    )
    return rows.only(*named).in_bulk(ids)  # nothing else is read, so nothing else is unsealed


def _externals(ids: Collection[UUID]) -> dict[UUID, ExternalAppointment]:
    rows = ExternalAppointment.objects.select_related("source")
    return rows.only("status", "sequence", "starts_at", "source__kind").in_bulk(ids)


APPOINTMENT = Subject(
    rows=_appointments,
    content=Content.APPOINTMENT,
    restriction=lambda row: row.restriction,
    asked_by=lambda row: row.booked_by_person_id,
)
WISH = Subject(
    rows=lambda ids: TimeRequest.objects.only("status", "sent_by", "rounds").in_bulk(ids),
    content=Content.WISH,
    asked_by=lambda row: row.sent_by_id,
)
OFFER = Subject(
    rows=lambda ids: TimeOffer.objects.select_related("wait__appointment").in_bulk(ids),
    content=Content.APPOINTMENT,
    restriction=lambda row: row.wait.appointment.restriction,
    asked_by=lambda row: row.wait.asked_by_id,
)
WAIT = Subject(
    rows=lambda ids: Wait.objects.select_related("appointment").in_bulk(ids),
    content=Content.APPOINTMENT,
    restriction=lambda row: row.appointment.restriction,
    asked_by=lambda row: row.asked_by_id,
)
RECALL = Subject(rows=lambda ids: Recall.objects.only("status", "last_date").in_bulk(ids), content=Content.APPOINTMENT)
EXTERNAL = Subject(rows=_externals)


def area_of(row: ExternalAppointment) -> str:
    return OWN[Content(row.source.kind)].proxy or ""


def booked(row: Any, told: Told, now: datetime) -> Words | Skip:
    if why := _not_coming(row, now):
        return why
    return Words(
        _("Du har fått time %(time)s. Logg inn på Legedialog for å se hvor.") % {"time": _time(row, now)},
        about_at=row.starts_at,
        without_login=_("Du har fått time %(time)s. Ring legekontoret hvis du må endre den.")
        % {"time": _time(row, now)},
        # The office gave the time as the answer to a wish. When it books otherwise, it talks with the patient.
        office_tells=row.was_wished and row.booked_by_person_id is None,
    )


def moved(row: Any, told: Told, now: datetime) -> Words | Skip:
    """The latest move alone, and nothing when it stands where it stood."""
    if why := _not_coming(row, now):
        return why
    if told.sequence != row.changes or row.moved_from_at == row.starts_at:
        return Skip(Reason.CHANGED)
    since = long_datetime(row.moved_from_at, today=local_day(now))
    return Words(
        _("Timen din er flyttet fra %(from)s til %(to)s. Logg inn på Legedialog for å se hvor.")
        % {"from": since, "to": _time(row, now)},
        about_at=row.starts_at,
        office_tells=True,
        without_login=_("Timen din er flyttet fra %(from)s til %(to)s. Ring legekontoret hvis den ikke passer.")
        % {"from": since, "to": _time(row, now)},
    )


def changed(row: Any, told: Told, now: datetime) -> Words | Skip:
    """The same time, but by another doctor, of another kind, or met in another way."""
    if why := _not_coming(row, now):
        return why
    if told.sequence != row.changes:
        return Skip(Reason.CHANGED)
    return Words(
        _("Timen din %(time)s er endret. Logg inn på Legedialog for å se hva som er nytt.") % {"time": _time(row, now)},
        about_at=row.starts_at,
        office_tells=True,
        without_login=_("Timen din %(time)s er endret. Ring legekontoret for å få vite hva som er nytt.")
        % {"time": _time(row, now)},
    )


def reminder(row: Appointment, told: Told, now: datetime) -> Words | Skip:
    if why := _not_coming(row, now):
        return why
    if told.sequence != row.changes or row.starts_at - now > rules.REMIND + EARLY:
        return Skip(Reason.CHANGED)
    return Words(
        _("Husk timen din %(time)s. Logg inn på Legedialog for å se hvor og hva du må ha klart, eller avbestille.")
        % {"time": _time(row, now)},
        about_at=row.starts_at,
        without_login=_("Husk timen din %(time)s. Ring legekontoret hvis du ikke kan komme.")
        % {"time": _time(row, now)},
    )


def cancelled(row: Appointment, told: Told, now: datetime) -> Words | Skip:
    if row.status != Status.CANCELLED:
        return Skip(Reason.CHANGED)
    if row.starts_at <= now:
        return Skip(Reason.OVER)
    by_office = row.cancelled_by == CancelledBy.PRACTICE
    if row.offers_new:
        text = _("Timen din %(time)s er avlyst. Logg inn på Legedialog for å velge en ny blant dem som er ledige.")
    elif by_office:
        text = _("Timen din %(time)s er avlyst. Logg inn på Legedialog for å bestille en ny.")
    else:
        text = _("Timen din %(time)s er avbestilt.")
    outside = _("Timen din %(time)s er avlyst. Ring legekontoret for å få en ny.") if by_office else text
    time = {"time": _time(row, now)}
    return Words(text % time, about_at=row.starts_at, office_tells=by_office, without_login=outside % time)


def refused(row: TimeRequest, told: Told, now: datetime) -> Words | Skip:
    if row.status != RequestStatus.REFUSED:
        return Skip(Reason.CHANGED)
    return Words(_("Du har fått svar på timeønsket ditt. Logg inn på Legedialog for å lese det."), office_tells=True)


def proposed(row: TimeRequest, told: Told, now: datetime) -> Words | Skip:
    """The latest times alone, and nothing when she has chosen or they are over."""
    if row.status != RequestStatus.PROPOSED or told.sequence != row.rounds:
        return Skip(Reason.CHANGED)
    if not row.proposed.filter(round=row.rounds, starts_at__gt=now).exists():
        return Skip(Reason.OVER)
    return Words(_("Du kan velge mellom tider til timen du ba om. Logg inn på Legedialog og velg."), office_tells=True)


def offered(row: TimeOffer, told: Told, now: datetime) -> Words | Skip:
    """Nothing once it is answered, and too late when she could not answer any more."""
    if row.status != OfferStatus.OPEN:
        return Skip(Reason.CHANGED)
    if row.answer_by <= now:
        return Skip(Reason.OVER)
    today = local_day(now)
    text = _("Du kan få en tidligere time: %(time)s. Logg inn på Legedialog og svar innen %(by)s.")
    words = {"time": long_datetime(row.starts_at, today=today), "by": long_datetime(row.answer_by, today=today)}
    return Words(text % words, about_at=row.starts_at)


def taken_off(row: Wait, told: Told, now: datetime) -> Words | Skip:
    if row.appointment.starts_at <= now:
        return Skip(Reason.OVER)
    return Words(
        _("Legekontoret har tatt deg av ventelisten for tidligere time. Timen din står som før."), office_tells=True
    )


def silent(row: Wait, told: Told, now: datetime) -> Words | Skip:
    """Who has not answered several times: perhaps she never reads them."""
    if row.appointment.starts_at <= now:
        return Skip(Reason.OVER)
    return Words(
        _("Du svarte ikke på tilbud om tidligere time, så du står ikke på ventelisten lenger. Timen din står som før.")
    )


def recalled(row: Recall, told: Told, now: datetime) -> Words | Skip:
    if why := _not_asked(row, now):
        return why
    return Words(_("Legekontoret ber deg bestille time. Logg inn på Legedialog for å bestille."), office_tells=True)


def recalled_again(row: Recall, told: Told, now: datetime) -> Words | Skip:
    if why := _not_asked(row, now):
        return why
    text = _("Legekontoret venter på at du bestiller time. Logg inn på Legedialog for å bestille eller takke nei.")
    return Words(text)


def _not_asked(row: Recall, now: datetime) -> Skip | None:
    if row.status != RecallStatus.ASKED:
        return Skip(Reason.CHANGED)
    return Skip(Reason.OVER) if row.last_date < local_day(now) else None


def external(row: ExternalAppointment, told: Told, now: datetime) -> Words | Skip:
    """The source tells the patient in its own ways too, so nobody here is asked to call her."""
    if row.sequence != told.sequence:
        return Skip(Reason.CHANGED)
    if row.starts_at <= now or row.status in (Status.COMPLETED, Status.NO_SHOW):
        return Skip(Reason.OVER)
    if row.status == Status.CANCELLED:
        text = _("En av timene dine er avlyst. Logg inn på Legedialog for å se hvilken.")
    else:
        text = _("Du har en ny eller endret time. Logg inn på Legedialog for å se den.")
    return Words(text, about_at=row.starts_at)


def _not_coming(row: Appointment, now: datetime) -> Skip | None:
    if row.status == Status.CANCELLED:
        return Skip(Reason.CANCELLED)
    if row.status != Status.BOOKED or row.starts_at <= now:
        return Skip(Reason.OVER)
    return None


def _time(row: Appointment, now: datetime) -> str:
    return long_datetime(row.starts_at, today=local_day(now))
