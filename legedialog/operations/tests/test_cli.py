import errno

import psycopg
import pytest
import typer
from cryptography.exceptions import InvalidTag
from django.db import DatabaseError, OperationalError

from legedialog.core.master import KeyServerFailed, MasterUnknown
from legedialog.operations import cli
from legedialog.operations.env import BadSetting

AWAY = psycopg.OperationalError("connection refused\n\tIs the server running?")


def raised(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def rewrap() -> None:
        raise problem

    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr("sys.argv", ["legedialog"])
    cli.main()


def as_django_says_it(cause: psycopg.Error, said: type[DatabaseError] = DatabaseError) -> Exception:
    error = said(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (KeyServerFailed("it is down"), "it is down"),
        (MasterUnknown("no key"), "no key"),
        (BadSetting("X is not set"), "X is not set"),
        (InvalidTag(), "LEGEDIALOG_MASTER_KEY is not the one"),
        (
            as_django_says_it(AWAY, OperationalError),
            "The database does not answer: connection refused. Does DATABASE_URL",
        ),
        (AWAY, "The database does not answer: connection refused. Does DATABASE_URL"),
        (as_django_says_it(psycopg.errors.UndefinedTable("no such table")), "Run `legedialog migrate`"),
        (as_django_says_it(psycopg.errors.UndefinedColumn("no such column")), "Run `legedialog migrate`"),
        (as_django_says_it(psycopg.errors.InsufficientPrivilege("denied")), "Run `legedialog migrate`"),
        (as_django_says_it(psycopg.errors.DiskFull("no space left")), "The disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "rates.json"), "rates.json: Permission denied."),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_somebody_outside_the_code_can_mend_is_said_in_one_line(
    problem: Exception, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`legedialog keys rewrap` with the key server down, or any command with the database away, say."""
    with pytest.raises(SystemExit) as ended:
        raised(problem, monkeypatch)
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "fault", [KeyError("x"), OSError("odd"), as_django_says_it(psycopg.errors.UniqueViolation("Kari Testdal is there"))]
)
def test_a_fault_of_ours_is_traced(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(type(fault)):
        raised(fault, monkeypatch)
