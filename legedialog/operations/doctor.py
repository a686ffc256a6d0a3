"""`legedialog doctor`: a look over a system that runs, one line each, with what to do. See watch.py."""

import sys
from typing import Any

import django
import typer

from legedialog.operations import environment

GOOD, BAD, UNKNOWN = "ok  ", "LOOK", "?   "


def command() -> None:
    """Look over the system: one line for each thing, and for those that need somebody what to do. Ends with 1 then."""
    with environment.ready():
        from django.db import DatabaseError, connection
        from django.utils import timezone

        from legedialog.attachments import intake
        from legedialog.audit import sealing
        from legedialog.core import contexts
        from legedialog.operations import fence, health, standing, watch
        from legedialog.outbox import queries

        found: dict[str, Any] = health.ready()
        now = timezone.now()
        bad = 0

        def say(is_good: bool, words: str, advice: str = "") -> None:
            nonlocal bad
            bad += not is_good
            typer.echo(f"{GOOD if is_good else BAD} {words}{'' if is_good else f' {advice}'}")

        is_up = found["database"] == "up"
        for part, word in health.GOOD.items():
            if found[part] != "unknown":
                is_new = part == "database" and not is_up and _owner_gets_in()
                advice = ADVICE["no role" if is_new else part]
                say(found[part] == word, f"{part}: {found[part]}.", advice)
        for fault in intake.faults():
            say(False, f"files: {fault}.", intake.ADVICE[fault])
        names = {each.name for each in contexts.measures()}
        measures = {name: value for name, value in found.items() if name in names}
        if is_up:
            try:
                measures |= watch.slow(now)
                typer.echo(f"{GOOD} PostgreSQL {connection.pg_version // 10000}, {_versions()}.")  # type: ignore[attr-defined]
                for line in fence.advice():
                    say(False, line)
                for line in standing.faults():
                    say(False, f"database: {line}.", ADVICE["standing"])
                if queries.is_closed():
                    say(False, "notices: closed; nothing goes out.", ADVICE["closed"])
                if sealing.odd():
                    say(False, "log: it holds lines that no code of ours writes.", ADVICE["log"])
            except DatabaseError as error:
                say(False, f"database: {type(error).__name__}.", ADVICE["database"])
        else:
            typer.echo(f"{UNKNOWN} What only the database knows is not looked at.")
        for measure in contexts.measures():
            value = measures.get(measure.name)
            if measure.name in SAID or (value is None and not is_up and measure.name != "backup_age_seconds"):
                continue
            if value is None and not measure.must_be:
                typer.echo(f"{UNKNOWN} {measure.name}: there is none to measure. {measure.about}")
            elif value is None:
                say(False, f"{measure.name}: never. {measure.about}", measure.advice)
            else:
                say(not measure.is_worrying(value), f"{measure.name}: {value:g}. {measure.about}", measure.advice)
        typer.echo(f"Needs somebody: {bad}." if bad else "All is well.")
        if bad:
            raise typer.Exit(1)


# Of each process that makes pages, in its own metrics, and this is none; or said above with its reason.
SAID = ("pool_waiting", "files_not_taken")
ADVICE = {
    "no role": "PostgreSQL answers, and does not know the role of the pages. Run `legedialog migrate`.",
    "database": "Is PostgreSQL running, and does DATABASE_URL lead to it? Of one that is failing its own log tells.",
    "migrations": "Run `legedialog migrate`.",
    "fence": "Run `legedialog migrate`; the log of `legedialog web` says what is wrong.",
    "keys": "Is LEGEDIALOG_MASTER_KEY the right one, and does the key server answer?",
    "disk": "Free some space.",
    "standing": "Whoever owns the tables changed it since the last migration: docs/operator.md.",
    "closed": "When this is the original, and no copy of it: `legedialog outbox open`.",
    "log": "Somebody wrote them past the product. `legedialog audit verify` names their batches.",
}


def _owner_gets_in() -> bool:
    """Then the server is well, and nothing has been migrated yet."""
    from django.db import DatabaseError, connections

    try:
        connections["owner"].ensure_connection()
    except DatabaseError:
        return False
    connections["owner"].close()
    return True


def _versions() -> str:
    from importlib.metadata import version

    return f"Legedialog {version('legedialog')}, Django {django.get_version()}, Python {sys.version.split()[0]}"
