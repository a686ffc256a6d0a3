"""Notices about renewals: whether they are still true, who is told, and that no medicine stands in them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from legedialog.access.actor import Role
from legedialog.journeys import telling
from legedialog.journeys.tests.test_notices import SECRETS, SMS_SIGNS
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice, Reason, Skip
from legedialog.patients.models import Language, Person, Responsibility
from legedialog.patients.representation import Restriction
from legedialog.prescriptions import duties, services, treating, withdrawing
from legedialog.prescriptions.models import Item
from legedialog.prescriptions.tests.factories import NOW, citizen, item_in, looked, office, ordered, prescription

pytestmark = pytest.mark.django_db
WORDS = (*SECRETS, "Metoprolol", "resept", "lege ", "medisin", "prescription", "blodtrykk")


def decided(event: str, now: object = NOW) -> Notice | Skip:
    row = Notification.objects.select_related("recipient").get(event=event)
    return telling.decide(row, NOW)


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize(
    "event", ["renewal.answered", "renewal.late", "renewal.lapsed", "renewal.nudge", "prescription.withdrawn"]
)
def test_no_medicine_and_no_name_stands_in_a_notice(event: str, language: str) -> None:
    at = office()
    kari = at.patient()
    Person.objects.filter(pk=kari.pk).update(language=language)
    if event == "prescription.withdrawn":
        row, doctor = prescription(kari, at, dispensed=0), at.staff(Role.DOCTOR)
        withdrawing.withdraw_prescription(actor=doctor, prescription_id=row.pk, text="Metoprolol tåles ikke", now=NOW)
    elif event == "renewal.nudge":
        looked(kari, prescription(kari, at))
        duties.nudge(NOW + timedelta(hours=25))
    else:
        item_in("refused" if event == "renewal.answered" else "received", at, kari)
        if event == "renewal.late":
            duties.warn(NOW + timedelta(days=10))
        elif event == "renewal.lapsed":
            duties.lapse(NOW + timedelta(days=20))
    with translation.override("nb"):
        notice = decided(event)
    assert isinstance(notice, Notice)
    assert not [word for word in WORDS if word.lower() in notice.text.lower()]
    assert len(notice.text) <= 160
    assert set(notice.text) <= SMS_SIGNS
    assert notice.office_tells is (event in ("renewal.answered", "renewal.lapsed", "prescription.withdrawn"))


def test_what_is_no_longer_true_is_not_sent() -> None:
    at = office()
    kari = at.patient()
    item = item_in("received", at, kari)
    duties.warn(NOW + timedelta(days=10))
    services.withdraw(actor=citizen(kari), renewal_id=item.renewal_id, now=NOW)
    assert decided("renewal.late") == Skip(Reason.CHANGED)
    row = prescription(kari, at, atc="C10AA01")
    looked(kari, row)
    duties.nudge(NOW + timedelta(hours=25))
    ordered(kari, row)
    assert decided("renewal.nudge") == Skip(Reason.CHANGED)


def test_a_parent_is_told_of_what_she_ordered_but_not_of_what_is_hidden_from_her() -> None:
    at = office()
    kari, nora = at.patient(), at.patient("Nora Testdal")
    born = NOW.date().replace(year=NOW.year - 14)
    at.practice.supports_representation = True
    at.practice.save(update_fields=["supports_representation"])
    Person.objects.filter(pk=nora.pk).update(birth_date=born, address_key=b"here")
    Person.objects.filter(pk=kari.pk).update(address_key=b"here")
    Responsibility.objects.create(parent=kari, child=nora, starts_date=born)
    parent = replace(
        citizen(kari),
        acting_for_id=nora.pk,
        patients=frozenset({nora.pk}),
        ground="FO",
        areas=frozenset({"prescriptions"}),
    )
    row = prescription(nora, at)
    item = Item.objects.get(renewal=ordered(nora, row, actor=parent))
    doctor = at.staff(Role.DOCTOR)
    treating.refuse(actor=doctor, item_ids=[item.pk], text="Nei", now=NOW)
    assert isinstance(decided("renewal.answered"), Notice)
    services.restrict(actor=doctor, prescription_id=row.pk, restriction=Restriction.FROM_PARENTS, now=NOW)
    hidden = decided("renewal.answered")
    assert isinstance(hidden, Skip)
    assert hidden.reason is Reason.NOT_ALLOWED
