"""The command that loads prescription files."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from legedialog.appointments.tests.factories import office
from legedialog.integrations.prescriptions import schema
from legedialog.operations import environment, prescriptions
from legedialog.prescriptions.models import Dispensing, Prescription, Source


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    @contextmanager
    def ready() -> Iterator[None]:
        yield  # the test has its settings and its database already

    monkeypatch.setattr(environment, "ready", ready)
    return lambda *words: CliRunner().invoke(prescriptions.app, [str(word) for word in words])


@pytest.fixture
def file(tmp_path: Path, db: None) -> Path:
    kari = office().patient()
    lines = [schema.DispensingLine.EXAMPLE, {**schema.PrescriptionLine.EXAMPLE, "patient": kari.national_number}]
    file = tmp_path / "prescriptions.ndjson"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return file


def test_a_file_is_loaded_and_then_loaded_again(run: Any, file: Path) -> None:
    first, second = (run("import", file, "--source", "Reseptformidleren") for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "1 new, 0 changed, 0 as before." in first.stdout
    assert "0 new, 0 changed, 1 as before." in second.stdout
    assert (Prescription.objects.count(), Dispensing.objects.count()) == (1, 1)
    assert Source.objects.get().name == "Reseptformidleren"


def test_a_dry_run_keeps_nothing(run: Any, file: Path) -> None:
    told = run("import", file, "--source", "Reseptformidleren", "--dry-run")
    assert "2 lines are good. Only checked: nothing was kept." in told.stdout
    assert not Prescription.objects.exists()


def test_bad_lines_are_told_with_number_and_code_and_the_command_fails(run: Any, file: Path) -> None:
    with file.open("a", encoding="utf-8") as more:
        more.write('\n{"type": "dispensing"}\nnonsense\n')
    told = run("import", file, "--source", "Reseptformidleren")
    assert told.exit_code == 2
    assert "line 3: missing-field: identifier is missing" in told.stderr
    assert "line 4: not-json:" in told.stderr
    assert "Nothing was loaded." in told.stderr
    assert not Prescription.objects.exists()
