"""What waits for the citizen, and what has been said to her: words ready for the pages. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from legedialog.appointments.texts import REQUEST_STATUSES
from legedialog.core.times import CLINIC
from legedialog.dialogues.queries import DialogueRow, DraftRow
from legedialog.dialogues.texts import KINDS
from legedialog.dialogues.texts import STATUSES as DIALOGUE_STATUSES
from legedialog.outbox.queries import Notice
from legedialog.prescriptions.queries import Waiting as PrescriptionsWaiting
from legedialog.prescriptions.texts import STATUSES
from legedialog.prescriptions.web.words import when_it_ends
from legedialog.ui import dates

NEWS = timedelta(days=14)  # how long an answer from the office is shown on Hjem


class Named(Protocol):
    name: str


class Visit(Protocol):
    status: str
    starts_at: datetime


class Wish(Protocol):
    """A request for a time, as appointments' queries give it."""

    pk: UUID
    status: str
    sent_at: datetime
    status_at: datetime

    @property
    def clinician(self) -> Named: ...
    @property
    def appointment(self) -> Visit | None: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    title: str
    text: str
    tag: str | Promise
    color: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line in Meldinger. `url` is empty for what has no page."""

    at: datetime
    title: str | Promise
    text: str
    tag: str | Promise
    color: str
    url: str = ""


def greeting(now: datetime, name: str) -> str:
    hour = now.astimezone(CLINIC).hour
    if 5 <= hour < 10:
        return _("God morgen, %(name)s") % {"name": name}
    if hour >= 18 or hour < 5:
        return _("God kveld, %(name)s") % {"name": name}
    return _("Hei, %(name)s") % {"name": name}


def waiting(requests: Iterable[Wish], now: datetime) -> list[Waiting]:
    """Answers from the office that she may not have seen: a time that still comes, and a no."""
    rows = []
    for request in requests:
        if request.status_at < now - NEWS:
            continue
        appointment = request.appointment
        word, color = REQUEST_STATUSES[request.status]
        url = reverse("appointments:request-show", args=[request.pk])
        if request.status == "assigned" and appointment and appointment.status == "booked":
            if appointment.starts_at > now:
                text = dates.long_datetime(appointment.starts_at)
                rows.append(Waiting(_("Kontoret har gitt deg time"), text, word, color, url))
        elif request.status == "refused":
            text = _("Sendt %(date)s til %(doctor)s") % {
                "date": dates.long_date(request.sent_at),
                "doctor": request.clinician.name,
            }
            rows.append(Waiting(_("Svar på ønsket om time"), text, word, color, url))
    return rows


def renewals(found: PrescriptionsWaiting, today: date) -> list[Waiting]:
    """Answers about prescriptions, what the office is late with, and what runs out soon and is not ordered."""
    rows = []
    for answer in (*found.late, *found.answered):
        word, color = STATUSES[answer.status]
        is_late = answer in found.late
        text = _("Sendt %(date)s") % {"date": dates.long_date(answer.sent_at)}
        url = reverse("prescriptions:order", args=[answer.renewal_id])
        title = _("Svaret om resepten drøyer") if is_late else _("Svar om resept")
        rows.append(Waiting(title, text, word, "warning" if is_late else color, url))
    for each in found.soon:
        url = reverse("prescriptions:show", args=[each.id])
        rows.append(Waiting(each.title, when_it_ends(each, today), _("Ikke bestilt"), "warning", url))
    return rows


@dataclass(frozen=True, slots=True)
class Line:
    """A dialogue in Meldinger."""

    title: str
    text: str
    tag: str | Promise
    color: str
    at: datetime
    due_date: date | None
    is_unread: bool
    url: str


def dialogues(rows: Iterable[DialogueRow]) -> list[Line]:
    return [
        Line(
            title=f"{KINDS[row.kind]}: {row.subject}",
            text=row.doctor or row.practice_name,
            tag=DIALOGUE_STATUSES[row.status][0],
            color=DIALOGUE_STATUSES[row.status][1],
            at=row.last_message_at,
            due_date=row.due_date,
            is_unread=row.is_unread,
            url=reverse("dialogues:show", args=[row.id]),
        )
        for row in rows
    ]


def dialogues_waiting(rows: Iterable[DialogueRow]) -> list[Waiting]:
    """Answers she has not read, and those that ask her to book."""
    found = []
    for row in rows:
        kind = str(KINDS[row.kind])
        if row.status == "needs-appointment":
            title = _("Kontoret ber deg bestille time")
        elif row.started_by_office and row.started_at == row.last_message_at:
            title = _("Melding fra %(who)s") % {"who": row.doctor or row.practice_name}
        else:
            title = _("Svar fra %(who)s") % {"who": row.doctor or row.practice_name}
        word, color = DIALOGUE_STATUSES[row.status]
        text = f"{kind}, {dates.long_date(row.started_at)}"
        url = reverse("dialogues:show", args=[row.id])
        found.append(Waiting(title, text, _("Ulest") if row.is_unread else word, color, url))
    return found


def drafts(rows: Iterable[DraftRow]) -> list[Waiting]:
    """What she has begun to write."""
    return [
        Waiting(
            _("Kladd: %(kind)s") % {"kind": KINDS[row.kind]},
            _("Sist lagret %(time)s") % {"time": dates.long_datetime(row.saved_at)},
            _("Ikke sendt"),
            "warning",
            reverse("dialogues:econsultation" if row.kind == "econsultation" else "dialogues:contact"),
        )
        for row in rows
    ]


def entries(requests: Iterable[Wish], notices: Sequence[Notice]) -> list[Entry]:
    """Wishes with their answers, and the notices that were sent, newest first."""
    rows = [
        Entry(
            at=request.status_at,
            title=_("Ønske om time hos %(doctor)s") % {"doctor": request.clinician.name},
            text="",
            tag=REQUEST_STATUSES[request.status][0],
            color=REQUEST_STATUSES[request.status][1],
            url=reverse("appointments:request-show", args=[request.pk]),
        )
        for request in requests
    ]
    rows += [Entry(notice.sent_at, notice.what, notice.text, notice.channel, "neutral") for notice in notices]
    return sorted(rows, key=lambda row: row.at, reverse=True)
