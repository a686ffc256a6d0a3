"""A doctor is away or has left: what she leaves, a proposal for each, and one press that does it for all.

The press waits as every act that tells a patient does (ADR 90). Then the worker does one thing at a time, each in its
own transaction, by the use cases that a person would have used: what stands in the database is what is done, so it goes
on after a stop. See docs/adr/0130-handing-over.md.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import structlog
from django.db import OperationalError, transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from legedialog.access.actor import Actor, at_work
from legedialog.appointments import free_rules, office
from legedialog.appointments import policy as appointments
from legedialog.appointments import rules as appointment_rules
from legedialog.appointments import services as appointment_services
from legedialog.appointments.models import Appointment, Calendar
from legedialog.appointments.office import Visit
from legedialog.audit import services as audit
from legedialog.core import events, fence, seen, writing
from legedialog.core.errors import LegedialogError, NotFound, Refusal, Refused
from legedialog.core.times import local_day
from legedialog.dialogues import office as dialogue_office
from legedialog.dialogues import policy as dialogues
from legedialog.dialogues import services as dialogue_services
from legedialog.dialogues.models import WAITING, Dialogue, Kind
from legedialog.journeys.handover_rules import KEPT, Outcome, Way
from legedialog.journeys.models import Handover, HandoverItem
from legedialog.pending import policy as pending
from legedialog.practices.models import Absence, Employee

GO_ON = "journeys.handover"  # the job, in tasks.py
APPOINTMENT, DIALOGUE = "appointment", "dialogue"

GOES_ON = Refusal(
    code="handover-goes-on",
    to_patient=_("Noen ved kontoret gjør dette akkurat nå."),
    to_practice=_("Timene til denne legen fordeles akkurat nå. Vent til det er ferdig, og se hva som står igjen."),
    source="docs/adr/0130-handing-over.md",
)

log = structlog.get_logger("legedialog.journeys")


@dataclass(frozen=True, slots=True)
class Away:
    """Whose, at which office, from when to when; both local days included. No `last_date`: for good."""

    practice_id: UUID
    clinician_id: UUID
    first_date: date
    last_date: date | None
    substitute_id: UUID | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to become of one, by somebody who has seen it as `mark` says."""

    kind: str
    id: UUID
    way: str
    mark: str


@dataclass(frozen=True, slots=True)
class Affected:
    """One that she leaves. `ways` are those it may go, the proposed one first; none of what follows her by itself."""

    kind: str
    id: UUID
    patient_id: UUID
    patient_name: str
    mark: str
    ways: tuple[Way, ...]
    visit: Visit | None = None
    why_not: Refusal | None = None  # why the substitute does not see her at the same time
    dialogue: dialogue_office.Row | None = None


def affected(actor: Actor, away: Away, now: datetime) -> list[Affected]:
    """Her coming appointments by time, then what waits for her answer by date. Leaves no trace: it shows no content.

    A fixed number of queries, and one for each kind of visit, way and length.
    """
    visits = office.booked_with(actor, away.clinician_id, away.first_date, away.last_date, now)
    why = office.why_not_with(actor, visits, away.substitute_id, now)
    may_book = actor.role in appointments.BOOKS
    bookable = {each.pk for each in office.visit_types(actor) if each.is_bookable_by_citizens}
    rows = [
        Affected(
            kind=APPOINTMENT,
            id=each.id,
            patient_id=each.patient_id,
            patient_name=each.patient_name,
            mark=each.mark,
            ways=_ways(with_substitute=why[each.id] is None, bookable=each.visit_type_id in bookable)
            if may_book
            else (),
            visit=each,
            why_not=why[each.id] if away.substitute_id else None,
        )
        for each in visits
    ]
    return rows + (_dialogues(actor, away, now) if away.last_date else [])  # who has left is followed by itself


def following(actor: Actor, away: Away) -> int:
    """How many e-consultations an absence moves by itself, also those that her role does not see. One query."""
    waits = Dialogue.objects.filter(WAITING, practice=away.practice_id, practice__in=actor.practices)
    return waits.filter(kind=Kind.ECONSULTATION, answerer=away.clinician_id).count() if away.last_date else 0


def _ways(*, with_substitute: bool, bookable: bool) -> tuple[Way, ...]:
    """A time of a kind that patients do not book themselves is left until somebody has talked with her."""
    first = [Way.SUBSTITUTE] if with_substitute else []
    return (*first, Way.OFFER, Way.CANCEL, Way.LEAVE) if bookable else (*first, Way.LEAVE, Way.CANCEL)


def _dialogues(actor: Actor, away: Away, now: datetime) -> list[Affected]:
    """What is given to her in person may be given on. An e-consultation besides follows her absence by itself."""
    today = local_day(now)
    able = {
        kind: dialogues.colleagues(away.practice_id, kind, today).filter(clinician=away.substitute_id).exists()
        for kind in Kind.values
        if away.substitute_id
    }
    found = []
    for row, is_given in dialogue_office.left_by(actor, away.clinician_id, now):
        ways: tuple[Way, ...] = ()
        if is_given:
            ways = (*([Way.SUBSTITUTE] if able.get(row.kind) else []), Way.OFFICE, Way.LEAVE)
            if away.first_date > today:  # until then she answers herself
                ways = (Way.LEAVE, *ways[:-1])
        found.append(Affected(DIALOGUE, row.id, row.patient_id, row.patient_name, row.mark, ways, dialogue=row))
    return found


def choices(rows: Collection[Affected], chosen: dict[UUID, str]) -> list[Choice]:
    """Of each row what was chosen, or what is proposed; nothing of those that may go no way."""
    return [
        Choice(each.kind, each.id, chosen.get(each.id, each.ways[0]), each.mark)
        for each in rows
        if each.ways and chosen.get(each.id, each.ways[0]) in each.ways
    ]


@transaction.atomic
def start(*, actor: Actor, away: Away, choices: list[Choice], text: str, now: datetime) -> Handover | None:
    """Begin; the worker does it. None when all is left. Raises NotFound, Denied, or Refused "handover-goes-on"."""
    asked = [each for each in choices if each.way != Way.LEAVE]
    if away.practice_id not in actor.practices:
        raise NotFound
    if any(each.kind == APPOINTMENT for each in asked):
        appointments.check_books(actor, away.practice_id)
    assert actor.employee_id  # noqa: S101  she works there
    if not asked:
        return None
    made = Handover.objects.bulk_create(
        [
            Handover(
                practice_id=away.practice_id,
                clinician_id=away.clinician_id,
                substitute_id=away.substitute_id,
                by_employee_id=actor.employee_id,
                login_id=actor.login_id,
                text=text,
                started_at=now,
                total=len(asked),
            )
        ],
        ignore_conflicts=True,
    )[0]
    if not Handover.objects.filter(pk=made.pk).exists():
        raise Refused(GOES_ON)
    HandoverItem.objects.bulk_create(
        HandoverItem(
            handover=made,
            practice_id=away.practice_id,
            appointment_id=each.id if each.kind == APPOINTMENT else None,
            dialogue_id=each.id if each.kind == DIALOGUE else None,
            place=place,
            way=each.way,
            mark=each.mark,
        )
        for place, each in enumerate(asked)
    )
    audit.record(actor, "handover.started", made.pk, at=now, practice_id=away.practice_id, items=len(asked))
    events.publish(f"calendar:{away.practice_id}")
    app.configure_task(GO_ON).defer(handover_id=str(made.pk))
    return made


def begin(
    *,
    actor: Actor,
    practice_id: UUID,
    clinician_id: UUID,
    first_date: date,
    last_date: date | None,
    substitute_id: UUID | None,
    choices: list[Choice],
    text: str,
    now: datetime,
) -> Handover | None:
    """As `start`, for what is still left of an absence that is registered, or by one who has left."""
    away = Away(practice_id, clinician_id, first_date, last_date, substitute_id)
    return start(actor=actor, away=away, choices=choices, text=text, now=now)


@transaction.atomic
def stop(*, actor: Actor, handover_id: UUID, now: datetime) -> None:
    """What is done stays; the rest is not. One that has ended is left alone. Raises NotFound or Denied."""
    run = Handover.objects.select_for_update(of=("self",)).filter(pk=handover_id, practice__in=actor.practices).first()
    if run is None:
        raise NotFound
    appointments.check_books(actor, run.practice_id)
    _stop(actor, run, now)


def stop_of(actor: Actor, clinician_id: UUID, now: datetime) -> None:
    """The same for a doctor who is back."""
    rows = Handover.objects.select_for_update(of=("self",)).filter(practice__in=actor.practices, ended_at=None)
    for run in rows.filter(clinician=clinician_id):
        _stop(actor, run, now)


def _stop(actor: Actor, run: Handover, now: datetime) -> None:
    if run.ended_at:
        return
    run.items.filter(outcome="").update(outcome=Outcome.STOPPED, done_at=now)
    run.ended_at = now
    run.save(update_fields=["ended_at"])
    audit.record(actor, "handover.stopped", run.pk, at=now, practice_id=run.practice_id)
    events.publish(f"calendar:{run.practice_id}")


@fence.system("what was begun is done for whoever pressed")
def go_on(now: datetime) -> int:
    """Work on every one that has not ended; how many things were looked at. Run when one begins, and each minute."""
    count = 0
    for key in list(Handover.objects.filter(ended_at=None).order_by("started_at").values_list("pk", flat=True)):
        try:
            while _one(key, now):
                count += 1
        except OperationalError:  # the database could not take it: what is left goes on in a minute
            log.warning("handover not done yet", handover=str(key))
    return count


@transaction.atomic
def _one(handover_id: UUID, now: datetime) -> bool:
    """One of them, or its end."""
    rows = Handover.objects.select_for_update(of=("self",)).select_related("by_employee")
    run = rows.filter(pk=handover_id, ended_at=None).first()
    if run is None:
        return False
    item = run.items.filter(outcome="").order_by("place").first()
    if item is None:
        run.ended_at = now
        run.save(update_fields=["ended_at"])
        events.publish(f"calendar:{run.practice_id}")
        return False
    item.outcome, item.done_at = _outcome(run, item, now), now
    item.save(update_fields=["outcome", "done_at"])
    run.done += 1
    run.save(update_fields=["done"])
    events.publish(f"calendar:{run.practice_id}")
    return True


def _outcome(run: Handover, item: HandoverItem, now: datetime) -> Outcome:
    by = run.by_employee
    actor = at_work(
        employee_id=by.pk,
        clinician_id=by.clinician_id,
        role=by.role,
        practice_id=run.practice_id,
        name=by.name,
        login_id=run.login_id,
    )
    try:
        with transaction.atomic(), fence.works_for(*actor.scope):
            if item.appointment_id:
                _hand_over_appointment(actor, run, item, item.appointment_id, now)
            elif item.dialogue_id:
                _hand_over_dialogue(actor, run, item, item.dialogue_id, now)
    except LegedialogError as error:
        not_free = isinstance(error, Refused) and error.refusal in free_rules.REASONS
        return Outcome.NOT_FREE if not_free else Outcome.CHANGED
    except OperationalError:
        raise
    except Exception:
        log.exception("not handed over", handover=str(run.pk))
        return Outcome.FAULT
    return Outcome.DONE


def _hand_over_appointment(
    actor: Actor, run: Handover, item: HandoverItem, appointment_id: UUID, now: datetime
) -> None:
    pending.check_nothing_waits(appointment_id)
    row = appointments.find(actor, appointment_id, lock=True)
    seen.check(item.mark, *appointment_rules.seen_of_place(row))
    if row.starts_at <= now:
        raise Refused(appointment_rules.CANNOT_CHANGE)
    if item.way == Way.SUBSTITUTE:
        calendar = Calendar.objects.filter(
            practice=run.practice_id, clinician=run.substitute_id, is_active=True
        ).first()
        if calendar is None:
            raise NotFound
        appointment_services.move(
            actor=actor,
            appointment_id=row.pk,
            calendar_id=calendar.pk,
            visit_type_id=row.visit_type_id,
            channel=row.channel,
            starts_at=row.starts_at,
            reason=None,
            now=now,
        )
    else:
        appointment_services.cancel(
            actor=actor, appointment_id=row.pk, note=run.text, offers_new=item.way == Way.OFFER, now=now
        )


def _hand_over_dialogue(actor: Actor, run: Handover, item: HandoverItem, dialogue_id: UUID, now: datetime) -> None:
    to: UUID | None = None
    if item.way == Way.SUBSTITUTE:
        kind = Dialogue.objects.values_list("kind", flat=True).get(pk=dialogue_id)
        able = dialogues.colleagues(run.practice_id, kind, local_day(now)).filter(clinician=run.substitute_id)
        to = able.values_list("pk", flat=True).first()
        if to is None:
            raise NotFound
    dialogue_services.assign(actor=actor, dialogue_id=dialogue_id, employee_id=to, mark=item.mark, now=now)


def tidy(now: datetime) -> None:
    writing.remove(Handover.objects.filter(ended_at__lte=now - KEPT))


# ---- what the office's pages show of it


@dataclass(frozen=True, slots=True)
class NotDone:
    appointment_id: UUID | None
    dialogue_id: UUID | None
    patient_name: str
    starts_at: datetime | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Progress:
    """The latest of a doctor. `not_done`: with what came in between."""

    id: UUID
    clinician_id: UUID
    total: int
    done: int
    went_well: int
    started_at: datetime
    ended_at: datetime | None
    not_done: Sequence[NotDone] = ()


def latest(actor: Actor, clinician_ids: Collection[UUID]) -> dict[UUID, Progress]:
    """Of each of these doctors, without what was not done. Two queries."""
    rows = Handover.objects.filter(practice__in=actor.practices, clinician__in=clinician_ids)
    last = rows.values("clinician").annotate(at=Max("started_at")).values_list("at", flat=True)
    well = Count("items", filter=Q(items__outcome=Outcome.DONE))
    found = rows.filter(started_at__in=last).annotate(well=well).order_by("started_at").defer("text")
    return {
        row.clinician_id: Progress(
            row.pk, row.clinician_id, row.total, row.done, row.well, row.started_at, row.ended_at
        )
        for row in found
    }


def not_done(actor: Actor, handover_id: UUID) -> list[NotDone]:
    """In the order of the list. One query."""
    rows = HandoverItem.objects.filter(handover=handover_id, practice__in=actor.practices)
    rows = rows.exclude(outcome__in=["", Outcome.DONE]).select_related("appointment__patient", "dialogue__patient")
    return [_not_done(row) for row in rows.order_by("place")]


def _not_done(row: HandoverItem) -> NotDone:
    of: Appointment | Dialogue | None = row.appointment or row.dialogue
    return NotDone(
        appointment_id=row.appointment_id,
        dialogue_id=row.dialogue_id,
        patient_name=of.patient.name if of else "",
        starts_at=row.appointment.starts_at if row.appointment else None,
        outcome=Outcome(row.outcome),
    )


@dataclass(frozen=True, slots=True)
class Leaver:
    employee_id: UUID
    name: str
    away: Away
    left: int


def leavers(actor: Actor, practice_id: UUID, now: datetime) -> list[Leaver]:
    """Those who have left, or will, with times booked after their last day. Three queries."""
    gone = Employee.objects.filter(practice=practice_id, clinician__isnull=False, ends_date__isnull=False)
    there = set(
        Employee.objects.filter(practice=practice_id, ends_date=None, clinician__isnull=False).values_list(
            "clinician", flat=True
        )
    )
    rows = [
        row
        for row in gone.select_related("successor").order_by("ends_date", "pk")
        if row.clinician_id not in there and row.practice_id in actor.practices
    ]
    aways = [_leavers(row) for row in rows]
    counts = office.still_booked(actor, [(each.clinician_id, each.first_date, None) for each in aways], now)
    return [
        Leaver(row.pk, row.name, away, count) for row, away, count in zip(rows, aways, counts, strict=True) if count
    ]


def leaver(actor: Actor, employee_id: UUID) -> tuple[str, Away]:
    """Her name, and from when. Raises NotFound for another office's, or one who stays."""
    row = (
        Employee.objects.select_related("successor")
        .filter(pk=employee_id, practice__in=actor.practices, clinician__isnull=False, ends_date__isnull=False)
        .first()
    )
    if row is None:
        raise NotFound
    return row.name, _leavers(row)


def _leavers(row: Employee) -> Away:
    assert row.clinician_id  # noqa: S101  asked for
    assert row.ends_date  # noqa: S101
    heir = row.successor.clinician_id if row.successor else None
    return Away(row.practice_id, row.clinician_id, row.ends_date, None, heir)


def absence(actor: Actor, absence_id: UUID) -> tuple[str, Away]:
    """The doctor's name, and from when to when. Raises NotFound for another office's."""
    row = Absence.objects.select_related("clinician").filter(pk=absence_id, practice__in=actor.practices).first()
    if row is None:
        raise NotFound
    return row.clinician.name, Away(row.practice_id, row.clinician_id, row.first_date, row.last_date, row.substitute_id)
