"""Whether a notice may be told, to whom, and on which way. Decided at the moment it is sent.

A notice lies open on a locked telephone and on a shared screen. So it names the product and, for one's own GP office,
the day and time; never who is to be met, where, what kind of visit it is, or why. A notice about another place, such as
a hospital, does not even name the time. There are no links in it, so that a link always means that it is not from us.
Whether it is still true, and in which words, its context says: `notices` in about.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from legedialog.consent import acting
from legedialog.consent import policy as consent
from legedialog.consent.rules import Level
from legedialog.core import contexts
from legedialog.core.contexts import Subject
from legedialog.core.times import local_day
from legedialog.outbox.rules import Channel, Contact, Notice, Reason, Skip, Told
from legedialog.patients import rules as patients
from legedialog.patients.models import Language, Person, Responsibility
from legedialog.patients.policy import on
from legedialog.patients.representation import Area
from legedialog.patients.rules import Way
from legedialog.practices import queries as practices
from legedialog.practices.queries import ReachRow
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content, Piece

log = structlog.get_logger("legedialog.notices")

# Nothing else of a person is read, so nothing else is unsealed.
OF_PERSON = (
    *("birth_date", "death_date", "language", "phone", "email"),
    *("notices", "is_reserved", "contact_confirmed_at", "local_to"),
)


class Facts:
    """What the notices of one round are decided on: each kind is read once for all, when it is first asked for."""

    def __init__(self, told: Sequence[Told], now: datetime) -> None:
        self.told, self.now = told, now
        self.notices = contexts.notices()
        self._read: dict[Subject, Mapping[UUID, Any]] = {}

    def row(self, told: Told) -> Any:
        """What it is about. One that is gone is a KeyError, a fault of ours; so is an event that no context tells."""
        subject = self.notices[told.event].subject
        if subject not in self._read:
            of = [each for each in self.told if each.event in self.notices]
            ids = {each.object_id for each in of if self.notices[each.event].subject == subject}
            self._read[subject] = subject.rows(ids)
        return self._read[subject][told.object_id]

    @cached_property
    def persons(self) -> dict[UUID, Person]:
        return Person.objects.only(*OF_PERSON).in_bulk({each.recipient_id for each in self.told if each.recipient_id})

    @cached_property
    def employees(self) -> dict[UUID, ReachRow]:
        """Those who work there today and have chosen to be told."""
        ids = {each.employee_id for each in self.told if each.employee_id}
        return practices.reaches(local_day(self.now), ids)

    @cached_property
    def levels(self) -> dict[UUID, Level]:
        return consent.levels(self.persons)


def decide_all(told: Sequence[Told], now: datetime) -> dict[UUID, Notice | Skip | Exception]:
    """For outbox.delivery, as things are at this moment. KeyError for an event that nobody has written words for."""
    facts = Facts(told, now)
    found: dict[UUID, Notice | Skip | Exception] = {}
    for each in told:
        try:
            found[each.id] = _decide(each, facts)
        except DatabaseError:  # the transaction is of no use any more: they are decided one by one
            raise
        except Exception as error:
            log.exception("notice not decided", notice=each.event)
            found[each.id] = error
    return found


def decide(told: Told, now: datetime) -> Notice | Skip:
    """One of them. Raises what went wrong."""
    return _decide(told, Facts([told], now))


def _decide(told: Told, facts: Facts) -> Notice | Skip:
    if told.employee_id:
        return _to_employee(told, told.employee_id, facts)
    assert told.recipient_id  # noqa: S101  one of the two: a constraint
    now, person = facts.now, facts.persons[told.recipient_id]
    if person.death_date:
        return Skip(Reason.DECEASED)
    if person.local_to_id:
        return _to_walk_in(person, told, facts)
    reader = _reader(told, facts) if patients.is_too_young(person.birth_date, local_day(now)) else person
    language = (reader or person).language or Language.NB.value
    with translation.override(language):
        notice = facts.notices[told.event]
        said = notice.words(facts.row(told), told, now)
        if isinstance(said, Skip):
            return said
        if facts.levels[person.pk] != Level.FULL:
            return Skip(Reason.NO_CONSENT, office_tells=said.office_tells)
        if reader is None:
            return Skip(Reason.NOT_ALLOWED, office_tells=said.office_tells)
        return Notice(
            contact=_contact(reader, notice.kind, now),
            subject=_("Beskjed fra Legedialog"),
            text=said.text if reader == person else _("Gjelder en du handler for: %(text)s") % {"text": said.text},
            language=language,
            about_at=said.about_at,
            office_tells=said.office_tells,
        )


def _to_employee(told: Told, employee_id: UUID, facts: Facts) -> Notice | Skip:
    """By the way she has chosen herself; it names nobody and no office. See docs/adr/0282-told-when-away.md."""
    row = facts.employees.get(employee_id)
    if row is None:  # she has turned it off, or left
        return Skip(Reason.TURNED_OFF)
    with translation.override(row.language):
        said = facts.notices[told.event].words(row, told, facts.now)
        if isinstance(said, Skip):
            return said
        by_sms = row.channel == Channel.SMS
        return Notice(
            contact=Contact(
                phone=row.address if by_sms else "",
                email="" if by_sms else row.address,
                wants_sms=by_sms,
                wants_email=not by_sms,
                is_reserved=False,
                is_fresh=True,
            ),
            subject=_("Beskjed fra Legedialog"),
            text=said.text,
            language=row.language,
        )


def _to_walk_in(person: Person, told: Told, facts: Facts) -> Notice | Skip:
    """She gave the office a telephone to be told on, and cannot log in. See docs/adr/0256-told-without-a-login.md."""
    language = person.language or Language.NB.value
    with translation.override(language):
        said = facts.notices[told.event].words(facts.row(told), told, facts.now)
        if isinstance(said, Skip):
            return said
        if not said.without_login:
            return Skip(Reason.NO_LOGIN, office_tells=said.office_tells)
        return Notice(
            contact=Contact(person.phone, "", wants_sms=True, wants_email=False, is_reserved=False, is_fresh=True),
            subject=_("Beskjed fra Legedialog"),
            text=said.without_login,
            language=language,
            about_at=said.about_at,
            office_tells=said.office_tells,
        )


def _reader(told: Told, facts: Facts) -> Person | None:
    """Who is told of what happens to a child: who asked for it, else a parent, else a youth with access of her own.

    Only those who may see it now, whatever was so when it was put in the queue.
    """
    now, child_id = facts.now, told.recipient_id
    assert child_id  # noqa: S101  it is to a person
    child = facts.persons[child_id]
    if told.object_id == child_id:  # about herself and nothing that anybody asked for
        return child if acting.allowed(child_id, child_id, _area(told, facts), now) else None
    asked = facts.notices[told.event].subject.asked_by(facts.row(told))
    parents = Responsibility.objects.filter(on(local_day(now)), child=child_id).order_by("starts_date", "pk")
    if asked == child_id:  # she herself asked: it is between her and the office
        return child if _may_be_told(child_id, told, facts) else None
    first = [asked] if asked else []
    for person_id in (*first, *parents.values_list("parent_id", flat=True), child_id):
        if _may_be_told(person_id, told, facts):
            return child if person_id == child_id else Person.objects.only(*OF_PERSON).get(pk=person_id)
    return None


def _may_be_told(person_id: UUID, told: Told, facts: Facts) -> bool:
    """Whether she would see it if she opened it now. What is not kept here, by who keeps it."""
    subject = facts.notices[told.event].subject
    assert told.recipient_id  # noqa: S101  it is to a person
    if not subject.content:
        return acting.allowed(person_id, told.recipient_id, _area(told, facts), facts.now)
    row = facts.row(told)
    piece = Piece(
        Content(subject.content),
        patient_id=told.recipient_id,
        restriction=subject.restriction(row),
        written_by=subject.asked_by(row),
    )
    reader = acting.reader(person_id, told.recipient_id, facts.now)
    return reader is not None and visibility.sees(reader, piece)


def _area(told: Told, facts: Facts) -> Area:
    """What she must be allowed to be told. An appointment elsewhere: by who keeps it."""
    area = facts.notices[told.event].area
    return Area(area(facts.row(told)) if callable(area) else area)


def _contact(person: Person, kind: str, now: datetime) -> Contact:
    """Without a kind there is no choice in Profil: what changes by law is told on whatever way there is."""
    way = patients.ways(person.notices)[patients.NoticeKind(kind)] if kind else Way.EITHER
    return Contact(
        phone=person.phone,
        email=person.email,
        wants_sms=way in (Way.EITHER, Way.SMS),
        wants_email=way in (Way.EITHER, Way.EMAIL),
        is_reserved=person.is_reserved,
        is_fresh=patients.is_fresh(person.contact_confirmed_at, now),
    )
