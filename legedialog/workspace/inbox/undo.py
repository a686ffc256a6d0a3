"""What was just done to dialogues, so that it can be taken back: in a signed cookie of who did it, for ten minutes.

Each with the mark of how the act left it (core/seen.py): what somebody has changed since is not taken from her.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpResponse
from django.utils.translation import ngettext

from legedialog.access import cookies
from legedialog.core import seen
from legedialog.dialogues import rules
from legedialog.ui import htmx

COOKIE = "undo"
CLOSED, ASSIGNED = "closed", "assigned"
Item = tuple[UUID, UUID | None, str]


@dataclass(frozen=True, slots=True)
class Done:
    """`items`: the dialogues, each with who had it before and its mark after."""

    what: str
    items: Sequence[Item]

    @property
    def words(self) -> str:
        count = len(self.items)
        if self.what == CLOSED:
            return ngettext("%(count)d melding er lukket.", "%(count)d meldinger er lukket.", count) % {"count": count}
        return ngettext("%(count)d melding er tildelt.", "%(count)d meldinger er tildelt.", count) % {"count": count}


def left(dialogue: Any, before: UUID | None = None) -> Item:
    """As the act left it, under its lock."""
    return dialogue.pk, before, seen.mark(*rules.seen_of(dialogue))


def remember(request: htmx.Request, response: HttpResponse, done: Done) -> None:
    items = [[key.hex, before.hex if before else "", mark] for key, before, mark in done.items]
    cookies.put(response, COOKIE, signing.dumps([done.what, items], salt=_salt(request), compress=True))


def recall(request: htmx.Request) -> Done | None:
    """None when there is nothing, it is too old, or it is another's."""
    token = request.COOKIES.get(cookies.name(COOKIE), "")
    if not token:
        return None
    try:
        what, items = signing.loads(token, salt=_salt(request), max_age=rules.UNDO_LASTS)
    except signing.BadSignature:
        return None
    return Done(what, [(UUID(key), UUID(before) if before else None, mark) for key, before, mark in items])


def forget(response: HttpResponse) -> None:
    cookies.remove(response, COOKIE)


def _salt(request: htmx.Request) -> str:
    return f"undo-as-left:{request.actor.employee_id}"
