"""The rules, and a second reading of them that only says what must never be."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legedialog.patients.freshness import Fact
from legedialog.patients.representation import (
    ALL,
    OPENS,
    RULES,
    AddressRule,
    Area,
    Case,
    Decision,
    Ground,
    Restriction,
    decide,
    is_hidden,
)
from legedialog.patients.representation_page import page

CASES = st.builds(
    Case,
    actor_age=st.sampled_from([0, 11, 12, 13, 15, 16, 17, 18, 40]),
    person_age=st.sampled_from([0, 11, 12, 13, 15, 16, 17, 18, 80]),
    is_self=st.booleans(),
    is_parent=st.booleans(),
    is_guardian=st.booleans(),
    attorney_areas=st.frozensets(st.sampled_from([1, 2, 3])),
    is_assigned=st.booleans(),
    has_youth_access=st.booleans(),
    actor_has_address=st.booleans(),
    lives_with=st.booleans(),
    other_parent_does=st.booleans(),
    address_rule=st.sampled_from(AddressRule),
    actor_is_protected=st.booleans(),
    person_is_protected=st.booleans(),
    someone_is_dead=st.booleans(),
    consent=st.sampled_from(["none", "basis", "full"]),
    office=st.sampled_from([True, False, None]),
    is_reserved=st.booleans(),
    is_locked=st.booleans(),
    too_old=st.frozensets(st.sampled_from(Fact)),
)
AT_THE_OFFICE = {Area.APPOINTMENTS, Area.BOOKING, Area.INBOX, Area.MESSAGES, Area.PRESCRIPTIONS}


def what_must_never_be(case: Case, decision: Decision) -> list[str]:
    """Written from docs/facts.md#children and #acting-for-another, and from nothing in the code."""
    areas = decision.areas
    acts_for_another = bool(areas) and not case.is_self
    child = case.person_age < 16
    attorney = case.attorney_areas & {1, 3} and case.person_age >= 16 and case.actor_age >= 18
    assigned = case.is_assigned and case.person_age >= 16 and case.actor_age >= 18
    guardian = case.is_guardian and case.actor_age >= 18
    parent = case.is_parent and child and case.actor_age >= 16
    here = case.lives_with or (case.other_parent_does and case.address_rule is AddressRule.ANY)
    parent = parent and case.actor_has_address and (here or case.address_rule is AddressRule.OFF)
    wrongs = {
        "a protected person is represented or represents": acts_for_another
        and (case.actor_is_protected or case.person_is_protected),
        "without any right": acts_for_another and not (attorney or guardian or parent or assigned),
        "somebody is dead": bool(areas) and case.someone_is_dead,
        "what no register has confirmed for a week opens anything": acts_for_another
        and (
            Fact.PERSON in case.too_old
            or (case.is_parent and Fact.PARENTHOOD in case.too_old and not (attorney or guardian or assigned))
            or (case.is_guardian and Fact.GUARDIANSHIP in case.too_old and not (attorney or parent or assigned))
        ),
        "in writing, though nobody knows whether she is reserved": acts_for_another
        and Fact.RESERVATION in case.too_old
        and bool(areas & {Area.INBOX, Area.MESSAGES}),
        "at an office that may no longer be hers": acts_for_another
        and Fact.LIST in case.too_old
        and bool(areas & AT_THE_OFFICE),
        "everything is locked": bool(areas) and case.is_locked,
        "a right to act opens what is her own": case.is_self and not case.has_youth_access and bool(areas),
        "a youth outside 13 to 15": case.is_self and bool(areas) and not 13 <= case.person_age <= 15,
        "a youth without Full": case.is_self and bool(areas) and case.consent != "full",
        "a youth books, writes or sees the hospital": case.is_self
        and bool(areas & {Area.BOOKING, Area.MESSAGES, Area.SPECIALIST, Area.CONSENT}),
        "wider than the represented has (basis)": case.consent == "basis" and not areas <= {Area.GP, Area.CONSENT},
        "wider than the represented has (none)": case.consent == "none" and not areas <= {Area.CONSENT},
        "not narrowed at 12": 12 <= case.person_age < 16 and bool(areas & {Area.SPECIALIST, Area.MESSAGES}),
        "the office cannot carry it": acts_for_another and case.office is not True and bool(areas & AT_THE_OFFICE),
        "reserved, and still in writing": acts_for_another
        and case.is_reserved
        and bool(areas & {Area.INBOX, Area.MESSAGES}),
        "someone else chooses consent from 16": not child and Area.CONSENT in areas,
        "more than the attorney names": bool(
            attorney
            and not guardian
            and not assigned
            and areas
            - ({Area.GP} if 1 in case.attorney_areas else set())
            - (ALL - {Area.GP} if 3 in case.attorney_areas else set())
        ),
    }
    return [wrong for wrong, happened in wrongs.items() if happened]


@settings(max_examples=3000, deadline=None)
@given(CASES)
def test_nothing_gives_more_than_the_rules_say(case: Case) -> None:
    assert what_must_never_be(case, decide(case)) == []


@settings(max_examples=500, deadline=None)
@given(CASES)
def test_what_is_closed_is_told_or_private_and_what_is_open_has_a_ground(case: Case) -> None:
    decision = decide(case)
    assert bool(decision.areas) is (decision.ground is not None)
    assert all(reason.text and not reason.closes & decision.areas for reason in decision.reasons)
    if decision.is_private:
        assert not decision.areas


def test_the_second_reading_finds_what_is_wrong() -> None:
    everything = Decision(areas=ALL, ground=Ground.PARENT)
    teenager = Case(40, 13, is_parent=True, consent="basis")
    found = what_must_never_be(teenager, everything)
    assert {"without any right", "wider than the represented has (basis)", "not narrowed at 12"} <= set(found)


PARENT = Case(40, 8, is_parent=True, lives_with=True, consent="full")


@pytest.mark.parametrize(
    ("what", "case", "opened"),
    [
        ("a parent of a child of 8", PARENT, ALL),
        ("of 12", replace(PARENT, person_age=12), ALL - {Area.SPECIALIST, Area.MESSAGES}),
        ("of 16", replace(PARENT, person_age=16), frozenset()),
        ("who lives elsewhere, the other does not", replace(PARENT, lives_with=False, other_parent_does=True), ALL),
        (
            "the same where only the one at the address counts",
            replace(PARENT, lives_with=False, other_parent_does=True, address_rule=AddressRule.OWN),
            frozenset(),
        ),
        ("none at the address", replace(PARENT, lives_with=False), frozenset()),
        (
            "the same where addresses do not count",
            replace(PARENT, lives_with=False, address_rule=AddressRule.OFF),
            ALL,
        ),
        ("moved abroad", replace(PARENT, actor_has_address=False, address_rule=AddressRule.OFF), frozenset()),
        ("the child is on Basis", replace(PARENT, consent="basis"), frozenset({Area.GP, Area.CONSENT})),
        ("the child has none", replace(PARENT, consent="none"), frozenset({Area.CONSENT})),
        (
            "the office cannot",
            replace(PARENT, office=False),
            frozenset({Area.GP, Area.SPECIALIST, Area.CONSENT}),
        ),
        ("a guardian of a child", Case(40, 8, is_guardian=True, consent="full"), ALL),
        ("a guardian of an adult", Case(40, 80, is_guardian=True, consent="full"), ALL - {Area.CONSENT}),
        ("area 1", Case(50, 80, attorney_areas=frozenset({1}), consent="full"), frozenset({Area.GP})),
        ("area 2", Case(50, 80, attorney_areas=frozenset({2}), consent="full"), frozenset()),
        (
            "area 3",
            Case(50, 80, attorney_areas=frozenset({3}), consent="full"),
            ALL - {Area.GP, Area.CONSENT},
        ),
        ("assigned", Case(50, 80, is_assigned=True, consent="full"), ALL - {Area.CONSENT}),
        ("assigned, the patient is on Basis", Case(50, 80, is_assigned=True, consent="basis"), frozenset({Area.GP})),
        ("assigned, a relative of 17", Case(17, 80, is_assigned=True, consent="full"), frozenset()),
        ("assigned, a patient of 15", Case(50, 15, is_assigned=True, consent="full"), frozenset()),
        (
            "a youth with access",
            Case(14, 14, is_self=True, has_youth_access=True, consent="full"),
            frozenset({Area.GP, Area.APPOINTMENTS, Area.INBOX, Area.PRESCRIPTIONS}),
        ),
        ("a stranger", Case(40, 8, consent="full"), frozenset()),
    ],
)
def test_what_each_may(what: str, case: Case, opened: frozenset[Area]) -> None:
    assert decide(case).areas == opened, what


def test_a_parent_is_told_why_it_narrowed() -> None:
    reasons = decide(replace(PARENT, person_age=14)).reasons
    assert [reason.code for reason in reasons] == ["narrows-at-12"]
    assert "fylt 12 år" in str(reasons[0].text)


def test_nothing_is_said_of_somebody_the_register_protects() -> None:
    decision = decide(replace(PARENT, person_is_protected=True))
    assert decision == Decision(is_private=True)


def test_items_are_hidden_from_those_they_are_hidden_from() -> None:
    assert is_hidden(Restriction.FROM_PARENTS, Ground.PARENT)
    assert is_hidden(Restriction.FROM_PARENTS, Ground.GUARDIAN)
    assert not is_hidden(Restriction.FROM_PARENTS, Ground.YOUTH)
    assert is_hidden(Restriction.FROM_YOUTH, Ground.YOUTH)
    assert not is_hidden(Restriction.FROM_YOUTH, Ground.PARENT)
    assert not any(is_hidden(Restriction.NORMAL, ground) for ground in [None, *Ground])


def test_every_rule_has_a_source_a_name_of_its_own_and_a_text_or_a_reason_for_none() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert all(rule.source and bool(rule.text) is not rule.is_private for rule in RULES)
    assert set(OPENS) == set(Ground)


def test_the_page_names_every_rule() -> None:
    text = page()
    assert all(f"| `{rule.code}` |" in text for rule in RULES)
