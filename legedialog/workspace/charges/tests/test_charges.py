from datetime import time, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments import services as appointments
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office
from legedialog.audit.models import Event
from legedialog.core.ids import new_id
from legedialog.core.times import at_local, local_day
from legedialog.dialogues.tests.factories import answered
from legedialog.fees import accounts, billing, cards, charging, entries, holding, paying, proposing
from legedialog.fees.charge_rules import Main
from legedialog.fees.models import Charge, Line, OwnPrice
from legedialog.fees.rules import Exemption
from legedialog.fees.tests.factories import added, told
from legedialog.fees.tests.test_charging import VISIT, visited
from legedialog.outbox.models import Notification
from legedialog.practices.models import Employee
from legedialog.ui.dates import long_datetime
from legedialog.workspace.charges.forms import KronerField
from legedialog.workspace.charges.tests.pages import page, read, send


def test_what_waits_is_approved_in_one_press_and_what_has_changed_is_left(
    secretary: Client, priced: Office, charge: Charge
) -> None:
    answered(priced, priced.patient("Per Testvik"), closes=True, now=VISIT)
    html = read(secretary, "charges")
    assert "235\u00a0kr" in html
    rows = secretary.get(reverse("workspace:charges")).context["rows"]
    marks = [f"{each['row'].id}.{each['row'].mark}" for each in rows]
    html = send(secretary, "charges-approve", charge=[marks[0], f"{rows[1]['row'].id}.old"])
    assert "1 krav er godkjent." in html
    assert "1 krav er endret eller avgjort siden du så det." in html
    assert Charge.objects.filter(status="approved").count() == 1


def test_the_charge_stands_beside_the_visit_and_the_closed_dialogue(
    secretary: Client, doctor: Client, priced: Office, charge: Charge
) -> None:
    assert "Godkjenn" in read(secretary, "visit", charge.object_id)
    mark = page(secretary, charge).mark
    html = send(secretary, "charge-approve", charge.pk, mark=mark)
    assert "Godkjent." in html
    assert "Igjen å betale: 235\u00a0kr" in html
    send(secretary, "charge-approve", charge.pk, mark=mark, status=409)
    dialogue = answered(priced, priced.patient("Per Testvik"), closes=True, now=VISIT)
    assert "355\u00a0kr" in read(doctor, "dialogue", dialogue.pk) or "235\u00a0kr" in read(
        doctor, "dialogue", dialogue.pk
    )


def test_beside_a_visit_that_was_missed_it_says_what_the_fee_is_for(secretary: Client, priced: Office) -> None:
    missed = priced.booked(priced.patient())
    appointments.no_show(actor=priced.staff(), appointment_id=missed.pk, now=VISIT)
    assert '315\u00a0kr</strong> <span class="subtle">Time som ikke ble avbestilt i tide</span>' in read(
        secretary, "visit", missed.pk
    )


def test_lines_are_typed_by_code_or_by_what_one_name_alone_has_and_never_guessed(
    secretary: Client, charge: Charge
) -> None:
    send(secretary, "charge-line", charge.pk, code="701A", mark=page(secretary, charge).mark)
    for typed in (OwnPrice.objects.get(name__contains="nfluensa").name, "Attest"):
        send(secretary, "charge-line", charge.pk, code=typed, mark=page(secretary, charge).mark)
    none, several = "Ingen takst passer. Velg en fra listen.", "Flere takster passer. Velg en fra listen."
    for typed, said in (("-", none), ("at", none), ("10", none), ("materiell", several), ("finnes ikke", none)):
        html = send(secretary, "charge-line", charge.pk, code=typed, mark=page(secretary, charge).mark, status=422)
        assert said in html
    assert [each.ore for each in charge.lines.order_by("number")] == [23500, 6500, 45000, 65000]


def test_a_line_on_an_approved_charge_is_approved_too_by_somebody_who_has_seen_the_sum(
    secretary: Client, charge: Charge
) -> None:
    send(secretary, "charge-approve", charge.pk, mark=page(secretary, charge).mark)
    mark = page(secretary, charge).mark
    html = send(secretary, "charge-line", charge.pk, code="701a", mark=mark, status=409)
    assert "Kravet er godkjent fra før, så linjen må også godkjennes." in html
    assert "Prøvetaking: 65\u00a0kr" in html
    assert "Kravet blir på 300\u00a0kr i alt." in html
    assert charge.lines.count() == 1
    for total in ("29900", "x", ""):  # another sum than she saw
        send(secretary, "charge-line", charge.pk, code="701a", mark=mark, total=total, status=409)
    assert "Lagt til." in send(secretary, "charge-line", charge.pk, code="701a", mark=mark, total="30000")
    assert [each.ore for each in charge.lines.order_by("number")] == [23500, 6500]


def test_a_line_is_corrected_where_there_is_one_to_correct(secretary: Client, charge: Charge) -> None:
    assert "Rett en linje" in read(secretary, "charge", charge.pk)
    fields: dict[str, Any] = {"line": charge.lines.get().pk, "correct-reason": "Ikke gjort"}
    assert "Rett en linje" not in send(
        secretary, "charge-correct", charge.pk, mark=page(secretary, charge).mark, **fields
    )


def test_a_line_that_costs_less_than_its_rate_says_why(secretary: Client, priced: Office) -> None:
    charge = visited(priced, priced.patient())
    Line.objects.filter(charge=charge).delete()
    main = Main("2ae", 18000, True, 18000, Exemption.NONE, in_evening=True)
    entries.add(charge, main, None, VISIT)
    html = read(secretary, "charge", charge.pk)
    assert (
        "2aek er kveldstaksten, 355\u00a0kr. Pasienten ble lovet høyst 180\u00a0kr, og betaler ikke mer enn det."
        in html
    )


def test_a_code_with_one_name_at_any_hour_is_summed_once(secretary: Client, priced: Office) -> None:
    for name, hour in (("Kari Testdal", 7), ("Per Testvik", 9)):
        at = at_local(local_day(VISIT), time(hour))
        proposing.complete(
            actor=priced.staff(), object_id=new_id(), patient_id=priced.patient(name).pk, service="attendance",
            practice_id=priced.practice.pk, clinician_id=priced.doctor.pk, at=at, now=VISIT,
        )  # fmt: skip
        charge = Charge.objects.get(happened_at=at)
        added(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, code="10a", now=VISIT)
        charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, now=VISIT)
    rows = secretary.get(reverse("workspace:charges-totals")).context["by_code"]
    assert [row for row in rows if row[0].startswith("10a")] == [("10a Materiell, trinn a", 2, "150\u00a0kr")]
    assert len([row for row in rows if row[0].startswith("2a")]) == 2  # the evening's has a name of its own


def test_who_works_at_two_offices_is_led_to_the_other(stranger: Client, secretary: Client, charge: Charge) -> None:
    words = "Gjelder siden et annet av kontorene dine, så bytt dit."
    assert words not in read(stranger, "charge", charge.pk, status=404)
    here, there = (
        Employee.objects.filter(practice__name=name, role="secretary")[0]
        for name in (charge.practice.name, "Dalen legekontor")
    )
    Employee.objects.filter(pk=there.pk).update(national_number_index=here.national_number_index)
    html = read(stranger, "charge", charge.pk, status=404)
    assert words in html
    assert f"{reverse('access:office')}?next={quote(reverse('workspace:charge', args=[charge.pk]), safe='')}" in html
    assert words not in read(secretary, "charge", charge.pk)


def typed(form: str, ore: str, way: str, key: Any = None) -> dict[str, Any]:
    return {f"{form}-key": key or new_id(), f"{form}-ore": ore, f"{form}-way": way}


def test_a_charge_is_corrected_exempted_paid_refunded_and_waived(secretary: Client, charge: Charge) -> None:
    send(secretary, "charge-line", charge.pk, code="10a", mark=page(secretary, charge).mark)
    line = charge.lines.get(code="10a")
    fields: dict[str, Any] = {"line": line.pk, "correct-reason": "Ikke brukt"}
    assert "Ikke brukt" in send(secretary, "charge-correct", charge.pk, mark=page(secretary, charge).mark, **fields)
    send(secretary, "charge-approve", charge.pk, mark=page(secretary, charge).mark)
    key = new_id()
    html = send(secretary, "charge-pay", charge.pk, **typed("pay", "300", "card", key), status=409)
    assert "Det er mer enn det som er igjen å betale: 235\u00a0kr." in html
    send(secretary, "charge-pay", charge.pk, **typed("pay", "235", "card", key))
    send(secretary, "charge-exempt", charge.pk, exemption="injury", mark=page(secretary, charge).mark)
    assert holding.owed(charge) == -23500
    html = send(secretary, "charge-refund", charge.pk, **typed("back", "235,00", "refund"))
    assert "Tilbakebetalingen er registrert." in html
    fields = {"waive-reason": "Avtalt"}
    assert "Avtalt" in send(secretary, "charge-waive", charge.pk, mark=page(secretary, charge).mark, **fields)
    send(secretary, "charge-waive", charge.pk, status=422)


def test_invoices_are_sent_in_a_run_whose_progress_is_shown(secretary: Client, priced: Office, charge: Charge) -> None:
    send(secretary, "charge-approve", charge.pk, mark=page(secretary, charge).mark)
    assert "1 krav er meldt til pasienten for mindre enn to dager siden" in read(secretary, "charges-run")
    Charge.objects.update(notified_at=VISIT - timedelta(days=2))
    assert "1 får faktura uten gebyr, fordi beskjeden om kravet ikke har nådd" in read(secretary, "charges-run")
    told()
    html = read(secretary, "charges-run")
    assert "1 av dem har hatt beskjed om kravet i to dager, og får et fakturagebyr på 60\u00a0kr." in html
    assert "uten gebyr" not in html
    assert "Send faktura for 1 krav" in read(secretary, "charges-unpaid")
    assert "0 av 1 fakturaer er sendt" in send(secretary, "charges-run")
    send(secretary, "charges-run", status=409)
    billing.go_on(VISIT)
    assert "Forrige kjøring sendte 1" in read(secretary, "charges-run")
    assert read(secretary, "charge", charge.pk).count("0000000018") == 1
    response = secretary.get(reverse("workspace:charge-document", args=[charge.pk]))
    assert response.content.startswith(b"%PDF")


def test_what_waits_for_the_card_register_stands_in_a_list_with_since_when(
    secretary: Client, priced: Office, charge: Charge, settings: Any
) -> None:
    assert "Venter på frikortregisteret" not in read(secretary, "charges")
    settings.CARD_REGISTER = {"url": "https://cards.invalid", "token": "x"}
    charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, now=VISIT)
    html = read(secretary, "charges")
    assert "Venter på frikortregisteret" in html
    assert reverse("workspace:charge", args=[charge.pk]) in html
    assert f"Venter siden {long_datetime(VISIT)}" in html
    cards.take(charge_id=charge.pk, has_card=False, now=VISIT)
    assert "Venter på frikortregisteret" not in read(secretary, "charges")


def test_what_is_owed_is_all_that_is_owed_though_the_list_is_cut(
    secretary: Client, priced: Office, charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "MOST", 1)
    for each in (charge, visited(priced, priced.patient("Per Testvik"), clock=time(9))):
        charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=each.pk, now=VISIT)
    html = read(secretary, "charges-unpaid")
    assert "Til sammen 470\u00a0kr." in html
    assert "Her står de eldste." in html


def test_who_approves_beside_the_visit_stays_there(secretary: Client, charge: Charge) -> None:
    visit = reverse("workspace:visit", args=[charge.object_id])
    address = reverse("workspace:charge-approve", args=[charge.pk])
    tab = Tab(secretary).open(visit)
    tab.press(address)
    assert tab.path == visit
    assert "Godkjent." in tab.html
    away = secretary.post(address, {"mark": page(secretary, charge).mark, "next": "https://example.invalid/"})
    assert away.status_code == 409


def test_a_payment_that_was_registered_by_mistake_is_corrected_and_nobody_is_told(
    secretary: Client, priced: Office, charge: Charge
) -> None:
    charging.approve(actor=priced.staff(), charge_id=charge.pk, now=VISIT)
    send(secretary, "charge-pay", charge.pk, **typed("pay", "235", "card"))
    html = send(secretary, "charge-refund", charge.pk, **typed("back", "235", "undone"))
    assert "Rettet: var registrert ved en feil" in html
    assert holding.owed(charge) == 23500
    assert not Notification.objects.filter(event="charge.refunded").exists()


def test_whoever_looks_leaves_a_line_and_a_stranger_finds_nothing(
    secretary: Client, stranger: Client, priced: Office, charge: Charge
) -> None:
    read(secretary, "charges")
    read(secretary, "charge", charge.pk)
    seen = set(Event.objects.filter(patient_id=charge.patient_id, kind="read").values_list("action", flat=True))
    assert {"charges.listed", "charge.read"} <= seen
    purposes = Event.objects.filter(action__in=["charges.listed", "charge.read", "charge.proposed"])
    assert set(purposes.values_list("purpose", "legal_ground")) == {("administration", "management")}
    assert "Kari" not in read(stranger, "charges")
    for name in ("charge", "charge-document"):
        read(stranger, name, charge.pk, status=404)
    charging.approve(actor=priced.staff(), charge_id=charge.pk, now=VISIT)
    billing.invoice(actor=priced.staff(), charge_id=charge.pk, now=VISIT)
    charging.waive(actor=priced.staff(), charge_id=charge.pk, reason="x", now=VISIT)
    note = charge.credit_notes.get()
    read(stranger, "charge-credit-note", note.pk, status=404)
    kept = secretary.get(reverse("workspace:charge-credit-note", args=[note.pk]))
    assert (kept.content[:4], kept["Content-Disposition"]) == (b"%PDF", 'attachment; filename="kreditnota.pdf"')
    for name in ("charge-approve", "charge-invoice", "charge-ceiling", "charge-dispute"):
        send(stranger, name, charge.pk, status=404)


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_takes_as_many_queries_however_many_wait(
    secretary: Client, priced: Office, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        visited(priced, priced.patient(f"Kari{number} Testdal"), clock=time(8 + number // 3, 20 * (number % 3)))
    with django_assert_max_num_queries(16):
        read(secretary, "charges")


def test_what_is_paid_and_waived_is_owed_back_in_words_for_each_side(
    secretary: Client, charge: Charge, priced: Office
) -> None:
    mona = priced.staff(Role.SECRETARY)
    charging.approve(actor=mona, charge_id=charge.pk, now=VISIT)
    paying.pay(actor=mona, charge_id=charge.pk, way="card", ore=20_000, key=new_id(), now=VISIT)
    charging.waive(actor=mona, charge_id=charge.pk, reason="Feil dag", now=VISIT)
    html = read(secretary, "charge", charge.pk)
    assert "Skal betales tilbake" in html
    assert "Pasienten har betalt 200\u00a0kr og skal ha 200\u00a0kr tilbake." in html
    assert "Du får penger tilbake" not in html
    hers = logged_in(factories.citizen(charge.patient))
    html = hers.get(reverse("fees:show", args=[charge.pk])).content.decode()
    assert "Du får penger tilbake" in html
    assert "Betalt: 200\u00a0kr. Legekontoret betaler tilbake 200\u00a0kr." in html


@pytest.mark.parametrize("typed_as", ["２００", "٢٠٠", "1,000"], ids=ascii)
def test_an_amount_is_typed_with_the_digits_0_to_9(
    typed_as: str, secretary: Client, charge: Charge, priced: Office
) -> None:
    charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, now=VISIT)
    html = send(secretary, "charge-pay", charge.pk, status=422, **typed("pay", typed_as, "card"))
    assert "Skriv et beløp i kroner med sifrene 0 til 9" in html
    assert not charge.payments.exists()


@pytest.mark.parametrize(
    ("typed_as", "said"),
    [
        ("0", "Skriv et beløp som er større enn 0."),
        ("10.5", "Skriv øre med to sifre, for eksempel 170,50."),
        ("1 234,5", "Skriv øre med to sifre, for eksempel 170,50."),
        ("100 000,01", "Beløpet er for stort. Det kan være høyst 100\u00a0000\u00a0kr."),
    ],
)
def test_an_amount_that_cannot_be_is_refused_for_what_is_wrong_with_it(typed_as: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        KronerField().clean(typed_as)
    assert refused.value.messages == [said]


def test_reception_is_asked_once_more_while_the_patient_pays_online(
    secretary: Client, charge: Charge, priced: Office
) -> None:
    charging.approve(actor=priced.staff(Role.SECRETARY), charge_id=charge.pk, now=VISIT)
    assert "Pasienten betaler på nett nå" not in read(secretary, "charge", charge.pk)
    charge.transfers.create(practice=priced.practice, direction="in", ore=23500, begun_at=VISIT, stand_at=VISIT)
    assert "Pasienten betaler på nett nå" in read(secretary, "charge", charge.pk)
    fields = typed("pay", "235", "card")
    assert "Kryss av hvis dere er sikre" in send(secretary, "charge-pay", charge.pk, status=422, **fields)
    assert not charge.payments.exists()
    send(secretary, "charge-pay", charge.pk, **fields | {"pay-is_sure": "on"})
    assert charge.payments.get().ore == 23500


def test_a_wrong_exemption_is_taken_back_where_it_is_set(secretary: Client, charge: Charge) -> None:
    html = read(secretary, "charge", charge.pk)
    assert "Ta bort fritaket" not in html
    html = send(secretary, "charge-exempt", charge.pk, exemption="injury", mark=page(secretary, charge).mark)
    assert "Fritak: Godkjent yrkesskade. Gjelder det ikke, kan du ta det bort." in " ".join(html.split())
    html = send(secretary, "charge-end-exemption", charge.pk, mark=page(secretary, charge).mark)
    assert "Var det feil, kan du frita pasienten igjen." in html
    assert holding.total(charge) == 23500
    assert "Ta bort fritaket" not in html
    send(secretary, "charge-end-exemption", charge.pk, mark=page(secretary, charge).mark, status=409)


def test_an_exemption_of_an_approved_charge_is_ended_by_a_yes_to_the_sum(secretary: Client, charge: Charge) -> None:
    send(secretary, "charge-approve", charge.pk, mark=page(secretary, charge).mark)
    send(secretary, "charge-exempt", charge.pk, exemption="injury", mark=page(secretary, charge).mark)
    mark = page(secretary, charge).mark
    html = send(secretary, "charge-end-exemption", charge.pk, mark=mark, status=409)
    assert "Kravet blir på 235\u00a0kr i alt." in html
    assert "Godkjenn summen" in html
    for wrong in ("23499", "", "x"):
        send(secretary, "charge-end-exemption", charge.pk, mark=mark, total=wrong, status=409)
    assert holding.total(charge) == 0
    send(secretary, "charge-end-exemption", charge.pk, mark=mark, total="23500")
    assert holding.total(charge) == 23500


def test_a_stranger_ends_no_exemption(stranger: Client, charge: Charge) -> None:
    send(stranger, "charge-end-exemption", charge.pk, mark="x", status=404)
