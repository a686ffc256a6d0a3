"""The command that loads tables of rates."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from legedialog.access.actor import Role
from legedialog.appointments.tests.factories import office
from legedialog.fees import services
from legedialog.fees.tables import COLUMNS
from legedialog.operations import environment, fees

TABLE = f"""{";".join(COLUMNS)}
2ad;180;300;235;355;2027-01-01;2027-06-30;Example
2ad;190;310;245;365;2027-07-01;2027-12-31;Example
701a;65;;;;2027-01-01;2027-12-31;Example
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    @contextmanager
    def ready(**_how: bool) -> Iterator[None]:
        yield  # the test has its settings and its database already

    monkeypatch.setattr(environment, "ready", ready)
    return lambda *words: CliRunner().invoke(fees.app, [str(word) for word in words])


def test_a_table_that_is_loaded_is_told_of_and_who_tells_it(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "Rates 2027.csv"
    file.write_text(TABLE, encoding="utf-8")
    told = run("load", file).stdout
    assert "rates-2027 is loaded." in told
    assert "3 rates of 2 codes, from 2027-01-01 to 2027-12-31." in told
    assert "Not told of on 2027-12-31: 2ae, " in told
    assert "Offices that tell it: 0." in told
    at = office()
    services.confirm(actor=at.staff(Role.MANAGER), practice_id=at.practice.pk, name="rates-2027", now=timezone.now())
    told = run("load", file).stdout
    assert "rates-2027 was loaded before, and nothing is changed." in told
    assert "Offices that tell it: 1." in told


def test_another_table_of_the_same_name_is_refused_in_words(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(TABLE, encoding="utf-8")
    run("load", file)
    file.write_text(TABLE.replace("180", "181"), encoding="utf-8")
    refused = run("load", file).exception
    assert str(refused) == "A table named rates is loaded already, with other rates. Give this one another --name."


def test_a_file_is_checked_in_a_few_lines(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(TABLE, encoding="utf-8")
    told = run("check", file).stdout.splitlines()
    assert told[0] == "No fault. Rates: 3, files: 1."
    assert told[1].startswith("Not told of on 2027-12-31: 2ae, ")
    assert len(told) == 2


def test_a_table_with_faults_says_which_and_loads_nothing(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(TABLE.replace("701a", "999"), encoding="utf-8")
    told = run("load", file)
    assert told.exit_code == 2
    assert "line 4: unknown code '999'" in told.stderr
