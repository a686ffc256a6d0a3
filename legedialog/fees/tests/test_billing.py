from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office
from legedialog.core import fence
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.fees import accounts, billing, bills, charging, holding, paying, tasks, texts
from legedialog.fees import story as fees
from legedialog.fees.kid import kid_of
from legedialog.fees.models import Charge, Invoice, Line, Payment, Received, Run, Terms
from legedialog.fees.tests.factories import added, told
from legedialog.fees.tests.test_charging import VISIT, at_once, visited, with_account
from legedialog.fees.tests.test_ocr import ACCOUNT, file
from legedialog.outbox.models import Notification
from legedialog.pending import services as pending
from legedialog.pending.models import PendingAct


@pytest.fixture
def mona(priced: Office) -> Actor:
    return priced.staff(Role.SECRETARY)


def approved(at: Office, mona: Actor, count: int = 1) -> list[Charge]:
    found = []
    for number in range(count):
        clock = time(8 + number // 3, 20 * (number % 3))
        made = visited(at, at.patient(f"Kari{number} Testdal"), clock=clock)
        found.append(charging.approve(actor=mona, charge_id=made.pk, now=made.happened_at))
    told()
    return found


LATER = VISIT + timedelta(days=3)


def test_a_run_sends_all_that_is_owed_once_and_goes_on_after_a_stop(
    priced: Office, mona: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    charges = approved(priced, mona, 4)
    paying.pay(actor=mona, charge_id=charges[0].pk, way="card", ore=23500, key=new_id(), now=LATER)
    run = billing.start_run(actor=mona, practice_id=priced.practice.pk, now=LATER)
    assert run.total == 3
    with pytest.raises(Refused) as refused:
        billing.start_run(actor=mona, practice_id=priced.practice.pk, now=LATER)
    assert refused.value.code == "run-goes-on"
    assert billing._one(run.pk, LATER)  # then the machine stops
    shown = accounts.run_of(mona, priced.practice.pk)
    assert shown
    assert (shown.done, shown.ended_at) == (1, None)
    assert billing.go_on(LATER) == 2
    run.refresh_from_db()
    assert (run.done, run.ended_at) == (3, LATER)
    assert billing.go_on(LATER) == 0
    assert Invoice.objects.count() == 3
    assert Notification.objects.filter(event="charge.invoiced").count() == 3
    with pytest.raises(Refused) as refused:
        billing.start_run(actor=mona, practice_id=priced.practice.pk, now=LATER)
    assert refused.value.code == "nothing-to-send"


def test_the_job_goes_on_with_what_was_started(priced: Office, mona: Actor) -> None:
    approved(priced, mona)
    billing.start_run(actor=mona, practice_id=priced.practice.pk, now=LATER)
    tasks.invoices(timestamp=0)
    assert Run.objects.get().ended_at
    assert Invoice.objects.count() == 1


def test_the_database_lets_one_run_go_on_at_a_time(priced: Office, mona: Actor) -> None:
    approved(priced, mona)
    billing.start_run(actor=mona, practice_id=priced.practice.pk, now=LATER)
    assert mona.employee_id
    with pytest.raises(IntegrityError, match="one_run_of_an_office_at_a_time"), transaction.atomic():
        Run.objects.create(practice=priced.practice, by_employee_id=mona.employee_id, started_at=LATER, total=1)


def test_a_run_that_cannot_go_on_ends_and_others_go_on(priced: Office, mona: Actor) -> None:
    approved(priced, mona, 2)
    other = factories.office("Dalen legekontor", "Odd Lund")
    fees.load(managers=[other.staff(Role.MANAGER)], today=date(2026, 11, 23), now=factories.NOW)
    rest = other.staff(Role.SECRETARY)
    mine = billing.start_run(actor=mona, practice_id=priced.practice.pk, now=LATER)
    approved(other, rest)
    billing.start_run(actor=rest, practice_id=other.practice.pk, now=LATER + timedelta(seconds=1))
    Terms.objects.filter(pk=priced.practice.pk).update(account_number="")  # the manager took it away meanwhile
    assert billing.go_on(LATER + timedelta(minutes=1)) == 1
    mine.refresh_from_db()
    assert (mine.done, mine.ended_at is None) == (0, False)
    assert Invoice.objects.get().practice_id == other.practice.pk


@pytest.mark.django_db(transaction=True)
def test_two_runs_and_two_workers_bill_nobody_twice() -> None:
    at = factories.office()
    fees.load(managers=[at.staff(Role.MANAGER)], today=date(2026, 11, 23), now=factories.NOW)
    mona = at.staff(Role.SECRETARY)
    approved(at, mona, 5)
    start = lambda: billing.start_run(actor=mona, practice_id=at.practice.pk, now=LATER)  # noqa: E731
    assert at_once(start, start) == ["run-goes-on"]
    work = lambda: billing.go_on(LATER)  # noqa: E731
    at_once(work, work)
    billing.go_on(LATER)
    run = Run.objects.get()
    assert (run.done, run.total) == (5, 5)
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_who_presses_at_the_same_moment_as_a_colleague_is_told_that_a_run_waits(settings: Any) -> None:
    settings.REGRET_SECONDS = 10
    at = factories.office()
    fees.load(managers=[at.staff(Role.MANAGER)], today=date(2026, 11, 23), now=factories.NOW)
    mona, practice_id = at.staff(Role.SECRETARY), at.practice.pk
    approved(at, mona, 1)

    def press(who: Actor) -> Callable[[], object]:
        return lambda: pending.put(
            actor=who, name="invoices.run", object_id=practice_id, given={"practice_id": practice_id}, now=LATER
        )

    hers, theirs = press(mona), press(at.staff(Role.MANAGER))
    assert at_once(hers, theirs, hers, theirs) == ["waits", "waits"]  # the same again is as once
    assert PendingAct.objects.get().name == "invoices.run"


def test_who_does_not_pay_is_reminded_once(priced: Office, mona: Actor) -> None:
    (charge,) = approved(priced, mona)
    sent = billing.invoice(actor=mona, charge_id=charge.pk, now=LATER)
    at = datetime.combine(sent.due_date, LATER.timetz())
    assert billing.remind(actor=mona, practice_id=priced.practice.pk, now=at + timedelta(days=13)) == 0
    late = at + timedelta(days=14)
    assert accounts.to_remind(priced.practice.pk, late.date()) == (1, 0)
    assert [billing.remind(actor=mona, practice_id=priced.practice.pk, now=late) for _ in range(2)] == [1, 0]
    assert Notification.objects.filter(event="charge.reminded").count() == 1


def late_invoice(at: Office, mona: Actor, who: str, clock: time) -> Invoice:
    charge = charging.approve(actor=mona, charge_id=visited(at, at.patient(who), clock=clock).pk, now=VISIT)
    return billing.invoice(actor=mona, charge_id=charge.pk, now=VISIT)


def test_a_reminder_has_its_fee_once_and_gives_two_more_weeks(priced: Office, mona: Actor) -> None:
    with_reminder_fee(priced)
    sent = late_invoice(priced, mona, "Kari Testdal", time(8))
    late = datetime.combine(sent.due_date + timedelta(days=14), LATER.timetz())
    assert [billing.remind(actor=mona, practice_id=priced.practice.pk, now=late) for _ in range(2)] == [1, 0]
    assert [line.ore for line in sent.charge.lines.filter(code="reminder")] == [3500]
    row = bills.row_of(sent.charge_id)
    assert (row.owed, texts.told(row)["late_date"]) == (27000, date(2027, 1, 5))


@pytest.mark.parametrize("how", ["paid", "waived", "disputed"])
def test_what_is_paid_waived_or_disputed_is_neither_reminded_of_nor_sent(how: str, priced: Office, mona: Actor) -> None:
    with_reminder_fee(priced)
    sent = late_invoice(priced, mona, "Kari Testdal", time(8))
    stops: dict[str, Any] = {"actor": mona, "charge_id": sent.charge_id, "now": LATER}
    if how == "paid":
        paying.pay(**stops, way="card", ore=sent.ore, key=new_id())
    elif how == "waived":
        charging.waive(**stops, reason="x")
    else:
        charging.dispute(**stops, is_disputed=True)
    late = datetime.combine(sent.due_date + timedelta(days=14), LATER.timetz())
    assert billing.remind(actor=mona, practice_id=priced.practice.pk, now=late) == 0
    if how == "disputed":
        charging.dispute(**stops, is_disputed=False)
        assert billing.remind(actor=mona, practice_id=priced.practice.pk, now=late) == 1


def test_a_run_leaves_what_is_disputed_and_what_she_was_told_of_lately(priced: Office, mona: Actor) -> None:
    first, second = approved(priced, mona, 2)
    charging.dispute(actor=mona, charge_id=first.pk, is_disputed=True, now=VISIT)
    soon = VISIT + timedelta(days=1)
    assert (accounts.to_invoice(priced.practice.pk, soon), accounts.pays_first(priced.practice.pk, soon)) == (
        0,
        1,
    )
    assert list(bills.to_invoice(priced.practice.pk, LATER)) == [second]


def with_reminder_fee(at: Office) -> None:
    with_account(at)
    Terms.objects.filter(pk=at.practice.pk).update(charges_reminder=True)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_between_two_invoices_bills_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    at = factories.office()
    fees.load(managers=[at.staff(Role.MANAGER)], today=date(2026, 11, 23), now=factories.NOW)
    mona = at.staff(Role.SECRETARY)
    approved(at, mona, 4)
    billing.start_run(actor=mona, practice_id=at.practice.pk, now=LATER)
    send, sent = billing.send, []

    def dies(actor: Actor, charge: Charge, now: datetime) -> Invoice:
        """The third is made, and then the database hears no more of the worker."""
        made = send(actor, charge, now)
        sent.append(made.number)
        if len(sent) == 3:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return made

    monkeypatch.setattr(billing, "send", dies)
    with pytest.raises(OperationalError):
        billing.go_on(LATER)
    connection.close()
    assert (Invoice.objects.count(), Run.objects.get().done, Run.objects.get().ended_at) == (2, 2, None)
    monkeypatch.setattr(billing, "send", send)
    assert billing.go_on(LATER) == 2
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert (Run.objects.get().done, Run.objects.get().ended_at) == (4, LATER)
    assert Line.objects.filter(code="invoice").count() == 4


# ---- from the bank


def test_a_file_with_kids_of_both_moduli_is_read_when_the_office_has_changed_which_it_uses(
    priced: Office, mona: Actor
) -> None:
    first, second = approved(priced, mona, 2)
    by_ten = billing.invoice(actor=mona, charge_id=first.pk, now=LATER)
    Terms.objects.filter(pk=priced.practice.pk).update(kid_modulus=11, invoices=SIGN_IS_TEN - 1)
    by_eleven = billing.invoice(actor=mona, charge_id=second.pk, now=LATER)
    assert by_eleven.kid.endswith("-")
    rows = take(mona, (by_ten.kid, by_ten.ore), (by_eleven.kid, by_eleven.ore), ("0000999995", 100))
    assert [row.finding for row in rows] == ["fits", "fits", "unknown"]


SIGN_IS_TEN = next(number for number in range(100, 200) if kid_of(number, 11).endswith("-"))


def take(mona: Actor, *payments: tuple[str, int], account: str = ACCOUNT, day: str = "241126") -> list[Received]:
    assert mona.practice_id
    text = file(*payments, account=account, day=day)
    rows, again = billing.take_in(actor=mona, practice_id=mona.practice_id, text=text, now=LATER)
    assert len(rows) + again == len(payments)
    return rows


def test_what_fits_is_settled_and_the_same_file_counts_once(priced: Office, mona: Actor) -> None:
    (charge,) = approved(priced, mona)
    sent = billing.invoice(actor=mona, charge_id=charge.pk, now=LATER)
    assert [row.finding for row in take(mona, (sent.kid, sent.ore))] == ["fits"]
    assert take(mona, (sent.kid, sent.ore)) == []
    assert (Payment.objects.count(), holding.owed(charge)) == (1, 0)
    assert accounts.to_look_at(mona, priced.practice.pk) == []


def test_another_payment_under_a_number_that_was_used_before_is_never_lost(priced: Office, mona: Actor) -> None:
    first, second = approved(priced, mona, 2)
    kids = [billing.invoice(actor=mona, charge_id=each.pk, now=LATER).kid for each in (first, second)]
    take(mona, (kids[0], 29500))
    assert [row.finding for row in take(mona, (kids[1], 29500))] == ["reused"]
    assert take(mona, (kids[1], 29500)) == []
    assert holding.owed(second) == 29500
    ((row, _invoice),) = accounts.to_look_at(mona, priced.practice.pk)
    billing.settle(actor=mona, received_id=row.pk, invoice_number=Invoice.objects.get(kid=kids[1]).number, now=LATER)
    assert (holding.owed(second), accounts.to_look_at(mona, priced.practice.pk)) == (0, [])


def test_what_does_not_fit_waits_for_somebody(priced: Office, mona: Actor) -> None:
    first, second, third = approved(priced, mona, 3)
    kids = [billing.invoice(actor=mona, charge_id=each.pk, now=LATER).kid for each in (first, second, third)]
    rows = take(
        mona,
        (kids[0], 10000),
        (kids[1], 99999),
        (kids[2], 29500),
        (kids[2], 29500),
        ("0000999995", 5000),
        ("0000999994", 5000),
    )
    assert [row.finding for row in rows] == ["less", "more", "fits", "twice", "unknown", "control"]
    assert [holding.owed(each) for each in (first, second, third)] == [19500, 29500 - 99999, -29500]
    assert [row.finding for row, _sent in accounts.to_look_at(mona, priced.practice.pk)] == [
        *("less", "more", "twice", "unknown", "control"),
    ]
    assert {row.id for row in accounts.paid_over(mona, priced.practice.pk, LATER)} == {second.pk, third.pk}


def test_what_the_bank_takes_back_is_owed_again_and_looked_at(priced: Office, mona: Actor) -> None:
    (charge,) = approved(priced, mona)
    sent = billing.invoice(actor=mona, charge_id=charge.pk, now=LATER)
    take(mona, (sent.kid, sent.ore))
    assert [row.finding for row in take(mona, (sent.kid, -sent.ore), day="251126")] == ["back"]
    assert holding.owed(charge) == sent.ore
    ((row, _invoice),) = accounts.to_look_at(mona, priced.practice.pk)
    billing.settle(actor=mona, received_id=row.pk, now=LATER)
    # What never came here takes nothing off: somebody must look, and cannot put it where there is nothing.
    (odd,) = take(mona, (sent.kid, -sent.ore), day="261126")
    assert (odd.charge_id, holding.owed(charge)) == (None, sent.ore)
    with pytest.raises(Refused) as refused:
        billing.settle(actor=mona, received_id=odd.pk, invoice_number=sent.number, now=LATER)
    assert refused.value.code == "not-that-much"


def test_money_without_an_invoice_is_put_on_one_by_its_number(priced: Office, mona: Actor) -> None:
    (charge,) = approved(priced, mona)
    sent = billing.invoice(actor=mona, charge_id=charge.pk, now=LATER)
    (row,) = take(mona, ("0000099999", sent.ore))
    with pytest.raises(Refused) as refused:
        billing.settle(actor=mona, received_id=row.pk, invoice_number=77, now=LATER)
    assert refused.value.code == "no-such-invoice"
    billing.settle(actor=mona, received_id=row.pk, invoice_number=sent.number, now=LATER)
    assert holding.owed(charge) == 0
    with pytest.raises(Refused):
        billing.settle(actor=mona, received_id=row.pk, invoice_number=sent.number, now=LATER)
    elsewhere = factories.office("Dalen legekontor", "Odd Lund").staff(Role.SECRETARY)
    with pytest.raises(NotFound):
        billing.settle(actor=elsewhere, received_id=row.pk, now=LATER)


@pytest.mark.parametrize(
    ("text", "code"),
    [("nonsense", "not-a-payment-file"), (file(("1", 100), account="99991042764"), "not-our-account")],
)
def test_a_file_that_is_not_whole_or_not_ours_is_not_read(priced: Office, mona: Actor, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        billing.take_in(actor=mona, practice_id=priced.practice.pk, text=text, now=LATER)
    assert refused.value.code == code
    assert not Received.objects.exists()


def test_another_office_sees_none_of_it_and_the_sums_agree(priced: Office, mona: Actor) -> None:
    charges = approved(priced, mona, 3)
    added(actor=mona, charge_id=charges[0].pk, code="10a", now=LATER)
    charging.waive(actor=mona, charge_id=charges[1].pk, reason="x", now=LATER)
    found = accounts.totals(mona, priced.practice.pk, 2026)
    assert found.ore == 2 * 23500 + 7500
    assert sum(each.ore for each in found.by_code) == sum(each.ore for each in found.by_doctor) == found.ore
    assert [each.ore for each in found.by_month] == [0] * 10 + [found.ore, 0]
    elsewhere = factories.office("Dalen legekontor", "Odd Lund").staff(Role.MANAGER)
    with fence.works_for(*elsewhere.scope):
        assert accounts.totals(elsewhere, priced.practice.pk, 2026).ore == 0
        assert not accounts.waiting(elsewhere, priced.practice.pk, LATER)
        assert accounts.owing(elsewhere, priced.practice.pk, LATER) == []
