"""What was told with a price is kept whole, and nothing that is charged passes it."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, VisitType
from legedialog.appointments.picker import time_value
from legedialog.appointments.services import traces
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.browsing import browser_of, text
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.fees import billing, charging, holding, proposing, queries, services, texts
from legedialog.fees import story as fees_story
from legedialog.fees.models import Charge, OwnPrice, Promise, Rate
from legedialog.fees.rules import Case
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person
from legedialog.practices.models import Clinician

INVOICE_FEE = "Betaler du ikke før kontoret sender faktura, kan et gebyr på 60\u00a0kr komme i tillegg."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def test_what_was_told_stands_whatever_the_office_decides_since(priced: Office, clock: datetime) -> None:
    booked = priced.booked(priced.patient())
    before = texts.kept_shown(queries.promised(booked.pk))
    manager, practice_id = priced.staff(Role.MANAGER), priced.practice.pk
    services.decide(
        actor=manager, practice_id=practice_id, promises_day_rate=False, charges_missed=False, charges_invoice=False,
        now=clock,
    )  # fmt: skip
    OwnPrice.objects.update(ore=99_000)
    Clinician.objects.filter(pk=priced.doctor.pk).update(is_specialist=False)
    assert texts.kept_shown(queries.promised(booked.pk)) == before
    assert before
    assert INVOICE_FEE in before.more


def test_a_reason_to_be_free_is_kept_as_it_was_told(priced: Office, clock: datetime) -> None:
    kari = priced.patient()
    VisitType.objects.filter(pk=priced.visit_type.pk).update(exemption="pregnancy")
    booked = priced.booked(kari)
    VisitType.objects.filter(pk=priced.visit_type.pk).update(exemption="")
    html = logged_in(citizen(kari)).get(reverse("appointments:show", args=[booked.pk])).content.decode()
    assert "Gratis. Svangerskapskontroll har ingen egenandel." in html


def test_what_is_charged_never_passes_what_was_told_beside_the_price(priced: Office, clock: datetime) -> None:
    kari, mona, manager = priced.patient(), priced.staff(Role.SECRETARY), priced.staff(Role.MANAGER)
    terms: dict[str, Any] = {
        "actor": manager, "practice_id": priced.practice.pk, "promises_day_rate": False, "charges_missed": True,
        "account_number": fees_story.ACCOUNT, "now": clock,
    }  # fmt: skip
    services.decide(**terms, charges_invoice=False)
    booked = priced.booked(kari)
    services.decide(**terms, charges_invoice=True)
    OwnPrice.objects.update(ore=99_000)
    appointments.complete(actor=mona, appointment_id=booked.pk, now=booked.starts_at)
    charge, at = Charge.objects.get(), booked.starts_at
    own_price = OwnPrice.objects.get(name="Influensavaksine", practice=priced.practice)
    new = services.add_own_price(actor=manager, practice_id=priced.practice.pk, name="Ny attest", ore=100, now=clock)
    for price_id, ore in ((own_price.pk, 45_000), (new.pk, 100)):
        line = charging.add_line(actor=mona, charge_id=charge.pk, code="own", own_price_id=price_id, now=at)
        assert line.ore == ore
    charging.approve(actor=mona, charge_id=charge.pk, now=at)
    Notification.objects.update(status="sent")
    sent = billing.invoice(actor=mona, charge_id=charge.pk, now=at + timedelta(days=5))
    assert sent.ore == 23_500 + 45_000 + 100  # no fee, as she was told that none is taken


def test_post_costs_no_more_than_was_told_at_the_renewal(priced: Office, clock: datetime) -> None:
    kari, mona, thing = priced.patient(), priced.staff(Role.SECRETARY), new_id()
    at: dict[str, Any] = {
        "object_id": thing, "patient_id": kari.pk, "practice_id": priced.practice.pk, "service": "renewal",
        "clinician_id": priced.doctor.pk, "now": clock,
    }  # fmt: skip
    services.promise(actor=citizen(kari), **at)
    Promise.objects.filter(object_id=thing).update(dispatch=4_000)
    proposing.complete(actor=mona, at=clock, **at)
    assert charging.add_line(actor=mona, charge_id=Charge.objects.get().pk, code="8", now=clock).ore == 4_000


def with_samples(at: Office, laboratory: str) -> None:
    at.visit_type.laboratory = laboratory
    at.visit_type.save()


@pytest.mark.parametrize(
    ("laboratory", "line", "lines"),
    [
        ("with", "Egenandel: 235\u00a0kr. I tillegg: prøvetaking, 65\u00a0kr.", [("2ad", 23500), ("701a", 6500)]),
        ("alone", "Egenandel: 65\u00a0kr.", [("701a", 6500)]),
    ],
)
def test_samples_that_a_kind_of_visit_implies_are_told_kept_and_charged(
    laboratory: str, line: str, lines: list[tuple[str, int]], priced: Office, clock: datetime
) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    with_samples(priced, laboratory)
    browser = logged_in(citizen(kari))
    assert "prøvetaking" in browser.get(reverse("appointments:book")).content.decode()
    booked = priced.booked(kari)
    with_samples(priced, "")
    assert line in browser.get(reverse("appointments:show", args=[booked.pk])).content.decode()
    Rate.objects.filter(code="701a").update(day=99_900)  # dearer since
    appointments.complete(actor=mona, appointment_id=booked.pk, now=booked.starts_at)
    charge = Charge.objects.get()
    assert [(each.code, each.ore) for each in charge.lines.order_by("number")] == lines


def test_samples_are_free_for_who_is_exempt_and_count_towards_the_ceiling(priced: Office, clock: datetime) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    with_samples(priced, "with")
    Person.objects.filter(pk=kari.pk).update(birth_date=date(2015, 1, 1))
    given: dict[str, Any] = {
        "patient_id": kari.pk, "practice_id": priced.practice.pk, "service": "attendance",
        "clinician_id": priced.doctor.pk, "stated": priced.visit_type.stated, "now": clock,
        "among": [Case(False, True)],
    }  # fmt: skip
    assert texts.line(queries.price(**given)) == "Gratis. Barn under 16 år betaler ikke egenandel."
    Person.objects.filter(pk=kari.pk).update(birth_date=date(1980, 1, 1))
    Rate.objects.filter(code="ceiling").update(day=25_000)
    found = queries.price(**given)
    assert (found.high, found.laboratory_ore, found.left) == (23_500, 6_500, 25_000)
    assert "Det er 250\u00a0kr igjen til egenandelstaket i år, og mer enn det betaler ingen." in texts.reasons(found)
    booked = priced.booked(kari)
    appointments.complete(actor=mona, appointment_id=booked.pk, now=booked.starts_at)
    charge = charging.approve(actor=mona, charge_id=Charge.objects.get().pk, now=booked.starts_at)
    assert holding.total(charge) == 25_000


def test_a_time_that_is_moved_to_another_kind_keeps_what_was_told(priced: Office, clock: datetime) -> None:
    kari = priced.patient()
    booked = priced.booked(kari)
    before = texts.kept_shown(queries.promised(booked.pk))
    with_samples(priced, "with")
    row = Appointment.objects.get(pk=booked.pk)
    traces.promise(citizen(kari), row, clock, raises=False)
    assert texts.kept_shown(queries.promised(booked.pk)) == before


def test_the_database_refuses_samples_on_top_of_nothing(priced: Office, clock: datetime) -> None:
    priced.booked(priced.patient())
    with pytest.raises(IntegrityError, match="samples_cost_on_top_of_something"), transaction.atomic():
        Promise.objects.update(laboratory_ore=100)


def test_a_time_with_a_price_of_the_offices_list_is_moved_and_keeps_it(priced: Office, clock: datetime) -> None:
    kari, kind = priced.patient(), priced.visit_type
    kind.own_price = OwnPrice.objects.get(name="Attest for førerkort", practice=priced.practice)
    kind.save()
    booked = priced.booked(kari)
    before = texts.kept_shown(queries.promised(booked.pk))
    OwnPrice.objects.update(ore=99_000)
    appointments.move(
        actor=citizen(kari), appointment_id=booked.pk, calendar_id=priced.calendar.pk, visit_type_id=kind.pk,
        reason=None, channel=booked.channel, starts_at=at_local(factories.TOMORROW, time(9)), now=clock,
    )  # fmt: skip
    assert texts.kept_shown(queries.promised(booked.pk)) == before


@pytest.mark.parametrize(("before", "told"), [(35_500, "235"), (10_000, "100")])
def test_where_she_moves_a_time_stands_what_the_new_one_costs_and_never_more_than_she_was_told(
    before: int, told: str, priced: Office, clock: datetime
) -> None:
    kari = priced.patient()
    booked = priced.booked(kari)
    Promise.objects.update(low=before, high=before)
    value = time_value(priced.calendar.pk, at_local(date(2026, 12, 2), time(9)))
    browser = browser_of(kari)
    review = browser.post(f"/timeavtaler/bestill/?move={booked.pk}", {"time": value}).headers["Location"]
    shown = browser.get(review)
    assert f"Egenandel: {told} kr." in text(shown)
    assert "Etter det, eller hvis du ikke møter, kan du få et gebyr på inntil 315 kr." in text(shown)
    browser.post(review, {"reason": "", "mark": shown.context["row"].mark})
    assert f"Egenandel: {told} kr." in text(browser.get(f"/timeavtaler/{booked.pk}/"))
