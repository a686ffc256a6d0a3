"""What the import contracts do not ask themselves: that each context is among those they are about."""

import tomllib

from legedialog.operations import floors
from legedialog.operations.tests.test_named_files import ROOT


def test_each_context_keeps_to_the_kinds_of_modules() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (inside,) = [each for each in contracts if each["name"].startswith("Inside a context")]
    rooms = [room for floor in floors.floors() for room in floor]
    contexts = [*rooms[rooms.index("journeys") + 1 : rooms.index("ui")], "api"]
    told = {each.removeprefix("legedialog.") for each in inside["containers"]}
    assert told == set(contexts), "a new context stands in the containers of the contract in pyproject.toml"
