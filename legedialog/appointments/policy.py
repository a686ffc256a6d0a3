"""Who may see and do what with appointments. A stranger's row is not found; a colleague without the task is denied."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.appointments.models import (
    Appointment,
    Calendar,
    CalendarFeed,
    ExternalAppointment,
    Recall,
    SourceKind,
    TimeOffer,
    TimeRequest,
    Wait,
)
from legedialog.core.errors import Denied, NotFound
from legedialog.core.finding import found
from legedialog.patients.representation import Area, Ground, Restriction
from legedialog.visibility import policy as visibility
from legedialog.visibility import rules
from legedialog.visibility.policy import Fields
from legedialog.visibility.rules import Content, Piece, Scope

BOOKS = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})
DOCTORS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})
PLANS = frozenset({Role.MANAGER, Role.DOCTOR})
MANAGES = frozenset({Role.MANAGER})

# One table of role by use case, for doctors' calendars and for the office's other columns: docs/permissions.md.
USE_CASES = {
    "books, moves, overbooks and cancels in any column, and keeps time in it": BOOKS,
    "says that a patient has come, was seen, or did not come": BOOKS,
    "answers wishes for a time, gives from the waitlist, and asks patients to book": BOOKS,
    "asks a patient to book what needs a doctor's order": DOCTORS,
    "hides a visit from parents or from a youth": DOCTORS,
    "writes the weekly plan of her own calendar": PLANS,
    "writes the weekly plan of any column": MANAGES,
    "decides the kinds of visit, the columns and the code on the wall": MANAGES,
}

TIMES = Fields((Content.APPOINTMENT,))
ELSEWHERE = Fields((Content.HOSPITAL, Content.MUNICIPALITY), content="source__kind", practice="", restriction="")
WAITS = Fields((Content.APPOINTMENT,), restriction="appointment__restriction")
RECALLS = Fields((Content.APPOINTMENT,), restriction="")
WISHES = Fields((Content.WISH,), restriction="appointment__restriction", written_by="sent_by")


def visible_to(actor: Actor) -> QuerySet[Appointment]:
    """Those of the patients she acts for, and those at the office she is logged in to: visibility/rules.py."""
    rows = Appointment.objects.select_related("visit_type", "calendar__clinician", "practice")
    return rows.filter(visibility.rows(actor, TIMES))


def reads_reason(actor: Actor, appointment: Appointment) -> bool:
    """What an appointment of hers, or at her office, is about, in the words of who booked or cancelled it."""
    return visibility.sees(
        actor,
        Piece(
            Content.REASON,
            appointment.patient_id,
            appointment.practice_id,
            appointment.restriction,
            written_by=appointment.booked_by_person_id,
        ),
    )


def find(actor: Actor, appointment_id: UUID, *, lock: bool = False) -> Appointment:
    return found(visible_to(actor), appointment_id, lock=lock)


def requests_visible_to(actor: Actor) -> QuerySet[TimeRequest]:
    """The manager sees that one waits; its words are asked for by reads_wishes."""
    rows = TimeRequest.objects.select_related("clinician", "practice", "appointment")
    return rows.filter(visibility.rows(actor, WISHES, knows=True))


def find_request(actor: Actor, request_id: UUID, *, lock: bool = False) -> TimeRequest:
    return found(requests_visible_to(actor), request_id, lock=lock)


def waits_visible_to(actor: Actor) -> QuerySet[Wait]:
    """Whoever sees the appointment sees that an earlier one is waited for."""
    rows = Wait.objects.select_related("appointment__calendar__clinician", "appointment__visit_type")
    return rows.filter(visibility.rows(actor, WAITS))


def find_wait(actor: Actor, wait_id: UUID, *, lock: bool = False) -> Wait:
    return found(waits_visible_to(actor), wait_id, lock=lock)


def recalls_visible_to(actor: Actor) -> QuerySet[Recall]:
    """As an appointment that is hidden from nobody."""
    rows = Recall.objects.select_related("visit_type", "calendar__clinician", "appointment", "practice")
    return rows.filter(visibility.rows(actor, RECALLS))


def find_recall(actor: Actor, recall_id: UUID, *, lock: bool = False) -> Recall:
    return found(recalls_visible_to(actor), recall_id, lock=lock)


def find_offer(actor: Actor, offer_id: UUID) -> TimeOffer:
    rows = TimeOffer.objects.select_related("wait", "calendar__clinician")
    offer = rows.filter(pk=offer_id, wait__in=waits_visible_to(actor).values("pk")).first()
    if offer is None:
        raise NotFound
    return offer


def find_calendar(actor: Actor, calendar_id: UUID) -> Calendar:
    """A calendar at the office she works at."""
    calendar = Calendar.objects.select_related("clinician").filter(pk=calendar_id, practice__in=actor.practices).first()
    if calendar is None:
        raise NotFound
    return calendar


def find_column(actor: Actor, column_id: UUID, *, lock: bool = False) -> Calendar:
    """The calendar of one of the columns of the office she works at: by the column's own id."""
    rows = Calendar.objects.select_related("clinician").filter(
        practice__in=actor.practices, clinician=column_id, clinician__practice__in=actor.practices
    )
    calendar = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if calendar is None:
        raise NotFound
    return calendar


def check_acts_for(actor: Actor, patient_id: UUID) -> None:
    """The patient herself, or somebody who may book for her. Anyone else learns nothing."""
    if not actor.is_citizen or patient_id not in actor.patients:
        raise NotFound
    _check_area(actor)


def check_books(actor: Actor, practice_id: UUID) -> None:
    """Reception, doctors and substitutes at the office book, cancel and answer requests."""
    if practice_id not in actor.practices:
        raise NotFound
    if actor.role not in BOOKS:
        raise Denied(_("Bare de som arbeider med pasientenes timer, kan gjøre dette."))


def check_plans(actor: Actor, calendar: Calendar) -> None:
    """The manager plans for all, a doctor for herself."""
    if calendar.practice_id not in actor.practices:
        raise NotFound
    own = actor.role in PLANS and actor.clinician_id == calendar.clinician_id
    if actor.role not in MANAGES and not own:
        raise Denied(_("Bare daglig leder og legen selv kan endre ukeplanen."))


def check_cancel(actor: Actor, appointment: Appointment) -> None:
    if appointment.patient_id in actor.patients:
        return _check_area(actor)
    return check_books(actor, appointment.practice_id)


def _check_area(actor: Actor) -> None:
    if not actor.opens(Area.BOOKING):
        raise Denied(_("Du kan se timene, men ikke bestille eller endre dem. Ring legekontoret."))


def check_restrict(actor: Actor, appointment: Appointment, restriction: str) -> None:
    """A doctor at the office, and a youth who is alone: she hides from her parents only.

    Source: docs/facts.md#children.
    """
    if appointment.practice_id in actor.practices and actor.role in DOCTORS:
        return
    if actor.ground == Ground.YOUTH and restriction != Restriction.FROM_YOUTH:
        return
    raise Denied(_("Bare legen og ungdommen selv kan skjule en time."))


def check_orders(actor: Actor) -> None:
    """To ask a patient to book what she may not book unasked is an order, and a doctor's. See ADR 296."""
    if actor.role not in DOCTORS:
        raise Denied(_("Bare legen kan be pasienten bestille slike timer."))


def check_manages(actor: Actor, practice_id: UUID) -> None:
    """Kinds of visit and columns belong to the office, so only its manager changes them."""
    if practice_id not in actor.practices:
        raise NotFound
    if actor.role not in MANAGES:
        raise Denied(_("Bare lederen ved kontoret kan endre dette."))


def elsewhere_visible_to(actor: Actor) -> QuerySet[ExternalAppointment]:
    """What other systems have told of the patients she acts for, by visibility/rules.py."""
    return ExternalAppointment.objects.select_related("source").filter(visibility.rows(actor, ELSEWHERE))


def source_kinds(actor: Actor) -> list[SourceKind]:
    """Of which she may see any: whether those are heard from is said to nobody else."""
    return [kind for kind in SourceKind if rules.scope(actor, Content(kind.value)) != Scope()]


def feeds(actor: Actor) -> QuerySet[CalendarFeed]:
    """Hers alone: nobody makes an address of another's times, and nobody else sees that there is one."""
    return CalendarFeed.objects.filter(person=actor.person_id, person__in=actor.patients)


def find_feed(actor: Actor) -> CalendarFeed | None:
    """None when she has none. Raises Denied for who acts for another."""
    check_feed(actor)
    return feeds(actor).first()


def check_feed(actor: Actor) -> UUID:
    """Whose it is. Raises Denied for who acts for another: a right that ends would leave its address behind."""
    if not actor.is_citizen or actor.person_id is None or actor.acts_for_another:
        raise Denied
    return actor.person_id
