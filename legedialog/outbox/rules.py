"""How and when a person is told, and what a failed try means. No database, no clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal
from legedialog.core.times import CLINIC, at_local


class Channel(TextChoices):
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-post")


HANDLED = Refusal(
    code="notice-handled",
    to_patient=_("En kollega har allerede tatt seg av denne beskjeden."),
    to_practice=_("En kollega har allerede tatt seg av denne beskjeden."),
    source="docs/adr/0008-outbox.md",
)


class Status(TextChoices):
    WAITING = "waiting"
    SENT = "sent"
    PERHAPS = "perhaps"  # given to a counterpart that did not answer; the office is shown it
    SKIPPED = "skipped"  # decided at sending time: cancelled since, turned off by the person …
    DEAD = "dead"  # given up; the office is shown why


class Reason(TextChoices):
    """Why a notice was not sent. What the office reads stands in texts.py."""

    # no longer true
    CANCELLED = "cancelled"
    OVER = "over"
    CHANGED = "changed"  # another notice tells of it
    # the person
    DECEASED = "deceased"
    NO_CONSENT = "needs-full-access"
    NOT_ALLOWED = "not-allowed"  # for a child: nobody may be told, or not any longer
    NO_LOGIN = "no-login"  # only the office has registered her, and what it tells of stands behind a login
    RESERVED = "reserved"
    TURNED_OFF = "turned-off"
    NO_CONTACT = "no-contact-data"
    OLD_CONTACT = "contact-data-too-old"
    # the counterpart
    BAD_NUMBER = "bad-number"
    BAD_ADDRESS = "bad-address"
    REFUSED = "refused"
    NO_ANSWER = "no-answer"  # could not be reached, or had a fault of its own
    NOT_SET_UP = "not-set-up"
    OWN_FAULT = "own-fault"
    PERHAPS = "perhaps-sent"  # given to the counterpart, and nobody knows whether it took it
    NOT_DELIVERED = "not-delivered"  # taken by the SMS gateway, and did not reach the telephone
    BOUNCED = "bounced"  # taken by the mail server, and came back


# After the first try, the second … Then it is given up. Hours, because a gateway may be down a whole evening.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
LEASE = timedelta(seconds=90)  # how long a worker may have a notice: longer than the longest talk of a channel
AT_ONCE = {Channel.SMS: 32, Channel.EMAIL: 8}  # talks at the same time, so that one that is slow stops no other
CLAIMED = 200  # notices that nobody has decided yet, taken at once
NIGHT = (time(21), time(8))  # local; no telephone buzzes at night
KEPT = timedelta(days=365)  # a notice after it was sent, skipped or handled by the office
SOON = timedelta(hours=12)  # … but for what happens within this time


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """What the person has chosen and given. `is_fresh`: confirmed lately enough to be used."""

    phone: str
    email: str
    wants_sms: bool
    wants_email: bool
    is_reserved: bool
    is_fresh: bool


@dataclass(frozen=True, slots=True, repr=False)
class Notice:
    """What to say. `about_at` is when what it tells of happens.

    `office_tells`: the office did this and the person does not know, so the office must tell her when we cannot.
    """

    contact: Contact
    subject: str
    text: str
    language: str
    about_at: datetime | None = None
    office_tells: bool = False


class Told(Protocol):
    """What a notice is about, and to whom: a row of the outbox, or what a worker has claimed of it."""

    @property
    def id(self) -> UUID: ...
    @property
    def event(self) -> str: ...
    @property
    def object_id(self) -> UUID: ...
    @property
    def sequence(self) -> int: ...
    @property
    def recipient_id(self) -> UUID | None: ...
    @property
    def employee_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Words:
    """What a context says of what is still true: see Notice for the rest. `without_login` is what is said to one whom
    only the office has registered; empty: she is not told."""

    text: str
    about_at: datetime | None = None
    office_tells: bool = False
    without_login: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    reason: Reason
    office_tells: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """What a counterpart is given. `id` is the same at every try: the key by which it knows one it has had."""

    id: UUID
    to: str
    subject: str
    text: str
    language: str


class DeliveryFailed(Exception):
    """A counterpart did not take the message. Final faults are not tried again on that channel.

    `is_perhaps`: it may have taken it all the same, and would not know it if it came again.
    """

    def __init__(self, reason: Reason, *, is_final: bool, is_perhaps: bool = False) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.is_final = is_final
        self.is_perhaps = is_perhaps


def ways(contact: Contact, available: Collection[Channel]) -> list[tuple[Channel, str]] | Reason:
    """The channels to try with the address on each, SMS first; or why there is none.

    One notice goes on one channel: e-mail only where SMS is not chosen, has no number, or refuses the number.
    """
    if contact.is_reserved:
        return Reason.RESERVED
    if not (contact.wants_sms or contact.wants_email):
        return Reason.TURNED_OFF
    found = [
        (channel, address)
        for channel, wanted, address in (
            (Channel.SMS, contact.wants_sms, contact.phone),
            (Channel.EMAIL, contact.wants_email, contact.email),
        )
        if wanted and address
    ]
    if not found:
        return Reason.NO_CONTACT
    if not contact.is_fresh:
        return Reason.OLD_CONTACT
    return [way for way in found if way[0] in available] or Reason.NOT_SET_UP


def after_lost(channel: str) -> Reason | None:
    """The worker was gone after it gave a notice to the channel. None: it is sent again, and the counterpart knows it.

    The SMS gateway takes an id once (docs/integrator.md). A mail server does not, and the same e-mail twice is worse
    than a call from the office.
    """
    return None if channel == Channel.SMS else Reason.PERHAPS


def quiet_until(now: datetime, about_at: datetime | None) -> datetime | None:
    """When an SMS may be sent, if it must wait for the morning. Aware UTC."""
    local = now.astimezone(CLINIC)
    starts, ends = NIGHT
    if ends <= local.time() < starts or (about_at and about_at - now <= SOON):
        return None
    day = local.date() + timedelta(days=1) if local.time() >= starts else local.date()
    return at_local(day, ends)


def retry_at(tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries, or None when it is time to give up."""
    return now + BACK_OFF[tries - 1] if tries <= len(BACK_OFF) else None
