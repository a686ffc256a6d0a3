"""Who may say what it costs: everybody reads the rates, the manager confirms and decides for her office."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind, Role
from legedialog.core.errors import Denied, NotFound
from legedialog.core.finding import found
from legedialog.fees.charge_rules import Status
from legedialog.fees.models import Charge, CreditNote, ExemptionCard, OwnPrice, Promise, RateTable, Received
from legedialog.visibility import policy as visibility
from legedialog.visibility import rules
from legedialog.visibility.policy import Fields
from legedialog.visibility.rules import Content


def check_load(actor: Actor) -> None:
    """Tables are loaded by who runs the platform, by a command."""
    if actor.kind is not Kind.SYSTEM:
        raise Denied(_("Tabeller over takster lastes inn av den som drifter tjenesten."))


def check_decides(actor: Actor, practice_id: UUID) -> None:
    """The manager answers for what patients are asked to pay."""
    if not actor.is_staff or practice_id not in actor.practices:
        raise NotFound
    if actor.role is not Role.MANAGER:
        raise Denied(_("Bare lederen ved kontoret kan endre prisene."))


def find_table(name: str) -> RateTable:
    """Rates are public."""
    row = RateTable.objects.filter(name=name).first()
    if row is None:
        raise NotFound
    return row


PRICES = Fields(
    (Content.VISIT_PRICE, Content.WORDS_PRICE, Content.RENEWAL_PRICE), content="content", written_by="by_person"
)


def promises_visible_to(actor: Actor) -> QuerySet[Promise]:
    """As the thing it is the price of: visibility/rules.py."""
    return Promise.objects.filter(visibility.rows(actor, PRICES))


def own_prices_visible_to(actor: Actor) -> QuerySet[OwnPrice]:
    return OwnPrice.objects.filter(practice__in=actor.practices)


CHARGES = frozenset(Role)  # money is everybody's work at an office


def charges_visible_to(actor: Actor) -> QuerySet[Charge]:
    """As what it is asked for: visibility/rules.py. A citizen sees what the office has decided on, never a proposal."""
    rows = Charge.objects.filter(visibility.rows(actor, PRICES))
    return rows.filter(status__in=(Status.APPROVED, Status.WAIVED)) if actor.is_citizen else rows


def cards_visible_to(actor: Actor) -> QuerySet[ExemptionCard]:
    """A citizen's own, and an adult's or a child's whom she acts for in all that costs."""
    return ExemptionCard.objects.filter(patient__in=actor.patients)


def her_charges(actor: Actor) -> dict[str, Any]:
    """For a Statement, what `charges_visible_to` says of a citizen: of which `contents`, but those `hidden`, and of
    `alone` only what she or the office asked for."""
    scopes = {content: rules.scope(actor, content) for content in PRICES.contents}
    seen = {content: scope for content, scope in scopes.items() if scope.patients}
    return {
        "patients": list(actor.patients),
        "contents": list(seen),
        "hidden": list({each for scope in seen.values() for each in scope.hidden}),
        "alone": [content for content, scope in seen.items() if scope.written_by is not None],
        "reader": actor.person_id,
    }


def find_charge(actor: Actor, charge_id: UUID, *, lock: bool = False) -> Charge:
    rows = charges_visible_to(actor).select_related("patient", "clinician", "practice")
    return found(rows, charge_id, lock=lock)


def find_credit_note(actor: Actor, credit_note_id: UUID) -> CreditNote:
    """Who sees the charge sees what was taken off it."""
    return found(CreditNote.objects.filter(charge__in=charges_visible_to(actor)), credit_note_id)


def check_charges(actor: Actor, practice_id: UUID) -> None:
    """Approve, waive, correct, take money, give it back."""
    if not actor.is_staff or practice_id not in actor.practices:
        raise NotFound
    if actor.role not in CHARGES:
        raise Denied(_("Bare de som arbeider ved kontoret, kan gjøre dette."))


SETTLES = frozenset({Role.MANAGER, Role.DOCTOR})  # who answers to the state for what is claimed; ADR 270


def check_settles(actor: Actor, practice_id: UUID) -> None:
    """Fetch a month with everybody's identity number and diagnosis in one file: not who does other work with money."""
    check_charges(actor, practice_id)
    if actor.role not in SETTLES:
        raise Denied(_("Bare lederen og fastlegene kan hente filen til oppgjør."))


def received_visible_to(actor: Actor) -> QuerySet[Received]:
    return Received.objects.filter(practice__in=actor.practices) if actor.is_staff else Received.objects.none()


def find_received(actor: Actor, received_id: UUID, *, lock: bool = False) -> Received:
    rows = received_visible_to(actor)
    return found(rows, received_id, lock=lock)
