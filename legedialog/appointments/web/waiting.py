"""Wishes for a time, and for an earlier one: on Hjem those that wait, and answers that may be new to her; in Meldinger
all of the latest wishes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.appointments import recalls, requested, rules, waitlist
from legedialog.appointments.requested import Wished
from legedialog.appointments.texts import RECALL_STATUSES, REQUEST_STATUSES, WAIT_STATUSES
from legedialog.core.contexts import Line, Waiting
from legedialog.core.sql import Asked
from legedialog.core.times import local_day
from legedialog.ui import dates

NEWS = timedelta(days=14)  # how long an answer from the office is shown


def asks(actor: Actor, person_id: UUID, gp: Any, now: datetime) -> list[Asked[Any]]:
    asked = recalls.asks(actor, person_id, now)
    return [requested.wishes(actor, person_id), waitlist.asks(actor, person_id, now), asked]


def answers(
    gp: Any,
    now: datetime,
    found: Sequence[Wished],
    earlier: Sequence[waitlist.Waiting],
    asked: Sequence[recalls.Asks] = (),
) -> list[Waiting]:
    """What she is asked to book, is offered and chooses among, what she waits for, a time that still comes, and a
    no."""
    rows = [asked_to_book(each) for each in asked]
    rows += filter(None, (earlier_time(each) for each in earlier))
    for request in found:
        word, color = REQUEST_STATUSES[request.status]
        url = reverse("appointments:request-show", args=[request.id])
        if request.status == "proposed":
            text = _("Fra %(doctor)s") % {"doctor": request.doctor}
            rows.append(Waiting(_("Velg mellom tider til timen du ba om"), text, url, word, color))
            continue
        if request.status == "sent":
            due = rules.answer_by(local_day(request.status_at))
            text = _("Svar innen %(date)s") % {"date": dates.long_date(due)}
            rows.append(Waiting(_("Du har bedt om time"), text, url, word, color))
            continue
        if request.status_at < now - NEWS:
            continue
        if request.status == "assigned" and request.visit_status == "booked":
            if request.visit_at and request.visit_at > now:
                text = dates.long_datetime(request.visit_at)
                rows.append(Waiting(_("Kontoret har gitt deg time"), text, url, word, color))
        elif request.status == "refused":
            text = _("Sendt %(date)s til %(doctor)s") % {
                "date": dates.long_date(request.sent_at),
                "doctor": request.doctor,
            }
            rows.append(Waiting(_("Svar på ønsket om time"), text, url, word, color))
    return rows


def earlier_time(wait: waitlist.Waiting) -> Waiting | None:
    """An offer, that she waits for one, or that she does so no more though she did not end it herself."""
    word, color = WAIT_STATUSES[wait.status]
    own = _("Timen du har: %(when)s") % {"when": dates.long_datetime(wait.own_starts_at)}
    if wait.offer_starts_at and wait.answer_by:
        when = {"when": dates.long_datetime(wait.offer_starts_at), "by": dates.long_datetime(wait.answer_by)}
        text = _("%(when)s. Svar innen %(by)s.") % when
        url = reverse("appointments:show", args=[wait.appointment_id])
        return Waiting(_("Du kan få en tidligere time"), capfirst(text), url, _("Svar"), "warning")
    if wait.status in ("waiting", "removed", "silent"):
        url = reverse("appointments:earlier", args=[wait.appointment_id])
        return Waiting(_("Tidligere time hvis det blir ledig"), own, url, word, color)
    return None


def asked_to_book(asked: recalls.Asks) -> Waiting:
    word, _office, color = RECALL_STATUSES[asked.status]
    text = _("%(kind)s, senest %(date)s") % {"kind": asked.visit_name, "date": dates.long_date(asked.last_date)}
    url = reverse("appointments:recall", args=[asked.id])
    return Waiting(_("Legekontoret ber deg bestille time"), text, url, word, color)


def wishes(actor: Actor, person_id: UUID) -> list[Line]:
    return [
        Line(
            request.status_at,
            _("Ønske om time hos %(doctor)s") % {"doctor": request.doctor},
            "",
            *REQUEST_STATUSES[request.status],
            url=reverse("appointments:request-show", args=[request.id]),
        )
        for request in requested.requests_of(actor, person_id)
    ]
