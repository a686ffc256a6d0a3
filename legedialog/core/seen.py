"""What a page showed, so that a form that confirms acts on that and on nothing newer.

The page carries a mark of the facts beside what it confirms; the use case compares it with the facts it finds under its
lock. A mark is short and of no use to anybody: it stands only where the facts themselves do.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.core import reading
from legedialog.core.errors import Refusal, Refused

CHANGED = Refusal(
    code="changed-since-seen",
    to_patient=_("Noe er endret etter at du åpnet siden. Se over det som står her nå."),
)


def mark(*facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, default=str, ensure_ascii=False).encode()).hexdigest()[:16]


def check(seen: str | None, *facts: object) -> None:
    """None is asked by somebody without a page: a job, or another use case. Raises Refused "changed-since-seen"."""
    if seen is not None and seen != mark(*facts):
        raise Refused(CHANGED)


def same(was: str | None, now: str) -> None:
    """The same of one plain fact that the page showed. Raises Refused "changed-since-seen"."""
    if was is not None and was != now:
        raise Refused(CHANGED)


def read(values: Collection[str]) -> dict[UUID, str]:
    """From a form with several rows, each `id.mark`. A row without a mark has seen nothing."""
    pairs = (value.partition(".") for value in values)
    return {key: seen for text, _dot, seen in pairs if (key := reading.uuid(text))}


def of(marks: Mapping[UUID, str] | None, key: UUID) -> str | None:
    """Of one row among several; a row that was not on the page has an empty one, which is never right."""
    return None if marks is None else marks.get(key, "")
