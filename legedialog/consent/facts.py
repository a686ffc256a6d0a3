"""Whom she may act for, after the registers have been asked about what they have not confirmed lately.

For requests alone: jobs and whatever runs in a transaction ask acting.py, and what is too old is closed there as well.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from legedialog.consent import acting
from legedialog.consent.acting import Standing


def standing(actor_id: UUID, person_id: UUID, now: datetime) -> Standing | None:
    found = acting.standing(actor_id, person_id, now)
    if found and found.must_be_asked:
        _ask({actor_id, person_id}, now)
        found = acting.standing(actor_id, person_id, now)
    return found


def others(actor_id: UUID, now: datetime) -> list[Standing]:
    found = acting.others(actor_id, now)
    old = {each.person_id for each in found if each.must_be_asked}
    if old:
        _ask({actor_id, *old}, now)
        found = acting.others(actor_id, now)
    return found


def _ask(person_ids: Collection[UUID], now: datetime) -> None:
    ask = cast("Callable[[Collection[UUID], datetime], bool]", import_string(settings.FACTS))
    ask(person_ids, now)
