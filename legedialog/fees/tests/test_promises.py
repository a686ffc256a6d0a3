import re
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab
from legedialog.appointments import services as appointments
from legedialog.appointments.models import TimeRequest
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.core.errors import Refused
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.models import Dialogue
from legedialog.dialogues.tests.factories import answered, draft, sent
from legedialog.fees import own, policy, queries, rules, services, texts
from legedialog.fees.models import Charge, OwnPrice, Promise, Rate
from legedialog.fees.rules import Service, Stated, Why
from legedialog.patients.models import Person
from legedialog.patients.representation import Restriction

INVOICE_FEE = "Betaler du ikke før kontoret sender faktura, kan et gebyr på 60\u00a0kr komme i tillegg."


def promised(object_id: UUID) -> tuple[str, int | None, int | None, int | None]:
    row = Promise.objects.get(object_id=object_id)
    return row.service, row.low, row.high, row.missed


def mark(who: Person, at: Office, service: str, now: datetime) -> str:
    found = queries.price(
        patient_id=who.pk, practice_id=at.practice.pk, service=service, clinician_id=at.doctor.pk, now=now
    )
    return texts.shown(found).mark


def test_a_booked_time_keeps_its_price_and_the_fee_for_not_coming(priced: Office) -> None:
    kari = priced.patient()
    day = priced.booked(kari)
    assert promised(day.pk) == ("attendance", 23500, 23500, 31500)  # the doctor is a specialist


def test_an_evening_time_keeps_the_evening_price(priced: Office, now: datetime) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    booked = appointments.book_for_patient(
        actor=mona,
        patient_id=kari.pk,
        calendar_id=priced.calendar.pk,
        visit_type_id=priced.visit_type.pk,
        channel="attendance",
        starts_at=at_local(factories.TOMORROW, time(17)),
        reason="Hoste",
        overbook_reason="Etter avtale",
        now=now,
    )
    assert promised(booked.pk)[2] == 35500


def test_an_econsultation_keeps_its_range_and_a_contact_costs_nothing(priced: Office, now: datetime) -> None:
    kari = priced.patient()
    assert promised(sent(kari, now=now).pk) == ("econsultation", 23500, 35500, 0)
    contact = sent(kari, kind="contact", now=now)
    assert not Promise.objects.filter(object_id=contact.pk).exists()
    dialogues.move(actor=priced.staff(Role.SECRETARY), dialogue_id=contact.pk, kind="econsultation", now=now)
    assert promised(contact.pk)[1:3] == (23500, 35500)  # told before the doctor reads it


def test_what_is_not_known_is_kept_as_not_known(office: Office, now: datetime) -> None:
    dialogue = sent(office.patient(), now=now)
    assert promised(dialogue.pk)[1:3] == (None, None)
    found = queries.promised(dialogue.pk)
    assert found
    assert found.why is Why.UNKNOWN
    assert found
    assert texts.line(found) == "Vanlig egenandel. Prisen er ikke kjent for 2026."


def test_nothing_is_sent_at_another_price_than_was_shown(priced: Office, now: datetime) -> None:
    kari = priced.patient()
    seen, written = mark(kari, priced, Service.ECONSULTATION, now), draft(kari, now=now)
    manager = priced.staff(Role.MANAGER)
    services.decide(actor=manager, practice_id=priced.practice.pk, promises_day_rate=True, charges_missed=True, now=now)
    with pytest.raises(Refused) as refused:
        dialogues.send(actor=citizen(kari), draft_id=written.pk, price=seen, now=now)
    assert refused.value.code == "price-changed"
    assert not Promise.objects.exists()
    dialogue = dialogues.send(
        actor=citizen(kari), draft_id=written.pk, price=mark(kari, priced, Service.ECONSULTATION, now), now=now
    )
    assert promised(dialogue.pk)[1:3] == (23500, 23500)


def test_a_later_table_does_not_change_what_was_promised(priced: Office, now: datetime) -> None:
    dialogue = sent(priced.patient(), now=now)
    services.decide(
        actor=priced.staff(Role.MANAGER),
        practice_id=priced.practice.pk,
        promises_day_rate=True,
        charges_missed=False,
        now=now,
    )
    answered(priced, priced.patient("Per Testvik"), now=now)
    assert promised(dialogue.pk)[1:3] == (23500, 35500)


def test_a_price_is_hidden_with_what_it_is_the_price_of(priced: Office, now: datetime) -> None:
    booked = priced.booked(priced.patient())
    appointments.restrict(
        actor=priced.staff(Role.DOCTOR), appointment_id=booked.pk, restriction=Restriction.FROM_PARENTS, now=now
    )
    assert Promise.objects.get().restriction == "NORN_FORANS"


def test_a_stranger_sees_no_promise_and_the_patient_gets_hers(priced: Office, now: datetime) -> None:
    kari, per = priced.patient(), priced.patient("Per Testvik")
    priced.booked(kari)
    elsewhere = factories.office("Dalen legekontor", "Odd Lund").staff(Role.DOCTOR)
    for stranger in (citizen(per), elsewhere):
        assert not policy.promises_visible_to(stranger).exists()
    assert policy.promises_visible_to(priced.staff(Role.MANAGER)).count() == 1
    (row,) = own.PROMISES.rows(citizen(kari), kari.pk, now)
    assert own.PROMISES.line(row)[1:-2] == ["Time med oppmøte", "235\u00a0kr", "235\u00a0kr", "315\u00a0kr", ""]
    assert INVOICE_FEE in str(own.PROMISES.line(row)[-1])
    assert own.PROMISES.resources(row, {})[0]["resourceType"] == "Basic"


def test_the_database_refuses_a_promise_from_high_to_low(priced: Office, now: datetime) -> None:
    booked = priced.booked(priced.patient())
    with pytest.raises(IntegrityError, match="a_promise_goes_from_low_to_high"), transaction.atomic():
        Promise.objects.filter(object_id=booked.pk).update(low=2, high=1)


# ---- on the pages


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def test_the_price_stands_beside_each_button(priced: Office, clock: datetime) -> None:
    kari = priced.patient()
    browser, range_ = logged_in(citizen(kari)), "235–355\u00a0kr"
    assert range_ in browser.get(reverse("dialogues:econsultation")).content.decode()
    assert "Gratis." in browser.get(reverse("dialogues:contact")).content.decode()
    request = browser.get(reverse("appointments:request")).content.decode()
    assert range_ in request
    assert INVOICE_FEE in request
    appointments.hold(
        actor=citizen(kari),
        patient_id=kari.pk,
        calendar_id=priced.calendar.pk,
        visit_type_id=priced.visit_type.pk,
        channel="attendance",
        starts_at=at_local(factories.TOMORROW, time(8)),
        now=clock,
    )
    review = browser.get(reverse("appointments:review")).content.decode()
    assert "Egenandel: 235\u00a0kr." in review
    assert INVOICE_FEE in review
    assert "gebyr på inntil 315\u00a0kr. Det gjelder også den som ikke betaler egenandel." in review


def test_a_time_is_not_booked_at_another_price_and_stays_hers(priced: Office, clock: datetime) -> None:
    kari = priced.patient()
    browser = logged_in(citizen(kari))
    held = appointments.hold(
        actor=citizen(kari),
        patient_id=kari.pk,
        calendar_id=priced.calendar.pk,
        visit_type_id=priced.visit_type.pk,
        channel="attendance",
        starts_at=at_local(factories.TOMORROW, time(8)),
        now=clock,
    )
    page = reverse("appointments:review")
    shown = browser.get(page).context
    fields = {"hold": held.pk, "held_time": shown["form"]["held_time"].value(), "reason": "Hoste", "price": "another"}
    response = browser.post(page, fields)
    assert response.status_code == 409
    assert "Prisen er en annen enn den du så." in response.content.decode()
    fields["price"] = shown["price"].mark
    assert browser.post(page, fields).status_code == 302
    assert Promise.objects.get().high == 23500


def test_the_appointments_page_says_the_price_and_why_until_it_is_cancelled(priced: Office, clock: datetime) -> None:
    kari = priced.patient()
    booked, browser = priced.booked(kari), logged_in(citizen(kari))
    page = reverse("appointments:show", args=[booked.pk])
    html = browser.get(page).content.decode()
    assert "Egenandel: 235\u00a0kr." in html
    assert "Legen er spesialist i allmennmedisin. Da koster det mer." in html
    assert INVOICE_FEE in html
    Promise.objects.filter(object_id=booked.pk).update(told=None)  # of before what decides it was kept
    html = browser.get(page).content.decode()
    assert "Egenandel: 235\u00a0kr." in html
    assert "spesialist" not in html
    appointments.cancel(actor=citizen(kari), appointment_id=booked.pk, now=clock)
    assert "Egenandel" not in browser.get(page).content.decode()


def test_a_child_is_told_that_it_is_free(priced: Office, clock: datetime) -> None:
    ola = factories.person("Ola Testdal", born=date(2015, 1, 1))
    found = queries.price(
        patient_id=ola.pk,
        practice_id=priced.practice.pk,
        service=Service.ECONSULTATION,
        clinician_id=priced.doctor.pk,
        now=clock,
    )
    assert texts.shown(found).line == "Gratis. Barn under 16 år betaler ikke egenandel."


def test_the_price_is_said_again_where_she_may_reply(priced: Office, clock: datetime) -> None:
    kari = priced.patient()
    dialogue = answered(priced, kari, now=clock)
    html = logged_in(citizen(kari)).get(reverse("dialogues:show", args=[dialogue.pk])).content.decode()
    assert "Prisen gjelder hele samtalen, også dette svaret: Egenandel: 235–355\u00a0kr." in html


def begun(at: Office, who: Person, now: datetime, *, is_reply_open: bool = True) -> Dialogue:
    return dialogues.start(
        actor=at.staff(Role.DOCTOR),
        patient_id=who.pk,
        kind="econsultation",
        key=new_id(),
        subject="Prøvesvar",
        text="Prøvene er fine.",
        is_reply_open=is_reply_open,
        problem_code="S87",
        now=now,
    )


def test_what_the_office_writes_unasked_costs_nothing(priced: Office, now: datetime) -> None:
    kari, ingrid = priced.patient(), priced.staff(Role.DOCTOR)
    begun(priced, kari, now, is_reply_open=False)
    dialogues.close(actor=ingrid, dialogue_id=begun(priced, kari, now).pk, now=now)
    assert not Promise.objects.exists()
    assert not Charge.objects.exists()


def test_an_answer_to_what_the_office_began_costs_what_stood_at_its_button(priced: Office, now: datetime) -> None:
    kari, ingrid = priced.patient(), priced.staff(Role.DOCTOR)
    dialogue, seen = begun(priced, kari, now), mark(kari, priced, Service.ECONSULTATION, now)
    given: dict[str, Any] = {"actor": citizen(kari), "dialogue_id": dialogue.pk, "text": "Hva nå?", "now": now}
    with pytest.raises(Refused) as refused:
        dialogues.reply(key=new_id(), price="another", **given)
    assert refused.value.code == "price-changed"
    dialogues.reply(key=new_id(), price=seen, **given)
    assert promised(dialogue.pk)[1:3] == (23500, 35500)
    dialogues.answer(
        actor=ingrid, dialogue_id=dialogue.pk, key=new_id(), text="Se det an.", closes=True, problem_code="S87", now=now
    )
    assert Charge.objects.get().object_id == dialogue.pk


def test_an_answer_to_what_the_office_began_tells_its_price(priced: Office, clock: datetime) -> None:
    kari = priced.patient()
    dialogue = begun(priced, kari, clock)
    address = reverse("dialogues:show", args=[dialogue.pk])
    tab = Tab(logged_in(citizen(kari))).open(address)
    assert "Det koster ikke noe å få eller lese meldingen." in tab.html
    assert "Svarer du, blir dette en e-konsultasjon." in tab.html
    assert "Egenandel: 235–355\u00a0kr." in tab.html
    refused = tab.send(f"{address}svar/", text="Hva nå?", price="another")
    assert refused.status_code == 409
    assert "Hva nå?" in refused.content.decode()
    tab.press(f"{address}svar/", text="Hva nå?")
    assert re.search(r"<dd>\s*<div[^>]*>\s*<p><strong>Egenandel: 235–355\u00a0kr\.</strong>", tab.html)
    assert "Det koster mer hvis legen svarer før klokken 8" in tab.html


def test_the_offices_own_prices_stand_where_the_price_is_told_and_in_help(priced: Office, clock: datetime) -> None:
    browser = logged_in(citizen(priced.patient()))
    own = "Kontorets egne priser: Attest for førerkort 650\u00a0kr, Influensavaksine 450\u00a0kr."
    for page in ("appointments:book", "appointments:request", "dialogues:econsultation"):
        assert own in browser.get(reverse(page)).content.decode(), page
    html = browser.get("/hjelp/betaling/").content.decode()
    for said in ("Influensavaksine", "450\u00a0kr", "Utstyr, når det brukes", "75–220\u00a0kr", "315\u00a0kr"):
        assert said in html


def test_what_was_told_of_a_booked_time_stays_though_the_office_lists_more_since(
    priced: Office, clock: datetime
) -> None:
    booked = priced.booked(priced.patient())

    def told() -> texts.Shown | None:
        return texts.kept_shown(queries.promised(booked.pk))

    before = told()
    assert before
    assert "Prøver, utstyr og attester kan komme i tillegg." in before.reasons
    manager = priced.staff(Role.MANAGER)
    services.add_own_price(actor=manager, practice_id=priced.practice.pk, name="Reisevaksine", ore=70_000, now=clock)
    assert told() == before


def test_many_own_prices_are_told_of_in_help_alone(priced: Office, clock: datetime) -> None:
    manager = priced.staff(Role.MANAGER)
    for number in range(rules.OWN_TOLD):
        services.add_own_price(
            actor=manager, practice_id=priced.practice.pk, name=f"Attest {number}", ore=100, now=clock
        )
    kari = priced.patient()
    found = queries.price(
        patient_id=kari.pk, practice_id=priced.practice.pk, service="attendance", clinician_id=None, now=clock
    )
    assert "Kontoret har egne priser på attester, vaksiner og annet." in texts.in_words(found)
    assert "Attest 3" not in texts.in_words(found)


def test_what_a_wish_for_a_time_was_told_to_cost_is_kept_with_it_and_holds(priced: Office, clock: datetime) -> None:
    kari, mona = priced.patient(), priced.staff(Role.SECRETARY)
    tab = Tab(logged_in(citizen(kari))).open(reverse("appointments:request"))
    assert "kan du få et gebyr på inntil 315 kr." in " ".join(tab.html.split())
    fields: dict[str, Any] = {"wishes": "Hoste", "doctor": str(priced.doctor.pk)}
    assert tab.send(reverse("appointments:request"), **fields, price="another").status_code == 409
    tab.press(reverse("appointments:request"), **fields)
    (sent,) = TimeRequest.objects.all()
    assert promised(sent.pk) == ("attendance", 23500, 35500, 31500)
    html = tab.open(reverse("appointments:request-show", args=[sent.pk])).html
    assert "Egenandel: 235–355\u00a0kr." in html
    assert "kan du få et gebyr på inntil 315 kr." in " ".join(html.split())
    Rate.objects.filter(code__in=["2ad", "missed"]).update(specialist_day=90_000, specialist_evening=90_000)
    appointments.assign_request(
        actor=mona, request_id=sent.pk, calendar_id=priced.calendar.pk, visit_type_id=priced.visit_type.pk,
        channel="attendance", starts_at=at_local(factories.TOMORROW, time(8)), now=clock,
    )  # fmt: skip
    sent.refresh_from_db()
    assert sent.appointment_id
    assert promised(sent.appointment_id) == ("attendance", 23500, 35500, 31500)


def test_a_wish_for_a_video_time_is_told_and_kept_at_the_price_of_video(priced: Office, clock: datetime) -> None:
    kari, every = priced.patient(), ["attendance", "phone", "video"]
    Rate.objects.filter(code="2ae").update(specialist_day=15_000, specialist_evening=20_000)
    tab = Tab(logged_in(citizen(kari))).open(reverse("appointments:request"))
    assert "Videotime: <strong>Egenandel: 150–200\u00a0kr." in tab.html
    assert "Time med oppmøte: <strong>Egenandel: 235–355\u00a0kr." in tab.html
    tab.press(reverse("appointments:request"), wishes="Hoste", doctor=str(priced.doctor.pk), channels=["video"])
    assert promised(TimeRequest.objects.get().pk) == ("video", 15000, 20000, 31500)
    per = priced.patient("Per Testvik")
    services.promise_one_of(
        actor=citizen(per), object_id=(thing := new_id()), patient_id=per.pk, practice_id=priced.practice.pk,
        offered=every, wished=[], clinician_id=priced.doctor.pk, now=clock,
    )  # fmt: skip
    assert promised(thing) == ("attendance", 15000, 35500, 31500)


def test_who_was_told_that_no_fee_is_taken_pays_none_and_the_pages_say_so(priced: Office, clock: datetime) -> None:
    kari, mona, manager = priced.patient(), priced.staff(Role.SECRETARY), priced.staff(Role.MANAGER)
    terms: dict[str, Any] = {
        "actor": manager,
        "practice_id": priced.practice.pk,
        "promises_day_rate": False,
        "now": clock,
    }
    services.decide(**terms, charges_missed=False)
    booked = priced.booked(kari)
    tab = Tab(logged_in(citizen(kari))).open(reverse("appointments:show", args=[booked.pk]))
    assert "Kontoret tar ikke gebyr." in tab.html
    assert "kan du få et gebyr" not in tab.open(reverse("appointments:request")).html
    assert "Det er gratis å avbestille." in tab.open(reverse("appointments:cancel", args=[booked.pk])).html
    services.decide(**terms, charges_missed=True)
    appointments.no_show(actor=mona, appointment_id=booked.pk, now=booked.starts_at)
    assert not Charge.objects.exists()
    assert "kan du få et gebyr på inntil" in tab.open(reverse("appointments:request")).html


def test_a_fee_that_no_table_tells_of_is_said_to_be_not_known(office: Office, clock: datetime) -> None:
    tab = Tab(logged_in(citizen(office.patient()))).open(reverse("appointments:request"))
    assert "kan du få et gebyr. Beløpet er ikke kjent." in " ".join(tab.html.split())
    assert "Beløpet er ikke kjent" in tab.open("/hjelp/betaling/").html


@pytest.mark.parametrize(
    ("is_alone", "line", "lines"),
    [
        (True, "Attest for førerkort: 650\u00a0kr. Det er ingen egenandel i tillegg.", [("own", 65000)]),
        (
            False,
            "Egenandel: 235\u00a0kr. I tillegg: Attest for førerkort, 650\u00a0kr.",
            [("2ad", 23500), ("own", 65000)],
        ),
    ],
)
def test_a_kind_of_visit_with_a_price_of_the_offices_list_is_told_kept_and_charged_at_it(
    priced: Office, clock: datetime, is_alone: bool, line: str, lines: list[tuple[str, int]]
) -> None:
    kari, mona, manager = priced.patient(), priced.staff(Role.SECRETARY), priced.staff(Role.MANAGER)
    own_price = OwnPrice.objects.get(name="Attest for førerkort", practice=priced.practice)
    kind = priced.visit_type
    kind.own_price, kind.is_own_price_alone = own_price, is_alone
    kind.save()
    browser = logged_in(citizen(kari))
    book = browser.get(reverse("appointments:book")).content.decode()
    assert "Attest for førerkort" in book
    assert "Kontorets egne priser: Influensavaksine 450\u00a0kr." in book  # the others alone
    booked = priced.booked(kari)
    assert line in browser.get(reverse("appointments:show", args=[booked.pk])).content.decode()
    with pytest.raises(Refused) as refused:
        services.remove_own_price(actor=manager, price_id=own_price.pk, now=clock)
    assert refused.value.code == "price-in-use"
    OwnPrice.objects.update(ore=90_000)  # dearer since
    assert line in browser.get(reverse("appointments:show", args=[booked.pk])).content.decode()
    appointments.complete(actor=mona, appointment_id=booked.pk, now=booked.starts_at)
    charge = Charge.objects.get()
    assert [(each.code, each.ore) for each in charge.lines.order_by("number")] == lines
    assert charge.lines.get(code="own").what == "Attest for førerkort"
    (row,) = own.PROMISES.rows(citizen(kari), kari.pk, clock)
    assert own.PROMISES.line(row)[-3] == "Attest for førerkort 650\u00a0kr"


def test_a_child_is_told_what_of_the_offices_list_it_costs_all_the_same(priced: Office, clock: datetime) -> None:
    child = priced.patient("Ola Testdal")
    Person.objects.filter(pk=child.pk).update(birth_date=date(2020, 1, 1))
    extra = OwnPrice.objects.get(name="Influensavaksine", practice=priced.practice)
    found = queries.price(
        patient_id=child.pk, practice_id=priced.practice.pk, service="attendance", clinician_id=None,
        stated=Stated(own_price_id=extra.pk), now=clock,
    )  # fmt: skip
    assert texts.line(found) == "Influensavaksine: 450\u00a0kr. Egenandelen er gratis."
    assert "Barn under 16 år betaler ikke egenandel." in texts.in_words(found)
