"""Bring what we know of an office or a person's list to what the registers answer. Safe to repeat.

The registers are asked before the transaction begins, and what they leave empty stays as it is here.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.core.errors import NotFound
from legedialog.core.identifiers import (
    BadIdentifier,
    parse_hpr_number,
    parse_national_number,
    parse_organisation_number,
)
from legedialog.core.times import local_day
from legedialog.integrations.registers import mapping
from legedialog.integrations.registers.client import Registers
from legedialog.integrations.registers.mapping import GpDetails, Organisation, Person, RegisterError, Service
from legedialog.patients import policy as patients_policy
from legedialog.patients import services as patients
from legedialog.patients.models import Membership
from legedialog.practices import policy
from legedialog.practices import services as practices
from legedialog.practices.models import Clinician, Contract, ContractDoctor, Practice


def refresh_office(registers: Registers, her_id: int, *, actor: Actor, now: datetime) -> bool:
    """Name and contact data of an office, which is made when it is new. Whether anything changed.

    Raises Denied, or RegisterError.
    """
    policy.check_import(actor)
    party = registers.party(her_id)
    if not isinstance(party, Organisation):
        raise RegisterError("not-an-office")
    with transaction.atomic():
        return _save_office(party, actor, now)[1]


def refresh_person(registers: Registers, person_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """The list a person is on today, with its office and GP. Whether she changed list.

    Raises NotFound, Denied, or RegisterError.
    """
    patients_policy.check_import(actor)
    today = local_day(now)
    person = patients_policy.find(actor, person_id, today)
    number = parse_national_number(person.national_number, synthetic=settings.SYNTHETIC_PERSONS)
    try:
        details = registers.gp_details(number)
    except RegisterError as error:
        if error.code != "no-gp":
            raise
        return _leave(person_id, today, actor, now)
    gp = registers.party(details.gp_her_id) if details.gp_her_id else None
    office = _office_of(registers, gp)

    with transaction.atomic():
        if office:
            _save_office(office, actor, now)
        if isinstance(gp, Person):
            _save_clinician(gp, actor)
        contract = _contract(details, gp, office, today, actor)
        return _join(person_id, contract, details.starts_date, today, actor, now)


def _office_of(registers: Registers, gp: Organisation | Service | Person | None) -> Organisation | None:
    """The office above a GP or a service, asked for when the answer does not hold it."""
    if gp is None or isinstance(gp, Organisation):
        return gp
    if gp.parent is None:
        return None
    for office in gp.organisations if isinstance(gp, Person) else ():
        if office.her_id == gp.parent.her_id:
            return office
    found = registers.party(gp.parent.her_id)
    return found if isinstance(found, Organisation) else None


def _save_office(party: Organisation, actor: Actor, now: datetime) -> tuple[Practice, bool]:
    number = _checked_organisation_number(party)
    known = Practice.objects.filter(organisation_number=number).first()
    if Practice.objects.filter(her_id=party.her_id).exclude(organisation_number=number).exists():
        raise RegisterError("another-office")
    values = {name: value for name, value in _contact(party).items() if value and _fits(Practice, name, value)}
    if known and all(getattr(known, name) == value for name, value in values.items()):
        return known, False
    return practices.save_practice(actor=actor, organisation_number=number, now=now, **values), True


def _contact(party: Organisation) -> dict[str, Any]:
    place = party.place
    website = party.reach(mapping.WEBSITE)
    return {
        "name": party.name,
        "her_id": party.her_id,
        "street": place.street if place else "",
        "postal_code": place.postal_code if place else "",
        "city": place.city if place else "",
        "phone": party.reach(mapping.PHONE, mapping.SWITCHBOARD),
        "email": party.reach(mapping.EMAIL),
        "website": website if website.startswith(("https://", "http://")) else "",
    }


def _save_clinician(gp: Person, actor: Actor) -> None:
    try:
        number = parse_hpr_number(gp.hpr_number)
    except BadIdentifier as error:
        raise RegisterError("unreadable") from error
    if Clinician.objects.filter(her_id=gp.her_id).exclude(hpr_number=number).exists():
        raise RegisterError("another-office")
    practices.save_clinician(
        actor=actor, hpr_number=number, name=gp.name, her_id=gp.her_id, is_specialist=gp.is_specialist
    )


def _contract(
    details: GpDetails,
    gp: Organisation | Service | Person | None,
    office: Organisation | None,
    today: date,
    actor: Actor,
) -> Contract:
    """By its number where the answer has one; else the one list that the GP serves at the office."""
    number = details.contract_number
    if number:
        known = Contract.objects.filter(number=number).first()
        if known:
            return known
        if office:
            practice = Practice.objects.get(organisation_number=_checked_organisation_number(office))
            return practices.save_contract(actor=actor, number=number, practice_id=practice.pk)
    if isinstance(gp, Person) and office:
        serving = ContractDoctor.objects.filter(policy.on(today), clinician__hpr_number=gp.hpr_number)
        served = Contract.objects.filter(
            practice__organisation_number=office.organisation_number, pk__in=serving.values("contract")
        )
        if len(served) == 1:
            return served[0]
    raise RegisterError("unknown-list")


def _join(
    person_id: UUID, contract: Contract, starts_date: date | None, today: date, actor: Actor, now: datetime
) -> bool:
    running = Membership.objects.filter(patients_policy.on(today), person=person_id).first()
    if running and running.contract_id == contract.pk:
        patients.join_list(actor=actor, person_id=person_id, contract_id=contract.pk, starts_date=today, now=now)
        return False
    start = min(starts_date or today, today)
    if running and start <= running.starts_date:  # what we had is newer than that, and yet not so any more
        start = today
    patients.join_list(actor=actor, person_id=person_id, contract_id=contract.pk, starts_date=start, now=now)
    return True


def _leave(person_id: UUID, today: date, actor: Actor, now: datetime) -> bool:
    try:
        patients.leave_list(actor=actor, person_id=person_id, ends_date=today, now=now)
    except NotFound:
        return False
    return True


def _checked_organisation_number(party: Organisation) -> str:
    try:
        return parse_organisation_number(party.organisation_number, synthetic=settings.SYNTHETIC_PERSONS)
    except BadIdentifier as error:
        raise RegisterError("unreadable") from error


def _fits(model: type[Practice], name: str, value: object) -> bool:
    """What is too long for its column is not taken: half a telephone number helps nobody."""
    longest = getattr(model._meta.get_field(name), "max_length", None)
    return not (isinstance(value, str) and longest and len(value) > longest)
