import re

import pytest

from legedialog.core import contexts
from legedialog.journeys import telling
from legedialog.outbox.rules import Notice, Skip

DECIDE = telling.decide
OF_ANOTHER = "Gjelder en du handler for: "


@pytest.fixture(autouse=True)
def what_is_told_is_what_the_context_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/notices.md is made of what contexts say: whatever a test here is told in bokmål is one of the cases."""

    def decide(*asked: object, **named: object) -> Notice | Skip:
        told, said = asked[0], DECIDE(*asked, **named)  # type: ignore[arg-type]
        if isinstance(said, Notice) and said.language == "nb":
            cases = contexts.notices()[told.event].cases.values()  # type: ignore[attr-defined]
            patterns = [re.escape(each).replace("…", ".+") for each in cases]
            assert any(re.fullmatch(each, said.text.removeprefix(OF_ANOTHER)) for each in patterns), said.text
        return said

    monkeypatch.setattr(telling, "decide", decide)
