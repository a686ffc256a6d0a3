"""What the import contracts and the linters do not ask."""

import tomllib

from legedialog.operations import floors
from legedialog.operations.tests.test_named_files import ROOT

WIDE = 160
STILL_WIDER = 400  # lines of templates. Lower it when you break some


def test_lines_of_templates_are_not_wider_than_a_screen() -> None:
    """White space inside a tag, between blocks, and where there is some already may be a new line."""
    wide = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in sorted((ROOT / "legedialog").rglob("*.html"))
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1)
        if len(line) > WIDE
    ]
    assert len(wide) <= STILL_WIDER, "\n".join(["", f"{len(wide)} are wider than {WIDE}:", *wide])


def test_each_context_keeps_to_the_kinds_of_modules() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (inside,) = [each for each in contracts if each["name"].startswith("Inside a context")]
    rooms = [room for floor in floors.floors() for room in floor]
    contexts = [*rooms[rooms.index("journeys") + 1 : rooms.index("ui")], "api"]
    told = {each.removeprefix("legedialog.") for each in inside["containers"]}
    assert told == set(contexts), "a new context stands in the containers of the contract in pyproject.toml"
