"""The citizen's places that belong to no single context: each page gathers what several contexts know."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from legedialog.access.actor import Actor
from legedialog.appointments import items
from legedialog.appointments import queries as appointments
from legedialog.audit import services as audit
from legedialog.consent import queries as consent
from legedialog.consent.rules import Level
from legedialog.consent.web import area_required, basis_required, home_required
from legedialog.core.errors import NotFound
from legedialog.core.times import local_day
from legedialog.dialogues import queries as dialogues
from legedialog.outbox import queries as outbox
from legedialog.patients import queries as patients
from legedialog.patients.queries import Gp
from legedialog.patients.representation import Area
from legedialog.portal import doors, story
from legedialog.practices import queries as practices
from legedialog.practices.texts import WEEKDAYS, opening_change
from legedialog.prescriptions import queries as prescriptions
from legedialog.ui import htmx


@home_required
@require_safe
def home(request: htmx.Request) -> HttpResponse:
    """What happens next, what waits for her, and the doors her doctor offers."""
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    level = request.level  # type: ignore[attr-defined]  # set by the guard
    profile = patients.profile(actor, person_id, now)
    context: dict[str, Any] = {
        "greeting": story.greeting(now, actor.display_name.split(" ")[0]),
        "level": level,
        "profile": profile,
        "asks_contact": not actor.acts_for_another and not profile.contact_is_fresh,
        "next": request.path,
    }
    if level is not Level.NONE and actor.opens(Area.GP):
        gp = patients.gp_of(person_id, local_day(now))
        context |= {"gp": gp, "services": services_of(actor, gp, now), "sees_gp": True}
    if level is Level.FULL:
        coming = items.coming(
            appointments.coming(actor, person_id, now), appointments.externals(actor, person_id, now), now
        )
        context |= {
            "sees_times": actor.opens(Area.APPOINTMENTS),
            "upcoming": coming[0] if coming else None,
            "wakes_in": items.wakes_in(coming[:1]),
            "more": len(coming) - 1,
            "waiting": [
                *story.dialogues_waiting(dialogues.news(actor, person_id)),
                *story.waiting(appointments.requests_of(actor, person_id), now),
                *story.renewals(
                    prescriptions.waiting(actor, person_id, context.get("gp"), now)
                    if actor.opens(Area.PRESCRIPTIONS)
                    else prescriptions.NOTHING_WAITS,
                    local_day(now),
                ),
            ],
        }
    return htmx.page(request, "portal/home.html", context)


@basis_required
@require_safe
def gp(request: htmx.Request) -> HttpResponse:
    """Her doctor, the office, and what this doctor offers today; or how to get a doctor."""
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    found = patients.gp_of(person_id, local_day(now))
    context: dict[str, Any] = {
        "gp": found,
        "level": consent.level(person_id),
        "services": services_of(actor, found, now),
        "earlier": [row for row in patients.memberships(actor, person_id, local_day(now)) if row.ends_date],
        "next": request.path,
    }
    if found:
        week = practices.week(found.practice.id, now)
        context |= {
            "week": week,
            "change": opening_change(week.opening, now),
            "has_hours": any(week.weekdays),
            "weekdays": list(zip(WEEKDAYS, week.weekdays, strict=True)),
        }
    return htmx.page(request, "portal/gp.html", context)


@area_required(Area.INBOX, Level.BASIS)
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: htmx.Request) -> HttpResponse:
    """Her dialogues with the office, the latest first; then answers to wishes for a time, and notices that were sent.

    A search is a POST, as what she looks for may tell of her health and addresses are logged.
    """
    actor, person_id, now = request.actor, me(request.actor), timezone.now()
    level = consent.level(person_id)
    gp = patients.gp_of(person_id, local_day(now))
    words = request.POST.get("words", "").strip()[:100]
    context: dict[str, Any] = {"level": level, "gp": gp, "next": request.path, "words": words}
    if level is Level.FULL:
        before = read_moment(request.GET.get("before", ""))
        audit.looked_on_behalf(actor, "messages.listed", None, at=now, patient_id=person_id)
        rows = dialogues.mine(actor, person_id, words=words, before=before)
        context |= {
            "dialogues": story.dialogues(rows),
            "next_before": rows[-1].last_message_at.isoformat() if len(rows) == dialogues.PAGE and not words else "",
            "before": before,
            "services": services_of(actor, gp, now),
        }
        if not words and before is None:
            context["drafts"] = story.drafts(dialogues.drafts(actor, person_id, now))
            context["entries"] = story.entries(
                appointments.requests_of(actor, person_id), outbox.sent_to(actor, person_id)
            )
    return htmx.page(request, "portal/messages.html", context, part="list")


def me(actor: Actor) -> UUID:
    """Whose affairs these are."""
    if actor.acting_for_id is None:
        raise NotFound
    return actor.acting_for_id


def services_of(actor: Actor, gp: Gp | None, now: datetime) -> doors.Services | None:
    if gp is None:
        return None
    return doors.services(practices.offers_of_list(gp.practice, gp.doctors, local_day(now)), actor.opens)


def read_moment(text: str) -> datetime | None:
    """An aware point in time from an address, or None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.utcoffset() is not None else None
