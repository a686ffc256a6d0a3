"""Paid on the web: once, whatever comes first and how often; and back to the card."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from legedialog.access.actor import Role
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.core import fence, seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.fees import accounts, billing, charging, holding, online, paying, proposing, story
from legedialog.fees.charge_rules import Stand
from legedialog.fees.models import Charge, Payment, Received, Transfer
from legedialog.fees.online import NoAnswer, Told
from legedialog.fees.rules import Service
from legedialog.fees.tests.factories import added
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person

VISIT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
PAID = Told(Stand.DONE, 23500, "p-1")


class Fake:
    """A provider that answers from here."""

    def __init__(self) -> None:
        self.is_down = False
        self.opened: list[tuple[UUID, int]] = []
        self.tells = Told(Stand.BEGUN)
        self.back = Stand.DONE
        self.backs: list[tuple[UUID, str, int]] = []

    def open(self, *, transfer_id: UUID, ore: int, charge_id: UUID) -> tuple[str, str]:
        if self.is_down:
            raise NoAnswer
        self.opened.append((transfer_id, ore))
        return f"p-{len(self.opened)}", f"https://pay.invalid/{len(self.opened)}"

    def told(self, provider_id: str) -> Told:
        if self.is_down:
            raise NoAnswer
        return self.tells

    def give_back(self, *, transfer_id: UUID, provider_id: str, ore: int) -> Stand:
        if self.is_down:
            raise NoAnswer
        self.backs.append((transfer_id, provider_id, ore))
        return self.back


@pytest.fixture(autouse=True)
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Fake:
    settings.PAYMENT_PROVIDER = {"url": "https://pay.invalid/api", "token": "x", "secret": "y"}
    made = Fake()
    monkeypatch.setattr(online, "provider", lambda: made)
    return made


def owed(at: Office, who: Person) -> Charge:
    """A visit that is approved and not paid: 235 kroner."""
    mona, thing = at.staff(Role.SECRETARY), new_id()
    proposing.complete(
        actor=mona, object_id=thing, patient_id=who.pk, practice_id=at.practice.pk, service=Service.ATTENDANCE,
        clinician_id=at.doctor.pk, at=at_local(date(2026, 11, 24), time(9)), now=VISIT,
    )  # fmt: skip
    return charging.approve(actor=mona, charge_id=Charge.objects.get(object_id=thing).pk, now=VISIT)


def begun(charge: Charge) -> Transfer:
    online.pay(actor=citizen(charge.patient), charge_id=charge.pk, now=VISIT)
    return Transfer.objects.latest("begun_at", "pk")


def sums(charge: Charge) -> tuple[int, int]:
    return holding.owed(charge), Payment.objects.filter(charge=charge).count()


def test_she_pays_all_that_is_owed_and_coming_back_leads_to_the_same_page(priced: Office, fake: Fake) -> None:
    charge = owed(priced, priced.patient())
    with fence.works_for(charge.patient_id):
        first = online.pay(actor=citizen(charge.patient), charge_id=charge.pk, now=VISIT)
        again = online.pay(actor=citizen(charge.patient), charge_id=charge.pk, now=VISIT + timedelta(minutes=14))
        later = online.pay(actor=citizen(charge.patient), charge_id=charge.pk, now=VISIT + timedelta(minutes=16))
    assert (first, again, later) == ("https://pay.invalid/1", first, "https://pay.invalid/2")
    assert [ore for _id, ore in fake.opened] == [23500, 23500]


def test_it_is_paid_once_however_often_the_provider_tells(priced: Office) -> None:
    charge = owed(priced, priced.patient())
    row = begun(charge)
    assert sums(charge) == (23500, 0)
    for _ in range(3):
        assert online.take(transfer_id=row.pk, told=PAID, now=VISIT)
    assert sums(charge) == (0, 1)
    assert online.take(transfer_id=row.pk, told=Told(Stand.REFUSED), now=VISIT)  # an old call that comes late
    row.refresh_from_db()
    assert (row.stand, sums(charge)) == ("done", (0, 1))
    assert not online.take(transfer_id=new_id(), told=PAID, now=VISIT)
    assert not Received.objects.exists()


@pytest.mark.parametrize("stand", [Stand.REFUSED, Stand.ENDED])
def test_what_is_refused_or_abandoned_leaves_it_owed_and_may_be_tried_again(priced: Office, stand: Stand) -> None:
    charge = owed(priced, priced.patient())
    row = begun(charge)
    online.take(transfer_id=row.pk, told=Told(stand), now=VISIT)
    assert sums(charge) == (23500, 0)
    other = begun(charge)
    assert other.pk != row.pk
    online.take(transfer_id=other.pk, told=PAID, now=VISIT)
    online.take(transfer_id=row.pk, told=PAID, now=VISIT)  # the first was paid after all
    assert holding.owed(charge) == -23500
    assert [(each.finding, each.ore) for each in Received.objects.all()] == [("twice", 23500)]


@pytest.mark.parametrize(("ore", "finding", "left"), [(20000, "less", 3500), (30000, "more", -6500)])
def test_another_amount_is_booked_and_somebody_must_look_at_it(
    priced: Office, ore: int, finding: str, left: int
) -> None:
    charge = owed(priced, priced.patient())
    online.take(transfer_id=begun(charge).pk, told=Told(Stand.DONE, ore), now=VISIT)
    assert holding.owed(charge) == left
    ((row, _invoice),) = accounts.to_look_at(priced.staff(Role.SECRETARY), priced.practice.pk)
    assert (row.finding, row.ore) == (finding, ore)
    assert billing.settle(actor=priced.staff(Role.SECRETARY), received_id=row.pk, now=VISIT).seen_at


def test_what_was_paid_at_the_counter_meanwhile_is_paid_twice(priced: Office) -> None:
    charge = owed(priced, priced.patient())
    row = begun(charge)
    paying.pay(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, way="card", ore=23500, key=new_id(), now=VISIT)
    online.take(transfer_id=row.pk, told=PAID, now=VISIT)
    assert Received.objects.get().finding == "twice"
    with pytest.raises(Refused):
        begun(charge)


def test_who_may_not_see_it_may_not_pay_it_and_an_old_page_is_told(priced: Office, fake: Fake) -> None:
    charge = owed(priced, priced.patient())
    with pytest.raises(NotFound):
        online.pay(actor=citizen(priced.patient("Per Testvik")), charge_id=charge.pk, now=VISIT)
    mark = seen.mark(*holding.seen_of(charge))
    added(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, code="10a", now=VISIT)
    with pytest.raises(Refused) as refused:
        online.pay(actor=citizen(charge.patient), charge_id=charge.pk, mark=mark, now=VISIT)
    assert refused.value.code == "changed-since-seen"
    assert not fake.opened


def test_a_provider_that_is_down_begins_nothing(priced: Office, fake: Fake) -> None:
    charge = owed(priced, priced.patient())
    fake.is_down = True
    with pytest.raises(Refused) as refused:
        begun(charge)
    assert refused.value.code == "no-payment-provider"
    assert Transfer.objects.get().stand == "ended"


def test_a_call_that_was_lost_is_asked_for_and_nobody_waits_for_ever(priced: Office, fake: Fake) -> None:
    charge = owed(priced, priced.patient())
    begun(charge)
    assert online.go_on(VISIT + timedelta(minutes=1)) == 0
    fake.is_down = True
    assert online.go_on(VISIT + timedelta(minutes=2)) == 0
    fake.is_down, fake.tells = False, PAID
    assert online.go_on(VISIT + timedelta(minutes=3)) == 0  # left alone for a while
    assert online.go_on(VISIT + timedelta(minutes=4)) == 1
    assert sums(charge) == (0, 1)
    other = owed(priced, priced.patient("Per Testvik"))
    fake.tells = Told(Stand.BEGUN)
    row = begun(other)
    assert online.go_on(VISIT + timedelta(minutes=59)) == 0
    assert online.go_on(VISIT + timedelta(minutes=62)) == 1
    row.refresh_from_db()
    assert (row.stand, sums(other)) == ("ended", (23500, 0))


def test_money_goes_back_to_the_card_once_and_counts_when_the_provider_has_said_so(priced: Office, fake: Fake) -> None:
    charge, mona, key = owed(priced, priced.patient()), priced.staff(Role.SECRETARY), new_id()
    online.take(transfer_id=begun(charge).pk, told=PAID, now=VISIT)
    charging.waive(actor=mona, charge_id=charge.pk, reason="x", now=VISIT)

    def back(ore: int = 23500, key: UUID = key) -> Transfer:
        return online.refund(actor=mona, charge_id=charge.pk, ore=ore, key=key, now=VISIT)

    with pytest.raises(Refused):
        back(ore=23501, key=new_id())
    assert back() == back()
    with pytest.raises(Refused) as refused:
        back(key=new_id())
    assert refused.value.code == "back-goes-on"
    assert holding.owed(charge) == -23500
    fake.back = Stand.BEGUN
    assert online.go_on(VISIT) == 0
    fake.back = Stand.DONE
    assert online.go_on(VISIT + timedelta(minutes=2)) == 1
    assert fake.backs == [(key, "p-1", 23500)] * 2  # the same id: the provider pays it back once
    online.gone_back(transfer_id=key, stand=Stand.DONE, now=VISIT)
    assert holding.owed(charge) == 0
    with pytest.raises(Refused):
        back(key=new_id())


def test_what_the_provider_will_not_give_back_is_still_hers_to_have(priced: Office, fake: Fake) -> None:
    charge, mona = owed(priced, priced.patient()), priced.staff(Role.SECRETARY)
    online.take(transfer_id=begun(charge).pk, told=PAID, now=VISIT)
    charging.waive(actor=mona, charge_id=charge.pk, reason="x", now=VISIT)
    online.refund(actor=mona, charge_id=charge.pk, ore=23500, key=new_id(), now=VISIT)
    fake.back = Stand.REFUSED
    assert online.go_on(VISIT) == 1
    assert holding.owed(charge) == -23500
    paying.refund(actor=mona, charge_id=charge.pk, ore=23500, key=new_id(), now=VISIT)
    assert holding.owed(charge) == 0
    assert online.refundable(charge) == 0


def test_what_is_on_its_way_back_is_not_paid_back_by_hand_too(priced: Office, fake: Fake) -> None:
    charge, mona = owed(priced, priced.patient()), priced.staff(Role.SECRETARY)
    online.take(transfer_id=begun(charge).pk, told=PAID, now=VISIT)
    charging.waive(actor=mona, charge_id=charge.pk, reason="x", now=VISIT)
    online.refund(actor=mona, charge_id=charge.pk, ore=23500, key=new_id(), now=VISIT)
    with pytest.raises(Refused) as refused:
        paying.refund(actor=mona, charge_id=charge.pk, ore=1, key=new_id(), now=VISIT)
    assert refused.value.code == "not-that-much"
    assert not Notification.objects.filter(event="charge.refunded").exists()
    assert online.go_on(VISIT) == 1
    assert Notification.objects.get(event="charge.refunded").recipient_id == charge.patient_id


def test_only_the_office_gives_money_back(priced: Office) -> None:
    charge = owed(priced, priced.patient())
    online.take(transfer_id=begun(charge).pk, told=PAID, now=VISIT)
    for stranger in (citizen(charge.patient), factories.office("Dalen legekontor", "Odd Lund").staff(Role.SECRETARY)):
        with pytest.raises((NotFound, Denied)):
            online.refund(actor=stranger, charge_id=charge.pk, ore=1, key=new_id(), now=VISIT)


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_pay_once() -> None:
    at = factories.office()
    story.load(managers=[at.staff(Role.MANAGER)], today=VISIT.date(), now=factories.NOW)
    charge = owed(at, at.patient())
    row = begun(charge)
    start = threading.Barrier(2)

    def call() -> None:
        start.wait()
        online.take(transfer_id=row.pk, told=PAID, now=VISIT)
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sums(charge) == (0, 1)


def test_the_database_refuses_nonsense(priced: Office) -> None:
    charge = owed(priced, priced.patient())
    common = {"practice": priced.practice, "charge": charge, "begun_at": VISIT, "stand_at": VISIT, "ore": 1}
    nonsense: dict[str, dict[str, object]] = {
        "what_goes_back_came_first": {"direction": "back"},
        "a_transfer_moves_something": {"direction": "in", "ore": 0},
    }
    for name, wrong in nonsense.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Transfer.objects.create(**{**common, **wrong})
