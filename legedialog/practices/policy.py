"""Who may see and change what at an office, and whether a doctor offers a service."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, DateField, Exists, Func, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind, Role
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.finding import found
from legedialog.core.names import by_name
from legedialog.practices import rules
from legedialog.practices.models import Absence, Clinician, ContractDoctor, Employee, Offer, Practice
from legedialog.practices.rules import Away, Offered, Service, Switch


def visible_to(actor: Actor) -> QuerySet[Practice]:
    """The offices she works at."""
    return Practice.objects.filter(pk__in=actor.practices)


def find(actor: Actor, practice_id: UUID, *, lock: bool = False) -> Practice:
    rows = visible_to(actor)
    return found(rows, practice_id, lock=lock)


def lock(practice_id: UUID) -> None:
    """For whoever may change an office that she does not work at. Raises NotFound."""
    if not Practice.objects.select_for_update().filter(pk=practice_id).first():
        raise NotFound


def check_employs(actor: Actor, practice_id: UUID, role: Role) -> None:
    """The manager; a manager also by whoever runs the platform, for an office that is new or has lost its own."""
    if actor.kind is Kind.SYSTEM or (actor.kind is Kind.OPERATOR and role is Role.MANAGER):
        return
    find(actor, practice_id)
    check_edit_practice(actor, practice_id)


def check_runs_platform(actor: Actor) -> None:
    """Offices come and get their first manager."""
    if actor.kind not in (Kind.OPERATOR, Kind.SYSTEM):
        raise Denied(_("Bare de som drifter plattformen, kan gjøre dette."))


def successors(employee: Employee, day: date) -> list[Employee]:
    """Who may take over what she leaves: those who work there that day, after a doctor only doctors."""
    rows = Employee.objects.filter(on(day), practice=employee.practice_id).exclude(
        national_number_index=employee.national_number_index
    )
    if employee.role in (Role.DOCTOR, Role.SUBSTITUTE):
        rows = rows.filter(role__in=[Role.DOCTOR, Role.SUBSTITUTE])
    return list(rows.order_by(by_name("name"), "pk"))


def handed_over(practice_ids: Collection[UUID], today: date) -> dict[tuple[UUID, UUID], tuple[date, UUID]]:
    """Doctors who have left an office: (office, doctor) to the first day without her and the doctor who took over.

    Through all who have left since. One who works there again has handed over nothing. One query.
    """
    rows = {
        row.pk: row
        for row in Employee.objects.filter(practice__in=practice_ids, clinician__isnull=False).select_related(
            "successor"
        )
    }
    there = {(row.practice_id, row.clinician_id) for row in rows.values() if _is_there(row, today)}
    found = {}
    for row in rows.values():
        if row.clinician_id and row.ends_date and row.successor_id and (row.practice_id, row.clinician_id) not in there:
            heir, passed = rows.get(row.successor_id), {row.pk}
            while heir and not _is_there(heir, today) and heir.successor_id and heir.pk not in passed:
                passed.add(heir.pk)
                heir = rows.get(heir.successor_id)
            if heir and heir.clinician_id and _is_there(heir, today):
                found[row.practice_id, row.clinician_id] = row.ends_date, heir.clinician_id
    return found


def left_to(practice_id: UUID, clinician_id: UUID, today: date) -> QuerySet[Employee]:
    """Doctors who have left, and do not work there again, whose work is hers by now: their own successor's, or who took
    over from that one."""
    gone = Q(practice=practice_id, ends_date__lte=today, clinician__isnull=False)
    hers = Q(successor__clinician=clinician_id)
    hers |= Q(successor__ends_date__lte=today, successor__successor__clinician=clinician_id)
    there = Employee.objects.filter(on(today), practice=practice_id, clinician=OuterRef("clinician"))
    return Employee.objects.filter(gone & hers & ~Exists(there))


def _is_there(row: Employee, day: date) -> bool:
    return row.starts_date <= day and (row.ends_date is None or row.ends_date > day)


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
    check_open(
        next(row for row in offers_of(practice_id, [clinician_id], today)[clinician_id] if row.service is service)
    )


def check_open(found: Offered) -> None:
    """As check_offered, of what is known already."""
    if not found.is_open:
        raise Refused(rules.SERVICE_CLOSED, reason=found.closed_reason, until=found.closed_until_date)


def offers_of(practice_id: UUID, clinician_ids: Collection[UUID], today: date) -> dict[UUID, list[Offered]]:
    """Every service of each doctor, open or not, in the order of Service. Three queries."""
    supported = Practice.objects.values_list("supported_services", flat=True).filter(pk=practice_id).first() or []
    switches = switches_of(practice_id, clinician_ids, today)
    away = away_on(practice_id, clinician_ids, today)
    return {
        clinician_id: offers_from(clinician_id, supported, switches, away.get(clinician_id), today)
        for clinician_id in clinician_ids
    }


def switches_of(practice_id: UUID, clinician_ids: Collection[UUID], today: date) -> dict[tuple[UUID, str], Switch]:
    """With whether there is what the service needs: journeys/migrations/0003_offices.py, ADR 80."""
    asked = ("practice_id", "clinician_id", "service", Value(today, output_field=DateField()))
    ready = Func(*asked, function="service_is_ready", output_field=BooleanField())
    offers = Offer.objects.filter(practice=practice_id, clinician__in=clinician_ids)
    return {
        (offer.clinician_id, offer.service): Switch(
            offer.is_open, offer.closed_until_date, offer.closed_reason, offer.is_ready
        )
        for offer in offers.annotate(is_ready=ready)
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
    """Doctors with a list at the office that day, and those employed there. One query."""
    return set(Clinician.objects.filter(is_at(practice_id, day, "pk")).values_list("pk", flat=True))


def receives_at(practice_id: UUID, day: date) -> set[UUID]:
    """Those, and the office's columns. One query."""
    rows = Clinician.objects.filter(is_at(practice_id, day, "pk") | Q(practice=practice_id))
    return set(rows.values_list("pk", flat=True))


def is_at(practice_id: UUID, day: date, field: str) -> Q:
    """Rows whose `field` names such a clinician."""
    with_list = ContractDoctor.objects.filter(on(day), contract__practice=practice_id)
    employed = Employee.objects.filter(on(day), practice=practice_id, clinician__isnull=False)
    return Q((f"{field}__in", with_list.values("clinician"))) | Q((f"{field}__in", employed.values("clinician")))


def on(day: date) -> Q:
    """Rows from `starts_date` to the day before `ends_date` that hold `day`."""
    return Q(starts_date__lte=day) & (Q(ends_date=None) | Q(ends_date__gt=day))


def on_of(relation: str, day: date) -> Q:
    """The same of rows that hang on others."""
    starts, ends = f"{relation}__starts_date__lte", f"{relation}__ends_date"
    return Q(**{starts: day}) & (Q(**{ends: None}) | Q(**{f"{ends}__gt": day}))


def _works_at(actor: Actor, practice_id: UUID) -> bool:
    return actor.kind is Kind.STAFF and practice_id in actor.practices
