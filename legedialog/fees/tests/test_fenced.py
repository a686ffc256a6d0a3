"""Money inside the fence: each does what is theirs and sees only their own, as by page; then all is counted outside."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from legedialog.access.actor import Actor, Role
from legedialog.appointments import services as appointments
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, Office, citizen
from legedialog.core import fence
from legedialog.core.errors import Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.fees import (
    accounts,
    billing,
    bills,
    cards,
    charging,
    exempting,
    paying,
    policy,
    proposing,
    queries,
    story,
)
from legedialog.fees.models import Charge, Invoice, Line, Payment, Run
from legedialog.fees.rules import Exemption, Service
from legedialog.fees.tests.factories import added, told
from legedialog.fees.tests.test_charging import VISIT, at_once, with_account
from legedialog.patients.models import Membership, Person

LATER = VISIT + timedelta(days=3)


def priced_office(name: str, doctor: str) -> Office:
    at = factories.office(name, doctor)
    story.load(managers=[at.staff(Role.MANAGER)], today=date(2026, 11, 23), now=NOW)
    with_account(at)
    return at


def inside(actor: Actor, act: Callable[[], Any]) -> Any:
    """As a page does it."""
    with fence.works_for(*actor.scope):
        return act()


def proposed(at: Office, mona: Actor, who: Person, number: int) -> Charge:
    """A visit some days ago, whoever's list she stands on now."""
    thing = new_id()
    inside(
        mona,
        lambda: proposing.complete(
            actor=mona, object_id=thing, patient_id=who.pk, practice_id=at.practice.pk, service=Service.ATTENDANCE,
            clinician_id=at.doctor.pk, at=VISIT - timedelta(days=number), now=VISIT,
        ),
    )  # fmt: skip
    return Charge.objects.get(object_id=thing)


ACTS = ("approve", "laboratory", "material", "pay", "refund", "waive", "exempt", "end", "correct", "again", "twice")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3)), max_size=16)


@given(steps=STEPS, most=st.integers(0, 80_000))
@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_offices_that_see_only_their_own_never_pass_her_ceiling_and_all_screens_say_the_same(
    db: None, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]], most: int
) -> None:
    monkeypatch.setattr(queries.Known, "ceiling", most)
    with transaction.atomic():
        offices = [priced_office("Fjordbyen legesenter", "Ingrid Aas"), priced_office("Dalen legekontor", "Odd Lund")]
        staff, kari = [each.staff(Role.SECRETARY) for each in offices], offices[1].patient()  # she has changed GP
        charges = [proposed(offices[n % 2], staff[n % 2], kari, n) for n in range(4)]
        for what, number in steps:
            try:
                with transaction.atomic():
                    inside(staff[number % 2], lambda: _do(what, charges[number], staff[number % 2]))  # noqa: B023
            except Refused:
                continue
            assert queries.counted_in(kari.pk, local_day(VISIT)) <= most
        hers = {row.id: row for row in inside(citizen(kari), lambda: bills.payments(citizen(kari), kari.pk, VISIT))}
        for number, charge in enumerate(charges):
            _agree(charge, staff[number % 2], hers)
            assert Charge.objects.filter(object_id=charge.object_id).count() == 1
        transaction.set_rollback(True)


def _do(what: str, charge: Charge, mona: Actor) -> None:
    at: dict[str, Any] = {"actor": mona, "charge_id": charge.pk, "now": VISIT}
    row = accounts.one(mona, charge.pk, VISIT)
    if what in {"laboratory", "material"}:
        added(**at, code="701a" if what == "laboratory" else "10a")
    elif what == "pay":
        paying.pay(**at, way="cash", ore=5000, key=new_id())
    elif what == "refund":
        paying.refund(**at, ore=max(0, -row.owed), key=new_id())
    elif what == "exempt":
        charging.exempt(**at, exemption="injury")
    elif what == "end":
        _end(**at)
    elif what == "correct":
        charging.correct(**at, line_id=next((line.id for line in row.lines if line.left), new_id()), reason="x")
    elif what == "twice":
        _complete_again(charge, mona)
    elif what == "waive":
        charging.waive(**at, reason="x")
    else:
        {"approve": charging.approve, "again": charging.ask_again}[what](**at)


def _end(**at: Any) -> None:
    try:
        exempting.end(**at)
    except Refused as refused:
        exempting.end(**at, approved=refused.facts.get("total"))


def _complete_again(charge: Charge, mona: Actor) -> None:
    proposing.complete(
        actor=mona, object_id=charge.object_id, patient_id=charge.patient_id, practice_id=charge.practice_id,
        service=charge.service, clinician_id=charge.clinician_id, at=charge.happened_at, now=VISIT,
    )  # fmt: skip


def _agree(charge: Charge, mona: Actor, hers: dict[Any, bills.ChargeRow]) -> None:
    """What stands in the rows, on the office's page, in its lists and on hers."""
    charge.refresh_from_db()
    total, paid = (int(rows.filter(charge=charge).aggregate(sum=Sum("ore", default=0))["sum"])
                   for rows in (Line.objects, Payment.objects))  # fmt: skip
    row = inside(mona, lambda: accounts.one(mona, charge.pk, VISIT))
    assert (row.total, row.paid, row.owed) == (total, paid, total - paid)
    unpaid = inside(mona, lambda: {each.id: each.owed for each in accounts.owing(mona, charge.practice_id, VISIT)})
    back = inside(mona, lambda: {each.id: each.owed for each in accounts.paid_over(mona, charge.practice_id, VISIT)})
    assert unpaid.get(charge.pk) == (row.owed if charge.status == "approved" and row.owed > 0 else None)
    assert back.get(charge.pk) == (row.owed if row.owed < 0 else None)
    assert inside(mona, lambda: accounts.owed(charge.practice_id)) == sum(unpaid.values())
    if charge.status in {"approved", "waived"}:
        assert (hers[charge.pk].total, hers[charge.pk].owed) == (row.total, row.owed)
    else:
        assert charge.pk not in hers


# ---- at once


@pytest.mark.django_db(transaction=True)
def test_two_offices_that_approve_at_once_do_not_both_fit_below_the_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries.Known, "ceiling", 30_000)
    here, there = priced_office("Fjordbyen legesenter", "Ingrid Aas"), priced_office("Dalen legekontor", "Odd Lund")
    kari, acts = here.patient(), []
    for at in (here, there):
        mona = at.staff(Role.SECRETARY)
        acts.append(_approves(mona, proposed(at, mona, kari, 1)))
    assert at_once(*acts) == []
    assert queries.counted_in(kari.pk, local_day(VISIT)) == 30_000


def _approves(mona: Actor, charge: Charge) -> Callable[[], object]:
    return lambda: inside(mona, lambda: charging.approve(actor=mona, charge_id=charge.pk, now=VISIT))


@pytest.mark.django_db(transaction=True)
def test_completed_twice_and_approved_while_it_is_said_that_she_did_not_come() -> None:
    at = priced_office("Fjordbyen legesenter", "Ingrid Aas")
    kari, mona = at.patient(), at.staff(Role.SECRETARY)
    row = at.booked(kari)

    def does(act: Callable[..., object], **given: object) -> Callable[[], object]:
        return lambda: inside(mona, lambda: act(actor=mona, now=VISIT, **given))

    done = does(appointments.complete, appointment_id=row.pk)
    assert len(at_once(done, done)) == 1
    charge = Charge.objects.get()
    assert charge.lines.count() == 1

    missed = at.booked(kari, clock=time(8, 20))
    inside(mona, lambda: appointments.no_show(actor=mona, appointment_id=missed.pk, now=LATER))
    second = Charge.objects.get(object_id=missed.pk)
    refused = at_once(
        does(charging.approve, charge_id=second.pk),
        lambda: inside(mona, lambda: appointments.back_to_booked(actor=mona, appointment_id=missed.pk, now=LATER)),
    )
    second.refresh_from_db()
    missed.refresh_from_db()
    assert len(refused) == 1  # either she came after all, or it is asked for
    assert (second.status, missed.status) in {("approved", "no-show"), ("withdrawn", "booked")}
    assert bool(bills.row_of(second.pk).owed) is (second.status == "approved")


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_invoices_that_are_started_at_once_inside_the_fence_bill_nobody_twice() -> None:
    at = priced_office("Fjordbyen legesenter", "Ingrid Aas")
    mona, siri = at.staff(Role.SECRETARY), at.staff(Role.MANAGER)
    for number in range(3):
        charge = proposed(at, mona, at.patient(f"Kari{number} Testdal"), number)
        _approves(mona, charge)()
    told()

    def start(who: Actor) -> Callable[[], object]:
        run = lambda: billing.start_run(actor=who, practice_id=at.practice.pk, now=LATER)  # noqa: E731
        return lambda: inside(who, run)

    assert at_once(start(mona), start(siri)) == ["run-goes-on"]
    at_once(lambda: billing.go_on(LATER), lambda: billing.go_on(LATER))  # two workers
    billing.go_on(LATER)
    assert (Run.objects.get().done, Run.objects.get().total) == (3, 3)
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_an_office_she_has_left_still_has_her_charges_and_the_next_has_none_of_them(db: None) -> None:
    here, there = priced_office("Fjordbyen legesenter", "Ingrid Aas"), priced_office("Dalen legekontor", "Odd Lund")
    kari, mona, other = here.patient(), here.staff(Role.SECRETARY), there.staff(Role.SECRETARY)
    charge = proposed(here, mona, kari, 1)
    Membership.objects.filter(person=kari).update(ends_date=local_day(NOW))
    Membership.objects.create(person=kari, contract=there.contract, starts_date=local_day(VISIT))
    _approves(mona, charge)()
    sent = inside(mona, lambda: billing.invoice(actor=mona, charge_id=charge.pk, now=LATER))
    inside(mona, lambda: paying.pay(actor=mona, charge_id=charge.pk, way="card", ore=sent.ore, key=new_id(), now=LATER))
    assert inside(mona, lambda: accounts.one(mona, charge.pk, LATER)).has_receipt
    assert inside(other, lambda: list(Charge.objects.all())) == []
    assert inside(other, lambda: list(Line.objects.all())) == []


def test_who_has_a_card_is_told_so_before_and_on_her_page_and_so_is_who_acts_for_her(db: None) -> None:
    at = priced_office("Fjordbyen legesenter", "Ingrid Aas")
    kari, mona = at.patient(), at.staff(Role.SECRETARY)
    charge = proposed(at, mona, kari, 1)
    cards.take(charge_id=charge.pk, has_card=True, now=VISIT)
    hers = citizen(kari)
    asked: dict[str, Any] = {
        "patient_id": kari.pk, "practice_id": at.practice.pk, "service": Service.ATTENDANCE,
        "clinician_id": at.doctor.pk, "starts_at": LATER, "now": VISIT,
    }  # fmt: skip
    proxy = replace(citizen(factories.person("Tor Testli")), acting_for_id=kari.pk, patients=frozenset({kari.pk}))
    for who in (hers, proxy, mona):
        assert inside(who, lambda: queries.price(**asked)).exemption == Exemption.CARD
        assert inside(who, lambda: queries.card(kari.pk, at.practice.pk, VISIT)).from_date == date(2026, 11, 23)
    stranger = citizen(factories.person("Per Testvik"))
    assert inside(stranger, lambda: list(policy.cards_visible_to(hers))) == []
