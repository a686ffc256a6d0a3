"""Every command refuses what cannot be meant: in one line, with 2, and without having done anything."""

import inspect
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints
from uuid import uuid4

import pytest
import typer

from legedialog.audit.models import Event
from legedialog.core.identifiers import synthetic_number
from legedialog.operations import cli, environment
from legedialog.prescriptions.models import Source

RATES = "code;day;evening;specialist_day;specialist_evening;from;to;source\n"
FILES = {
    "empty": b"",
    "blank": b"\n \n",
    "binary": bytes(range(256)) * 20,
    "one-field": f'{RATES}2ad;"{"1" * 190_000}";;;;2026-01-01;2026-12-31;x\n'.encode(),
    "one-line": b"x" * 300_000,
    "deep": b"[" * 100_000,
    "other": json.dumps({"keys": "none", "type": "office", "resourceType": "Bundle", "entry": [1, None]}).encode(),
}
ODD = ("a\nb", "\udcff", "\u202e", "x" * 5000)
NONSENSE: dict[str, tuple[str, ...]] = {
    "datetime": ("0001-01-01", "9999-12-31", "yesterday", *ODD),
    "uuid": ("x", "", *ODD),
    "integer": ("-5", "x", "9" * 30, *ODD),
    "text": ODD,
}
PLAUSIBLE = {"datetime": "2026-11-24", "uuid": str(uuid4()), "integer": "7", "text": "Kari"}
WORDS = {"datetime": "datetime", "uuid": "UUID", "integer": "'int'", "text": "'str'"}
NUMBER = {"national_number": synthetic_number(date(1980, 1, 1), 1)}
TAKES_MORE = {("fees", "check"), ("operators", "add")}  # as many files as one likes; or it asks for a number first
OPEN_ENDED = {("shell",), ("serve",), ("demo",)}  # any text is right there, and they would begin


def commands(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(found, "commands"):
        for name, each in found.commands.items():
            yield from commands(each, (*path, name))
    else:
        yield path, found


COMMANDS = dict(commands(typer.main.get_command(cli.app)))


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def ready(**given: bool) -> Iterator[None]:
        yield  # the test has its settings and its database already

    monkeypatch.setattr(environment, "ready", ready)


def kind_of(command: Any, parameter: Any) -> str:
    hint = get_type_hints(inspect.unwrap(command.callback), include_extras=True)[parameter.name]
    (info,) = hint.__metadata__
    kinds = {str(each) for each in (hint.__origin__, *get_args(hint.__origin__))}
    if any("Path" in each for each in kinds):
        return "file" if info.exists else "new file" if info.file_okay else "folder"
    return next((name for name, word in WORDS.items() if any(word in each for each in kinds)), "flag")


def said(argv: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> tuple[Any, list[str]]:
    monkeypatch.setattr("sys.argv", ["legedialog", *argv])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capfd.readouterr().err.splitlines()


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_command_takes_what_it_does_not_know(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for more in (["--nonsense"], ["\udcff"], [] if path in TAKES_MORE else ["x"] * 9):
        if more:
            code, lines = said([*path, *more], monkeypatch, capfd)
            assert (code, len(lines)) == (2, 1), lines


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize("path", [path for path in COMMANDS if path not in OPEN_ENDED], ids=" ".join)
def test_each_argument_is_refused_when_it_cannot_be_meant(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    given = NONSENSE | {
        "file": (str(tmp_path / "gone"), *(str(tmp_path / name) for name in FILES), *ODD),
        "new file": (str(tmp_path), str(tmp_path / "gone" / "below"), *ODD[:3]),
        "folder": (str(tmp_path / "empty"), *ODD[:3]),
    }
    plausible = PLAUSIBLE | {"file": str(tmp_path / "other"), "new file": str(tmp_path / "new"), "folder": "/nowhere"}
    kinds = {each.name: kind_of(COMMANDS[path], each) for each in COMMANDS[path].params if each.name != "help"}
    parameters = [each for each in COMMANDS[path].params if kinds.get(each.name) in given]
    for one in parameters:
        for value in given[kinds[one.name]]:
            argv = list(path)
            for each in parameters:
                if each is one or each.required or each.name in NUMBER:
                    text = value if each is one else NUMBER.get(str(each.name), plausible[kinds[each.name]])
                    argv += [text] if each.param_type_name == "argument" else [each.opts[0], text]
            code, lines = said(argv, monkeypatch, capfd)
            assert code == 2 or (code == 1 and path == ("fees", "check")), (argv, lines)  # which is to find faults
            assert 0 < len(lines) < 30, (argv, lines)
            assert not any("Traceback" in line or len(line) > 6000 for line in lines), (argv, lines)
    assert not Event.objects.exclude(action="prescription-file.imported").filter(kind="change").exists()
    assert not Source.objects.exclude(heard_at=None).exists()
