"""Every form that changes something says what its page showed of it, so that nothing is done with what nobody saw.

ADR 36. A form without a mark is named: give it one (core/seen.py), or say in it why it needs none.
"""

import re
from pathlib import Path

LEGEDIALOG = Path(__file__).resolve().parents[2]
MARKED = re.compile(r'name="(mark|seen|was|from|version|hold|item|key)"|include "[a-z/]+/seen\.html"')
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
SENT = re.compile(r"method=\"post\"|hx-post=")
WHY = re.compile(r"\{# no mark: [^#]{8,} #\}")


def test_every_form_says_what_was_seen_or_why_it_need_not() -> None:
    faults = []
    for path in LEGEDIALOG.rglob("*.html"):
        for form in FORM.findall(path.read_text(encoding="utf-8")):
            if SENT.search(form) and path.name != "error.html" and bool(MARKED.search(form)) is bool(WHY.search(form)):
                faults.append(f"{path.relative_to(LEGEDIALOG)}: {' '.join(form.split())[:120]}")
    assert not faults, "\n".join(["", "a mark, or {# no mark: why #}, and not both:", *faults])
