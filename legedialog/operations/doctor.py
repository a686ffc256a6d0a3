"""`legedialog doctor`: a look over a system that runs, one line each, with what to do. See watch.py."""

import sys

import django
import typer

from legedialog.operations import environment

GOOD, BAD = "ok  ", "LOOK"


def command() -> None:
    """Look over the system: one line for each thing, and for those that need somebody what to do. Ends with 1 then."""
    with environment.ready():
        from django.db import DatabaseError, connection
        from django.utils import timezone

        from legedialog.operations import fence, health, watch

        found = health.ready()
        now = timezone.now()
        bad = 0

        def say(is_good: bool, words: str, advice: str = "") -> None:
            nonlocal bad
            bad += not is_good
            typer.echo(f"{GOOD if is_good else BAD} {words}{'' if is_good else f' {advice}'}")

        for part, word in health.GOOD.items():
            say(found[part] == word, f"{part}: {found[part]}.", ADVICE[part])
        measures = {name: value for name, value in found.items() if name in watch.BY_NAME}
        if found["database"] == "up":
            try:
                measures |= watch.slow(now)
                typer.echo(f"{GOOD} PostgreSQL {connection.pg_version // 10000}, {_versions()}.")  # type: ignore[attr-defined]
                for line in fence.advice():
                    say(False, line)
            except DatabaseError as error:
                say(False, f"database: {type(error).__name__}.", ADVICE["database"])
        for measure in watch.MEASURES:
            value = measures.get(measure.name)
            if value is None:
                is_missing = measure.name in NEVER_MISSING
                say(not is_missing, f"{measure.name}: nothing is known. {measure.about}", measure.advice)
            else:
                say(not measure.is_worrying(value), f"{measure.name}: {value:g}. {measure.about}", measure.advice)
        typer.echo(f"{bad} things need somebody." if bad else "All is well.")
        if bad:
            raise typer.Exit(1)


# Of these no answer is an answer too: no worker has ever reported, no backup was ever made here.
NEVER_MISSING = ("worker_heartbeat_age_seconds", "backup_age_seconds")
ADVICE = {
    "database": "Is PostgreSQL running, and does DATABASE_URL lead to it?",
    "migrations": "Run `legedialog migrate`.",
    "fence": "Run `legedialog migrate`; the log of `legedialog web` says what is wrong.",
    "keys": "Is LEGEDIALOG_MASTER_KEY the right one, and does the key server answer?",
    "disk": "Free some space.",
}


def _versions() -> str:
    from importlib.metadata import version

    return f"Legedialog {version('legedialog')}, Django {django.get_version()}, Python {sys.version.split()[0]}"
