from datetime import UTC, datetime

import pytest

from legedialog.access.actor import Role
from legedialog.appointments.models import VisitType
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.audit.models import Event
from legedialog.core.errors import NotFound, Refused
from legedialog.fees import cards, charging, exempting, holding, policy
from legedialog.fees.tests.factories import added
from legedialog.fees.tests.test_charging import VISIT, lines, visited
from legedialog.patients.models import Person


def test_an_exemption_of_the_office_is_ended_by_entries_and_can_be_set_again(priced: Office) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    charge = visited(priced, kari)
    added(actor=mona, charge_id=charge.pk, code="10a", now=VISIT)
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    charging.exempt(actor=mona, charge_id=charge.pk, exemption="injury", now=VISIT)
    assert holding.owed(charge) == 7500
    with pytest.raises(Refused) as unseen:
        exempting.end(actor=mona, charge_id=charge.pk, approved=23500, now=VISIT)
    assert (unseen.value.code, unseen.value.facts["total"]) == ("sum-not-approved", 23500 + 7500)
    assert holding.owed(charge) == 7500
    charge = exempting.end(actor=mona, charge_id=charge.pk, approved=23500 + 7500, now=VISIT)
    assert (charge.status, charge.exemption, holding.owed(charge)) == ("approved", "", 23500 + 7500)
    assert lines(charge) == [("2ad", 23500), ("10a", 7500), ("2ad", -23500), ("2ad", 0), ("2ad", 23500)]
    charging.exempt(actor=mona, charge_id=charge.pk, exemption="conscript", now=VISIT)
    assert holding.owed(charge) == 7500
    assert exempting.end(actor=mona, charge_id=charge.pk, approved=23500 + 7500, now=VISIT).exemption == ""
    assert holding.owed(charge) == 23500 + 7500
    assert Event.objects.filter(action="charge.exemption-ended", patient_id=kari.pk).count() == 2
    with pytest.raises(Refused) as refused:
        exempting.end(actor=mona, charge_id=charge.pk, now=VISIT)
    assert refused.value.code == "exemption-holds"


def test_what_was_free_by_the_kind_that_she_chose_costs_what_such_a_visit_costs(priced: Office) -> None:
    VisitType.objects.filter(pk=priced.visit_type.pk).update(exemption="pregnancy")
    charge, mona = visited(priced, priced.patient()), priced.staff(Role.SECRETARY)
    assert (charge.exemption, lines(charge)) == ("pregnancy", [("2ad", 0)])
    exempting.end(actor=mona, charge_id=charge.pk, now=VISIT)
    assert lines(charge) == [("2ad", 0), ("2ad", 0), ("2ad", 23500)]
    again = charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    assert holding.owed(again) == 23500


def test_it_is_never_above_what_was_promised_nor_what_was_taken_off_for_another_reason(priced: Office) -> None:
    charge, mona = visited(priced, priced.patient()), priced.staff(Role.SECRETARY)
    extra = added(actor=mona, charge_id=charge.pk, code="701a", now=VISIT)
    charging.correct(actor=mona, charge_id=charge.pk, line_id=extra.pk, reason="Ikke tatt", now=VISIT)
    charging.exempt(actor=mona, charge_id=charge.pk, exemption="injury", now=VISIT)
    exempting.end(actor=mona, charge_id=charge.pk, now=VISIT)
    assert holding.total(charge) == 23500
    assert charge.lines.order_by("-number")[0].top == 23500


@pytest.mark.parametrize("why", ["child", "card"])
def test_age_and_the_card_say_themselves(why: str, priced: Office) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    if why == "child":
        Person.objects.filter(pk=kari.pk).update(birth_date="2020-01-01")
    charge = visited(priced, kari)
    if why == "card":
        cards.take(charge_id=charge.pk, has_card=True, now=VISIT)
    with pytest.raises(Refused) as refused:
        exempting.end(actor=mona, charge_id=charge.pk, now=VISIT)
    assert refused.value.code == "exemption-holds"


def test_a_card_that_came_meanwhile_holds_instead(priced: Office) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    first = visited(priced, kari)
    later = visited(priced, kari, day=datetime(2026, 11, 30, tzinfo=UTC).date())
    charging.exempt(actor=mona, charge_id=later.pk, exemption="injury", now=VISIT)
    cards.take(charge_id=first.pk, has_card=True, now=VISIT)
    charge = exempting.end(actor=mona, charge_id=later.pk, now=VISIT)
    assert (charge.exemption, holding.total(charge)) == ("card", 0)


def test_a_stranger_finds_nothing_to_end(priced: Office) -> None:
    kari = priced.patient()
    charge = visited(priced, kari)
    charging.exempt(actor=priced.staff(), charge_id=charge.pk, exemption="injury", now=VISIT)
    elsewhere = factories.office("Dalen legekontor", "Odd Lund").staff(Role.MANAGER)
    for actor in (elsewhere, citizen(kari)):
        assert not policy.charges_visible_to(actor).exists()
        with pytest.raises(NotFound):
            exempting.end(actor=actor, charge_id=charge.pk, now=VISIT)
