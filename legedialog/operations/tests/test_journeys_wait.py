"""A journey reads a page only after it has seen that its last act has come about: else the quicker of the two wins."""

import ast
from collections.abc import Iterator

import pytest

from legedialog.operations.tests.test_named_files import ROOT

ACTS = {"click", "dblclick", "press", "fill", "check", "uncheck", "select_option", "set_input_files", "go_back"}
READS = {
    "count",
    "is_visible",
    "is_checked",
    "all",
    "all_inner_texts",
    "all_text_contents",
    "content",
    "check_accessible",
}
WAITS = {"expect", "goto", "reload", "wait_for", "wait_for_url", "wait_for_function", "wait_for_load_state"}


def test_a_journey_waits_for_what_its_act_brings_before_it_reads() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line} reads after {act}(): expect what it brings first"
        for file in sorted((ROOT / "tests" / "system").glob("*.py"))
        for line, act in _hasty(file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    "hasty", ["check_accessible(page)", "page.evaluate('1')", "page.get_by_text('c').count()", "print(page.url)"]
)
def test_one_that_does_not_is_found_and_one_that_does_is_not(hasty: str) -> None:
    journey = f"def walk(page):\n  page.get_by_role('link').click()\n  {{}}\n  {hasty}"
    assert [*_hasty(journey.format("pass"))] == [(4, "click")]
    assert [*_hasty(journey.format("expect(other.get_by_text('a')).to_be_visible()"))] == [(4, "click")]
    assert not [*_hasty(journey.format("expect(page.get_by_text('a')).to_be_visible()"))]


def _hasty(code: str) -> Iterator[tuple[int, str]]:
    """Line and act, in the order in which a function is written."""
    for function in ast.walk(ast.parse(code)):
        if not isinstance(function, ast.FunctionDef):
            continue
        of: dict[str, str] = {}  # a name for a part of a page: which page
        last: dict[str, str] = {}  # page: what was done there and not waited for
        for node in sorted(ast.walk(function), key=_where):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and isinstance(node.value, ast.Call)
            ):
                of[node.targets[0].id] = of.get(whose := _whose(node.value), whose)
            name, whose = _named(node), _whose(node)
            page = of.get(whose, whose)
            if name in ACTS:
                last[page] = name
            elif name in WAITS or (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and name not in READS
            ):
                last.pop(page, None)  # also a step of other journeys, which waits itself
            elif page in last and (name in READS or (name in {"evaluate", "url"} and whose == page)):
                yield _where(node)[0], last[page]


def _where(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", None) or 0, getattr(node, "end_col_offset", None) or 0


def _named(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr if node.attr == "url" else ""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _whose(node: ast.AST) -> str:
    """The name a chain of calls begins with; of a plain call, the one its first argument begins with."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _whose(node.args[0]) if node.args else ""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
