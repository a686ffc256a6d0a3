"""Whether a notice is still true, and its words in the person's language. Decided at the moment it is sent.

A notice lies open on a locked telephone and on a shared screen. So it names the product and, for one's own GP office,
the day and time; never who is to be met, where, what kind of visit it is, or why. A notice about another place, such as
a hospital, does not even name the time. There are no links in it, so that a link always means that it is not from us.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

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
from legedialog.core.times import local_day
from legedialog.dialogues.models import Dialogue
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Contact, Notice, Reason, Skip
from legedialog.patients import rules as patients
from legedialog.patients.models import Language, Person, Responsibility
from legedialog.patients.policy import on
from legedialog.patients.representation import WARN_DAYS, Area, Ground, Restriction, is_hidden
from legedialog.patients.rules import NoticeKind, Way
from legedialog.prescriptions import rules as prescriptions
from legedialog.prescriptions.models import Item, Prescription, Renewal
from legedialog.ui.dates import long_datetime

EARLY = timedelta(minutes=5)  # how much too early a reminder may be; more means that the appointment was moved


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    about_at: datetime | None = None
    office_tells: bool = False


def decide(notification: Notification, now: datetime) -> Notice | Skip:
    """For outbox.services.deliver_next. Raises KeyError for an event that nobody has written words for."""
    person = notification.recipient
    if person.death_date:
        return Skip(Reason.DECEASED)
    reader = _reader(notification, now) if patients.is_too_young(person.birth_date, local_day(now)) else person
    language = (reader or person).language or Language.NB.value
    with translation.override(language):
        said = EVENTS[notification.event](notification, now)
        if isinstance(said, Skip):
            return said
        if consent.level(person.pk) != Level.FULL:
            return Skip(Reason.NO_CONSENT, office_tells=said.office_tells)
        if reader is None:
            return Skip(Reason.NOT_ALLOWED, office_tells=said.office_tells)
        return Notice(
            contact=_contact(reader, KINDS.get(notification.event), now),
            subject=_("Beskjed fra Legedialog"),
            text=said.text if reader == person else _("Gjelder en du handler for: %(text)s") % {"text": said.text},
            language=language,
            about_at=said.about_at,
            office_tells=said.office_tells,
        )


def _reader(notification: Notification, now: datetime) -> Person | None:
    """Who is told of what happens to a child: who asked for it, else a parent, else a youth with access of her own.

    Only those who may see it now, whatever was so when it was put in the queue.
    """
    child_id, area = notification.recipient_id, _area(notification)
    if notification.object_id == child_id:  # about herself and nothing that anybody asked for
        return notification.recipient if acting.allowed(child_id, child_id, area, now) else None
    acted = _who_acted(notification)
    parents = Responsibility.objects.filter(on(local_day(now)), child=child_id).order_by("starts_date", "pk")
    asked = [acted] if acted and acted != child_id else []
    restriction = _restriction(notification)
    for person_id in (*asked, *parents.values_list("parent_id", flat=True)):
        if not is_hidden(restriction, Ground.PARENT) and acting.allowed(person_id, child_id, area, now):
            return Person.objects.get(pk=person_id)
    if is_hidden(restriction, Ground.YOUTH):
        return None
    if notification.event.startswith("dialogue."):  # she reads what the office wrote to her, not a parent's letters
        area = Area.INBOX
        if asked:
            return None
    return notification.recipient if acting.allowed(child_id, child_id, area, now) else None


def _area(notification: Notification) -> Area:
    """What she must be allowed to be told. An appointment elsewhere: by who keeps it."""
    if notification.event != "external.changed":
        return AREAS[notification.event]
    kind = ExternalAppointment.objects.values_list("source__kind", flat=True).get(pk=notification.object_id)
    return AREA_OF_SOURCE[SourceKind(kind)]


def _restriction(notification: Notification) -> str:
    if notification.event.startswith("dialogue."):
        return Dialogue.objects.values_list("restriction", flat=True).get(pk=notification.object_id)
    if notification.event == "renewal.nudge":
        return Prescription.objects.values_list("restriction", flat=True).get(pk=notification.object_id)
    if notification.event.startswith("renewal."):
        return _of_renewal(notification)
    if not notification.event.startswith(("appointment.", "video.")):
        return Restriction.NORMAL.value
    return Appointment.objects.values_list("restriction", flat=True).get(pk=notification.object_id)


def _of_renewal(notification: Notification) -> str:
    """An order that has anything that all may see, may be told of to all who may see that."""
    found = Item.objects.filter(renewal=notification.object_id).values_list("prescription__restriction", flat=True)
    return min(found, key=[Restriction.NORMAL, *Restriction].index)


def _who_acted(notification: Notification) -> UUID | None:
    if notification.event.startswith(("appointment.", "video.")):
        return Appointment.objects.values_list("booked_by_person_id", flat=True).get(pk=notification.object_id)
    if notification.event.startswith("dialogue."):
        return Dialogue.objects.values_list("started_by_person_id", flat=True).get(pk=notification.object_id)
    if notification.event == "request.refused":
        return TimeRequest.objects.values_list("sent_by_id", flat=True).get(pk=notification.object_id)
    if notification.event == "renewal.nudge":
        return None
    if notification.event.startswith("renewal."):
        return Renewal.objects.values_list("sent_by_id", flat=True).get(pk=notification.object_id)
    return None


def _booked(notification: Notification, now: datetime) -> Words | Skip:
    found = _coming(notification, now)
    if isinstance(found, Skip):
        return found
    return Words(
        _("Du har fått time %(time)s. Logg inn på Legedialog for å se hvor.") % {"time": _time(found, now)},
        about_at=found.starts_at,
        # The office gave the time as the answer to a wish. When it books otherwise, it talks with the patient.
        office_tells=TimeRequest.objects.filter(appointment=found).exists(),
    )


def _reminder(notification: Notification, now: datetime) -> Words | Skip:
    found = _coming(notification, now)
    if isinstance(found, Skip):
        return found
    if found.starts_at - now > appointments.REMIND + EARLY:
        return Skip(Reason.CHANGED)
    return Words(
        _("Husk timen din %(time)s. Logg inn på Legedialog for å se hvor og hva du må ha klart, eller avbestille.")
        % {"time": _time(found, now)},
        about_at=found.starts_at,
    )


def _cancelled(notification: Notification, now: datetime) -> Words | Skip:
    appointment = Appointment.objects.get(pk=notification.object_id)
    if appointment.status != Status.CANCELLED:
        return Skip(Reason.CHANGED)
    if appointment.starts_at <= now:
        return Skip(Reason.OVER)
    by_office = appointment.cancelled_by == CancelledBy.PRACTICE
    if by_office:
        text = _("Timen din %(time)s er avlyst. Logg inn på Legedialog for å bestille en ny.")
    else:
        text = _("Timen din %(time)s er avbestilt.")
    return Words(text % {"time": _time(appointment, now)}, about_at=appointment.starts_at, office_tells=by_office)


def _refused(notification: Notification, now: datetime) -> Words | Skip:
    if TimeRequest.objects.get(pk=notification.object_id).status != RequestStatus.REFUSED:
        return Skip(Reason.CHANGED)
    return Words(_("Du har fått svar på timeønsket ditt. Logg inn på Legedialog for å lese det."), office_tells=True)


def _external(notification: Notification, now: datetime) -> Words | Skip:
    """The source tells the patient in its own ways too, so nobody here is asked to call her."""
    appointment = ExternalAppointment.objects.get(pk=notification.object_id)
    if appointment.sequence != notification.sequence:
        return Skip(Reason.CHANGED)
    if appointment.starts_at <= now or appointment.status in (Status.COMPLETED, Status.NO_SHOW):
        return Skip(Reason.OVER)
    if appointment.status == Status.CANCELLED:
        text = _("En av timene dine er avlyst. Logg inn på Legedialog for å se hvilken.")
    else:
        text = _("Du har en ny eller endret time. Logg inn på Legedialog for å se den.")
    return Words(text, about_at=appointment.starts_at)


def _dialogue_answered(notification: Notification, now: datetime) -> Words | Skip:
    """Several answers that wait for the morning become one notice: the last says it all."""
    dialogue = Dialogue.objects.get(pk=notification.object_id)
    if dialogue.sequence != notification.sequence:
        return Skip(Reason.CHANGED)
    if not dialogue.messages.filter(by_person=None, read_at=None).exists():
        return Skip(Reason.OVER)  # she has read it already
    return Words(_("Du har fått svar fra legekontoret. Logg inn på Legedialog for å lese det."), office_tells=True)


def _dialogue_started(notification: Notification, now: datetime) -> Words | Skip:
    dialogue = Dialogue.objects.get(pk=notification.object_id)
    if not dialogue.messages.filter(by_person=None, read_at=None).exists():
        return Skip(Reason.OVER)
    return Words(
        _("Du har fått en melding fra legekontoret. Logg inn på Legedialog for å lese den."), office_tells=True
    )


def _dialogue_changed(notification: Notification, now: datetime) -> Words | Skip:
    """Moved to the doctor, another doctor answers, or another date: told while it still waits."""
    dialogue = Dialogue.objects.get(pk=notification.object_id)
    if dialogue.sequence != notification.sequence:
        return Skip(Reason.CHANGED)
    if dialogue.status not in ("sent", "delivered", "opened"):
        return Skip(Reason.OVER)
    return Words(_("Noe er endret om meldingen din til legekontoret. Logg inn på Legedialog for å se hva."))


def _renewal_answered(notification: Notification, now: datetime) -> Words | Skip:
    if not Item.objects.filter(renewal=notification.object_id, status__in=prescriptions.DECIDED).exists():
        return Skip(Reason.CHANGED)
    return Words(_("Du har fått svar på en bestilling. Logg inn på Legedialog for å lese det."), office_tells=True)


def _renewal_late(notification: Notification, now: datetime) -> Words | Skip:
    if not Item.objects.filter(renewal=notification.object_id, status__in=prescriptions.OPEN).exists():
        return Skip(Reason.CHANGED)
    return Words(_("Svaret på en bestilling drøyer. Logg inn på Legedialog for å se hva du kan gjøre."))


def _renewal_lapsed(notification: Notification, now: datetime) -> Words | Skip:
    text = _("En bestilling ble ikke besvart i tide. Logg inn på Legedialog for å se hva du kan gjøre.")
    return Words(text, office_tells=True)


def _nudge(notification: Notification, now: datetime) -> Words | Skip:
    """She has ordered meanwhile, or it has been renewed: then there is nothing to remind of."""
    row = Prescription.objects.get(pk=notification.object_id)
    if row.orders.filter(status__in=prescriptions.OPEN).exists() or row.renewals.exists() or row.withdrawn_at:
        return Skip(Reason.CHANGED)
    return Words(_("Noe du så på, går snart ut. Logg inn på Legedialog hvis du vil bestille."))


def _concern_answered(notification: Notification, now: datetime) -> Words | Skip:
    text = _("Legekontoret har svart på et spørsmål fra deg. Logg inn på Legedialog og åpne loggen i Profil.")
    return Words(text, office_tells=True)


def _birthday(notification: Notification, now: datetime) -> Words | Skip:
    """In good time before what a parent may do narrows or ends. Names no child: see journeys/birthdays.py."""
    child = Person.objects.get(pk=notification.object_id)
    today, turns = local_day(now), patients.turns(child.birth_date, notification.sequence)
    if turns <= today:
        return Skip(Reason.OVER)
    if turns > today + timedelta(days=WARN_DAYS):
        return Skip(Reason.CHANGED)
    if notification.recipient_id == child.pk:
        return Words(_("Snart åpner flere tjenester for deg. Logg inn på Legedialog for å se når."))
    found = acting.standing(notification.recipient_id, child.pk, now)
    if found is None or not found.decision.areas:
        return Skip(Reason.NOT_ALLOWED)
    return Words(_("Snart endres det du kan gjøre for et barn. Logg inn på Legedialog for å se hva og når."))


def _video_ready(notification: Notification, now: datetime) -> Words | Skip:
    """The doctor is there and she is not. At once or not at all."""
    appointment = Appointment.objects.get(pk=notification.object_id)
    if appointment.status == Status.CANCELLED:
        return Skip(Reason.CANCELLED)
    if appointment.status != Status.BOOKED or now >= appointment.ends_at + appointments.JOIN_AFTER:
        return Skip(Reason.OVER)
    return Words(_("Timen din i dag er klar. Logg inn på Legedialog for å møte."), about_at=now, office_tells=True)


# What one must be allowed to see to be told of a child's.
AREAS = {
    "video.ready": Area.APPOINTMENTS,
    "appointment.booked": Area.APPOINTMENTS,
    "appointment.reminder": Area.APPOINTMENTS,
    "appointment.cancelled": Area.APPOINTMENTS,
    "request.refused": Area.INBOX,
    "dialogue.answered": Area.MESSAGES,
    "dialogue.moved": Area.MESSAGES,
    "dialogue.rerouted": Area.MESSAGES,
    "dialogue.started": Area.MESSAGES,
    "renewal.answered": Area.PRESCRIPTIONS,
    "renewal.late": Area.PRESCRIPTIONS,
    "renewal.lapsed": Area.PRESCRIPTIONS,
    "renewal.nudge": Area.PRESCRIPTIONS,
    "concern.answered": Area.GP,
    "access.ends": Area.GP,
}
EVENTS: Mapping[str, Callable[[Notification, datetime], Words | Skip]] = {
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
    "access.narrows": _birthday,
    "access.ends": _birthday,
}

# What the person chooses the way of, in Profil.
KINDS: Mapping[str, NoticeKind] = {
    "appointment.booked": NoticeKind.BOOKED,
    "appointment.reminder": NoticeKind.REMINDER,
    "appointment.cancelled": NoticeKind.CANCELLED,
    "video.ready": NoticeKind.REMINDER,
    "request.refused": NoticeKind.REQUEST,
    "dialogue.answered": NoticeKind.MESSAGE,
    "dialogue.moved": NoticeKind.MESSAGE,
    "dialogue.rerouted": NoticeKind.MESSAGE,
    "dialogue.started": NoticeKind.MESSAGE,
    "renewal.answered": NoticeKind.RENEWAL,
    "renewal.late": NoticeKind.RENEWAL,
    "renewal.lapsed": NoticeKind.RENEWAL,
    "renewal.nudge": NoticeKind.RENEWAL_REMINDER,
    "external.changed": NoticeKind.ELSEWHERE,
    "concern.answered": NoticeKind.MESSAGE,
}


def _coming(notification: Notification, now: datetime) -> Appointment | Skip:
    appointment = Appointment.objects.get(pk=notification.object_id)
    if appointment.status == Status.CANCELLED:
        return Skip(Reason.CANCELLED)
    if appointment.status != Status.BOOKED or appointment.starts_at <= now:
        return Skip(Reason.OVER)
    return appointment


def _time(appointment: Appointment, now: datetime) -> str:
    return long_datetime(appointment.starts_at, today=local_day(now))


def _contact(person: Person, kind: NoticeKind | None, now: datetime) -> Contact:
    """Without a kind there is no choice in Profil: what changes by law is told on whatever way there is."""
    way = patients.ways(person.notices)[kind] if kind else Way.EITHER
    return Contact(
        phone=person.phone,
        email=person.email,
        wants_sms=way in (Way.EITHER, Way.SMS),
        wants_email=way in (Way.EITHER, Way.EMAIL),
        is_reserved=person.is_reserved,
        is_fresh=patients.is_fresh(person.contact_confirmed_at, now),
    )
