"""Exemption cards: who waits for the register, and what its answer changes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from legedialog.access.actor import Actor, Role
from legedialog.appointments import services as appointments
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.core import fence
from legedialog.core.errors import Refused
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.fees import billing, bills, cards, charging, entries, holding, paying, policy, proposing, queries
from legedialog.fees.models import Charge, ExemptionCard
from legedialog.fees.rules import Service
from legedialog.fees.tests.factories import added
from legedialog.patients.models import Person

VISIT, TODAY = datetime(2026, 11, 24, 7, 30, tzinfo=UTC), date(2026, 11, 24)


@pytest.fixture(autouse=True)
def register(settings: Any) -> None:
    settings.CARD_REGISTER = {"url": "https://cards.invalid", "token": "x"}


def visited(at: Office, who: Person, *, on: date = TODAY) -> Charge:
    thing = new_id()
    proposing.complete(
        actor=at.staff(Role.SECRETARY), object_id=thing, patient_id=who.pk, practice_id=at.practice.pk,
        service=Service.ATTENDANCE, clinician_id=at.doctor.pk, at=at_local(on, time(9)), now=VISIT,
    )  # fmt: skip
    return Charge.objects.get(object_id=thing)


def approved(at: Office, charge: Charge) -> Charge:
    charging.approve(actor=at.staff(Role.SECRETARY), charge_id=charge.pk, now=VISIT)
    charge.refresh_from_db()
    return charge


def test_what_is_approved_waits_until_the_register_has_told(priced: Office) -> None:
    kari = priced.patient()
    charge = approved(priced, visited(priced, kari))
    assert charge.status == "checking"
    assert not policy.charges_visible_to(citizen(kari)).exists()
    with pytest.raises(Refused):
        billing.invoice(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, now=VISIT)
    assert not bills.to_invoice(priced.practice.pk, VISIT + timedelta(days=9)).exists()
    cards.take(charge_id=charge.pk, has_card=False, now=VISIT)
    charge.refresh_from_db()
    assert (charge.status, holding.owed(charge)) == ("approved", 23500)


def test_what_the_register_told_before_is_owed_at_once(priced: Office) -> None:
    charge = visited(priced, priced.patient())
    cards.take(charge_id=charge.pk, has_card=False, now=VISIT)
    assert approved(priced, charge).status == "approved"


def test_a_card_frees_what_waits_but_not_the_material(priced: Office) -> None:
    charge = visited(priced, priced.patient())
    added(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, code="10a", now=VISIT)
    approved(priced, charge)
    cards.take(charge_id=charge.pk, has_card=True, now=VISIT)
    charge.refresh_from_db()
    assert (charge.status, charge.exemption, holding.owed(charge)) == ("approved", "card", 7500)


def test_a_card_that_comes_later_leaves_what_was_paid_to_be_paid_back(priced: Office) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    before, first, second = (visited(priced, kari, on=date(2026, 11, day)) for day in (2, 16, 24))
    for charge in (before, first, second):
        cards.take(charge_id=charge.pk, has_card=False, now=VISIT)
        approved(priced, charge)
        paying.pay(actor=mona, charge_id=charge.pk, way="card", ore=23500, key=new_id(), now=VISIT)
    later = VISIT + timedelta(days=8)
    assert [each.day for each in cards.due(later, 9)] == [date(2026, 11, 2), date(2026, 11, 16), date(2026, 11, 24)]
    cards.take(charge_id=first.pk, has_card=True, now=later)
    assert [holding.owed(each) for each in (before, first, second)] == [0, -23500, -23500]
    assert not [each for each in cards.due(later + timedelta(days=8), 9) if each.charge_id != before.pk]


def test_a_known_card_is_told_before_she_books_and_nobody_is_asked_again(priced: Office) -> None:
    kari = priced.patient()
    cards.take(charge_id=visited(priced, kari, on=date(2026, 11, 16)).pk, has_card=True, now=VISIT)

    def price(day: date) -> Any:
        with fence.works_for(*citizen(kari).scope):
            return queries.price(
                patient_id=kari.pk, practice_id=priced.practice.pk, service="attendance",
                clinician_id=priced.doctor.pk, starts_at=at_local(day, time(9)), now=VISIT,
            )  # fmt: skip

    assert (price(date(2026, 11, 30)).exemption, price(date(2026, 11, 30)).high) == ("card", 0)
    assert (price(date(2026, 11, 13)).high, price(date(2027, 1, 4)).high) == (23500, 23500)
    row = priced.booked(kari)
    appointments.complete(actor=priced.staff(Role.SECRETARY), appointment_id=row.pk, now=VISIT)
    charge = Charge.objects.get(object_id=row.pk)
    assert not cards.due(VISIT, 9)
    assert approved(priced, charge).status == "approved"
    assert holding.owed(charge) == 0
    assert queries.card(kari.pk, priced.practice.pk, VISIT).from_date == date(2026, 11, 16)


def test_what_was_asked_about_lately_is_left_alone_and_children_are_never_asked_about(priced: Office) -> None:
    kari, ola = priced.patient(), priced.patient("Ola Testdal")
    Person.objects.filter(pk=ola.pk).update(birth_date=date(2018, 1, 1))
    charge, _child = visited(priced, kari), visited(priced, ola)
    (asked,) = cards.due(VISIT, 9)
    assert (asked.charge_id, asked.national_number, asked.day) == (charge.pk, kari.national_number, VISIT.date())
    cards.ask(charge.pk, VISIT)
    assert not cards.due(VISIT + timedelta(minutes=4), 9)
    assert cards.due(VISIT + timedelta(minutes=5), 9)


def test_who_is_exempt_or_waived_waits_for_nobody(priced: Office) -> None:
    mona = priced.staff(Role.SECRETARY)
    charge, other = (
        approved(priced, visited(priced, priced.patient(name))) for name in ("Kari Testdal", "Per Testvik")
    )
    charging.exempt(actor=mona, charge_id=charge.pk, exemption="injury", now=VISIT)
    charging.waive(actor=mona, charge_id=other.pk, reason="x", now=VISIT)
    for each in (charge, other):
        each.refresh_from_db()
    assert [charge.status, other.status] == ["approved", "waived"]


def test_without_a_register_nothing_waits(priced: Office, settings: Any) -> None:
    settings.CARD_REGISTER = {"url": "", "token": ""}
    assert approved(priced, visited(priced, priced.patient())).status == "approved"


STEPS = st.lists(
    st.tuples(st.sampled_from(("approve", "no", "yes", "laboratory", "pay", "waive", "exempt")), st.integers(0, 3)),
    max_size=16,
)


@given(steps=STEPS, ceiling=st.integers(0, 80_000))
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counted_copayments_never_pass_the_ceiling_and_nothing_is_asked_of_who_has_a_card(
    priced: Office, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]], ceiling: int
) -> None:
    monkeypatch.setattr(queries.Known, "ceiling", ceiling)
    with transaction.atomic():
        mona, kari = priced.staff(Role.SECRETARY), factories.person()
        charges = [visited(priced, kari, on=date(2026, 11, 20 + number)) for number in range(4)]
        for what, number in steps:
            try:
                with transaction.atomic():
                    _do(what, charges[number].pk, mona)
            except Refused:
                continue
            assert queries.counted_in(kari.pk, VISIT.date()) <= ceiling
            held = ExemptionCard.objects.filter(patient=kari).first()
            for charge in Charge.objects.filter(patient=kari):
                counted = sum(left for line, left in entries.standing(charge) if line.is_counted)
                assert holding.total(charge) >= 0
                if held and charge.happened_at.date() >= held.from_date:
                    assert counted == 0
        transaction.set_rollback(True)


def _do(what: str, charge_id: UUID, mona: Actor) -> None:
    if what == "approve":
        charging.approve(actor=mona, charge_id=charge_id, now=VISIT)
    elif what in ("no", "yes"):
        cards.take(charge_id=charge_id, has_card=what == "yes", now=VISIT)
    elif what == "laboratory":
        added(actor=mona, charge_id=charge_id, code="701a", now=VISIT)
    elif what == "pay":
        paying.pay(actor=mona, charge_id=charge_id, way="cash", ore=5000, key=new_id(), now=VISIT)
    elif what == "waive":
        charging.waive(actor=mona, charge_id=charge_id, reason="x", now=VISIT)
    else:
        charging.exempt(actor=mona, charge_id=charge_id, exemption="injury", now=VISIT)


def test_the_database_refuses_a_card_of_another_year_and_a_charge_that_waits_for_nobody(priced: Office) -> None:
    kari = priced.patient()
    with pytest.raises(IntegrityError, match="a_card_begins_in_its_year"), transaction.atomic():
        ExemptionCard.objects.create(patient=kari, year=2025, from_date=date(2026, 1, 1), told_at=VISIT)
    charge = visited(priced, kari)
    with pytest.raises(IntegrityError, match="a_charge_that_waits_tells_by_whom"), transaction.atomic():
        Charge.objects.filter(pk=charge.pk).update(status="checking")
