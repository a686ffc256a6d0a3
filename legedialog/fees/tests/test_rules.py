from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.core.times import at_local
from legedialog.fees import charge_rules, rules, texts, told
from legedialog.fees.kid import is_kid
from legedialog.fees.rules import CODES, Case, Exemption, Price, Rate, Service, Terms, Why

ADULT = date(1980, 5, 5)
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 10:00 in Oslo


def rate(code: str, day: int, evening: int | None = None, *specialist: int | None) -> Rate:
    first, second = specialist or (None, None)
    return Rate(code, day, evening, first, second, date(2026, 1, 1), date(2026, 12, 31), "test")


RATES = {
    "2ad": rate("2ad", 17000, 28800, 22400, 32000),
    "2ae": rate("2ae", 17000, 28800, 22400, 32000),
    "1bd": rate("1bd", 6100),
    "missed": rate("missed", 18800, None, 30400, None),
}


def price(service: str, **changes: object) -> Price:
    given = {"rates": RATES, "terms": Terms(), "is_specialist": False, "birth_date": ADULT, "now": TUESDAY} | changes
    return rules.price(service=service, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "clock", "evening"),
    [
        ("2026-11-24", "07:59", True),
        ("2026-11-24", "08:00", False),
        ("2026-11-24", "15:59", False),
        ("2026-11-24", "16:00", True),
        ("2026-11-28", "12:00", True),  # Saturday
        ("2026-05-17", "12:00", True),
        ("2026-12-24", "12:00", False),  # Christmas Eve is a working day, in law and here
        ("2026-12-25", "12:00", True),
        ("2026-03-30", "15:59", False),  # the Monday after the clocks went forward
        ("2026-03-30", "16:00", True),
        ("2026-10-26", "15:59", False),  # and after they went back
        ("2026-10-26", "16:00", True),
        ("2026-03-29", "10:00", True),  # the change days themselves are Sundays
        ("2026-10-25", "10:00", True),
    ],
)
def test_the_evening_is_by_the_clinics_clock(day: str, clock: str, evening: bool) -> None:
    at = at_local(date.fromisoformat(day), datetime.strptime(clock, "%H:%M").time())  # noqa: DTZ007  a clock time
    assert rules.is_evening(at) is evening


@pytest.mark.parametrize(
    ("service", "changes", "why", "low", "high"),
    [
        (Service.CONTACT, {}, Why.FREE, 0, 0),
        (Service.ATTENDANCE, {"starts_at": TUESDAY}, Why.FIXED, 17000, 17000),
        (Service.ATTENDANCE, {"starts_at": datetime(2026, 11, 24, 15, 0, tzinfo=UTC)}, Why.FIXED, 28800, 28800),
        (Service.ATTENDANCE, {"starts_at": TUESDAY, "is_specialist": True}, Why.FIXED, 22400, 22400),
        (Service.ATTENDANCE, {"starts_at": TUESDAY, "is_specialist": None}, Why.FIXED, 17000, 22400),
        (Service.ATTENDANCE, {}, Why.BY_HOUR, 17000, 28800),
        (Service.ATTENDANCE, {"among": {Case(False, False), Case(True, False)}}, Why.BY_HOUR, 17000, 28800),
        (Service.ATTENDANCE, {"among": {Case(False, False)}}, Why.FIXED, 17000, 17000),
        (Service.ATTENDANCE, {"among": {Case(True, False)}}, Why.FIXED, 28800, 28800),
        # A specialist by day and another in the evening: never what no time among them costs.
        (Service.ATTENDANCE, {"among": {Case(False, True), Case(True, False)}}, Why.BY_HOUR, 22400, 28800),
        (Service.ATTENDANCE, {"among": {Case(False, True)}, "is_specialist": None}, Why.FIXED, 22400, 22400),
        (Service.VIDEO, {"starts_at": TUESDAY}, Why.FIXED, 17000, 17000),
        (Service.ECONSULTATION, {}, Why.BY_ANSWER, 17000, 28800),
        (Service.ECONSULTATION, {"is_specialist": None}, Why.BY_ANSWER, 17000, 32000),
        (Service.ECONSULTATION, {"terms": Terms(promises_day_rate=True)}, Why.DAY_PROMISED, 17000, 17000),
        (Service.RENEWAL, {}, Why.FIXED, 6100, 6100),
        (Service.ECONSULTATION, {"birth_date": date(2012, 1, 1)}, Why.EXEMPT, 0, 0),
        (Service.ECONSULTATION, {"has_card": True}, Why.EXEMPT, 0, 0),
        (Service.ECONSULTATION, {"rates": {}}, Why.UNKNOWN, None, None),
        (Service.ECONSULTATION, {"left": 0}, Why.EXEMPT, 0, 0),
        (Service.ECONSULTATION, {"left": 5000}, Why.BY_ANSWER, 5000, 5000),
        (Service.ECONSULTATION, {"left": 20000}, Why.BY_ANSWER, 17000, 20000),
        (Service.ECONSULTATION, {"left": 28800}, Why.BY_ANSWER, 17000, 28800),
        (Service.ECONSULTATION, {"rates": {}, "has_card": True}, Why.EXEMPT, 0, 0),
    ],
)
def test_the_price(service: str, changes: dict[str, object], why: Why, low: int | None, high: int | None) -> None:
    found = price(service, **changes)
    assert (found.why, found.low, found.high) == (why, low, high)


@pytest.mark.parametrize(
    ("service", "changes", "fee"),
    [
        (Service.ATTENDANCE, {"starts_at": TUESDAY}, 6000),
        (Service.RENEWAL, {}, 6000),
        (Service.CONTACT, {}, 0),
        (Service.ATTENDANCE, {"terms": Terms(charges_invoice=False)}, 0),
        (Service.ATTENDANCE, {"rates": RATES}, None),  # no table tells of it
        (Service.ATTENDANCE, {"rates": RATES | {"invoice": rate("invoice", 0)}}, 0),
    ],
)
def test_what_an_invoice_costs_is_told_with_the_price(
    service: str, changes: dict[str, object], fee: int | None
) -> None:
    found = price(service, **{"rates": RATES | {"invoice": rate("invoice", 6000)}} | changes)
    assert found.invoice == fee
    said = texts.in_words(found)
    assert ("faktura, kan et gebyr på 60\u00a0kr komme i tillegg." in said) == (fee == 6000)
    assert ("faktura, kan et gebyr komme i tillegg. Beløpet er ikke kjent." in said) == (fee is None)


@pytest.mark.parametrize(
    ("service", "changes", "fee", "said"),
    [
        (Service.RENEWAL, {}, 6000, "Sender kontoret noe til deg i posten, kommer et gebyr på 60\u00a0kr i tillegg."),
        (Service.RENEWAL, {"has_card": True}, 6000, "posten, kommer et gebyr på 60\u00a0kr i tillegg."),
        (Service.RENEWAL, {"rates": RATES}, None, "posten, kan et gebyr komme i tillegg. Beløpet er ikke kjent."),
        (Service.RENEWAL, {"terms": Terms(charges_dispatch=False)}, 0, ""),
        (Service.VIDEO, {}, 0, ""),
    ],
)
def test_what_it_costs_to_be_sent_something_is_told_before_a_renewal(
    service: str, changes: dict[str, object], fee: int | None, said: str
) -> None:
    found = price(service, **{"rates": RATES | {"8": rate("8", 6000)}} | changes)
    assert found.dispatch == fee
    assert said in texts.in_words(found)
    assert bool(said) == ("i posten" in texts.in_words(found))


def test_an_office_that_takes_no_fee_for_post_has_no_such_line() -> None:
    rates = {"8": rate("8", 6000)}
    assert [each.code for each in rules.typed_codes(rates, Terms())] == ["8"]
    assert not rules.typed_codes(rates, Terms(charges_dispatch=False))


def test_what_may_become_one_of_several_costs_from_the_least_to_the_most() -> None:
    rates = RATES | {"2ae": rate("2ae", 15000, 20000)}
    each: dict[str, Price] = {way: price(way, rates=rates) for way in (Service.ATTENDANCE, Service.VIDEO)}
    found = rules.widest(list(each.values()))
    assert (found.service, found.low, found.high) == (Service.ATTENDANCE, 15000, 28800)
    shown = texts.shown_each(each)
    assert [line for _name, line in shown.each] == ["Egenandel: 170–288\u00a0kr.", "Egenandel: 150–200\u00a0kr."]
    assert not shown.line
    unknown = rules.widest([each[Service.VIDEO], price(Service.ATTENDANCE, rates={})])
    assert (unknown.low, unknown.high, unknown.missed) == (None, None, None)
    same: dict[str, Price] = {way: price(way) for way in (Service.ATTENDANCE, Service.VIDEO)}
    assert texts.shown_each(same).line == "Egenandel: 170–288\u00a0kr."


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"has_card": True}, "Gratis med frikort."),
        ({"left": 0}, "Gratis. Egenandelstaket for året er nådd."),
        ({"birth_date": date(2020, 1, 1)}, "Gratis. Barn under 16 år betaler ikke egenandel."),
        ({"stated": "pregnancy"}, "Gratis. Svangerskapskontroll har ingen egenandel."),
    ],
)
def test_who_is_exempt_is_told_why_and_what_costs_all_the_same(changes: dict[str, object], line: str) -> None:
    rates = RATES | {"invoice": rate("invoice", 6000)}
    found = price(Service.ATTENDANCE, starts_at=TUESDAY, **{"rates": rates} | changes)
    words = texts.shown(found)
    assert words.line == line
    said = " ".join(words.reasons)
    assert "Utstyr, attester og vaksiner kan koste noe, også når egenandelen er gratis." in said
    assert "kan et gebyr på 60\u00a0kr komme i tillegg." in said
    assert words.missed == "188\u00a0kr"
    assert ("Gjelder det noe annet likevel, koster det vanlig egenandel." in said) == ("stated" in changes)


def test_nobody_pays_more_than_is_left_to_the_ceiling_and_the_page_says_so() -> None:
    found = price(Service.ATTENDANCE, starts_at=TUESDAY, left=5000)
    assert texts.line(found) == "Egenandel: 50\u00a0kr."
    assert "Det er 50\u00a0kr igjen til egenandelstaket i år" in " ".join(texts.reasons(found))


def test_a_price_of_nothing_reads_as_free() -> None:
    nothing = price(Service.ATTENDANCE, starts_at=TUESDAY, rates={"2ad": rate("2ad", 0), "missed": rate("missed", 0)})
    assert texts.line(nothing) == "Gratis. Det er ingen egenandel for dette."
    assert (texts.shown(nothing).missed, texts.shown(nothing).takes_missed) == ("", False)
    assert (texts.cost(0), texts.cost(100)) == ("gratis", "1\u00a0kr")


@pytest.mark.parametrize(
    ("birth_date", "day", "free"),
    [
        (date(2010, 11, 24), date(2026, 11, 23), True),
        (date(2010, 11, 24), date(2026, 11, 24), False),  # the birthday itself, from midnight
        (date(2008, 2, 29), date(2024, 2, 28), True),
        (date(2008, 2, 29), date(2024, 2, 29), False),
        (date(2012, 2, 29), date(2028, 2, 28), True),
    ],
)
def test_children_are_free_until_the_birthday(birth_date: date, day: date, free: bool) -> None:
    assert (rules.exemption(birth_date=birth_date, day=day) == Exemption.CHILD) is free


def test_the_birthday_begins_at_local_midnight() -> None:
    born = date(2010, 11, 24)
    before, after = datetime(2026, 11, 23, 22, 59, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert price(Service.ECONSULTATION, birth_date=born, now=before).is_free
    assert not price(Service.ECONSULTATION, birth_date=born, now=after).is_free


@pytest.mark.parametrize("stated", [each for each in Exemption if each.is_stated])
def test_what_the_office_states_exempts(stated: Exemption) -> None:
    birth_date = date(2009, 12, 1) if stated == Exemption.YOUTH_THERAPY else ADULT
    assert price(Service.ATTENDANCE, starts_at=TUESDAY, stated=stated, birth_date=birth_date).exemption == stated


@pytest.mark.parametrize("stated", ["child", "card", "therapy"])
def test_nobody_states_an_age_or_a_card_that_is_not_there(stated: str) -> None:
    assert price(Service.ATTENDANCE, starts_at=TUESDAY, stated=stated).high == 17000


@pytest.mark.parametrize(
    ("is_specialist", "terms", "most"),
    [(False, Terms(), 18800), (True, Terms(), 30400), (None, Terms(), 30400), (False, Terms(False, False), 0)],
)
def test_who_does_not_come_is_told_the_amount_before(
    is_specialist: bool | None, terms: Terms, most: int | None
) -> None:
    child = price(
        Service.ATTENDANCE, starts_at=TUESDAY, is_specialist=is_specialist, terms=terms, birth_date=date(2020, 1, 1)
    )
    assert (child.high, child.missed) == (0, most)  # the exempt pay for what they miss too
    assert price(Service.ECONSULTATION).missed == 0
    unknown = price(Service.ATTENDANCE, rates={})
    assert (unknown.missed, texts.shown(unknown).takes_missed) == (None, True)


amounts = st.integers(0, 100_000)


@given(
    day=amounts,
    evening=st.none() | amounts,
    specialist_day=st.none() | amounts,
    specialist_evening=st.none() | amounts,
    is_specialist=st.booleans() | st.none(),
    minutes=st.integers(0, 4 * 366 * 24 * 60),
)
def test_no_answer_costs_more_than_what_was_shown(
    day: int,
    evening: int | None,
    specialist_day: int | None,
    specialist_evening: int | None,
    is_specialist: bool | None,
    minutes: int,
) -> None:
    one = rate("2ae", day, evening, specialist_day, specialist_evening)
    shown = price(Service.ECONSULTATION, rates={"2ae": one}, is_specialist=is_specialist)
    assert shown.low is not None
    assert shown.high is not None
    for specialist in (True, False) if is_specialist is None else (is_specialist,):
        cost = rules.amount(
            one, in_evening=rules.is_evening(TUESDAY + timedelta(minutes=minutes)), is_specialist=specialist
        )
        assert shown.low <= cost <= shown.high


def test_each_service_that_costs_has_a_code() -> None:
    assert set(rules.CODE_OF) == set(Service) - {Service.CONTACT}
    assert set(rules.CODE_OF.values()) <= set(CODES)


@pytest.mark.parametrize(
    ("kid", "is_right"),
    [
        ("0000000018", True),
        ("0000000019", True),  # by modulus 11
        ("0000000017", False),
        ("", False),
        ("1", False),
        ("00000000A8", False),
        ("000000006-", True),
    ],
)
def test_the_control_sign_of_a_kid(kid: str, is_right: bool) -> None:
    assert is_kid(kid) is is_right


NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("notified_at", "was_told", "fee"),
    [
        (None, True, None),
        (NOON - timedelta(days=2), True, 6000),
        (NOON - timedelta(days=2), False, None),
        (NOON - timedelta(days=2) + timedelta(seconds=1), True, None),
        (NOON + timedelta(hours=1), True, None),
    ],
)
def test_an_invoice_costs_only_who_was_told_and_had_two_days(
    notified_at: datetime | None, was_told: bool, fee: int | None
) -> None:
    assert told.fee_of_invoice(6000, notified_at=notified_at, was_told=was_told, now=NOON) == fee
    assert told.fee_of_invoice(None, notified_at=notified_at, was_told=was_told, now=NOON) is None


@pytest.mark.parametrize(("charges", "is_told", "fee"), [(True, True, 3500), (False, True, 0), (True, False, None)])
def test_a_reminder_costs_what_a_table_tells_where_the_office_has_chosen_it(
    charges: bool, is_told: bool, fee: int | None
) -> None:
    rate = Rate("reminder", 3500, None, None, None, date(2026, 1, 1), date(2026, 12, 31), "x")
    found = rules.reminder_fee({"reminder": rate} if is_told else {}, Terms(charges_reminder=charges))
    assert found == fee


@pytest.mark.parametrize(
    ("finding", "is_seen", "is_placed", "can"),
    [
        ("unknown", True, False, True),
        ("unknown", True, True, False),
        ("reused", True, True, False),
        ("less", True, True, True),
        ("twice", False, True, False),
        ("fits", True, True, False),
    ],
)
def test_what_was_put_aside_is_taken_up_again_but_not_what_was_put_on_an_invoice(
    finding: str, is_seen: bool, is_placed: bool, can: bool
) -> None:
    assert charge_rules.can_take_up(finding, is_seen=is_seen, is_placed=is_placed) is can
