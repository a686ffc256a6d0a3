"""What came too late, told as data: a page that stood open, and what happened before its form was sent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from legedialog.access.actor import Actor
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab

TYPED = "Ord hun skrev og ikke vil miste."


@dataclass
class Stale:
    """The page she has open, the form in it, what she types, and what another does meanwhile."""

    page: str
    form: str
    typed: dict[str, Any]
    meanwhile: Callable[[], object]
    says: str
    by: Any = None  # who has it open, where it is another than the tests' own: her role, or the person
    first: dict[str, str] = field(default_factory=dict)  # she presses, before the form stands there


def then_nothing_is_done_and_she_has_her_text(stale: Stale, actor: Actor, *, htmx: bool) -> None:
    tab = Tab(logged_in(actor)).open(stale.page)
    if stale.first:
        tab.press(stale.form, 0, "", **stale.first)
    stale.meanwhile()
    answer = tab.send(stale.form, {"HX-Request": "true"} if htmx else None, **stale.typed)
    html = answer.content.decode()
    assert answer.status_code in (409, 422), html
    assert TYPED in html
    assert stale.says in html
