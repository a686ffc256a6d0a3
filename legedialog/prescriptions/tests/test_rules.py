from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.core.errors import Refused
from legedialog.core.workdays import is_working_day
from legedialog.prescriptions import rules
from legedialog.prescriptions.rules import Entry, Facts, Group, Next, State, Status, Verdict, Warn

TODAY = date(2026, 11, 23)
# A metoprolol of her own doctor that runs out in ten days: nothing stops it.
PLAIN = Facts(
    valid_until=TODAY + timedelta(days=10),
    dispensings=4,
    dispensed=3,
    atc="C07AB02",
    last_dispensed=TODAY - timedelta(days=20),
)

# For each rule in STOPS: facts that make it hold, beside PLAIN.
MAKES = {
    "renewal-already-ordered": {"is_ordered": True},
    "renewal-withdrawn": {"is_withdrawn": True},
    "renewal-already-renewed": {"is_renewed": True},
    "renewal-group-a": {"group": Group.A},
    "renewal-group-b": {"group": Group.B},
    "renewal-group-unknown": {"group": Group.UNKNOWN},
    "renewal-antibiotic": {"atc": "J01CA08"},
    "renewal-needs-consultation": {"verdict": Verdict.CONSULTATION},
    "renewal-other-prescriber": {"is_ours": False},
    "renewal-never-had": {"dispensed": 0, "last_dispensed": None},
    "renewal-expired-too-long": {"valid_until": date(2026, 5, 22)},
    "renewal-too-early": {"valid_until": TODAY + timedelta(days=31)},
}


def code(facts: Facts, today: date = TODAY) -> str:
    found = rules.stop(facts, today)
    return found.refusal.code if found else ""


def test_nothing_stops_an_ordinary_one_that_runs_out_soon() -> None:
    assert code(PLAIN) == ""


def test_every_rule_is_tried_alone() -> None:
    assert list(MAKES) == [each.refusal.code for each in rules.STOPS]
    for name, facts in MAKES.items():
        assert code(replace(PLAIN, **facts)) == name  # type: ignore[arg-type]


def test_the_first_that_holds_wins_in_every_combination_of_what_a_prescription_may_be() -> None:
    """4,608 prescriptions, each judged here by the table's own words and by the function."""
    tried = 0
    for ordered, withdrawn, renewed, group, atc, verdict, ours, dispensed, before, days in product(
        (False, True),
        (False, True),
        (False, True),
        (Group.A, Group.B, Group.C),
        ("C07AB02", "J01CA08"),
        ("", Verdict.ALLOWED, Verdict.CONSULTATION),
        (True, False),
        (0, 2),
        (False, True),
        (-200, -10, 10, 300),
    ):
        facts = Facts(
            valid_until=TODAY + timedelta(days=days),
            dispensings=4,
            dispensed=dispensed,
            group=group,
            atc=atc,
            last_dispensed=TODAY - timedelta(days=20) if dispensed else None,
            is_withdrawn=withdrawn,
            is_ours=ours,
            was_collected_before=before,
            is_ordered=ordered,
            is_renewed=renewed,
            verdict=verdict,
        )
        expected = ""
        if ordered:
            expected = "already-ordered"
        elif withdrawn:
            expected = "withdrawn"
        elif renewed:
            expected = "already-renewed"
        elif group in (Group.A, Group.B):
            expected = f"group-{group.lower()}"
        elif atc.startswith("J01") and verdict != Verdict.ALLOWED:
            expected = "antibiotic"
        elif verdict == Verdict.CONSULTATION:
            expected = "needs-consultation"
        elif not ours:
            expected = "other-prescriber"
        elif not dispensed and not before:
            expected = "never-had"
        elif days == -200:
            expected = "expired-too-long"
        elif days == 300:
            expected = "too-early"
        assert code(facts) == (f"renewal-{expected}" if expected else ""), facts
        tried += 1
    assert tried == 4608


def test_every_refusal_has_a_code_a_text_a_source_and_a_next_step() -> None:
    for each in rules.STOPS:
        assert each.refusal.code.startswith("renewal-")
        assert str(each.refusal.to_patient)
        assert str(each.refusal.to_practice)
        assert each.refusal.source.startswith(("docs/facts.md#",))
        assert each.next
        assert each.when
    assert len({each.refusal.code for each in rules.STOPS}) == len(rules.STOPS)


def test_what_a_doctor_must_judge_leads_to_a_time() -> None:
    for each in rules.STOPS:
        judged = each.refusal.code.removeprefix("renewal-") not in {
            *("already-ordered", "already-renewed", "never-had", "too-early"),
        }
        assert (Next.BOOK in each.next) is judged


@pytest.mark.parametrize(
    ("days", "stopped"),
    [(30, False), (31, True)],
    ids=["thirty days before", "thirty-one days before"],
)
def test_it_may_be_renewed_from_thirty_days_before_it_runs_out(days: int, stopped: bool) -> None:
    facts = replace(PLAIN, valid_until=TODAY + timedelta(days=days))
    assert (code(facts) == "renewal-too-early") is stopped


@pytest.mark.parametrize(("last", "stopped"), [(date(2026, 5, 23), False), (date(2026, 5, 22), True)])
def test_six_months_after_it_ran_out_the_doctor_must_judge(last: date, stopped: bool) -> None:
    assert (code(replace(PLAIN, valid_until=last)) == "renewal-expired-too-long") is stopped


def test_an_antibiotic_that_the_office_has_allowed_may_be_renewed() -> None:
    assert code(replace(PLAIN, atc="J01XX05", verdict=Verdict.ALLOWED)) == ""


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"dispensed": 0}, State.AT_PHARMACY),
        ({}, State.PARTLY),
        ({"dispensed": 4}, State.USED_UP),
        ({"dispensed": 5}, State.USED_UP),
        ({"valid_until": TODAY}, State.PARTLY),
        ({"valid_until": TODAY - timedelta(days=1)}, State.EXPIRED),
        ({"valid_until": TODAY - timedelta(days=1), "dispensed": 4}, State.USED_UP),
        ({"is_withdrawn": True, "dispensed": 4}, State.WITHDRAWN),
    ],
)
def test_where_a_prescription_stands(facts: dict[str, object], state: State) -> None:
    assert rules.state(replace(PLAIN, **facts), TODAY) is state  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        ({}, PLAIN.valid_until),
        ({"supply_days": 100}, PLAIN.valid_until),  # she has enough at home, but not the prescription
        ({"supply_days": 10, "valid_until": date(2027, 6, 1)}, TODAY),  # one more package of ten days
        ({"dispensed": 4, "supply_days": 98}, TODAY + timedelta(days=78)),
        ({"dispensed": 4}, TODAY - timedelta(days=20)),
        ({"dispensed": 4, "last_dispensed": None}, PLAIN.valid_until),
    ],
)
def test_when_it_runs_out(facts: dict[str, object], last: date) -> None:
    assert rules.runs_out(replace(PLAIN, **facts)) == last  # type: ignore[arg-type]


# ---- states


def test_the_table_names_every_state_and_no_other() -> None:
    assert set(rules.MOVES) == set(Status.values)
    assert {to for moves in rules.MOVES.values() for to in moves} == set(Status.values) - {Status.SENT}
    assert set(rules.WHO) == set(Status.values) - {Status.SENT}


def test_open_states_can_all_end_in_every_way_and_ended_ones_never_move() -> None:
    for status in Status.values:
        if status in rules.OPEN:
            assert rules.MOVES[status] >= rules.DECIDED | rules.ENDED
        else:
            assert not rules.MOVES[status]


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("to", Status.values)
def test_a_move_outside_the_table_is_refused(status: str, to: str) -> None:
    if to in rules.MOVES[status]:
        rules.check_move(status, to)
    else:
        with pytest.raises(Refused) as refused:
            rules.check_move(status, to)
        assert refused.value.code == "renewal-decided"


@given(st.dates(date(2024, 1, 1), date(2032, 1, 1)))
def test_the_dates_come_in_order_and_on_working_days(sent: date) -> None:
    due, warn, lapse = rules.dates(sent)
    assert sent < due < warn < lapse
    assert all(is_working_day(day) for day in (due, warn, lapse))


# ---- the office's list


@pytest.mark.parametrize(
    ("atc", "expected"),
    [
        ("C09AA02", Verdict.ALLOWED),
        ("C09AA05", Verdict.CONSULTATION),  # the longest beginning
        ("C10AA01", ""),
        ("H03AA01", Verdict.CONSULTATION),  # the doctor's own line over the office's
        ("", ""),
    ],
)
def test_the_longest_beginning_wins_and_then_the_doctors_own_line(atc: str, expected: str) -> None:
    entries = [
        Entry("C09", Verdict.ALLOWED),
        Entry("C09AA05", Verdict.CONSULTATION),
        Entry("H03", Verdict.ALLOWED),
        Entry("H03", Verdict.CONSULTATION, "her"),
        Entry("C10", Verdict.CONSULTATION, "another doctor"),
    ]
    assert rules.verdict(atc, entries, {"her"}) == expected


# ---- warnings


@pytest.mark.parametrize(
    ("facts", "given_", "warn"),
    [
        ({"group": Group.B}, {}, Warn.GROUP),
        ({"group": Group.A}, {}, Warn.GROUP),
        ({"group": Group.UNKNOWN}, {}, Warn.NO_GROUP),
        ({"atc": "J01CA08"}, {}, Warn.ANTIBIOTIC),
        ({"verdict": Verdict.CONSULTATION}, {}, Warn.CONSULTATION),
        ({}, {"last_control": None}, Warn.NO_CONTROL),
        ({}, {"last_control": date(2025, 11, 22)}, Warn.NO_CONTROL),
        ({"valid_until": TODAY + timedelta(days=40)}, {}, Warn.EARLY),
        ({"valid_until": TODAY - timedelta(days=1)}, {}, Warn.EXPIRED),
        ({}, {"others": ["C07AB02"]}, Warn.DUPLICATE),
        ({}, {"has_interaction": True}, Warn.INTERACTION),
    ],
)
def test_the_office_is_warned(facts: dict[str, object], given_: dict[str, object], warn: Warn) -> None:
    asked = {"last_control": date(2025, 11, 23), "others": ["C10AA01"], "has_interaction": False, **given_}
    assert rules.warnings(replace(PLAIN, **facts), today=TODAY, **asked) == [warn]  # type: ignore[arg-type]


def test_an_ordinary_one_gives_no_warning() -> None:
    assert not rules.warnings(PLAIN, last_control=TODAY, others=[], has_interaction=False, today=TODAY)


@pytest.mark.parametrize(
    ("group", "dispensings", "paid", "may"),
    [("A", 1, False, True), ("A", 2, True, False), ("B", 2, False, False), ("B", 2, True, True), ("C", 9, False, True)],
)
def test_a_and_b_are_dispensed_once_but_b_that_is_paid_for(group: str, dispensings: int, paid: bool, may: bool) -> None:
    assert rules.may_write(group, dispensings, is_reimbursed=paid) is may


@pytest.mark.parametrize(
    ("kind", "group", "dispensings"),
    [("medicine", "A", 2), ("medicine", "B", 2), ("medicine", "", 1), ("equipment", "C", 1)],
)
def test_a_prescription_with_another_group_than_it_may_have_is_not_written(
    kind: str, group: str, dispensings: int
) -> None:
    with pytest.raises(Refused):
        rules.check_group(kind, group, dispensings, is_reimbursed=False)
    rules.check_group("medicine", "A", 1, is_reimbursed=False)
    rules.check_group("equipment", "", 4, is_reimbursed=False)
