import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from typer.testing import CliRunner

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import office
from legedialog.core import fence
from legedialog.demo.engine import Stage
from legedialog.operations import cli, environment, given, serve

HOW_MANY = "print('sees', patients.models.Person.objects.count())\n"


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    @contextmanager
    def ready() -> Iterator[None]:
        with fence.works_for():
            yield  # the test has its settings and its database already

    monkeypatch.setattr(environment, "ready", ready)

    def type_in(*options: str, words: str = HOW_MANY) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(words))
        told = CliRunner().invoke(cli.app, ["shell", *options], input=words)
        if isinstance(told.exception, given.BadInput | serve.Problem):
            return str(told.exception)
        return told.output

    return type_in


def test_who_types_sees_the_rows_of_her_alone_whom_she_is_or_none(say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at = office()
    kari, _per = at.patient("Kari Testdal"), at.patient("Per Testvik")
    monkeypatch.setattr(Stage, "person", lambda self, name: kari.pk)
    monkeypatch.setattr(Stage, "staff", lambda self, name: at.staff(Role.SECRETARY))
    assert "sees 0" in say()
    assert "sees 1" in say("--as", "Kari Testdal")
    assert "sees 2" in say("--as", "Mona Haug")
    assert "sees 2" in say("--system", "to count")
    assert str(kari.pk) in say("--as", "Kari Testdal", words="print(actor.person_id)\n")
    assert "Mona Nobody is none of Kari Testdal, " in say("--as", "Mona Nobody")


def test_statements_are_shown_with_their_time(say: Any) -> None:
    told = say("--system", "to count", "--sql")
    assert " ms  SELECT COUNT(*)" in told


def test_there_is_none_where_the_data_are_of_real_people(say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MODE", "production")
    assert say() == "There is no shell where the data are of real people."
