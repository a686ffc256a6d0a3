"""What is taken off and asked for again: credit notes, the year's ceiling, and what the patient is told of it."""

from datetime import date, datetime, time, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from legedialog.access.actor import Actor, Role
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.fees import (
    accounts,
    billing,
    bills,
    ceiling,
    charge_rules,
    charging,
    entries,
    holding,
    notices,
    paying,
    pdf,
    proposing,
    queries,
    services,
)
from legedialog.fees import story as fees
from legedialog.fees.models import Charge, CreditNote, Line, Promise, Terms
from legedialog.fees.rules import Service
from legedialog.fees.tests.factories import added, told
from legedialog.fees.tests.test_charging import VISIT, at_once, visited, with_account
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Skip, Words
from legedialog.patients.models import Person

LATER = VISIT + timedelta(days=3)


@pytest.fixture
def mona(priced: Office) -> Actor:
    return priced.staff(Role.SECRETARY)


def approved(at: Office, mona: Actor, who: Person, clock: time = time(8)) -> Charge:
    made = visited(at, who, clock=clock)
    return charging.approve(actor=mona, charge_id=made.pk, now=VISIT)


# ---- credit notes


def test_what_is_taken_off_an_invoice_is_a_credit_note_for_each_act_with_numbers_of_their_own(
    priced: Office, mona: Actor
) -> None:
    first, second = (
        approved(priced, mona, priced.patient(name), clock)
        for name, clock in (("Kari Testdal", time(8)), ("Per Testvik", time(9)))
    )
    line = added(actor=mona, charge_id=first.pk, code="10a", now=VISIT)
    early = added(actor=mona, charge_id=first.pk, code="10b", now=VISIT)
    charging.correct(actor=mona, charge_id=first.pk, line_id=early.pk, reason="Feil", now=VISIT)
    for each in (first, second):
        billing.invoice(actor=mona, charge_id=each.pk, now=VISIT)
    charging.correct(actor=mona, charge_id=first.pk, line_id=line.pk, reason="Ikke brukt", now=LATER)
    charging.waive(actor=mona, charge_id=second.pk, reason="Avtalt", now=LATER)
    charging.waive(actor=mona, charge_id=first.pk, reason="Avtalt", now=LATER)
    notes = CreditNote.objects.order_by("number")
    assert [(each.number, each.charge_id, each.ore) for each in notes] == [
        *((1, first.pk, 7500), (2, second.pk, 23500), (3, first.pk, 23500)),
    ]
    for each in (first, second):  # what was invoiced, less its notes, is what is left of it
        off = sum(note.ore for note in each.credit_notes.all())
        assert each.invoice.ore - off == holding.total(each) == 0


def test_a_credit_note_says_what_was_taken_off_and_of_which_invoice_to_the_office_and_to_her(
    priced: Office, mona: Actor
) -> None:
    kari = priced.patient()
    charge = approved(priced, mona, kari)
    sent = billing.invoice(actor=mona, charge_id=charge.pk, now=VISIT)
    charging.waive(actor=mona, charge_id=charge.pk, reason="Avtalt", now=LATER)
    row = bills.payment(citizen(kari), charge.pk, LATER)
    (note,) = row.credit_notes
    paper = pdf.credited(row, note.pk, LATER)
    assert paper["title"] == "Kreditnota"
    assert dict(paper["facts"])["Gjelder faktura"] == f"1 fra tirsdag 24. november 2026, KID {sent.kid}"
    assert paper["lines"] == [["Konsultasjon hos lege (2ad): Avtalt", "−235\u00a0kr"]]
    assert paper["total"] == ["Sum", "−235\u00a0kr"]
    assert pdf.credit_note(row, note.pk, LATER).startswith(b"%PDF")
    with pytest.raises(NotFound):
        pdf.credited(row, new_id(), LATER)


@pytest.mark.django_db(transaction=True)
def test_credit_notes_that_are_made_at_once_leave_no_number_out() -> None:
    at = factories.office()
    fees.load(managers=[at.staff(Role.MANAGER)], today=date(2026, 11, 23), now=factories.NOW)
    with_account(at)
    mona = at.staff(Role.SECRETARY)
    charges = [approved(at, mona, at.patient(f"Kari{number} Testdal"), time(8, 20 * number)) for number in range(3)]
    for each in charges:
        billing.invoice(actor=mona, charge_id=each.pk, now=VISIT)

    def fails() -> None:
        with transaction.atomic():
            charging.waive(actor=mona, charge_id=charges[0].pk, reason="x", now=LATER)
            raise Refused(charge_rules.CHARGE_CHANGED)  # the number goes back with the rest

    def waives(number: int) -> Any:
        return lambda: charging.waive(actor=mona, charge_id=charges[number].pk, reason="x", now=LATER)

    at_once(fails, waives(1), waives(2))
    assert sorted(CreditNote.objects.values_list("number", flat=True)) == [1, 2]
    assert Terms.objects.get(pk=at.practice.pk).credit_notes == 2


def test_the_database_refuses_a_credit_note_of_nothing_and_a_number_twice(priced: Office, mona: Actor) -> None:
    charge = approved(priced, mona, priced.patient())
    row: dict[str, Any] = {"practice": priced.practice, "charge": charge, "number": 1, "at": VISIT}
    with pytest.raises(IntegrityError, match="a_credit_note_takes_something_off"), transaction.atomic():
        CreditNote.objects.create(**row, ore=0)
    CreditNote.objects.create(**row, ore=1)
    with pytest.raises(IntegrityError, match="credit_notes_of_an_office_are_numbered"), transaction.atomic():
        CreditNote.objects.create(**row, ore=1)


# ---- the year's ceiling


def capped(monkeypatch: pytest.MonkeyPatch, ore: int) -> None:
    monkeypatch.setattr(queries.Known, "ceiling", ore)


def two(at: Office, mona: Actor) -> list[Charge]:
    """Of one patient, who was told what each costs before either was asked for."""
    kari = at.patient()
    made = [visited(at, kari, clock=clock) for clock in (time(8), time(9))]
    return [charging.approve(actor=mona, charge_id=each.pk, now=VISIT) for each in made]


def test_what_she_was_told_is_free_is_never_asked_for(
    priced: Office, mona: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    capped(monkeypatch, 23_500)
    kari = priced.patient()
    first, told_free = approved(priced, mona, kari), approved(priced, mona, kari, time(9))
    assert told_free.exemption == "ceiling"
    charging.waive(actor=mona, charge_id=first.pk, reason="Avtalt", now=LATER)
    assert accounts.to_review(mona, priced.practice.pk, LATER) == []
    with pytest.raises(Refused):
        charging.ask_again(actor=mona, charge_id=told_free.pk, now=LATER)


def test_what_the_ceiling_took_is_looked_at_anew_when_what_counted_is_taken_off(
    priced: Office, mona: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    capped(monkeypatch, 30_000)
    today = priced.practice.pk
    first, second = two(priced, mona)
    assert (holding.total(second), accounts.to_review(mona, today, LATER)) == (6500, [])
    charging.correct(
        actor=mona, charge_id=first.pk, line_id=first.lines.get(corrects=None).pk, reason="Feil pasient", now=LATER
    )
    ((row, could),) = accounts.to_review(mona, today, LATER)
    assert (row.id, could) == (second.pk, 17000)
    assert charging.ask_again(actor=mona, charge_id=second.pk, now=LATER) == 17000
    assert (holding.total(second), accounts.to_review(mona, today, LATER)) == (23500, [])
    with pytest.raises(Refused) as refused:
        charging.ask_again(actor=mona, charge_id=second.pk, now=LATER)
    assert refused.value.code == "nothing-to-ask"


def test_the_office_may_leave_it_free_for_good(priced: Office, mona: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    capped(monkeypatch, 23_500)
    first, second = two(priced, mona)
    charging.waive(actor=mona, charge_id=first.pk, reason="Avtalt", now=LATER)
    assert [row.id for row, _ore in accounts.to_review(mona, priced.practice.pk, LATER)] == [second.pk]
    charging.leave_free(actor=mona, charge_id=second.pk, now=LATER)
    assert (holding.total(second), accounts.to_review(mona, priced.practice.pk, LATER)) == (0, [])
    with pytest.raises(Refused):
        charging.ask_again(actor=mona, charge_id=second.pk, now=LATER)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("approve", "laboratory", "pay", "waive", "exempt", "correct", "again", "leave")),
        st.integers(0, 3),
    ),
    max_size=18,
)


@given(steps=STEPS, most=st.integers(0, 80_000))
@hypothesis_settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_corrected_nobody_passes_the_ceiling_and_what_is_wrongly_free_says_so(
    priced: Office, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]], most: int
) -> None:
    capped(monkeypatch, most)
    with transaction.atomic():
        mona, kari = priced.staff(Role.SECRETARY), priced.patient()
        charges = [_visit(priced, mona, kari, number) for number in range(4)]
        for what, number in steps:
            try:
                with transaction.atomic():
                    _do(what, charges[number], mona)
            except Refused:
                continue
            _check(priced, mona, kari, most)
        for row, _ore in accounts.to_review(mona, priced.practice.pk, VISIT):
            try:
                charging.ask_again(actor=mona, charge_id=row.id, now=VISIT)
            except Refused:  # the one before took the room
                continue
        _check(priced, mona, kari, most)
        assert accounts.to_review(mona, priced.practice.pk, VISIT) == []
        transaction.set_rollback(True)


def _visit(at: Office, mona: Actor, who: Person, number: int) -> Charge:
    thing = new_id()
    services.promise(
        actor=mona, object_id=thing, patient_id=who.pk, practice_id=at.practice.pk, service=Service.ATTENDANCE,
        clinician_id=at.doctor.pk, starts_at=VISIT, now=VISIT,
    )  # fmt: skip
    proposing.complete(
        actor=mona, object_id=thing, patient_id=who.pk, practice_id=at.practice.pk, service=Service.ATTENDANCE,
        clinician_id=at.doctor.pk, at=VISIT - timedelta(days=number), now=VISIT,
    )  # fmt: skip
    return Charge.objects.get(object_id=thing)


def _check(at: Office, mona: Actor, who: Person, most: int) -> None:
    room = most - queries.counted_in(who.pk, VISIT.date())
    assert room >= 0
    listed = {row.id for row, _ore in accounts.to_review(mona, at.practice.pk, VISIT)}
    back = {row.id for row in accounts.paid_over(mona, at.practice.pk, VISIT)}
    for charge in Charge.objects.filter(patient=who):
        shown = Promise.objects.get(object_id=charge.object_id).high
        assert shown is not None
        assert sum(left for line, left in entries.standing(charge) if line.code == "2ad") <= shown
        assert (holding.owed(charge) < 0) == (charge.pk in back)  # what was paid beyond is to be paid back
        lines = list(charge.lines.order_by("number"))
        is_wrong = charge.status == "approved" and not charge.exemption and not charge.is_left_free
        assert (charge.pk in listed) == bool(is_wrong and room and ceiling.taken(lines))


def _do(what: str, charge: Charge, mona: Actor) -> None:
    at: dict[str, Any] = {"actor": mona, "charge_id": charge.pk, "now": VISIT}
    if what == "correct":
        standing = entries.standing(charge)
        charging.correct(**at, line_id=standing[0][0].pk if standing else new_id(), reason="x")
    elif what == "laboratory":
        added(**at, code="701a")
    elif what == "pay":
        paying.pay(**at, way="cash", ore=5000, key=new_id())
    elif what == "exempt":
        charging.exempt(**at, exemption="injury")
    elif what == "waive":
        charging.waive(**at, reason="x")
    else:
        {"approve": charging.approve, "again": charging.ask_again, "leave": charging.leave_free}[what](**at)


# ---- what she is told


def events() -> list[str]:
    return sorted(Notification.objects.filter(event__startswith="charge.").values_list("event", flat=True))


def test_who_has_something_to_pay_is_told_once_and_again_when_it_is_another_amount(priced: Office, mona: Actor) -> None:
    charge = approved(priced, mona, priced.patient())
    (notice,) = Notification.objects.filter(event="charge.approved")
    assert notice.due_at == VISIT + timedelta(hours=1)
    added(actor=mona, charge_id=charge.pk, code="10a", now=VISIT + timedelta(minutes=5))
    assert events() == ["charge.approved"]  # what is told within the hour tells of both
    for code in ("10b", "10c"):
        added(actor=mona, charge_id=charge.pk, code=code, now=LATER)
    assert events() == ["charge.approved", "charge.changed"]
    Notification.objects.update(status="sent")
    added(actor=mona, charge_id=charge.pk, code="10d", now=LATER)
    assert events() == ["charge.approved", "charge.changed", "charge.changed"]


def test_what_is_free_is_told_of_when_a_line_makes_it_cost_something(priced: Office, mona: Actor) -> None:
    made = visited(priced, priced.patient())
    charging.exempt(actor=mona, charge_id=made.pk, exemption="injury", now=VISIT)
    charging.approve(actor=mona, charge_id=made.pk, now=VISIT)
    assert events() == []
    added(actor=mona, charge_id=made.pk, code="10a", now=LATER)
    assert events() == ["charge.approved"]


def test_who_pays_at_the_counter_or_has_the_invoice_is_not_told_that_there_is_something_to_pay(
    priced: Office, mona: Actor
) -> None:
    paid, sent, owed = (
        approved(priced, mona, priced.patient(name), clock)
        for name, clock in (("Kari Testdal", time(8)), ("Per Testvik", time(9)), ("Anne Testmo", time(10)))
    )
    paying.pay(actor=mona, charge_id=paid.pk, way="card", ore=23500, key=new_id(), now=VISIT)
    billing.invoice(actor=mona, charge_id=sent.pk, now=VISIT)
    rows = notices.CHARGE.rows([paid.pk, sent.pk, owed.pk])
    notice = Notification.objects.filter(event="charge.approved")[0]
    found = [type(notices.approved(rows[each.pk], notice, LATER)) for each in (paid, sent, owed)]
    assert found == [Skip, Skip, Words]


def test_the_fee_for_an_invoice_is_for_who_was_told_and_had_time_to_pay(priced: Office, mona: Actor) -> None:
    def fee(name: str, clock: time, now: datetime, *, is_told: bool) -> int:
        charge = approved(priced, mona, priced.patient(name), clock)
        if is_told:
            told()
        return billing.invoice(actor=mona, charge_id=charge.pk, now=now).ore - 23500

    soon = VISIT + timedelta(hours=1, days=2)
    assert fee("Kari Testdal", time(8), soon - timedelta(seconds=1), is_told=True) == 0
    assert fee("Per Testvik", time(9), soon, is_told=False) == 0
    assert fee("Anne Testmo", time(10), soon, is_told=True) == 6000


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_what_the_ceiling_took_before_it_was_marked_is_marked_by_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    at = factories.office()
    fees.load(managers=[at.staff(Role.MANAGER)], today=date(2026, 11, 23), now=factories.NOW)
    mona = at.staff(Role.SECRETARY)
    capped(monkeypatch, 23_500)
    first, second = two(at, mona)
    (taken,) = Line.objects.filter(by_ceiling=True)
    charging.waive(actor=mona, charge_id=first.pk, reason="Avtalt", now=LATER)
    Line.objects.using("owner").filter(pk=taken.pk).update(by_ceiling=False)
    assert accounts.to_review(mona, at.practice.pk, LATER) == []
    with connections["owner"].schema_editor() as editor:
        import_module("legedialog.fees.migrations.0011_taken_by_ceiling").mark(apps, editor)
    assert list(Line.objects.filter(by_ceiling=True)) == [taken]
    assert [row.id for row, _ore in accounts.to_review(mona, at.practice.pk, LATER)] == [second.pk]
