"""Who may see and do what with prescriptions and renewals. A stranger's row is not found."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind, Role
from legedialog.core import fence
from legedialog.core.errors import Denied, NotFound
from legedialog.core.finding import found
from legedialog.patients.models import Membership, Person
from legedialog.patients.policy import on
from legedialog.patients.representation import Area, Ground, Restriction
from legedialog.practices import policy as practices
from legedialog.practices.models import Absence
from legedialog.prescriptions.models import Allowance, Item, Prescription, Renewal
from legedialog.visibility import policy as visibility
from legedialog.visibility.policy import Fields, Office
from legedialog.visibility.rules import Content

PREPARES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})
SIGNS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})  # Source: docs/facts.md#roles
LISTS = frozenset({Role.DOCTOR, Role.MANAGER})  # says what needs no consultation


PRESCRIPTIONS = Fields((Content.PRESCRIPTION,))
RENEWALS = Fields((Content.RENEWAL,), restriction="prescription__restriction", written_by="renewal__sent_by")


def visible_to(actor: Actor, today: date) -> QuerySet[Prescription]:
    """Those of the person she acts for; for those who care for patients, those of the office's patients today and
    those the office wrote."""
    if actor.kind is Kind.SYSTEM:
        return Prescription.objects.all()
    listed = Membership.objects.filter(on(today), person=OuterRef("patient"), contract__practice__in=actor.practices)
    return Prescription.objects.filter(visibility.rows(actor, PRESCRIPTIONS, Office(also=Q(Exists(listed)))))


def find(actor: Actor, prescription_id: UUID, today: date, *, lock: bool = False) -> Prescription:
    return found(visible_to(actor, today), prescription_id, lock=lock)


def items_visible_to(actor: Actor) -> QuerySet[Item]:
    """A youth alone does not see what a parent sent for her. Source: docs/facts.md#children."""
    return Item.objects.filter(visibility.rows(actor, RENEWALS))


def renewals_visible_to(actor: Actor) -> QuerySet[Renewal]:
    """Those with an item she may see."""
    return Renewal.objects.filter(Exists(items_visible_to(actor).filter(renewal=OuterRef("pk"))))


def find_renewal(actor: Actor, renewal_id: UUID) -> Renewal:
    row = found(renewals_visible_to(actor).select_related("practice", "patient"), renewal_id)
    with fence.system("who sent it for her is named to those who see it"):
        row.sent_by = Person.objects.get(pk=row.sent_by_id)
    return row


def check_order(actor: Actor, patient_id: UUID) -> None:
    """She herself, or somebody who may renew for her. Anyone else learns nothing."""
    if not actor.is_citizen or patient_id not in actor.patients:
        raise NotFound
    if not actor.opens(Area.PRESCRIPTIONS):
        raise Denied(_("Du kan ikke fornye resepter for den du handler for. Ring legekontoret."))


def check_prepare(actor: Actor, practice_id: UUID) -> None:
    if practice_id not in actor.practices or not actor.is_staff:
        raise NotFound
    if actor.role not in PREPARES:
        raise Denied(_("Bare de som arbeider med pasientenes resepter, kan gjøre dette."))


def check_sign(actor: Actor, items: Iterable[Item], today: date) -> None:
    """A doctor at the office; a substitute for herself and for those she stands in for today."""
    items = list(items)
    for item in items:
        check_prepare(actor, item.practice_id)
    if actor.role not in SIGNS:
        raise Denied(_("Bare legen kan avgjøre en fornyelse. Gjør den klar, og send den til legen."))
    if actor.role is Role.SUBSTITUTE:
        mine = signs_for(actor, today)
        if any(item.clinician_id not in mine for item in items):
            raise Denied(_("Du er ikke vikar for denne legen i dag, så fornyelsen må vente på legen selv."))


def signs_for(actor: Actor, today: date) -> frozenset[UUID]:
    """The doctors whose renewals are hers to sign today: her own, those she stands in for, and those who have left and
    whose work she took over, from them or from one who has left since. One query."""
    if actor.role not in SIGNS or actor.practice_id is None or actor.clinician_id is None:
        return frozenset()
    away = Absence.objects.filter(
        practices.is_at(actor.practice_id, today, "clinician"),
        practice=actor.practice_id,
        substitute=actor.clinician_id,
        first_date__lte=today,
        last_date__gte=today,
    )
    left = practices.left_to(actor.practice_id, actor.clinician_id, today)
    found = away.values_list("clinician_id", flat=True).union(left.values_list("clinician_id", flat=True))
    return frozenset({actor.clinician_id, *found})


def check_restrict(actor: Actor, prescription: Prescription, restriction: str) -> None:
    """A doctor at the office, and a youth who is alone: she hides from her parents only.

    Source: docs/facts.md#children.
    """
    if actor.is_staff and actor.role in SIGNS:
        return
    if actor.ground == Ground.YOUTH and Restriction.FROM_YOUTH not in (restriction, prescription.restriction):
        return
    raise Denied(_("Bare legen og ungdommen selv kan skjule en resept."))


def check_withdraw(actor: Actor, prescription: Prescription) -> None:
    """A doctor at the office that wrote it. Another's is not found."""
    if prescription.practice_id is None or prescription.practice_id not in actor.practices or not actor.is_staff:
        raise NotFound
    if actor.role not in SIGNS:
        raise Denied(_("Bare legen kan trekke tilbake en resept."))


def check_list(actor: Actor, practice_id: UUID, clinician_id: UUID | None) -> None:
    """The manager for all, a doctor for all and for herself: it is her judgement that the list holds."""
    if practice_id not in actor.practices or not actor.is_staff:
        raise NotFound
    own = actor.role is not Role.DOCTOR or clinician_id in (None, actor.clinician_id)
    if actor.role not in LISTS or not own:
        raise Denied(_("Bare legen selv og lederen kan endre hva som kan fornyes uten konsultasjon."))


def allowances_visible_to(actor: Actor) -> QuerySet[Allowance]:
    return Allowance.objects.filter(practice__in=actor.practices)
