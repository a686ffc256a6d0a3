"""Real threads, real connections: two sign one, she takes it back while it is signed, she sends twice."""

from collections import Counter

import pytest

from legedialog.access.actor import Role
from legedialog.appointments.tests.test_race import in_parallel
from legedialog.core.ids import new_id
from legedialog.outbox.models import Notification
from legedialog.prescriptions import services, treating
from legedialog.prescriptions.models import Item, Prescription, Renewal, Step
from legedialog.prescriptions.tests.factories import NOW, citizen, office, ordered, prescription

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_eight_doctors_who_sign_the_same_twenty_items_one_does() -> None:
    at = office()
    doctors = [at.staff(Role.DOCTOR) for _ in range(8)]
    for number in range(20):
        who = at.patient(f"Nummer Test{number}")
        ordered(who, prescription(who, at))
    ids = list(Item.objects.values_list("pk", flat=True))
    tasks = [
        lambda doctor=doctor, at=at: treating.sign(actor=doctor, item_ids=ids[at % 3 :] + ids[: at % 3], now=NOW)
        for at, doctor in enumerate(doctors)
    ]
    assert Counter(in_parallel(tasks, 8)) == {"ok": 1, "renewal-decided": 7}
    assert Prescription.objects.filter(renews__isnull=False).count() == 20
    assert Notification.objects.filter(event="renewal.answered").count() == 20


def test_taking_back_and_signing_at_the_same_moment_leaves_one_of_the_two() -> None:
    at = office()
    doctor = at.staff(Role.DOCTOR)
    for number in range(10):
        who = at.patient(f"Nummer Test{number}")
        renewal = ordered(who, prescription(who, at))
        item = Item.objects.get(renewal=renewal)
        outcomes = in_parallel(
            [
                lambda item=item: treating.sign(actor=doctor, item_ids=[item.pk], now=NOW),
                lambda who=who, renewal=renewal: services.withdraw(actor=citizen(who), renewal_id=renewal.pk, now=NOW),
            ],
            2,
        )
        assert Counter(outcomes) == {"ok": 1, "renewal-decided": 1}
        item.refresh_from_db()
        written = Prescription.objects.filter(renews=item.prescription_id).count()
        assert (item.status, written) in {("renewed", 1), ("withdrawn", 0)}
        assert Step.objects.filter(item=item).count() == 2


def test_sending_twice_makes_one_order_and_two_windows_make_one() -> None:
    at = office()
    kari = at.patient()
    row, key = prescription(kari, at), new_id()
    assert set(in_parallel([lambda: ordered(kari, row, key=key)] * 8, 8)) == {"ok"}
    assert Renewal.objects.count() == Item.objects.count() == 1
    other = prescription(kari, at, atc="C10AA01")
    outcomes = Counter(in_parallel([lambda: ordered(kari, other) for _ in range(8)], 8))
    assert outcomes == {"ok": 1, "renewal-already-ordered": 7}
    assert Item.objects.filter(prescription=other).count() == 1
