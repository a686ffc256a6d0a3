"""What a context offers, somebody uses: a page, a job, a command, the API. What only tests call is found here."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
# What is found by a framework: by address, by name in a template, by decorator, from the command line.
ENTRANCES = {"apps", "web", "urls", "tasks", "templatetags", "middleware", "context", "forms", "about", "checks"}
SHELLS = {"portal", "workspace", "config", "operations", "demo", "integrations"}
# What nothing calls yet, each with what it waits for. Nothing else may stand here: it is used, or it goes.
WAITS: dict[str, str] = {
    "core.contexts.rows.is_open": "a table that needs no policy says why; every table there is has one",
    "dialogues.services.deliver": "an outside record system tells that it has taken a dialogue in (Intake.is_external)",
    "core.crypto.forget_keys": "tests begin without keys that others have opened",
    "core.sealing.bind_beside": "migrations bring up what was sealed before its field said `beside`",
    "journeys.telling.decide": "tests decide of one notice; the worker decides of all of a round",
    "prescriptions.m1.content": "Reseptformidleren is told of a signed prescription",
}

Name = tuple[str, str]  # module, and what is defined in it


@cache
def _trees() -> dict[str, ast.Module]:
    found = {}
    for file in PACKAGE.rglob("*.py"):
        parts = ("legedialog", *file.relative_to(PACKAGE).with_suffix("").parts)
        if not {"tests", "migrations", "conftest"} & set(parts):
            found[".".join(parts).removesuffix(".__init__")] = ast.parse(file.read_text(encoding="utf-8"))
    return found


@cache
def _imported(module: str) -> dict[str, set[Name]]:
    """Each word that the module has from others: from where, and what. A whole module has no name."""
    words: dict[str, set[Name]] = {}
    for node in ast.walk(_trees()[module]):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("legedialog"):
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                of = (whole, "") if whole in _trees() else (node.module, each.name)
                words.setdefault(each.asname or each.name, set()).add(of)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(node.value, ast.Call):
            for named in node.value.args:  # live: Any = import_module("legedialog.core.live")
                if isinstance(named, ast.Constant) and named.value in _trees():
                    words.setdefault(node.target.id, set()).add((named.value, ""))
    return words


def _defined(module: str, name: str) -> Name:
    """Where it is defined, however many times it was handed on."""
    further = _imported(module).get(name, set()) if module in _trees() else set()
    return next((_defined(*each) for each in further if each[1]), (module, name))


def _uses(module: str, node: ast.AST) -> Iterator[Name]:
    words = _imported(module)
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            yield from (_defined(of, each.attr) for of, name in words.get(each.value.id, ()) if not name)
        elif isinstance(each, ast.Constant) and str(each.value).startswith("legedialog."):  # imported by its name
            yield _defined(*str(each.value).rpartition(".")[::2])
        elif isinstance(each, ast.Name):
            yield from (_defined(*of) for of in words.get(each.id, {(module, each.id)}) if of[1])


def _unreached() -> set[str]:
    """From all that is an entrance or a shell's, by whatever is called there, to what is left."""
    inside: dict[Name, set[Name]] = {}
    reached: set[Name] = set()
    for module, tree in _trees().items():
        parts = set(module.split("."))
        is_offered = not parts & (ENTRANCES | SHELLS)
        for node in tree.body:
            uses = set() if isinstance(node, ast.Import | ast.ImportFrom) else set(_uses(module, node))
            if is_offered and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside[module, node.name] = uses - {(module, node.name)}
            else:
                reached |= uses
    waiting = list(reached)
    while waiting:
        new = inside.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    dead = (each for each in inside.keys() - reached if not each[1].startswith("_"))
    return {f"{module}.{name}".removeprefix("legedialog.") for module, name in dead}


def test_what_only_tests_call_is_used_or_goes() -> None:
    faults = [
        f"{each}: nothing but tests calls it. Use it, delete it, or say in WAITS what it waits for."
        for each in sorted(_unreached() - _short(WAITS))
    ]
    assert not faults, "\n".join(["", *faults])


def test_what_waits_is_there_and_still_waits() -> None:
    assert _short(WAITS) <= _unreached()


def _short(names: dict[str, str]) -> set[str]:
    """As they are defined: a package's use case stands in one of its modules."""
    places = (f"legedialog.{name}".rpartition(".") for name in names)
    return {".".join(_defined(module, name)).removeprefix("legedialog.") for module, _, name in places}
