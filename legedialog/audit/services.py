"""Leave a trace, say why, ask about a row and answer. Called inside the transaction of the change or the query."""

from collections.abc import Collection, Iterable
from contextlib import nullcontext
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor
from legedialog.access.actor import Kind as ActorKind
from legedialog.audit import policy, rules
from legedialog.audit.models import Concern, Event, Kind, StatedPurpose
from legedialog.core import events, fence, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.core.workdays import add_working_days


def record(
    actor: Actor,
    action: str,
    object_id: UUID | None,
    *,
    at: datetime,
    patient_id: UUID | None = None,
    practice_id: UUID | None = None,
    purpose: rules.Purpose | None = None,
    **facts: str | int | bool,
) -> None:
    """A change, as an event in the past tense ("appointment.booked"). Facts are codes and numbers, never content.

    The purpose is what staff have stated for this patient, or follows from who acts and of what, unless it is given.
    """
    _write(actor, Kind.CHANGE, action, object_id, at, patient_id, practice_id, purpose, facts)


def record_many(
    actor: Actor,
    action: str,
    objects: Iterable[tuple[UUID, UUID]],
    *,
    at: datetime,
    practice_id: UUID | None = None,
    **facts: str | int | bool,
) -> None:
    """The same change of many (object, patient), in two statements."""
    pairs = list(objects)
    stated = policy.stated_for(actor, {patient_id for _, patient_id in pairs}, at)
    Event.objects.bulk_create(
        _event(
            *(actor, Kind.CHANGE, action, object_id, at, patient_id, practice_id),
            _purpose(actor, action, patient_id, stated.get(patient_id)),
            facts,
        )
        for object_id, patient_id in pairs
    )


def looked(
    actor: Actor,
    what: str,
    object_id: UUID | None,
    *,
    at: datetime,
    patient_id: UUID,
    practice_id: UUID | None = None,
    purpose: rules.Purpose | None = None,
    **facts: str | int | bool,
) -> None:
    """Someone was shown clinical content of this patient."""
    _write(actor, Kind.READ, what, object_id, at, patient_id, practice_id, purpose, facts)


def looked_many(
    actor: Actor, what: str, patient_ids: Collection[UUID], *, at: datetime, practice_id: UUID | None = None
) -> None:
    """Someone was shown a list with content of these patients: one row for each and for each visit to the list."""
    _looked(actor, {(patient_id, what) for patient_id in patient_ids}, at, practice_id)


def looked_at_several(
    actor: Actor, whats: Collection[str], patient_id: UUID, *, at: datetime, practice_id: UUID | None = None
) -> None:
    """The same of one patient, for each of the things that were shown of her."""
    _looked(actor, {(patient_id, what) for what in whats}, at, practice_id)


def _looked(actor: Actor, shown: Collection[tuple[UUID, str]], at: datetime, practice_id: UUID | None) -> None:
    if not shown:
        return
    ids, whats = {patient_id for patient_id, _ in shown}, {what for _, what in shown}
    seen = Event.objects.filter(
        patient_id__in=ids, at__gt=at - rules.ONE_VISIT, action__in=whats, login_id=actor.login_id
    )
    fresh = set(shown) - set(seen.values_list("patient_id", "action"))
    stated = policy.stated_for(actor, {patient_id for patient_id, _ in fresh}, at)
    Event.objects.bulk_create(
        _event(
            *(actor, Kind.READ, what, None, at, patient_id, practice_id),
            _purpose(actor, what, patient_id, stated.get(patient_id)),
            {},
        )
        for patient_id, what in sorted(fresh)
    )


def looked_on_behalf(actor: Actor, what: str, object_id: UUID | None, *, at: datetime, patient_id: UUID) -> None:
    """Whoever acts for another was shown something of hers. Nothing is written for what is one's own."""
    if actor.is_citizen and patient_id != actor.person_id:
        looked(actor, what, object_id, at=at, patient_id=patient_id)


def _write(
    actor: Actor,
    kind: Kind,
    action: str,
    object_id: UUID | None,
    at: datetime,
    patient_id: UUID | None,
    practice_id: UUID | None,
    purpose: rules.Purpose | None,
    facts: dict[str, str | int | bool],
) -> None:
    purpose = purpose or _purpose(actor, action, patient_id, policy.stated(actor, patient_id, at))
    event = _event(actor, kind, action, object_id, at, patient_id, practice_id, purpose, facts)
    # Rows are written in the name of somebody in the scope; the system is nobody.
    with fence.system("the system did it") if actor.kind is ActorKind.SYSTEM else nullcontext():
        writing.add(event)


def _purpose(actor: Actor, action: str, patient_id: UUID | None, stated: rules.Purpose | None) -> rules.Purpose:
    return rules.purpose(actor.kind, action, is_own=patient_id in (None, actor.person_id), stated=stated)


def _event(
    actor: Actor,
    kind: Kind,
    action: str,
    object_id: UUID | None,
    at: datetime,
    patient_id: UUID | None,
    practice_id: UUID | None,
    purpose: rules.Purpose,
    facts: dict[str, str | int | bool],
) -> Event:
    return Event(
        at=at,
        category=rules.category(action, has_patient=patient_id is not None),
        kind=kind,
        action=action,
        object_id=object_id,
        patient_id=patient_id,
        actor_kind=actor.kind,
        login_id=actor.login_id,
        person_id=actor.person_id,
        employee_id=actor.employee_id,
        role=actor.role or actor.ground,  # of a citizen: by which right she acts for another
        practice_id=practice_id or actor.practice_id,
        purpose=purpose,
        legal_ground=rules.GROUNDS[purpose],
        facts=facts,
    )


@transaction.atomic
def state_purpose(*, actor: Actor, patient_id: UUID, code: rules.Purpose, note: str, now: datetime) -> None:
    """Holds for this patient and this login for PURPOSE_LASTS. Who may open the patient is the caller's to check."""
    policy.check_state(actor, code)
    assert actor.login_id and actor.employee_id and actor.practice_id  # noqa: S101, PT018  check_state
    stated = StatedPurpose.objects.create(
        login_id=actor.login_id,
        employee_id=actor.employee_id,
        practice_id=actor.practice_id,
        patient_id=patient_id,
        code=code,
        note=note,
        stated_at=now,
        ends_at=now + rules.PURPOSE_LASTS,
    )
    record(actor, "purpose.stated", stated.pk, at=now, patient_id=patient_id, purpose=code)


@transaction.atomic
def read_log(*, actor: Actor, now: datetime) -> None:
    """The citizen reads her own log: one row for each visit, not for each page of it."""
    assert actor.person_id  # noqa: S101  the page is for citizens
    recent = Event.objects.filter(
        patient_id=actor.person_id, at__gt=now - rules.ONE_VISIT, action="log.read", login_id=actor.login_id
    )
    if not recent.exists():
        looked(actor, "log.read", None, at=now, patient_id=actor.person_id)


def exported_log(*, actor: Actor, form: str, now: datetime) -> None:
    assert actor.person_id  # noqa: S101  the page is for citizens
    looked(actor, "log.exported", None, at=now, patient_id=actor.person_id, form=form)


@transaction.atomic
def raise_concern(*, actor: Actor, event_id: UUID, text: str, now: datetime) -> Concern:
    """Raises NotFound for a row that is not in her log, Refused for one that no office can answer for."""
    event = policy.find_own(actor, event_id)
    if not policy.may_ask(event):
        raise Refused(policy.NOBODY_TO_ASK)
    assert event.practice_id and event.patient_id  # noqa: S101, PT018  may_ask
    try:
        with transaction.atomic():
            concern = Concern.objects.create(
                event_id=event.pk,
                event_at=event.at,
                patient_id=event.patient_id,
                practice_id=event.practice_id,
                about_employee_id=event.employee_id,
                text=text,
                sent_at=now,
                answer_by=add_working_days(local_day(now), rules.ANSWER_DAYS),
            )
    except IntegrityError:
        raise Refused(policy.ALREADY_ASKED) from None
    record(actor, "concern.sent", concern.pk, at=now, patient_id=concern.patient_id, practice_id=concern.practice_id)
    events.publish(f"requests:{concern.practice_id}")
    return concern


@transaction.atomic
def answer_concern(*, actor: Actor, concern_id: UUID, text: str, now: datetime) -> Concern:
    """Raises NotFound for another office's, Denied for the one it is about, Refused when a colleague has answered."""
    concern = policy.concerns_visible_to(actor).select_for_update().filter(pk=concern_id).first()
    if concern is None:
        raise NotFound
    policy.check_answer(actor, concern)
    if concern.answered_at:
        raise Refused(policy.ALREADY_ANSWERED)
    concern.answer = text
    concern.answered_at = now
    concern.answered_by_id = actor.employee_id
    concern.save(update_fields=["answer", "answered_at", "answered_by_id"])
    record(
        actor,
        "concern.answered",
        concern.pk,
        at=now,
        patient_id=concern.patient_id,
        practice_id=concern.practice_id,
        purpose=rules.Purpose.QUALITY,
    )
    events.publish(f"requests:{concern.practice_id}", f"person:{concern.patient_id}")
    return concern
