"""Whether a notice is still true, and its words in the person's language. Decided at the moment it is sent.

A notice lies open on a locked telephone and on a shared screen. So it names the product and, for one's own GP office,
the day and time; never who is to be met, where, what kind of visit it is, or why. A notice about another place, such as
a hospital, does not even name the time. There are no links in it, so that a link always means that it is not from us.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from legedialog.appointments import rules as appointments
from legedialog.appointments.models import (
    Appointment,
    CancelledBy,
    ExternalAppointment,
    RequestStatus,
    SourceKind,
    Status,
    TimeRequest,
)
from legedialog.appointments.policy import AREA_OF_SOURCE
from legedialog.consent import acting
from legedialog.consent import policy as consent
from legedialog.consent.rules import Level
from legedialog.core import contexts
from legedialog.core.times import local_day
from legedialog.dialogues.models import Dialogue
from legedialog.dialogues.policy import written
from legedialog.outbox.rules import Contact, Notice, Reason, Skip
from legedialog.patients import rules as patients
from legedialog.patients.models import Language, Person, Responsibility
from legedialog.patients.policy import on
from legedialog.patients.representation import WARN_DAYS, Area, Restriction
from legedialog.patients.rules import Way
from legedialog.prescriptions import rules as prescriptions
from legedialog.prescriptions.models import Item, Prescription, Renewal
from legedialog.ui.dates import long_datetime
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content, Piece

log = structlog.get_logger("legedialog.notices")

EARLY = timedelta(minutes=5)  # how much too early a reminder may be; more means that the appointment was moved
# Nothing else of a row is read, so nothing else is unsealed.
OF_PERSON = (
    *("birth_date", "death_date", "language", "phone", "email"),
    *("notices", "is_reserved", "contact_confirmed_at"),
)
OF_APPOINTMENT = ("status", "starts_at", "ends_at", "cancelled_by", "booked_by_person", "restriction")


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    about_at: datetime | None = None
    office_tells: bool = False


class About(Protocol):
    """What a notice is about: a row of the outbox, or what a worker has claimed of it."""

    @property
    def id(self) -> UUID: ...
    @property
    def event(self) -> str: ...
    @property
    def object_id(self) -> UUID: ...
    @property
    def sequence(self) -> int: ...
    @property
    def recipient_id(self) -> UUID: ...


class Facts:
    """What the notices of one round are decided on: each kind is read once for all, when it is first asked for.

    Rows by the id of what is told of. One that is gone is a KeyError, a fault of ours.
    """

    def __init__(self, told: Sequence[About], now: datetime) -> None:
        self.told, self.now = told, now

    def _of(self, *beginnings: str) -> set[UUID]:
        return {each.object_id for each in self.told if each.event.startswith(beginnings)}

    @cached_property
    def persons(self) -> dict[UUID, Person]:
        return Person.objects.only(*OF_PERSON).in_bulk({each.recipient_id for each in self.told})

    @cached_property
    def levels(self) -> dict[UUID, Level]:
        return consent.levels(self.persons)

    @cached_property
    def appointments(self) -> dict[UUID, Appointment]:
        return Appointment.objects.only(*OF_APPOINTMENT).in_bulk(self._of("appointment.", "video."))

    @cached_property
    def wished(self) -> set[UUID]:
        """Appointments that were the answer to a wish."""
        found = TimeRequest.objects.filter(appointment__in=self._of("appointment.booked"))
        return set(found.values_list("appointment_id", flat=True))

    @cached_property
    def requests(self) -> dict[UUID, TimeRequest]:
        return TimeRequest.objects.only("status", "sent_by").in_bulk(self._of("request."))

    @cached_property
    def elsewhere(self) -> dict[UUID, ExternalAppointment]:
        rows = ExternalAppointment.objects.select_related("source")
        return rows.only("status", "sequence", "starts_at", "source__kind").in_bulk(self._of("external."))

    @cached_property
    def dialogues(self) -> dict[UUID, Dialogue]:
        rows = Dialogue.objects.only("status", "sequence", "restriction", "started_by_person")
        return rows.in_bulk(self._of("dialogue."))

    @cached_property
    def unread(self) -> set[UUID]:
        """Dialogues with something from the office that nobody has read."""
        found = written().filter(dialogue__in=self._of("dialogue."), by_person=None, read_at=None)
        return set(found.values_list("dialogue_id", flat=True))

    @cached_property
    def renewals(self) -> dict[UUID, UUID | None]:
        """Who sent it."""
        rows = Renewal.objects.filter(pk__in=self._of("renewal.") - self._of("renewal.nudge"))
        return dict(rows.values_list("pk", "sent_by_id"))

    @cached_property
    def items(self) -> dict[UUID, list[tuple[str, str]]]:
        """Status of each item, and the restriction of its prescription, by renewal."""
        found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
        rows = Item.objects.filter(renewal__in=self.renewals)
        for renewal_id, status, restriction in rows.values_list("renewal_id", "status", "prescription__restriction"):
            found[renewal_id].append((status, restriction))
        return found

    @cached_property
    def prescriptions(self) -> Mapping[UUID, Any]:
        orders = Item.objects.filter(prescription=OuterRef("pk"), status__in=prescriptions.OPEN)
        newer = Prescription.objects.filter(pk=OuterRef("pk"), renewals__isnull=False)
        rows = Prescription.objects.annotate(is_ordered=Exists(orders), is_renewed=Exists(newer))
        return rows.only("restriction", "withdrawn_at").in_bulk(self._of("renewal.nudge"))

    @cached_property
    def children(self) -> dict[UUID, Person]:
        return Person.objects.only("birth_date").in_bulk(self._of("access."))


def decide_all(told: Sequence[About], now: datetime) -> dict[UUID, Notice | Skip | Exception]:
    """For outbox.delivery, as things are at this moment. KeyError for an event that nobody has written words for."""
    facts = Facts(told, now)
    found: dict[UUID, Notice | Skip | Exception] = {}
    for about in told:
        try:
            found[about.id] = _decide(about, facts)
        except DatabaseError:  # the transaction is of no use any more: they are decided one by one
            raise
        except Exception as error:
            log.exception("notice not decided", notice=about.event)
            found[about.id] = error
    return found


def decide(about: About, now: datetime) -> Notice | Skip:
    """One of them. Raises what went wrong."""
    return _decide(about, Facts([about], now))


def _decide(about: About, facts: Facts) -> Notice | Skip:
    now, person = facts.now, facts.persons[about.recipient_id]
    if person.death_date:
        return Skip(Reason.DECEASED)
    reader = _reader(about, facts) if patients.is_too_young(person.birth_date, local_day(now)) else person
    language = (reader or person).language or Language.NB.value
    with translation.override(language):
        said = EVENTS[about.event](about, facts)
        if isinstance(said, Skip):
            return said
        if facts.levels[person.pk] != Level.FULL:
            return Skip(Reason.NO_CONSENT, office_tells=said.office_tells)
        if reader is None:
            return Skip(Reason.NOT_ALLOWED, office_tells=said.office_tells)
        return Notice(
            contact=_contact(reader, contexts.notices()[about.event].kind, now),
            subject=_("Beskjed fra Legedialog"),
            text=said.text if reader == person else _("Gjelder en du handler for: %(text)s") % {"text": said.text},
            language=language,
            about_at=said.about_at,
            office_tells=said.office_tells,
        )


def _reader(about: About, facts: Facts) -> Person | None:
    """Who is told of what happens to a child: who asked for it, else a parent, else a youth with access of her own.

    Only those who may see it now, whatever was so when it was put in the queue.
    """
    now, child_id = facts.now, about.recipient_id
    child = facts.persons[child_id]
    if about.object_id == child_id:  # about herself and nothing that anybody asked for
        return child if acting.allowed(child_id, child_id, _area(about, facts), now) else None
    acted = _who_acted(about, facts)
    parents = Responsibility.objects.filter(on(local_day(now)), child=child_id).order_by("starts_date", "pk")
    asked = [acted] if acted and acted != child_id else []
    for person_id in (*asked, *parents.values_list("parent_id", flat=True), child_id):
        if _may_be_told(person_id, about, facts):
            return child if person_id == child_id else Person.objects.only(*OF_PERSON).get(pk=person_id)
    return None


def _may_be_told(person_id: UUID, about: About, facts: Facts) -> bool:
    """Whether she would see it if she opened it now. What is not kept here, by who keeps it."""
    piece = _piece(about, facts)
    if piece is None:
        return acting.allowed(person_id, about.recipient_id, _area(about, facts), facts.now)
    reader = acting.reader(person_id, about.recipient_id, facts.now)
    return reader is not None and visibility.sees(reader, piece)


def _piece(about: About, facts: Facts) -> Piece | None:
    content = next((content for event, content in CONTENTS.items() if about.event.startswith(event)), None)
    if content is None:
        return None
    return Piece(
        content,
        patient_id=about.recipient_id,
        restriction=_restriction(about, facts),
        written_by=_who_acted(about, facts),
    )


def _area(about: About, facts: Facts) -> Area:
    """What she must be allowed to be told. An appointment elsewhere: by who keeps it."""
    if about.event != "external.changed":
        return Area(contexts.notices()[about.event].area)
    return AREA_OF_SOURCE[SourceKind(facts.elsewhere[about.object_id].source.kind)]


def _restriction(about: About, facts: Facts) -> str:
    if about.event.startswith("dialogue."):
        return facts.dialogues[about.object_id].restriction
    if about.event == "renewal.nudge":
        return str(facts.prescriptions[about.object_id].restriction)
    if about.event.startswith("renewal."):
        return _of_renewal(about, facts)
    if not about.event.startswith(("appointment.", "video.")):
        return Restriction.NORMAL.value
    return facts.appointments[about.object_id].restriction


def _of_renewal(about: About, facts: Facts) -> str:
    """An order that has anything that all may see, may be told of to all who may see that."""
    found = [restriction for _status, restriction in facts.items[about.object_id]]
    return min(found, key=[Restriction.NORMAL, *Restriction].index)


def _who_acted(about: About, facts: Facts) -> UUID | None:
    if about.event.startswith(("appointment.", "video.")):
        return facts.appointments[about.object_id].booked_by_person_id
    if about.event.startswith("dialogue."):
        return facts.dialogues[about.object_id].started_by_person_id
    if about.event == "request.refused":
        return facts.requests[about.object_id].sent_by_id
    if about.event == "renewal.nudge":
        return None
    if about.event.startswith("renewal."):
        return facts.renewals[about.object_id]
    return None


def _booked(about: About, facts: Facts) -> Words | Skip:
    found = _coming(about, facts)
    if isinstance(found, Skip):
        return found
    return Words(
        _("Du har fått time %(time)s. Logg inn på Legedialog for å se hvor.") % {"time": _time(found, facts.now)},
        about_at=found.starts_at,
        # The office gave the time as the answer to a wish. When it books otherwise, it talks with the patient.
        office_tells=found.pk in facts.wished,
    )


def _reminder(about: About, facts: Facts) -> Words | Skip:
    found = _coming(about, facts)
    if isinstance(found, Skip):
        return found
    if found.starts_at - facts.now > appointments.REMIND + EARLY:
        return Skip(Reason.CHANGED)
    return Words(
        _("Husk timen din %(time)s. Logg inn på Legedialog for å se hvor og hva du må ha klart, eller avbestille.")
        % {"time": _time(found, facts.now)},
        about_at=found.starts_at,
    )


def _cancelled(about: About, facts: Facts) -> Words | Skip:
    appointment = facts.appointments[about.object_id]
    if appointment.status != Status.CANCELLED:
        return Skip(Reason.CHANGED)
    if appointment.starts_at <= facts.now:
        return Skip(Reason.OVER)
    by_office = appointment.cancelled_by == CancelledBy.PRACTICE
    if by_office:
        text = _("Timen din %(time)s er avlyst. Logg inn på Legedialog for å bestille en ny.")
    else:
        text = _("Timen din %(time)s er avbestilt.")
    return Words(text % {"time": _time(appointment, facts.now)}, about_at=appointment.starts_at, office_tells=by_office)


def _refused(about: About, facts: Facts) -> Words | Skip:
    if facts.requests[about.object_id].status != RequestStatus.REFUSED:
        return Skip(Reason.CHANGED)
    return Words(_("Du har fått svar på timeønsket ditt. Logg inn på Legedialog for å lese det."), office_tells=True)


def _external(about: About, facts: Facts) -> Words | Skip:
    """The source tells the patient in its own ways too, so nobody here is asked to call her."""
    appointment = facts.elsewhere[about.object_id]
    if appointment.sequence != about.sequence:
        return Skip(Reason.CHANGED)
    if appointment.starts_at <= facts.now or appointment.status in (Status.COMPLETED, Status.NO_SHOW):
        return Skip(Reason.OVER)
    if appointment.status == Status.CANCELLED:
        text = _("En av timene dine er avlyst. Logg inn på Legedialog for å se hvilken.")
    else:
        text = _("Du har en ny eller endret time. Logg inn på Legedialog for å se den.")
    return Words(text, about_at=appointment.starts_at)


def _dialogue_answered(about: About, facts: Facts) -> Words | Skip:
    """Several answers that wait for the morning become one notice: the last says it all."""
    dialogue = facts.dialogues[about.object_id]
    if dialogue.sequence != about.sequence:
        return Skip(Reason.CHANGED)
    if about.object_id not in facts.unread:
        return Skip(Reason.OVER)  # she has read it already
    return Words(_("Du har fått svar fra legekontoret. Logg inn på Legedialog for å lese det."), office_tells=True)


def _dialogue_started(about: About, facts: Facts) -> Words | Skip:
    if about.object_id not in facts.unread:
        return Skip(Reason.OVER)
    return Words(
        _("Du har fått en melding fra legekontoret. Logg inn på Legedialog for å lese den."), office_tells=True
    )


def _dialogue_changed(about: About, facts: Facts) -> Words | Skip:
    """Moved to the doctor, another doctor answers, or another date: told while it still waits."""
    dialogue = facts.dialogues[about.object_id]
    if dialogue.sequence != about.sequence:
        return Skip(Reason.CHANGED)
    if dialogue.status not in ("sent", "delivered", "opened"):
        return Skip(Reason.OVER)
    return Words(_("Noe er endret om meldingen din til legekontoret. Logg inn på Legedialog for å se hva."))


def _renewal_answered(about: About, facts: Facts) -> Words | Skip:
    if not any(status in prescriptions.DECIDED for status, _restriction in facts.items[about.object_id]):
        return Skip(Reason.CHANGED)
    return Words(_("Du har fått svar på en bestilling. Logg inn på Legedialog for å lese det."), office_tells=True)


def _renewal_late(about: About, facts: Facts) -> Words | Skip:
    if not any(status in prescriptions.OPEN for status, _restriction in facts.items[about.object_id]):
        return Skip(Reason.CHANGED)
    return Words(_("Svaret på en bestilling drøyer. Logg inn på Legedialog for å se hva du kan gjøre."))


def _renewal_lapsed(about: About, facts: Facts) -> Words | Skip:
    text = _("En bestilling ble ikke besvart i tide. Logg inn på Legedialog for å se hva du kan gjøre.")
    return Words(text, office_tells=True)


def _nudge(about: About, facts: Facts) -> Words | Skip:
    """She has ordered meanwhile, or it has been renewed: then there is nothing to remind of."""
    row = facts.prescriptions[about.object_id]
    if row.is_ordered or row.is_renewed or row.withdrawn_at:
        return Skip(Reason.CHANGED)
    return Words(_("Noe du så på, går snart ut. Logg inn på Legedialog hvis du vil bestille."))


def _correction_answered(about: About, facts: Facts) -> Words | Skip:
    return Words(
        _("Du har fått svar på ønsket ditt om retting eller sletting. Logg inn på Legedialog for å lese det."),
        office_tells=True,
    )


def _journal_moved(about: About, facts: Facts) -> Words | Skip:
    """Says neither what, nor whose it was."""
    return Words(
        _("Legekontoret har rettet noe i journalen din. Logg inn på Legedialog og se loggen under Profil."),
        office_tells=True,
    )


def _concern_answered(about: About, facts: Facts) -> Words | Skip:
    text = _("Legekontoret har svart på et spørsmål fra deg. Logg inn på Legedialog og åpne loggen i Profil.")
    return Words(text, office_tells=True)


def _birthday(about: About, facts: Facts) -> Words | Skip:
    """In good time before what a parent may do narrows or ends. Names no child: see journeys/birthdays.py."""
    child = facts.children[about.object_id]
    today, turns = local_day(facts.now), patients.turns(child.birth_date, about.sequence)
    if turns <= today:
        return Skip(Reason.OVER)
    if turns > today + timedelta(days=WARN_DAYS):
        return Skip(Reason.CHANGED)
    if about.recipient_id == child.pk:
        return Words(_("Snart åpner flere tjenester for deg. Logg inn på Legedialog for å se når."))
    found = acting.standing(about.recipient_id, child.pk, facts.now)
    if found is None or not found.decision.areas:
        return Skip(Reason.NOT_ALLOWED)
    return Words(_("Snart endres det du kan gjøre for et barn. Logg inn på Legedialog for å se hva og når."))


def _video_ready(about: About, facts: Facts) -> Words | Skip:
    """The doctor is there and she is not. At once or not at all."""
    appointment = facts.appointments[about.object_id]
    if appointment.status == Status.CANCELLED:
        return Skip(Reason.CANCELLED)
    if appointment.status != Status.BOOKED or facts.now >= appointment.ends_at + appointments.JOIN_AFTER:
        return Skip(Reason.OVER)
    return Words(
        _("Timen din i dag er klar. Logg inn på Legedialog for å møte."), about_at=facts.now, office_tells=True
    )


# What a notice is about, by the beginning of its event: who may see that may be told of it.
CONTENTS = {
    "appointment.": Content.APPOINTMENT,
    "video.": Content.APPOINTMENT,
    "request.": Content.WISH,
    "dialogue.": Content.CONTACT,  # an e-consultation is the patient's side's in the same way
    "renewal.nudge": Content.PRESCRIPTION,
    "renewal.": Content.RENEWAL,
}
EVENTS: Mapping[str, Callable[[About, Facts], Words | Skip]] = {
    "appointment.booked": _booked,
    "appointment.reminder": _reminder,
    "appointment.cancelled": _cancelled,
    "video.ready": _video_ready,
    "request.refused": _refused,
    "dialogue.answered": _dialogue_answered,
    "dialogue.moved": _dialogue_changed,
    "dialogue.rerouted": _dialogue_changed,
    "dialogue.started": _dialogue_started,
    "renewal.answered": _renewal_answered,
    "renewal.late": _renewal_late,
    "renewal.lapsed": _renewal_lapsed,
    "renewal.nudge": _nudge,
    "external.changed": _external,
    "concern.answered": _concern_answered,
    "correction.answered": _correction_answered,
    "journal.moved": _journal_moved,
    "access.narrows": _birthday,
    "access.ends": _birthday,
}


def _coming(about: About, facts: Facts) -> Appointment | Skip:
    appointment = facts.appointments[about.object_id]
    if appointment.status == Status.CANCELLED:
        return Skip(Reason.CANCELLED)
    if appointment.status != Status.BOOKED or appointment.starts_at <= facts.now:
        return Skip(Reason.OVER)
    return appointment


def _time(appointment: Appointment, now: datetime) -> str:
    return long_datetime(appointment.starts_at, today=local_day(now))


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
