"""Who may see a person, and who may change what is known of her."""

from datetime import date
from typing import Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.finding import found
from legedialog.patients import rules
from legedialog.patients.models import Membership, Person


class HasBirthDate(Protocol):
    @property
    def birth_date(self) -> date: ...


def visible_to(actor: Actor, today: date) -> QuerySet[Person]:
    """Herself for a citizen; those on the office's lists today for staff. Nobody for others."""
    if actor.kind is Kind.SYSTEM:
        return Person.objects.all()
    if actor.kind is Kind.CITIZEN:
        return Person.objects.filter(pk__in=actor.patients)
    if actor.kind is Kind.STAFF:
        listed = Membership.objects.filter(on(today), person=OuterRef("pk"), contract__practice__in=actor.practices)
        return Person.objects.filter(Exists(listed))
    return Person.objects.none()


def find(actor: Actor, person_id: UUID, today: date, *, lock: bool = False) -> Person:
    """A stranger is not found, so nobody learns that she exists."""
    rows = visible_to(actor, today).filter(pk=person_id)
    person = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if person is None:
        raise NotFound
    return person


def find_of_record(actor: Actor, person_id: UUID, today: date) -> Person:
    """Also one who has left the office's lists: her record there stays, and the office answers for it.

    Source: helsepersonelloven § 39; at least ten years: docs/facts.md#record-keeping.
    """
    rows = visible_to(actor, today)
    if actor.kind is Kind.STAFF:
        begun = Membership.objects.filter(starts_date__lte=today, contract__practice__in=actor.practices)
        rows = Person.objects.filter(Exists(begun.filter(person=OuterRef("pk"))))
    return found(rows, person_id)


def check_edit_contact(actor: Actor, person_id: UUID) -> None:
    """She herself. The office asks her to do it."""
    if actor.kind is Kind.CITIZEN and actor.person_id == person_id:
        return
    raise Denied(_("Bare du selv kan endre kontaktopplysningene dine."))


def check_search(actor: Actor, practice_id: UUID) -> None:
    """Staff, among the patients of the office where they work."""
    if actor.kind is Kind.STAFF and practice_id in actor.practices:
        return
    raise Denied(_("Bare de som arbeider ved kontoret, kan søke etter pasienter."))


def check_import(actor: Actor) -> None:
    """Persons and lists come from the registers, never from a screen."""
    if actor.kind is not Kind.SYSTEM:
        raise Denied(_("Opplysningene kommer fra registrene og kan ikke endres her."))


def check_lives(person_id: UUID) -> None:
    """Raises Refused with code "deceased". Until the transaction ends no register's death is taken in: what is begun
    in it is there when the death is, and is closed with the rest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT death_date FROM patients_person WHERE id = %s FOR SHARE", [person_id])
        found = cursor.fetchone()
    if found and found[0]:
        raise Refused(rules.DECEASED)


def check_age(person: HasBirthDate, today: date) -> None:
    """Raises Refused with code "under-16" for those who cannot use the services alone."""
    if rules.is_too_young(person.birth_date, today):
        raise Refused(rules.UNDER_16)


def on(day: date) -> Q:
    return Q(starts_date__lte=day) & (Q(ends_date=None) | Q(ends_date__gt=day))
