"""What a log line says of a fault."""

import json
import logging
from collections.abc import Callable

import psycopg
import pytest
import structlog
from django.db import OperationalError
from psycopg import errors

from legedialog.config.logging import Choices, configure


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[BaseException], list[str]]:
    """What one page that fails writes, as production writes it and as a person reads it."""

    def written(error: BaseException) -> list[str]:
        handlers, level, others = logging.root.handlers[:], logging.root.level, structlog.get_config()
        found = []
        for readable in (False, True):
            configure(Choices(level="INFO", readable=readable, is_kept=False))
            try:
                raise OperationalError from error
            except OperationalError:
                logging.getLogger("django.request").exception("%s: %s", "Internal Server Error", "/hjem/")
            found.append(capsys.readouterr().err.strip())
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
        structlog.configure(**others)
        return found

    return written


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("connection refused"),
        errors.AdminShutdown("terminating"),
        errors.TooManyConnections("sorry"),
        errors.DiskFull("could not extend file"),
        psycopg.InterfaceError("the connection is closed"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_line_for_each_page(
    error: BaseException, lines: Callable[[BaseException], list[str]]
) -> None:
    production, readable = lines(error)
    said = json.loads(production)
    assert (said["event"], said["error"], "at" in said) == ("the database cannot be used", type(error).__name__, False)
    assert "the database cannot be used" in readable
    assert len(readable.splitlines()) == 1


def test_a_refused_statement_still_says_where_it_stands(lines: Callable[[BaseException], list[str]]) -> None:
    production, readable = lines(errors.QueryCanceled("statement timeout"))
    assert json.loads(production)["at"]
    assert "Traceback" in readable
    assert "/hjem/" not in production
