"""What the import contracts and the linters do not ask."""

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from legedialog.operations import floors
from legedialog.operations.tests.test_named_files import ROOT

LONG = 550  # lines of a file of Python
LONGER = {
    "config/settings.py": "one list of what is set, each with its variable, its kind and its default",
}
WIDE = 160
STILL_WIDER = 166  # lines of templates. Lower it when you break some


def test_lines_of_templates_are_not_wider_than_a_screen() -> None:
    """White space inside a tag, between blocks, and where there is some already may be a new line."""
    wide = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in sorted((ROOT / "legedialog").rglob("*.html"))
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1)
        if len(line) > WIDE
    ]
    assert len(wide) <= STILL_WIDER, "\n".join(["", f"{len(wide)} are wider than {WIDE}:", *wide])


def test_what_people_wrote_is_plain_text_in_a_title() -> None:
    """`written` is a tag of HTML, which a title and an attribute show as it stands."""
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in (ROOT / "legedialog").rglob("*.html")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if re.search(r"block title %\}[^%]*\|written|=\"[^\"]*\|written", line)
    ]
    assert not found


def test_a_long_file_holds_one_thing_and_says_which() -> None:
    long = {
        str(file.relative_to(ROOT / "legedialog"))
        for file in (ROOT / "legedialog").rglob("*.py")
        if file.parent.name != "migrations" and len(file.read_text(encoding="utf-8").splitlines()) > LONG
    }
    assert long == set(LONGER), "two things: move one; one thing: say which in LONGER; no longer long: take it out"


def test_each_context_keeps_to_the_kinds_of_modules() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (inside,) = [each for each in contracts if each["name"].startswith("Inside a context")]
    rooms = [room for floor in floors.floors() for room in floor]
    contexts = [*rooms[rooms.index("journeys") + 1 : rooms.index("ui")], "api"]
    told = {each.removeprefix("legedialog.") for each in inside["containers"]}
    assert told == set(contexts), "a new context stands in the containers of the contract in pyproject.toml"


# What writes a row whole, or removes it, beside core/writing.py. Nothing else may stand here.
WRITE_THEMSELVES = {
    "core/rotation.py: delete": "data keys that seal nothing any more: by the owner's connection, in a command",
    "api/services.py: update(**)": "one of two names, in the same line",
}


def test_rows_are_written_whole_and_removed_by_core_writing_alone() -> None:
    """Django's bare `save` writes every column, also those that the web role may not change. See ADR 40."""
    package = ROOT / "legedialog"
    found = {
        f"{file.relative_to(package)}: {how}"
        for file in package.rglob("*.py")
        if not {"tests", "migrations"} & set(file.parts) and file != package / "core" / "writing.py"
        for how in _writes(file.read_text(encoding="utf-8"))
    }
    assert found == set(WRITE_THEMSELVES), "use writing.save, writing.add and writing.remove, or name the columns"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("row.save()", ["save"]),
        ("Row(at=now).save()", ["save"]),
        ("rows.filter(pk=key).delete()", ["delete"]),
        ("rows.update(**told)", ["update(**)"]),
        ("row.save(using='default')", ["save"]),
        ("rows.update(at=now)\nrow.save(update_fields=['at'])\nrow.save(force_insert=True)\nwriting.save(row)", []),
        ("image.save(file)\npage.save(text=text)\nknown.update({'a': 1})", []),
    ],
)
def test_a_row_that_is_written_whole_is_found(code: str, found: list[str]) -> None:
    assert list(_writes(code)) == found


def _writes(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.args:
            continue  # what is given something by its place is a file, a dict, or a function of ours
        named = {each.arg for each in node.keywords}
        name = node.func.attr
        if name == "delete" or (name == "save" and named <= {"using", "force_update"}):
            yield name
        elif name == "update" and None in named:
            yield "update(**)"
