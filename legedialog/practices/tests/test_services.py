from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from legedialog.access.actor import Actor, Role, system
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.models import DataKey
from legedialog.practices import queries, services
from legedialog.practices.models import Absence, Clinician, Contract, ContractDoctor, Offer, Practice
from legedialog.practices.rules import Hours, Service
from legedialog.practices.tests.factories import LONG_AGO, NOW, TODAY, clinician, contract, doctor, practice, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Practice:
    return practice()


@pytest.fixture
def aas(office: Practice) -> Clinician:
    return doctor(office)


@pytest.fixture
def manager(office: Practice) -> Actor:
    return staff(office.pk, Role.MANAGER)


def open_(actor: Actor, office: Practice, aas: Clinician, service: Service = Service.REQUEST) -> Offer:
    return services.open_service(actor=actor, practice_id=office.pk, clinician_id=aas.pk, service=service, now=NOW)


def close(actor: Actor, office: Practice, aas: Clinician, until: date | None = None) -> Offer:
    return services.close_service(
        actor=actor,
        practice_id=office.pk,
        clinician_id=aas.pk,
        service=Service.REQUEST,
        reason="Kurs.",
        until=until,
        now=NOW,
    )


def report(actor: Actor, office: Practice, aas: Clinician, **other: Any) -> Absence:
    given: dict[str, Any] = {
        "actor": actor,
        "practice_id": office.pk,
        "clinician_id": aas.pk,
        "first_date": TODAY,
        "last_date": TODAY + timedelta(days=4),
        "substitute_id": None,
        "note": "",
        "now": NOW,
    }
    return services.report_absence(**given | other)


def actions() -> list[str]:
    return list(Event.objects.exclude(action="practice.saved").order_by("pk").values_list("action", flat=True))


def is_open(office: Practice, aas: Clinician, day: date = TODAY, service: Service = Service.REQUEST) -> bool:
    return next(row for row in queries.offers(office.pk, aas.pk, day) if row.service is service).is_open


def test_a_new_office_has_a_key_of_its_own_and_saving_it_again_keeps_it() -> None:
    made = practice()
    assert DataKey.objects.filter(scope=made.pk, purpose="seal").count() == 1
    again = services.save_practice(
        actor=system(), organisation_number=made.organisation_number, now=NOW, name="Nytt navn"
    )
    assert (again.pk, again.name) == (made.pk, "Nytt navn")
    assert DataKey.objects.filter(scope=made.pk).count() == 1


def test_a_service_opens_closes_and_opens_again_and_leaves_a_trace(
    manager: Actor, office: Practice, aas: Clinician
) -> None:
    open_(manager, office, aas)
    assert is_open(office, aas)
    close(manager, office, aas, until=TODAY + timedelta(days=2))
    assert not is_open(office, aas)
    assert is_open(office, aas, TODAY + timedelta(days=2))
    open_(manager, office, aas)
    assert is_open(office, aas)
    assert Offer.objects.count() == 1
    assert actions() == ["service.opened", "service.closed", "service.opened"]


def test_a_service_is_not_closed_until_a_day_that_has_been(manager: Actor, office: Practice, aas: Clinician) -> None:
    with pytest.raises(Refused) as refused:
        close(manager, office, aas, until=TODAY)
    assert refused.value.code == "closed-until-the-past"


def test_a_service_the_record_system_cannot_carry_is_not_opened(
    manager: Actor, office: Practice, aas: Clinician
) -> None:
    office.supported_services = [Service.REQUEST]
    office.save()
    with pytest.raises(Refused) as refused:
        open_(manager, office, aas, Service.RENEW)
    assert refused.value.code == "service-not-supported"


def test_a_stranger_and_a_secretary_change_nothing(office: Practice, aas: Clinician) -> None:
    with pytest.raises(NotFound):
        open_(staff(new_id(), Role.MANAGER), office, aas)
    with pytest.raises(Denied):
        open_(staff(office.pk, Role.SECRETARY), office, aas)
    with pytest.raises(NotFound):  # a doctor of another office
        open_(staff(office.pk, Role.MANAGER), office, clinician("Odd Lund"))
    assert not Offer.objects.exists()


def test_an_absence_with_a_stand_in_is_seen_and_ended(manager: Actor, office: Practice, aas: Clinician) -> None:
    leif = doctor(office, "Leif Strand", Role.SUBSTITUTE)
    open_(manager, office, aas, Service.RENEW)
    absence = report(manager, office, aas, first_date=TODAY - timedelta(days=2), substitute_id=leif.pk)
    [away] = queries.absences(office.pk, TODAY)
    assert (away.clinician_name, away.substitute_name) == ("Ingrid Aas", "Leif Strand")
    assert is_open(office, aas, service=Service.RENEW)
    services.end_absence(actor=manager, absence_id=absence.pk, now=NOW)
    absence.refresh_from_db()
    assert absence.last_date == TODAY - timedelta(days=1)
    assert queries.absences(office.pk, TODAY) == []
    assert actions() == ["service.opened", "absence.reported", "absence.ended"]


def test_an_absence_that_has_not_begun_is_removed(manager: Actor, office: Practice, aas: Clinician) -> None:
    absence = report(manager, office, aas, first_date=TODAY)
    services.end_absence(actor=manager, absence_id=absence.pk, now=NOW)
    assert not Absence.objects.exists()
    with pytest.raises(NotFound):
        services.end_absence(actor=manager, absence_id=absence.pk, now=NOW)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"last_date": TODAY - timedelta(days=1)}, "wrong-dates"),
        ({"first_date": TODAY + timedelta(days=4), "last_date": TODAY + timedelta(days=9)}, "overlapping-absence"),
        ({"first_date": TODAY - timedelta(days=9), "last_date": TODAY}, "overlapping-absence"),
    ],
)
def test_an_absence_with_wrong_dates_is_refused(
    other: dict[str, date], code: str, manager: Actor, office: Practice, aas: Clinician
) -> None:
    report(manager, office, aas)
    with pytest.raises(Refused) as refused:
        report(manager, office, aas, **other)
    assert refused.value.code == code
    assert Absence.objects.count() == 1


def test_nobody_stands_in_for_herself_and_only_colleagues_do(manager: Actor, office: Practice, aas: Clinician) -> None:
    with pytest.raises(Refused) as refused:
        report(manager, office, aas, substitute_id=aas.pk)
    assert refused.value.code == "own-stand-in"
    with pytest.raises(NotFound):
        report(manager, office, aas, substitute_id=clinician("Odd Lund").pk)


def test_a_stranger_neither_reports_nor_ends_an_absence(manager: Actor, office: Practice, aas: Clinician) -> None:
    absence = report(manager, office, aas)
    elsewhere = staff(new_id(), Role.MANAGER)
    with pytest.raises(NotFound):
        report(elsewhere, office, aas)
    with pytest.raises(NotFound):
        services.end_absence(actor=elsewhere, absence_id=absence.pk, now=NOW)
    with pytest.raises(Denied):
        services.end_absence(actor=staff(office.pk, Role.SUBSTITUTE, new_id()), absence_id=absence.pk, now=NOW)


def test_the_manager_changes_the_week_and_single_days(manager: Actor, office: Practice) -> None:
    services.save_opening_hours(actor=manager, practice_id=office.pk, weekly={0: [Hours(time(9), time(12))]}, now=NOW)
    friday = TODAY + timedelta(days=4)
    for hours in (Hours(time(8), time(10)), None):
        services.save_opening_exception(
            actor=manager, practice_id=office.pk, day=friday, hours=hours, note="Kurs", now=NOW
        )
    week = queries.week(office.pk, NOW)
    assert week.weekdays[0] == [Hours(time(9), time(12))]
    assert week.weekdays[4] == []
    assert [(day.date, day.hours) for day in queries.exceptions(office.pk, TODAY)] == [(friday, [])]
    services.remove_opening_exception(actor=manager, practice_id=office.pk, day=friday, now=NOW)
    with pytest.raises(NotFound):
        services.remove_opening_exception(actor=manager, practice_id=office.pk, day=friday, now=NOW)
    assert actions() == [
        "opening-hours.changed",
        "opening-exception.saved",
        "opening-exception.saved",
        "opening-exception.removed",
    ]


def test_only_the_manager_changes_hours(office: Practice) -> None:
    secretary = staff(office.pk, Role.SECRETARY)
    with pytest.raises(Denied):
        services.save_opening_hours(actor=secretary, practice_id=office.pk, weekly={}, now=NOW)
    with pytest.raises(Denied):
        services.save_opening_exception(actor=secretary, practice_id=office.pk, day=TODAY, hours=None, note="", now=NOW)
    assert queries.week(office.pk, NOW).weekdays[0]


def test_the_week_tells_holidays_and_the_offices_own_days(manager: Actor, office: Practice) -> None:
    christmas_eve = date(2026, 12, 24)
    services.save_opening_exception(
        actor=manager, practice_id=office.pk, day=christmas_eve, hours=None, note="Julaften", now=NOW
    )
    with override("nb"):
        found = queries.week(office.pk, NOW + timedelta(days=29)).different  # 22 December and two weeks on
    assert [(day.date.day, day.note) for day in found] == [
        (24, "Julaften"),
        (25, "Første juledag"),
        (1, "Første nyttårsdag"),
    ]


def test_the_doctors_of_lists_are_named_together(office: Practice, aas: Clinician) -> None:
    shared = contract(office, aas, clinician("Jonas Vik"), is_common_list=True)
    assert queries.doctor_names({shared.pk}, TODAY) == {shared.pk: "Ingrid Aas, Jonas Vik"}


@pytest.mark.parametrize("doctors", [1, 20])
def test_the_settings_page_reads_with_the_same_number_of_queries(
    doctors: int, office: Practice, django_assert_num_queries: Any
) -> None:
    for number in range(doctors):
        doctor(office, f"Lege {number}")
    with django_assert_num_queries(5):
        assert len(queries.offers_of_all(office.pk, TODAY)) == doctors


def test_the_database_refuses_two_absences_at_once(office: Practice, aas: Clinician) -> None:
    report(staff(office.pk, Role.MANAGER), office, aas)
    with pytest.raises(IntegrityError, match="absences_of_a_clinician_do_not_overlap"), transaction.atomic():
        Absence.objects.create(practice=office, clinician=aas, first_date=TODAY, last_date=TODAY)


def test_the_database_refuses_a_doctor_twice_on_a_list(office: Practice, aas: Clinician) -> None:
    listed: Contract = contract(office, aas)
    with pytest.raises(IntegrityError, match="a_doctor_serves_a_list_once_at_a_time"), transaction.atomic():
        ContractDoctor.objects.create(contract=listed, clinician=aas, starts_date=LONG_AGO + timedelta(days=9))
