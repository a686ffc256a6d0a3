"""How an act is kept until it is done, and what a second act on the same thing is told. No database, no clock."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.core import reading
from legedialog.core.errors import Refusal

KEPT = timedelta(days=30)  # what could not be done, for whoever did it
WRITTEN = ("text", "note", "reason", "overbook_reason")  # what use cases call words of somebody's own
AGAIN = timedelta(seconds=5)  # when the database could not take it


class Reason(TextChoices):
    """Why an act was not done after all."""

    CHANGED = "changed", _("Noe ble endret før det gikk ut. Åpne den og se hvordan den står nå.")
    TAKEN = "time-taken", _("Tiden ble opptatt.")
    TAKEN_BACK = "taken-back", _("Du angret.")
    OWN_FAULT = "own-fault", _("Noe gikk galt hos oss. Prøv igjen.")


WAITS = Refusal(
    code="waits",
    to_patient=_("Kontoret gjør noe med denne akkurat nå. Vent noen sekunder og prøv igjen."),
    to_practice=_("Noen ved kontoret har nettopp gjort noe med denne. Vent noen sekunder, og se hva det ble til."),
    source="docs/adr/0090-what-tells-a-patient-waits.md",
)


def reason(code: str) -> Reason:
    return Reason.TAKEN if code == Reason.TAKEN else Reason.CHANGED


def pack(given: Mapping[str, Any]) -> str:
    """As JSON. Holds what `unpack` can read: texts, flags, ids, moments, and plain rows of those."""
    return json.dumps(given, default=_plain, ensure_ascii=False)


def written(given: Mapping[str, Any]) -> str:
    """What somebody has written in it, which would be lost."""
    return next((given[name] for name in WRITTEN if given.get(name)), "")


def has_text(packed: str) -> bool:
    return bool(written(json.loads(packed)))


def unpack(run: Callable[..., Any], text: str) -> dict[str, Any]:
    """What was given, as the annotations of `run` say."""
    hints = get_type_hints(run)
    return {name: _as(hints[name], value) for name, value in json.loads(text).items()}


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _as(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    inner = [each for each in get_args(hint) if each is not NoneType]
    origin = get_origin(hint)
    if isinstance(origin, type) and issubclass(origin, Collection):
        return [_as(inner[0], each) for each in value]
    if inner:  # X | None
        return _as(inner[0], value)
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return hint(**{name: _as(hints[name], each) for name, each in value.items()})
    if hint is UUID:
        return UUID(value)
    if hint is date:
        return reading.day(value)
    return reading.moment(value) if hint is datetime else value
