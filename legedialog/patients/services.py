"""Persons and lists from the registers, and contact data from the citizen herself."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import seen, writing
from legedialog.core.crypto import blind_index
from legedialog.core.errors import NotFound
from legedialog.core.times import local_day
from legedialog.patients import policy, queries, rules
from legedialog.patients.models import Language, Membership, Person, address_key, name_keys
from legedialog.patients.rules import NoticeKind, Way, clean_email, clean_phone


@transaction.atomic
def save_person(
    *,
    actor: Actor,
    national_number: str,
    given_name: str,
    family_name: str,
    birth_date: date,
    now: datetime,
    **fields: Any,
) -> Person:
    """Create or change a person from a register, found by her whole number (11 digits). `fields` as in Person.

    Raises Denied.
    """
    policy.check_import(actor)
    index = blind_index(national_number, purpose="national-number")
    known = queries.by_indexes([index]).get(index)  # by a number that was hers too: then she keeps the one she has
    person, is_new = Person.objects.update_or_create(
        **({"pk": known} if known else {"national_number_index": index}),
        defaults={
            **({} if known else {"national_number": national_number}),
            "given_name": given_name,
            "family_name": family_name,
            "name_keys": name_keys(given_name, family_name),
            "birth_date": birth_date,
            "confirmed_at": now,
            **({"reservation_confirmed_at": now} if "is_reserved" in fields else {}),
            **fields,
            **_address_key(fields),
        },
    )
    audit.record(actor, "person.saved", person.pk, at=now, patient_id=person.pk, is_new=is_new)
    return person


@transaction.atomic
def join_list(*, actor: Actor, person_id: UUID, contract_id: UUID, starts_date: date, now: datetime) -> Membership:
    """On the list from that day; an earlier list ends the day before. Joining the same list again changes nothing.

    Raises Denied, or NotFound.
    """
    policy.check_import(actor)
    policy.find(actor, person_id, local_day(now), lock=True)
    running = Membership.objects.filter(policy.on(starts_date), person=person_id).first()
    if running and running.contract_id == contract_id:
        Membership.objects.filter(pk=running.pk).update(confirmed_at=Greatest(F("confirmed_at"), now))
        return running
    if running:
        _end(running, starts_date)
    later = Membership.objects.filter(person=person_id, starts_date__gt=starts_date).order_by("starts_date").first()
    place = Membership.objects.create(
        person_id=person_id,
        contract_id=contract_id,
        starts_date=starts_date,
        ends_date=later.starts_date if later else None,
        confirmed_at=now,
    )
    audit.record(actor, "list.joined", place.pk, at=now, patient_id=person_id)
    return place


@transaction.atomic
def leave_list(*, actor: Actor, person_id: UUID, ends_date: date, now: datetime) -> None:
    """The day given is the first without a list. Raises Denied, or NotFound when she is on none."""
    policy.check_import(actor)
    policy.find(actor, person_id, local_day(now), lock=True)
    running = Membership.objects.filter(policy.on(ends_date), person=person_id).first()
    if running is None:
        raise NotFound
    _end(running, ends_date)
    audit.record(actor, "list.left", running.pk, at=now, patient_id=person_id)


@transaction.atomic
def update_contact(
    *,
    actor: Actor,
    person_id: UUID,
    phone: str,
    email: str,
    mark: str | None = None,
    now: datetime,
) -> Person:
    """Save and confirm. `phone` may be typed with spaces; empty is none.

    Raises NotFound, Denied, ValueError, or Refused "changed-since-seen".
    """
    person = policy.find(actor, person_id, local_day(now), lock=True)
    policy.check_edit_contact(actor, person_id)
    seen.check(mark, person.phone, person.email)

    person.phone, person.email = clean_phone(phone), clean_email(email)
    person.contact_confirmed_at = now
    person.save(update_fields=["phone", "email", "contact_confirmed_at"])
    audit.record(actor, "contact.updated", person_id, at=now, patient_id=person_id)
    return person


@transaction.atomic
def confirm_contact(*, actor: Actor, person_id: UUID, mark: str | None = None, now: datetime) -> None:
    """What she sees is right: usable for notices for another 18 months.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    person = policy.find(actor, person_id, local_day(now), lock=True)
    policy.check_edit_contact(actor, person_id)
    seen.check(mark, person.phone, person.email)

    person.contact_confirmed_at = now
    person.save(update_fields=["contact_confirmed_at"])
    audit.record(actor, "contact.confirmed", person_id, at=now, patient_id=person_id)


@transaction.atomic
def choose_notices(
    *, actor: Actor, person_id: UUID, ways: Mapping[NoticeKind, Way], mark: str | None = None, now: datetime
) -> None:
    """Which notices go where; kinds that are not named stay as they are.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    person = policy.find(actor, person_id, local_day(now), lock=True)
    policy.check_edit_contact(actor, person_id)
    seen.check(mark, *rules.seen_of_notices(person.notices))

    person.notices |= {kind.value: way.value for kind, way in ways.items()}
    person.save(update_fields=["notices"])
    audit.record(actor, "notices.chosen", person_id, at=now, patient_id=person_id)


@transaction.atomic
def forget_contact(*, actor: Actor, person_id: UUID, now: datetime) -> None:
    """Remove what she has told us herself: contact data, language and choices. Raises NotFound or Denied."""
    person = policy.find(actor, person_id, local_day(now), lock=True)
    policy.check_edit_contact(actor, person_id)

    person.phone = person.email = person.language = ""
    person.contact_confirmed_at, person.notices = None, {}
    person.save(update_fields=["phone", "email", "language", "contact_confirmed_at", "notices"])
    audit.record(actor, "contact.removed", person_id, at=now, patient_id=person_id)


@transaction.atomic
def choose_language(*, actor: Actor, person_id: UUID, language: Language, now: datetime) -> None:
    """For pages and notices, wherever she logs in. Raises NotFound or Denied."""
    person = policy.find(actor, person_id, local_day(now), lock=True)
    policy.check_edit_contact(actor, person_id)

    person.language = language
    person.save(update_fields=["language"])
    audit.record(actor, "language.chosen", person_id, at=now, patient_id=person_id, language=language.value)


def _address_key(fields: dict[str, Any]) -> dict[str, bytes | None]:
    if not {"address", "address_grading"} & fields.keys():
        return {}
    return {"address_key": address_key(fields.get("address", ""), fields.get("address_grading", "open"))}


def _end(place: Membership, ends_date: date) -> None:
    """A place that would hold no day is removed."""
    if place.starts_date >= ends_date:
        writing.remove(place)
        return
    place.ends_date = ends_date
    place.save(update_fields=["ends_date"])
