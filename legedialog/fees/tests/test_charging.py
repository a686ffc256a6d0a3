import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legedialog.access.actor import Actor, Role, system
from legedialog.appointments import services as appointments
from legedialog.appointments.models import VisitType
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import TOMORROW, Office, citizen
from legedialog.audit.models import Event
from legedialog.core import seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.dialogues.tests.factories import answered
from legedialog.fees import (
    accounts,
    billing,
    charge_rules,
    charging,
    entries,
    holding,
    paying,
    policy,
    proposing,
    queries,
    services,
    texts,
)
from legedialog.fees import story as fees
from legedialog.fees.ceiling import over_ceiling, spread
from legedialog.fees.kid import is_account_number, kid_of
from legedialog.fees.models import Charge, Invoice, Line, OwnPrice, Payment, Rate
from legedialog.fees.tests.factories import added, told
from legedialog.patients.models import Person
from legedialog.prescriptions import duties, treating
from legedialog.prescriptions.models import Item
from legedialog.prescriptions.tests.factories import ordered, prescription

VISIT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # the booked time has begun


def visited(at: Office, who: Person, **times: object) -> Charge:
    row = at.booked(who, **times)  # type: ignore[arg-type]
    appointments.complete(actor=at.staff(Role.SECRETARY), appointment_id=row.pk, now=row.starts_at)
    return Charge.objects.get(object_id=row.pk)


def lines(charge: Charge) -> list[tuple[str, int]]:
    return [(each.code, each.ore) for each in charge.lines.order_by("number")]


def test_a_completed_visit_is_proposed_once_and_owed_when_approved(priced: Office) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    row = priced.booked(kari)
    for _ in range(2):
        appointments.complete(actor=mona, appointment_id=row.pk, now=VISIT)
        appointments.arrive(actor=mona, appointment_id=row.pk, now=VISIT)
    appointments.complete(actor=mona, appointment_id=row.pk, now=VISIT)
    charge = Charge.objects.get()
    assert (charge.status, holding.total(charge)) == ("proposed", 23500)
    assert not policy.charges_visible_to(citizen(kari)).exists()  # nobody is asked for what the office has not decided
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    assert policy.charges_visible_to(citizen(kari)).count() == 1
    assert holding.owed(charge) == 23500
    with pytest.raises(Refused):
        charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)


def test_what_was_set_back_is_not_asked_for(priced: Office) -> None:
    charge, mona = visited(priced, priced.patient()), priced.staff(Role.SECRETARY)
    appointments.arrive(actor=mona, appointment_id=charge.object_id, now=VISIT)
    charge.refresh_from_db()
    assert (charge.status, holding.total(charge)) == ("withdrawn", 0)
    assert lines(charge) == [("2ad", 23500), ("2ad", -23500)]


def test_who_does_not_come_is_proposed_the_fee_and_so_is_a_late_cancel(priced: Office) -> None:
    mona, per = priced.staff(Role.SECRETARY), priced.patient("Per Testvik")
    missed = priced.booked(priced.patient())
    appointments.no_show(actor=mona, appointment_id=missed.pk, now=VISIT)
    late = priced.booked(per, clock=time(9))
    appointments.cancel(actor=citizen(per), appointment_id=late.pk, now=VISIT - timedelta(hours=2))
    early = priced.booked(per, day=date(2026, 11, 27))
    appointments.cancel(actor=citizen(per), appointment_id=early.pk, now=factories.NOW)
    charges = Charge.objects.order_by("happened_at")
    assert [(each.kind, lines(each)) for each in charges] == [("missed", [("missed", 31500)])] * 2
    appointments.back_to_booked(actor=mona, appointment_id=missed.pk, now=VISIT)
    appointments.complete(actor=mona, appointment_id=missed.pk, now=VISIT)
    again = Charge.objects.get(object_id=missed.pk)
    assert (again.kind, holding.total(again)) == ("service", 23500)


def test_an_office_without_a_confirmed_table_asks_for_nothing(office: Office) -> None:
    row = office.booked(office.patient())
    appointments.complete(actor=office.staff(Role.SECRETARY), appointment_id=row.pk, now=VISIT)
    assert not Charge.objects.exists()


def test_an_econsultation_costs_by_the_hour_of_the_answer_and_never_more_than_was_shown(priced: Office) -> None:
    evening = at_local(TOMORROW, time(19))
    charge = Charge.objects.get(object_id=answered(priced, priced.patient(), closes=True, now=evening).pk)
    assert lines(charge) == [("2ae", 35500)]
    services.decide(
        actor=priced.staff(Role.MANAGER),
        practice_id=priced.practice.pk,
        promises_day_rate=True,
        charges_missed=True,
        now=evening,
    )
    promised = answered(priced, priced.patient("Per Testvik"), closes=True, now=evening)
    assert lines(Charge.objects.get(object_id=promised.pk)) == [("2ae", 23500)]


def test_what_a_table_tells_too_late_is_charged_all_the_same(priced: Office) -> None:
    """The summer's table is not loaded yet: nothing is lost, and nothing is guessed."""
    Rate.objects.update(to_date=date(2026, 11, 23))
    kari, mona = visited(priced, priced.patient()), priced.staff(Role.SECRETARY)
    VisitType.objects.filter(pk=priced.visit_type.pk).update(exemption="pregnancy")
    exempt = visited(priced, priced.patient("Anne Testmo"), clock=time(8, 20))
    assert (kari.status, lines(kari), lines(exempt)) == ("proposed", [], [])
    with pytest.raises(Refused) as refused:
        charging.approve(actor=mona, charge_id=kari.pk, now=VISIT)
    assert refused.value.code == "no-rate"
    late = (
        "code;day;evening;specialist_day;specialist_evening;from;to;source\n2ad;190;310;240;360;2026-11-24;2027-06-30;x"
    )
    services.load(actor=system(), name="late", text=late, now=VISIT)
    services.confirm(actor=priced.staff(Role.MANAGER), practice_id=priced.practice.pk, name="late", now=VISIT)
    assert (lines(kari), lines(exempt)) == ([("2ad", 24000)], [("2ad", 0)])
    services.confirm(actor=priced.staff(Role.MANAGER), practice_id=priced.practice.pk, name="late", now=VISIT)
    assert lines(kari) == [("2ad", 24000)]


def test_a_visit_of_an_exempt_kind_is_free_before_and_after(priced: Office) -> None:
    VisitType.objects.filter(pk=priced.visit_type.pk).update(exemption="pregnancy")
    priced.visit_type.refresh_from_db()
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    row = priced.booked(kari)
    told = queries.promised(row.pk)
    assert told
    assert (told.why, told.high, told.missed) == ("exempt", 0, 31500)
    appointments.complete(actor=mona, appointment_id=row.pk, now=VISIT)
    charge = Charge.objects.get()
    added(actor=mona, charge_id=charge.pk, code="701a", now=VISIT)
    added(actor=mona, charge_id=charge.pk, code="10a", now=VISIT)
    assert (charge.exemption, lines(charge)) == ("pregnancy", [("2ad", 0), ("701a", 0), ("10a", 7500)])


def test_a_child_owes_nothing_for_the_visit_but_for_the_material(priced: Office) -> None:
    ola, mona = priced.patient("Ola Testdal"), priced.staff(Role.SECRETARY)
    Person.objects.filter(pk=ola.pk).update(birth_date=date(2012, 1, 1))
    row = appointments.book_for_patient(
        actor=mona,
        patient_id=ola.pk,
        calendar_id=priced.calendar.pk,
        visit_type_id=priced.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW, time(8)),
        reason="",
        now=factories.NOW,
    )
    appointments.complete(actor=mona, appointment_id=row.pk, now=VISIT)
    charge = Charge.objects.get()
    added(actor=mona, charge_id=charge.pk, code="701a", now=VISIT)
    added(actor=mona, charge_id=charge.pk, code="10a", now=VISIT)
    assert (charge.exemption, lines(charge)) == ("child", [("2ad", 0), ("701a", 0), ("10a", 7500)])


def test_one_visit_is_charged_as_one_contact(priced: Office) -> None:
    mona = priced.staff(Role.SECRETARY)
    charge = visited(priced, priced.patient())
    with pytest.raises(Refused) as refused:
        added(actor=mona, charge_id=charge.pk, code="1ad", now=VISIT)
    assert refused.value.code == "one-contact"
    first = charge.lines.get()
    charging.correct(actor=mona, charge_id=charge.pk, line_id=first.pk, reason="Var en enkel kontakt", now=VISIT)
    added(actor=mona, charge_id=charge.pk, code="1ad", now=VISIT)
    assert [line.code for line, _ore in entries.standing(charge)] == ["1ad"]
    charging.correct(
        actor=mona, charge_id=charge.pk, line_id=charge.lines.get(code="1ad", corrects=None).pk, reason="x", now=VISIT
    )
    dear = added(actor=mona, charge_id=charge.pk, code="11ad", now=VISIT)
    assert (dear.ore, dear.top) == (23500, 23500)  # what she was shown before she booked is the most a contact costs


def test_the_office_exempts_waives_and_corrects_by_counter_entries(priced: Office) -> None:
    mona = priced.staff(Role.SECRETARY)
    charge = visited(priced, priced.patient())
    added(actor=mona, charge_id=charge.pk, code="10b", now=VISIT)
    price = OwnPrice.objects.get(practice=priced.practice, name="Influensavaksine")
    wrong = added(actor=mona, charge_id=charge.pk, code="", own_price_id=price.pk, now=VISIT)
    charging.correct(actor=mona, charge_id=charge.pk, line_id=wrong.pk, reason="Feil pasient", now=VISIT)
    with pytest.raises(Refused):
        charging.correct(actor=mona, charge_id=charge.pk, line_id=wrong.pk, reason="Feil pasient", now=VISIT)
    charging.exempt(actor=mona, charge_id=charge.pk, exemption="pregnancy", now=VISIT)
    assert holding.total(charge) == 11500  # the material
    with pytest.raises(Refused):
        charging.exempt(actor=mona, charge_id=charge.pk, exemption="child", now=VISIT)
    charging.waive(actor=mona, charge_id=charge.pk, reason="Avtalt med legen", now=VISIT)
    assert holding.total(charge) == 0
    assert Line.objects.filter(charge=charge).count() == 6


def test_what_was_taken_back_is_nothing_and_not_free(priced: Office) -> None:
    mona, charge = priced.staff(Role.SECRETARY), visited(priced, priced.patient())
    (line,) = charge.lines.all()
    charging.correct(actor=mona, charge_id=charge.pk, line_id=line.pk, reason="Feil pasient", now=VISIT)
    assert texts.total(accounts.one(mona, charge.pk, VISIT)) == "0\u00a0kr"


def test_what_is_taken_at_the_counter_is_taken_once_and_never_more_than_is_owed(priced: Office) -> None:
    mona, charge, key = priced.staff(Role.SECRETARY), visited(priced, priced.patient()), new_id()
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    with pytest.raises(Refused) as refused:
        paying.pay(actor=mona, charge_id=charge.pk, way="card", ore=23501, key=new_id(), now=VISIT)
    assert (refused.value.code, refused.value.facts) == ("more-than-owed", {"owed": 23500})
    with pytest.raises(Refused, match="no-amount"):
        paying.pay(actor=mona, charge_id=charge.pk, way="card", ore=0, key=new_id(), now=VISIT)
    for _ in range(2):
        paying.pay(actor=mona, charge_id=charge.pk, way="card", ore=23500, key=key, now=VISIT)
    assert (Payment.objects.count(), holding.owed(charge)) == (1, 0)
    for way, ore in (("card", 13500), ("cash", 23500)):  # she went back and wrote something else
        with pytest.raises(Refused, match="written-already"):
            paying.pay(actor=mona, charge_id=charge.pk, way=way, ore=ore, key=key, now=VISIT)
    assert refused_refund(mona, charge, 0) == "no-amount"
    assert refused_refund(mona, charge, 23501) == "not-that-much"
    assert refused_refund(mona, charge, 1) == "not-overpaid"  # she would owe it again
    paying.undo_payment(actor=mona, charge_id=charge.pk, ore=3500, key=new_id(), now=VISIT)
    assert holding.paid_of(charge) == 20000
    charging.waive(actor=mona, charge_id=charge.pk, reason="Avtalt", now=VISIT)
    paying.refund(actor=mona, charge_id=charge.pk, ore=20000, key=new_id(), now=VISIT)
    assert holding.owed(charge) == 0


def refused_refund(mona: Actor, charge: Charge, ore: int) -> str:
    with pytest.raises(Refused) as refused:
        paying.refund(actor=mona, charge_id=charge.pk, ore=ore, key=new_id(), now=VISIT)
    return refused.value.code


def test_a_visit_whose_charge_is_approved_stays_completed_until_that_is_waived(priced: Office) -> None:
    mona, charge = priced.staff(Role.SECRETARY), visited(priced, priced.patient())
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    with pytest.raises(Refused) as refused:
        proposing.withdraw(actor=mona, object_id=charge.object_id, now=VISIT)
    assert refused.value.code == "charge-stands"
    charging.waive(actor=mona, charge_id=charge.pk, reason="Kom ikke", now=VISIT)
    proposing.withdraw(actor=mona, object_id=charge.object_id, now=VISIT)


def test_what_is_completed_again_is_one_claim_also_when_it_costs_nothing(priced: Office) -> None:
    VisitType.objects.filter(pk=priced.visit_type.pk).update(exemption="pregnancy")
    priced.visit_type.refresh_from_db()
    mona = priced.staff(Role.SECRETARY)
    row = priced.booked(priced.patient())
    for _ in range(2):
        appointments.complete(actor=mona, appointment_id=row.pk, now=VISIT)
        appointments.arrive(actor=mona, appointment_id=row.pk, now=VISIT)
    appointments.complete(actor=mona, appointment_id=row.pk, now=VISIT)
    charge = Charge.objects.get()
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    assert lines(charge) == [("2ad", 0)] * 5  # three times, and two taken back
    assert accounts.totals(mona, priced.practice.pk, VISIT.year).by_code == []  # nothing is asked for: ADR 286


def test_an_invoice_is_sent_once_with_a_kid(priced: Office) -> None:
    mona, charge = priced.staff(Role.SECRETARY), visited(priced, priced.patient())
    with pytest.raises(Refused) as refused:
        billing.invoice(actor=mona, charge_id=charge.pk, now=VISIT)
    assert refused.value.code == "not-owed"  # not approved
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    with_account(priced, "")
    with pytest.raises(Refused) as refused:
        billing.invoice(actor=mona, charge_id=charge.pk, now=VISIT)
    assert refused.value.code == "no-account"
    with_account(priced)
    sent = billing.invoice(actor=mona, charge_id=charge.pk, now=VISIT)
    assert billing.invoice(actor=mona, charge_id=charge.pk, now=VISIT).pk == sent.pk
    assert (sent.number, sent.kid, sent.ore, sent.due_date) == (1, "0000000018", 23500, date(2026, 12, 8))
    assert holding.owed(charge) == 23500  # with no fee: she has had no time to pay


def with_account(at: Office, number: str = "15032080119") -> None:
    services.decide(
        actor=at.staff(Role.MANAGER),
        practice_id=at.practice.pk,
        promises_day_rate=False,
        charges_missed=True,
        account_number=number,
        now=factories.NOW,
    )


def test_strangers_find_no_charge_and_citizens_change_none(priced: Office) -> None:
    kari = priced.patient()
    charge = visited(priced, kari)
    elsewhere = factories.office("Dalen legekontor", "Odd Lund").staff(Role.SECRETARY)
    for stranger in (elsewhere, citizen(priced.patient("Per Testvik")), citizen(kari)):
        with pytest.raises(NotFound):
            charging.approve(actor=stranger, charge_id=charge.pk, now=VISIT)
    charging.approve(actor=priced.staff(Role.MANAGER), charge_id=charge.pk, now=VISIT)
    with pytest.raises((NotFound, Denied)):
        charging.waive(actor=citizen(kari), charge_id=charge.pk, reason="x", now=VISIT)


def test_each_decision_leaves_a_line_in_her_log(priced: Office) -> None:
    mona, kari = priced.staff(Role.SECRETARY), priced.patient()
    charge = visited(priced, kari)
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    paying.pay(actor=mona, charge_id=charge.pk, way="cash", ore=100, key=new_id(), now=VISIT)
    charging.waive(actor=mona, charge_id=charge.pk, reason="x", now=VISIT)
    told = Event.objects.filter(patient_id=kari.pk, action__startswith="charge.").order_by("at", "pk")
    names = [each.action for each in told]
    assert sorted(names) == ["charge.approved", "charge.paid", "charge.proposed", "charge.waived"]


# ---- the ceiling


@pytest.mark.parametrize(
    ("counted", "before", "ceiling", "over"),
    [
        (100, 0, 1000, 0),
        (100, 900, 1000, 0),
        (100, 950, 1000, 50),
        (100, 1000, 1000, 100),
        (100, 2000, 1000, 100),
        (100, 2000, None, 0),
        (0, 2000, 1000, 0),
    ],
)
def test_what_is_over_the_ceiling(counted: int, before: int, ceiling: int | None, over: int) -> None:
    assert over_ceiling(counted=counted, before=before, ceiling=ceiling) == over


@given(excess=st.integers(0, 500), amounts=st.lists(st.integers(0, 200), max_size=5))
def test_what_is_taken_off_is_spread_and_never_more_than_is_there(excess: int, amounts: list[int]) -> None:
    taken = spread(excess, amounts)
    assert sum(taken) == min(excess, sum(amounts))
    assert all(0 <= off <= each for off, each in zip(taken, amounts, strict=True))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("approve", "waive", "laboratory", "material", "correct", "again", "exempt")), st.integers(0, 2)
    ),
    max_size=14,
)


@given(steps=STEPS, ceiling=st.integers(0, 80_000))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_things_passes_the_ceiling_or_leaves_a_sum_below_nothing(
    priced: Office, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]], ceiling: int
) -> None:
    """Counted co-payments of a person never pass the ceiling; lines and counter-entries sum to what is owed."""
    monkeypatch.setattr(queries.Known, "ceiling", ceiling)
    with transaction.atomic():
        mona, kari = priced.staff(Role.SECRETARY), factories.person()
        charges = [_proposed(priced, kari, mona, number) for number in range(3)]
        for what, number in steps:
            try:
                with transaction.atomic():
                    _do(what, charges[number], mona, kari, priced, number)
            except Refused:
                continue
            assert queries.counted_in(kari.pk, TOMORROW) <= ceiling
        for charge in charges:
            charge.refresh_from_db()
            assert holding.total(charge) == sum(left for _line, left in entries.standing(charge)) >= 0
            assert charge.status != "waived" or holding.total(charge) == 0
        transaction.set_rollback(True)


def _proposed(at: Office, who: Person, actor: Actor, number: int) -> Charge:
    object_id = UUID(int=number + 1)
    _complete(at, who, actor, object_id)
    return Charge.objects.get(object_id=object_id)


def _complete(at: Office, who: Person, actor: Actor, object_id: UUID) -> None:
    proposing.complete(
        actor=actor,
        object_id=object_id,
        patient_id=who.pk,
        practice_id=at.practice.pk,
        service="attendance",
        clinician_id=at.doctor.pk,
        at=VISIT,
        now=VISIT,
    )


def _do(what: str, charge: Charge, mona: Actor, kari: Person, at: Office, number: int) -> None:
    if what == "approve":
        charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    elif what == "waive":
        charging.waive(actor=mona, charge_id=charge.pk, reason="x", now=VISIT)
    elif what == "again":
        _complete(at, kari, mona, charge.object_id)
    elif what == "exempt":
        charging.exempt(actor=mona, charge_id=charge.pk, exemption="injury", now=VISIT)
    elif what == "correct":
        first = charge.lines.filter(corrects=None).order_by("number")[0]
        charging.correct(actor=mona, charge_id=charge.pk, line_id=first.pk, reason="x", now=VISIT)
    else:
        code = "701a" if what == "laboratory" else "10a"
        added(actor=mona, charge_id=charge.pk, code=code, now=VISIT)


# ---- what the database refuses


def test_the_database_refuses_nonsense(priced: Office) -> None:
    charge = visited(priced, priced.patient())
    line = charge.lines.get()
    common = {"practice": priced.practice, "charge": charge, "number": 9, "code": "2ad", "what": "x", "at": VISIT}
    nonsense: dict[str, dict[str, object]] = {
        "only_a_counter_entry_is_negative": {"ore": -1, "is_counted": True},
        "a_line_is_never_above_its_promise": {"ore": 2, "top": 1, "is_counted": True},
        "a_counter_entry_tells_why": {"ore": -1, "corrects": line, "is_counted": True},
    }
    for name, wrong in nonsense.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Line.objects.create(**{**common, **wrong})
    with pytest.raises(IntegrityError, match="money_goes_back_only_as_what_takes_off"), transaction.atomic():
        Payment.objects.create(practice=priced.practice, charge=charge, key=new_id(), way="card", ore=-1, at=VISIT)


# ---- races


def at_once(*things: Callable[[], object]) -> list[str]:
    """Each in a thread of its own; the codes of those that were refused."""
    refused: list[str] = []
    start = threading.Barrier(len(things))

    def run(thing: Callable[[], object]) -> None:
        try:
            start.wait()
            thing()
        except Refused as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(thing,)) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.django_db(transaction=True)
def test_complete_twice_approve_while_waived_and_two_invoices_at_once() -> None:
    at = factories.office()
    fees.load(managers=[at.staff(Role.MANAGER)], today=date(2026, 11, 23), now=factories.NOW)
    with_account(at)
    kari, mona = at.patient(), at.staff(Role.SECRETARY)
    row = at.booked(kari)
    done = lambda: appointments.complete(actor=mona, appointment_id=row.pk, now=VISIT)  # noqa: E731
    assert len(at_once(done, done)) == 1
    charge = Charge.objects.get()
    assert charge.lines.count() == 1

    mark = seen.mark(*holding.seen_of(charge))
    refused = at_once(
        lambda: charging.approve(actor=mona, charge_id=charge.pk, mark=mark, now=VISIT),
        lambda: charging.waive(actor=mona, charge_id=charge.pk, reason="x", mark=mark, now=VISIT),
    )
    assert len(refused) == 1
    charge.refresh_from_db()
    assert holding.total(charge) == (23500 if charge.status == "approved" else 0)

    other = at.booked(kari, clock=time(9))
    appointments.complete(actor=mona, appointment_id=other.pk, now=other.starts_at)
    second = Charge.objects.get(object_id=other.pk)
    charging.approve(actor=mona, charge_id=second.pk, now=VISIT)
    told()
    send = lambda: billing.invoice(actor=mona, charge_id=second.pk, now=VISIT + timedelta(days=3))  # noqa: E731
    assert at_once(send, send) == []
    assert Invoice.objects.count() == 1
    assert second.lines.filter(code="invoice").count() == 1


# ---- numbers of the banks


@pytest.mark.parametrize(
    ("kid", "modulus"), [("1234567897", 10), ("0000000018", 10), ("0000000019", 11), ("0963682719", 11)]
)
def test_control_signs(kid: str, modulus: int) -> None:
    assert kid_of(int(kid[:-1]), modulus) == kid


@given(number=st.integers(1, 999_999_999), modulus=st.sampled_from((10, 11)), place=st.integers(0, 8))
def test_one_wrong_digit_is_found(number: int, modulus: int, place: int) -> None:
    good = kid_of(number, modulus)
    wrong = f"{good[:place]}{(int(good[place]) + 1) % 10}{good[place + 1 :]}"
    assert kid_of(int(wrong[:-1]), modulus) != wrong


@pytest.mark.parametrize(
    ("number", "good"), [("15032080119", True), ("15032080118", False), ("1503208011", False), ("1503208011A", False)]
)
def test_account_numbers(number: str, good: bool) -> None:
    assert is_account_number(number) is good


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 11, 24), date(2026, 12, 8)),
        (date(2026, 12, 11), date(2026, 12, 28)),
        (date(2026, 3, 20), date(2026, 4, 7)),
    ],
)
def test_an_invoice_is_due_on_a_working_day(day: date, due: date) -> None:
    assert charge_rules.due_date(day, 14) == due


def test_a_renewal_is_proposed_once_for_each_order_that_is_renewed(priced: Office) -> None:
    kari, doctor = priced.patient(), priced.staff(Role.DOCTOR)
    renewal = ordered(kari, prescription(kari, priced))
    duties.charge(factories.NOW)
    assert not Charge.objects.exists()
    items = list(Item.objects.filter(renewal=renewal).values_list("pk", flat=True))
    treating.sign(actor=doctor, item_ids=items, now=factories.NOW)
    for _ in range(2):
        duties.charge(factories.NOW)
    charge = Charge.objects.get(object_id=renewal.pk)
    assert (charge.content, lines(charge)) == ("renewal-price", [("1bd", 6500)])
