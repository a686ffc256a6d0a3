"""Who may see and change what at an office, and whether a doctor offers a service."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind, Role
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.practices import rules
from legedialog.practices.models import Absence, ContractDoctor, Employee, Offer, Practice
from legedialog.practices.rules import Away, Offered, Service, Switch


def visible_to(actor: Actor) -> QuerySet[Practice]:
    """The offices she works at."""
    return Practice.objects.filter(pk__in=actor.practices)


def find(actor: Actor, practice_id: UUID, *, lock: bool = False) -> Practice:
    rows = visible_to(actor)
    practice = (rows.select_for_update() if lock else rows).filter(pk=practice_id).first()
    if practice is None:
        raise NotFound
    return practice


def check_import(actor: Actor) -> None:
    """Offices, doctors and lists come from the registers, never from a screen."""
    if actor.kind is not Kind.SYSTEM:
        raise Denied(_("Opplysningene kommer fra registrene og kan ikke endres her."))


def check_edit_practice(actor: Actor, practice_id: UUID) -> None:
    """Opening hours and what belongs to the office: its manager."""
    if _works_at(actor, practice_id) and actor.role is Role.MANAGER:
        return
    raise Denied(_("Bare lederen ved kontoret kan endre dette."))


def check_edit_intake(actor: Actor, practice_id: UUID) -> None:
    """Who reads what patients write: the manager and the doctors."""
    if _works_at(actor, practice_id) and actor.role in {Role.MANAGER, Role.DOCTOR}:
        return
    raise Denied(_("Bare lederen og legene kan endre dette."))


def check_edit_services(actor: Actor, practice_id: UUID, clinician_id: UUID) -> None:
    """What a doctor offers: she herself, and the manager. Source: docs/facts.md#roles."""
    if not _works_at(actor, practice_id):
        raise Denied(_("Bare de som arbeider ved kontoret, kan endre dette."))
    if actor.role is Role.MANAGER or (actor.role is Role.DOCTOR and actor.clinician_id == clinician_id):
        return
    raise Denied(_("Bare legen selv og lederen kan endre hvilke tjenester legen tilbyr."))


def check_edit_absence(actor: Actor, practice_id: UUID, clinician_id: UUID) -> None:
    """As for services, and also the secretary: she is the one a sick doctor phones in the morning."""
    if not _works_at(actor, practice_id):
        raise Denied(_("Bare de som arbeider ved kontoret, kan endre dette."))
    if actor.role in {Role.MANAGER, Role.SECRETARY} or actor.clinician_id == clinician_id:
        return
    raise Denied(_("Bare legen selv, helsesekretæren og lederen kan registrere fravær."))


def check_offered(practice_id: UUID, clinician_id: UUID, service: Service | str, today: date) -> None:
    """Raises Refused with code "service-closed"; its facts hold the `reason` and `until` (a date or None)."""
    service = Service(service)
    found = next(row for row in offers_of(practice_id, [clinician_id], today)[clinician_id] if row.service is service)
    if not found.is_open:
        raise Refused(rules.SERVICE_CLOSED, reason=found.closed_reason, until=found.closed_until_date)


def offers_of(practice_id: UUID, clinician_ids: Collection[UUID], today: date) -> dict[UUID, list[Offered]]:
    """Every service of each doctor, open or not, in the order of Service. Three queries."""
    supported = Practice.objects.values_list("supported_services", flat=True).filter(pk=practice_id).first() or []
    switches = switches_of(practice_id, clinician_ids)
    away = away_on(practice_id, clinician_ids, today)
    return {
        clinician_id: offers_from(clinician_id, supported, switches, away.get(clinician_id), today)
        for clinician_id in clinician_ids
    }


def switches_of(practice_id: UUID, clinician_ids: Collection[UUID]) -> dict[tuple[UUID, str], Switch]:
    return {
        (offer.clinician_id, offer.service): Switch(offer.is_open, offer.closed_until_date, offer.closed_reason)
        for offer in Offer.objects.filter(practice=practice_id, clinician__in=clinician_ids)
    }


def offers_from(
    clinician_id: UUID,
    supported: Collection[str],
    switches: dict[tuple[UUID, str], Switch],
    away: Away | None,
    today: date,
) -> list[Offered]:
    return [
        rules.offered(
            service,
            supported=supported,
            switch=switches.get((clinician_id, service.value)),
            away=away,
            today=today,
        )
        for service in Service
    ]


def away_on(practice_id: UUID, clinician_ids: Collection[UUID], day: date) -> dict[UUID, Away]:
    rows = Absence.objects.select_related("clinician", "substitute").filter(
        practice=practice_id, clinician__in=clinician_ids, first_date__lte=day, last_date__gte=day
    )
    return {row.clinician_id: to_away(row) for row in rows}


def to_away(row: Absence) -> Away:
    """`row` with its clinician and substitute loaded."""
    return Away(
        id=row.pk,
        clinician_id=row.clinician_id,
        clinician_name=row.clinician.name,
        first_date=row.first_date,
        last_date=row.last_date,
        substitute_id=row.substitute_id,
        substitute_name=row.substitute.name if row.substitute else "",
        note=row.note,
    )


def clinicians_at(practice_id: UUID, day: date) -> set[UUID]:
    """Doctors with a list at the office that day, and those employed there."""
    with_list = ContractDoctor.objects.filter(on(day), contract__practice=practice_id)
    employed = Employee.objects.filter(on(day), practice=practice_id, clinician__isnull=False)
    return {row for rows in (with_list, employed) for row in rows.values_list("clinician_id", flat=True) if row}


def on(day: date) -> Q:
    """Rows from `starts_date` to the day before `ends_date` that hold `day`."""
    return Q(starts_date__lte=day) & (Q(ends_date=None) | Q(ends_date__gt=day))


def _works_at(actor: Actor, practice_id: UUID) -> bool:
    return actor.kind is Kind.STAFF and practice_id in actor.practices
