from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments import services as appointments
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.core.sql import ask_for
from legedialog.fees import billing, bills, charging, holding, own, paying, pdf, policy, queries, texts
from legedialog.fees.models import Charge, Line, Rate
from legedialog.fees.rules import Exemption
from legedialog.fees.tests.factories import added
from legedialog.fees.tests.test_charging import VISIT, visited, with_account
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person
from legedialog.patients.representation import Area, Ground, Restriction


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(timezone, "now", lambda: VISIT)
    return VISIT


@pytest.fixture
def kari(priced: Office) -> Person:
    return priced.patient()


@pytest.fixture
def charge(priced: Office, kari: Person) -> Charge:
    made = visited(priced, kari)
    return charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=made.pk, now=VISIT)


def read(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_she_sees_what_she_is_to_pay_why_and_how_far_it_is_to_the_card(kari: Person, charge: Charge) -> None:
    browser = logged_in(citizen(kari))
    html = read(browser, reverse("fees:index"))
    assert "Time med oppmøte: 235\u00a0kr" in html
    assert "Ikke betalt" in html
    assert "3\u00a0065\u00a0kr" in html  # left to the card
    assert "Egenandeler andre steder er ikke med" in html
    html = read(browser, reverse("fees:show", args=[charge.pk]))
    assert "Konsultasjon hos lege" in html
    assert "Betaler du innen torsdag 26. november kl. 09.30, er det uten gebyr" in html
    assert "1 krav fra legekontoret" in read(browser, reverse("portal:home"))


@pytest.mark.parametrize(
    ("is_told", "later", "said"),
    [
        (True, timedelta(hours=3), "er det uten gebyr. Etter det koster en faktura 60\u00a0kr."),
        (True, timedelta(days=4), "faktura, kan et gebyr på 60\u00a0kr komme i tillegg."),
        (False, timedelta(days=4), ""),
    ],
)
def test_what_is_told_of_the_fee_for_an_invoice_is_what_a_run_adds(
    is_told: bool, later: timedelta, said: str, priced: Office, kari: Person, charge: Charge,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with_account(priced)
    Notification.objects.update(status="sent" if is_told else "skipped")
    now = VISIT + later
    monkeypatch.setattr(timezone, "now", lambda: now)
    html = read(logged_in(citizen(kari)), reverse("fees:show", args=[charge.pk]))
    assert said in html if said else "gebyr" not in html
    sent = billing.invoice(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, now=now)
    assert (sent.ore == 23500 + 6000) == ("kan et gebyr" in said)


def test_what_costs_nothing_is_said_in_one_word_to_everybody(priced: Office) -> None:
    child = priced.patient("Nora Testdal")
    Person.objects.filter(pk=child.pk).update(birth_date=date(2020, 1, 1))
    made = charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=visited(priced, child).pk, now=VISIT)
    row = bills.row_of(made.pk)
    told = pdf.document(row, VISIT)
    assert (texts.total(row), told["total"][1], [ore for _what, ore in told["lines"]]) == (
        *("gratis", "gratis"), ["gratis"])  # fmt: skip


def test_who_has_reached_the_ceiling_is_told_before_and_pays_nothing_more(priced: Office, kari: Person) -> None:
    Rate.objects.filter(code="ceiling").update(day=40_000)
    for number in range(2):
        made = visited(priced, kari, day=date(2026, 11, 24) + timedelta(days=7 * number))
        charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=made.pk, now=VISIT + timedelta(days=7))
    later = priced.booked(kari, day=date(2026, 12, 9))
    browser = logged_in(citizen(kari))
    html = read(browser, reverse("appointments:show", args=[later.pk]))
    assert "Gratis. Egenandelstaket for året er nådd." in html
    assert "Utstyr, attester og vaksiner kan koste noe" in html
    assert "Egenandelstaket for 2026 er nådd" in read(browser, reverse("fees:index"))
    appointments.complete(actor=priced.staff(Role.SECRETARY), appointment_id=later.pk, now=later.starts_at)
    charge = Charge.objects.get(object_id=later.pk)
    assert (charge.exemption, holding.total(charge)) == ("ceiling", 0)
    charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, now=later.starts_at)
    html = read(browser, reverse("fees:index"))
    assert "Time med oppmøte: gratis" in html
    assert "Egenandelstaket for året er nådd" in html
    next_year = priced.booked(kari, day=date(2027, 1, 12))
    html = read(browser, reverse("appointments:show", args=[next_year.pk]))
    assert "Egenandel: 235\u00a0kr." in html


def test_a_child_needs_no_card_and_is_told_what_costs_all_the_same(priced: Office) -> None:
    child = priced.patient("Ada Testdal")
    Person.objects.filter(pk=child.pk).update(birth_date=date(2020, 5, 5))
    made = visited(priced, child)
    charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=made.pk, now=VISIT)
    tor = priced.patient("Tor Testdal")
    parent = replace(citizen(tor), acting_for_id=child.pk, patients=frozenset({child.pk}), ground=Ground.PARENT.value)
    assert queries.card(child.pk, priced.practice.pk, VISIT).is_child
    (row,) = bills.payments(replace(parent, areas=frozenset({Area.APPOINTMENTS.value})), child.pk, VISIT)
    assert texts.why_free(row) == "Under 16 år"


def test_an_invoice_then_a_receipt(priced: Office, kari: Person, charge: Charge) -> None:
    mona, browser = priced.staff(Role.SECRETARY), logged_in(citizen(kari))
    with_account(priced)
    billing.invoice(actor=mona, charge_id=charge.pk, now=VISIT)
    html = read(browser, reverse("fees:show", args=[charge.pk]))
    assert "1503.20.80119" in html
    assert "0000000018" in html
    assert "Last ned faktura (PDF)" in html
    assert "Betaler du ikke før" not in html
    row = bills.payment(citizen(kari), charge.pk, VISIT)
    document = pdf.document(row, VISIT)
    assert document["title"] == "Faktura"
    assert ["KID", "0000000018"] in document["to_pay"]
    paying.pay(actor=mona, charge_id=charge.pk, way="card", ore=23500, key=new_id(), now=VISIT)
    assert pdf.document(bills.payment(citizen(kari), charge.pk, VISIT), VISIT)["title"] == "Kvittering"
    response = browser.get(reverse("fees:document", args=[charge.pk]))
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"] == 'attachment; filename="betaling.pdf"'
    assert "Du har ingenting å betale." in read(browser, reverse("fees:index"))


@pytest.mark.parametrize(
    ("why", "shown"), [("violence", "Ja"), ("infection", "Ja"), ("pregnancy", "Svangerskapskontroll")]
)
def test_a_reason_that_somebody_beside_her_must_not_read_is_told_by_the_office_alone(
    why: str, shown: str, priced: Office, kari: Person, charge: Charge
) -> None:
    mona = priced.staff()
    charging.exempt(actor=mona, charge_id=charge.pk, exemption=why, now=VISIT)
    row = bills.payment(citizen(kari), charge.pk, VISIT)
    assert (texts.told(row)["exemption"], dict(pdf.document(row, VISIT)["facts"])["Fritak"]) == (shown, shown)
    assert texts.told(row, to_patient=False)["exemption"] == str(Exemption(why).label)
    assert (row.status, row.owed) == ("approved", 0)
    assert pdf.document(row, VISIT)["title"] == "Oversikt over betaling"  # nobody has paid: no receipt


def test_what_is_kept_on_paper_says_the_year(priced: Office, kari: Person, charge: Charge) -> None:
    facts = dict(pdf.document(bills.payment(citizen(kari), charge.pk, VISIT), VISIT)["facts"])
    assert facts["Når"].startswith("tirsdag 24. november 2026 kl.")


def test_a_proposal_and_a_strangers_payment_are_not_found(priced: Office, kari: Person, charge: Charge) -> None:
    per = priced.patient("Per Testvik")
    proposed = visited(priced, per, clock=datetime(2026, 11, 24, 9).time())  # noqa: DTZ001  a clock time
    for browser, each in (
        (logged_in(citizen(per)), charge),
        (logged_in(citizen(per)), proposed),
        (logged_in(citizen(kari)), proposed),
    ):
        for name in ("fees:show", "fees:document"):
            read(browser, reverse(name, args=[each.pk]), status=404)


def test_who_acts_for_her_sees_it_by_area_unless_it_is_hidden(priced: Office, kari: Person, charge: Charge) -> None:
    tor = priced.patient("Tor Testli")
    acting = replace(citizen(tor), acting_for_id=kari.pk, patients=frozenset({kari.pk}), ground=Ground.ATTORNEY.value)
    may = replace(acting, areas=frozenset({Area.APPOINTMENTS.value}))
    assert [row.id for row in bills.payments(may, kari.pk, VISIT)] == [charge.pk]
    assert Event.objects.filter(action="payments.listed", patient_id=kari.pk, person_id=tor.pk).exists()
    for areas in ({Area.PRESCRIPTIONS.value}, {Area.GP.value}, set()):
        assert not policy.charges_visible_to(replace(acting, areas=frozenset(areas))).exists()
    parent = replace(may, ground=Ground.PARENT.value)
    appointments.restrict(
        actor=priced.staff(Role.DOCTOR),
        appointment_id=charge.object_id,
        restriction=Restriction.FROM_PARENTS,
        now=VISIT,
    )
    assert not policy.charges_visible_to(parent).exists()
    assert policy.charges_visible_to(citizen(kari)).exists()


def test_her_own_data_hold_lines_payments_and_the_sum(priced: Office, kari: Person, charge: Charge) -> None:
    mona = priced.staff(Role.SECRETARY)
    paying.pay(actor=mona, charge_id=charge.pk, way="cash", ore=10000, key=new_id(), now=VISIT)
    extra = added(actor=mona, charge_id=charge.pk, code="10a", now=VISIT)
    charging.correct(actor=mona, charge_id=charge.pk, line_id=extra.pk, reason="Ikke brukt", now=VISIT)
    (row,) = own.CHARGES.rows(citizen(kari), kari.pk, VISIT)
    line = own.CHARGES.line(row)
    assert line[1:3] == ["Time med oppmøte", "Godkjent"]
    told = str(line[3]).splitlines()
    assert (told[0], told[-1]) == ("235\u00a0kr Konsultasjon hos lege", "Kontant 100\u00a0kr")
    invoice, *items, paid = own.CHARGES.resources(row, {})
    assert [each["priceOverride"]["value"] for each in items] == [235, 75, -75]
    assert invoice["totalNet"]["value"] == sum(each["priceOverride"]["value"] for each in items)
    assert [each["chargeItemReference"]["reference"] for each in invoice["lineItem"]] == [
        f"urn:uuid:{each['id']}" for each in items
    ]
    assert items[0]["code"]["coding"][0]["code"] == "2ad"
    assert items[2]["partOf"] == [{"reference": f"urn:uuid:{extra.pk}"}]
    assert items[2]["overrideReason"] == "Ikke brukt"
    assert (paid["resourceType"], paid["amount"]) == ("PaymentNotice", {"value": 100, "currency": "NOK"})


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_takes_as_many_queries_however_much_there_is(
    priced: Office, kari: Person, count: int, django_assert_max_num_queries: Any
) -> None:
    mona = priced.staff(Role.SECRETARY)
    for number in range(count):
        made = visited(priced, kari, day=date(2026, 11, 24) + timedelta(days=7 * number))
        charging.approve(actor=mona, charge_id=made.pk, now=VISIT + timedelta(days=7 * number))
    browser = logged_in(citizen(kari))
    with django_assert_max_num_queries(22):
        assert read(browser, reverse("fees:index")).count("Ikke betalt") == count


def test_how_many_are_unpaid_is_counted_of_what_the_policy_shows(priced: Office, kari: Person) -> None:
    nora = priced.patient("Nora Testdal")
    who = {"practice": priced.practice, "patient": nora, "clinician": priced.doctor, "happened_at": VISIT}
    by = {"status_at": VISIT, "by_employee_id": priced.staff(Role.SECRETARY).employee_id, "kind": "service"}
    for content, restriction, asked, status in product(
        policy.PRICES.contents, Restriction, (None, nora, kari), ("approved", "waived", "checking")
    ):
        why = {"reason": "Feil" if status == "waived" else None, "exemption": "", "service": "attendance"}
        row = Charge.objects.create(
            **who,
            **by,
            **why,
            content=content,
            restriction=restriction,
            by_person=asked,
            status=status,
            object_id=uuid4(),
        )
        Line.objects.create(
            charge=row, practice=priced.practice, number=1, code="2ad", what="", ore=100, is_counted=True, at=VISIT
        )
    me = citizen(kari)
    areas = (None, frozenset[Area](), *(frozenset({area}) for area in Area))
    hers = {"acting_for_id": nora.pk, "patients": frozenset({nora.pk})}
    acting = [replace(me, **hers, ground=ground, areas=each) for ground in ("FO", "youth", "FU") for each in areas]  # type: ignore[arg-type]
    readers = [citizen(nora), me, replace(citizen(nora), ground="youth"), *acting]
    counted = [ask_for(bills.unpaid(reader, nora.pk))[0].number for reader in readers]
    shown = [bills.owing(policy.charges_visible_to(reader).filter(patient=nora)).count() for reader in readers]
    assert counted == shown
    assert len(set(counted)) > 3
    assert counted[0] > counted[2] > counted[1] == 0
