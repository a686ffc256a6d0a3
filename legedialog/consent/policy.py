"""Whether a person has agreed to what is about to happen, and who may agree for her."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind, Role
from legedialog.consent import rules
from legedialog.consent.models import Consent
from legedialog.consent.rules import Level
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.sql import Statement, ask
from legedialog.patients.models import Person
from legedialog.patients.representation import Area
from legedialog.patients.rules import DECEASED

LIFTS = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})


def level(person_id: UUID) -> Level:
    """The level in force; rules.DEFAULT for those who have never chosen. One query."""
    found = Consent.objects.values_list("level", flat=True).filter(person=person_id, ends_at=None).first()
    return Level(found) if found else rules.DEFAULT


def levels(person_ids: Iterable[UUID]) -> dict[UUID, Level]:
    """As `level`, for many. One query."""
    wanted = list(person_ids)
    found = dict(Consent.objects.filter(person__in=wanted, ends_at=None).values_list("person_id", "level"))
    return {person_id: Level(found[person_id]) if person_id in found else rules.DEFAULT for person_id in wanted}


def standing(person_id: UUID) -> tuple[date, Level]:
    """Birth date and level at once, for pages. One query. Raises NotFound."""
    running = Consent.objects.filter(person=OuterRef("pk"), ends_at=None).values("level")
    row = Person.objects.filter(pk=person_id).values_list("birth_date", Subquery(running)).first()
    if row is None:
        raise NotFound
    return row[0], Level(row[1]) if row[1] else rules.DEFAULT


@dataclass(frozen=True, slots=True)
class Full:
    """What is asked before anything is begun for somebody: that she lives, and has agreed to all of it."""

    death_date: date | None
    level: str | None


FULL = Statement(
    "full access",
    """
    SELECT p.death_date, c.level FROM patients_person p
      LEFT JOIN consent_consent c ON c.person_id = p.id AND c.ends_at IS NULL
     WHERE p.id = %(person_id)s FOR SHARE OF p
    """,
    Full,
)


def check_full(person_id: UUID) -> None:
    """Before anything is begun for her. Raises Refused with code "needs-full-access", or "deceased".

    One query. Until the transaction ends no death of hers is taken in: see patients.policy.check_lives.
    """
    check_is_full(ask(FULL, person_id=person_id))


def check_is_full(found: Sequence[Full]) -> None:
    """As `check_full`, of what FULL has told among other facts."""
    if found and found[0].death_date:
        raise Refused(DECEASED)
    chosen = found[0].level if found else None
    if not rules.is_enough(Level(chosen) if chosen else rules.DEFAULT, Level.FULL):
        raise Refused(rules.NEEDS_FULL)


def check_choose(actor: Actor, person_id: UUID) -> None:
    """She herself when she is of age, or a parent or guardian who acts for her before that."""
    if actor.kind is Kind.CITIZEN and actor.acting_for_id == person_id and actor.opens(Area.CONSENT):
        return
    raise Denied(_("Bare du selv kan endre samtykket ditt."))


def check_lock(actor: Actor, person_id: UUID) -> None:
    """She herself, logged in as a citizen."""
    if actor.kind is Kind.CITIZEN and actor.person_id == person_id:
        return
    raise Denied(_("Bare du selv kan sperre tilgangen din."))


def check_lift_lock(actor: Actor) -> None:
    """Those who work with patients. Which patients: the office's own."""
    if actor.kind is Kind.STAFF and actor.employee_id and actor.role in LIFTS:
        return
    raise Denied(_("Bare de som arbeider med pasienter ved kontoret, kan oppheve en akuttsperre."))
