"""What has been said to the citizen, and what she has begun to say: words ready for the pages. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from legedialog.appointments.texts import REQUEST_STATUSES
from legedialog.core.contexts import Waiting
from legedialog.core.times import CLINIC
from legedialog.dialogues.queries import DialogueRow, DraftRow
from legedialog.dialogues.texts import KINDS
from legedialog.dialogues.texts import STATUSES as DIALOGUE_STATUSES
from legedialog.outbox.queries import Notice
from legedialog.ui import dates


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


def drafts(rows: Iterable[DraftRow]) -> list[Waiting]:
    """What she has begun to write."""
    return [
        Waiting(
            _("Kladd: %(kind)s") % {"kind": KINDS[row.kind]},
            _("Sist lagret %(time)s") % {"time": dates.long_datetime(row.saved_at)},
            reverse("dialogues:econsultation" if row.kind == "econsultation" else "dialogues:contact"),
            _("Ikke sendt"),
            "warning",
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
