"""docs/representation.md, made from the tables of representation.py."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from legedialog.patients.freshness import LIMITS
from legedialog.patients.representation import (
    ALL,
    ATTORNEY_AREAS,
    OPENS,
    RULES,
    AddressRule,
    Area,
    Case,
    Ground,
    decide,
)

HEAD = """# Who may act for whom

Made from `legedialog/patients/representation.py` by `legedialog docs`. A ground opens areas; each rule that holds
closes some of them again; several grounds add up. Asked at every request and again when queued work is delivered.

## Areas

| area | what a citizen does there |
| --- | --- |
"""

AGES = """
## How old a fact may be

Each fact carries the moment its register last confirmed it. An older one than the first limit is asked about before it
is used; one older than the second is not used, whatever the register's state. Why:
`docs/adr/0050-facts-that-grow-old.md`.

| fact | asked after, days | too old after, days | source |
| --- | --- | --- | --- |
"""


def page() -> str:
    """docs/representation.md."""
    from django.utils.translation import override

    with override("nb"):
        parts = [HEAD, *(f"| `{area.value}` | {area.label} |\n" for area in Area)]
        parts.append("\n## Grounds\n\n| ground | code 7611 | opens |\n| --- | --- | --- |\n")
        for ground in Ground:
            code = ground.value if ground is not Ground.YOUTH else ""
            parts.append(f"| {ground.name.lower()} | {code} | {_names(OPENS[ground])} |\n")
        parts.append("\nA power of attorney opens the areas it names: ")
        parts.append("; ".join(f"{number} {_names(opened) or 'nothing'}" for number, opened in ATTORNEY_AREAS.items()))
        parts.append(".\n\n## Rules\n\n| code | holds when | for | closes | told to the one who acts | source |\n")
        parts.append("| --- | --- | --- | --- | --- | --- |\n")
        for rule in RULES:
            whom = ", ".join(ground.name.lower() for ground in Ground if ground in rule.grounds)
            told = rule.text or "nothing"
            parts.append(f"| `{rule.code}` | {rule.when} | {whom} | {_names(rule.closes)} | {told} | {rule.source} |\n")
        parts.append(
            "\n## Decisions\n\nBoth live at the same address unless it says otherwise; nobody is protected.\n\n"
        )
        parts.append(
            "| ground | age | the person's level | office supports it | areas |\n| --- | --- | --- | --- | --- |\n"
        )
        parts += [f"| {' | '.join(row)} |\n" for row in _rows()]
    parts.append(AGES)
    parts += [
        f"| {fact.value} | {limit.asked_after.days} | {limit.lasts.days} | {limit.source} |\n"
        for fact, limit in LIMITS.items()
    ]
    return "".join(parts)


def _names(areas: frozenset[Area]) -> str:
    return "all" if areas == ALL else ", ".join(area.value for area in Area if area in areas)


def _rows() -> Iterator[list[str]]:
    cases = {
        "parent": (Case(40, 0, is_parent=True, lives_with=True), (0, 11, 12, 15, 16)),
        "parent, other parent at the address": (Case(40, 0, is_parent=True, other_parent_does=True), (0, 12, 16)),
        "parent, only the one at the address counts": (
            Case(40, 0, is_parent=True, other_parent_does=True, address_rule=AddressRule.OWN),
            (0, 12, 16),
        ),
        "parent, none at the address": (Case(40, 0, is_parent=True), (0, 12, 16)),
        "parent, protected address of one": (
            Case(40, 0, is_parent=True, lives_with=True, person_is_protected=True),
            (8,),
        ),
        "guardian": (Case(40, 0, is_guardian=True), (0, 12, 16, 40)),
        "attorney, area 1": (Case(40, 0, attorney_areas=frozenset({1})), (15, 16, 80)),
        "attorney, area 3": (Case(40, 0, attorney_areas=frozenset({3})), (15, 16, 80)),
        "attorney, areas 1 and 3": (Case(40, 0, attorney_areas=frozenset({1, 3})), (15, 16, 80)),
        "assigned": (Case(40, 0, is_assigned=True), (15, 16, 80)),
        "youth alone, with access": (Case(0, 0, is_self=True, has_youth_access=True), (12, 13, 15, 16)),
        "youth alone, without": (Case(0, 0, is_self=True), (12, 13, 15)),
    }
    for name, (case, ages) in cases.items():
        for age, level, office in product(ages, ("none", "basis", "full"), (True, False)):
            if case.is_self and not office:
                continue  # the office's support is about others who act
            asked = replace(case, person_age=age, consent=level, office=office)
            asked = replace(asked, actor_age=age) if case.is_self else asked
            yield [name, str(age), level, "yes" if office else "no", _names(decide(asked).areas) or "–"]
