"""The private address of her coming times, for her own calendar: make it, read it, end it."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce

from legedialog.access.actor import Actor, Kind
from legedialog.access.queries import hashed, locked_since
from legedialog.appointments import policy, rules
from legedialog.appointments.models import CalendarFeed
from legedialog.audit import services as audit
from legedialog.consent import policy as consent
from legedialog.consent.rules import Level
from legedialog.core import fence, writing
from legedialog.core.errors import NotFound

TOKEN = 32  # random bytes


@transaction.atomic
def make_feed(*, actor: Actor, now: datetime) -> str:
    """The token of a new address, which is shown once and stored nowhere. The address before it is read no more.

    Raises Denied for who acts for another.
    """
    person_id = policy.check_feed(actor)
    writing.remove(CalendarFeed.objects.filter(person=person_id))
    token = secrets.token_urlsafe(TOKEN)
    row = CalendarFeed(person_id=person_id, token_hash=hashed(token), made_at=now)
    writing.add(row)
    audit.record(actor, "calendar-feed.made", row.pk, at=now, patient_id=person_id)
    return token


@transaction.atomic
def end_feed(*, actor: Actor, now: datetime) -> None:
    """Nothing reads it any more. Ended twice is as once. Raises Denied for who acts for another."""
    person_id = policy.check_feed(actor)
    if writing.remove(CalendarFeed.objects.filter(person=person_id)):
        audit.record(actor, "calendar-feed.ended", None, at=now, patient_id=person_id)


@fence.system("a calendar program is known by its address, not by a login")
def whose_feed(token: str, now: datetime) -> tuple[Actor, str]:
    """Who reads by this address, as herself, and her language.

    NotFound for an unknown one and for one that is shut now, alike: she has died, nobody may log in as her, or she does
    not use these services any more.
    """
    row = CalendarFeed.objects.select_related("person").filter(token_hash=hashed(token)).first()
    if row is None or row.person.death_date or locked_since(row.person_id):
        raise NotFound
    if consent.level(row.person_id) is not Level.FULL:
        raise NotFound
    if row.read_at is None or row.read_at < now - rules.FEED_READ_TO:
        CalendarFeed.objects.filter(pk=row.pk).update(read_at=now)
    mine = row.person_id
    her = Actor(kind=Kind.CITIZEN, person_id=mine, acting_for_id=mine, patients=frozenset({mine}))
    return her, row.person.language


def forget_feed(*, actor: Actor, person_id: UUID) -> None:
    """She turns all services off."""
    writing.remove(policy.feeds(actor).filter(person=person_id))


def tidy_feeds(now: datetime) -> None:
    """Those that nothing reads: run by a job every hour (operations/tasks.py)."""
    read = CalendarFeed.objects.annotate(last=Coalesce("read_at", "made_at"))
    writing.remove(read.filter(last__lt=now - rules.FEED_KEPT))
