"""What changes at an office: its services, absences and hours from the office's screens, the rest from the registers.

Register rows are saved by their own numbers, so an import may be repeated and leaves the same rows.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import events, fence, seen, writing
from legedialog.core.crypto import create_key
from legedialog.core.errors import NotFound, Refused
from legedialog.core.identifiers import BadIdentifier, parse_organisation_number
from legedialog.core.models import KeyPurpose
from legedialog.core.times import local_day
from legedialog.practices import policy, queries, rules
from legedialog.practices.models import (
    Absence,
    Clinician,
    Contract,
    Offer,
    OpeningException,
    OpeningHours,
    Practice,
)
from legedialog.practices.queries import Day
from legedialog.practices.rules import Hours, Service, Weekly


@transaction.atomic
def let_reception_read(*, actor: Actor, practice_id: UUID, reads: bool, now: datetime) -> None:
    """Whether reception reads e-consultations too, from the next that is sent. Raises NotFound or Denied."""
    practice = policy.find(actor, practice_id, lock=True)
    policy.check_edit_intake(actor, practice_id)
    if practice.secretary_reads == reads:
        return
    practice.secretary_reads = reads
    practice.save(update_fields=["secretary_reads"])
    action = "reception.reads" if reads else "reception.reads-no-more"
    audit.record(actor, action, practice_id, at=now, practice_id=practice_id)


@transaction.atomic
def open_service(
    *,
    actor: Actor,
    practice_id: UUID,
    clinician_id: UUID,
    service: Service,
    mark: str | None = None,
    now: datetime,
) -> Offer:
    """`mark` is of what she saw, here and below (core/seen.py).

    Raises NotFound, Denied, or Refused: "changed-since-seen", or the office's record system cannot carry the service.
    """
    practice = policy.find(actor, practice_id, lock=True)
    policy.check_edit_services(actor, practice_id, clinician_id)
    if service not in practice.supported_services:
        raise Refused(rules.UNSUPPORTED)
    _check_seen(mark, practice_id, clinician_id, service, now)

    return _save_offer(actor, practice_id, clinician_id, service, now, is_open=True)


@transaction.atomic
def close_service(
    *,
    actor: Actor,
    practice_id: UUID,
    clinician_id: UUID,
    service: Service,
    reason: str,
    until: date | None,
    mark: str | None = None,
    now: datetime,
) -> Offer:
    """Close it for ever, or with `until` to the first open day again. Citizens read `reason` (at most 200 characters).

    Raises NotFound, Denied, or Refused when `until` is not ahead.
    """
    policy.find(actor, practice_id, lock=True)
    policy.check_edit_services(actor, practice_id, clinician_id)
    if until and until <= local_day(now):
        raise Refused(rules.CLOSED_IN_THE_PAST)
    _check_seen(mark, practice_id, clinician_id, service, now)

    return _save_offer(
        actor, practice_id, clinician_id, service, now, is_open=False, closed_until_date=until, closed_reason=reason
    )


@transaction.atomic
def report_absence(
    *,
    actor: Actor,
    practice_id: UUID,
    clinician_id: UUID,
    first_date: date,
    last_date: date,
    substitute_id: UUID | None,
    note: str,
    now: datetime,
) -> Absence:
    """Both dates included. Citizens read `note` (at most 300 characters) and the stand-in's name.

    Raises NotFound, Denied, or Refused (wrong-dates, own-stand-in, overlapping-absence).
    """
    policy.find(actor, practice_id, lock=True)
    policy.check_edit_absence(actor, practice_id, clinician_id)
    today = local_day(now)
    if clinician_id not in policy.receives_at(practice_id, today):
        raise NotFound
    if substitute_id and substitute_id not in policy.clinicians_at(practice_id, today):
        raise NotFound
    if last_date < first_date:
        raise Refused(rules.WRONG_DATES)
    if substitute_id == clinician_id:
        raise Refused(rules.OWN_STAND_IN)
    at_once = Absence.objects.filter(practice=practice_id, clinician=clinician_id, first_date__lte=last_date)
    if at_once.filter(last_date__gte=first_date).exists():
        raise Refused(rules.OVERLAPPING_ABSENCE)

    absence = Absence.objects.create(
        practice_id=practice_id,
        clinician_id=clinician_id,
        substitute_id=substitute_id,
        first_date=first_date,
        last_date=last_date,
        note=note,
    )
    audit.record(actor, "absence.reported", absence.pk, at=now, practice_id=practice_id)
    events.publish(f"calendar:{practice_id}")
    return absence


@transaction.atomic
def end_absence(*, actor: Actor, absence_id: UUID, now: datetime) -> None:
    """She is back today: a running absence ends yesterday, one that has not begun (or began today) is removed.

    Raises NotFound when there is none or it is over, or Denied.
    """
    today = local_day(now)
    absence = (
        Absence.objects.select_for_update()
        .filter(pk=absence_id, practice__in=actor.practices, last_date__gte=today)
        .first()
    )
    if absence is None:
        raise NotFound
    policy.check_edit_absence(actor, absence.practice_id, absence.clinician_id)

    if absence.first_date >= today:
        writing.remove(absence)
    else:
        absence.last_date = date.fromordinal(today.toordinal() - 1)
        absence.save(update_fields=["last_date"])
    audit.record(actor, "absence.ended", absence_id, at=now, practice_id=absence.practice_id)
    events.publish(f"calendar:{absence.practice_id}")


@transaction.atomic
def save_opening_hours(
    *, actor: Actor, practice_id: UUID, weekly: Weekly, mark: str | None = None, now: datetime
) -> None:
    """The whole week; days that are left out are closed.

    Raises NotFound, Denied, or Refused: "overlapping-hours", or "changed-since-seen".
    """
    policy.find(actor, practice_id, lock=True)
    policy.check_edit_practice(actor, practice_id)
    rules.check_week(weekly)
    if mark is not None:
        seen.check(mark, *queries.week(practice_id, now).weekdays)

    _replace_hours(practice_id, weekly)
    audit.record(actor, "opening-hours.changed", practice_id, at=now, practice_id=practice_id)


@transaction.atomic
def save_opening_exception(
    *,
    actor: Actor,
    practice_id: UUID,
    day: date,
    hours: Hours | None,
    note: str,
    mark: str | None = None,
    now: datetime,
) -> None:
    """Other hours on one day; `hours` None is closed. `mark`: of what she saw of the day, here and below.

    Raises NotFound, Denied, or Refused: "overlapping-hours", or "changed-since-seen".
    """
    policy.find(actor, practice_id, lock=True)
    policy.check_edit_practice(actor, practice_id)
    if hours:
        rules.check_week({day.weekday(): [hours]})
    seen.check(mark, *_exception(practice_id, day))

    OpeningException.objects.update_or_create(
        practice_id=practice_id,
        date=day,
        defaults={
            "opens": hours.opens if hours else None,
            "closes": hours.closes if hours else None,
            "note": note,
        },
    )
    audit.record(actor, "opening-exception.saved", practice_id, at=now, practice_id=practice_id)


@transaction.atomic
def remove_opening_exception(
    *, actor: Actor, practice_id: UUID, day: date, mark: str | None = None, now: datetime
) -> None:
    """Back to the ordinary week. Raises NotFound, Denied, or Refused "changed-since-seen"."""
    policy.find(actor, practice_id, lock=True)
    policy.check_edit_practice(actor, practice_id)
    found = _exception(practice_id, day)
    if not found:
        raise NotFound
    seen.check(mark, *found)

    writing.remove(OpeningException.objects.filter(practice=practice_id, date=day))
    audit.record(actor, "opening-exception.removed", practice_id, at=now, practice_id=practice_id)


@transaction.atomic
def save_contact(*, actor: Actor, practice_id: UUID, mark: str | None = None, now: datetime, **contact: str) -> None:
    """What patients find the office by: CONTACT of queries.py. The name and the numbers are the registers'.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    practice = policy.find(actor, practice_id, lock=True)
    policy.check_edit_practice(actor, practice_id)
    seen.check(mark, *queries.seen_of_contact(practice))
    assert set(contact) <= set(queries.CONTACT)  # noqa: S101  a form of ours
    for name, value in contact.items():
        setattr(practice, name, value)
    practice.save(update_fields=list(contact))
    audit.record(actor, "practice.contact-changed", practice_id, at=now, practice_id=practice_id)
    events.publish(f"calendar:{practice_id}")


@transaction.atomic
def open_practice(
    *, actor: Actor, name: str, organisation_number: str, supported_services: list[str], now: datetime
) -> Practice:
    """A new office, by whoever runs the platform. Raises Denied, or Refused ("not-an-organisation-number",
    "office-there-already")."""
    policy.check_runs_platform(actor)
    try:
        number = parse_organisation_number(organisation_number, synthetic=settings.SYNTHETIC_PERSONS)
    except BadIdentifier as error:
        raise Refused(rules.BAD_OFFICE_NUMBER) from error
    with fence.system("an office that nobody works at yet"):
        if Practice.objects.filter(organisation_number=number).exists():
            raise Refused(rules.OFFICE_THERE_ALREADY)
        return save_practice(
            actor=actor, organisation_number=number, now=now, name=name, supported_services=supported_services
        )


@transaction.atomic
def support(*, actor: Actor, practice_id: UUID, services: list[str], mark: str | None = None, now: datetime) -> None:
    """Which services the office's record system can carry, by whoever runs the platform.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    policy.check_runs_platform(actor)
    with fence.system("an office that she does not work at"):
        policy.lock(practice_id)
        practice = Practice.objects.get(pk=practice_id)
        seen.check(mark, *practice.supported_services)
        practice.supported_services = services
        practice.save(update_fields=["supported_services"])
    audit.record(actor, "practice.saved", practice_id, at=now, practice_id=practice_id, is_new=False)


@transaction.atomic
def save_practice(
    *, actor: Actor, organisation_number: str, now: datetime, weekly: Weekly | None = None, **fields: Any
) -> Practice:
    """Create or change an office with the data key that seals its texts. `fields` as in Practice.

    Raises Denied, or Refused (overlapping-hours).
    """
    policy.check_runs_platform(actor)
    practice, is_new = Practice.objects.update_or_create(organisation_number=organisation_number, defaults=fields)
    if is_new:
        create_key(KeyPurpose.SEAL, practice.pk)
    if weekly is not None:
        rules.check_week(weekly)
        _replace_hours(practice.pk, weekly)
    audit.record(actor, "practice.saved", practice.pk, at=now, practice_id=practice.pk, is_new=is_new)
    return practice


def save_clinician(*, actor: Actor, hpr_number: str, **fields: Any) -> Clinician:
    """Create or change a doctor. `fields` as in Clinician. Raises Denied."""
    policy.check_import(actor)
    clinician, _ = Clinician.objects.update_or_create(hpr_number=hpr_number, defaults=fields)
    return clinician


def save_contract(*, actor: Actor, number: str, practice_id: UUID, **fields: Any) -> Contract:
    """Create or change a GP list. `fields` as in Contract. Raises Denied."""
    policy.check_import(actor)
    contract, _ = Contract.objects.update_or_create(number=number, defaults={"practice_id": practice_id, **fields})
    return contract


def _exception(practice_id: UUID, day: date) -> list[Day]:
    """The day, where it is another than its week says; the office is locked."""
    return [each for each in queries.exceptions(practice_id, day) if each.date == day]


def _check_seen(mark: str | None, practice_id: UUID, clinician_id: UUID, service: Service, now: datetime) -> None:
    """The office is locked, so nobody else changes its services meanwhile."""
    if mark is not None:
        offers = policy.offers_of(practice_id, [clinician_id], local_day(now)).get(clinician_id, ())
        found = next((each for each in offers if each.service == service), None)
        seen.check(mark, *(rules.seen_of(found) if found else ()))


def _save_offer(
    actor: Actor,
    practice_id: UUID,
    clinician_id: UUID,
    service: Service,
    now: datetime,
    *,
    is_open: bool,
    closed_until_date: date | None = None,
    closed_reason: str = "",
) -> Offer:
    there = policy.receives_at if service is Service.BOOK else policy.clinicians_at
    if clinician_id not in there(practice_id, local_day(now)):
        raise NotFound
    offer, _ = Offer.objects.update_or_create(
        practice_id=practice_id,
        clinician_id=clinician_id,
        service=service,
        defaults={"is_open": is_open, "closed_until_date": closed_until_date, "closed_reason": closed_reason},
    )
    action = "service.opened" if is_open else "service.closed"
    audit.record(actor, action, offer.pk, at=now, practice_id=practice_id, service=service.value)
    events.publish(f"calendar:{practice_id}")
    return offer


def _replace_hours(practice_id: UUID, weekly: Weekly) -> None:
    writing.remove(OpeningHours.objects.filter(practice=practice_id))
    OpeningHours.objects.bulk_create(
        OpeningHours(practice_id=practice_id, weekday=weekday, opens=part.opens, closes=part.closes)
        for weekday, hours in weekly.items()
        for part in hours
    )
