"""A journey reads a page only after it has seen that its last act has come about: else the quicker of the two wins."""

import ast
from collections.abc import Container, Iterator

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
ARRIVES = {"goto", "reload"}
WAITS = {"expect", "wait_for", "wait_for_url", "wait_for_function", "wait_for_load_state"}
WAITS |= {"expect_download", "expect_navigation", "expect_response", "expect_page", "expect_event"}  # when left


def test_a_journey_waits_for_what_its_act_brings_before_it_reads() -> None:
    files = {file: file.read_text(encoding="utf-8") for file in sorted((ROOT / "tests" / "system").glob("*.py"))}
    acts = {name for code in files.values() for name in _acts(code)}
    found = [
        f"{file.relative_to(ROOT)}:{line} reads after {act}(): expect what it brings first"
        for file, code in files.items()
        for line, act in _hasty(code, acts)
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


def test_one_who_goes_on_in_another_page_or_ends_before_her_act_has_come_about_is_found() -> None:
    act, seen = "  page.get_by_role('link').click()", "  expect(page.get_by_text('a')).to_be_visible()"
    assert [*_hasty(f"def walk(page, other):\n{act}\n  other.goto('/')")] == [(3, "click")]
    assert not [*_hasty(f"def walk(page, other):\n{act}\n{seen}\n  other.goto('/')")]
    assert [*_hasty(f"def test_walk(page):\n{act}")] == [(2, "click")]
    assert not [*_hasty(f"def test_walk(page):\n{act}\n{seen}")]


def _acts(code: str) -> Iterator[str]:
    """The steps that end with an act of theirs: who takes one waits herself."""
    for function in ast.walk(ast.parse(code)):
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("test_"):
            walked = [*_walk(function, ())]
            if walked and walked[-1][2]:
                yield function.name


def _hasty(code: str, steps: Container[str] = ()) -> Iterator[tuple[int, str]]:
    """Line and act, in the order in which a function is written."""
    for function in ast.walk(ast.parse(code)):
        if isinstance(function, ast.FunctionDef):
            walked = [*_walk(function, steps)]
            yield from ((line, act) for line, act, _left in walked if act)
            left = walked[-1][2] if walked else ""
            if left and function.name.startswith("test_"):  # the browser is closed, and the act perhaps not sent
                yield function.end_lineno or 0, left


def _walk(function: ast.FunctionDef, steps: Container[str]) -> Iterator[tuple[int, str, str]]:
    """Of each act and look: line, the act that it did not wait for, and the act that is under way after it."""
    of = _pages(function)
    last: dict[str, str] = {}  # page: what was done there and not waited for
    under_way = ""  # the page on which something was done, and nothing was waited for anywhere
    for node in sorted(ast.walk(function), key=_where):
        name, whose = _named(node), _whose(node)
        page, is_plain = of.get(whose, whose), isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        is_act = name in steps if is_plain else name in ACTS
        hasty = ""
        if (is_act or name in ARRIVES) and under_way not in {"", page}:
            hasty = last[under_way]
        if is_act:
            last[page], under_way = name, page
        elif name in {*WAITS, *ARRIVES} or (is_plain and name not in READS):  # a step of several journeys waits itself
            last.pop(page, None)
            under_way = ""
        elif page in last and (name in READS or (name in {"evaluate", "url"} and whose == page)):
            hasty = last[page]
        yield _where(node)[0], hasty, last[under_way] if under_way else ""


def _pages(function: ast.FunctionDef) -> dict[str, str]:
    """Each name for a part of a page: which page. What a function returns is a page of its own."""
    of: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.For):
            target, value = (node.target, node.iter) if isinstance(node, ast.For) else (node.targets[0], node.value)
            root = _root(value.elts[0] if isinstance(value, ast.Tuple) else value)
            if isinstance(target, ast.Name) and isinstance(root, ast.Name):
                of[target.id] = of.get(root.id, root.id)
    return of


def _where(node: ast.AST) -> tuple[int, int, bool]:
    """`with page.expect_…():` waits when it is left: after all that stands in it."""
    return (
        getattr(node, "end_lineno", None) or 0,
        getattr(node, "end_col_offset", None) or 0,
        isinstance(node, ast.With),
    )


def _named(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr if node.attr == "url" else ""
    if isinstance(node, ast.With):
        return _named(node.items[0].context_expr)
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _whose(node: ast.AST) -> str:
    """The name a chain of calls begins with; where that is a plain call, the one its first argument begins with."""
    root = _root(node)
    if isinstance(root, ast.Call):
        return _whose(root.args[0]) if root.args else ""
    return root.id if isinstance(root, ast.Name) else ""


def _root(node: ast.AST) -> ast.AST:
    """What a chain of calls begins with: a name, or a plain call."""
    while True:
        if isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.With):
            node = node.items[0].context_expr
        elif isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
            node = node.func
        else:
            return node
