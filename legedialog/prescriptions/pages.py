"""docs/renewal-rules.md and docs/renewal-states.md, made from the tables of rules.py."""

from django.utils.translation import override

from legedialog.prescriptions.rules import (
    BAD_DRAFT,
    DECIDED_ALREADY,
    DUE_DAYS,
    KEPT_MONTHS,
    LAPSE_DAYS,
    MOVES,
    NO_GP,
    NOTHING_CHOSEN,
    NUDGE_DAYS,
    STOPS,
    TOO_MANY,
    WARN_DAYS,
    WHO,
    Status,
    Warn,
)

RULES_HEAD = """# When a prescription may be renewed

Made from `legedialog/prescriptions/rules.py` by `legedialog docs`. The first rule that holds is the answer; when none
holds, the order goes to the office. The doctor decides whatever goes there.

| code | when | the citizen reads | what she can do | source |
| --- | --- | --- | --- | --- |
"""
STATES_HEAD = """# How a renewal moves

Made from `legedialog/prescriptions/rules.py` by `legedialog docs`. Each prescription in an order moves by itself.

| from | may become |
| --- | --- |
"""


def rules_page() -> str:
    with override("nb"):
        rows = [
            f"| `{each.refusal.code}` | {each.when} | {each.refusal.to_patient} | {', '.join(each.next)} "
            f"| {each.refusal.source} |\n"
            for each in STOPS
        ]
        other = [
            f"- `{each.code}`: {each.to_patient} ({each.source})\n"
            for each in (NO_GP, NOTHING_CHOSEN, TOO_MANY, DECIDED_ALREADY, BAD_DRAFT)
        ]
    return (
        RULES_HEAD
        + "".join(rows)
        + "\nOf the order as a whole:\n\n"
        + "".join(other)
        + f"\nAn expired prescription is shown for {KEPT_MONTHS} months. A reminder goes to her who opened one that "
        f"runs out within {NUDGE_DAYS} days and did not order within a day.\n"
        + "\n## What the office is warned of\n\n"
        + "".join(f"- `{warn.value}`\n" for warn in Warn)
    )


def states_page() -> str:
    rows = [
        f"| `{status}` | {', '.join(f'`{to}`' for to in Status.values if to in MOVES[status]) or 'nothing'} |\n"
        for status in Status.values
    ]
    who = [f"| `{status}` | {by} |\n" for status, by in WHO.items()]
    return (
        STATES_HEAD
        + "".join(rows)
        + "\n| to | by whom |\n| --- | --- |\n"
        + "".join(who)
        + f"\nShe is told to expect an answer within {DUE_DAYS} working days. After {WARN_DAYS} both sides are warned, "
        f"and after {LAPSE_DAYS} what nobody has treated lapses. Holidays and weekends do not count.\n"
    )
