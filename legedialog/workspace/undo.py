"""What she did last, so that it can be taken back: in a signed cookie of hers.

What a patient would be told of waits (pending/services.py), and is taken back while it does: nothing has happened then.
Who has got a dialogue, what is written of a day, and that an errand is done, tells no patient: that is taken back for
ten minutes, where it stands as the act left it (the mark of core/seen.py), so that nothing is taken from a colleague.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from legedialog.access import cookies
from legedialog.access.actor import Actor
from legedialog.core import contexts, reading, seen
from legedialog.dialogues import rules
from legedialog.ui import htmx

COOKIE = "undo"
ASSIGNED = "assigned"
NOTE = "day-note"
ERRAND = "errand"
HAS_GOT = ngettext_lazy("%(count)d melding er tildelt.", "%(count)d meldinger er tildelt.", "count")
AT_ONCE: dict[str, str | Promise] = {
    ASSIGNED: HAS_GOT,
    NOTE: _("Merknaden er lagret."),
    ERRAND: _("Oppgaven er gjort."),
}
Item = tuple[UUID, UUID | None, str]


@dataclass(frozen=True, slots=True)
class Done:
    """`items`: what it was done to, with who had it before and its mark after; or the ids of acts that wait."""

    what: str
    items: Sequence[Item]
    at: datetime

    @property
    def waits(self) -> bool:
        return self.what not in AT_ONCE

    @property
    def seconds(self) -> int:
        """How long it can be taken back, from when it was done."""
        return settings.REGRET_SECONDS if self.waits else int(rules.UNDO_LASTS.total_seconds())

    @property
    def words(self) -> str:
        done = cast(str, contexts.acts()[self.what].done if self.waits else AT_ONCE[self.what])
        return done % {"count": len(self.items), "seconds": self.seconds_left}

    @property
    def seconds_left(self) -> int:
        return self.left(timezone.now())

    def left(self, now: datetime) -> int:
        return max(0, round(self.seconds - (now - self.at).total_seconds()))


def left(dialogue: Any, before: UUID | None = None) -> Item:
    """As the act left it, under its lock."""
    return dialogue.pk, before, seen.mark(*rules.seen_of(dialogue))


def told(
    request: htmx.Request, response: HttpResponse, name: str, ids: Sequence[UUID | None], words: str | Promise
) -> None:
    """What waits can be taken back; where an office waits for nothing, `words` say that it is done."""
    waits = [act_id for act_id in ids if act_id]
    if waits:
        remember(request, response, name, [(act_id, None, "") for act_id in waits])
    elif ids and words:
        messages.success(request, str(words))


def just_done(name: str, act_id: UUID | None) -> Done | None:
    """What waits from now, for a panel that says it where it was pressed."""
    return Done(name, [(act_id, None, "")], timezone.now()) if act_id else None


def remember(request: htmx.Request, response: HttpResponse, what: str, found: Sequence[Item]) -> None:
    items = [[key.hex, before.hex if before else "", mark] for key, before, mark in found]
    value = [what, items, timezone.now().isoformat()]
    cookies.put(response, COOKIE, signing.dumps(value, salt=_salt(request.actor), compress=True))


def recall(request: HttpRequest, actor: Actor) -> Done | None:
    """None when there is nothing, it is too old, or it is another's."""
    token = request.COOKIES.get(cookies.name(COOKIE), "")
    if not token:
        return None
    try:
        what, items, at = signing.loads(token, salt=_salt(actor), max_age=rules.UNDO_LASTS)
    except signing.BadSignature:
        return None
    found = [(UUID(key), UUID(before) if before else None, mark) for key, before, mark in items]
    return Done(what, found, begun) if (begun := reading.moment(at)) else None


def shown(request: HttpRequest, actor: Actor) -> Done | None:
    """What can still be taken back, for the bar on her pages."""
    last = recall(request, actor)
    return last if last and last.left(timezone.now()) else None


def page_of(name: str, object_id: UUID, given: Mapping[str, Any]) -> str:
    """Where one act goes on from, or ""."""
    act = contexts.acts()[name]
    if act.query:
        return f"{reverse(act.page)}?{act.query(object_id, given)}".rstrip("?")
    return reverse(act.page, args=[object_id]) if act.page else ""


def forget(response: HttpResponse) -> None:
    cookies.remove(response, COOKIE)


def _salt(actor: Actor) -> str:
    return f"undo-as-left:{actor.employee_id}"
