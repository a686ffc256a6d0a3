"""Prometheus' alert rules and their tests in deploy/prometheus/, made from the measures (`legedialog docs`)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from legedialog.core import contexts

HEAD = "# Made by `legedialog docs` from the `measures` of the contexts.\n"
FOR = 5  # minutes that it must last
NOT_SHOWN = "legedialog_not_shown_total"
UP, DATABASE = 'up{job="legedialog"}', "legedialog_database_up"


@dataclass(frozen=True, slots=True)
class Alert:
    """`bad` and `good` are values of `series` for which it goes off, and does not.

    `must_be`: it also goes off while there is no such series at all, though what gives it is there.
    """

    name: str
    expression: str
    about: str
    advice: str
    series: str
    bad: float
    good: float
    must_be: bool = False


def alerts() -> Iterator[Alert]:
    yield Alert(
        *("LegedialogIsDown", f"{UP} == 0 or absent({UP})", "A node does not answer Prometheus, or it knows of none."),
        *("Look at `systemctl status legedialog-web` there; the scrape job is called `legedialog`.", UP),
        bad=0,
        good=1,
        must_be=True,
    )
    yield Alert(
        *("LegedialogHasNoDatabase", f"{DATABASE} == 0", "The database does not answer."),
        *("Is PostgreSQL running, and is its disk full?", DATABASE),
        bad=0,
        good=1,
    )
    yield Alert(
        *("LegedialogCannotShow", f"sum({NOT_SHOWN}) > 0", "What some rows hold cannot be shown."),
        *("Each is a line `not shown` in the log with its field and row: put the row back from a backup.", NOT_SHOWN),
        bad=1,
        good=0,
    )
    for each in contexts.measures():
        series = f"legedialog_{each.name}"
        sign, step = ("<", -1) if each.is_least else (">", 1)
        name = "Legedialog" + "".join(word.capitalize() for word in each.name.split("_"))
        expression = f"{series} {sign} {each.worry:g}"
        if each.must_be:
            expression += f" or (absent({series}) and on() max({DATABASE}) == 1)"
        yield Alert(name, expression, each.about, each.advice, series, each.worry + step, each.worry, each.must_be)


def rules() -> str:
    lines = [HEAD + "groups:", "  - name: legedialog", "    rules:"]
    for each in alerts():
        lines += [
            f"      - alert: {each.name}",
            f"        expr: {json.dumps(each.expression)}",
            f"        for: {FOR}m",
            "        annotations:",
            f"          summary: {json.dumps(each.about)}",
            f"          description: {json.dumps(each.advice)}",
        ]
    return "\n".join(lines) + "\n"


def tests() -> str:
    """`promtool test rules`: each goes off at its bad value after a while, and not at the last good one."""
    lines = [HEAD + "rule_files: [legedialog.rules.yml]", "evaluation_interval: 1m", "tests:"]
    for each in alerts():
        cases: list[tuple[float | None, bool]] = [(each.bad, True), (each.good, False)]
        for value, goes_off in cases + [(None, True)] * each.must_be:
            labels = {"job": "legedialog"} if "{" in each.series else {}
            series, given = (DATABASE, 1) if value is None else (each.series, value)
            told = {"exp_labels": labels, "exp_annotations": {"summary": each.about, "description": each.advice}}
            lines += [
                "  - interval: 1m",
                "    input_series:",
                f"      - series: {json.dumps(series)}",
                f"        values: {json.dumps(f'{given:g}x{2 * FOR}')}",
                "    alert_rule_test:",
                f"      - eval_time: {FOR + 1}m",
                f"        alertname: {each.name}",
                f"        exp_alerts: {json.dumps([told] if goes_off else [])}",
            ]
    return "\n".join(lines) + "\n"
