"""What appointments says in a citizen's own data: visits at her doctor's and elsewhere, and wishes for a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.appointments import policy
from legedialog.appointments.models import (
    Appointment,
    ExternalAppointment,
    OfferStatus,
    Recall,
    RecallStatus,
    RequestStatus,
    Status,
    TimeOffer,
    TimeRequest,
    Wait,
    WaitStatus,
)
from legedialog.appointments.texts import (
    CHANNELS,
    COARSE_TIMES,
    NOTICES,
    OFFER_STATUSES,
    RECALL_STATUSES,
    REQUEST_STATUSES,
    STATUSES,
    WAIT_STATUSES,
)
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, full
from legedialog.ui import dates

STATES = {
    Status.BOOKED: "booked",
    Status.ARRIVED: "arrived",
    Status.COMPLETED: "fulfilled",
    Status.CANCELLED: "cancelled",
    Status.NO_SHOW: "noshow",
}
ANSWERS = {
    RequestStatus.SENT: "in-progress",
    RequestStatus.PROPOSED: "in-progress",
    RequestStatus.ACCEPTED: "completed",
    RequestStatus.ASSIGNED: "completed",
    RequestStatus.REFUSED: "completed",
    RequestStatus.DECLINED: "completed",
    RequestStatus.WITHDRAWN: "stopped",
    RequestStatus.ENDED: "stopped",
}


RECALLED = {
    RecallStatus.ASKED: "in-progress",
    RecallStatus.BOOKED: "completed",
    RecallStatus.DECLINED: "completed",
    RecallStatus.STOPPED: "stopped",
    RecallStatus.OVER: "stopped",
}
OFFERED = {
    OfferStatus.OPEN: "proposed",
    OfferStatus.ACCEPTED: "booked",
    OfferStatus.REFUSED: "cancelled",
    OfferStatus.LAPSED: "cancelled",
    OfferStatus.WITHDRAWN: "cancelled",
}


def _visits(actor: Actor, person_id: UUID, now: datetime) -> list[Appointment]:
    """With what each is about, where that is hers to read."""
    rows = policy.visible_to(actor).filter(patient=person_id)
    found = list(rows.select_related("practice", "calendar__clinician", "visit_type").order_by("starts_at", "pk"))
    for row in found:
        if not policy.reads_reason(actor, row):
            row.reason = row.cancel_note = ""
    return found


def _visit_line(row: Appointment) -> Sequence[object]:
    return [
        _lines(f"{dates.short_datetime(row.starts_at)}–{dates.clock(row.ends_at)}", _moved(row), _came(row)),
        f"{row.visit_type.label}, {CHANNELS[row.channel].name}\n{_with_whom(row)}",
        STATUSES[row.status][0],
        _lines(row.reason, row.cancel_note),
    ]


def _visit(row: Appointment, me: Resource) -> Resource:
    return {
        "resourceType": "Appointment",
        "id": str(row.pk),
        "status": STATES[Status(row.status)],
        "appointmentType": {"text": row.channel},
        "serviceType": [{"text": row.visit_type.label}],
        "description": row.reason,
        "start": row.starts_at.isoformat(),
        "end": row.ends_at.isoformat(),
        "created": row.booked_at.isoformat(),
        "comment": row.cancel_note,
        "participant": [_taking_part(me), _taking_part({"display": _with_whom(row)})],
        "extension": [
            {"url": f"urn:legedialog:appointment:{name}", "valueDateTime": each.isoformat()}
            for name, each in (("moved-from", row.moved_from_at), ("arrived", row.arrived_at))
            if each
        ],
    }


def _moved(row: Appointment) -> str:
    """Where it stood when she was last told."""
    if row.moved_from_at is None:
        return ""
    return gettext("Flyttet fra %(when)s") % {"when": dates.short_datetime(row.moved_from_at)}


def _came(row: Appointment) -> str:
    if row.arrived_at is None:
        return ""
    return gettext("Kom %(when)s") % {"when": dates.clock(row.arrived_at)}


def _elsewhere(actor: Actor, person_id: UUID, now: datetime) -> list[ExternalAppointment]:
    return list(policy.elsewhere_visible_to(actor).filter(patient=person_id).order_by("starts_at", "pk"))


def _elsewhere_line(row: ExternalAppointment) -> Sequence[object]:
    end = f"–{dates.clock(row.ends_at)}" if row.ends_at else ""
    return [
        f"{dates.short_datetime(row.starts_at)}{end}",
        _lines(row.title, row.place, row.source.name, str(CHANNELS[row.channel].name) if row.channel else ""),
        STATUSES[row.status][0],
        row.instruction,
    ]


def _external(row: ExternalAppointment, me: Resource) -> Resource:
    """R4 wants both a start and an end; a source may leave the end out, and then it is the start."""
    where = ", ".join(filter(None, (row.source.name, row.place)))
    return {
        "resourceType": "Appointment",
        "id": str(row.pk),
        "status": STATES[Status(row.status)],
        "appointmentType": full({"text": row.channel}),
        "description": row.title,
        "start": row.starts_at.isoformat(),
        "end": (row.ends_at or row.starts_at).isoformat(),
        "patientInstruction": row.instruction,
        "participant": [_taking_part(me), _taking_part({"display": where})],
    }


def _wishes(actor: Actor, person_id: UUID, now: datetime) -> list[TimeRequest]:
    rows = policy.requests_visible_to(actor).filter(patient=person_id)
    return list(rows.select_related("practice", "clinician").order_by("sent_at", "pk"))


def _wish_line(row: TimeRequest) -> Sequence[object]:
    times = [str(COARSE_TIMES.get(each, each)) for each in row.coarse_times]
    when_and_how = ", ".join([*times, *(str(CHANNELS[each].name) for each in row.channels)])
    return [
        row.sent_at,
        f"{row.clinician.name}, {row.practice.name}",
        REQUEST_STATUSES[row.status][0],
        _lines(row.wishes, when_and_how, row.answer, row.reply or ""),
    ]


def _wish(row: TimeRequest, me: Resource) -> Resource:
    """The times and ways that it names stand as they are kept: "monday-am telephone"."""
    named = " ".join([*row.coarse_times, *row.channels])
    return {
        "resourceType": "Communication",
        "id": str(row.pk),
        "status": ANSWERS[RequestStatus(row.status)],
        "topic": {"text": "timeønske"},
        "subject": me,
        "sender": me,
        "recipient": [{"display": f"{row.clinician.name}, {row.practice.name}"}],
        "sent": row.sent_at.isoformat(),
        "payload": [{"contentString": text} for text in (row.wishes, named, row.answer, row.reply) if text],
    }


def _waits(actor: Actor, person_id: UUID, now: datetime) -> list[Wait]:
    """With what she was offered."""
    rows = policy.waits_visible_to(actor).filter(patient=person_id).prefetch_related("offers__calendar__clinician")
    return list(rows.select_related("appointment__practice").order_by("asked_at", "pk"))


def _wait_line(row: Wait) -> Sequence[object]:
    times = [str(COARSE_TIMES[each]) for each in row.coarse_times] or [gettext("Når som helst")]
    notice = NOTICES.get(row.notice_minutes, row.notice_minutes)
    offers = (
        f"{dates.short_datetime(each.starts_at)}, {each.calendar.clinician.name}: {OFFER_STATUSES[each.status]}"
        for each in sorted(row.offers.all(), key=lambda each: each.offered_at)
    )
    limits = [", ".join(times), gettext("Tidligst %(notice)s") % {"notice": notice}]
    if row.with_anybody:
        limits.append(gettext("Hvilken som helst lege"))
    return [row.asked_at, _with_whom(row.appointment), WAIT_STATUSES[row.status][0], _lines(*limits, *offers)]


def _wait(row: Wait, me: Resource) -> list[Resource]:
    """Itself, and each time that was offered. What she waits with stands in the comment as it is kept."""
    limits = [*row.coarse_times, f"notice-minutes={row.notice_minutes}"]
    if row.with_anybody:
        limits.append("with-anybody")
    itself = {
        "resourceType": "Appointment",
        "id": str(row.pk),
        "status": "waitlist" if row.status == WaitStatus.WAITING else "cancelled",
        "created": row.asked_at.isoformat(),
        "comment": " ".join(limits),
        "participant": [_taking_part(me), _taking_part({"display": _with_whom(row.appointment)})],
    }
    return [full(itself), *(_offered(each, me) for each in row.offers.all())]


def _offered(row: TimeOffer, me: Resource) -> Resource:
    return {
        "resourceType": "Appointment",
        "id": str(row.pk),
        "status": OFFERED[OfferStatus(row.status)],
        "start": row.starts_at.isoformat(),
        "end": (row.starts_at + timedelta(minutes=row.wait.appointment.minutes)).isoformat(),
        "created": row.offered_at.isoformat(),
        "participant": [_taking_part(me), _taking_part({"display": row.calendar.clinician.name})],
    }


def _recalls(actor: Actor, person_id: UUID, now: datetime) -> list[Recall]:
    return list(policy.recalls_visible_to(actor).filter(patient=person_id).order_by("asked_at", "pk"))


def _recall_line(row: Recall) -> Sequence[object]:
    days = f"{dates.short_date(row.first_date)}–{dates.short_date(row.last_date)}"
    return [row.asked_at, _asked_for(row), RECALL_STATUSES[row.status][0], days]


def _recall(row: Recall, me: Resource) -> Resource:
    return {
        "resourceType": "Communication",
        "id": str(row.pk),
        "status": RECALLED[RecallStatus(row.status)],
        "topic": {"text": "innkalling"},
        "subject": me,
        "sender": {"display": row.practice.name},
        "recipient": [me],
        "sent": row.asked_at.isoformat(),
        "payload": [
            {"contentString": text}
            for text in (_asked_for(row), f"{row.first_date.isoformat()}/{row.last_date.isoformat()}")
        ],
    }


def _asked_for(row: Recall) -> str:
    whom = f"{row.calendar.clinician.name}, {row.practice.name}" if row.calendar else row.practice.name
    return f"{row.visit_type.label}, {whom}"


def _with_whom(row: Appointment) -> str:
    return f"{row.calendar.clinician.name}, {row.practice.name}"


def _taking_part(actor: Resource) -> dict[str, Any]:
    return {"actor": actor, "status": "accepted"}


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))


VISITS = Own(
    title=_("Timer hos fastlegen"),
    head=(_("Når"), _("Hva og hos hvem"), _("Status"), _("Det du eller kontoret skrev")),
    rows=_visits,
    line=_visit_line,
    resources=lambda row, me: [_visit(row, me)],
    order=30,
)
ELSEWHERE = Own(
    title=_("Timer andre steder"),
    head=(_("Når"), _("Hva og hvor"), _("Status"), _("Beskjed")),
    rows=_elsewhere,
    line=_elsewhere_line,
    resources=lambda row, me: [_external(row, me)],
    order=31,
)
WISHES = Own(
    title=_("Ønsker om time"),
    head=(_("Sendt"), _("Til"), _("Status"), _("Ønske og svar")),
    rows=_wishes,
    line=_wish_line,
    resources=lambda row, me: [_wish(row, me)],
    order=32,
)
WAITS = Own(
    title=_("Venteliste for tidligere time"),
    head=(_("Spurt"), _("Hos hvem"), _("Status"), _("Når det passer, og det du er tilbudt")),
    rows=_waits,
    line=_wait_line,
    resources=_wait,
    order=33,
)
RECALLS = Own(
    title=_("Innkallinger"),
    head=(_("Spurt"), _("Hva og hos hvem"), _("Status"), _("Mellom disse dagene")),
    rows=_recalls,
    line=_recall_line,
    resources=lambda row, me: [_recall(row, me)],
    order=34,
)
