"""Who may see a person, and who may change what is known of her."""

from datetime import date
from typing import Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind, Role
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.finding import found
from legedialog.patients import rules
from legedialog.patients.models import Membership, Person, WalkIn

REGISTERS = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})


class HasBirthDate(Protocol):
    @property
    def birth_date(self) -> date: ...


def visible_to(actor: Actor, today: date) -> QuerySet[Person]:
    """Herself for a citizen; for staff those on the office's lists today, and whom it has registered itself. Nobody for
    others."""
    if actor.kind is Kind.STAFF:
        return Person.objects.filter(Exists(_listed(actor, today)) | Exists(_registered(actor)))
    return listed(actor, today)


def listed(actor: Actor, today: date) -> QuerySet[Person]:
    """As `visible_to`, without whom the office has registered itself."""
    if actor.kind is Kind.SYSTEM:
        return Person.objects.all()
    if actor.kind is Kind.CITIZEN:
        return Person.objects.filter(pk__in=actor.patients)
    if actor.kind is Kind.STAFF:
        return Person.objects.filter(Exists(_listed(actor, today)))
    return Person.objects.none()


def _listed(actor: Actor, today: date) -> QuerySet[Membership]:
    return Membership.objects.filter(on(today), person=OuterRef("pk"), contract__practice__in=actor.practices)


def _registered(actor: Actor) -> QuerySet[WalkIn]:
    return WalkIn.objects.filter(person=OuterRef("pk"), practice__in=actor.practices)


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
        rows = Person.objects.filter(Exists(begun.filter(person=OuterRef("pk"))) | Exists(_registered(actor)))
    return found(rows, person_id)


def walk_ins_visible_to(actor: Actor) -> QuerySet[WalkIn]:
    """The office's own for those there who work with patients, and her own for herself once she is joined."""
    if actor.kind is Kind.CITIZEN:
        return WalkIn.objects.filter(person__in=actor.patients)
    return WalkIn.objects.filter(practice__in=actor.practices) if _registers(actor) else WalkIn.objects.none()


def find_walk_in(actor: Actor, person_id: UUID, *, lock: bool = False) -> WalkIn:
    """For the office. Raises NotFound."""
    rows = walk_ins_visible_to(actor).filter(person=person_id) if actor.kind is Kind.STAFF else WalkIn.objects.none()
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("person", "registered_by").first()
    if row is None:
        raise NotFound
    return row


def check_register(actor: Actor, practice_id: UUID) -> None:
    """Those who work with patients, at the office where they work."""
    if practice_id not in actor.practices:
        raise NotFound
    if not _registers(actor):
        raise Denied(_("Bare de som arbeider med pasienter ved kontoret, kan registrere pasienter."))


def _registers(actor: Actor) -> bool:
    return actor.kind is Kind.STAFF and actor.role in REGISTERS


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


def check_can_meet(person_id: UUID, channel: str) -> None:
    """Raises Refused "walk-in-no-video" for one who cannot log in."""
    if channel == "video" and Person.objects.filter(pk=person_id, local_to__isnull=False).exists():
        raise Refused(rules.NO_VIDEO)


def check_age(person: HasBirthDate, today: date) -> None:
    """Raises Refused with code "under-16" for those who cannot use the services alone."""
    if rules.is_too_young(person.birth_date, today):
        raise Refused(rules.UNDER_16)


def on(day: date) -> Q:
    return Q(starts_date__lte=day) & (Q(ends_date=None) | Q(ends_date__gt=day))
